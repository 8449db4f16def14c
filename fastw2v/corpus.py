"""Corpus: text or ids from anywhere, as one token file that every epoch reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v import safetensors, tokenfile
from fastw2v._checks import check_int
from fastw2v._corpus.forgetting import Forgetting
from fastw2v._corpus.idarrays import encode_ids
from fastw2v._corpus.source import (
    MakesCorpus,
    TextFiles,
    cache_name,
    sentence_offsets,
    stamp_of,
    state_of,
    text_files,
)
from fastw2v._typing import StrPath
from fastw2v.cpu import thread_count
from fastw2v.encoding import Tokenizer, encode_files, encode_sentences
from fastw2v.errors import NoWordsError
from fastw2v.sources import STDIN, read_lines
from fastw2v.tokenfile import TokenFile, Writer

__all__ = ["Corpus"]

_ERRORS = ("strict", "replace")


class Corpus:
    """A corpus, read once: sentences of tokens as int32 ids in a memory-mapped file.

    Parameters
    ----------
    source : str, Path, list of them, iterable, or array of int
        Text files: a path, a list of paths, a glob pattern, a directory (its files in the order of
        their names) or ``"-"`` (standard input); plain or compressed with gzip, bzip2, xz or zstd,
        whatever their names. A line is a sentence; it is split into tokens as ``str.split()`` does
        it. Or an iterable of sentences, which are lists of tokens (all str or all int), or strings
        where there is a `tokenizer`; it is consumed once, so a generator will do, and so will a
        column of pandas, Polars or Arrow. Or integer ids: an array of shape (n,) with `offsets`,
        or of shape (sentences, length).
    offsets : array of int, optional
        For an array of ids: where each sentence starts, and, last, where the last one ends.
    tokenizer : callable, optional
        Makes tokens of one line or string, in Python and in one thread.
    lowercase : bool, default False
        Make the words lower case, as ``str.lower()`` does.
    errors : {"strict", "replace"}, default "strict"
        What to do about bytes that are not UTF-8: raise, or put U+FFFD in their place.
    cache_dir : str or Path, optional
        Keep the token file there, for the next run that asks for the same files with the same
        options (and a tokenizer of the same name: a function of a module, whose code is not looked
        at). It is made anew when the size or time of a file has changed.
    max_distinct : int, optional
        Bounds the memory that words take while the source is read, for corpora with more distinct
        words than fit. Whenever there are more than so many, the rarer half is forgotten, their
        tokens are left out, and reading goes on (lossy counting, Manku & Motwani 2002);
        `count_error` says how far counts may be off. Files are scanned by one thread then. About
        60 bytes a word, a MiB of text, and 4 bytes for each word that was forgotten. By default
        every word is kept, and all counts are exact.
    workers : int, optional
        Threads that scan text, at most 1,024. Default: the cores this process may use.
    progress : bool, optional
        Show progress on stderr: always (True), never (False), or when it is a terminal or notebook
        and the work takes over two seconds (None, the default).

    Attributes
    ----------
    tokens : ndarray of int32, shape (total_words,)
        The corpus: the index in `words` of the word at each position. A read-only memory map.
    offsets : ndarray of int64, shape (len(corpus) + 1,)
        Sentence k is ``tokens[offsets[k]:offsets[k + 1]]``. A line without tokens is an empty
        sentence.
    counts : ndarray of int64
        How often each word occurs in `tokens`.
    count_error : int
        0, but with `max_distinct`: the most by which a word's count may fall short of how often it
        stands in the source (with `lowercase`: for each of its spellings). A word that is missing
        stands there no more than so often.
    n_forgotten : int
        Tokens of the source that are not in `tokens`, because their words were forgotten.

    Raises
    ------
    FileNotFoundError
        A file is not there, or a pattern or directory holds none.
    CorpusError
        A file is truncated, corrupt or not UTF-8; the message names the file and the byte.
    TypeError
        A string or a set, which has no order, stands where a list of tokens belongs; or a token is
        neither str nor int.
    ValueError
        There are no words at all, an id needs more than 64 bits, or an argument is out of range.

    Examples
    --------
    >>> corpus = Corpus([["나는", "사과를", "먹었다"], ["나는", "달린다"]])
    >>> corpus.words
    ['나는', '달린다', '먹었다', '사과를']
    >>> corpus.tokens.tolist(), corpus.offsets.tolist()
    ([0, 3, 2, 0, 1], [0, 3, 5])
    >>> len(corpus), corpus.total_words
    (2, 5)

    Clicks, baskets and walks come as ids:

    >>> Corpus(np.array([7, 9, 7, 3]), offsets=[0, 2, 4]).words
    [7, 3, 9]
    """

    def __init__(
        self,
        source: StrPath | Iterable[Any] | NDArray[np.integer],
        offsets: ArrayLike | None = None,
        *,
        tokenizer: Tokenizer | None = None,
        lowercase: bool = False,
        errors: str = "strict",
        cache_dir: StrPath | None = None,
        max_distinct: int | None = None,
        workers: int | None = None,
        progress: bool | None = None,
    ) -> None:
        if errors not in _ERRORS:
            raise ValueError(f"errors must be one of {_ERRORS}, got {errors!r}")
        if tokenizer is not None and not callable(tokenizer):
            raise TypeError(f"tokenizer must be callable, got {tokenizer!r}")
        is_ids = isinstance(source, np.ndarray) and np.issubdtype(source.dtype, np.integer)
        if offsets is not None and not is_ids:
            raise TypeError(
                f"offsets= goes with an array of integer ids, got {type(source).__name__}"
            )
        if max_distinct is not None and is_ids:
            raise ValueError(
                f"max_distinct={max_distinct!r} bounds what reading text takes; an array of ids is "
                "in memory already: leave it out"
            )
        forgetting = None
        if max_distinct is not None:
            forgetting = Forgetting(check_int("max_distinct", max_distinct, 1))
        workers = thread_count(workers)
        self._source: object = source
        self._source_state = state_of(source)
        self._stamps: list[tuple[str, int, int]] | None = None
        text = text_files(source, tokenizer)
        self._cut = None if text is None else text.cut
        if text is None:
            if cache_dir is not None:
                raise ValueError(
                    f"cache_dir={cache_dir!r} needs files as source, got {type(source).__name__}"
                )
            plain = tokenizer is None and not lowercase and forgetting is None
            if plain and hasattr(source, "make_corpus"):
                encoded = cast(MakesCorpus, source).make_corpus(workers, progress)
            else:
                with Writer(None) as writer:
                    if is_ids:
                        ids = cast("NDArray[np.integer]", source)
                        encoded = encode_ids(ids.ravel(), sentence_offsets(ids, offsets), writer)
                    else:
                        encoded = encode_sentences(
                            cast("Iterable[object]", source),
                            writer,
                            tokenizer=tokenizer,
                            lowercase=lowercase,
                            progress=progress,
                            forgetting=forgetting,
                        )
        else:
            self._source = None
            self._stamps = stamp_of(text.files)
            encoded = self._encode_files(
                text,
                cache_dir,
                tokenizer,
                lowercase=lowercase,
                errors=errors,
                workers=workers,
                progress=progress,
                forgetting=forgetting,
            )
        self.tokens, self.offsets, self.counts, self._keys = encoded[:4]
        self.count_error, self.n_forgotten = encoded.count_error, encoded.n_forgotten
        self._words: list[str] | list[int] = []
        if not len(self.tokens):
            if self.n_forgotten:
                raise NoWordsError(
                    f"max_distinct={max_distinct} is too little: no word is left, for all "
                    f"{self.n_forgotten:,} tokens have been forgotten; give a larger number"
                )
            name = ", ".join(text.files) if text else f"the {type(source).__name__}"
            raise NoWordsError(f"no words in {name}: {len(self):,} sentences, all of them empty")

    def _encode_files(
        self,
        text: TextFiles,
        cache_dir: StrPath | None,
        tokenizer: Tokenizer | None,
        *,
        lowercase: bool,
        errors: str,
        workers: int,
        progress: bool | None,
        forgetting: Forgetting | None,
    ) -> TokenFile:
        files, cut = text
        directory, stamp = None, ""
        if cache_dir is not None:
            if STDIN in files:
                raise ValueError("cache_dir= cannot keep what comes from standard input")
            directory = Path(cache_dir) / cache_name(
                text, tokenizer, lowercase, errors, forgetting.limit if forgetting else None
            )
            stamp = json.dumps(self._stamps)
            tokenfile.remove_abandoned(directory.parent)
            cached = tokenfile.open_cached(directory, stamp)
            if cached is not None:
                return cached
        with Writer(directory, stamp, cut) as writer:
            if tokenizer is None:
                return encode_files(
                    files,
                    writer,
                    lowercase=lowercase,
                    errors=errors,
                    workers=workers,
                    progress=progress,
                    forgetting=forgetting,
                )
            return encode_sentences(
                read_lines(files, errors),
                writer,
                tokenizer=tokenizer,
                lowercase=lowercase,
                progress=progress,
                forgetting=forgetting,
            )

    @property
    def words(self) -> list[str] | list[int]:
        """The distinct words, by count descending, then by themselves."""
        self.top_words(len(self.counts))
        return self._words

    @property
    def total_words(self) -> int:
        """Number of tokens."""
        return len(self.tokens)

    @property
    def files(self) -> list[str] | None:
        """Absolute paths of the text files that were read, None for any other source."""
        if self._stamps is None or STDIN in (path for path, *_ in self._stamps):
            return None
        return [path for path, *_ in self._stamps]

    def top_words(self, n: int) -> list[str] | list[int]:
        """Return the `n` most frequent words.

        Parameters
        ----------
        n : int
            At most ``len(corpus.counts)``.

        Returns
        -------
        list of str or list of int
            As the first `n` of `words`, without making the others.

        Examples
        --------
        >>> Corpus([["나는", "사과를", "먹었다"], ["나는", "달린다"]]).top_words(2)
        ['나는', '달린다']
        """
        if n > len(self._words):
            # The longest list so far is kept: a vocabulary holds the same strings, and each
            # training compares with them.
            keys = {name: array[:n] for name, array in self._keys.items() if name != "key_bytes"}
            if "key_ends" in keys:
                keys["key_bytes"] = self._keys["key_bytes"][: int(keys["key_ends"][-1])]
            self._words = safetensors.unpack_keys(keys)
        return self._words[:n]

    @property
    def _token_file(self) -> TokenFile:
        return TokenFile(
            *(self.tokens, self.offsets, self.counts, self._keys),
            *(self.count_error, self.n_forgotten),
        )

    def is_from(self, source: object) -> bool:
        """Tell whether reading `source` again would give this corpus.

        Parameters
        ----------
        source : object
            As for the constructor.

        Returns
        -------
        bool
            True for this corpus itself, for the same files with the same sizes and times, and for
            the very object that was read, if its length is the same; of a list, also if its
            sentences are the same objects as then, as far as a sample of them tells.

        Raises
        ------
        FileNotFoundError, TypeError
            This corpus is of files, and `source` names no file that exists, or is no source.

        Examples
        --------
        >>> sentences = [["나는", "사과를", "먹었다"], ["나는", "달린다"]]
        >>> Corpus(sentences).is_from(sentences), Corpus(sentences).is_from([["나는"]])
        (True, False)
        """
        if source is self:
            return True
        if self._source is not None and source is self._source:
            return state_of(source) == self._source_state
        if self._stamps is None or isinstance(source, Corpus):
            return False
        text = text_files(source, None)
        if text is None or STDIN in text.files:
            return False
        return text.cut == self._cut and stamp_of(text.files) == self._stamps

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[list[str] | list[int]]:
        words = cast("list[Any]", self.words)
        for start, end in zip(self.offsets[:-1].tolist(), self.offsets[1:].tolist(), strict=True):
            yield [words[word] for word in self.tokens[start:end].tolist()]

    def __repr__(self) -> str:
        return (
            f"<Corpus: {self.total_words:,} words, {len(self.counts):,} of them distinct, "
            f"{len(self):,} sentences>"
        )
