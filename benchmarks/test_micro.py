"""The small parts, by pytest-benchmark: ``pytest benchmarks/test_micro.py --benchmark-enable``.

All files are made here, from a fixed seed. Where gensim is installed and has the same call, it is
timed beside fastw2v. ``FASTW2V_ISA`` chooses the instruction set.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pytest_benchmark")

TOKENS, DISTINCT, SENTENCE = 1_000_000, 20_000, 20
ROWS, DIMENSIONS = 50_000, 100


@pytest.fixture(scope="module")
def fastw2v() -> ModuleType:
    """Return the library itself."""
    module: ModuleType = pytest.importorskip("fastw2v")
    return module


@pytest.fixture(scope="module", params=["fastw2v", "gensim.models"])
def library(request: pytest.FixtureRequest) -> ModuleType:
    """Return a module with a class KeyedVectors: ours, then gensim's."""
    module: ModuleType = pytest.importorskip(request.param)
    return module


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a text file, half English and half Korean words, whose counts follow Zipf's law."""
    weights = 1 / np.arange(1, DISTINCT + 1)
    drawn = np.random.default_rng(1).choice(DISTINCT, size=TOKENS, p=weights / weights.sum())
    words = _words(DISTINCT)
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    with path.open("w", encoding="utf-8") as file:
        for sentence in drawn.reshape(-1, SENTENCE):
            file.write(" ".join(words[i] for i in sentence) + "\n")
    return path


@pytest.fixture(scope="module")
def vector_files(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Return word2vec files of random vectors: by False the text file, by True the binary one."""
    vectors = np.random.default_rng(1).normal(size=(ROWS, DIMENSIONS)).astype("<f4")
    folder = tmp_path_factory.mktemp("vectors")
    paths = {False: folder / "vectors.txt", True: folder / "vectors.bin"}
    with paths[False].open("wb") as text, paths[True].open("wb") as binary:
        for file in (text, binary):
            file.write(f"{ROWS} {DIMENSIONS}\n".encode())
        for word, row in zip(_words(ROWS), vectors, strict=True):
            text.write(f"{word} {' '.join(map(str, row))}\n".encode())
            binary.write(f"{word} ".encode() + row.tobytes() + b"\n")
    return paths


def _words(count: int) -> list[str]:
    return [f"낱말{i}" if i % 2 else f"word{i}" for i in range(count)]


@pytest.mark.parametrize("sg", [0, 1], ids=["cbow", "sg"])
@pytest.mark.parametrize(("vector_size", "window", "negative"), [(100, 5, 5), (300, 10, 10)])
def test_train(
    benchmark: Any,
    fastw2v: ModuleType,
    corpus: Path,
    sg: int,
    vector_size: int,
    window: int,
    negative: int,
) -> None:
    """One epoch by one thread, the scan excluded: the kernels, at a usual and at a large size."""
    from fastw2v import cpu

    def untrained() -> tuple[tuple[Any, ...], dict[str, Any]]:
        model = fastw2v.Word2Vec(
            vector_size=vector_size,
            window=window,
            negative=negative,
            sg=sg,
            epochs=1,
            workers=1,
            progress=False,
        )
        model.build_vocab(str(corpus))
        return (model,), {}

    benchmark.group = f"train, {vector_size} dimensions, window {window}, negative {negative}"
    benchmark.extra_info |= {"isa": cpu.isa(), "words": TOKENS}
    trained, raw = benchmark.pedantic(lambda model: model.train(), setup=untrained, rounds=5)
    assert 0 < trained <= raw == TOKENS


@pytest.mark.parametrize("workers", [1, 2])
def test_scan(benchmark: Any, fastw2v: ModuleType, corpus: Path, workers: int) -> None:
    """Words counted and the file of ids written, in one pass over the text."""
    benchmark.group = "scan"
    benchmark.extra_info["words"] = TOKENS
    read = benchmark.pedantic(
        fastw2v.Corpus, (str(corpus),), {"workers": workers, "progress": False}, rounds=5
    )
    assert read.total_words == TOKENS


def test_most_similar(benchmark: Any, library: ModuleType, vector_files: dict[bool, Path]) -> None:
    """One query among 50,000 words, after a first one that may prepare what it likes."""
    vectors = library.KeyedVectors.load_word2vec_format(str(vector_files[True]), binary=True)
    vectors.most_similar("낱말1")
    benchmark.group = "most_similar"
    assert len(benchmark(vectors.most_similar, "낱말1", topn=10)) == 10


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_load(
    benchmark: Any, library: ModuleType, vector_files: dict[bool, Path], binary: bool
) -> None:
    """A word2vec file read."""
    benchmark.group = f"load, {'binary' if binary else 'text'}"
    load = library.KeyedVectors.load_word2vec_format
    loaded = benchmark.pedantic(load, (str(vector_files[binary]),), {"binary": binary}, rounds=3)
    assert loaded.vectors.shape == (ROWS, DIMENSIONS)


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_save(
    benchmark: Any,
    library: ModuleType,
    vector_files: dict[bool, Path],
    tmp_path: Path,
    binary: bool,
) -> None:
    """A word2vec file written."""
    vectors = library.KeyedVectors.load_word2vec_format(str(vector_files[True]), binary=True)
    benchmark.group = f"save, {'binary' if binary else 'text'}"
    path = tmp_path / "vectors"
    save = vectors.save_word2vec_format
    benchmark.pedantic(save, (str(path),), {"binary": binary}, rounds=3)
    assert path.stat().st_size >= ROWS * DIMENSIONS * 4
