import numpy as np
from numpy.typing import NDArray

class Bags:
    def __init__(
        self,
        isa: str,
        table: NDArray[np.float32],
        rows: NDArray[np.int32],
        ends: NDArray[np.int64],
        reduction: str,
        out: NDArray[np.float32],
        weights: NDArray[np.float32] | None = None,
        padding: int = -1,
        winners: NDArray[np.int32] | None = None,
    ) -> None: ...
    def reduce(self) -> None: ...
