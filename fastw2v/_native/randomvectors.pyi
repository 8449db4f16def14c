import numpy as np
from numpy.typing import NDArray

UNIFORM: int
NORMAL: int
TERNARY: int

def write_random_vectors(
    words: NDArray[np.uint8],
    ends: NDArray[np.int64],
    first: int,
    last: int,
    seed: int,
    distribution: int,
    scale: float,
    n_ones: int,
    out: NDArray[np.float32],
) -> None: ...
