from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

TEXT_PADDING: int

class WordTable:
    def __len__(self) -> int: ...
    def scan(
        self,
        text: bytes | bytearray,
        start: int,
        end: int,
        tokens: NDArray[np.int32],
        line_ends: NDArray[np.int64],
    ) -> tuple[int, int, int | None, int]: ...
    def absorb(self, other: WordTable) -> NDArray[np.int32]: ...
    def enter(
        self,
        key_bytes: NDArray[np.uint8],
        key_ends: NDArray[np.int64],
        counts: NDArray[np.int64],
    ) -> NDArray[np.int32]: ...
    def sorted_words(
        self,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.uint8], NDArray[np.int64]]: ...

class TokenIds:
    words: WordTable
    ids: dict[int, int]
    def __init__(
        self, words: WordTable | None = None, ids: dict[int, int] | None = None
    ) -> None: ...
    def __len__(self) -> int: ...
    def add(self, sentence: Iterable[object], check: Callable[[object], str | int]) -> None: ...
    def take(self) -> NDArray[np.int32]: ...

def translate(tokens: NDArray[np.int32], ids: NDArray[np.int32]) -> None: ...
