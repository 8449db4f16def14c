"""Word vectors (word2vec) from text, fast, on ordinary CPUs.

A first session:
  fastw2v train corpus.txt -o vectors.bin
  fastw2v similar 한국
  fastw2v analogy "한국 - 서울 + 도쿄"

Results go to stdout, all else to stderr. 'fastw2v COMMAND --help' explains a command.
Exit codes: 0 success, 1 the work failed, 2 wrong usage, 130 Ctrl-C.
"""

from __future__ import annotations

import io
import os
import platform
import re
import sys
import warnings
from argparse import Namespace
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastw2v import __version__
from fastw2v._checks import check_int
from fastw2v._cli_parser import HYPERPARAMETERS, USAGE, make_parser
from fastw2v._files import check_writable
from fastw2v._vectorfiles import format_of, load_vectors, save_vectors
from fastw2v.errors import FormatError, NoWordsError

if TYPE_CHECKING:
    from fastw2v import KeyedVectors

OK, FAILED, INTERRUPTED = 0, 1, 130
# Errors of the work; any other ValueError or TypeError is one of what was asked for.
FAILURES = (
    *(OSError, FormatError, NoWordsError, KeyError),
    *(RuntimeError, ArithmeticError, ImportError, MemoryError),
)
# What errors advise in Python, and what to do here instead.
ADVICE = {
    'pass errors="replace"': "pass --errors replace",
    "use KeyedVectors.save": "write a file named .safetensors",
    "cache_dir=": "--cache-dir",
}


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
    with ExitStack() as stack:
        if sys.stderr is None:  # closed; print() would take stdout instead
            stack.enter_context(redirect_stderr(stack.enter_context(open(os.devnull, "w"))))
        if sys.stdout is None:  # closed: what is written must fail, rather than be lost
            unwritable = os.open(os.devnull, os.O_RDONLY)
            stack.enter_context(redirect_stdout(stack.enter_context(open(unwritable, "w"))))
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # Korean, whatever the locale
        stack.enter_context(warnings.catch_warnings())
        warnings.showwarning = _warn
        code = _run(argv)
        try:
            sys.stdout.flush()
        except OSError as error:
            # The interpreter flushes stdout once more on its way out; that must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if code == OK and not isinstance(error, BrokenPipeError):
                code = _report(OSError(error.errno, error.strerror, "standard output"), FAILED)
        return code


def _run(argv: Sequence[str] | None) -> int:
    """Run the command, and tell of the error that ends it; return the exit code."""
    parser = make_parser(
        __doc__,
        train=_train,
        similar=_similar,
        analogy=_analogy,
        convert=_convert,
        info=_info,
        demo=_demo,
    )
    try:
        args = parser.parse_args(argv)
        code: int = args.run(args)
        return code
    except SystemExit as stop:  # argparse's: --help, --version, wrong usage
        return int(stop.code or OK)
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return OK
    except FAILURES as error:
        return _report(error, FAILED)
    except (ValueError, TypeError) as error:
        return _report(error, USAGE)


def _train(args: Namespace) -> int:
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
    from fastw2v.sources import STDIN

    format_name = _check_outputs(args)
    progress = False if args.quiet else None
    parameters: dict[str, Any] = {name: getattr(args, name) for _, name, *_ in HYPERPARAMETERS}
    model = Word2Vec(sg=args.sg, compute_loss=args.loss, progress=progress, **parameters)
    corpus = Corpus(
        [path if path == STDIN else Path(path) for path in args.corpus],
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
    try:
        save_vectors(model.wv, args.output, format_name)
    finally:  # what has been learned is not lost with the other file
        if args.save_model is not None:
            model.save(args.save_model)
    if not args.quiet:
        _say(f"wrote {args.output} after {model.total_train_time:.1f} s of training")
    for epoch, loss in enumerate(model.loss_history, start=1):
        print(f"{epoch}\t{loss:.6f}")
    return code


def _check_outputs(args: Namespace) -> str:
    """Return the format of the vectors; refuse now what could not be written after the training."""
    from fastw2v.sources import STDIN, find_files

    format_name = format_of(args.output, args.format, "--format")
    outputs = [path for path in (args.output, args.save_model) if path is not None]
    for path in outputs:
        check_writable(path)
    taken = {os.path.realpath(file) for file in find_files(args.corpus) if file != STDIN}
    for path in outputs:
        if os.path.realpath(path) in taken:
            raise ValueError(f"{path} is named twice; write to a file of its own")
        taken.add(os.path.realpath(path))
    return format_name


def _similar(args: Namespace) -> int:
    """Find the words nearest to a word.

    Prints a line for each: the word, a tab, its cosine similarity. With several words, or words
    from stdin (-), every line starts with the word asked for and a tab. An unknown word is an
    error that leaves the others' results unharmed.

    For example:
      fastw2v similar 한국
      fastw2v similar 한국 서울 -n 3 --vectors 벡터.vec | grep ^서울
      cut -f 1 words.tsv | fastw2v similar - --vectors vectors.bin
    """
    from fastw2v.sources import STDIN, check_stdin

    vectors = _query_vectors(args)
    words: Iterable[str] = args.words
    labelled = len(args.words) > 1 or args.words == [STDIN]
    if args.words == [STDIN]:  # UTF-8 like every corpus, whatever the locale
        check_stdin()
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


def _analogy(args: Namespace) -> int:
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


def _convert(args: Namespace) -> int:
    """Convert vectors from one file format to another.

    text and binary are word2vec's, text is fastText's .vec as well; glove is text without a header;
    native is safetensors; npz is numpy's; tsv is for TensorBoard's projector: vectors.tsv, and
    metadata.tsv beside it. Of text, binary and glove there is .gz, .bz2, .xz and .zst, too.

    For example:
      fastw2v convert vectors.bin 벡터.txt
      fastw2v convert glove.6B.100d.txt vectors.npz
      fastw2v convert cc.ko.300.vec.gz 한국어.safetensors --limit 200000
      fastw2v convert vectors.old vectors.bin --from text
    """
    source = format_of(args.source, args.source_format, "--from")
    target = format_of(args.target, args.target_format, "--to")
    limit = None if args.limit is None else check_int("--limit", args.limit, 1)
    check_writable(args.target)
    save_vectors(load_vectors(args.source, source, "--from", limit), args.target, target)
    return OK


def _info(args: Namespace) -> int:
    """Show what a bug report needs: versions, CPU instructions, cores.

    For example:
      fastw2v info
      FASTW2V_ISA=scalar fastw2v info
      fastw2v info --benchmark
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
    if args.benchmark:
        _benchmark()
    return OK


def _benchmark() -> None:
    """Measure the machine, and print each figure as it comes; it takes some seconds."""
    from fastw2v import cpu, hardware

    cores = cpu.usable_cores()
    peak = hardware.fma_peak()
    print(f"{'multiply-adds:':<16} {peak / 1e9:.0f} GFLOP/s a core ({cpu.isa()})", flush=True)
    for threads in sorted({1, cores}):
        rate = hardware.copy_bandwidth(threads) / 1e9
        print(f"{'memory copies:':<16} {rate:.1f} GB/s, {_threads(threads)}", flush=True)
    print("\ntraining, vector_size 100, window 5, negative 5:")
    for one in hardware.training_rates(cores):
        print(
            f"{one.mode:<9} {one.words:>7,} words, {_threads(one.threads) + ':':<12}"
            f"{one.words_per_second / 1e6:6.2f} M words/s, {one.flops / 1e9:5.0f} GFLOP/s, "
            f"{one.flops / (peak * one.threads):4.0%} of the peak",
            flush=True,
        )


def _threads(n: int) -> str:
    return f"{n} thread{'s' if n > 1 else ''}"


def _demo(args: Namespace) -> int:
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


def _query_vectors(args: Namespace) -> KeyedVectors:
    """Load the vectors that `similar` and `analogy` ask."""
    check_int("--topn", args.topn, 1)
    format_name = format_of(args.vectors, args.format, "--format")
    try:
        return load_vectors(args.vectors, format_name, "--format")
    except FileNotFoundError as error:
        hint = "no such file; name the vectors with --vectors"
        raise FileNotFoundError(error.errno, hint, args.vectors) from None


def _print_similarities(found: Iterable[tuple[object, float]], prefix: str = "") -> None:
    """Print one line a word: the prefix, the word, a tab, the similarity."""
    for word, similarity in found:
        print(f"{prefix}{word}\t{similarity:.4f}")


def _say(message: str) -> None:
    """Tell the user on stderr; the work goes on if nobody reads it."""
    with suppress(OSError):
        print(f"fastw2v: {message}", file=sys.stderr, flush=True)


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    """Tell the user on one line of a warning."""
    _say(f"warning: {_in_options(str(message))}")


def _report(error: Exception, code: int) -> int:
    """Tell the user on one line what went wrong; return the exit code."""
    text = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename}: {error.strerror}"
    elif isinstance(error, KeyError) and error.args:
        text = str(error.args[0])
    elif not isinstance(error, FormatError):
        text = _in_options(text)
    for python, shell in ADVICE.items():
        text = text.replace(python, shell)
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
