"""The parts of Word2Vec: what a model is, its vocabulary, training, files and checkpoints."""
