"""The command `fastw2v demo`: what the library does, on one screen and without a download."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fastw2v import Corpus, KeyedVectors, Word2Vec, __version__, cpu
from fastw2v._cli.messages import show
from fastw2v._files import check_writable
from fastw2v.datasets import analogy_questions, make_analogy_corpus

FILE_NAME = "fastw2v-demo.txt"
ARCHITECTURES = {"skip-gram": 1, "CBOW": 0}
VECTOR_SIZE, EPOCHS = 64, 5
NEIGHBOURS_OF = ("king", "seoul", "swim", "왕", "서울", "읽다")
# Questions (a, b, c, d): the word nearest to b - a + c should be d.
HEADLINES = (("서울", "한국", "도쿄", "일본"), ("man", "king", "woman", "queen"))
_FIRST, _OTHER = 32, 20  # the widths of columns


def main(
    directory: str | os.PathLike[str] = ".",
    workers: int | None = None,
    progress: bool | None = None,
) -> int:
    """Train skip-gram and CBOW on a made corpus, and print what their vectors know.

    The corpus is that of `fastw2v.datasets.make_analogy_corpus`. Results go to stdout, progress to
    stderr; it takes some seconds.

    Parameters
    ----------
    directory : str or os.PathLike, default "."
        Where to write ``fastw2v-demo.txt``, the skip-gram vectors in word2vec's text format.
    workers : int, optional
        Threads; by default all usable cores.
    progress : bool, optional
        Whether to show progress; by default where stderr is a terminal or a notebook and a model
        takes over two seconds.

    Returns
    -------
    int
        0 if both models find that 한국 - 서울 + 도쿄 = 일본 and king - man + woman = queen, else 1.

    Raises
    ------
    OSError
        If the file cannot be written; found out before training.

    Examples
    --------
    >>> main("시연", workers=2)  # doctest: +SKIP
    0
    """
    target = Path(directory) / FILE_NAME
    check_writable(target)
    _show(_introduction())
    corpus = Corpus(make_analogy_corpus(), workers=workers, progress=progress)
    _show(_corpus_section(corpus))
    models: dict[str, KeyedVectors] = {}
    _show(["", f"Training: {VECTOR_SIZE} numbers a word, {EPOCHS} epochs"])
    for name, sg in ARCHITECTURES.items():
        model = Word2Vec(
            corpus,
            vector_size=VECTOR_SIZE,
            sg=sg,
            epochs=EPOCHS,
            workers=workers,
            progress=progress,
        )
        models[name] = model.wv
        speed = model.epochs * model.corpus_total_words / model.total_train_time
        _show([_row(name, f"{model.total_train_time:.1f} s", f"{speed:,.0f} words/s")])
    _show(_neighbours_section(models["skip-gram"]))
    _show(_analogies_section(models))
    models["skip-gram"].save_word2vec_format(target)
    _show(_farewell(target, len(models["skip-gram"])))
    found = (
        _solve(vectors, *asked)[0] == d for vectors in models.values() for *asked, d in HEADLINES
    )
    return 0 if all(found) else 1


def _introduction() -> list[str]:
    """Say what this is, and what it runs on."""
    return [
        f"fastw2v {__version__}: word vectors (word2vec) from text, fast, on ordinary CPUs",
        f"Here: {cpu.isa()} instructions ({cpu.reason()}), {cpu.usable_cores()} cores",
    ]


def _corpus_section(corpus: Corpus) -> list[str]:
    """Count the corpus, and show a sentence of each language."""
    return [
        "",
        f"Corpus: {corpus.total_words:,} words, {len(corpus.words):,} of them distinct, in "
        f"{len(corpus):,} sentences made here, such as",
        *(f"  {_sentence_with(word)}" for word in ("seoul", "왕")),
    ]


def _sentence_with(word: str) -> str:
    """Return the first sentence of the corpus that holds a word."""
    return " ".join(next(sentence for sentence in make_analogy_corpus() if word in sentence))


def _neighbours_section(vectors: KeyedVectors) -> Iterator[str]:
    """Yield a line for each of some words: the words nearest to it."""
    yield ""
    yield "Nearest words, and the cosine of their angle (skip-gram)"
    for word in NEIGHBOURS_OF:
        near = vectors.most_similar(word, topn=4)
        yield f"  {_pad(word, 8)}" + "".join(_pad(_scored(*found), 17) for found in near).rstrip()


def _analogies_section(models: Mapping[str, KeyedVectors]) -> Iterator[str]:
    """Yield what the vectors answer to the two famous questions, and how many of all are right."""
    yield ""
    yield _row("Analogies", *models, indent="")
    for a, b, c, d in HEADLINES:
        answers = [_solve(vectors, a, b, c) for vectors in models.values()]
        marks = [_scored(*answer) + (" (wrong)" * (answer[0] != d)) for answer in answers]
        yield _row(f"{b} - {a} + {c}", *marks)
    for section, questions in analogy_questions().items():
        rights = [_count_right(vectors, questions) for vectors in models.values()]
        shares = [f"{right / len(questions):.1%}" for right in rights]
        yield _row(f"{section}, {len(questions)} questions", *shares)
    yield "  The corpus has these relations planted in it; real text is harder."


def _farewell(target: Path, n_words: int) -> list[str]:
    """Say where the vectors are, and how to come by one's own."""
    return [
        "",
        f"{n_words:,} skip-gram vectors are in {target}; ask them more:",
        f"  fastw2v similar 김치 --vectors {target}",
        "The same with your own text:",
        "  fastw2v train your-text.txt -o vectors.txt --sg",
        "  fastw2v similar 단어 --vectors vectors.txt",
    ]


def _solve(vectors: KeyedVectors, a: str, b: str, c: str) -> tuple[str, float]:
    """Return the word nearest to b - a + c, and its cosine."""
    word, cosine = vectors.most_similar(positive=[b, c], negative=[a], topn=1)[0]
    return str(word), cosine


def _count_right(vectors: KeyedVectors, questions: Iterable[tuple[str, str, str, str]]) -> int:
    """Count the questions that the vectors answer."""
    return sum(_solve(vectors, a, b, c)[0] == d for a, b, c, d in questions)


def _scored(word: object, cosine: float) -> str:
    """Show a word with its cosine."""
    return f"{word} {cosine:.2f}"


def _row(first: str, *others: str, indent: str = "  ") -> str:
    """Lay out cells in columns."""
    cells = [_pad(indent + first, _FIRST), *(_pad(other, _OTHER) for other in others)]
    return "".join(cells).rstrip()


def _pad(text: str, width: int) -> str:
    """Fill up with spaces to a width in terminal cells, of which a Hangul syllable takes two."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return text + " " * (width - len(text) - wide)


def _show(lines: Iterable[str]) -> None:
    """Print the lines of a section at once: the next one may take seconds."""
    show(*lines, sep="\n", flush=True)
