"""Models in files: both matrices, the vocabulary and the settings, in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
_NODES = "node_vectors"


class SavedModel(NamedTuple):
    """What a file holds; the matrices are memory maps."""

    settings: dict[str, Any]
    vocabulary: Vocabulary
    vectors: NDArray[np.float32]
    context_vectors: NDArray[np.float32]
    nodes: NDArray[np.float32] | None  # of the Huffman tree, once hs=1 has trained


def write(
    path: StrPath,
    settings: Mapping[str, Any],
    vocabulary: Vocabulary,
    vectors: NDArray[np.float32],
    context_vectors: NDArray[np.float32],
    nodes: NDArray[np.float32] | None = None,
) -> None:
    """Write a model; `settings` must be fit for JSON. ValueError for what `read` would refuse."""
    matrices = {"vectors": vectors, "context_vectors": context_vectors}
    if nodes is not None:
        matrices[_NODES] = nodes
    _vocabulary(vocabulary.index_to_key, vocabulary.counts, matrices, settings["vector_size"])
    arrays: dict[str, NDArray[Any]] = {
        **matrices,
        "counts": vocabulary.counts,
        **safetensors.pack_keys(vocabulary.index_to_key),
    }
    metadata = {"format": _FORMAT, "settings": json.dumps(dict(settings))}
    safetensors.write_arrays(path, arrays, metadata)


def read(path: StrPath) -> SavedModel:
    """Read what `write` wrote; FormatError for anything else."""
    arrays, metadata = safetensors.read_arrays(path)
    if metadata.get("format") != _FORMAT:
        raise FormatError(path, "not a model; vectors alone are read by KeyedVectors.load")
    with blame(path, DAMAGED):
        settings = json.loads(metadata["settings"])
        keys = safetensors.unpack_keys(arrays)
        matrices = {name: arrays[name] for name in ("vectors", "context_vectors")}
        if _NODES in arrays:
            matrices[_NODES] = arrays[_NODES]
        vocabulary = _vocabulary(keys, arrays["counts"], matrices, settings["vector_size"])
        return SavedModel(
            settings,
            vocabulary,
            matrices["vectors"],
            matrices["context_vectors"],
            matrices.get(_NODES),
        )


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
        # A tree has one inner node less than it has leaves.
        n_rows = len(keys) - (name == _NODES)
        if matrix.shape != (n_rows, vector_size):
            raise ValueError(
                f"{name} must have shape ({n_rows}, vector_size={vector_size}), got "
                f"{matrix.shape}; has the vector_size or vocabulary been changed by hand?"
            )
        check_finite(keys, matrix)
    return vocabulary
