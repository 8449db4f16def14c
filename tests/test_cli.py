"""The command `fastw2v`, as a user meets it: a command line in; lines, files and exit codes out."""

from __future__ import annotations

import inspect
import io
import os
import random
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import fastw2v
from fastw2v import KeyedVectors, Word2Vec, cpu, demo
from fastw2v.cli import FORMATS, HYPERPARAMETERS, main

WORDS = ["한국", "서울", "일본", "도쿄", "중국", "왕", "king", "queen", "man", "woman", "e-mail"]
QUICK = "--vector-size 8 --epochs 2 --min-count 1 --threads 1"


class Result(NamedTuple):
    """What a command leaves behind."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[list[str]]:
        """The columns of every line of stdout."""
        return [line.split("\t") for line in self.out.splitlines()]


Cli = Callable[[str], Result]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process, in a directory that holds 말뭉치.txt alone."""
    monkeypatch.chdir(tmp_path)
    Path("말뭉치.txt").write_text(make_text(), encoding="utf-8")

    def run(line: str) -> Result:
        code = main(shlex.split(line))
        return Result(code, *capsys.readouterr())

    return run


@pytest.fixture
def vectors(cli: Cli) -> KeyedVectors:
    """Write vectors.bin, in which 한국 - 서울 + 도쿄 is 일본 exactly."""
    rows = np.random.default_rng(7).standard_normal((len(WORDS), 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[2] = rows[0] - rows[1] + rows[3]
    made = KeyedVectors.from_arrays(WORDS, rows)
    made.save_word2vec_format("vectors.bin", binary=True)
    return made


def make_text() -> str:
    """Return 300 sentences of ten words drawn at random."""
    rng = random.Random(3)
    return "".join(" ".join(rng.choices(WORDS, k=10)) + "\n" for _ in range(300))


def start(line: str, encoding: str = "utf-8") -> subprocess.Popen[str]:
    """Start `python -m fastw2v` in a process of its own."""
    package = str(Path(fastw2v.__file__).parent.parent)
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-m", "fastw2v", *shlex.split(line)],
        env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": encoding},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def run_process(line: str, stdin: str = "", encoding: str = "utf-8") -> Result:
    """Run `python -m fastw2v` to its end."""
    with start(line, encoding) as process:
        out, err = process.communicate(stdin, timeout=120)
    return Result(process.returncode, out, err)


def load(name: str) -> KeyedVectors:
    """Load vectors by what the name of their file promises."""
    if name.endswith(".safetensors"):
        return KeyedVectors.load(name)
    return KeyedVectors.load_word2vec_format(name, binary=".bin" in name)


def show(found: object) -> list[list[str]]:
    """Return what `similar` prints for what `most_similar` returns."""
    assert isinstance(found, list)
    return [[word, f"{similarity:.4f}"] for word, similarity in found]


def assert_error(result: Result, code: int, *parts: str) -> None:
    """Assert the exit code, and one error of one line that names each part."""
    assert result.code == code, result
    assert result.err.startswith("fastw2v: error: "), result.err
    assert result.err.count("\n") == 1, result.err
    for part in parts:
        assert part in result.err


def test_help_is_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    imported = run_process("--help").err
    assert "argparse" in imported
    assert "numpy" not in imported


@pytest.mark.parametrize("command", ["train", "similar", "analogy", "convert", "info", "demo"])
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
        ("train 말뭉치.txt -o v.bin --vector-size 0", "vector_size"),
        ("train 말뭉치.txt -o v.bin --vec 10", "--vec"),
        ("train 말뭉치.txt -o ./말뭉치.txt", "말뭉치.txt"),
        ("train 말뭉치.txt -o v.bin --save-model ./v.bin", "v.bin"),
        ("convert vectors.bin vectors.png", "--to"),
        ("convert vectors.png vectors.bin", "--from"),
        ("convert v.safetensors v.bin --limit -1", "limit"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(line: str, named: str, cli: Cli) -> None:
    result = cli(line)
    assert_error(result, 2, named)
    assert result.out == ""
    assert os.listdir() == ["말뭉치.txt"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("vectors.bin", ""),
        ("vectors.txt", "--sg --alpha 0.05 --ns-exponent -0.5 --sample 0"),
        ("벡터.vec.gz", "--cbow --window 2 --negative 3 --seed 9"),
        ("벡터.safetensors", "--max-vocab 20 --min-alpha 0.001"),
    ],
)
def test_train_writes_the_format_of_the_suffix(name: str, options: str, cli: Cli) -> None:
    assert cli(f"train 말뭉치.txt -o {name} --quiet {QUICK} {options}") == (0, "", "")
    made = load(name)
    assert set(made.index_to_key) == set(WORDS)
    assert made.vectors.shape == (len(WORDS), 8)
    assert np.isfinite(made.vectors).all()


def test_train_believes_format(cli: Cli) -> None:
    assert cli(f"train 말뭉치.txt -o vectors.old --format text {QUICK}").code == 0
    assert Path("vectors.old").read_text(encoding="utf-8").startswith(f"{len(WORDS)} 8\n")


def test_train_is_what_word2vec_trains(cli: Cli) -> None:
    assert cli(f"train 말뭉치.txt -o v.bin --sg --seed 5 --save-model 모형 {QUICK}").code == 0
    model = Word2Vec(
        corpus_file="말뭉치.txt", vector_size=8, epochs=2, min_count=1, workers=1, sg=1, seed=5
    )
    np.testing.assert_array_equal(load("v.bin").vectors, model.wv.vectors)
    np.testing.assert_array_equal(Word2Vec.load("모형").wv.vectors, model.wv.vectors)


def test_train_reads_files_globs_and_directories(cli: Cli) -> None:
    Path("문서").mkdir()
    Path("문서/1.txt").write_text("하나 둘\n" * 9, encoding="utf-8")
    Path("문서/2.txt").write_text("ONE Two\n" * 9, encoding="utf-8")
    assert cli(f"train 문서 -o v.bin {QUICK}").code == 0
    assert set(load("v.bin").index_to_key) == {"하나", "둘", "ONE", "Two"}
    assert cli(f"train 말뭉치.txt '문서/2*' -o v.bin --lowercase {QUICK}").code == 0
    assert set(load("v.bin").index_to_key) == {*WORDS, "one", "two"}


def test_train_reads_stdin_and_tells_on_stderr(cli: Cli) -> None:
    result = run_process(f"train - -o 벡터.bin {QUICK}", stdin="하나 둘\n" * 900)
    assert (result.code, result.out) == (0, "")
    assert "training 2 words on 1,800 tokens" in result.err
    assert "wrote 벡터.bin" in result.err
    assert set(load("벡터.bin").index_to_key) == {"하나", "둘"}


def test_train_prints_the_loss_of_each_epoch(cli: Cli) -> None:
    result = cli(f"train 말뭉치.txt -o vectors.bin --loss {QUICK} --epochs 3")
    assert [epoch for epoch, _ in result.rows] == ["1", "2", "3"]
    assert all(float(loss) > 0 for _, loss in result.rows)


def test_train_keeps_the_encoded_corpus_in_cache_dir(cli: Cli) -> None:
    assert cli(f"train 말뭉치.txt -o vectors.bin --cache-dir 곳간 {QUICK}").code == 0
    assert os.listdir("곳간")


def test_train_meets_bytes_that_are_not_utf8(cli: Cli) -> None:
    Path("corpus.txt").write_bytes(b"good bad\xff\n" * 9)
    assert_error(cli(f"train corpus.txt -o vectors.bin --quiet {QUICK}"), 1, "corpus.txt")
    assert not Path("vectors.bin").exists()
    assert cli(f"train corpus.txt -o vectors.bin --errors replace {QUICK}").code == 0
    assert "bad\ufffd" in load("vectors.bin")


@pytest.mark.parametrize("outputs", ["-o 없는곳/v.bin", "-o v.bin --save-model 없는곳/모형"])
def test_train_refuses_an_unwritable_output_before_reading(outputs: str, cli: Cli) -> None:
    result = cli(f"train missing.txt {outputs} {QUICK}")
    assert_error(result, 1, "없는곳")
    assert "missing.txt" not in result.err


@pytest.mark.parametrize("corpus", ["없음.txt", "없음.txt 없다.txt", "말뭉치.txt 없음.txt"])
def test_train_without_a_file_of_the_corpus(corpus: str, cli: Cli) -> None:
    assert_error(cli(f"train {corpus} -o vectors.bin {QUICK}"), 1, "없음.txt")
    assert os.listdir() == ["말뭉치.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process")
def test_ctrl_c_keeps_the_vectors_trained_so_far(cli: Cli) -> None:
    with start(f"train 말뭉치.txt -o vectors.bin {QUICK} --epochs 1000000") as process:
        assert process.stderr is not None
        assert "training" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "interrupted: writing the vectors trained so far to vectors.bin" in err
    assert "Traceback" not in err
    assert set(load("vectors.bin").index_to_key) == set(WORDS)


def test_ctrl_c_while_reading_writes_nothing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Word2Vec, "build_vocab", interrupt)
    assert cli(f"train 말뭉치.txt -o vectors.bin {QUICK}") == (130, "", "fastw2v: interrupted\n")
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


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error there")
@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("line", ["--help", "similar 한국"])
def test_a_reader_that_leaves_early_is_no_error(line: str) -> None:
    with start(line) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("suffix", sum(FORMATS.values(), ()))
def test_convert_there_and_back(suffix: str, cli: Cli, vectors: KeyedVectors) -> None:
    assert cli(f"convert vectors.bin 벡터{suffix}") == (0, "", "")
    assert cli(f"convert 벡터{suffix} back.bin").code == 0
    assert cli(f"convert 벡터{suffix} few.bin --limit 3").code == 0
    assert load("back.bin").index_to_key == WORDS
    assert load("few.bin").index_to_key == WORDS[:3]
    np.testing.assert_array_equal(load("back.bin").vectors, vectors.vectors)


@pytest.mark.usefixtures("vectors")
def test_convert_believes_from_and_to(cli: Cli) -> None:
    assert cli("convert vectors.bin vectors.old --to text").code == 0
    assert cli("convert vectors.old back.bin --from text").code == 0
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
