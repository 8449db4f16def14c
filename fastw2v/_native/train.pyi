import numpy as np
from numpy.typing import NDArray

GROUP_MAX: int
MERGE_TAU: float
WINDOW_MAX: int
NEGATIVE_MAX: int
PATH_MAX: int

def isa_names() -> tuple[str, ...]: ...
def group_limits(
    cbow: bool,
    hs: bool,
    cbow_mean: bool,
    mean_window: int,
    outputs: int,
    alpha: float,
    top_share: float,
) -> tuple[int, int]: ...
def merge_gain(threads: float, updates: float, tau: float) -> float: ...
def alias_table(weights: NDArray[np.float64]) -> NDArray[np.uint32]: ...
def draw(table: NDArray[np.uint32], n: int, seed: int) -> NDArray[np.int32]: ...
def matrix(rows: int, columns: int) -> NDArray[np.float32]: ...
def multiply_add(isa: str, rounds: int) -> int: ...
def train_group(
    isa: str,
    cbow: bool,
    inputs: NDArray[np.float32],
    outputs: NDArray[np.float32],
    context_rows: list[NDArray[np.int32]],
    target_rows: NDArray[np.int32],
    noise_rows: NDArray[np.int32],
    alpha: float,
    hidden_scale: float = 1.0,
    error_scale: float = 1.0,
) -> float: ...
def train_path(
    isa: str,
    cbow: bool,
    inputs: NDArray[np.float32],
    nodes: NDArray[np.float32],
    context_rows: NDArray[np.int32],
    node_rows: NDArray[np.int32],
    codes: NDArray[np.int32],
    alpha: float,
    hidden_scale: float = 1.0,
    error_scale: float = 1.0,
) -> float: ...

class Copies: ...

class Task:
    stop: NDArray[np.int32]
    counters: NDArray[np.int64]
    losses: NDArray[np.float64]
    def __init__(
        self,
        tokens: NDArray[np.int32],
        offsets: NDArray[np.int64],
        words: NDArray[np.uint32],
        noise: NDArray[np.uint32],
        path_starts: NDArray[np.int64],
        path_steps: NDArray[np.uint32],
        inputs: NDArray[np.float32],
        outputs: NDArray[np.float32],
        nodes: NDArray[np.float32],
        lock_factors: NDArray[np.float32],
        merges: list[NDArray[np.int64]],
        rates: list[NDArray[np.float64]],
        *,
        isa: str,
        threads: int,
        window: int,
        negative: int,
        hs: bool,
        n_streams: int,
        vectors_max: int,
        cbow: bool,
        cbow_mean: bool,
        cbow_divides: bool,
        shrink_windows: bool,
        top_share: float,
        alpha: float,
        min_alpha: float,
        total_words: int,
        seed: int,
    ) -> None: ...

class Worker:
    def __init__(
        self,
        task: Task,
        index: int,
        epoch: int,
        shard_words: int,
        matrices: tuple[NDArray[np.float32], ...] | None = None,
    ) -> None: ...
    def train(self, start: int, end: int, watched: bool) -> None: ...
    def finish(self) -> None: ...
