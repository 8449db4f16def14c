"""Models in files: both matrices, the vocabulary and the settings, in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v import safetensors
from fastw2v._keys import check_finite
from fastw2v._typing import StrPath
from fastw2v.errors import FormatError, blame
from fastw2v.vocabulary import Vocabulary

DAMAGED = "a damaged model"
_FORMAT = "fastw2v-word2vec-1"
_REQUIRED = ("vectors", "context_vectors")


class SavedModel(NamedTuple):
    """What a file holds; the arrays are memory maps."""

    settings: dict[str, Any]
    vocabulary: Vocabulary
    arrays: dict[str, NDArray[np.float32]]
    run: dict[str, Any] | None  # of a checkpoint: how far its training has come


def write(
    path: StrPath,
    settings: Mapping[str, Any],
    vocabulary: Vocabulary,
    arrays: Mapping[str, NDArray[np.float32]],
    run: Mapping[str, Any] | None = None,
    tick: Callable[[], object] = lambda: None,
) -> None:
    """Write a model, or a checkpoint of a run. ValueError for what `read` would refuse.

    `settings` and `run` must be fit for JSON. `arrays` are what `shapes` knows, among them
    "vectors" and "context_vectors", and attributes of the words. `tick` is called now and then, by
    `safetensors.write_arrays`.
    """
    _vocabulary(vocabulary.index_to_key, vocabulary.counts, arrays, settings["vector_size"])
    packed: dict[str, NDArray[Any]] = {
        **arrays,
        "counts": vocabulary.counts,
        **safetensors.pack_keys(vocabulary.index_to_key),
    }
    metadata = {"format": _FORMAT, "settings": json.dumps(dict(settings))}
    if run is not None:
        metadata["run"] = json.dumps(dict(run))
    safetensors.write_arrays(path, packed, metadata, tick)


def read(path: StrPath) -> SavedModel:
    """Read what `write` wrote; FormatError for anything else."""
    packed, metadata = safetensors.read_arrays(path)
    if metadata.get("format") != _FORMAT:
        raise FormatError(path, "not a model; vectors alone are read by KeyedVectors.load")
    with blame(path, DAMAGED):
        settings = json.loads(metadata["settings"])
        keys = safetensors.unpack_keys(packed)
        arrays = {name: packed.pop(name) for name in _REQUIRED}
        counts = packed.pop("counts")
        arrays |= {name: array for name, array in packed.items() if not name.startswith("key_")}
        vocabulary = _vocabulary(keys, counts, arrays, settings["vector_size"])
        run = json.loads(metadata["run"]) if "run" in metadata else None
        return SavedModel(settings, vocabulary, arrays, run)


def shapes(n_words: int, vector_size: int) -> dict[str, tuple[int, ...]]:
    """Return the arrays that a model may hold, beside its words and counts, and their shapes."""
    return {
        "vectors": (n_words, vector_size),
        "context_vectors": (n_words, vector_size),
        "lock_factors": (n_words,),
        "node_vectors": (n_words - 1, vector_size),  # a tree has an inner node less than leaves
        "hidden_bias": (vector_size,),
        "output_bias": (n_words,),
    }


def _vocabulary(
    keys: list[Any],
    counts: NDArray[np.int64],
    arrays: Mapping[str, NDArray[np.float32]],
    vector_size: int,
) -> Vocabulary:
    """Return the vocabulary of a model whose parts these are; ValueError if they do not fit."""
    vocabulary = Vocabulary(keys, counts)
    if vocabulary.index_to_key != keys:
        raise ValueError(
            "the words must stand by count descending, then by themselves, as build_vocab sorts "
            "them; have their counts been changed by hand?"
        )
    for name, shape in shapes(len(keys), vector_size).items():
        if name not in arrays:
            continue
        array = arrays[name]
        if array.shape != shape:
            raise ValueError(
                f"{name} must have shape {shape}, for {len(keys)} words and "
                f"vector_size={vector_size}, got {array.shape}; has the vector_size or vocabulary "
                "been changed by hand?"
            )
        if len(array) == len(keys):
            check_finite(keys, array.reshape(len(keys), -1))
        elif not np.isfinite(array).all():
            raise ValueError(f"{name} holds NaN or infinity")
    return vocabulary
