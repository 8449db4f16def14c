"""The parts of Phrases: counting, scoring, joining and files."""
