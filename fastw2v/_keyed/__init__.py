"""The parts of KeyedVectors: rows, keys, edits, queries and files."""
