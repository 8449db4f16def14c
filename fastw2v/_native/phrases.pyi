import numpy as np
from numpy.typing import NDArray

CONNECTOR: int
BEGINS: int
ENDS: int

class PairTable:
    def __len__(self) -> int: ...
    def enter_chain(self, words: NDArray[np.int32]) -> int: ...
    def add(
        self,
        first: NDArray[np.int32],
        last: NDArray[np.int32],
        chain: NDArray[np.int32],
        counts: NDArray[np.int64],
    ) -> None: ...
    def arrays(
        self,
    ) -> tuple[
        NDArray[np.int32],
        NDArray[np.int32],
        NDArray[np.int32],
        NDArray[np.int64],
        NDArray[np.int64],
    ]: ...

class PairCounter:
    pairs: PairTable
    chains: PairTable
    low: int
    high: int
    def __init__(self, flags: NDArray[np.uint8], low: int, high: int, max_pairs: int) -> None: ...
    def count(
        self, tokens: NDArray[np.int32], offsets: NDArray[np.int64], begin: int, end: int
    ) -> None: ...

def merge_pairs(
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    begin: int,
    end: int,
    flags: NDArray[np.uint8],
    phrases: PairTable,
    chains: PairTable,
    merged: NDArray[np.int32],
    ends: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> int: ...
