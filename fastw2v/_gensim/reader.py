"""What gensim's `save` wrote: models and vectors of gensim 0.12 to 4, without gensim.

gensim writes a pickle, and large arrays in files beside it. `fastw2v._gensim.pickles` reads the
pickle without running anything of it.
"""

from __future__ import annotations

import mmap
import os
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from fastw2v._checks import FLOATS, check_flag
from fastw2v._gensim.pickled_values import Record, resolved
from fastw2v._gensim.pickles import load
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError, blame
from fastw2v.npz import read_npz
from fastw2v.sources import read_bytes

_DAMAGED = "a damaged file of gensim"
_MODEL = "Word2Vec"
_WORKING = {"count", "sample_int", "code", "point"}  # attributes that gensim itself works with
_PLAIN = (str, int, float, type(None))  # what an attribute of a key may be; bool is an int
_ZIP = b"PK"  # of .npz
_PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
_VECTORS = {
    *("KeyedVectors", "Word2VecKeyedVectors", "EuclideanKeyedVectors"),
    *("WordEmbeddingsKeyedVectors", "BaseKeyedVectors"),
}
# What pickles of gensim name besides gensim's own classes, and never use.
_NAMED = {
    *("numpy.ndarray", "numpy.random._mt19937.MT19937", "numpy.random._pcg64.PCG64"),
    *(f"{module}.{name}" for module in ("builtins", "__builtin__") for name in ("hash", "int")),
    "__builtin__.long",
}
# The parameters of a model: our name, then gensim's names for it through the years.
_SETTINGS = {
    "vector_size": ("vector_size", "layer1_size"),
    "epochs": ("epochs", "iter"),
    **{
        name: (name,)
        for name in (
            *("alpha", "min_alpha", "window", "min_count", "max_final_vocab", "sample", "seed"),
            *("workers", "sg", "hs", "negative", "ns_exponent", "cbow_mean", "shrink_windows"),
        )
    },
}
_RESULTS = ("corpus_count", "corpus_total_words", "total_train_time", "train_count")


class GensimVectors(NamedTuple):
    """Keys, in the order of their rows, and what belongs to each."""

    keys: list[Any]
    vectors: Array
    counts: Array | None
    attributes: dict[str, Array]  # besides the counts


class GensimModel(NamedTuple):
    """A Word2Vec model; settings and results that gensim's version did not have are left out."""

    wv: GensimVectors
    context_vectors: Array | None
    lock_factors: Array | None
    settings: dict[str, Any]
    results: dict[str, Any]


def is_meant(path: StrPath, allow_gensim: bool) -> bool:
    """Tell whether to read a file with this module, rather than as one of ours.

    Parameters
    ----------
    path : str or os.PathLike
    allow_gensim : bool
        Whether the user allows it.

    Returns
    -------
    bool

    Raises
    ------
    FormatError
        The file is a pickle, and the user has not allowed it.
    OSError
        The file cannot be opened.
    """
    is_allowed = check_flag("allow_gensim", allow_gensim)
    with open(path, "rb") as file:
        head = file.read(9)
    # The header of safetensors begins here; its length, before that, may look like a pickle.
    if head[8:] == b"{" or head.startswith(_ZIP):
        return False
    if is_allowed:
        return True
    if head[:2] in _PICKLES:
        raise FormatError(
            path,
            "a pickle, as gensim's save writes; pass allow_gensim=True to read it (nothing in it "
            "is run)",
        )
    return False


def read_vectors(path: StrPath) -> GensimVectors:
    """Read the vectors of a model or of a KeyedVectors; those in a file beside it are a memory map.

    Parameters
    ----------
    path : str or os.PathLike
        What gensim's `save` wrote, plain or compressed.

    Returns
    -------
    GensimVectors

    Raises
    ------
    FormatError
        The file is damaged, holds something else, or asks for what such files do not need.
    OSError
        The file, or one that belongs to it, cannot be opened.

    Warns
    -----
    UserWarning
        An attribute of the keys holds something else than numbers and strings, and is left out.
    """
    with blame(path, _DAMAGED):
        root = _root(path)
        if _class_of(root) == _MODEL:
            return _vectors(path, root, root.get("wv"))
        if _class_of(root) in _VECTORS:
            return _vectors(path, root, root)
        raise FormatError(path, f"holds {root.name}, neither gensim's Word2Vec nor KeyedVectors")


def read_model(path: StrPath) -> GensimModel:
    """Read a Word2Vec model; parameters, result and errors are as in `read_vectors`."""
    with blame(path, _DAMAGED):
        root = _root(path)
        if _class_of(root) in _VECTORS:
            raise FormatError(path, "holds vectors and no model; KeyedVectors.load reads them")
        if _class_of(root) != _MODEL:
            raise FormatError(path, f"holds {root.name}, not gensim's Word2Vec")
        trained = root.get("trainables")
        # gensim 3.3 to 3.8 kept some in these two.
        parts = [one for one in (root, root.get("vocabulary"), trained) if isinstance(one, Record)]
        found = {
            name: [value for one in parts if (value := one.get(*names)) is not None]
            for name, names in _SETTINGS.items()
        }
        settings = {name: values[0] for name, values in found.items() if values}
        results = {name: value for name in _RESULTS if (value := root.get(name)) is not None}
        wv = _vectors(path, root, root.get("wv"))
        name = os.fspath(path)
        holder, place = (
            (trained, f"{name}.trainables") if isinstance(trained, Record) else (root, name)
        )
        outputs = _array(path, place, holder, "syn1neg")
        factors = None
        if isinstance(vectors := root.get("wv"), Record):
            factors = _array(path, f"{name}.wv", vectors, "vectors_lockf")
        return GensimModel(wv, outputs, factors, settings, results)


def _root(path: StrPath) -> Record:
    """Return the object that a pickle holds."""
    root = load(path, _content(path), lambda name: name.startswith("gensim.") or name in _NAMED)
    if not isinstance(root, Record):
        raise FormatError(path, f"holds a {type(root).__name__}, not gensim's vectors")
    return root


def _content(path: StrPath) -> bytes | mmap.mmap:
    """Return the bytes of a file, as a memory map if it is not compressed."""
    with open(path, "rb") as file:
        if file.read(2) in _PICKLES:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return read_bytes(os.fspath(path))


def _class_of(record: Record) -> str:
    return record.name.rpartition(".")[2]


def _vectors(path: StrPath, root: Record, wv: object) -> GensimVectors:
    """Return the vectors of a model, or of a KeyedVectors, where `wv` is the root."""
    name = os.fspath(path)
    if not isinstance(wv, Record):  # until gensim 0.13.3, the model itself held them
        wv = root
    elif wv is not root:
        name += ".wv"
    vectors = _array(path, name, wv, "vectors", "syn0")
    keys = wv.get("index_to_key", "index2word", "index2entity")
    if vectors is None or not isinstance(keys, list):
        raise FormatError(path, f"{_DAMAGED}: {wv.name} has no vectors or no words")
    if vectors.ndim != 2 or len(vectors) != len(keys):
        raise FormatError(
            path, f"{_DAMAGED}: {len(keys):,} words, but vectors of shape {vectors.shape}"
        )
    return GensimVectors(keys, vectors, _counts(path, wv, keys), _attributes(path, wv, len(keys)))


def _counts(path: StrPath, wv: Record, keys: Sequence[Any]) -> Array | None:
    """Return how often each key occurred, if that is known."""
    attributes, old = wv.get("expandos"), wv.get("vocab")
    if isinstance(attributes, dict) and "count" in attributes:
        counts = resolved(attributes["count"])
    elif isinstance(old, dict) and all(isinstance(old.get(key), Record) for key in keys):
        counts = [old[key].get("count") for key in keys]
    else:
        return None
    with blame(path, f"{_DAMAGED}: the counts of its words"):
        numbers = np.asarray(counts)
        if numbers.shape != (len(keys),) or numbers.dtype.kind not in "iu":
            raise ValueError(f"{numbers.dtype} of shape {numbers.shape}")
        return numbers.astype(np.int64)


def _attributes(path: StrPath, wv: Record, n_keys: int) -> dict[str, Array]:
    """Return the attributes of keys that are plain values; warn of others."""
    attributes = wv.get("expandos")
    found: dict[str, Array] = {}
    for name, value in attributes.items() if isinstance(attributes, dict) else ():
        if name in _WORKING:
            continue
        values = resolved(value)
        if isinstance(values, list) and all(isinstance(one, _PLAIN) for one in values):
            values = np.fromiter(values, object, len(values))
        if isinstance(values, np.ndarray) and values.shape == (n_keys,):
            found[str(name)] = values
        else:
            warnings.warn(
                f"{os.fspath(path)}: the attribute {name!r} is left out: it is not one plain value "
                "for each key",
                stacklevel=5,
            )
    return found


def _array(path: StrPath, name: str, record: Record, *attributes: str) -> Array | None:
    """Return the first of these attributes that there is, from the pickle or a file beside it."""
    apart = record.get("__numpys")
    for attribute in attributes:
        value = record.get(attribute)
        if isinstance(apart, list) and attribute in apart:
            value = _beside(path, f"{name}.{attribute}")
        if value is not None:
            if not isinstance(value, np.ndarray) or value.dtype.name not in FLOATS:
                raise FormatError(path, f"{_DAMAGED}: {attribute} is no array of floats")
            return value
    return None


def _beside(path: StrPath, name: str) -> Array:
    """Open an array that gensim wrote to a file of its own."""
    zipped = os.fspath(path).endswith((".gz", ".bz2"))
    file = name + (".npz" if zipped else ".npy")
    with blame(file, f"{_DAMAGED} {os.fspath(path)}"):
        try:
            array = read_npz(file)["val"] if zipped else np.lib.format.open_memmap(file, "r")
        except FileNotFoundError as error:
            hint = f"no such file; it belongs to {os.fspath(path)}"
            raise FileNotFoundError(error.errno, hint, file) from None
        except (EOFError, OverflowError) as error:
            raise ValueError(str(error)) from None
        return array.astype(array.dtype.newbyteorder("="), copy=False)
