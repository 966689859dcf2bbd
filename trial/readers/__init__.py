"""Other people's protocols, read into drafts of study files. Pure: bytes, rows and mappings in, no file is followed."""
