"""A corpus with its phrases merged, natively: ids in, ids out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sized
from contextlib import closing
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v import safetensors
from fastw2v._native.phrases import BEGINS, ENDS, PairTable, merge_pairs
from fastw2v._native.text import WordTable
from fastw2v._phrases.counts import connector_flags, words_of
from fastw2v.corpus import Corpus
from fastw2v.encoding import translate_tokens
from fastw2v.parallel import map_in_order
from fastw2v.progress import Progress
from fastw2v.tokenfile import TokenFile, Writer, release

# Threads take sentences of about so many tokens at a time.
_PORTION = 1 << 20


class Phrasing(NamedTuple):
    """What is merged: pairs of words that are spelled like a phrase when joined."""

    phrases: Collection[str]
    delimiter: str
    connector_words: Collection[str]


class PhrasedSentences:
    """Sentences with their phrases merged, as often as the sentences can be iterated over.

    A `Corpus`, and whatever makes one, merges natively and not through the iterator.
    """

    def __init__(
        self,
        merge: Callable[[Iterable[str]], list[str]],
        phrasing: Callable[[], Phrasing],
        sentences: Iterable[Iterable[str]],
    ) -> None:
        self._merge = merge
        self._phrasing = phrasing
        self._sentences = sentences

    def __iter__(self) -> Iterator[list[str]]:
        return map(self._merge, self._sentences)

    def __len__(self) -> int:
        return len(cast(Sized, self._sentences))

    def make_corpus(self, workers: int, progress: bool | None) -> TokenFile:
        """Merge the phrases of all sentences into a token file."""
        corpus = as_corpus(self._sentences, workers, progress)
        return merge_phrases(corpus, self._phrasing(), workers, progress)


def as_corpus(source: object, workers: int, progress: bool | None) -> Corpus:
    """Return the corpus that a source is, or is the source of."""
    if isinstance(source, Corpus):
        return source
    return Corpus(cast("Iterable[object]", source), workers=workers, progress=progress)


def merge_phrases(
    corpus: Corpus, phrasing: Phrasing, workers: int, progress: bool | None
) -> TokenFile:
    """Write a corpus with its phrases merged."""
    known = _known_phrases(corpus, phrasing)
    merges = np.zeros(len(known.names), dtype=np.int64)
    regions: deque[tuple[int, int, int]] = deque()
    with Writer(None) as writer:

        def write(portion: _Portion) -> None:
            start = writer.n_tokens
            writer.append(portion.tokens, portion.ends)
            regions.append((0, start, writer.n_tokens))
            np.add(merges, portion.merges, out=merges)

        _merge_all(corpus, known, write, workers, progress)
        ids, counts, keys = _renumbered(corpus, known, merges)
        translate_tokens(writer, regions, [ids] * workers)
        return writer.finish(counts, keys)


def phrases_in(
    corpus: Corpus, phrasing: Phrasing, workers: int, progress: bool | None
) -> list[str]:
    """Return the phrases that merging would make, in order of appearance."""
    known = _known_phrases(corpus, phrasing)
    n_words = len(corpus.counts)
    found: dict[str, None] = {}

    def note(portion: _Portion) -> None:
        made = portion.tokens[portion.tokens >= n_words] - n_words
        numbers, places = np.unique(made, return_index=True)
        for number in numbers[np.argsort(places)].tolist():
            found.setdefault(known.names[number])

    _merge_all(corpus, known, note, workers, progress)
    return list(found)


class _KnownPhrases(NamedTuple):
    """The phrases whose words a corpus has: pair k of the table is spelled names[k]."""

    names: list[str]
    pairs: PairTable
    chains: PairTable
    flags: NDArray[np.uint8]  # of the corpus's words
    parts: Mapping[str, NDArray[np.int32]]
    chain_ids: dict[tuple[int, ...], int]


class _Portion(NamedTuple):
    """Some sentences, merged: their tokens, their ends, and how often each pair was merged."""

    tokens: NDArray[np.int32]
    ends: NDArray[np.int64]
    merges: NDArray[np.int64]


def _known_phrases(corpus: Corpus, phrasing: Phrasing) -> _KnownPhrases:
    words = words_of(corpus)
    index = {word: k for k, word in enumerate(words)}
    flags = connector_flags(words, phrasing.connector_words)
    chains = PairTable()
    chain_ids: dict[tuple[int, ...], int] = {(): 0}
    names: list[str] = []
    rows: list[tuple[int, int, int]] = []
    for phrase in phrasing.phrases:
        for split in _splits(phrase, phrasing.delimiter, phrasing.connector_words, index):
            ids = [index.get(word, -1) for word in split]
            if min(ids) < 0 or flags[ids[0]] or flags[ids[-1]]:
                continue
            chain = tuple(ids[1:-1])
            if chain not in chain_ids:
                chain_ids[chain] = chains.enter_chain(np.array(chain, dtype=np.int32))
            names.append(phrase)
            rows.append((ids[0], ids[-1], chain_ids[chain]))
    columns = np.array(rows, dtype=np.int32).reshape(-1, 3).T.copy()
    parts = dict(zip(("first", "last", "chain"), columns, strict=True))
    pairs = PairTable()
    pairs.add(**parts, counts=np.zeros(len(rows), dtype=np.int64))
    flags[parts["first"]] |= BEGINS
    flags[parts["last"]] |= ENDS
    return _KnownPhrases(names, pairs, chains, flags, parts, chain_ids)


def _splits(
    phrase: str, delimiter: str, connector_words: Collection[str], words: Collection[str]
) -> Iterator[tuple[str, ...]]:
    """Yield every way to see a phrase as one of `words`, connector words, and another of `words`.

    >>> words = ["bank", "bank_of", "of", "of_america", "america"]
    >>> list(_splits("bank_of_america", "_", {"of"}, words))
    [('bank', 'of_america'), ('bank', 'of', 'america'), ('bank_of', 'america')]
    """
    n = len(delimiter)
    for first in range(len(phrase) - n + 1):
        if not phrase.startswith(delimiter, first) or phrase[:first] not in words:
            continue
        parts = [phrase[:first]]
        place = first + n
        while True:
            if phrase[place:] in words:
                yield *parts, phrase[place:]
            end = phrase.find(delimiter, place)
            if end < 0 or phrase[place:end] not in connector_words:
                break
            parts.append(phrase[place:end])
            place = end + n


def _merge_all(
    corpus: Corpus,
    known: _KnownPhrases,
    consume: Callable[[_Portion], object],
    workers: int,
    progress: bool | None,
) -> None:
    tokens, offsets = corpus.tokens, corpus.offsets

    def merge(bounds: tuple[int, int]) -> _Portion:
        begin, end = bounds
        merged = np.empty(int(offsets[end] - offsets[begin]), dtype=np.int32)
        ends = np.empty(end - begin, dtype=np.int64)
        merges = np.zeros(len(known.names), dtype=np.int64)
        tables = known.pairs, known.chains
        n = merge_pairs(tokens, offsets, begin, end, known.flags, *tables, merged, ends, merges)
        release(tokens, int(offsets[begin]), int(offsets[end]))
        return _Portion(merged[:n], ends, merges)

    with (
        Progress("merging phrases", len(tokens), "words", progress) as line,
        closing(map_in_order(merge, _portions(offsets), workers)) as portions,
    ):
        n_sentences = 0
        for portion in portions:
            consume(portion)
            n_sentences += len(portion.ends)
            line.update(int(offsets[n_sentences]))
        line.finish(len(tokens))


def _portions(offsets: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield the bounds of portions of sentences, about as long as each other."""
    begin, n_sentences = 0, len(offsets) - 1
    while begin < n_sentences:
        end = int(np.searchsorted(offsets, offsets[begin] + _PORTION, side="right")) - 1
        end = max(end, begin + 1)
        yield begin, end
        begin = end


def _renumbered(
    corpus: Corpus, known: _KnownPhrases, merges: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64], dict[str, NDArray[np.generic]]]:
    """Return the new id of each word and each merged pair; and counts and words in new order."""
    counts = corpus.counts.copy()
    np.subtract.at(counts, known.parts["first"], merges)
    np.subtract.at(counts, known.parts["last"], merges)
    merges_of_chain = np.zeros(len(known.chains) + 1, dtype=np.int64)
    np.add.at(merges_of_chain, known.parts["chain"], merges)
    for chain, node in known.chain_ids.items():
        for word in chain:
            counts[word] -= merges_of_chain[node]
    table = WordTable()
    words = corpus._token_file.keys, safetensors.pack_keys(known.names)
    ids = [
        table.enter(
            cast("NDArray[np.uint8]", packed["key_bytes"]),
            cast("NDArray[np.int64]", packed["key_ends"]),
            numbers,
        )
        # A phrase may be spelled like a word; then they are one.
        for packed, numbers in zip(words, (counts, merges), strict=True)
    ]
    ranks, counts, key_bytes, key_ends = table.sorted_words()
    n = int(np.count_nonzero(counts))
    keys: dict[str, NDArray[np.generic]] = {
        "key_bytes": key_bytes[: key_ends[n - 1]],
        "key_ends": key_ends[:n],
    }
    return ranks[np.concatenate(ids)], counts[:n], keys
