"""Types of arguments, for argparse: what makes no sense is refused before anything is measured."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastw2v._checks import check_float, check_int
from fastw2v._files import check_writable


def whole(least: int = 1, most: int | None = None) -> Callable[[str], int]:
    """Return the type of an integer within bounds."""

    def parse(text: str) -> int:
        try:
            value: object = int(text)
        except ValueError:
            value = text
        try:
            return check_int("it", value, least, most)
        except (TypeError, ValueError) as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse


def number(least: float, most: float = float("inf"), *, above: bool = False) -> Any:
    """Return the type of a number within bounds; `above` the lower one, where that is said."""

    def parse(text: str) -> float:
        try:
            value: object = float(text)
        except ValueError:
            value = text
        try:
            return check_float("it", value, least, most, exclusive=above)
        except (TypeError, ValueError) as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse


def existing_file(text: str) -> Path:
    """Return the path of a file that can be read."""
    path = Path(text)
    if not path.is_file() or not os.access(path, os.R_OK):
        raise argparse.ArgumentTypeError(f"{text} is not a file that can be read")
    return path


def writable_file(text: str) -> Path:
    """Return the path of a file that can be written."""
    try:
        check_writable(text)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return Path(text)


def read_record(path: Path) -> dict[str, Any]:
    """Return what a file of a record holds, or exit."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"{path} is no record: {error}")
    if not isinstance(record, dict):
        sys.exit(f"{path} is no record, but a JSON {type(record).__name__}")
    return record
