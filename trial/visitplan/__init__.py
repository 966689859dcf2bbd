"""The format visitplan/1: from a tree of strings to a checked study. `definition` is where reading one begins."""
