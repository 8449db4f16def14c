from typing import Any

import numpy as np
from numpy.typing import NDArray

def as_rows(ids: NDArray[np.integer[Any]], n_rows: int, out: NDArray[np.int32]) -> int: ...

class Gathering:
    def __init__(
        self,
        isa: str,
        table: NDArray[np.float32],
        rows: NDArray[np.int32],
        out: NDArray[np.float32],
        streams: bool,
    ) -> None: ...
    def gather(self) -> None: ...

class Pairs:
    ordered: NDArray[np.uint64]
    def __init__(self, rows: NDArray[np.int32], n_rows: int, n_parts: int) -> None: ...
    def sort(self) -> None: ...
    def release(self) -> None: ...

def first_pairs(
    pairs: NDArray[np.uint64], frozen: NDArray[np.uint8] | None = None
) -> NDArray[np.int32]: ...
def shorten_rows(
    table: NDArray[np.float32], pairs: NDArray[np.uint64], max_length: float
) -> None: ...

class Step:
    def __init__(
        self,
        isa: str,
        pairs: Pairs,
        gradients: NDArray[np.float32],
        frozen: NDArray[np.uint8] | None = None,
        by_frequency: bool = False,
        bags: NDArray[np.int32] | None = None,
        scales: NDArray[np.float32] | None = None,
        winners: NDArray[np.int32] | None = None,
    ) -> None: ...
    def move(
        self,
        table: NDArray[np.float32],
        states: list[NDArray[np.float32] | None],
        rule: dict[str, Any],
    ) -> None: ...
    def apply(self) -> None: ...
    def apply_all(self) -> None: ...
    def sum(
        self, firsts: NDArray[np.int32], rows: NDArray[np.int32], out: NDArray[np.float32]
    ) -> None: ...
