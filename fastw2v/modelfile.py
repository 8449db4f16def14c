"""Models in files: both matrices, the vocabulary and the settings, in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastw2v import safetensors
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


def write(
    path: StrPath,
    settings: Mapping[str, Any],
    vocabulary: Vocabulary,
    vectors: NDArray[np.float32],
    context_vectors: NDArray[np.float32],
) -> None:
    """Write a model; `settings` must be fit for JSON."""
    arrays: dict[str, NDArray[Any]] = {
        "vectors": vectors,
        "context_vectors": context_vectors,
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
        return SavedModel(
            json.loads(metadata["settings"]),
            Vocabulary(safetensors.unpack_keys(arrays), arrays["counts"]),
            arrays["vectors"],
            arrays["context_vectors"],
        )
