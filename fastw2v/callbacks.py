"""Callbacks: what a user's objects are told while a model trains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

HOOKS = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")


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


def call(callbacks: Sequence[object], hook: str, model: object) -> None:
    """Call the method `hook` of every callback that has it."""
    for callback in callbacks:
        method = getattr(callback, hook, None)
        if method is not None:
            method(model)
