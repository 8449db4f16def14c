"""`fastw2v train`, as a user meets it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import QUICK, WORDS, Cli, assert_error, load, run_process, run_shell, start

from fastw2v import Word2Vec


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


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("--sg --hs --negative 0", {"sg": 1, "hs": 1, "negative": 0}),
        ("--objective softmax", {"objective": "softmax"}),
    ],
)
def test_train_has_the_other_objectives(line: str, options: dict[str, Any], cli: Cli) -> None:
    assert cli(f"train 말뭉치.txt -o v.bin --quiet {line} {QUICK}") == (0, "", "")
    model = Word2Vec(
        corpus_file="말뭉치.txt", vector_size=8, epochs=2, min_count=1, workers=1, **options
    )
    np.testing.assert_array_equal(load("v.bin").vectors, model.wv.vectors)
    assert_error(cli(f"train 말뭉치.txt -o v.bin {QUICK} --objective x"), 2, "softmax")


@pytest.mark.filterwarnings("default:hs=1")
def test_train_tells_of_both_objectives_at_once(cli: Cli) -> None:
    result = cli(f"train 말뭉치.txt -o v.bin --quiet --hs {QUICK}")
    assert result.code == 0 and "warning: hs=1 and --negative=5: both are trained" in result.err


def test_train_deterministic_is_what_word2vec_is_told(cli: Cli) -> None:
    for options, told in (("--deterministic", True), ("", False)):
        assert cli(f"train 말뭉치.txt -o v.bin --save-model 모형 {QUICK} {options}").code == 0
        assert Word2Vec.load("모형").deterministic is told


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
    result = cli(f"train corpus.txt -o vectors.bin --quiet {QUICK}")
    assert_error(result, 1, "corpus.txt", "pass --errors replace")
    assert not Path("vectors.bin").exists()
    assert cli(f"train corpus.txt -o vectors.bin --errors replace --sample 0 {QUICK}").code == 0
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


@pytest.mark.parametrize("corpus", [".", "'*.txt'", "'**/*.txt'"])
@pytest.mark.parametrize("output", ["글.txt", "./글.txt"])
def test_train_refuses_an_output_that_is_part_of_the_corpus(
    corpus: str, output: str, cli: Cli
) -> None:
    Path("글.txt").write_text("지킬 글\n", encoding="utf-8")
    result = cli(f"train {corpus} -o {output} --format text {QUICK}")
    assert_error(result, 2, "글.txt is named twice")
    assert Path("글.txt").read_text(encoding="utf-8") == "지킬 글\n"


def test_train_reads_a_file_as_often_as_it_is_named(cli: Cli) -> None:
    Path("문서").mkdir()
    Path("문서/1.txt").write_text("하나 둘\n" * 9, encoding="utf-8")
    Path("문서/2.txt").symlink_to("1.txt")
    for corpus in ("말뭉치.txt ./말뭉치.txt", "문서"):
        assert cli(f"train {corpus} -o v.bin --quiet --sample 0 {QUICK}") == (0, "", "")
    assert load("v.bin").get_index("하나", None) is not None
    assert_error(cli(f"train 문서/2.txt -o 문서/1.txt {QUICK}"), 2, "문서/1.txt is named twice")


def test_train_never_replaces_what_stdout_goes_to(cli: Cli) -> None:
    Path("log").write_text("kept\n")
    line = f"fastw2v train 말뭉치.txt -o /dev/stdout --format binary {QUICK} >>log"
    assert_error(run_shell(line), 1, "/dev/stdout", "not a regular file")
    assert Path("log").read_text() == "kept\n"


def test_train_tells_a_file_named_by_a_hyphen_from_stdin(cli: Cli) -> None:
    Path("-").write_text("하나 둘\n" * 9, encoding="utf-8")
    result = run_process(f"train ./- -o v.bin --quiet --sample 0 {QUICK}", stdin="셋 넷\n" * 9)
    assert (result.code, result.err) == (0, "")
    assert set(load("v.bin").index_to_key) == {"하나", "둘"}


@pytest.mark.parametrize(
    ("text", "options", "named"),
    [("", "", "no words in"), ("하나 둘\n", "--min-count 99999", "--min-count=99999")],
)
def test_a_corpus_without_words_to_train_is_failed_work(
    text: str, options: str, named: str, cli: Cli
) -> None:
    Path("corpus.txt").write_text(text, encoding="utf-8")
    assert_error(cli(f"train corpus.txt -o v.bin {QUICK} {options}"), 1, named)
    assert not Path("v.bin").exists()


def test_train_writes_also_where_nobody_reads_stderr(cli: Cli) -> None:
    for end in ("2>&-", "2>&1 >&- | true"):
        Path("v.bin").unlink(missing_ok=True)
        result = run_shell(f"fastw2v train 말뭉치.txt -o v.bin {QUICK} {end}")
        assert (result.out, result.err) == ("", "")
        assert set(load("v.bin").index_to_key) == set(WORDS)


def test_train_warns_on_one_line_that_names_the_option(cli: Cli) -> None:
    Path("corpus.txt").write_text("하나 둘\n" * 9, encoding="utf-8")
    result = run_process(f"train corpus.txt -o v.bin --quiet {QUICK}")
    assert (result.code, result.err.count("\n")) == (0, 1)
    assert result.err.startswith("fastw2v: warning: nothing was learned")
    assert "pass --sample=0" in result.err


def test_train_names_the_option_of_a_cache_dir_that_is_a_file(cli: Cli) -> None:
    result = cli(f"train 말뭉치.txt -o v.bin --cache-dir 말뭉치.txt {QUICK}")
    assert_error(result, 1, "말뭉치.txt: --cache-dir needs a directory")
