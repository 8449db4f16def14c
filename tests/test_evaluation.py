"""Analogy questions and word pairs: right answers, correlations, files of every kind."""

from __future__ import annotations

import gzip
import lzma
import math
import threading
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import FormatError, KeyedVectors, evaluation
from fastw2v._evaluation.correlation import pearson, spearman
from fastw2v.errors import CorpusError, NoWordsError

FUNCTIONS = ("most_similar", "most_similar_cosmul")
FAMILY = KeyedVectors.from_arrays(
    ["왕", "King", "여왕", "남자", "여자", "queen", "king"],
    np.array([[2.0, 1], [2, 1], [2, -1], [0, 1], [0, -1], [2, -1], [1, 0]]),
)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def make_case(seed: int, n: int = 300, d: int = 6) -> tuple[KeyedVectors, str]:
    """Return vectors with several spellings of words, and questions that they may answer."""
    rng = np.random.default_rng(seed)
    spellings = (str.lower, str.upper, str.title)
    words = [spellings[i % 3](f"word{'abcdefghij'[i // 3 % 10]}{i // 7}") for i in range(n)]
    words = list(dict.fromkeys(words))
    rows = rng.standard_normal((len(words), d)).astype(np.float32)
    rows[5] = 0
    wv = KeyedVectors.from_arrays(words, rows)
    lines = []
    for section in range(4):
        lines.append(f": section {section}")
        for question in range(40):
            a, b, c, d = (words[i] for i in rng.choice(len(words), 4, replace=False))
            if question % 2:
                found = wv.most_similar([b, c], [a], topn=1)
                assert isinstance(found, list)
                d = found[0][0]
            lines.append(f"{a} {b} {c} {d}")
        lines.append("unknown words in here")
    return wv, "\n".join(lines) + "\n"


def expected_answer(wv: KeyedVectors, words: list[str], n: int, multiply: bool, fold: Any) -> str:
    """Return the answer to a question by the definition, word after word, in float64."""
    first: dict[str, int] = {}
    for row, key in enumerate(wv.index_to_key[:n]):
        first.setdefault(fold(key), row)
    units = wv.vectors[:n].astype(np.float64)
    units /= np.maximum(np.linalg.norm(units, axis=1, keepdims=True), 1e-30)
    a, b, c = (units @ units[first[fold(word)]] for word in words[:3])
    if multiply:
        a, b, c = ((1 + cosines) / 2 for cosines in (a, b, c))
        scores = b * c / (a + 1e-6)
    else:
        scores = b - a + c
    given = set(map(fold, words[:3]))
    allowed = [row for row in range(n) if fold(wv.index_to_key[row]) not in given]
    return str(fold(wv.index_to_key[max(allowed, key=scores.__getitem__)]))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("case_insensitive", [False, True])
@pytest.mark.parametrize("restrict_vocab", [None, 220])
@pytest.mark.parametrize("sizes", [(4096, 256, 1024), (7, 3, 11)])
def test_answers_are_those_of_the_definition(
    function: str,
    case_insensitive: bool,
    restrict_vocab: int | None,
    sizes: tuple[int, int, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, size in zip(
        ("_BLOCK_QUESTIONS", "_CHUNK_QUESTIONS", "_TILE_ROWS"), sizes, strict=True
    ):
        monkeypatch.setattr(evaluation, name, size)
    wv, text = make_case(seed=1)
    n = restrict_vocab or len(wv)
    fold = str.upper if case_insensitive else str
    known = set(map(fold, wv.index_to_key[:n]))
    right: list[tuple[str, ...]] = []
    wrong: list[tuple[str, ...]] = []
    lines = []
    for line in text.splitlines():
        words = line.split()
        if not line.startswith(":") and known.issuperset(map(fold, words)):
            answer = expected_answer(wv, words, n, function == FUNCTIONS[1], fold)
            if len(right) <= len(wrong):  # half of the questions are to have right answers
                words[3] = answer
            question = tuple(map(fold, words))
            (right if question[3] == answer else wrong).append(question)
        lines.append(line if line.startswith(":") else " ".join(words))
    path = write(tmp_path / "questions.txt", "\n".join(lines))
    score, sections = wv.evaluate_word_analogies(
        path, restrict_vocab, case_insensitive, similarity_function=function
    )
    assert len(right) > 5
    assert sections[-1] == {"section": "Total accuracy", "correct": right, "incorrect": wrong}
    assert score == len(right) / (len(right) + len(wrong))
    assert [one["section"] for one in sections[:-1]] == [f"section {i}" for i in range(4)]
    for kind in ("correct", "incorrect"):
        parts = [one[kind] for one in sections[:-1]]  # type: ignore[literal-required]
        assert list(chain.from_iterable(parts)) == sections[-1][kind]  # type: ignore[literal-required]


@pytest.mark.parametrize("case_insensitive", [False, True])
@pytest.mark.parametrize("dummy4unknown", [False, True])
@pytest.mark.parametrize("restrict_vocab", [100, 300_000])
def test_results_are_gensims(
    restrict_vocab: int, case_insensitive: bool, dummy4unknown: bool, tmp_path: Path
) -> None:
    pytest.importorskip("gensim")
    wv, text = make_case(seed=2)
    wv.vectors[5] = 1  # gensim's cosines of zeros are NaN
    path = write(tmp_path / "questions.txt", text)
    arguments = (restrict_vocab, case_insensitive, dummy4unknown)
    found = wv.evaluate_word_analogies(path, *arguments)
    assert found[0] > 0
    assert found == wv.to_gensim().evaluate_word_analogies(str(path), *arguments)
    pairs = "".join(
        f"{words[0]}\t{words[1]}\t{i % 7}\n"
        for i, line in enumerate(text.splitlines())
        if len(words := line.split()) == 4
    )
    path = write(tmp_path / "pairs.tsv", pairs)
    options = {"restrict_vocab": restrict_vocab, "case_insensitive": case_insensitive}
    ours = wv.evaluate_word_pairs(path, **options, dummy4unknown=dummy4unknown)
    theirs = wv.to_gensim().evaluate_word_pairs(str(path), **options, dummy4unknown=dummy4unknown)
    assert ours[2] == theirs[2]
    for mine, other in zip(ours[:2], theirs[:2], strict=True):
        np.testing.assert_allclose(tuple(mine), tuple(other), rtol=1e-4)
        assert (mine[0], mine[1]) == (mine.statistic, mine.pvalue)


def test_arguments_stand_in_gensims_order() -> None:
    import inspect

    gensim = pytest.importorskip("gensim")
    for name in ("evaluate_word_pairs", "evaluate_word_analogies"):
        ours, theirs = (
            inspect.signature(getattr(kind, name)).parameters
            for kind in (KeyedVectors, gensim.models.KeyedVectors)
        )
        for mine, other in zip(list(ours.values())[1:], list(theirs.values())[1:], strict=False):
            assert (mine.name, mine.default) == (other.name, other.default)
        assert len(ours) >= len(theirs)


def test_a_word_of_several_spellings_is_one(tmp_path: Path) -> None:
    path = write(tmp_path / "q", ": 가족\n남자 king 여자 QUEEN\n남자 왕 여자 여왕\n")
    score, sections = FAMILY.evaluate_word_analogies(path)
    # The vector of King, the first of its spellings; 여왕 is as near as queen, and stands before.
    assert sections[0]["incorrect"] == [("남자", "KING", "여자", "QUEEN")]
    assert sections[0]["correct"] == [("남자", "왕", "여자", "여왕")]
    assert score == 0.5
    _, sections = FAMILY.evaluate_word_analogies(path, case_insensitive=False)
    assert sections[-1]["correct"] == [("남자", "왕", "여자", "여왕")]
    assert sections[-1]["incorrect"] == []


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_vectors_of_every_precision(dtype: Any, tmp_path: Path) -> None:
    wv = KeyedVectors.from_arrays(FAMILY.index_to_key, FAMILY.vectors.astype(dtype))
    path = write(tmp_path / "q", ": 가족\n남자 왕 여자 여왕\n")
    assert wv.evaluate_word_analogies(path)[0] == 1.0


def test_unknown_words_are_left_out_or_count_as_wrong(tmp_path: Path) -> None:
    path = write(
        tmp_path / "q", ": 가족\n남자 왕 여자 여왕\n남자 왕 여자 공주\n: 없음\n가 나 다 라\n"
    )
    score, sections = FAMILY.evaluate_word_analogies(path)
    assert (score, len(sections[-1]["incorrect"])) == (1.0, 0)
    score, sections = FAMILY.evaluate_word_analogies(path, dummy4unknown=True)
    assert (score, len(sections[-1]["incorrect"])) == (1 / 3, 2)
    with pytest.warns(UserWarning, match=r"each of the 3 questions has an unknown word.*'왕'"):
        score, sections = FAMILY.evaluate_word_analogies(path, restrict_vocab=1)
    assert score == 0.0
    assert [one["section"] for one in sections] == ["가족", "없음", "Total accuracy"]


def test_where_no_word_is_left_nothing_is_right(tmp_path: Path) -> None:
    wv = KeyedVectors.from_arrays(["a", "b", "c"], np.eye(3))
    path = write(tmp_path / "q", ": x\na b c a\na b c b\n")
    assert wv.evaluate_word_analogies(path)[0] == 0.0


def test_evaluating_changes_nothing_and_runs_beside_queries(tmp_path: Path) -> None:
    wv, text = make_case(seed=3)
    path = write(tmp_path / "q", text)
    expected = wv.evaluate_word_analogies(path)
    index, vectors = dict(wv.key_to_index), wv.vectors.copy()
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(wv.evaluate_word_analogies(path)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for key in list(index)[:50]:
        assert wv.get_index(key) == index[key]
    for thread in threads:
        thread.join()
    assert found == [expected] * 4
    assert wv.key_to_index == index
    np.testing.assert_array_equal(wv.vectors, vectors)


@pytest.mark.parametrize(
    ("name", "compress"), [("q.txt", bytes), ("q.txt.gz", gzip.compress), ("q.xz", lzma.compress)]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_files_of_every_kind(name: str, compress: Any, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(compress(": 가족\r\n\r\n남자 왕 여자 여왕".encode(encoding)))
    for given in (path, str(path)):
        assert FAMILY.evaluate_word_analogies(given, encoding=encoding)[0] == 1.0
    path.write_bytes(compress("왕\t여왕\t9\r\n왕\t남자\t3\r\n여자\t남자\t0".encode(encoding)))
    assert FAMILY.evaluate_word_pairs(path, encoding=encoding)[2] == 0.0


def test_lines_left_out_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "q.txt", ": 가족\n남자 왕 여자 여왕\n남자 왕\n\n" + "a b c d e\n" * 6)
    with pytest.warns(
        UserWarning, match=r"q\.txt: left out 7 lines .*: lines 3, 5, 6, 7, 8, \.\.\."
    ):
        assert FAMILY.evaluate_word_analogies(path)[0] == 1.0
    path = write(
        tmp_path / "p.tsv",
        "# a comment\n왕\t여왕\tscore\n왕\t여왕\t9\n왕\t남자\tx\n\n여자\t남자\t1\n",
    )
    with pytest.warns(UserWarning, match=r"p\.tsv: left out 1 line .*: line 4") as caught:
        FAMILY.evaluate_word_pairs(path)
    assert [one.filename for one in caught] == [__file__]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "no line holds the four words"),
        (": only a section\n", "no line holds the four words"),
        ("a,b,c,d\n", "no line holds the four words"),
        ("\n남자 왕 여자 여왕\n", "line 2: a question before the first section"),
    ],
)
def test_files_without_questions(text: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=named):
        FAMILY.evaluate_word_analogies(write(tmp_path / "q", text))


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "왕,여왕,9\n", "왕\t여왕\n", "왕\t여왕\tnan\n"]
)
def test_files_without_pairs(text: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="two words and a number between delimiters"):
        FAMILY.evaluate_word_pairs(write(tmp_path / "p", text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "q", ": 가족\n남자 왕 여자 여왕\n", "cp949")
    for evaluate in (FAMILY.evaluate_word_analogies, FAMILY.evaluate_word_pairs):
        with pytest.raises(FormatError, match="line 1: not utf8"):
            evaluate(path)
        with pytest.raises(FileNotFoundError):
            evaluate(tmp_path / "없음")
        with pytest.raises(IsADirectoryError):
            evaluate(tmp_path)
    path.write_bytes(gzip.compress(b": x\na b c d\n")[:-9])
    with pytest.raises(CorpusError, match="truncated"):
        FAMILY.evaluate_word_analogies(path)


def test_wrong_arguments_come_before_the_file_is_read() -> None:
    for arguments, named in (
        ({"similarity_function": "most_similiar"}, "similarity_function must be"),
        ({"restrict_vocab": 0}, "restrict_vocab must be"),
        ({"case_insensitive": "no"}, "case_insensitive must be"),
        ({"dummy4unknown": 2}, "dummy4unknown must be"),
        ({"encoding": "klingon"}, "encoding must be"),
    ):
        with pytest.raises(ValueError, match=named):
            FAMILY.evaluate_word_analogies("없음", **arguments)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="delimiter must be"):
        FAMILY.evaluate_word_pairs("없음", delimiter="")
    numbers = KeyedVectors.from_arrays([1, 2], np.eye(2))
    with pytest.raises(TypeError, match="keys that are words, got 1"):
        numbers.evaluate_word_pairs("없음")


def test_vectors_that_are_not_finite_are_named(tmp_path: Path) -> None:
    wv = KeyedVectors.from_arrays(["왕", "여왕", "남자", "여자"], np.eye(4))
    wv.vectors[1, 2] = np.nan
    path = write(tmp_path / "q", ": 가족\n남자 왕 여자 여왕\n")
    with pytest.raises(ValueError, match="여왕"):
        wv.evaluate_word_analogies(path)
    path = write(tmp_path / "p", "왕\t여왕\t1\n남자\t여자\t2\n")
    with pytest.raises(ValueError, match="여왕"):
        wv.evaluate_word_pairs(path)


def test_korean_pairs_with_a_heading(tmp_path: Path) -> None:
    text = "단어 1,단어 2,점수\n왕,여왕, 9.00 \n왕, 남자,5\n여자,남자,1\n사과,배,4\n"
    path = write(tmp_path / "WS_korean.csv", text, "utf-8-sig")
    first, second, unknown = FAMILY.evaluate_word_pairs(path, ",")
    cosines = [
        FAMILY.similarity(*pair) for pair in (("왕", "여왕"), ("왕", "남자"), ("여자", "남자"))
    ]
    assert first.statistic == pytest.approx(np.corrcoef([9, 5, 1], cosines)[0, 1])
    assert second.statistic == 1.0
    assert unknown == 25.0
    with_zeros, _, unknown = FAMILY.evaluate_word_pairs(path, ",", dummy4unknown=True)
    assert with_zeros.statistic == pytest.approx(np.corrcoef([9, 5, 1, 4], [*cosines, 0])[0, 1])
    assert unknown == 25.0


def test_too_few_pairs_are_no_correlation(tmp_path: Path) -> None:
    path = write(tmp_path / "p", "왕\t여왕\t9\n사과\t배\t4\n")
    with pytest.raises(NoWordsError, match="at least two pairs of known words, got 1 of 2"):
        FAMILY.evaluate_word_pairs(path)


@pytest.mark.parametrize("n", [2, 3, 4, 10, 353, 2000])
@pytest.mark.parametrize("likeness", [0, 0.3, 3, -100])
def test_correlations_are_those_of_scipy(n: int, likeness: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(n)
    first = rng.standard_normal(n)
    second = first * likeness + rng.standard_normal(n)
    for given in ((first, second), (first, np.round(second)), (first * 1e200, second * 1e-200)):
        if np.ptp(given[1]):
            theirs = stats.pearsonr(*given)
            np.testing.assert_allclose(pearson(*given), theirs, rtol=1e-7, atol=1e-300)
            if n > 2:  # for two numbers scipy gives no p-value
                np.testing.assert_allclose(
                    spearman(*given), stats.spearmanr(*given), rtol=1e-7, atol=1e-7
                )


def test_correlations_at_their_limits() -> None:
    up = np.arange(5.0)
    assert pearson(up, 3 * up - 7) == (1.0, 0.0)
    assert spearman(up, -(up**3)) == (-1.0, 0.0)
    assert pearson(up[:2], up[:2]) == (1.0, 1.0)
    assert all(map(math.isnan, pearson(up, np.ones(5))))
    # Student's t with one degree of freedom is Cauchy's distribution.
    found = pearson(np.array([1.0, 2, 3]), np.array([1.0, 3, 2]))
    assert found == pytest.approx((0.5, 2 / 3))


def test_progress_is_shown_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "q", ": 가족\n남자 왕 여자 여왕\n")
    FAMILY.evaluate_word_analogies(path, progress=True)
    assert "evaluating  100.0 %  1 questions" in capsys.readouterr().err
    FAMILY.evaluate_word_analogies(path, progress=False)
    assert capsys.readouterr().err == ""
