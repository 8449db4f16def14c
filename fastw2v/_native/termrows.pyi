from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.terms import Terms
from fastw2v._native.text import WordTable

def sort_words(words: WordTable, wanted: NDArray[np.uint8]) -> NDArray[np.int32]: ...
def first_surrogate(words: WordTable, first: int) -> tuple[int, bytes]: ...
def pack_terms(
    terms: Terms, wanted: NDArray[np.int32]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]: ...
def count_columns(
    entries: NDArray[np.uint32],
    lengths: NDArray[np.int32],
    columns: NDArray[np.int32],
    found: NDArray[np.int64],
) -> None: ...
def add_counts(
    entries: NDArray[np.uint32],
    lengths: NDArray[np.int32],
    binary: bool,
    totals: NDArray[np.int64],
) -> None: ...
def write_rows(
    entries: NDArray[np.uint32],
    lengths: NDArray[np.int32],
    columns: NDArray[np.int32],
    idf: NDArray[np.float64] | None,
    binary: bool,
    sublinear: bool,
    norm: str | None,
    indices: NDArray[np.int32],
    data: NDArray[Any],
) -> None: ...
