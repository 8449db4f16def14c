"""Analogies and word pairs in plain numpy, independent of every system under test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 512


class Evaluator:
    """Tests of one set of vectors; letter case is ignored.

    Parameters
    ----------
    words : sequence of str
        By falling count. Of words that differ only in case, the most frequent one is taken.
    vectors : numpy.ndarray, shape (words, dimensions)
        Their vectors.

    Raises
    ------
    ValueError
        If a vector is not finite: its training diverged, and no score would mean anything.
    """

    def __init__(self, words: Sequence[str], vectors: np.ndarray) -> None:
        vectors = np.asarray(vectors, dtype=np.float32)
        if len(vectors) != len(words) or not np.isfinite(vectors).all():
            raise ValueError(f"vectors must be {len(words)} finite rows, got {len(vectors)} rows")
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.unit = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
        self.words = [word.lower() for word in words]
        self.rows: dict[str, int] = {}
        for row, word in enumerate(self.words):
            self.rows.setdefault(word, row)

    def analogies(self, path: Path, restrict: int) -> dict[str, Any]:
        """Return right answers and questions asked of each section, and the questions skipped.

        a is to b as c is to d: right when d's unit vector is nearest to b - a + c among those of
        the `restrict` most frequent words without a, b and c (3CosAdd). A question with a word
        that is not among them is skipped.
        """
        candidates = self._candidates(restrict)
        local = {self.words[row]: place for place, row in enumerate(candidates)}
        sections: list[str] = []
        asked: list[tuple[int, ...]] = []
        skipped = 0
        results: dict[str, dict[str, int]] = {}
        for section, question in read_analogies(path):
            results.setdefault(section, {"correct": 0, "total": 0})
            if all(word in local for word in question):
                sections.append(section)
                asked.append(tuple(local[word] for word in question))
            else:
                skipped += 1
        a, b, c, d = np.array(asked, dtype=np.intp).reshape(-1, 4).T
        answers = _nearest(self.unit[candidates], a, b, c)
        for section, correct in zip(sections, answers == d, strict=True):
            results[section]["correct"] += int(correct)
            results[section]["total"] += 1
        return {"sections": results, "groups": _groups(results), "skipped": skipped}

    def pairs(self, path: Path) -> dict[str, Any]:
        """Return Spearman's correlation of cosines and people's scores, over all known words."""
        known: list[tuple[int, int]] = []
        scores: list[float] = []
        skipped = 0
        for first, second, score in read_pairs(path):
            if first in self.rows and second in self.rows:
                known.append((self.rows[first], self.rows[second]))
                scores.append(score)
            else:
                skipped += 1
        left, right = np.array(known, dtype=np.intp).reshape(-1, 2).T
        cosines = np.einsum("ij,ij->i", self.unit[left], self.unit[right])
        return {"spearman": spearman(cosines, scores), "total": len(scores), "skipped": skipped}

    def answers(self, question: Sequence[str], restrict: int, topn: int = 5) -> dict[str, Any]:
        """Return the words nearest to a - b + c and, where d is given, its rank (1 = nearest)."""
        words = [word.lower() for word in question]
        candidates = self._candidates(restrict)
        local = {self.words[row]: place for place, row in enumerate(candidates)}
        missing = [word for word in words if word not in local]
        if missing:
            return {"missing": missing}
        a, b, c, *expected = (local[word] for word in words)
        unit = self.unit[candidates]
        target = unit[a] - unit[b] + unit[c]
        scores = unit @ (target / np.linalg.norm(target))
        scores[[a, b, c]] = -np.inf
        order = np.argsort(-scores, kind="stable")
        top = [(self.words[candidates[place]], float(scores[place])) for place in order[:topn]]
        rank = {"rank": order.tolist().index(expected[0]) + 1} if expected else {}
        return {"top": top} | rank

    def _candidates(self, restrict: int) -> list[int]:
        return [row for row in self.rows.values() if row < restrict]


def _nearest(unit: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return for every question the row nearest to b - a + c that is none of the three."""
    answers = np.empty(len(a), dtype=np.intp)
    for start in range(0, len(a), BATCH):
        part = slice(start, start + BATCH)
        scores = (unit[b[part]] - unit[a[part]] + unit[c[part]]) @ unit.T
        for excluded in (a, b, c):
            scores[np.arange(len(scores)), excluded[part]] = -np.inf
        answers[part] = scores.argmax(axis=1)
    return answers


def _groups(sections: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Add sections up: all, and the two halves of questions-words ("gram..." is syntactic)."""
    members = {"all": list(sections)}
    syntactic = [name for name in sections if name.startswith("gram")]
    if syntactic:
        members["semantic"] = [name for name in sections if name not in syntactic]
        members["syntactic"] = syntactic
    return {
        group: {key: sum(sections[name][key] for name in names) for key in ("correct", "total")}
        for group, names in members.items()
    }


def spearman(first: Sequence[float] | np.ndarray, second: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation, or None where it is not defined."""
    ranks = np.array([_average_ranks(np.asarray(values)) for values in (first, second)])
    if ranks.shape[1] < 2 or (np.ptp(ranks, axis=1) == 0).any():
        return None
    return float(np.corrcoef(ranks)[0, 1])


def _average_ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks from 1 up; equal values share the average of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]


# ------------------------------------------------------------------------------------ test files


def read_analogies(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield section and four words, in lower case, of files in the questions-words format."""
    section = ""
    for number, line in _lines(path):
        if line.startswith(":"):
            section = line[1:].strip()
        elif len(words := line.lower().split()) == 4:
            yield section, words
        else:
            raise ValueError(f"{path}, line {number}: expected four words, found {line!r}")


def read_pairs(path: Path) -> Iterator[tuple[str, str, float]]:
    """Yield two words, in lower case, and their score: the first number after the words.

    Columns are separated by tabs, commas or blanks. Comments (#) and heading lines are passed
    over; after the first line with a number, a line without one is an error.
    """
    column = None
    for number, line in _lines(path):
        separator = "\t" if "\t" in line else "," if "," in line else None
        cells = [cell.strip() for cell in line.split(separator)]
        if column is None:
            column = next((i for i in range(2, len(cells)) if _is_number(cells[i])), None)
        if column is not None:
            if len(cells) <= column or not _is_number(cells[column]):
                raise ValueError(f"{path}, line {number}: no number in column {column + 1}")
            yield cells[0].lower(), cells[1].lower(), float(cells[column])
    if column is None:
        raise ValueError(f"{path}: no line has a number after its two words")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that are neither blank nor comments."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if line.strip() and not line.startswith("#"):
                yield number, line.strip()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_vectors(path: Path) -> tuple[list[str], np.ndarray]:
    """Read a word2vec file: text, or binary where its name ends in .bin."""
    with path.open("rb") as file:
        count, dimensions = map(int, file.readline().split())
        words: list[str] = []
        vectors = np.empty((count, dimensions), dtype=np.float32)
        for row in range(count):
            if path.suffix == ".bin":
                word = b"".join(iter(lambda: file.read(1), b" "))
                vectors[row] = np.frombuffer(file.read(4 * dimensions), dtype="<f4")
            else:
                word, *numbers = file.readline().rstrip().rsplit(b" ", dimensions)
                vectors[row] = np.array(numbers, dtype=np.float32)
            words.append(word.lstrip(b"\n").decode("utf-8", errors="replace"))
    return words, vectors
