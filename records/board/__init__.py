"""What the board reads: counts and rows of many patients at once, always for the sites that are asked for."""
