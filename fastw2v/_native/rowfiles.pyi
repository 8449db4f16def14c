from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = bytes | bytearray | memoryview | NDArray[np.uint8]

NUMBER_MAX: int

def read_text_rows(
    text: Bytes, values: NDArray[Any], words: NDArray[np.int64] | None, separator: int
) -> tuple[int, int, int]: ...
def read_binary_rows(
    text: Bytes, values: NDArray[np.float32], words: NDArray[np.int64]
) -> tuple[int, int, int]: ...
def write_text_rows(
    key_bytes: Bytes | None,
    key_ends: NDArray[np.int64] | None,
    values: NDArray[Any],
    separator: int,
) -> NDArray[np.uint8]: ...
def write_binary_rows(
    key_bytes: Bytes, key_ends: NDArray[np.int64], values: NDArray[np.float32]
) -> NDArray[np.uint8]: ...
def decode_words(
    text: Bytes, words: NDArray[np.int64], encoding: str, errors: str
) -> list[str]: ...
def first_repeated(key_bytes: Bytes, key_ends: NDArray[np.int64]) -> int: ...
