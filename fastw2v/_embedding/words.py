"""The words of a table's rows, and what becomes of words that it does not know."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v._checks import shorten
from fastw2v._keys import as_index, as_keys, is_key

UNKNOWN = ("error", "row", "zeros")


class RowWords:
    """Words, by the rows of a table.

    The first row is the padding if there is a mask, the next one that of all unknown words if they
    have one; then comes a row for each word.

    Parameters
    ----------
    words : iterable of str, or of int
    has_padding : bool
    unknown : {"error", "row", "zeros"}
        "row": one row stands for all unknown words, and learns; "zeros": it is 0, and stays so.
    """

    def __init__(self, words: Iterable[Any], has_padding: bool, unknown: str) -> None:
        if unknown not in UNKNOWN:
            raise ValueError(f"unknown must be one of {', '.join(UNKNOWN)}, got {unknown!r}")
        if isinstance(words, (str, bytes)):
            raise TypeError(f"vocabulary must be a list of words, got one, {shorten(words)}")
        self.words = as_keys("word", words)
        self.unknown = unknown
        self.padding_row = 0 if has_padding else None
        self.unknown_row = int(has_padding) if unknown != "error" else None
        self.first_row = int(has_padding) + int(unknown != "error")
        self._kind = Integral if self.words and isinstance(self.words[0], int) else str
        index = as_index("words must be distinct", self.words)
        self._rows = {word: self.first_row + k for word, k in index.items()}

    @property
    def n_rows(self) -> int:
        """How many rows a table of these words has."""
        return self.first_row + len(self.words)

    def __getitem__(self, word: Any) -> int:
        """Return the row of a word; KeyError if it is unknown and there is no rule for that."""
        try:
            row = self._rows.get(word)
        except TypeError:  # a list, or what else has no hash
            row = None
        return self._row_of_unknown(word) if row is None else row

    def _row_of_unknown(self, word: Any) -> int:
        # Bytes, or numbers in place of strings, are a mistake, and no rule for words hides it.
        if not isinstance(word, self._kind):
            kind = "str" if self._kind is str else "int"
            raise TypeError(
                f"tokens must be {kind}, in a list or lists of them, got {shorten(word)}"
            )
        if self.unknown_row is None:
            raise KeyError(
                f"word {word!r} not in vocabulary; make the layer with unknown='row' or 'zeros', "
                "or leave such words out"
            )
        if isinstance(word, str) and len(word.split()) > 1:
            warnings.warn(
                f"{shorten(word)} is taken for one unknown word: layers take lists of words, so "
                "split texts first",
                UserWarning,
                stacklevel=2,
            )
        return self.unknown_row

    def encode(self, tokens: Iterable[Any]) -> NDArray[np.int64]:
        """Return the rows of a list of tokens, or of lists of them, which are padded."""
        given: Any = tokens.tolist() if isinstance(tokens, np.ndarray) else tokens
        if isinstance(given, (str, bytes)):
            raise TypeError(f"tokens must be a list of words, got {given!r}; write [{given!r}]")
        listed = list(given)
        if not listed or is_key(listed[0]) or not isinstance(listed[0], Iterable):
            return np.array([self[word] for word in listed], np.int64)
        rows, ends = self.encode_bags(listed)
        lengths = np.diff(ends, prepend=0)
        longest = int(lengths.max())
        if self.padding_row is None and (lengths != longest).any():
            raise ValueError(
                f"lists of {lengths.min()} to {longest} tokens cannot be one array without "
                "padding: make the layer with mask_zero=True, or use EmbeddingBag"
            )
        padded = np.full((len(listed), longest), self.padding_row or 0, np.int64)
        padded[np.arange(longest) < lengths[:, np.newaxis]] = rows
        return padded

    def encode_bags(self, bags: Sequence[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of lists of tokens, one after the other, and where each list ends."""
        for bag in bags:
            if is_key(bag) or not isinstance(bag, Iterable):
                raise TypeError(
                    f"tokens must be words, or lists of words, got {shorten(bag)} among lists"
                )
        rows = [[self[word] for word in bag] for bag in bags]
        ends = np.cumsum([len(bag) for bag in rows], dtype=np.int64)
        return np.array([row for bag in rows for row in bag], np.int64), ends


def are_tokens(inputs: Any) -> bool:
    """Tell whether these are words, or lists of them, rather than ids."""
    if isinstance(inputs, np.ndarray):
        return inputs.dtype.kind == "U" or (
            inputs.dtype.kind == "O" and are_tokens(inputs.tolist())
        )
    if isinstance(inputs, (list, tuple)):
        for first in inputs:
            if isinstance(first, (list, tuple)) and not first:
                continue  # an empty list tells nothing
            return isinstance(first, (str, bytes)) or are_tokens(first)
    return isinstance(inputs, (str, bytes))


def as_bags(inputs: Any) -> Sequence[Any] | None:
    """Return lists of words, also those in an array of objects; None if these are none."""
    if not are_tokens(inputs):
        return None
    listed = inputs.tolist() if isinstance(inputs, np.ndarray) and inputs.ndim == 1 else inputs
    if isinstance(listed, (list, tuple)) and listed and not is_key(listed[0]):
        return listed
    return None
