"""The trial office's board: server-rendered pages, one file for each, for people who have signed in."""
