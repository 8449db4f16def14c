"""How a source becomes the token file of a corpus."""
