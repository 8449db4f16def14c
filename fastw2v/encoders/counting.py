"""Counting terms by document: natively with threads where the steps allow it, else in Python."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastw2v._keys import BadKey, KeyCheck
from fastw2v._native.counting import TermCounter
from fastw2v._native.termrows import first_surrogate
from fastw2v._native.terms import Documents
from fastw2v._native.text import TokenIds, WordTable
from fastw2v.corpus import Corpus
from fastw2v.encoders.analysis import TextAnalysis, word_ngrams
from fastw2v.encoders.characters import Cut, table
from fastw2v.encoders.counted import Block, Counted, CounterNumbering
from fastw2v.encoders.inpython import count_in_python
from fastw2v.encoders.reading import (
    check_encodable,
    checked_lists,
    kind_of_first,
    no_tokens,
    portions,
)
from fastw2v.encoders.work import Work, length_of
from fastw2v.parallel import map_in_order
from fastw2v.progress import Progress
from fastw2v.safetensors import pack_keys

__all__ = ["count"]

_log = logging.getLogger("fastw2v")

T = TypeVar("T")
Entries = tuple[NDArray[np.uint32], NDArray[np.int32]]

# So many tokens are counted together where they are numbers already.
_TOKENS = 1 << 18
# So much, in characters or tokens, is counted before threads would have started.
_LITTLE = 1 << 17
_MOST_WORDS = 2**31 - 1  # of an n-gram: an int of C


def count(analysis: TextAnalysis, documents: Iterable[Any], work: Work) -> Counted:
    """Count the terms of documents.

    Parameters
    ----------
    analysis : TextAnalysis
        How a document becomes terms.
    documents : iterable of str, bytes or list of str, or Corpus
        Lists and a Corpus hold tokens, which are taken as they are.
    work : Work
        Threads, and what is shown and kept.

    Returns
    -------
    Counted
        The same for any number of threads, once `choose` or `find` has given the columns.
    """
    total = length_of(documents)
    are_tokens = False
    if _takes_tokens(analysis):
        are_tokens = isinstance(documents, Corpus)
        if not are_tokens:
            are_tokens, documents = kind_of_first(documents)
    left_out = analysis.get_stop_words() if analysis.analyzer == "word" else None
    low, high = (min(n, _MOST_WORDS) for n in analysis.ngram_range)
    if are_tokens:
        lists: Iterable[Any] = documents
        if not isinstance(documents, Corpus):
            if high == 1:
                return _count_tokens(documents, left_out, total, work)
            lists = checked_lists(documents)
        elif _is_plain(documents, high):
            return _count_corpus(documents, left_out, low, high, work)
        return count_in_python(
            lists, lambda document: word_ngrams(document, left_out, low, high), True, total, work
        )
    analysis._warn_of_stop_words()
    cut = analysis._native_cut()
    if cut is not None:
        return _count_strings(analysis, cut, left_out, low, high, documents, total, work)
    _tell_of_python(analysis)
    of_text = not callable(analysis.analyzer)
    return count_in_python(documents, analysis.build_analyzer(), of_text, total, work)


def _tell_of_python(analysis: TextAnalysis) -> None:
    """Say that there is no native way: once, for `transform` may be called for each document."""
    if not analysis._has_told:
        analysis._has_told = True
        _log.debug(
            "%s counts in Python, which is slower: there is no native analyzer=%r with "
            "tokenizer=%r, token_pattern=%r",
            type(analysis).__name__,
            analysis.analyzer,
            analysis.tokenizer,
            analysis.token_pattern,
        )


def _takes_tokens(analysis: TextAnalysis) -> bool:
    """Tell whether lists of tokens are documents; a callable gets what there is, and judges."""
    return (
        analysis.analyzer == "word"
        and analysis.preprocessor is None
        and analysis.tokenizer in (None, str.split)
        and analysis.input == "content"
        and not analysis._replaces("build_analyzer", "build_preprocessor")
        and not analysis._replaces("build_tokenizer", "decode")
    )


def _is_plain(corpus: Corpus, high: int) -> bool:
    """Tell whether the words are strings, and n-grams of them can be told from words."""
    words = corpus.words
    if words and isinstance(words[0], int):
        if high > 1:
            raise TypeError(
                f"n-grams need words that are strings, got {words[0]!r}; set ngram_range=(1, 1)"
            )
        return False
    return high == 1 or not any(" " in str(word) for word in words)


def _count_strings(
    analysis: TextAnalysis,
    cut: Cut,
    left_out: Collection[str] | None,
    low: int,
    high: int,
    documents: Iterable[Any],
    total: int | None,
    work: Work,
) -> Counted:
    """Count documents that are strings, or become such, in threads."""
    is_plain = (
        analysis.preprocessor is None
        and analysis.strip_accents is None
        and not analysis._replaces("build_preprocessor")
    )
    lowercase = bool(analysis.lowercase) and is_plain
    preprocess = analysis.build_preprocessor()

    def prepare(document: Any) -> Any:
        text = analysis.decode(document)
        return text if is_plain else preprocess(text)

    characters = table(cut, lowercase)
    lowered = partial(table, cut, False) if lowercase else None

    def make_counter() -> TermCounter:
        words = WordTable()
        _leave_out(words, left_out)
        return TermCounter(low, high, words, len(words))

    def count_portion(counter: TermCounter, portion: tuple[int, Documents]) -> Entries:
        first, texts = portion
        return counter.count(
            texts,
            characters,
            lowered,
            lambda k, text: check_encodable(first + k, text),
        )

    always = analysis.input != "content" or not is_plain or analysis._replaces("decode")
    return _share(
        portions(documents, prepare, always),
        lambda portion: portion[1].n_characters,
        make_counter,
        count_portion,
        total,
        work,
    )


def _count_corpus(
    corpus: Corpus, left_out: Collection[str] | None, low: int, high: int, work: Work
) -> Counted:
    """Count the sentences of a corpus in threads, by the numbers of its words."""
    words = WordTable()
    _leave_out(words, left_out)
    n_left_out = len(words)
    numbers = _enter(words, corpus.words)
    offsets = corpus.offsets
    n = len(corpus)

    def pieces() -> Iterator[tuple[int, int]]:
        first = 0
        while first < n:
            full = int(np.searchsorted(offsets, offsets[first] + _TOKENS))
            last = min(max(full, first + 1), n)
            yield first, last
            first = last

    def count_piece(counter: TermCounter, piece: tuple[int, int]) -> Entries:
        first, last = piece
        start = int(offsets[first])
        tokens = numbers[corpus.tokens[start : int(offsets[last])]]
        return counter.count_ids(
            tokens, np.ascontiguousarray(offsets[first + 1 : last + 1] - start)
        )

    make_counter = partial(TermCounter, low, high, words, n_left_out)
    return _share(
        pieces(),
        lambda piece: int(offsets[piece[1]] - offsets[piece[0]]),
        make_counter,
        count_piece,
        n,
        work,
    )


def _leave_out(words: WordTable, left_out: Collection[str] | None) -> None:
    """Enter stop words; what is no string is none of a text's."""
    if left_out:
        _enter(words, [word for word in left_out if isinstance(word, str)])


def _enter(words: WordTable, names: Iterable[Any]) -> NDArray[np.int32]:
    """Enter words into a table; return their numbers."""
    keys = pack_keys([str(name) for name in names])
    counts = np.zeros(len(keys["key_ends"]), dtype=np.int64)
    return words.enter(keys["key_bytes"], keys["key_ends"], counts)


def _share(
    portions: Iterator[T],
    size_of: Callable[[T], int],
    make_counter: Callable[[], TermCounter],
    count_portion: Callable[[TermCounter, T], Entries],
    total: int | None,
    work: Work,
) -> Counted:
    """Count portions, each by one of as many counters as there are threads.

    `size_of` tells the characters or tokens of a portion.
    """
    ahead, is_much = _read_ahead(portions, size_of)
    n_threads = work.n_threads if is_much else 1
    counters = [make_counter() for _ in range(n_threads)]
    free = list(range(len(counters)))
    blocks: list[Block] = []
    n = 0

    def count_one(portion: T) -> Block:
        number = free.pop()
        try:
            return Block(number, *count_portion(counters[number], portion))
        finally:
            free.append(number)

    def stop() -> None:
        for counter in counters:
            counter.stop()

    with Progress("counting", total, "documents", work.progress) as line:
        every = chain(_given_up(ahead), portions)
        with closing(map_in_order(count_one, every, len(counters), stop)) as done:
            for block in done:
                n += len(block.lengths)
                if work.keep:
                    blocks.append(block)
                line.update(n)
        line.finish(n)
    sources = [(counter.terms, counter.document_frequencies()) for counter in counters]
    return Counted(blocks, n, CounterNumbering(sources), n_threads, work.progress)


def _read_ahead(portions: Iterator[T], size_of: Callable[[T], int]) -> tuple[list[T], bool]:
    """Read what one thread counts at once; if there is a portion more, also that, and say so."""
    ahead: list[T] = []
    size = 0
    for portion in portions:
        ahead.append(portion)
        if size >= _LITTLE:
            return ahead, True
        size += size_of(portion)
    return ahead, False


def _given_up(items: list[T]) -> Iterator[T]:
    """Yield items, and keep none of them."""
    items.reverse()
    while items:
        yield items.pop()


def _count_tokens(
    documents: Iterable[Any], left_out: Collection[str] | None, total: int | None, work: Work
) -> Counted:
    """Count documents that are lists of tokens."""
    tokens, check = TokenIds(), KeyCheck("token")
    _leave_out(tokens.words, left_out)
    counter = TermCounter(1, 1, tokens.words, len(tokens.words))
    blocks: list[Block] = []
    ends: list[int] = []
    n = n_checked = 0

    def finish() -> None:
        nonlocal n_checked
        taken = tokens.take()
        # Tables hold surrogates as well; a new word is in these documents.
        number, word = first_surrogate(tokens.words, n_checked)
        n_checked = len(tokens.words)
        if number >= 0:
            place = int((taken == number).argmax())
            document = n - len(ends) + int(np.searchsorted(ends, place, side="right"))
            check_encodable(document, word.decode("utf-8", "surrogatepass"))
        block = Block(0, *counter.count_ids(taken, np.array(ends, dtype=np.int64)))
        ends.clear()
        if work.keep:
            blocks.append(block)

    with Progress("counting", total, "documents", work.progress) as line:
        for n, document in enumerate(documents, 1):
            if not isinstance(document, (list, tuple)):
                raise no_tokens(n - 1, document)
            try:
                tokens.add(document, check)
            except BadKey as error:
                raise no_tokens(n - 1, document) from error
            if tokens.ids:  # integers
                raise no_tokens(n - 1, document)
            ends.append(len(tokens))
            if len(tokens) >= _TOKENS:
                finish()
                line.update(n)
        finish()
        line.finish(n)
    numbering = CounterNumbering([(counter.terms, counter.document_frequencies())])
    return Counted(blocks, n, numbering, work.n_threads, work.progress)
