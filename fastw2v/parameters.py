"""What decides how a training goes, checked."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from fastw2v._checks import check_flag, check_float, check_int
from fastw2v._native.train import NEGATIVE_MAX, WINDOW_MAX
from fastw2v.cpu import WORKERS_MAX

# A count of words in 64 bits is to hold those of all epochs.
EPOCHS_MAX = 1_000_000

CBOW_GRADIENTS = ("word2vec", "exact")

# word2vec.c's learning rates. That of the exact gradient is the best of a scan (benchmarks/
# quality.py): a word then learns a share of its window's error, not all of it.
_ALPHA_SKIPGRAM, _ALPHA_CBOW, _ALPHA_CBOW_EXACT = 0.025, 0.05, 0.15

# Word2Vec's: what a user has not chosen conflicts with nothing.
NEGATIVE_DEFAULT = 5

OBJECTIVES = (None, "softmax")


@dataclass(frozen=True)
class Parameters:
    """What decides how a run goes; names as in Word2Vec, values checked."""

    window: int
    negative: int
    hs: int
    sample: float
    ns_exponent: float
    sg: int
    cbow_mean: int
    cbow_gradient: str
    shrink_windows: bool
    alpha: float
    min_alpha: float
    epochs: int
    seed: int
    workers: int
    compute_loss: bool
    objective: str | None = None
    deterministic: bool = False

    @property
    def mean_window(self) -> int:
        """Words around a centre word, on average, where its sentence goes on."""
        return self.window + 1 if self.shrink_windows else 2 * self.window

    def __post_init__(self) -> None:
        checked = {
            "window": check_int("window", self.window, 1, WINDOW_MAX),
            "negative": check_int("negative", self.negative, 0, NEGATIVE_MAX),
            "hs": int(check_flag("hs", self.hs)),
            "sample": check_float("sample", self.sample, 0.0, 1.0),
            "ns_exponent": check_float("ns_exponent", self.ns_exponent, -100, 100),
            "sg": int(check_flag("sg", self.sg)),
            "cbow_mean": int(check_flag("cbow_mean", self.cbow_mean)),
            "shrink_windows": check_flag("shrink_windows", self.shrink_windows),
            "alpha": check_float("alpha", self.alpha, 0.0, exclusive=True),
            "min_alpha": check_float("min_alpha", self.min_alpha, 0.0),
            "epochs": check_int("epochs", self.epochs, 1, EPOCHS_MAX),
            "seed": check_int("seed", self.seed, 0, 2**64 - 1),
            "workers": check_int("workers", self.workers, 1, WORKERS_MAX),
            "compute_loss": check_flag("compute_loss", self.compute_loss),
            "deterministic": check_flag("deterministic", self.deterministic),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.objective not in OBJECTIVES:
            raise ValueError(
                "objective must be None, for negative sampling or hierarchical softmax, or "
                f"'softmax', got {self.objective!r}"
            )
        if self.objective == "softmax" and (self.hs or self.negative not in (0, NEGATIVE_DEFAULT)):
            raise ValueError(
                "objective='softmax' is against all words, with neither noise words nor a tree: "
                f"leave negative and hs out, or pass 0, got negative={self.negative}, hs={self.hs}"
            )
        if self.objective is None and not self.hs and not self.negative:
            raise ValueError(
                "nothing would be learned: negative must be at least 1, or hs (hierarchical "
                "softmax) 1, or objective 'softmax'"
            )
        if self.cbow_gradient not in CBOW_GRADIENTS:
            raise ValueError(
                f"cbow_gradient must be one of {', '.join(map(repr, CBOW_GRADIENTS))}, "
                f"got {self.cbow_gradient!r}"
            )
        if self.min_alpha > self.alpha:
            raise ValueError(
                f"min_alpha (end_alpha in train) must be at most alpha={self.alpha}, "
                f"got {self.min_alpha}"
            )

    def warn_of_both(self, stacklevel: int) -> None:
        """Warn of hierarchical softmax beside noise words, which is seldom what is meant."""
        if self.hs and self.negative:
            warnings.warn(
                f"hs=1 and negative={self.negative}: both are trained, which takes the time of "
                "both; pass negative=0 for hierarchical softmax alone, or hs=0",
                UserWarning,
                stacklevel=stacklevel,
            )


def default_alpha(sg: object, cbow_gradient: object) -> float:
    """Return the learning rate at the start for those who name none."""
    if check_flag("sg", sg):
        return _ALPHA_SKIPGRAM
    return _ALPHA_CBOW_EXACT if cbow_gradient == "exact" else _ALPHA_CBOW
