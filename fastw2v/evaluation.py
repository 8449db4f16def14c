"""How good vectors are: analogy questions, and word pairs whose likeness people have judged."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypedDict

import numpy as np

from fastw2v._checks import check_encoding, check_flag, check_limit
from fastw2v._evaluation.correlation import Correlation, pearson, spearman
from fastw2v._evaluation.testsets import Question, read_analogies, read_pairs
from fastw2v._keyed.matrix import KeyedMatrix
from fastw2v._keyed.pairs import KeyedPairs
from fastw2v._keyed.similarity import write_units
from fastw2v._typing import Array, StrPath
from fastw2v.errors import NoWordsError
from fastw2v.progress import Progress

# Levy and Goldberg's small number, which keeps 3CosMul from a division by zero.
_EPSILON = 1e-6
# The cosines of a tile of candidates with the words of a block of questions take 50 MB at most;
# a chunk of the questions' scores stays in the cache of a core.
_BLOCK_QUESTIONS, _CHUNK_QUESTIONS, _TILE_ROWS = 4096, 256, 1024


class Section(TypedDict):
    """What became of the questions of one section: of each, its four words."""

    section: str
    correct: list[tuple[str, ...]]
    incorrect: list[tuple[str, ...]]


class Tally(NamedTuple):
    """A section, and how many questions of it could not be asked."""

    section: Section
    n_unknown: int

    @property
    def n_asked(self) -> int:
        """How many questions were asked."""
        return len(self.section["correct"]) + len(self.section["incorrect"])

    @property
    def score(self) -> float:
        """The share of right answers; 0.0 where nothing was asked."""
        return len(self.section["correct"]) / max(self.n_asked, 1)


def evaluate_word_pairs(
    wv: KeyedPairs,
    pairs: StrPath,
    delimiter: str = "\t",
    encoding: str = "utf8",
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> tuple[Correlation, Correlation, float]:
    r"""Compare cosines with the scores that people gave to pairs of words.

    Parameters
    ----------
    wv : KeyedVectors
        The vectors; as a method of them, leave this out.
    pairs : str or os.PathLike
        A file, plain or compressed, of two words and a number a line. Lines that start with ``#``
        and a first line without a number are headings.
    delimiter : str, default tab
        What stands between the three.
    encoding : str, default "utf8"
        Of the file.
    restrict_vocab : int or None, default 300,000
        Know only the words of the first so many rows, the most frequent ones; None: all.
    case_insensitive : bool, default True
        Whether to take words that differ in case for one, with the vector of the first of them.
    dummy4unknown : bool, default False
        Whether a pair with an unknown word counts with a cosine of 0, rather than not at all.

    Returns
    -------
    pearson, spearman : Correlation
        Of the scores and the cosines: pairs ``(statistic, pvalue)``, the p-value two-sided.
    oov_percent : float
        The share of pairs with an unknown word, from 0 to 100.

    Raises
    ------
    FormatError
        The file holds no pairs, or is not in the encoding.
    TypeError, ValueError
        An argument is not what it should be, the keys are no strings, a vector is not finite, or
        fewer than two pairs are known.
    OSError
        The file cannot be opened.

    Warns
    -----
    UserWarning
        Lines that are no pair are left out.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from fastw2v.keyedvectors import KeyedVectors
    >>> wv = KeyedVectors.from_arrays(["개", "고양이", "차"], np.array([[2.0, 1], [2, 2], [-1, 1]]))
    >>> path = Path(mkdtemp(), "pairs.csv")
    >>> _ = path.write_text("개,고양이,9\n개,차,1.5\n고양이,차,2\n", encoding="utf-8")
    >>> _, spearman, oov_percent = wv.evaluate_word_pairs(path, delimiter=",")
    >>> spearman.statistic, oov_percent
    (1.0, 0.0)
    """
    if not isinstance(delimiter, str) or not delimiter:
        raise ValueError(f"delimiter must be a string of at least one letter, got {delimiter!r}")
    dummy = check_flag("dummy4unknown", dummy4unknown)
    words = _Words(wv, restrict_vocab, case_insensitive)
    gold, own = [], []
    n_unknown = 0
    judged = read_pairs(pairs, delimiter, check_encoding(encoding))
    for first, second, score in judged:
        rows = [words.rows.get(words.spelled(word)) for word in (first, second)]
        keys = [wv.index_to_key[row] for row in rows if row is not None]
        n_unknown += len(keys) < 2
        if len(keys) == 2 or dummy:
            gold.append(score)
            own.append(wv.similarity(*keys) if len(keys) == 2 else 0.0)
    if len(gold) < 2:
        raise NoWordsError(
            f"{pairs}: a correlation needs at least two pairs of known words, got {len(gold)} of "
            f"{len(judged)}; {words.hint}"
        )
    arrays = np.array(gold), np.array(own)
    return pearson(*arrays), spearman(*arrays), 100.0 * n_unknown / len(judged)


def evaluate_word_analogies(
    wv: KeyedMatrix,
    analogies: StrPath,
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
    similarity_function: str = "most_similar",
    encoding: str = "utf8",
    *,
    progress: bool | None = None,
) -> tuple[float, list[Section]]:
    r"""Ask the vectors questions of the kind "a is to b as c is to what?".

    The answer is the known word that fits best and is none of a, b and c; equal ones in row order.
    It is right if it is the fourth word of the question. With `case_insensitive`, any spelling of a
    word can be the answer, and none of the spellings of a, b and c.

    Parameters
    ----------
    wv : KeyedVectors
        The vectors; as a method of them, leave this out.
    analogies : str or os.PathLike
        A file, plain or compressed, of four words a line, in sections that begin with ``: name``.
    restrict_vocab : int or None, default 300,000
        Know only the words of the first so many rows, the most frequent ones; None: all.
    case_insensitive : bool, default True
        Whether to take words that differ in case for one, with the vector of the first of them.
    dummy4unknown : bool, default False
        Whether a question with an unknown word counts as answered wrong, rather than not at all.
    similarity_function : {"most_similar", "most_similar_cosmul"}
        The largest cosine with b - a + c (3CosAdd, Mikolov et al. 2013,
        https://aclanthology.org/N13-1090), or the largest product of cosines (3CosMul, Levy and
        Goldberg 2014, https://aclanthology.org/W14-1618, equation 4).
    encoding : str, default "utf8"
        Of the file.
    progress : bool, optional
        Whether to show how far it is; by default on a terminal, after two seconds.

    Returns
    -------
    score : float
        The share of right answers, from 0 to 1.
    sections : list of dict
        ``section``, the name; ``correct`` and ``incorrect``, lists of questions, each a tuple of
        its four words, in upper case if `case_insensitive`. The last, ``Total accuracy``, holds
        all.

    Raises
    ------
    FormatError
        The file holds no questions, or is not in the encoding.
    TypeError, ValueError
        An argument is not what it should be, the keys are no strings, or a vector is not finite.
    OSError
        The file cannot be opened.

    Warns
    -----
    UserWarning
        Lines that are no question are left out; or every question has an unknown word.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from fastw2v.keyedvectors import KeyedVectors
    >>> wv = KeyedVectors.from_arrays(
    ...     ["왕", "여왕", "남자", "여자"], np.array([[2.0, 1], [2, -1], [0, 1], [0, -1]])
    ... )
    >>> path = Path(mkdtemp(), "questions.txt")
    >>> _ = path.write_text(": 가족\n남자 왕 여자 여왕\n", encoding="utf-8")
    >>> score, sections = wv.evaluate_word_analogies(path)
    >>> score, sections[0]["correct"]
    (1.0, [('남자', '왕', '여자', '여왕')])
    """
    tallies = tally_analogies(
        *(wv, analogies, restrict_vocab, case_insensitive, dummy4unknown, similarity_function),
        *(encoding, progress),
    )
    return tallies[-1].score, [tally.section for tally in tallies]


def tally_analogies(
    wv: KeyedMatrix,
    analogies: StrPath,
    restrict_vocab: int | None,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
    similarity_function: str = "most_similar",
    encoding: str = "utf8",
    progress: bool | None = None,
) -> list[Tally]:
    """Do the work of `evaluate_word_analogies`, and count what could not be asked."""
    functions = ("most_similar", "most_similar_cosmul")
    if similarity_function not in functions:
        raise ValueError(
            f"similarity_function must be one of {', '.join(functions)}, "
            f"got {similarity_function!r}"
        )
    dummy = check_flag("dummy4unknown", dummy4unknown)
    words = _Words(wv, restrict_vocab, case_insensitive)
    names, questions = read_analogies(analogies, check_encoding(encoding))
    questions = [one._replace(words=tuple(map(words.spelled, one.words))) for one in questions]
    rows = [[words.rows.get(word) for word in question.words] for question in questions]
    asked = np.array([row for row in rows if None not in row], np.intp).reshape(-1, 4)
    if not len(asked):
        warnings.warn(
            f"{analogies}: each of the {len(questions):,} questions has an unknown word; "
            f"{words.hint}",
            stacklevel=3,
        )
    with Progress("evaluating", len(asked), "questions", progress) as line:
        is_right = _is_answered(wv, words, asked, similarity_function == functions[1], line)
    answered = iter(is_right.tolist())
    answers = (None if None in row else next(answered) for row in rows)
    return _tallies(names, questions, answers, dummy)


class _Words:
    """The words that a test may use, and the row of each, as `spelled`."""

    def __init__(self, wv: KeyedMatrix, restrict_vocab: int | None, case_insensitive: bool) -> None:
        stop = check_limit("restrict_vocab", restrict_vocab)
        self._any_case = check_flag("case_insensitive", case_insensitive)
        keys = wv.index_to_key[:stop]
        if keys and not isinstance(keys[0], str):
            raise TypeError(f"an evaluation needs keys that are words, got {keys[0]!r}")
        self.n_rows = len(keys)
        self.rows: dict[str, int] = {}
        # The rows of further spellings of a word, by the row of the first.
        self.variants: dict[int, list[int]] = {}
        for row, key in enumerate(keys):
            first = self.rows.setdefault(self.spelled(key), row)
            if first != row:
                self.variants.setdefault(first, []).append(row)
        self.hint = (
            f"the {self.n_rows:,} known words begin with {', '.join(map(repr, keys[:3]))}"
            if keys
            else "there are no vectors"
        )

    def spelled(self, word: str) -> str:
        """Return the form in which words are compared."""
        # Not casefold(): users know the upper case of gensim's sections.
        return word.upper() if self._any_case else word


def _tallies(
    names: Sequence[str],
    questions: Sequence[Question],
    answers: Iterator[bool | None],
    dummy4unknown: bool,
) -> list[Tally]:
    """Sort questions by section and answer (None: not asked); the last of all holds all."""
    sections: list[Section] = [
        {"section": name, "correct": [], "incorrect": []} for name in (*names, "Total accuracy")
    ]
    unknown = [0] * len(sections)
    for question, is_right in zip(questions, answers, strict=True):
        for place in (question.section, -1):
            unknown[place] += is_right is None
            if is_right is not None or dummy4unknown:
                sections[place]["correct" if is_right else "incorrect"].append(question.words)
    return [Tally(*one) for one in zip(sections, unknown, strict=True)]


def _is_answered(
    wv: KeyedMatrix, words: _Words, questions: Array, multiply: bool, line: Progress
) -> Array:
    """Tell for each question, four rows, whether the fourth is found from the others."""
    # The row of a word's first spelling, for every row.
    firsts = np.arange(words.n_rows)
    for first, others in words.variants.items():
        firsts[others] = first
    vectors, norms = wv.vectors, wv.norms
    is_right = np.empty(len(questions), bool)
    for start in range(0, len(questions), _BLOCK_QUESTIONS):
        block = slice(start, start + _BLOCK_QUESTIONS)
        nearest = _nearest(vectors, norms, words, questions[block, :3], multiply, line, start)
        found = nearest >= 0
        is_right[block] = found & (firsts[nearest] == questions[block, 3])
    line.finish(len(questions))
    return is_right


def _nearest(
    vectors: Array,
    norms: Array,
    words: _Words,
    asked: Array,
    multiply: bool,
    line: Progress,
    before: int,
) -> Array:
    """Return for each question a, b, c the row that answers it; -1 where no word is left.

    `line` shows the progress, `before` being the questions that were answered before.
    """
    given, places = np.unique(asked, return_inverse=True)
    a, b, c = places.reshape(asked.shape).T
    units = _unit_rows(vectors[given], norms[given])
    excluded, of = _excluded(asked, words)
    best = np.full(len(asked), -np.inf, units.dtype)
    rows = np.full(len(asked), -1)
    for start in range(0, words.n_rows, _TILE_ROWS):
        tile = slice(start, min(start + _TILE_ROWS, words.n_rows))
        cosines = units @ _unit_rows(vectors[tile], norms[tile]).T
        if multiply:
            cosines = (1 + cosines) / 2
        here = (excluded >= tile.start) & (excluded < tile.stop)
        hidden, hidden_of = excluded[here] - start, of[here]
        for first in range(0, len(asked), _CHUNK_QUESTIONS):
            chunk = slice(first, first + _CHUNK_QUESTIONS)
            scores = cosines[b[chunk]]
            if multiply:
                scores *= cosines[c[chunk]]
                scores /= cosines[a[chunk]] + _EPSILON
            else:
                scores -= cosines[a[chunk]]
                scores += cosines[c[chunk]]
            mine = slice(*np.searchsorted(hidden_of, (first, first + _CHUNK_QUESTIONS)))
            scores[hidden_of[mine] - first, hidden[mine]] = -np.inf
            place = scores.argmax(axis=1)
            value = scores[np.arange(len(scores)), place]
            better = value > best[chunk]  # and not where equal: the first of all rows answers
            best[chunk][better] = value[better]
            rows[chunk][better] = place[better] + start
        line.update(before + len(asked) * tile.stop // words.n_rows)
    return rows


def _unit_rows(vectors: Array, norms: Array) -> Array:
    """Return a copy of rows scaled to length 1, given their lengths; a row of zeros stays zero."""
    rows = np.empty(vectors.shape, np.promote_types(vectors.dtype, np.float32))
    write_units(vectors, norms, rows)
    return rows


def _excluded(asked: Array, words: _Words) -> tuple[Array, Array]:
    """Return the rows that may not answer, and the question that each is for, in its order."""
    rows = asked.ravel()
    of = np.repeat(np.arange(len(asked)), 3)
    if words.variants:
        further = [
            (other, question)
            for row, question in zip(rows.tolist(), of.tolist(), strict=True)
            for other in words.variants.get(row, ())
        ]
        if further:
            more_rows, more_of = np.array(further).T
            rows, of = np.concatenate([rows, more_rows]), np.concatenate([of, more_of])
            order = np.argsort(of, kind="stable")
            rows, of = rows[order], of[order]
    return rows, of
