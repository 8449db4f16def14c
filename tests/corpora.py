"""Helpers of the corpus tests: Python's own idea of a text, and processes to read it in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from fastw2v import Corpus


def sentences_of(text: str) -> list[list[str]]:
    """The specification: every line that is begun is a sentence, split by Python."""
    *lines, rest = text.removeprefix("\ufeff").split("\n")
    return [line.split() for line in (lines + [rest] if rest else lines)]


def assert_holds(corpus: Corpus, sentences: list[list[str]], message: object = "") -> None:
    """Everything that a corpus says must be what Python counts."""
    assert list(corpus) == sentences, message
    counts = Counter(word for sentence in sentences for word in sentence)
    words = sorted(counts, key=lambda word: (-counts[word], word))
    assert corpus.words == words, message
    assert corpus.counts.tolist() == [counts[word] for word in words], message
    assert corpus.total_words == counts.total(), message
    assert corpus.offsets[-1] == corpus.total_words, message
    assert len(corpus) == len(sentences), message


def start_python(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Run code in a Python of its own that finds this fastw2v; stdin and stdout are pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=Path(__file__).parent,  # not where the sources lie: the installed package is meant
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
