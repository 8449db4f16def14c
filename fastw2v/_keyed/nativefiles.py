"""Keyed vectors in files of our own: the part of `KeyedVectors` with `save` and `load`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from fastw2v._formats.packedkeys import PackedKeys
from fastw2v._gensim.reader import is_meant, read_vectors
from fastw2v._keyed.matrix import KeyedMatrix
from fastw2v._keys import check_finite, check_shape
from fastw2v._training.shards import checked_factors
from fastw2v._typing import Array, StrPath
from fastw2v.errors import blame
from fastw2v.npz import read_npz, write_npz
from fastw2v.safetensors import pack_keys, packed_keys, read_arrays, unpack_keys, write_arrays

Filed = TypeVar("Filed", bound="NativeFiles")

# Arrays in a file, and what stands in front of the names of attributes: of numbers, of objects.
_COUNTS, _LOCKF = "counts", "vectors_lockf"
_ATTRIBUTE, _OBJECTS = "attribute.", "objects.attribute."
_NUMBERS = "biuf"  # kinds of dtype


class NativeFiles(KeyedMatrix):
    """A keyed matrix that is saved and loaded.

    Of a file that was loaded, the keys are unpacked when they are first asked for, so that a large
    one is open at once.
    """

    _packed: PackedKeys | None = None

    def save(
        self,
        fname: StrPath,
        separately: Iterable[str] | None = None,
        sep_limit: int = 0,
        ignore: Iterable[str] = (),
        pickle_protocol: int = 0,
    ) -> None:
        """Write keys, their attributes and vectors to one file, which `load` opens at once.

        It is a safetensors file, or, if its name ends in ``.npz``, one that numpy alone can open.

        Parameters
        ----------
        fname : str or os.PathLike
            The file. It is replaced only once the new one is complete.
        separately, sep_limit, ignore, pickle_protocol
            Accepted for the sake of programs written for gensim, without effect: there is one file,
            and no pickle.

        Raises
        ------
        ValueError
            A vector is not finite, an attribute holds objects that no file can, or `vectors_lockf`
            does not fit.
        OSError
            The file cannot be written.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> NativeFiles.from_arrays(["왕"], np.eye(1)).save(mkdtemp() + "/words.safetensors")
        """
        self._write(fname, as_npz=os.fspath(fname).lower().endswith(".npz"))

    def _write(self, path: StrPath, *, as_npz: bool) -> None:
        check_finite(self._index_to_key, self._vectors)
        arrays = {**pack_keys(self._index_to_key), "vectors": self._vectors}
        arrays |= attribute_arrays(self._attributes())
        if self.counts is not None:
            arrays[_COUNTS] = self.counts
        factors = checked_factors(self.vectors_lockf, len(self))
        if factors is not None:
            arrays[_LOCKF] = factors
        if as_npz:
            write_npz(path, arrays)
            return
        # Widest items first: so each array in the file is aligned to its item size.
        widest_first = sorted(arrays.items(), key=lambda item: -item[1].itemsize)
        write_arrays(path, dict(widest_first), {"format": "fastw2v.KeyedVectors"})

    @classmethod
    def load(
        cls: type[Filed], fname: StrPath, mmap: str | None = None, *, allow_gensim: bool = False
    ) -> Filed:
        """Open a file that `save` wrote; of a safetensors file the vectors are a read-only map.

        Let `save` replace such a file, or move another one to its place: a program that writes into
        it changes the vectors of all that have it open, or ends them.

        Parameters
        ----------
        fname : str or os.PathLike
        mmap : {"r", None}
            Accepted for the sake of programs written for gensim; both mean the same.
        allow_gensim : bool, default False
            Whether to read what gensim's `save` wrote, too: its KeyedVectors, or the vectors of its
            Word2Vec. Such files are pickles; nothing that they name is imported or run.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        FormatError
            The file is damaged, or holds something else.
        ValueError
            `mmap` or `allow_gensim` is not what it should be.
        OSError
            The file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/words.safetensors"
        >>> NativeFiles.from_arrays(["두 낱말"], np.eye(1)).save(path)
        >>> NativeFiles.load(path, mmap="r").index_to_key
        ['두 낱말']
        """
        if mmap not in (None, "r"):
            raise ValueError(f"mmap must be 'r' or None: the map is read-only; got {mmap!r}")
        if is_meant(fname, allow_gensim):
            with blame(fname, "the file holds no keyed vectors"):
                saved = read_vectors(fname)
                wv = cls.from_arrays(saved.keys, saved.vectors, saved.counts)
                wv.expandos.update(saved.attributes)
                return wv
        arrays = read_npz(fname) if _is_npz(fname) else read_arrays(fname)[0]
        with blame(fname, "the file holds no keyed vectors"):
            wv = cls._of_arrays(arrays)
            if _COUNTS in arrays:
                wv.expandos["count"] = _copy(_COUNTS, arrays[_COUNTS], len(wv))
            wv.expandos.update(attributes_of(arrays, len(wv)))
            if _LOCKF in arrays:
                wv.vectors_lockf = _copy(_LOCKF, arrays[_LOCKF], len(wv)).astype(np.float32)
        return wv

    @classmethod
    def _of_arrays(cls: type[Filed], arrays: dict[str, Array]) -> Filed:
        """Return the keyed vectors of these arrays, without attributes; or ValueError."""
        vectors = arrays["vectors"]
        if "key_ids" in arrays:
            return cls.from_arrays(unpack_keys(arrays), vectors)
        packed = packed_keys(arrays)
        row = packed.first_repeated()
        if row >= 0:
            raise ValueError(f"keys must be distinct, got {packed.unpack()[row]!r} twice")
        check_shape(len(packed), vectors)
        wv = cls.from_arrays([], vectors[:0])
        wv._vectors, wv._packed = vectors, packed
        del wv._index_to_key, wv._key_to_index
        return wv

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._vectors)

    if not TYPE_CHECKING:  # which would take it for every attribute there may be

        def __getattr__(self, name: str) -> Any:
            """Unpack the keys when they are first asked for, be it by several threads at once."""
            packed = self._packed
            if packed is not None and name in ("_index_to_key", "_key_to_index"):
                keys = packed.unpack()
                self._key_to_index = dict(zip(keys, range(len(keys)), strict=True))
                self._index_to_key = keys
                self._packed = None
            if name not in vars(self):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            return vars(self)[name]

    def __getstate__(self) -> Any:
        """Give what a copy or a pickle holds: keys that are unpacked."""
        self._index_to_key  # noqa: B018
        return super().__getstate__()


def attribute_arrays(attributes: Mapping[str, Array]) -> dict[str, Array]:
    """Return attributes of keys as arrays for a file; ValueError if it could not hold one."""
    return {
        _ATTRIBUTE + name: values
        for name, values in attributes.items()
        if values.dtype.kind in _NUMBERS
    } | {
        _OBJECTS + name: _as_json(name, values)
        for name, values in attributes.items()
        if values.dtype.kind not in _NUMBERS
    }


def attributes_of(arrays: Mapping[str, Array], count: int) -> dict[str, Array]:
    """Return copies of the attributes among the arrays of a file, `count` values each."""
    found = {}
    for name, values in arrays.items():
        if name.startswith(_OBJECTS):
            found[name.removeprefix(_OBJECTS)] = _copy(name, _from_json(name, values), count)
        elif name.startswith(_ATTRIBUTE):
            found[name.removeprefix(_ATTRIBUTE)] = _copy(name, values, count)
    return found


def _is_npz(path: StrPath) -> bool:
    """Tell by its first bytes whether a file is a zip archive."""
    with open(path, "rb") as file:
        return file.read(4) in (b"PK\3\4", b"PK\5\6")


def _copy(name: str, values: Array, count: int) -> Array:
    """Return a copy of an attribute that may be written to, or raise ValueError."""
    if values.shape != (count,):
        raise ValueError(f"{name} must have shape ({count},), got {values.shape}")
    return values.copy()


def _as_json(name: str, values: Array) -> Array:
    """Return objects as bytes of JSON, or raise ValueError."""
    text = json.dumps(values.tolist(), default=str)
    if json.loads(text) != values.tolist():
        raise ValueError(
            f"attribute {name!r} holds objects that only a pickle could hold; take it out of "
            "wv.expandos, or make its values strings"
        )
    return np.frombuffer(text.encode(), np.uint8)


def _from_json(name: str, data: Array) -> Array:
    """Return the objects that `_as_json` made bytes."""
    try:
        values = json.loads(data.tobytes())
    except RecursionError as error:
        raise ValueError(f"{name}: {error}") from None
    if not isinstance(values, list):
        raise ValueError(f"{name} holds no list")
    return np.fromiter(values, object, len(values))
