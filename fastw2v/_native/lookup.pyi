import numpy as np
from numpy.typing import NDArray

from fastw2v._native.text import WordTable

def find_text(
    table: WordTable,
    text: bytes | bytearray,
    end: int,
    ids: NDArray[np.int32],
    line_ends: NDArray[np.int64],
) -> tuple[int, int | None]: ...
def find_words(
    table: WordTable, words: NDArray[np.uint8], ends: NDArray[np.int64]
) -> NDArray[np.int32]: ...
def pack_tokens(
    documents: list[list[object]],
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]] | None: ...
def known_rows(
    ids: NDArray[np.int32], document_ends: NDArray[np.int64], rows: NDArray[np.int32]
) -> int: ...
