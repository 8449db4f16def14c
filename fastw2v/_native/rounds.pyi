import numpy as np
from numpy.typing import NDArray

class Rounds:
    def __init__(
        self,
        matrices: list[
            tuple[
                NDArray[np.float32],
                list[NDArray[np.float32]],
                NDArray[np.float64],
                NDArray[np.int64],
            ]
        ],
        stop: NDArray[np.int32],
        threads: int,
    ) -> None: ...
    def end_round(self, index: int, number: int, all_rows: bool, tau: float) -> bool: ...
    def merge_rest(self, index: int, tau: float) -> None: ...
