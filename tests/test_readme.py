"""The examples of README.md: all that is Python runs, over small files of the names it has."""

from __future__ import annotations

import gzip
import pickle
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import fastw2v
from fastw2v.datasets import analogy_questions, make_analogy_corpus

README = Path(__file__).parents[1] / "README.md"
FRUIT = [["나는", "사과를", "배를", "먹었다"], ["사과", "배", "과일"], ["대한", "민국", "만세"]]


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    sentences = [*make_analogy_corpus(n_words=30_000), *FRUIT * 20]
    text = "".join(" ".join(sentence) + "\n" for sentence in sentences)
    Path("corpus.txt").write_text(text, encoding="utf-8")
    Path("texts").mkdir()
    Path("texts/1.txt.gz").write_bytes(gzip.compress(text.encode()))
    questions = "".join(
        f": {section}\n" + "".join(" ".join(words) + "\n" for words in asked)
        for section, asked in analogy_questions().items()
    )
    Path("questions-words.txt").write_text(questions, encoding="utf-8")
    write_gensim_vectors(Path("old.kv"), monkeypatch)
    return tmp_path


def write_gensim_vectors(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write what gensim's KeyedVectors.save would, without gensim."""
    module = ModuleType("gensim.models.keyedvectors")
    module.KeyedVectors = type("KeyedVectors", (), {"__module__": module.__name__})  # type: ignore[attr-defined]
    with monkeypatch.context() as patch:
        for name in ("gensim", "gensim.models"):
            patch.setitem(sys.modules, name, ModuleType(name))
        patch.setitem(sys.modules, module.__name__, module)
        one = module.KeyedVectors()
        vars(one).update(index_to_key=["한국", "서울"], vectors=np.eye(2, dtype=np.float32))
        path.write_bytes(pickle.dumps(one))


def names_of_the_reader() -> dict[str, Any]:
    """What the examples take for given."""
    ids = np.random.default_rng(1).integers(0, 50, 2_000)
    return {
        "item_ids": ids,
        "session_starts": np.arange(0, 2_001, 20),
        "more_sentences": [["새말", "한국"]] * 5,
    }


@pytest.mark.usefixtures("place")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore:.*unclosed file:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("number", range(len(blocks())))
def test_examples_run(number: int) -> None:
    names = names_of_the_reader()
    exec(compile(blocks()[number], "README.md", "exec"), names)
    assert any(isinstance(value, fastw2v.Word2Vec) for value in names.values())


def test_there_are_examples() -> None:
    assert len(blocks()) >= 3
