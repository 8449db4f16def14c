"""The parts of a training run: shards, matrices, rounds, signs of divergence."""
