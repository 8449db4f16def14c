"""Argument checks shared by the public classes: one wording for every error."""

from __future__ import annotations

import math
import operator
import os

FLOATS = ("float16", "float32", "float64")  # what the dtype of vectors may be


def check_int(name: str, value: object, minimum: int, maximum: int | None = None) -> int:
    """Return `value` as an int within [minimum, maximum], or raise an error naming `name`."""
    wanted = f"an integer of at least {minimum}" + (
        "" if maximum is None else f" and at most {maximum}"
    )
    if isinstance(value, bool):
        raise TypeError(f"{name} must be {wanted}, got {value!r}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be {wanted}, got {value!r}") from None
    if number < minimum or (maximum is not None and number > maximum):
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    return number


def check_limit(name: str, value: object, minimum: int = 1) -> int | None:
    """Return `value` as `check_int` does, or None where there is no limit."""
    return None if value is None else check_int(name, value, minimum)


def check_flag(name: str, value: object) -> bool:
    """Return the truth of True, False, 1 or 0, or raise an error naming `name`."""
    if isinstance(value, (str, bytes)) or value not in (0, 1):
        raise ValueError(f"{name} must be 1 or 0 (True or False), got {value!r}")
    return bool(value)


def check_float(
    name: str, value: object, minimum: float, maximum: float = math.inf, *, exclusive: bool = False
) -> float:
    """Return `value` as a finite float in [minimum, maximum], or raise an error naming `name`.

    With `exclusive`, the bounds themselves are out of range.
    """
    bounds = f"a number {'above' if exclusive else 'of at least'} {minimum:g}"
    if maximum < math.inf:
        bounds += f" and {'below' if exclusive else 'at most'} {maximum:g}"
    try:
        if isinstance(value, (str, bytes, bytearray)):
            raise TypeError  # float() would read it
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be {bounds}, got {value!r}") from None
    inside = minimum < number < maximum if exclusive else minimum <= number <= maximum
    if not math.isfinite(number) or not inside:
        raise ValueError(f"{name} must be {bounds}, got {value!r}")
    return number


def shorten(value: object) -> str:
    """Return the representation of a value, short enough for a message."""
    try:
        text = repr(value)
    except RecursionError:
        return f"a deeply nested {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def check_path(name: str, value: object) -> str | None:
    """Return a path as a str, or None where there is none."""
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a path, got {value!r}")
    return os.fspath(value)


def check_encoding(encoding: str) -> str:
    """Return the encoding, or raise ValueError if there is none of that name."""
    try:
        "".encode(encoding)
    except LookupError:
        raise ValueError(
            f"encoding must be one of text that Python knows, got {encoding!r}"
        ) from None
    return encoding
