"""gensim's own files and objects, read without running anything they name, and made."""
