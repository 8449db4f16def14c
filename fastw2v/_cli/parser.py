"""The arguments of the command `fastw2v`."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from typing import Any, NoReturn

from fastw2v._keyed.vectorfiles import FORMATS
from fastw2v._version import __version__

Command = Callable[[argparse.Namespace], int]

USAGE = 2  # the exit code of wrong usage
# The options of `train` that are parameters of Word2Vec: option, parameter, type, default, help.
HYPERPARAMETERS: tuple[tuple[str, str, type, float | None, str], ...] = (
    ("--vector-size", "vector_size", int, 100, "numbers in a vector"),
    ("--window", "window", int, 5, "greatest distance of a word from its context"),
    ("--negative", "negative", int, 5, "noise words for each word"),
    ("--epochs", "epochs", int, 5, "passes over the corpus"),
    ("--min-count", "min_count", int, 5, "leave out words that occur less often"),
    ("--max-vocab", "max_final_vocab", int, None, "keep at most so many words (default: all)"),
    ("--sample", "sample", float, 1e-3, "thin out words more frequent than this; 0 keeps all"),
    ("--alpha", "alpha", float, None, "learning rate at the start (default: 0.05; --sg 0.025)"),
    ("--min-alpha", "min_alpha", float, 1e-4, "learning rate at the end"),
    ("--ns-exponent", "ns_exponent", float, 0.75, "noise words are drawn by count to this power"),
    ("--threads", "workers", int, None, "threads (default: all usable cores)"),
    ("--seed", "seed", int, 1, "seed of every random choice"),
)


class _Parser(argparse.ArgumentParser):
    """A parser whose help keeps its lines, and whose errors are one line."""

    def __init__(self, **options: Any) -> None:
        formatter = argparse.RawDescriptionHelpFormatter
        super().__init__(formatter_class=formatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Leave with the code of wrong usage."""
        self.exit(USAGE, f"fastw2v: error: {message}; see {self.prog} --help\n")


def make_parser(
    text: str | None,
    *,
    train: Command,
    similar: Command,
    analogy: Command,
    evaluate: Command,
    convert: Command,
    info: Command,
    demo: Command,
) -> argparse.ArgumentParser:
    """Return the parser of these commands, whose docstrings are their help; `text` is its own."""
    parser = _Parser(prog="fastw2v", description=text)
    parser.add_argument("--version", action="version", version=f"fastw2v {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(run: Command) -> _Parser:
        first, _, rest = (run.__doc__ or run.__name__).partition("\n")
        text = f"{first}\n{textwrap.dedent(rest).rstrip()}"
        name = run.__name__.removeprefix("_")
        added = commands.add_parser(name, help=first.rstrip("."), description=text)
        added.set_defaults(run=run)
        return added

    _add_train_options(command(train))
    _add_query_options(command(similar), "WORD", "a word, or - alone for words from stdin")
    _add_query_options(command(analogy), "EXPRESSION", "words, and signs between spaces")
    _add_test_options(command(evaluate))
    add = command(convert).add_argument
    add("source", metavar="IN", help="the vectors to read")
    add("target", metavar="OUT", help="the file to write")
    add("--from", dest="source_format", choices=FORMATS, help="default: by the suffix of IN")
    add("--to", dest="target_format", choices=FORMATS, help="default: by the suffix of OUT")
    add("--limit", type=int, metavar="N", help="take the first N vectors alone")
    command(info).add_argument(
        "--benchmark", action="store_true", help="measure this machine, and what training reaches"
    )
    add = command(demo).add_argument
    add("--directory", default=".", metavar="DIR", help="where its vectors go (default: here)")
    add("--threads", dest="workers", type=int, metavar="INT", help="default: all usable cores")
    return parser


def _add_train_options(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `train`."""
    add = command.add_argument
    add("corpus", nargs="+", metavar="CORPUS", help="file, directory, quoted glob, or - for stdin")
    add("-o", "--output", required=True, metavar="PATH", help="where the vectors go")
    add("--format", choices=FORMATS, help="format of the output (default: by its suffix)")
    add("--save-model", metavar="PATH", help="also save the whole model, for more training")
    mode = command.add_mutually_exclusive_group()
    mode.add_argument("--sg", action="store_const", const=1, default=0, help="skip-gram")
    mode.add_argument("--cbow", dest="sg", action="store_const", const=0, help="CBOW (default)")
    text = "hierarchical softmax; beside noise words, unless --negative 0"
    add("--hs", action="store_const", const=1, default=0, help=text)
    text = "softmax: predict each word among all, for at most 100,000 of them (--max-vocab)"
    add("--objective", choices=("softmax",), help=text)
    for option, name, kind, default, text in HYPERPARAMETERS:
        text += "" if default is None else f" (default: {default})"
        add(option, dest=name, type=kind, default=default, metavar=kind.__name__.upper(), help=text)
    add("--deterministic", action="store_true", help="the same vectors each time, on any threads")
    add("--lowercase", action="store_true", help="turn the text into lower case")
    add("--errors", choices=("strict", "replace"), default="strict", help="for text not in UTF-8")
    add("--cache-dir", metavar="DIR", help="keep the encoded corpus here, for the next run")
    add("--loss", action="store_true", help="print a line an epoch: its number, a tab, the loss")
    add("--quiet", action="store_true", help="no progress and no summary")


def _add_query_options(command: argparse.ArgumentParser, metavar: str, text: str) -> None:
    """Add the arguments of `similar` and `analogy`."""
    add = command.add_argument
    add("words", nargs="+", metavar=metavar, help=text)
    add("-v", "--vectors", default="vectors.bin", metavar="PATH", help="default: vectors.bin")
    add("--format", choices=FORMATS, help="format of the vectors (default: by their suffix)")
    add("-n", "--topn", type=int, default=10, metavar="TOPN", help="words to show (default: 10)")


def _add_test_options(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `evaluate`."""
    add = command.add_argument
    add("vectors", metavar="VECTORS", help="the vectors to test")
    add("--format", choices=FORMATS, help="format of the vectors (default: by their suffix)")
    files: dict[str, Any] = {"action": "append", "default": [], "metavar": "FILE"}
    add("--analogies", **files, help="': section' and 'a b c d' a line; may be given again")
    add("--pairs", **files, help="two words and a number a line; may be given again")
    text = "know only the first N words (default: 300000)"
    add("--restrict-vocab", type=int, default=300_000, metavar="N", help=text)
    add("--cosmul", action="store_true", help="answer by the product of cosines, not by their sum")
    add("--encoding", default="utf8", metavar="NAME", help="of these files (default: utf8)")
    add("--delimiter", default="\t", metavar="TEXT", help="between the columns of pairs (a tab)")
