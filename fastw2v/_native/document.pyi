import numpy as np
from numpy.typing import NDArray

def write_means(
    vectors: NDArray[np.float32],
    weights: NDArray[np.float32],
    rows: NDArray[np.int32],
    document_ends: NDArray[np.int64],
    by_weight: bool,
    out: NDArray[np.float32],
) -> None: ...
def count_documents(
    rows: NDArray[np.int32],
    document_ends: NDArray[np.int64],
    first: int,
    last_seen: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None: ...
