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


class SavedModel(NamedTuple):
    """What a file holds; the matrices are memory maps."""

    settings: dict[str, Any]
    vocabulary: Vocabulary
    vectors: NDArray[np.float32]
    context_vectors: NDArray[np.float32]
    lock_factors: NDArray[np.float32] | None
    run: dict[str, Any] | None  # of a checkpoint: how far its training has come


def write(
    path: StrPath,
    settings: Mapping[str, Any],
    vocabulary: Vocabulary,
    vectors: NDArray[np.float32],
    context_vectors: NDArray[np.float32],
    lock_factors: NDArray[np.float32] | None = None,
    run: Mapping[str, Any] | None = None,
    tick: Callable[[], object] = lambda: None,
) -> None:
    """Write a model; `settings` and `run` must be fit for JSON, `tick` is that of `write_arrays`.

    ValueError for what `read` would refuse.
    """
    matrices = {"vectors": vectors, "context_vectors": context_vectors}
    _vocabulary(vocabulary.index_to_key, vocabulary.counts, matrices, settings["vector_size"])
    arrays: dict[str, NDArray[Any]] = {
        **matrices,
        "counts": vocabulary.counts,
        **safetensors.pack_keys(vocabulary.index_to_key),
    }
    if lock_factors is not None:
        arrays["lock_factors"] = lock_factors
    metadata = {"format": _FORMAT, "settings": json.dumps(dict(settings))}
    if run is not None:
        metadata["run"] = json.dumps(dict(run))
    safetensors.write_arrays(path, arrays, metadata, tick)


def read(path: StrPath) -> SavedModel:
    """Read what `write` wrote; FormatError for anything else."""
    arrays, metadata = safetensors.read_arrays(path)
    if metadata.get("format") != _FORMAT:
        raise FormatError(path, "not a model; vectors alone are read by KeyedVectors.load")
    with blame(path, DAMAGED):
        settings = json.loads(metadata["settings"])
        keys = safetensors.unpack_keys(arrays)
        matrices = {name: arrays[name] for name in ("vectors", "context_vectors")}
        vocabulary = _vocabulary(keys, arrays["counts"], matrices, settings["vector_size"])
        factors = arrays.get("lock_factors")
        if factors is not None and factors.shape != (len(keys),):
            raise ValueError(f"lock_factors must have shape ({len(keys)},), got {factors.shape}")
        # A copy, for it is to be changed; the matrices are copied anyway.
        factors = None if factors is None else np.array(factors, np.float32)
        run = json.loads(metadata["run"]) if "run" in metadata else None
        return SavedModel(settings, vocabulary, **matrices, lock_factors=factors, run=run)


def _vocabulary(
    keys: list[Any],
    counts: NDArray[np.int64],
    matrices: Mapping[str, NDArray[np.float32]],
    vector_size: int,
) -> Vocabulary:
    """Return the vocabulary of a model whose parts these are; ValueError if they do not fit."""
    vocabulary = Vocabulary(keys, counts)
    if vocabulary.index_to_key != keys:
        raise ValueError(
            "the words must stand by count descending, then by themselves, as build_vocab sorts "
            "them; have their counts been changed by hand?"
        )
    for name, matrix in matrices.items():
        if matrix.shape != (len(keys), vector_size):
            raise ValueError(
                f"{name} must have shape ({len(keys)}, vector_size={vector_size}), got "
                f"{matrix.shape}; has the vector_size or vocabulary been changed by hand?"
            )
        check_finite(keys, matrix)
    return vocabulary
