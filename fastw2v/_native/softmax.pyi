import numpy as np
from numpy.typing import NDArray

BATCH_MAX: int

def parts(n_words: int) -> int: ...
def train_batch(
    isa: str,
    dim: int,
    inputs: NDArray[np.float32],
    outputs: NDArray[np.float32],
    hidden_bias: NDArray[np.float32],
    output_bias: NDArray[np.float32],
    context_rows: list[NDArray[np.int32]],
    target_rows: list[NDArray[np.int32]],
    alpha: float,
    scale: float = 1.0,
    repeats: float = 1.0,
) -> float: ...

class SoftmaxTask:
    stop: NDArray[np.int32]
    counters: NDArray[np.int64]
    losses: NDArray[np.float64]
    def __init__(
        self,
        tokens: NDArray[np.int32],
        offsets: NDArray[np.int64],
        words: NDArray[np.uint32],
        dim: int,
        inputs: NDArray[np.float32],
        outputs: NDArray[np.float32],
        hidden_bias: NDArray[np.float32],
        output_bias: NDArray[np.float32],
        lock_factors: NDArray[np.float32],
        *,
        isa: str,
        threads: int,
        shard_words: int,
        batch_size: int,
        repeats: float,
        window: int,
        cbow: bool,
        cbow_mean: bool,
        shrink_windows: bool,
        compute_loss: bool,
        alpha: float,
        min_alpha: float,
        total_words: int,
        seed: int,
    ) -> None: ...

class SoftmaxWorker:
    def __init__(self, task: SoftmaxTask, index: int, epoch: int) -> None: ...
    def train(self, start: int, end: int) -> None: ...
