"""The commands of `fastw2v` that ask vectors: similar, analogy, evaluate."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fastw2v._checks import check_int
from fastw2v._cli.messages import FAILED, OK, report, show
from fastw2v._keyed.vectorfiles import format_of, load_vectors

if TYPE_CHECKING:
    from fastw2v import KeyedVectors


def similar(args: Namespace) -> int:
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
            code = report(error, FAILED)
        else:
            _print_similarities(found, prefix=f"{word}\t" if labelled else "")
    return code


def analogy(args: Namespace) -> int:
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


def evaluate(args: Namespace) -> int:
    """Test vectors on analogy questions and on pairs of words.

    Each line printed has tabs between the name of the file, what was measured, and figures. Of
    analogies, a line a section and one for all: the share of right answers, right answers,
    questions asked, questions with an unknown word. Of pairs, two lines: Pearson's and Spearman's
    correlation with the scores of people, its p-value, and the percentage of pairs with an unknown
    word. Letter case is ignored.

    For example:
      fastw2v evaluate vectors.bin --analogies questions-words.txt --restrict-vocab 30000
      fastw2v evaluate 벡터.vec --analogies word_analogy_korean.txt --cosmul
      fastw2v evaluate 벡터.vec --pairs WS353_korean.csv --delimiter ,
    """
    if not args.analogies and not args.pairs:
        raise ValueError("nothing to test on; name a file with --analogies or --pairs")
    check_int("--restrict-vocab", args.restrict_vocab, 1)
    if not args.delimiter:
        raise ValueError("--delimiter must be at least one letter, got ''")
    vectors = _load(args)
    for path in args.analogies:
        _print_analogies(vectors, path, args)
    for path in args.pairs:
        *correlations, unknown = vectors.evaluate_word_pairs(
            path, args.delimiter, args.encoding, args.restrict_vocab
        )
        for name, found in zip(("pearson", "spearman"), correlations, strict=True):
            show(f"{path}\t{name}\t{found.statistic:.4f}\t{found.pvalue:.3g}\t{unknown:.1f}")
    return OK


def _print_analogies(vectors: KeyedVectors, path: str, args: Namespace) -> None:
    """Print one line a section."""
    from fastw2v.evaluation import tally_analogies

    tallies = tally_analogies(
        vectors,
        path,
        args.restrict_vocab,
        similarity_function="most_similar_cosmul" if args.cosmul else "most_similar",
        encoding=args.encoding,
    )
    for tally in tallies:
        right, asked = len(tally.section["correct"]), tally.n_asked
        name = tally.section["section"]
        show(f"{path}\t{name}\t{tally.score:.4f}\t{right}\t{asked}\t{tally.n_unknown}")


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
    try:
        return _load(args)
    except FileNotFoundError as error:
        hint = "no such file; name the vectors with --vectors"
        raise FileNotFoundError(error.errno, hint, args.vectors) from None


def _load(args: Namespace) -> KeyedVectors:
    """Load the vectors that the arguments name."""
    format_name = format_of(args.vectors, args.format, "--format")
    return load_vectors(args.vectors, format_name, "--format")


def _print_similarities(found: Iterable[tuple[object, float]], prefix: str = "") -> None:
    """Print one line a word: the prefix, the word, a tab, the similarity."""
    for word, similarity in found:
        show(f"{prefix}{word}\t{similarity:.4f}")
