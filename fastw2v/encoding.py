"""Text and token lists to a token file: one pass, the same ids for any number of threads."""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from fastw2v import safetensors
from fastw2v._checks import shorten
from fastw2v._corpus.forgetting import Forgetting
from fastw2v._corpus.idarrays import INT_MAX, INT_MIN, TOO_LONG
from fastw2v._keys import BadKey, KeyCheck
from fastw2v._native.text import TEXT_PADDING, TokenIds, WordTable, translate
from fastw2v.errors import CorpusError
from fastw2v.parallel import INTERVAL, Crew, taken_from
from fastw2v.progress import Progress
from fastw2v.sources import Block, BlockReader, not_utf8
from fastw2v.tokenfile import TokenFile, Writer, release

Tokenizer = Callable[[str], Iterable[str]]

# What can be iterated over, and yet is no list of tokens.
_NO_SENTENCE = (str, bytes, bytearray, memoryview, Mapping, set, frozenset)

# Tokens of Python objects are written in portions of about this many.
_PORTION = 1 << 20


class _TooLong(Exception):
    """An integer needs more than 64 bits."""


class _Room:
    """Memory for a block and what it holds; used again, for new memory costs more than a scan."""

    def __init__(self) -> None:
        self.text = bytearray()
        self.tokens = np.empty(0, dtype=np.int32)
        self.line_ends = np.empty(0, dtype=np.int64)

    def make(self, n_bytes: int) -> None:
        """Have room for all that a text of so many bytes may hold."""
        if len(self.line_ends) < n_bytes:
            self.tokens = np.empty(n_bytes // 2 + 1, dtype=np.int32)
            self.line_ends = np.empty(n_bytes, dtype=np.int64)


class _Scanned(NamedTuple):
    """What a block holds: the table that numbers its tokens, and the tokens and ends of lines."""

    table: int
    room: _Room
    parts: list[tuple[NDArray[np.int32], NDArray[np.int64]]]
    error: CorpusError | None = None


class _FileScan:
    """Several threads that scan files into a token file, a block each at a time, in order.

    They also take turns to read, and decompress, the next block, while the others scan.
    """

    def __init__(
        self,
        files: Sequence[str],
        writer: Writer,
        workers: int,
        errors: str,
        forgetting: Forgetting | None,
    ) -> None:
        self.tables = [WordTable() for _ in range(workers)]
        self._forgetting = forgetting
        self.regions: list[tuple[int, int, int]] = []  # table, and the positions that hold its ids
        self._writer = writer
        self._errors = errors
        self._stopped = threading.Event()
        # Bounds the blocks that are read, but not written yet; what was used last is in the cache.
        self._free: queue.LifoQueue[_Room] = queue.LifoQueue()
        for _ in range(4 * workers):
            self._free.put(_Room())
        self._reader = BlockReader(files, self._stopped.is_set)
        self._reading = threading.Lock()
        self._n_blocks = 0
        self._writing = threading.Lock()
        self._scanned: dict[int, _Scanned] = {}
        self._n_written = 0

    def run(self, progress: Progress) -> None:
        """Scan all blocks."""
        jobs = [partial(self._work, number) for number in range(len(self.tables))]
        with Crew(jobs, self._stopped.set) as crew:
            crew.wait(lambda: progress.update(self._reader.n_read))
        progress.finish(self._reader.n_read)

    def _work(self, number: int) -> None:
        while (job := self._next_block()) is not None:
            index, block, room = job
            self._deliver(index, self._scan(number, block, room))
            if self._forgetting is not None:
                self.tables[number] = self._forgetting.next_words(self.tables[number])

    def _next_block(self) -> tuple[int, Block, _Room] | None:
        """Read a block; None where there is none any more."""
        with self._reading:
            room = self._take_room()
            if room is None:
                return None
            index = self._n_blocks
            try:
                block = self._reader.read(room.text)
            except CorpusError as error:  # what is before it may hold an error of its own
                self._deliver(index, _Scanned(0, room, [], error))
                return None
            if block is None:
                return None
            room.text = block.text
            self._n_blocks += 1
            return index, block, room

    def _take_room(self) -> _Room | None:
        while not self._stopped.is_set():
            with suppress(queue.Empty):
                return self._free.get(timeout=INTERVAL)
        return None

    def _scan(self, number: int, block: Block, room: _Room) -> _Scanned:
        table = self.tables[number]
        if self._forgetting is not None:
            number = self._forgetting.table
        room.make(block.end - block.start)
        n_tokens, n_lines, invalid, resume = table.scan(
            block.text, block.start, block.end, room.tokens, room.line_ends
        )
        parts = [(room.tokens[:n_tokens], room.line_ends[:n_lines])]
        if invalid is None:
            return _Scanned(number, room, parts)
        if self._errors == "strict":
            error = not_utf8(block.path, block.offset + invalid, block.text[invalid])
            return _Scanned(number, room, [], error)
        rest = bytes(block.text[resume : block.end]).decode("utf-8", "replace").encode()
        more = _Room()
        more.make(len(rest))
        padded = bytearray(rest + b"\n" * TEXT_PADDING)
        n_tokens, n_lines, *_ = table.scan(padded, 0, len(rest), more.tokens, more.line_ends)
        parts.append((more.tokens[:n_tokens], more.line_ends[:n_lines]))
        return _Scanned(number, room, parts)

    def _deliver(self, index: int, scanned: _Scanned) -> None:
        """Write the blocks whose turn has come; errors too wait for theirs: the first is raised."""
        with self._writing:
            self._scanned[index] = scanned
            while self._n_written in self._scanned:
                table, room, parts, error = self._scanned.pop(self._n_written)
                if error is not None:
                    raise error
                start = self._writer.n_tokens
                for tokens, line_ends in parts:
                    self._writer.append(tokens, line_ends)
                self.regions.append((table, start, self._writer.n_tokens))
                self._n_written += 1
                self._free.put(room)


def encode_files(
    files: Sequence[str],
    writer: Writer,
    *,
    lowercase: bool,
    errors: str,
    workers: int,
    progress: bool | None,
    forgetting: Forgetting | None = None,
) -> TokenFile:
    """Scan text files whose tokens are separated by white space.

    With `forgetting`, one thread does it: which words are gone must not depend on their number.
    """
    workers = workers if forgetting is None else 1
    n_bytes = sum(map(os.path.getsize, files)) if all(map(os.path.isfile, files)) else None
    scan = _FileScan(files, writer, workers, errors, forgetting)
    with Progress("reading", n_bytes, "bytes", progress) as line:
        scan.run(line)
    # The tables and rooms are large: each goes when it is not needed any more.
    tables, regions = scan.tables, deque(scan.regions)
    del scan
    tables.reverse()
    table = tables.pop()
    ids = [np.arange(len(table), dtype=np.int32)]
    while tables:
        ids.append(table.absorb(tables.pop()))
    ranks, counts, keys = _sorted_words(table, lowercase)
    del table
    if forgetting is not None:
        return _without_forgotten(writer, regions, forgetting, ranks, counts, keys)
    translate_tokens(writer, regions, [ranks[table_ids] for table_ids in ids])
    return writer.finish(counts, keys)


def encode_sentences(
    sentences: Iterable[object],
    writer: Writer,
    *,
    tokenizer: Tokenizer | None,
    lowercase: bool,
    progress: bool | None,
    forgetting: Forgetting | None = None,
) -> TokenFile:
    """Encode sentences that are Python objects: lists of tokens, or strings to tokenize."""
    table = TokenIds()
    check_key = KeyCheck("token")
    counts = np.zeros(0, dtype=np.int64)  # of integers; the table of words counts for itself
    ends: list[int] = []
    portion = _PORTION if forgetting is None else min(_PORTION, max(forgetting.limit, 1 << 12))
    regions: deque[tuple[int, int, int]] = deque()

    def check(token: object) -> str | int:
        key = check_key(token)
        if isinstance(key, int) and not INT_MIN <= key <= INT_MAX:
            raise _TooLong(key)
        return key

    def write() -> NDArray[np.int64]:
        tokens = table.take()
        number = 0 if forgetting is None else forgetting.table
        regions.append((number, writer.n_tokens, writer.n_tokens + len(tokens)))
        writer.append(tokens, np.array(ends, dtype=np.int64))
        ends.clear()
        if not table.ids:
            return counts
        new = np.bincount(tokens, minlength=len(table.ids))
        new[: len(counts)] += counts
        return new

    with Progress("reading", None, "words", progress) as line:
        for n, sentence in enumerate(sentences):
            if type(sentence) is not list:
                sentence = _tokens_of(n, sentence, tokenizer)
            try:
                table.add(sentence, check)
            except BadKey as error:
                raise TypeError(f"sentence {n}: {error}") from None
            except _TooLong as error:
                raise ValueError(f"sentence {n}: {TOO_LONG.format(error)}") from None
            ends.append(len(table))
            if len(table) >= portion:
                counts = write()
                if forgetting is not None:
                    table, counts = forgetting.next_ids(table, counts)
                line.update(writer.n_tokens)
        counts = write()
        line.finish(writer.n_tokens)
    if table.ids:
        ranks, counts, keys = _merge(list(table.ids), counts)
    else:
        ranks, counts, keys = _sorted_words(table.words, lowercase)
    if forgetting is not None:
        return _without_forgotten(writer, regions, forgetting, ranks, counts, keys)
    translate_tokens(writer, regions, [ranks])
    return writer.finish(counts, keys)


def _tokens_of(n: int, sentence: object, tokenizer: Tokenizer | None) -> Iterable[object]:
    """Return the tokens of sentence number `n`, or raise TypeError with the way to mend it."""
    if hasattr(sentence, "as_py"):  # one element of an Arrow array
        sentence = sentence.as_py()
    if isinstance(sentence, os.PathLike):
        raise TypeError(f"sentence {n} is a path, {sentence}: pass a list of paths, list(paths)")
    if isinstance(sentence, str):
        if tokenizer is None:
            hint = "; or, of files, list(names)" if os.path.exists(sentence) else ""
            raise TypeError(
                f"sentence {n} is a string, {shorten(sentence)}: a sentence is a list of tokens. "
                "Pass sentences split into tokens ([s.split() for s in sentences]), or "
                f"Corpus(sentences, tokenizer=str.split){hint}"
            )
        sentence = tokenizer(sentence)
        if isinstance(sentence, _NO_SENTENCE):
            raise TypeError(f"tokenizer must return a list of tokens, got {shorten(sentence)}")
    if isinstance(sentence, np.ndarray):
        sentence = sentence.tolist()  # plain str and int are faster than numpy's
    if isinstance(sentence, _NO_SENTENCE) or not isinstance(sentence, Iterable):
        hint = ""
        if isinstance(sentence, (set, frozenset)):
            hint = "; a set has no order, and windows go by it: pass sorted(tokens)"
        raise TypeError(f"sentence {n} must be a list of tokens, got {shorten(sentence)}{hint}")
    return sentence


def _sorted_words(
    table: WordTable, lowercase: bool
) -> tuple[NDArray[np.int32], NDArray[np.int64], dict[str, NDArray[np.generic]]]:
    """Return the rank of each id, and the counts and packed words in order of rank."""
    ranks, counts, key_bytes, key_ends = table.sorted_words()
    keys: dict[str, NDArray[np.generic]] = {"key_bytes": key_bytes, "key_ends": key_ends}
    if lowercase:
        # The words rather than the text: there are far fewer, and str.lower() knows all languages.
        words = [str(word).lower() for word in safetensors.unpack_keys(keys)]
        lowered, counts, keys = _merge(words, counts)
        ranks = lowered[ranks]
    return ranks, counts, keys


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


def _without_forgotten(
    writer: Writer,
    regions: Iterable[tuple[int, int, int]],
    forgetting: Forgetting,
    ranks: NDArray[np.int32],
    counts: NDArray[np.int64],
    keys: dict[str, NDArray[np.generic]],
) -> TokenFile:
    """Turn ids into those of the corpus, and take out the tokens whose words are gone."""
    writer.keep_tokens(regions, forgetting.ranks(ranks))
    return writer.finish(counts, keys, forgetting.count_error)


def translate_tokens(
    writer: Writer, regions: deque[tuple[int, int, int]], tables: list[NDArray[np.int32]]
) -> None:
    """Turn the ids of each table into those of the corpus, in the file, with as many threads."""
    if not writer.n_tokens:
        return
    tokens = writer.map_tokens()

    def work() -> None:
        for table, start, end in taken_from(regions):
            translate(tokens[start:end], tables[table])
            release(tokens, start, end)

    with Crew([work] * len(tables), regions.clear) as crew:
        crew.wait(lambda: None)
