"""The parts of `fastw2v.embedding`: tables, their gradients and optimizers, bags, and files."""
