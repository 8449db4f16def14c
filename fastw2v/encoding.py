"""Text and token lists to a token file: one pass, the same ids for any number of threads."""

from __future__ import annotations

import numbers
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from fastw2v import safetensors
from fastw2v._native.text import TEXT_PADDING, TokenIds, WordTable, translate
from fastw2v.errors import CorpusError
from fastw2v.parallel import INTERVAL, Crew
from fastw2v.progress import Progress
from fastw2v.sources import Block, read_blocks
from fastw2v.tokenfile import TokenFile, Writer

Tokenizer = Callable[[str], Iterable[str]]

# Tokens of Python objects are written in portions of about this many.
_PORTION = 1 << 20


class _FileScan:
    """Several threads that scan the blocks of a text into a token file, in order."""

    def __init__(self, writer: Writer, workers: int, errors: str) -> None:
        self.tables = [WordTable() for _ in range(workers)]
        self.regions: list[tuple[int, int, int]] = []  # table, and the positions that hold its ids
        self._writer = writer
        self._errors = errors
        self._todo: queue.SimpleQueue[tuple[int, Block] | None] = queue.SimpleQueue()
        # Blocks that are read, but not written yet; bounded, so that memory is.
        self._free = threading.Semaphore(4 * workers)
        self._lock = threading.Lock()
        self._scanned: dict[int, tuple[int, list[tuple[NDArray[np.int32], NDArray[np.int64]]]]] = {}
        self._n_written = 0

    def run(self, blocks: Iterator[Block], progress: Progress) -> None:
        """Scan all blocks; the calling thread reads, and decompresses, beside the scan."""
        n_bytes = 0
        with Crew((partial(self._work, k) for k in range(len(self.tables))), self._stop) as crew:
            for index, block in enumerate(blocks):
                while not self._free.acquire(timeout=INTERVAL):
                    crew.check()
                self._todo.put((index, block))
                n_bytes += block.end - block.start
                progress.update(n_bytes)
                crew.check()
            self._stop()
            crew.wait(lambda: progress.update(n_bytes))
        progress.finish(n_bytes)

    def _stop(self) -> None:
        for _ in self.tables:
            self._todo.put(None)

    def _work(self, table: int) -> None:
        while (job := self._todo.get()) is not None:
            index, block = job
            self._deliver(index, table, list(self._scan(self.tables[table], block)))

    def _scan(
        self, table: WordTable, block: Block
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        tokens, line_ends, invalid, resume = table.scan(block.text, block.start, block.end)
        yield tokens, line_ends
        if invalid is None:
            return
        if self._errors == "strict":
            raise CorpusError(
                block.path,
                f"byte {block.offset + invalid}: not UTF-8 (0x{block.text[invalid]:02x}); "
                'convert the file, or pass errors="replace"',
            )
        rest = bytes(block.text[resume : block.end]).decode("utf-8", "replace").encode()
        padded = bytearray(rest + b"\n" * TEXT_PADDING)
        yield table.scan(padded, 0, len(rest))[:2]

    def _deliver(
        self, index: int, table: int, parts: list[tuple[NDArray[np.int32], NDArray[np.int64]]]
    ) -> None:
        """Write all blocks whose turn has come."""
        with self._lock:
            self._scanned[index] = table, parts
            while self._n_written in self._scanned:
                table, parts = self._scanned.pop(self._n_written)
                start = self._writer.n_tokens
                for tokens, line_ends in parts:
                    self._writer.append(tokens, line_ends)
                self.regions.append((table, start, self._writer.n_tokens))
                self._n_written += 1
                self._free.release()


def encode_files(
    files: Sequence[str],
    writer: Writer,
    *,
    lowercase: bool,
    errors: str,
    workers: int,
    progress: bool | None,
) -> TokenFile:
    """Scan text files whose tokens are separated by white space."""
    sizes = [os.path.getsize(file) if os.path.isfile(file) else 0 for file in files]
    scan = _FileScan(writer, workers, errors)
    with Progress("reading", sum(sizes) if all(sizes) else None, "bytes", progress) as line:
        scan.run(read_blocks(files), line)
    first, *others = scan.tables
    ids = [np.arange(len(first), dtype=np.int32), *(first.absorb(other) for other in others)]
    ranks, counts, key_bytes, key_ends = first.sorted_words()
    keys: dict[str, NDArray[np.generic]] = {"key_bytes": key_bytes, "key_ends": key_ends}
    if lowercase:
        # The words rather than the text: there are far fewer, and str.lower() knows all languages.
        words = [str(word).lower() for word in safetensors.unpack_keys(keys)]
        lowered, counts, keys = _merge(words, counts)
        ranks = lowered[ranks]
    _translate(writer, deque(scan.regions), [ranks[table_ids] for table_ids in ids])
    return writer.finish(counts, keys)


def encode_sentences(
    sentences: Iterable[object],
    writer: Writer,
    *,
    tokenizer: Tokenizer | None,
    lowercase: bool,
    progress: bool | None,
) -> TokenFile:
    """Encode sentences that are Python objects: lists of tokens, or strings to tokenize."""
    table = TokenIds()
    check = _TokenCheck()
    counts = np.zeros(0, dtype=np.int64)
    ends: list[int] = []

    def write() -> NDArray[np.int64]:
        tokens = table.take()
        writer.append(tokens, np.array(ends, dtype=np.int64))
        ends.clear()
        new = np.bincount(tokens, minlength=len(table.ids))
        new[: len(counts)] += counts
        return new

    with Progress("reading", None, "words", progress) as line:
        for n, sentence in enumerate(sentences):
            if type(sentence) is not list:
                sentence = _tokens_of(n, sentence, tokenizer)
            try:
                table.add(sentence, check)
            except _BadToken as error:
                raise TypeError(f"sentence {n}: {error}") from None
            ends.append(len(table))
            if len(table) >= _PORTION:
                counts = write()
                line.update(writer.n_tokens)
        counts = write()
        line.finish(writer.n_tokens)
    words = list(table.ids)
    if lowercase:
        words = [word.lower() if isinstance(word, str) else word for word in words]
    ranks, counts, keys = _merge(words, counts)
    _translate(writer, deque([(0, 0, writer.n_tokens)]), [ranks])
    return writer.finish(counts, keys)


def encode_ids(ids: NDArray[np.integer], offsets: NDArray[np.int64], writer: Writer) -> TokenFile:
    """Encode an array of integer ids; the ids themselves are the words."""
    words, tokens, counts = np.unique(ids, return_inverse=True, return_counts=True)
    order = np.lexsort((words, -counts))
    ranks = np.empty(len(words), dtype=np.int32)
    ranks[order] = np.arange(len(words), dtype=np.int32)
    writer.append(ranks[tokens], offsets[1:])
    return writer.finish(counts[order], {"key_ids": words[order].astype(np.int64)})


class _BadToken(TypeError):
    """A token that is neither a string nor an integer, or not of the kind of the others."""


class _TokenCheck:
    """Turns a new token into the key of its word; all keys of a corpus are of one kind."""

    def __init__(self) -> None:
        self._kind: type[str] | type[int] | None = None

    def __call__(self, token: object) -> str | int:
        key: str | int
        if isinstance(token, str):
            key = str(token)
        elif isinstance(token, numbers.Integral) and not isinstance(token, (bool, np.bool_)):
            key = int(token)
        else:
            hint = "; decode it first" if isinstance(token, bytes) else ""
            raise _BadToken(f"a token must be a str or an int, got {token!r}{hint}")
        if type(key) is not self._kind:
            if self._kind is not None:
                raise _BadToken(
                    f"tokens must be all str or all int, got {token!r} after {self._kind.__name__}s"
                )
            self._kind = type(key)
        return key


def _tokens_of(n: int, sentence: object, tokenizer: Tokenizer | None) -> Iterable[object]:
    """Return the tokens of sentence number `n`, or raise TypeError with the way to mend it."""
    if isinstance(sentence, str):
        if tokenizer is None:
            raise TypeError(
                f"sentence {n} is a string, {_shorten(sentence)}: a sentence is a list of tokens. "
                "Pass sentences split into tokens ([s.split() for s in sentences]), or "
                "Corpus(sentences, tokenizer=str.split)"
            )
        tokens: object = tokenizer(sentence)
        if isinstance(tokens, (str, bytes)):
            raise TypeError(f"tokenizer must return a list of tokens, got {_shorten(tokens)}")
        sentence = tokens
    if isinstance(sentence, (bytes, dict)) or not isinstance(sentence, Iterable):
        raise TypeError(f"sentence {n} must be a list of tokens, got {_shorten(sentence)}")
    return sentence


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _merge(
    words: Sequence[str | int], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64], dict[str, NDArray[np.generic]]]:
    """Sort words by count descending, then by themselves; equal ones become one.

    Returns the rank of each, and the counts and packed words in order of rank.
    """
    totals: dict[str | int, int] = {}
    for word, count in zip(words, counts.tolist(), strict=True):
        totals[word] = totals.get(word, 0) + count
    ordered = sorted(totals, key=lambda word: (-totals[word], word))
    rank = {word: k for k, word in enumerate(ordered)}
    ranks = np.array([rank[word] for word in words], dtype=np.int32)
    ordered_counts = np.array([totals[word] for word in ordered], dtype=np.int64)
    return ranks, ordered_counts, safetensors.pack_keys(cast("list[str] | list[int]", ordered))


def _translate(
    writer: Writer, regions: deque[tuple[int, int, int]], tables: list[NDArray[np.int32]]
) -> None:
    """Turn the ids of each table into those of the corpus, in the file, with as many threads."""
    if not writer.n_tokens:
        return
    tokens = writer.map_tokens()

    def work() -> None:
        while regions:
            try:
                table, start, end = regions.popleft()
            except IndexError:
                return
            translate(tokens[start:end], tables[table])

    with Crew([work] * len(tables), regions.clear) as crew:
        crew.wait(lambda: None)
