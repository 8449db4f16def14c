"""How the formats of files are read and written."""
