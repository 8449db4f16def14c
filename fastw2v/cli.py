"""Word vectors (word2vec) from text, fast, on ordinary CPUs.

A first session:
  fastw2v train corpus.txt -o vectors.bin
  fastw2v similar 한국
  fastw2v analogy "한국 - 서울 + 도쿄"
  fastw2v evaluate vectors.bin --analogies questions-words.txt

Results go to stdout, all else to stderr. 'fastw2v COMMAND --help' explains a command.
Exit codes: 0 success, 1 the work failed, 2 wrong usage, 130 Ctrl-C.
"""

from __future__ import annotations

import io
import os
import platform
import sys
import warnings
from argparse import Namespace
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from fastw2v import __version__
from fastw2v._checks import check_int
from fastw2v._cli.messages import FAILED, INTERRUPTED, OK, of_stdout, report, say, show, warn
from fastw2v._cli.parser import HYPERPARAMETERS, USAGE, make_parser
from fastw2v._cli.queries import analogy, evaluate, similar
from fastw2v._files import check_writable
from fastw2v._keyed.vectorfiles import format_of, load_vectors, save_vectors
from fastw2v.errors import FormatError, NoWordsError

# Errors of the work; any other ValueError or TypeError is one of what was asked for.
FAILURES = (
    *(OSError, FormatError, NoWordsError, KeyError),
    *(RuntimeError, ArithmeticError, ImportError, MemoryError),
)


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
        warnings.showwarning = warn
        code = _run(argv)
        try:
            sys.stdout.flush()
        except OSError as error:
            # The interpreter flushes stdout once more on its way out; that must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if code == OK and not isinstance(error, BrokenPipeError):
                code = report(of_stdout(error), FAILED)
        return code


def _run(argv: Sequence[str] | None) -> int:
    """Run the command, and tell of the error that ends it; return the exit code."""
    parser = make_parser(
        __doc__,
        train=_train,
        similar=similar,
        analogy=analogy,
        evaluate=evaluate,
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
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return OK
    except FAILURES as error:
        return report(error, FAILED)
    except (ValueError, TypeError) as error:
        return report(error, USAGE)


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
    names = ("sg", "hs", "objective", "deterministic")
    parameters |= {name: getattr(args, name) for name in names}
    model = Word2Vec(compute_loss=args.loss, progress=progress, **parameters)
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
            say(f"training {len(model.wv):,} words on {model.corpus_total_words:,} tokens")
        model.train()
    except KeyboardInterrupt:
        say(f"interrupted: writing the vectors trained so far to {args.output}")
        code = INTERRUPTED
    try:
        save_vectors(model.wv, args.output, format_name)
    finally:  # what has been learned is not lost with the other file
        if args.save_model is not None:
            model.save(args.save_model)
    if not args.quiet:
        say(f"wrote {args.output} after {model.total_train_time:.1f} s of training")
    for epoch, loss in enumerate(model.loss_history, start=1):
        show(f"{epoch}\t{loss:.6f}")
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
        show(f"{name + ':':<16} {value}")
    if args.benchmark:
        _benchmark()
    return OK


def _benchmark() -> None:
    """Measure the machine, and print each figure as it comes; it takes some seconds."""
    from fastw2v import cpu, hardware

    cores = cpu.usable_cores()
    peaks = {}
    for threads in sorted({1, cores}):
        peaks[threads] = hardware.fma_peak(threads)
        gflops = f"{peaks[threads] / 1e9:.0f} GFLOP/s, {_threads(threads)}"
        show(f"{'multiply-adds:':<16} {gflops} ({cpu.isa()})", flush=True)
    for threads in sorted({1, cores}):
        rate = hardware.copy_bandwidth(threads) / 1e9
        show(f"{'memory copies:':<16} {rate:.1f} GB/s, {_threads(threads)}", flush=True)
    show("\ntraining, vector_size 100, window 5, negative 5:")
    for one in hardware.training_rates(cores):
        show(
            f"{one.mode:<9} {one.words:>7,} words, {_threads(one.threads) + ':':<12}"
            f"{one.words_per_second / 1e6:6.2f} M words/s, {one.flops / 1e9:5.0f} GFLOP/s, "
            f"{one.flops / peaks[one.threads]:4.0%} of the peak",
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
