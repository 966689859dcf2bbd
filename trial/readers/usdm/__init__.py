"""USDM 3.0 and 4.0 in JSON. `read` makes a draft of a file."""
