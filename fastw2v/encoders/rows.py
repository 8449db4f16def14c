"""Documents to the rows of their words, natively and with several threads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np

from fastw2v._checks import shorten
from fastw2v._keys import BadKey, KeyCheck
from fastw2v._native.lookup import find_text, find_words, known_rows, pack_tokens
from fastw2v._native.text import TEXT_PADDING, WordTable
from fastw2v._typing import Array
from fastw2v.corpus import Corpus
from fastw2v.encoders._base import check_documents
from fastw2v.encoders.reading import (
    DocumentTypeError,
    check_encodable,
    check_present,
    raise_blamed,
)
from fastw2v.encoders.work import length_of
from fastw2v.encoding import Tokenizer
from fastw2v.parallel import map_in_order
from fastw2v.progress import Progress
from fastw2v.safetensors import pack_keys

_CHUNK = 1024  # documents; of long ones, fewer
_LONG = 1 << 20  # characters or tokens of a chunk
_CORPUS_CHUNK = 1 << 18  # tokens
_NO_DOCUMENT = (bytes, bytearray, memoryview, Mapping)
_ROWS = np.empty(0, np.int32)


class Block(NamedTuple):
    """Documents that follow one another: number `first`, and as many as there are ends.

    Document k of the block has the rows from ``ends[k - 1]`` to ``ends[k]``; words that have no row
    are left out.
    """

    first: int
    rows: Array
    ends: Array


class _Chunk(NamedTuple):
    first: int
    documents: list[Any]  # all str, or all lists of tokens


class RowReader:
    """Finds the rows of words.

    Parameters
    ----------
    keys : list of str or list of int
        The word of each row, at least one.
    index : dict
        The row of each word.

    Examples
    --------
    >>> reader = RowReader(["사과", "배"], {"사과": 0, "배": 1})
    >>> block, = reader.read(["배 사과 감 배", "감"], workers=1)
    >>> block.rows.tolist(), block.ends.tolist()
    ([1, 0, 1], [3, 3])
    """

    def __init__(self, keys: list[Any], index: dict[Any, int]) -> None:
        self._keys, self._n_keys, self._index = keys, len(keys), index
        self._table: WordTable | None = None
        if isinstance(keys[0], str):
            packed = pack_keys(keys)
            self._table = WordTable()
            zeros = np.zeros(len(packed["key_ends"]), np.int64)
            self._table.enter(packed["key_bytes"], packed["key_ends"], zeros)

    def is_of(self, keys: list[Any]) -> bool:
        """Tell whether these are the keys, and none has come or gone."""
        return keys is self._keys and len(keys) == self._n_keys

    def read(
        self,
        documents: object,
        *,
        lowercase: bool = False,
        tokenizer: Tokenizer | None = None,
        workers: int,
        progress: bool | None = False,
    ) -> list[Block]:
        """Read documents: strings, lists of tokens, or a Corpus.

        Raises
        ------
        DocumentTypeError
            A document is neither, is not of the kind of those before it, or its tokens are not of
            the kind of the keys.
        ValueError
            This is a single string, or a document is NaN or holds a lone surrogate.
        """
        chunks: Iterator[Any]
        total: int | None
        if isinstance(documents, Corpus):
            rows = self._rows_of_words(documents, lowercase)
            chunks, total = _corpus_chunks(documents), len(documents)

            def find(chunk: Any) -> Block:
                return _known(chunk, rows)
        else:
            check_documents("documents", documents)
            chunks = _chunks(documents)
            total = length_of(documents)

            def find(chunk: Any) -> Block:
                return self._find(chunk, lowercase, tokenizer)

        # One chunk is no work for two threads.
        start: list[Any] = list(islice(chunks, 2))
        threads = workers if len(start) == 2 else 1
        blocks: list[Block] = []
        with Progress("reading", total, "documents", progress) as line:
            for block in map_in_order(find, chain(start, chunks), threads):
                blocks.append(block)
                line.update(block.first + len(block.ends))
            line.finish(sum(len(block.ends) for block in blocks))
        return blocks

    def _find(self, chunk: _Chunk, lowercase: bool, tokenizer: Tokenizer | None) -> Block:
        first, documents = chunk
        if documents and isinstance(documents[0], str):
            if tokenizer is None and self._table is not None:
                return self._find_text(chunk, lowercase)
            cut = str.split if tokenizer is None else tokenizer
            documents = [
                _checked(cut(text.lower() if lowercase else text), tokenizer) for text in documents
            ]
        elif lowercase:
            documents = [
                [token.lower() if isinstance(token, str) else token for token in document]
                for document in documents
            ]
        return self._find_tokens(_Chunk(first, documents))

    def _find_text(self, chunk: _Chunk, lowercase: bool) -> Block:
        assert self._table is not None
        first, documents = chunk
        # A document ends with the only newline in it.
        padding = "\n" * TEXT_PADDING
        text = "\n".join([*documents, padding])
        if text.count("\n") != len(documents) + TEXT_PADDING:
            documents = [document.replace("\n", " ") for document in documents]
            text = "\n".join([*documents, padding])
        try:
            data = (text.lower() if lowercase else text).encode()
        except UnicodeEncodeError as error:
            number = error.object.count("\n", 0, error.start)
            check_encodable(first + number, documents[number])
        end = len(data) - TEXT_PADDING
        ids, ends = np.empty(end // 2 + 1, np.int32), np.empty(len(documents), np.int64)
        n_tokens, _ = find_text(self._table, data, end, ids, ends)
        return _known(Block(first, ids[:n_tokens], ends), _ROWS)

    def _find_tokens(self, chunk: _Chunk) -> Block:
        first, documents = chunk
        packed = None if self._table is None else pack_tokens(documents)
        if packed is None:
            documents = self._as_keys(chunk)
            packed = None if self._table is None else pack_tokens(documents)
        if packed is None or self._table is None:
            get = self._index.get
            ids = np.array([get(key, -1) for document in documents for key in document], np.int32)
            return _known(Block(first, ids, np.cumsum(list(map(len, documents)))), _ROWS)
        words, word_ends, ends = packed
        return _known(Block(first, find_words(self._table, words, word_ends), ends), _ROWS)

    def _as_keys(self, chunk: _Chunk) -> list[list[Any]]:
        """Return tokens as plain strings or integers, or raise TypeError."""
        check = KeyCheck("token")
        checked = []
        for number, document in enumerate(chunk.documents, chunk.first):
            try:
                checked.append([check(token) for token in document])
            except BadKey as error:
                raise DocumentTypeError(f"document {number}: {error}") from None
        for number, tokens in enumerate(checked, chunk.first):
            if tokens:
                self._check_kind(f"the tokens of document {number}", tokens[0])
        return checked

    def _check_kind(self, what: str, token: object) -> None:
        if isinstance(token, str) != (self._table is not None):
            kinds = {True: "strings", False: "integers"}
            raise DocumentTypeError(
                f"{what} are {kinds[isinstance(token, str)]}, but the keys of the vectors are "
                f"{kinds[self._table is not None]}"
            )

    def _rows_of_words(self, corpus: Corpus, lowercase: bool) -> Array:
        """Return the row of each word of a corpus, or -1."""
        words: list[Any] = corpus.words
        self._check_kind("the words of the corpus", words[0])
        if lowercase and self._table is not None:
            words = [word.lower() for word in words]
        get = self._index.get
        return np.fromiter((get(word, -1) for word in words), np.int32, len(words))


def _known(block: Block, rows: Array) -> Block:
    """Leave out what has no row; `rows` says the row of each id, where ids are no rows."""
    n_known = known_rows(block.rows, block.ends, rows)
    return block._replace(rows=block.rows[:n_known].copy())


def _corpus_chunks(corpus: Corpus) -> Iterator[Block]:
    first, n_documents = 0, len(corpus)
    while first < n_documents:
        start = int(corpus.offsets[first])
        last = int(np.searchsorted(corpus.offsets, start + _CORPUS_CHUNK, "right")) - 1
        last = min(max(last, first + 1), n_documents)
        tokens = np.array(corpus.tokens[start : corpus.offsets[last]])
        yield Block(first, tokens, corpus.offsets[first + 1 : last + 1] - start)
        first = last


def _chunks(documents: Any) -> Iterator[_Chunk]:
    """Cut documents into chunks in which all are str or all lists; they are of one kind."""
    if hasattr(documents, "columns"):
        raise ValueError(
            f"documents must be one column, got a table of {len(documents.columns)}: pass "
            "table['name of the column']"
        )
    if hasattr(documents, "__array__"):  # a column of pandas too
        documents = np.asarray(documents).tolist()
        check_documents("documents", documents)  # an array without dimensions is one string
    first = 0
    kind: type | None = None
    iterator = iter(documents)
    while chunk := list(islice(iterator, _CHUNK)):
        if set(map(type, chunk)) != {kind}:
            chunk = [_as_document(number, one) for number, one in enumerate(chunk, first)]
            kind = kind or type(chunk[0])
            for number, document in enumerate(chunk, first):
                if type(document) is not kind:
                    raise DocumentTypeError(
                        f"document {number} is a {type(document).__name__}, and those before it "
                        f"are of {kind.__name__}: split all documents into tokens, or none"
                    )
        size = math.ceil(len(chunk) / (sum(map(len, chunk)) // _LONG + 1))
        for start in range(0, len(chunk), size):
            yield _Chunk(first + start, chunk[start : start + size])
        first += len(chunk)


def _as_document(number: int, document: object) -> str | list[Any]:
    if isinstance(document, str):
        return str.__str__(document)
    if isinstance(document, np.ndarray):
        document = document.tolist()
    try:
        check_present(document)
    except ValueError as error:
        raise_blamed(number, document, error)
    if isinstance(document, _NO_DOCUMENT) or not isinstance(document, Iterable):
        hint = "; decode it first" if isinstance(document, bytes) else ""
        raise DocumentTypeError(
            f"document {number} must be a string or a list of tokens, got {shorten(document)}{hint}"
        )
    return list(document)


def _checked(tokens: object, tokenizer: Tokenizer | None) -> list[Any]:
    """Return what a tokenizer has made of a text as a list."""
    if isinstance(tokens, str | bytes | Mapping) or not isinstance(tokens, Iterable):
        raise TypeError(
            f"tokenizer must return a list of tokens, got {shorten(tokens)} of {tokenizer!r}"
        )
    return tokens if type(tokens) is list else list(tokens)
