import numpy as np
from numpy.typing import NDArray

def write_means(
    isa: str,
    vectors: NDArray[np.float32],
    weights: NDArray[np.float32],
    by_weight: bool,
    rows: NDArray[np.int32],
    document_ends: NDArray[np.int64],
    out: NDArray[np.float32],
) -> int: ...
def count_documents(
    rows: NDArray[np.int32],
    document_ends: NDArray[np.int64],
    first: int,
    last_seen: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None: ...
