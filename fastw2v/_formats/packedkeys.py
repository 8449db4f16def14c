"""String keys as two arrays, the form that they have in files."""

from __future__ import annotations

import numpy as np

from fastw2v._native.rowfiles import decode_words, first_repeated
from fastw2v._typing import Array


class PackedKeys:
    """Keys that are strings, checked, but not made into strings before they are asked for.

    Parameters
    ----------
    key_bytes : ndarray of uint8
        The keys, one after the other, in UTF-8.
    key_ends : ndarray of int64
        Where each ends.

    Raises
    ------
    ValueError
        The arrays do not fit together, or hold no UTF-8.

    Examples
    --------
    >>> data = np.frombuffer("왕king왕".encode(), np.uint8)
    >>> keys = PackedKeys(data, np.array([3, 7, 10]))
    >>> len(keys), keys.first_repeated(), keys.unpack()
    (3, 2, ['왕', 'king', '왕'])
    """

    def __init__(self, key_bytes: Array, key_ends: Array) -> None:
        self._bytes = np.ascontiguousarray(key_bytes)
        self._ends = np.ascontiguousarray(key_ends)
        n_bytes = len(self._bytes)
        starts = np.concatenate(([0], self._ends))
        if starts[-1] != n_bytes or (np.diff(starts) < 0).any():
            raise ValueError(f"key_ends does not divide the {n_bytes} bytes of key_bytes")
        # Where all of it is UTF-8, so is each key that begins where a character does.
        inside = (self._bytes[starts[starts < n_bytes]] & 0xC0) == 0x80
        if inside.any():
            raise ValueError(f"key {int(inside.argmax())} begins inside a character")
        # Only lone surrogates need the other error handler, which is slower.
        self._errors = "strict"
        try:
            self._bytes.tobytes().decode()
        except UnicodeDecodeError:
            self._errors = "surrogatepass"
            self._bytes.tobytes().decode("utf-8", self._errors)

    def __len__(self) -> int:
        return len(self._ends)

    def unpack(self) -> list[str]:
        """Return the keys."""
        return decode_words(self._bytes, self._places(), "utf-8", self._errors)

    def first_repeated(self) -> int:
        """Return the row of the first key that stands in an earlier row as well, or -1."""
        return first_repeated(self._bytes, self._ends)

    def _places(self) -> Array:
        places = np.zeros((len(self), 2), np.int64)
        places[1:, 0], places[:, 1] = self._ends[:-1], self._ends
        return places
