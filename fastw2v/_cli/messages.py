"""What the command `fastw2v` tells on stderr, and with which code it ends."""

from __future__ import annotations

import errno
import re
import sys
from contextlib import suppress

from fastw2v._cli.parser import HYPERPARAMETERS
from fastw2v.errors import FormatError

OK, FAILED, INTERRUPTED = 0, 1, 130
# What errors advise in Python, and what to do here instead.
ADVICE = {
    'pass errors="replace"': "pass --errors replace",
    "use KeyedVectors.save": "write a file named .safetensors",
    "cache_dir=": "--cache-dir",
    "delimiter=": "--delimiter",
    "encoding=": "--encoding",
}


def say(message: str) -> None:
    """Tell the user on stderr; the work goes on if nobody reads it."""
    with suppress(OSError):
        print(f"fastw2v: {message}", file=sys.stderr, flush=True)


def show(*values: object, sep: str = " ", flush: bool = False) -> None:
    """Print results."""
    try:
        print(*values, sep=sep, flush=flush)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise of_stdout(error) from None


def of_stdout(error: OSError) -> OSError:
    """Return an error that says of itself that it is of standard output."""
    reason = "it is closed" if error.errno == errno.EBADF else error.strerror
    return OSError(error.errno, reason, "standard output")


def warn(message: Warning | str, *_: object, **__: object) -> None:
    """Tell the user on one line of a warning."""
    say(f"warning: {_in_options(str(message))}")


def report(error: Exception, code: int) -> int:
    """Tell the user on one line what went wrong; return the exit code."""
    text = str(error) or type(error).__name__
    if isinstance(error, MemoryError) and not str(error):
        text = "no memory left; lower --threads, --vector-size or --max-vocab"
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename}: {error.strerror}"
    elif isinstance(error, KeyError) and error.args:
        text = str(error.args[0])
    elif not isinstance(error, FormatError):
        text = _in_options(text)
    for python, shell in ADVICE.items():
        text = text.replace(python, shell)
    say("error: " + " ".join(text.splitlines()))
    return code


def _in_options(text: str) -> str:
    """Call the parameters of Word2Vec in a message what they are called here.

    >>> _in_options("min_alpha must be at most alpha=0.025, got 1.0")
    '--min-alpha must be at most --alpha=0.025, got 1.0'
    """
    options = {name: option for option, name, *_ in HYPERPARAMETERS}
    named = rf"(?<![\w./-])({'|'.join(options)})(?= must |=| \(it |[;,)])"
    return re.sub(named, lambda found: options[found[1]], text)
