from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fastw2v._native.terms import Characters, Documents, Terms
from fastw2v._native.text import WordTable

class TermCounter:
    terms: Terms
    def __init__(
        self,
        min_n: int,
        max_n: int,
        words: WordTable,
        n_left_out: int,
    ) -> None: ...
    def stop(self) -> None: ...
    def count(
        self,
        documents: Documents,
        characters: Characters,
        lowered: Callable[[], Characters] | None,
        surrogate: Callable[[int, str], object],
    ) -> tuple[NDArray[np.uint32], NDArray[np.int32]]: ...
    def count_ids(
        self, ids: NDArray[np.int32], ends: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint32], NDArray[np.int32]]: ...
    def document_frequencies(self) -> NDArray[np.int64]: ...
