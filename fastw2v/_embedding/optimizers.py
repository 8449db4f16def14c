"""Optimizers of embedding tables, by the formulas of Keras or of PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastw2v._checks import check_flag, check_float
from fastw2v._embedding.optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent, with momentum if wished: m <- momentum m + g, w <- w - learning_rate m.

    Parameters
    ----------
    learning_rate : float, optional
        Default 0.01 as Keras has it, or PyTorch's 0.001.
    momentum : float, default 0
    nesterov : bool, default False
        Whether to step by momentum m + g in place of m.
    lazy : bool, default True
        Whether rows without a gradient stay as they are; see `Optimizer`. Without momentum they do
        in any case.
    formula : {"keras", "pytorch"}, default "keras"
        They differ where `learning_rate` changes: Keras multiplies by it before it goes into m.

    Examples
    --------
    >>> from fastw2v import Embedding
    >>> layer = Embedding(3, 1, weights=np.ones((3, 1)))
    >>> layer.step([2, 2], np.ones((2, 1)), SGD(0.25))
    >>> layer.embeddings.ravel()
    array([1. , 1. , 0.5], dtype=float32)
    """

    _rates = (0.01, 0.001)

    def __init__(
        self,
        learning_rate: float | None = None,
        momentum: float = 0.0,
        nesterov: bool = False,
        lazy: bool = True,
        formula: str = "keras",
    ) -> None:
        super().__init__(learning_rate, None, lazy, formula)
        self.momentum = check_float("momentum", momentum, 0, 1)
        self.nesterov = check_flag("nesterov", nesterov)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0; give one, such as momentum=0.9")

    def _has_memory(self) -> bool:
        return self.momentum > 0

    def _fills(self) -> tuple[float | None, float | None, float | None]:
        return 0.0 if self.momentum else None, None, None

    def _rule(self, iteration: int) -> dict[str, Any]:
        if not self.momentum:
            return {"kind": "sgd"}
        rule = {"kind": "momentum", "momentum": self.momentum, "nesterov": int(self.nesterov)}
        return rule | self._rates_of_momentum()


class Adagrad(Optimizer):
    """Adagrad [1]_: s <- s + g^2, w <- w - learning_rate g / sqrt(s).

    Rows without a gradient stay as they are: lazy and dense are the same.

    Parameters
    ----------
    learning_rate : float, optional
        Default 0.001 as Keras has it, or PyTorch's 0.01.
    initial_accumulator_value : float, optional
        What s begins with. Default 0.1 as Keras has it, or PyTorch's 0.
    epsilon : float, optional
        Keras divides by sqrt(s + epsilon), default 1e-7; PyTorch by sqrt(s) + epsilon, default
        1e-10.
    lazy : bool, default True
    formula : {"keras", "pytorch"}, default "keras"

    References
    ----------
    .. [1] J. Duchi, E. Hazan and Y. Singer, "Adaptive Subgradient Methods for Online Learning and
       Stochastic Optimization", JMLR 12, 2011

    Examples
    --------
    >>> from fastw2v import Embedding
    >>> layer = Embedding(2, 1, weights=np.ones((2, 1)))
    >>> layer.step([1], np.full((1, 1), 5.0), Adagrad(0.25, formula="pytorch"))
    >>> layer.embeddings.ravel()
    array([1.  , 0.75], dtype=float32)
    """

    _rates = (0.001, 0.01)
    _epsilons = (1e-7, 1e-10)

    def __init__(
        self,
        learning_rate: float | None = None,
        initial_accumulator_value: float | None = None,
        epsilon: float | None = None,
        lazy: bool = True,
        formula: str = "keras",
    ) -> None:
        super().__init__(learning_rate, epsilon, lazy, formula)
        start = initial_accumulator_value
        self.initial_accumulator_value = check_float(
            "initial_accumulator_value",
            (0.1 if self._is_keras else 0) if start is None else start,
            0,
        )

    def _has_memory(self) -> bool:
        return False

    def _fills(self) -> tuple[float | None, float | None, float | None]:
        return None, self.initial_accumulator_value, None

    def _rule(self, iteration: int) -> dict[str, Any]:
        return {"kind": "adagrad", **self._epsilon()}


class RMSprop(Optimizer):
    """RMSprop [1]_: s <- rho s + (1 - rho) g^2, w <- w - learning_rate g / sqrt(s).

    Parameters
    ----------
    learning_rate : float, optional
        Default 0.001 as Keras has it, or PyTorch's 0.01.
    rho : float, optional
        Default 0.9 as Keras has it, or PyTorch's 0.99, which calls it alpha.
    momentum : float, default 0
        With it w moves by m <- momentum m + (the step above).
    epsilon : float, optional
        Keras divides by sqrt(s + epsilon), default 1e-7; PyTorch by sqrt(s) + epsilon, default
        1e-8.
    centered : bool, default False
        Whether the square of a mean of gradients, which decays as s does, is taken from s.
    lazy : bool, default True
        Whether rows without a gradient, and their s, stay as they are; see `Optimizer`.
    formula : {"keras", "pytorch"}, default "keras"

    References
    ----------
    .. [1] T. Tieleman and G. Hinton, "Lecture 6.5 - RMSProp", 2012

    Examples
    --------
    >>> from fastw2v import Embedding
    >>> layer = Embedding(2, 1, weights=np.ones((2, 1)))
    >>> layer.step([1], np.full((1, 1), 8.0), RMSprop(0.25, rho=0.75))
    >>> layer.embeddings.ravel()
    array([1. , 0.5], dtype=float32)
    """

    _rates = (0.001, 0.01)

    def __init__(
        self,
        learning_rate: float | None = None,
        rho: float | None = None,
        momentum: float = 0.0,
        epsilon: float | None = None,
        centered: bool = False,
        lazy: bool = True,
        formula: str = "keras",
    ) -> None:
        super().__init__(learning_rate, epsilon, lazy, formula)
        default = 0.9 if self._is_keras else 0.99
        self.rho = check_float("rho", default if rho is None else rho, 0, 1)
        self.momentum = check_float("momentum", momentum, 0, 1)
        self.centered = check_flag("centered", centered)

    def _fills(self) -> tuple[float | None, float | None, float | None]:
        return 0.0 if self.momentum else None, 0.0, 0.0 if self.centered else None

    def _rule(self, iteration: int) -> dict[str, Any]:
        rule = {"kind": "rmsprop", "second": 1 - self.rho, "centered": int(self.centered)}
        rule |= {"momentum": self.momentum, **self._epsilon()}
        return rule | (self._rates_of_momentum() if self.momentum else {})


class Adam(Optimizer):
    """Adam [1]_: means m of gradients and s of their squares, w <- w - learning_rate m / sqrt(s).

    Both means are corrected for their start at 0, by the number of the layer's steps.

    Parameters
    ----------
    learning_rate : float, default 0.001
    beta_1, beta_2 : float, default 0.9 and 0.999
        The shares of the old in the means m and s.
    epsilon : float, optional
        Added to sqrt(s). Keras adds it before s is corrected, default 1e-7, and so does PyTorch's
        SparseAdam; PyTorch's Adam adds it behind. Its default is 1e-8.
    lazy : bool, default True
        Whether rows without a gradient, and their means, stay as they are; see `Optimizer`.
    formula : {"keras", "pytorch"}, default "keras"
        With "pytorch" and `lazy` this is ``torch.optim.SparseAdam``, else ``torch.optim.Adam``.

    References
    ----------
    .. [1] D. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", 2015,
       https://arxiv.org/abs/1412.6980

    Examples
    --------
    >>> from fastw2v import Embedding
    >>> layer = Embedding(2, 1, weights=np.ones((2, 1)))
    >>> layer.step([1], np.full((1, 1), 8.0), Adam(0.25))
    >>> layer.embeddings.ravel().round(3)
    array([1.  , 0.75], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: float | None = None,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = None,
        lazy: bool = True,
        formula: str = "keras",
    ) -> None:
        super().__init__(learning_rate, epsilon, lazy, formula)
        self.beta_1 = self._check_beta("beta_1", beta_1)
        self.beta_2 = self._check_beta("beta_2", beta_2)

    @staticmethod
    def _check_beta(name: str, value: float) -> float:
        beta = check_float(name, value, 0, 1)
        if np.float32(beta) == 1:  # as which Keras has it
            raise ValueError(f"{name} must be below 1 in float32, got {value!r}")
        return beta

    def _fills(self) -> tuple[float | None, float | None, float | None]:
        return 0.0, 0.0, None

    def _rule(self, iteration: int) -> dict[str, Any]:
        first, second = self.beta_1, self.beta_2
        if self._is_keras:  # has the powers in float32, which changes the fifth digit of 1 - 0.999
            powers = np.array([first, second], np.float32) ** np.float32(iteration)
            first, second = powers.tolist()
        else:
            first, second = first**iteration, second**iteration
        rate, root = self.learning_rate / (1 - first), math.sqrt(1 - second)
        is_behind = not self._is_keras and not self.lazy
        return {
            "kind": "adam",
            "first": 1 - self.beta_1,
            "second": 1 - self.beta_2,
            "outer": self.epsilon,
            "rate": rate if is_behind else rate * root,
            "root_scale": 1 / root if is_behind else 1.0,
        }
