"""The parts of evaluation: test sets and correlations."""
