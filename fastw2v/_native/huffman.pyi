import numpy as np
from numpy.typing import NDArray

def paths(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]: ...
def sums_beneath(
    starts: NDArray[np.int64], steps: NDArray[np.uint32], values: NDArray[np.float64]
) -> NDArray[np.float64]: ...
