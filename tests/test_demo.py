"""The demo: what a newcomer sees, and that it tells the truth."""

from __future__ import annotations

import contextlib
import functools
import io
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from fastw2v import KeyedVectors, demo
from fastw2v.datasets import make_analogy_corpus


class Run(NamedTuple):
    """One run of the demo."""

    code: int
    out: str
    err: str
    directory: Path


def run_demo(directory: Path, progress: bool | None) -> Run:
    """Run the demo with its output caught."""
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        code = demo.main(directory, progress=progress)
    return Run(code, out.getvalue(), err.getvalue(), directory)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the demo as a newcomer does."""
    return run_demo(tmp_path_factory.mktemp("시연"), progress=None)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the demo small: too little training for anything to come out right."""
    corpus = functools.partial(make_analogy_corpus, 100_000)
    monkeypatch.setattr(demo, "make_analogy_corpus", corpus)
    monkeypatch.setattr(demo, "EPOCHS", 1)


def test_both_models_find_the_headlines(run: Run) -> None:
    lines = {
        line.split("  ")[1]: line.split()[5:] for line in run.out.splitlines() if " + " in line
    }
    for expression, answer in (("한국 - 서울 + 도쿄", "일본"), ("king - man + woman", "queen")):
        skip_gram, skip_gram_cosine, cbow, cbow_cosine = lines[expression]
        assert skip_gram == cbow == answer
        assert 0.5 < float(skip_gram_cosine) <= 1
        assert 0.5 < float(cbow_cosine) <= 1
    assert run.code == 0


def test_speed_and_accuracy_are_shown_for_both_models(run: Run) -> None:
    assert run.out.count(" words/s") == 2
    accuracies = [line.split()[-2:] for line in run.out.splitlines() if " questions " in line]
    assert len(accuracies) == 6
    assert all(float(share.rstrip("%")) >= 90 for row in accuracies for share in row)


def test_vectors_are_written_and_answer_as_printed(run: Run) -> None:
    assert [path.name for path in run.directory.iterdir()] == ["fastw2v-demo.txt"]
    vectors = KeyedVectors.load_word2vec_format(run.directory / "fastw2v-demo.txt")
    assert vectors.vectors.shape == (len(vectors), 64)
    assert np.isfinite(vectors.vectors).all()
    word, cosine = vectors.most_similar("서울", topn=1)[0]
    assert f"서울    {word} {cosine:.2f}" in run.out


def test_commands_for_the_users_own_text_end_it(run: Run) -> None:
    assert "fastw2v train your-text.txt" in run.out.splitlines()[-2]
    assert "fastw2v similar 단어" in run.out.splitlines()[-1]


def test_columns_are_aligned_on_a_terminal(run: Run) -> None:
    def cells(text: str) -> int:
        return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)

    table = run.out[run.out.index("Analogies") :].splitlines()[:9]
    last = [line.rsplit("  ", 1)[-1].strip() for line in table]
    starts = {cells(line) - cells(cell) for line, cell in zip(table, last, strict=True)}
    assert len(starts) == 1, table
    assert max(map(cells, table)) <= 80


def test_wrong_answers_are_shown_and_set_the_exit_code(
    small: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(demo, "HEADLINES", (("서울", "한국", "도쿄", "nothing"),))
    wrong = run_demo(tmp_path, progress=False)
    assert wrong.code == 1
    assert wrong.out.count("(wrong)") == 2


def test_progress_goes_to_stderr(small: None, tmp_path: Path) -> None:
    assert run_demo(tmp_path, progress=False).err == ""
    shown = run_demo(tmp_path, progress=True)
    assert shown.err
    assert "\r" not in shown.out


@pytest.mark.parametrize("name", ["missing", "file"])
def test_directory_that_cannot_be_written_is_an_error_before_any_work(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not a directory")
    monkeypatch.delattr(demo, "Corpus")
    with pytest.raises(OSError, match=demo.FILE_NAME):
        demo.main(tmp_path / name)
    assert capsys.readouterr() == ("", "")
