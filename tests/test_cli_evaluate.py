"""`fastw2v evaluate`: files of questions and pairs in, lines of figures out."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Cli, assert_error, run_process

from fastw2v import KeyedVectors

QUESTIONS = """: 수도
서울 한국 도쿄 일본
한국 서울 일본 도쿄
서울 한국 평양 북한
: 왕
king QUEEN man woman
: 없음
"""
PAIRS = "낱말 1,낱말 2,점수\n한국,서울,9\n왕,king,8.5\nman,e-mail,1\n사과,배,5\n"


@pytest.fixture
def files(vectors: KeyedVectors) -> KeyedVectors:
    Path("질문.txt").write_text(QUESTIONS, encoding="utf-8")
    Path("쌍.csv").write_text(PAIRS, encoding="utf-8-sig")
    return vectors


@pytest.mark.parametrize(("option", "function"), [("", ""), (" --cosmul", "_cosmul")])
def test_analogies_print_a_line_a_section(
    option: str, function: str, cli: Cli, files: KeyedVectors
) -> None:
    result = cli(f"evaluate vectors.bin --analogies 질문.txt{option}")
    assert (result.code, result.err) == (0, "")
    _, sections = files.evaluate_word_analogies(
        "질문.txt", similarity_function=f"most_similar{function}"
    )
    names = ["수도", "왕", "없음", "Total accuracy"]
    assert [row[:2] for row in result.rows] == [["질문.txt", name] for name in names]
    assert [row[4:] for row in result.rows] == [["2", "1"], ["1", "0"], ["0", "0"], ["3", "1"]]
    assert [int(row[3]) for row in result.rows] == [len(one["correct"]) for one in sections]
    assert [float(row[2]) for row in result.rows] == [
        round(int(row[3]) / max(int(row[4]), 1), 4) for row in result.rows
    ]


def test_pairs_print_two_correlations(cli: Cli, files: KeyedVectors) -> None:
    result = cli("evaluate vectors.bin --pairs 쌍.csv --delimiter ,")
    assert (result.code, result.err) == (0, "")
    *found, unknown = files.evaluate_word_pairs("쌍.csv", ",")
    assert unknown == 25
    assert result.rows == [
        ["쌍.csv", name, f"{one.statistic:.4f}", f"{one.pvalue:.3g}", "25.0"]
        for name, one in zip(("pearson", "spearman"), found, strict=True)
    ]


@pytest.mark.usefixtures("files")
def test_several_files_in_one_go(cli: Cli) -> None:
    Path("더.txt").write_bytes(Path("질문.txt").read_bytes().decode().encode("cp949"))
    rows = cli("evaluate vectors.bin --encoding cp949 --analogies 더.txt --analogies 더.txt").rows
    assert len(rows) == 8
    rows = cli("evaluate vectors.bin --analogies 질문.txt --pairs 쌍.csv --delimiter ,").rows
    assert len(rows) == 6


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("line", "code", "named"),
    [
        ("evaluate", 2, "VECTORS"),
        ("evaluate vectors.bin", 2, "--analogies or --pairs"),
        ("evaluate vectors.png --pairs 쌍.csv", 2, "vectors.png"),
        (
            "evaluate vectors.bin --analogies 질문.txt --restrict-vocab 0",
            2,
            "--restrict-vocab must",
        ),
        ("evaluate vectors.bin --pairs 쌍.csv --delimiter ''", 2, "--delimiter must"),
        ("evaluate 없음.bin --analogies 질문.txt", 1, "없음.bin"),
        ("evaluate vectors.bin --analogies 없음.txt", 1, "없음.txt"),
        ("evaluate vectors.bin --pairs 쌍.csv", 1, "pass --delimiter"),
        ("evaluate vectors.bin --pairs 쌍.csv --encoding ascii", 1, "line 1: not ascii"),
        ("evaluate vectors.bin --pairs 쌍.csv --encoding klingon", 2, "klingon"),
        ("evaluate vectors.bin --analogies 쌍.csv", 1, "four words"),
        ("evaluate vectors.bin --pairs 쌍.csv --delimiter , --restrict-vocab 1", 1, "two pairs"),
    ],
)
def test_errors_of_one_line(line: str, code: int, named: str, cli: Cli) -> None:
    result = cli(line)
    assert_error(result, code, named)
    assert result.out == ""


@pytest.mark.usefixtures("files")
def test_what_is_left_out_is_told() -> None:
    Path("질문.txt").write_text(QUESTIONS + "서울 한국\n\n", encoding="utf-8")
    result = run_process("evaluate vectors.bin --analogies 질문.txt")
    assert result.code == 0
    assert len(result.rows) == 4
    assert result.err == (
        "fastw2v: warning: 질문.txt: left out 1 line without four words: line 8\n"
    )
    result = run_process("evaluate vectors.bin --analogies 질문.txt --restrict-vocab 2")
    assert result.rows[-1][1:] == ["Total accuracy", "0.0000", "0", "0", "4"]
    assert "the 2 known words begin with '한국', '서울'" in result.err
