"""The command `fastw2v`, as a user meets it: a command line in; lines, files and exit codes out."""

from __future__ import annotations

import inspect
import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from commandline import (
    QUICK,
    WORDS,
    Cli,
    assert_error,
    load,
    run_process,
    run_shell,
    show,
    start,
)

import fastw2v
from fastw2v import KeyedVectors, Word2Vec, cpu, demo, hardware
from fastw2v._cli.parser import FORMATS, HYPERPARAMETERS
from fastw2v.cli import main


def test_help_is_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    imported = run_process("--help").err
    assert "argparse" in imported
    assert "numpy" not in imported


@pytest.mark.parametrize(
    "command", ["train", "similar", "analogy", "evaluate", "convert", "info", "demo"]
)
def test_every_command_explains_itself_by_example(command: str, cli: Cli) -> None:
    assert f"\n    {command} " in cli("--help").out
    result = cli(f"{command} --help")
    assert result.code == 0
    assert f"  fastw2v {command}" in result.out.partition("For example:")[2]


def test_help_survives_a_pipe_of_another_encoding() -> None:
    result = run_process("--help", encoding="cp1252")
    assert (result.code, result.err) == (0, "")
    assert "한국 - 서울 + 도쿄" in result.out


def test_version(cli: Cli) -> None:
    assert cli("--version") == (0, f"fastw2v {fastw2v.__version__}\n", "")


def test_defaults_of_train_are_those_of_word2vec() -> None:
    parameters = inspect.signature(Word2Vec).parameters
    for _, name, _, default, _ in HYPERPARAMETERS:
        assert parameters[name].default == default, name
    assert parameters["sg"].default == 0


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("", "COMMAND"),
        ("fly", "fly"),
        ("similar", "WORD"),
        ("similar 한국 --topn many", "many"),
        ("similar 한국 --vectors vectors.png", "vectors.png"),
        ("analogy '한국 서울 도쿄'", "한국 서울 도쿄"),
        ("analogy 한국 - 서울 +", "한국 - 서울 +"),
        ("analogy 한국 - + 서울", "한국 - + 서울"),
        ("analogy ' '", "expression"),
        ("train 말뭉치.txt", "--output"),
        ("train 말뭉치.txt -o vectors.png", ".safetensors"),
        ("train 말뭉치.txt -o v.bin --sg --cbow", "--cbow"),
        ("train 말뭉치.txt -o v.bin --vector-size 0", "--vector-size must"),
        ("train 말뭉치.txt -o v.bin --threads 0", "--threads must"),
        ("train 말뭉치.txt -o v.bin --alpha 0.1 --min-alpha 1", "at most --alpha=0.1"),
        ("train 말뭉치.txt -o v.bin --vec 10", "--vec"),
        ("train 말뭉치.txt -o ./말뭉치.txt", "말뭉치.txt"),
        ("train 말뭉치.txt -o v.bin --save-model ./v.bin", "v.bin"),
        ("convert vectors.bin vectors.png", "--to"),
        ("convert vectors.png vectors.bin", "--from"),
        ("convert v.safetensors v.bin --limit -1", "--limit must"),
        ("convert 없음.bin v.bin --limit 0", "--limit must"),
        ("similar 한국 -n 0", "--topn must"),
        ("analogy 한국 + 서울 --topn -3", "--topn must"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(line: str, named: str, cli: Cli) -> None:
    result = cli(line)
    assert_error(result, 2, named)
    assert result.out == ""
    assert os.listdir() == ["말뭉치.txt"]


def test_similar_prints_a_word_and_its_similarity(cli: Cli, vectors: KeyedVectors) -> None:
    result = cli("similar 한국 -n 3")
    assert (result.code, result.err) == (0, "")
    assert result.rows == show(vectors.most_similar("한국", topn=3))


def test_similar_labels_the_lines_of_several_words(cli: Cli, vectors: KeyedVectors) -> None:
    rows = cli("similar 한국 king --vectors vectors.bin").rows
    assert [row[0] for row in rows] == ["한국"] * 10 + ["king"] * 10
    assert [row[1:] for row in rows[10:]] == show(vectors.most_similar("king"))


@pytest.mark.usefixtures("vectors")
def test_similar_reads_words_from_stdin(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO("한국\n\nking queen\n".encode()), encoding="ascii")
    monkeypatch.setattr("sys.stdin", stdin)
    assert [row[0] for row in cli("similar - -n 1").rows] == ["한국", "king", "queen"]


@pytest.mark.usefixtures("vectors")
def test_similar_goes_on_after_an_unknown_word(cli: Cli) -> None:
    result = cli("similar 없는말 한국 -n 1")
    assert_error(result, 1, "없는말")
    assert [row[0] for row in result.rows] == ["한국"]


@pytest.mark.parametrize(
    "expression",
    ["'한국 - 서울 + 도쿄'", "한국 - 서울 + 도쿄", "'- 서울 + 도쿄 + 한국'", "한국 − 서울 + 도쿄"],
)
def test_analogy_adds_and_subtracts(expression: str, cli: Cli, vectors: KeyedVectors) -> None:
    rows = cli(f"analogy {expression} -n 3").rows
    assert rows == show(vectors.most_similar(["한국", "도쿄"], ["서울"], topn=3))
    assert rows[0] == ["일본", "1.0000"]
    assert cli("analogy e-mail + king").rows == show(vectors.most_similar(["e-mail", "king"]))


@pytest.mark.usefixtures("vectors")
def test_analogy_names_an_unknown_word(cli: Cli) -> None:
    result = cli("analogy 한국 - 없는말")
    assert_error(result, 1, "없는말")
    assert result.out == ""


@pytest.mark.parametrize("command", ["similar", "analogy"])
def test_missing_vectors_show_the_option(command: str, cli: Cli) -> None:
    assert_error(cli(f"{command} 한국"), 1, "vectors.bin", "--vectors")


def test_corrupt_vectors_are_failed_work(cli: Cli) -> None:
    Path("corrupt.txt").write_text("2 3\n한국 1 2 3\n서울 1 two 3\n", encoding="utf-8")
    assert_error(cli("similar 한국 -v corrupt.txt"), 1, "corrupt.txt")


def test_train_then_ask(cli: Cli) -> None:
    assert run_process(f"train 말뭉치.txt -o vectors.bin {QUICK}").code == 0
    for line, found in (("similar 한국", 10), ("analogy 한국 - 서울 + 도쿄", 8)):
        result = run_process(line)
        assert (result.code, result.err, len(result.rows)) == (0, "", found)


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("line", ["--help", "similar 한국"])
def test_a_reader_that_leaves_early_is_no_error(line: str) -> None:
    with start(line) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, "")


@pytest.mark.usefixtures("vectors")
def test_results_that_cannot_be_written_are_failed_work(cli: Cli) -> None:
    for command in ("info", "--version", "--help", "similar 한국 -n 1", "analogy 한국 + 서울"):
        assert_error(run_shell(f"fastw2v {command} >&-"), 1, "standard output")
    assert "standard output: it is closed" in run_shell("fastw2v info >&-").err
    if os.path.exists("/dev/full"):
        assert_error(run_shell("fastw2v info >/dev/full"), 1, "No space left")
    assert run_shell("fastw2v convert vectors.bin v.txt >&-") == (0, "", "")
    assert load("v.txt").index_to_key == WORDS


def test_results_that_are_shown_at_once_and_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hardware, "fma_peak", lambda threads: 1e9)
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["info", "--benchmark"]) == 1
    assert capsys.readouterr().err == "fastw2v: error: standard output: it is closed\n"


def test_memory_that_gives_out_shows_what_needs_less(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("fastw2v.Corpus", refuse)
    assert_error(cli(f"train 말뭉치.txt -o v.bin {QUICK}"), 1, "no memory", "lower --threads")


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("command", ["fly", "similar 없는말", "similar 없는말 -v 없음.bin"])
def test_errors_never_go_to_stdout(command: str) -> None:
    result = run_shell(f"fastw2v {command} 2>&-")
    assert (result.code != 0, result.out, result.err) == (True, "", "")


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("line", ["similar -", "train - -o v.bin"])
def test_a_closed_stdin_is_said_to_be_closed(line: str) -> None:
    assert_error(run_shell(f"fastw2v {line} <&-"), 1, "standard input is closed")
    assert not Path("v.bin").exists()


@pytest.mark.parametrize(
    ("content", "name", "advice"),
    [
        (b"a 1 2\nb 3 4\n", "v.txt", "glove"),
        (b"2 2\na 1 2\nb 3 4\n", "glove.2B.2d.txt", "text"),
        (b"1 2\na \0\0\x80\xbf\0\0\0\x81\n", "v.txt", "binary"),
        (b"2 2\na 1 2\nb 3 4\n", "v.bin", "text"),
    ],
)
def test_a_file_of_another_format_shows_the_option(
    content: bytes, name: str, advice: str, cli: Cli
) -> None:
    Path(name).write_bytes(content)
    assert_error(cli(f"convert {name} out.bin"), 1, f"pass --from {advice}")
    result = cli(f"similar a -v {name}")
    assert_error(result, 1, f"pass --format {advice}")
    assert "=" not in result.err


def test_a_truncated_file_shows_how_to_keep_what_is_there(cli: Cli) -> None:
    Path("v.txt").write_text("3 2\na 1 2\n")
    assert_error(cli("convert v.txt out.bin"), 1, "or convert it with --limit 1 to read these")


@pytest.mark.parametrize("suffix", sum(FORMATS.values(), ()))
def test_convert_there_and_back(suffix: str, cli: Cli, vectors: KeyedVectors) -> None:
    assert cli(f"convert vectors.bin 벡터{suffix}") == (0, "", "")
    assert cli(f"convert 벡터{suffix} back.bin").code == 0
    assert cli(f"convert 벡터{suffix} few.bin --limit 3").code == 0
    assert load("back.bin").index_to_key == WORDS
    assert load("few.bin").index_to_key == WORDS[:3]
    np.testing.assert_array_equal(load("back.bin").vectors, vectors.vectors)


def test_the_first_vectors_keep_what_belongs_to_them(cli: Cli, vectors: KeyedVectors) -> None:
    vectors.set_vecattr(WORDS[1], "종류", "도시")
    vectors.vectors_lockf = np.arange(len(WORDS), dtype=np.float32)
    vectors.save("벡터.safetensors")
    assert cli("convert 벡터.safetensors 둘.npz --limit 2").code == 0
    found = KeyedVectors.load("둘.npz")
    assert found.get_vecattr(WORDS[1], "종류") == "도시"
    assert found.vectors_lockf.tolist() == [0, 1]


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("name", ["v.bin.gz", "v.vec.bz2", "glove.6B.16d.txt", "glove.v.txt.xz"])
def test_convert_knows_names_of_other_programs(name: str, cli: Cli) -> None:
    assert cli(f"convert vectors.bin {name}") == (0, "", "")
    assert cli(f"convert {name} 벡터.npz") == (0, "", "")
    assert cli("convert 벡터.npz vectors.tsv") == (0, "", "")
    assert cli("convert vectors.tsv back.safetensors") == (0, "", "")
    assert load("back.safetensors").index_to_key == WORDS
    np.testing.assert_array_equal(load("back.safetensors").vectors, load("vectors.bin").vectors)
    first = Path(name).read_bytes()
    assert first.startswith((b"\x1f\x8b", b"BZh", "한국 ".encode(), b"\xfd7zXZ"))


@pytest.mark.usefixtures("vectors")
def test_convert_keeps_counts_where_the_format_can(cli: Cli) -> None:
    wv = load("vectors.bin")
    KeyedVectors.from_arrays(WORDS, wv.vectors, range(len(WORDS))).save("counted.safetensors")
    assert cli("convert counted.safetensors v.npz").code == 0
    assert cli("convert v.npz vectors.tsv").code == 0
    assert cli("convert vectors.tsv last.safetensors").code == 0
    counts = load("last.safetensors").counts
    assert counts is not None and counts.tolist() == list(range(len(WORDS)))
    # Rows keep their order, whatever their counts.
    assert cli("convert last.safetensors v.txt").code == 0
    assert load("v.txt").index_to_key == WORDS


@pytest.mark.usefixtures("vectors")
def test_convert_believes_from_and_to(cli: Cli) -> None:
    assert cli("convert vectors.bin vectors.old --to text").code == 0
    assert cli("convert vectors.old back.bin --from text").code == 0
    assert load("back.bin").index_to_key == WORDS
    for name in ("npz", "native", "tsv", "glove"):
        assert cli(f"convert vectors.bin vectors.{name}.old --to {name}").code == 0
        assert cli(f"convert vectors.{name}.old back.bin --from {name}").code == 0
        assert load("back.bin").index_to_key == WORDS


def test_convert_of_a_missing_file_writes_nothing(cli: Cli) -> None:
    assert_error(cli("convert 없음.bin vectors.txt"), 1, "없음.bin")
    assert os.listdir() == ["말뭉치.txt"]


def test_info_names_versions_and_instruction_set(cli: Cli) -> None:
    lines = cli("info").out.splitlines()
    facts = {key: value.strip() for key, value in (line.split(":", 1) for line in lines)}
    assert facts["fastw2v"] == fastw2v.__version__
    assert facts["numpy"] == np.__version__
    assert facts["instruction set"] == f"{cpu.isa()} ({cpu.reason()})"
    assert facts["available"] == ", ".join(cpu.available())
    assert facts["usable cores"] == str(cpu.usable_cores())
    assert len({line.index(facts[line.split(":")[0]], line.index(":")) for line in lines}) == 1


def test_demo_passes_its_options_on(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[object, object]] = []

    def record(directory: object, workers: object) -> int:
        calls.append((directory, workers))
        return len(calls) - 1

    monkeypatch.setattr(demo, "main", record)
    assert cli("demo").code == 0
    assert cli("demo --directory 시연 --threads 1").code == 1
    assert calls == [(".", None), ("시연", 1)]
