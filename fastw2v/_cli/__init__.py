"""The parts of the command `fastw2v`."""
