"""Scores of one set of vectors, whoever trained them, by the evaluation of fastw2v."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fastw2v import KeyedVectors
from fastw2v._evaluation.testsets import Pair, read_analogies, read_pairs
from fastw2v.evaluation import tally_analogies


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
        self.wv = KeyedVectors.from_arrays(words, np.asarray(vectors, dtype=np.float32))
        _ = self.wv.norms  # a ValueError, if they are not finite

    def analogies(self, path: Path, restrict: int) -> dict[str, Any]:
        """Return right answers and questions asked of each section, and the questions skipped.

        A question with a word that is not among the `restrict` most frequent ones is skipped.
        """
        *sections, total = tally_analogies(self.wv, path, restrict)
        results = {
            one.section["section"]: {"correct": len(one.section["correct"]), "total": one.n_asked}
            for one in sections
        }
        return {"sections": results, "groups": _groups(results), "skipped": total.n_unknown}

    def pairs(self, path: Path) -> dict[str, Any]:
        """Return Spearman's correlation of cosines and people's scores, over all known words."""
        n_pairs = len(judged_pairs(path))
        _, found, unknown = self.wv.evaluate_word_pairs(
            path, delimiter=_delimiter(path), restrict_vocab=None
        )
        skipped = round(unknown * n_pairs / 100)
        return {"spearman": found.statistic, "total": n_pairs - skipped, "skipped": skipped}

    def answers(self, question: Sequence[str], restrict: int, topn: int = 5) -> dict[str, Any]:
        """Return the words nearest to a - b + c and, where d is given, its rank (1 = nearest)."""
        words = self.wv.index_to_key[:restrict]
        rows = {word.lower(): row for row, word in reversed(list(enumerate(words)))}
        missing = [word for word in question if word.lower() not in rows]
        if missing:
            return {"missing": missing}
        a, b, c, *expected = (rows[word.lower()] for word in question)
        scores = self.wv.most_similar(
            [words[a], words[c]], [words[b]], topn=None, restrict_vocab=len(words)
        )
        others = np.setdiff1d(list(rows.values()), [a, b, c])
        order = others[np.argsort(-scores[others], kind="stable")].tolist()
        top = [(words[row].lower(), float(scores[row])) for row in order[:topn]]
        return {"top": top} | ({"rank": order.index(expected[0]) + 1} if expected else {})


def questions(path: Path) -> int:
    """Return how many questions a file holds, or raise ValueError."""
    return len(read_analogies(path, "utf8")[1])


def judged_pairs(path: Path) -> list[Pair]:
    """Return the pairs that a file holds, or raise ValueError."""
    return read_pairs(path, _delimiter(path), "utf8")


def _delimiter(path: Path) -> str:
    """Return what stands between the columns of a file of pairs: tabs, or commas."""
    return "\t" if "\t" in path.read_text(encoding="utf-8") else ","


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
