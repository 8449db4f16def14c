"""Callbacks: what a user's objects are told while a model trains, and how they can end it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Any, Final

__all__ = ["STOP", "CallbackAny2Vec"]

HOOKS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")


class _Signal(enum.Enum):
    STOP = "stop"


STOP: Final = _Signal.STOP
"""What `CallbackAny2Vec.on_epoch_end` returns to end the training."""


class CallbackAny2Vec:
    """Base of callbacks; each method is called with the model at its time.

    A callback need not inherit from it: any object with one of the methods will do. Between two
    epochs no thread is at work: the model may be queried, copied and saved, and its `loss_history`
    has the epoch that has just ended.

    Examples
    --------
    >>> from fastw2v.word2vec import Word2Vec
    >>> class EnoughLearned(CallbackAny2Vec):
    ...     def on_epoch_end(self, model):
    ...         before, now = ([np.inf] + model.loss_history)[-2:]
    ...         return STOP if now > 0.999 * before else None
    >>> sentences = [["나는", "사과를", "먹었다"]] * 20
    >>> model = Word2Vec(sentences, epochs=1000, compute_loss=True, callbacks=[EnoughLearned()])
    >>> len(model.loss_history) < 1000
    True
    """

    def on_train_begin(self, model: Any) -> object:
        """Be called when `train` begins.

        Parameters
        ----------
        model : Word2Vec

        Examples
        --------
        >>> CallbackAny2Vec().on_train_begin(None)
        """
        return None

    def on_epoch_begin(self, model: Any) -> object:
        """Be called when an epoch begins.

        Parameters
        ----------
        model : Word2Vec

        Examples
        --------
        >>> CallbackAny2Vec().on_epoch_begin(None)
        """
        return None

    def on_epoch_end(self, model: Any) -> object:
        """Be called when an epoch has ended.

        Parameters
        ----------
        model : Word2Vec

        Returns
        -------
        STOP or anything else
            `STOP` ends the training after this epoch, as if it had been the last one: the other
            callbacks are called, `on_train_end` too, and `train` returns what was trained. The
            learning rate is then where it has come to.

        Examples
        --------
        >>> CallbackAny2Vec().on_epoch_end(None)
        """
        return None

    def on_train_end(self, model: Any) -> object:
        """Be called when `train` is about to return; not after an error or Ctrl-C.

        Parameters
        ----------
        model : Word2Vec

        Examples
        --------
        >>> CallbackAny2Vec().on_train_end(None)
        """
        return None


def check_callbacks(callbacks: Iterable[object]) -> tuple[object, ...]:
    """Return the callbacks, or raise TypeError if one could never be called."""
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a list of objects, got {callbacks!r}")
    checked = tuple(callbacks)
    for callback in checked:
        if not any(hasattr(callback, hook) for hook in HOOKS):
            raise TypeError(
                f"a callback needs one of the methods {', '.join(HOOKS)}; {callback!r} has none"
            )
    return checked


def call(callbacks: Sequence[object], hook: str, model: object) -> bool:
    """Call the method `hook` of every callback that has it; tell whether one returned `STOP`."""
    methods = [getattr(callback, hook, None) for callback in callbacks]
    answers = [method(model) for method in methods if method is not None]
    return any(answer is STOP for answer in answers)
