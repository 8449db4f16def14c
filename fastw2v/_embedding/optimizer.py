"""What the optimizers of embedding tables have in common."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple, NoReturn
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from fastw2v._checks import check_flag, check_float, check_int
from fastw2v._embedding.rows import new_table
from fastw2v._typing import Array

FORMULAS = ("keras", "pytorch")


class State(NamedTuple):
    """What an optimizer keeps for a table.

    Attributes
    ----------
    momentum, squares, means : ndarray of float32 of the table's shape, or None
        A momentum, or Adam's mean of gradients; sums or means of squared gradients; and the mean
        gradients of a centered RMSprop.
    """

    momentum: NDArray[np.float32] | None
    squares: NDArray[np.float32] | None
    means: NDArray[np.float32] | None


class Optimizer:
    """What the optimizers have in common.

    One optimizer serves any number of layers, and keeps a state for each as long as that lives.
    With ``lazy=True`` a step looks at those rows alone that have a gradient. With ``lazy=False`` it
    equals a step with a dense gradient, in which the other rows have 0: a momentum moves them
    further, and means decay. That costs a pass over the whole table, where it makes a difference.

    Attributes
    ----------
    learning_rate : float
        May be set at any time: what comes next is done with it.
    lazy : bool
    formula : {"keras", "pytorch"}
    """

    # By formula: the defaults of Keras and of PyTorch.
    _rates = (0.001, 0.001)
    _epsilons = (1e-7, 1e-8)

    def __init__(
        self, learning_rate: float | None, epsilon: float | None, lazy: bool, formula: str
    ) -> None:
        if formula not in FORMULAS:
            raise ValueError(f"formula must be one of {', '.join(FORMULAS)}, got {formula!r}")
        self.formula = formula
        self._is_keras = formula == "keras"
        which = FORMULAS.index(formula)
        self.learning_rate = self._rates[which] if learning_rate is None else learning_rate
        self.epsilon = check_float(
            "epsilon", self._epsilons[which] if epsilon is None else epsilon, 0, exclusive=True
        )
        self.lazy = check_flag("lazy", lazy)
        self._states: WeakKeyDictionary[Any, State] = WeakKeyDictionary()
        self._iterations: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    @property
    def learning_rate(self) -> float:
        """How far a step goes."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate = check_float("learning_rate", value, 0)

    def iterations(self, layer: Any) -> int:
        """Return how many steps a layer has made.

        Parameters
        ----------
        layer : Embedding or EmbeddingBag

        Returns
        -------
        int

        Examples
        --------
        >>> from fastw2v.embedding import SGD, Embedding
        >>> SGD().iterations(Embedding(3, 2))
        0
        """
        return self._iterations.get(layer, 0)

    def state(self, layer: Any) -> State:
        """Return what is kept for a layer, to be looked at or changed.

        Parameters
        ----------
        layer : Embedding or EmbeddingBag

        Returns
        -------
        State

        Examples
        --------
        >>> from fastw2v.embedding import Adagrad, Embedding
        >>> Adagrad().state(Embedding(1, 2)).squares
        array([[0.1, 0.1]], dtype=float32)
        """
        kept = self._states.get(layer, State(None, None, None))
        n, d = layer.embeddings.shape
        # What a setting that was changed in between needs, such as a momentum, begins here too.
        tables = [
            new_table(n, d, fill) if table is None and fill is not None else table
            for table, fill in zip(kept, self._fills(), strict=True)
        ]
        self._states[layer] = State(*tables)
        return self._states[layer]

    def restore(self, layer: Any, state: State, iterations: int) -> None:
        """Go on from a state, such as one of another optimizer; it is copied.

        Parameters
        ----------
        layer : Embedding or EmbeddingBag
        state : State
            With the arrays that this optimizer needs for the layer.
        iterations : int
            How many steps have been made so far.

        Raises
        ------
        TypeError, ValueError
            The state does not fit; nothing is changed.

        Examples
        --------
        >>> from fastw2v.embedding import Adam, Embedding
        >>> layer, adam, other = Embedding(3, 2), Adam(), Adam()
        >>> layer.step([1], np.ones((1, 2)), adam)
        >>> other.restore(layer, adam.state(layer), adam.iterations(layer))
        >>> other.iterations(layer)
        1
        """
        iterations = check_int("iterations", iterations, 0)
        n, d = layer.embeddings.shape
        copies: list[NDArray[np.float32] | None] = []
        for name, fill, table in zip(State._fields, self._fills(), state, strict=True):
            wanted = None if fill is None else (n, d)
            given = None if table is None else np.shape(table)
            if given != wanted:
                raise ValueError(
                    f"{name} must have the shape {wanted}, got {given}: make the optimizer with "
                    "the settings of the one whose state this is"
                )
            copies.append(None if table is None else _copy_of(table))
        self._states[layer], self._iterations[layer] = State(*copies), iterations

    def begin(self, layer: Any) -> tuple[dict[str, Any], State]:
        """Return the rule of the layer's next step, for the compiled part, and its state."""
        rule = {
            "nesterov": 0,
            "centered": 0,
            "rate": self.learning_rate,
            "inner_rate": 1.0,
            "momentum": 0.0,
            "first": 0.0,
            "second": 0.0,
            "inner": 0.0,
            "outer": 0.0,
            "root_scale": 1.0,
        }
        return rule | self._rule(self.iterations(layer) + 1), self.state(layer)

    def count(self, layer: Any) -> None:
        """Count a step of the layer."""
        self._iterations[layer] = self.iterations(layer) + 1

    def __repr__(self) -> str:
        """Return the settings."""
        names = list(inspect.signature(type(self)).parameters)
        return f"{type(self).__name__}({', '.join(f'{k}={getattr(self, k)!r}' for k in names)})"

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied or pickled: the copy would know nothing of the layers' copies."""
        raise TypeError(
            f"{type(self).__name__} keeps states of layers, and cannot be copied or pickled: make "
            "another one; layer.save(path, optimizer) keeps the state of a layer"
        )

    @property
    def moves_all(self) -> bool:
        """Whether a step changes rows, or their state, without a gradient."""
        return not self.lazy and self._has_memory()

    def _has_memory(self) -> bool:
        """Tell whether a gradient of 0 changes anything."""
        return True

    def _fills(self) -> tuple[float | None, float | None, float | None]:
        """Return what the tables of the state begin with."""
        return None, None, None

    def _rule(self, iteration: int) -> dict[str, Any]:
        """Return what differs from the plain step."""
        raise NotImplementedError

    def _epsilon(self) -> dict[str, float]:
        """Place the epsilon: Keras has it within the root, PyTorch behind."""
        return {"inner" if self._is_keras else "outer": self.epsilon}

    def _rates_of_momentum(self) -> dict[str, float]:
        """Place the learning rate: Keras has it in the momentum, PyTorch multiplies that by it."""
        rate = self.learning_rate
        return {"inner_rate": rate, "rate": 1.0} if self._is_keras else {"rate": rate}


def check_optimizer(optimizer: object) -> None:
    """Raise TypeError for what is no optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an Optimizer, such as SGD(), got {optimizer!r}")


def _copy_of(table: Array) -> NDArray[np.float32]:
    copied = new_table(*table.shape)
    copied[:] = table
    return copied
