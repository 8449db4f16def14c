"""Word vectors (word2vec) from text, fast, on ordinary CPUs.

A first session:
  fastw2v train corpus.txt -o vectors.bin
  fastw2v similar 한국
  fastw2v analogy "한국 - 서울 + 도쿄"

Results go to stdout, all else to stderr. 'fastw2v COMMAND --help' explains a command.
Exit codes: 0 success, 1 the work failed, 2 wrong usage, 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from fastw2v import __version__
from fastw2v._checks import check_int
from fastw2v._files import check_writable
from fastw2v._vectorfiles import FORMATS, format_of, load_vectors, save_vectors
from fastw2v.errors import FormatError

if TYPE_CHECKING:
    from fastw2v import KeyedVectors

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
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
# Errors of the work; any other ValueError or TypeError is one of what was asked for.
FAILURES = (OSError, FormatError, KeyError, RuntimeError, ArithmeticError, ImportError, MemoryError)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command `fastw2v`.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the command's name; by default those of this process.

    Returns
    -------
    int
        The exit code: 0 for success (also if the reader of a pipe leaves early), 1 for failed work
        (a missing or corrupt file, an unknown word), 2 for wrong usage, 130 after Ctrl-C.

    Examples
    --------
    >>> main(["analogy", "한국 서울 도쿄"])  # no sign between the words
    2
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # or Korean breaks in a pipe of Windows
    try:
        try:
            args = _parser().parse_args(argv)
            code: int = args.run(args)
        except SystemExit as stop:  # argparse's: --help, --version, wrong usage
            code = int(stop.code or OK)
        print(end="", flush=True)
        return code
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes stdout once more on its way out; that must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except FAILURES as error:
        return _report(error, FAILED)
    except (ValueError, TypeError) as error:
        return _report(error, USAGE)


def _train(args: argparse.Namespace) -> int:
    """Train word vectors on text.

    CORPUS is text in UTF-8, one sentence a line, words between spaces: files (plain, .gz, .bz2,
    .xz, .zst), directories, quoted globs, or - for stdin. Ctrl-C ends the training early and writes
    the vectors trained so far.

    For example:
      fastw2v train corpus.txt -o vectors.bin
      fastw2v train 뉴스/ 위키.txt.gz -o 벡터.vec --sg --vector-size 300 --epochs 10
      zstdcat dump.zst | fastw2v train - -o vectors.bin --threads 8
    """
    from fastw2v import Corpus, Word2Vec

    format_name = _check_outputs(args)
    progress = False if args.quiet else None
    parameters: dict[str, Any] = {name: getattr(args, name) for _, name, *_ in HYPERPARAMETERS}
    model = Word2Vec(sg=args.sg, compute_loss=args.loss, progress=progress, **parameters)
    corpus = Corpus(
        [Path(path) for path in args.corpus],
        lowercase=args.lowercase,
        errors=args.errors,
        cache_dir=args.cache_dir,
        workers=args.workers,
        progress=progress,
    )
    model.build_vocab(corpus)
    code = OK
    try:
        if not args.quiet:
            _say(f"training {len(model.wv):,} words on {model.corpus_total_words:,} tokens")
        model.train()
    except KeyboardInterrupt:
        _say(f"interrupted: writing the vectors trained so far to {args.output}")
        code = INTERRUPTED
    save_vectors(model.wv, args.output, format_name)
    if args.save_model is not None:
        model.save(args.save_model)
    if not args.quiet:
        _say(f"wrote {args.output} after {model.total_train_time:.1f} s of training")
    for epoch, loss in enumerate(model.loss_history, start=1):
        print(f"{epoch}\t{loss:.6f}")
    return code


def _check_outputs(args: argparse.Namespace) -> str:
    """Return the format of the vectors; refuse now what could not be written after the training."""
    from fastw2v.sources import find_files

    format_name = format_of(args.output, args.format, "--format")
    outputs = [path for path in (args.output, args.save_model) if path is not None]
    for path in outputs:
        check_writable(path)
    named = [*set(find_files(args.corpus)), *outputs]
    if len(set(map(os.path.realpath, named))) < len(named):
        raise ValueError(f"{outputs[-1]} is named twice; write to a file of its own")
    return format_name


def _similar(args: argparse.Namespace) -> int:
    """Find the words nearest to a word.

    Prints a line for each: the word, a tab, its cosine similarity. With several words, or words
    from stdin (-), every line starts with the word asked for and a tab. An unknown word is an
    error that leaves the others' results unharmed.

    For example:
      fastw2v similar 한국
      fastw2v similar 한국 서울 -n 3 --vectors 벡터.vec | grep ^서울
      cut -f 1 words.tsv | fastw2v similar - --vectors vectors.bin
    """
    vectors = _query_vectors(args)
    words: Iterable[str] = args.words
    labelled = len(args.words) > 1 or args.words == ["-"]
    if args.words == ["-"]:  # UTF-8 like every corpus, whatever the locale
        lines = (str(line, "utf-8", "replace") for line in sys.stdin.buffer)
        words = (word for line in lines for word in line.split())
    code = OK
    for word in words:
        try:
            found = vectors.most_similar(word, topn=args.topn)
        except KeyError as error:
            code = _report(error, FAILED)
        else:
            _print_similarities(found, prefix=f"{word}\t" if labelled else "")
    return code


def _analogy(args: argparse.Namespace) -> int:
    """Add and subtract words, and find the words nearest to the result.

    A sign stands between spaces, for words may hold hyphens. Prints a line for each word found:
    the word, a tab, its cosine similarity.

    For example:
      fastw2v analogy "한국 - 서울 + 도쿄"
      fastw2v analogy king - man + woman -n 1 --vectors vectors.bin
    """
    positive, negative = _parse_expression(" ".join(args.words))
    vectors = _query_vectors(args)
    _print_similarities(vectors.most_similar(positive, negative, topn=args.topn))
    return OK


def _convert(args: argparse.Namespace) -> int:
    """Convert vectors from one file format to another.

    For example:
      fastw2v convert vectors.bin 벡터.txt
      fastw2v convert cc.ko.300.vec.gz 한국어.safetensors --limit 200000
      fastw2v convert vectors.old vectors.bin --from text
    """
    source = format_of(args.source, args.source_format, "--from")
    target = format_of(args.target, args.target_format, "--to")
    check_writable(args.target)
    limit = None if args.limit is None else check_int("limit", args.limit, 1)
    save_vectors(load_vectors(args.source, source, limit), args.target, target)
    return OK


def _info(_: argparse.Namespace) -> int:
    """Show what a bug report needs: versions, CPU instructions, cores.

    For example:
      fastw2v info
      FASTW2V_ISA=scalar fastw2v info
    """
    import numpy

    from fastw2v import cpu

    facts = {
        "fastw2v": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": numpy.__version__,
        "platform": platform.platform(),
        "instruction set": f"{cpu.isa()} ({cpu.reason()})",
        "available": ", ".join(cpu.available()),
        "usable cores": str(cpu.usable_cores()),
    }
    for name, value in facts.items():
        print(f"{name + ':':<16} {value}")
    return OK


def _demo(args: argparse.Namespace) -> int:
    """Train on a made corpus, and show what the vectors know.

    For example:
      fastw2v demo
      fastw2v demo --directory 시연 --threads 4
    """
    from fastw2v import demo

    return demo.main(args.directory, workers=args.workers)


def _parse_expression(text: str) -> tuple[list[str], list[str]]:
    """Split `a - b + c` into the words added and the words taken away.

    >>> _parse_expression("한국 - 서울 + well-known")
    (['한국', 'well-known'], ['서울'])
    """
    signs = {"+", "-", "\N{MINUS SIGN}"}
    tokens = text.split()
    if tokens and tokens[0] not in signs:
        tokens.insert(0, "+")
    found, words = tokens[::2], tokens[1::2]
    if not words or len(found) != len(words) or set(found) - signs or signs & set(words):
        raise ValueError(f"expression must be words joined by ' + ' or ' - ', got {text!r}")
    positive = [word for sign, word in zip(found, words, strict=True) if sign == "+"]
    return positive, [word for sign, word in zip(found, words, strict=True) if sign != "+"]


def _query_vectors(args: argparse.Namespace) -> KeyedVectors:
    """Load the vectors that `similar` and `analogy` ask."""
    try:
        return load_vectors(args.vectors, format_of(args.vectors, args.format, "--format"))
    except FileNotFoundError as error:
        hint = "no such file; name the vectors with --vectors"
        raise FileNotFoundError(error.errno, hint, args.vectors) from None


def _print_similarities(found: Iterable[tuple[object, float]], prefix: str = "") -> None:
    """Print one line a word: the prefix, the word, a tab, the similarity."""
    for word, similarity in found:
        print(f"{prefix}{word}\t{similarity:.4f}")


def _say(message: str) -> None:
    """Tell the user on stderr."""
    print(f"fastw2v: {message}", file=sys.stderr, flush=True)


def _report(error: Exception, code: int) -> int:
    """Tell the user on one line what went wrong; return the exit code."""
    text = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename}: {error.strerror}"
    elif isinstance(error, KeyError) and error.args:
        text = str(error.args[0])
    elif not isinstance(error, FormatError):
        text = _in_options(text)
    _say("error: " + " ".join(text.splitlines()))
    return code


def _in_options(text: str) -> str:
    """Call the parameters of Word2Vec in a message what they are called here.

    >>> _in_options("min_alpha must be at most alpha=0.025, got 1.0")
    '--min-alpha must be at most --alpha=0.025, got 1.0'
    """
    options = {name: option for option, name, *_ in HYPERPARAMETERS}
    named = rf"(?<![\w./-])({'|'.join(options)})(?= must |=| \(it |[;,)])"
    return re.sub(named, lambda found: options[found[1]], text)


class _Parser(argparse.ArgumentParser):
    """A parser whose help keeps its lines, and whose errors are one line."""

    def __init__(self, **options: Any) -> None:
        formatter = argparse.RawDescriptionHelpFormatter
        super().__init__(formatter_class=formatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Leave with the code of wrong usage."""
        self.exit(USAGE, f"fastw2v: error: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    """Return the parser; the docstrings of this module and of its commands are the help texts."""
    parser = _Parser(prog="fastw2v", description=__doc__)
    parser.add_argument("--version", action="version", version=f"fastw2v {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(run: Callable[[argparse.Namespace], int]) -> _Parser:
        first, _, rest = (run.__doc__ or run.__name__).partition("\n")
        text = f"{first}\n{textwrap.dedent(rest).rstrip()}"
        added = commands.add_parser(run.__name__[1:], help=first.rstrip("."), description=text)
        added.set_defaults(run=run)
        return added

    _add_train_options(command(_train))
    _add_query_options(command(_similar), "WORD", "a word, or - alone for words from stdin")
    _add_query_options(command(_analogy), "EXPRESSION", "words, and signs between spaces")
    add = command(_convert).add_argument
    add("source", metavar="IN", help="the vectors to read")
    add("target", metavar="OUT", help="the file to write")
    add("--from", dest="source_format", choices=FORMATS, help="default: by the suffix of IN")
    add("--to", dest="target_format", choices=FORMATS, help="default: by the suffix of OUT")
    add("--limit", type=int, metavar="N", help="take the first N vectors alone")
    command(_info)
    add = command(_demo).add_argument
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
    for option, name, kind, default, text in HYPERPARAMETERS:
        text += "" if default is None else f" (default: {default})"
        add(option, dest=name, type=kind, default=default, metavar=kind.__name__.upper(), help=text)
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
