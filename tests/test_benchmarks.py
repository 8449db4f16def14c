"""The scripts beside the library: what they make of a record, and what they refuse."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import cpu

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
if not BENCHMARKS.exists():
    pytest.skip("only where the benchmarks are", allow_module_level=True)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs a script with arguments, in this process."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def run(name: str, *arguments: object) -> None:
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *map(str, arguments)])
        import_module(name).main()

    return run


def record_of(usable_cores: int, *scenarios: str, threads: int = 2) -> dict[str, Any]:
    """Make a record as suite.py would, of figures that are easy to recognise."""
    common = {
        "machine": {"cpu": "시험 CPU", "cores": 64, "usable_cores": usable_cores},
        "corpus": {"name": "말뭉치.txt", "words": 17_000_000},
        "parameters": {"vector_size": 100, "window": 5, "negative": 5, "epochs": 3, "alpha": 0.025},
        "systems": {"gensim": {"version": "4.4.0"}},
    }
    ratio = {part: {"median": 12.5} for part in ("train", "scan", "total")}
    one = {"mode": "sg", "total_seconds": 2.0, "peak_mib": 100.0}
    one |= {
        key: {"median": 5000000.0} for key in ("train_words_per_second", "scan_words_per_second")
    }
    summary = [
        one | {"threads": t, "system": system, "fastw2v_times_faster": ratio}
        for t in (1, threads)
        for system in ("fastw2v", "gensim")
    ]
    record = {name: common | {"summary": summary} for name in ("training", "systems", *scenarios)}
    for t in (1, 2, 8, 16):
        runs = [
            {
                "mode": "sg",
                "system": "fastw2v",
                "threads": t,
                "seed": seed,
                "scores": {
                    "analogies": {"questions.txt": {"groups": {"all": {"correct": 1, "total": 4}}}},
                    "pairs": {"simlex.tsv": {"spearman": 0.3 + seed / 100}},
                },
            }
            for seed in (1, 2, 3)
        ]
        quality = common | {"parameters": common["parameters"] | {"threads": t}, "runs": runs}
        record["quality" if t == 1 else f"quality-{t}-threads"] = quality
    return record


@pytest.fixture
def report(script: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that gives the README and the charts which report.py makes of a record."""
    module = import_module("report")
    monkeypatch.setattr(module, "README", tmp_path / "README.md")
    monkeypatch.setattr(module, "CHARTS", tmp_path / "charts")
    module.README.write_text(f"앞\n{module.BEGIN}\n옛것\n{module.END}\n뒤\n", encoding="utf-8")

    def make(record: dict[str, Any], *arguments: str) -> tuple[str, str, str]:
        path = tmp_path / "record.json"
        path.write_text(json.dumps(record), encoding="utf-8")
        script("report", path, *arguments)
        places = module.README, *(module.CHARTS / f"{name}.svg" for name in ("speed", "times"))
        readme, speed, times = (place.read_text(encoding="utf-8") for place in places)
        return readme, speed, times

    return make


@pytest.mark.parametrize("usable_cores, together", [(1, None), (2, 2), (12, 8), (64, 16)])
def test_report_takes_the_most_threads_that_had_cores(
    report: Any, usable_cores: int, together: int | None
) -> None:
    readme, _, _ = report(record_of(usable_cores))
    lines = [line for line in readme.splitlines() if line.startswith("| skip-gram, fastw2v, ")]
    threads = [line.split(",")[2].split()[0] for line in lines]
    assert threads == ["1", *([str(together)] if together else [])]
    assert f"on {usable_cores} core" in readme


def test_report_says_what_the_record_says(report: Any) -> None:
    readme, speed, times = report(record_of(8, "scalar", "lists", threads=8))
    assert readme.startswith("앞\n") and readme.endswith("\n뒤\n") and "옛것" not in readme
    assert "17.0 M words of 말뭉치.txt" in readme and "3 epochs, means of 3 seeds" in readme
    assert "standard deviation of a figure over the seeds is 0.010 at most" in readme
    assert "| 0.250 | 0.320 |" in readme
    assert "17 M words of 말뭉치.txt, 3 epochs, 8 threads" in speed
    # The record has no other scenarios; what threads each took is told.
    assert "portable kernels forced, 8 threads" in times and "token lists, 8 threads" in times
    assert "AVX2" not in times
    assert "of 영어 위키백과" in report(record_of(8), "--corpus-name", "영어 위키백과")[0]


def test_report_of_an_incomplete_record_leaves_everything_as_it_was(report: Any) -> None:
    before = report(record_of(2))
    module = import_module("report")
    for missing in ("training", "systems", "quality"):
        with pytest.raises(SystemExit, match=f"lacks {missing}; run suite.py --only {missing}"):
            report({name: one for name, one in record_of(4).items() if name != missing})
    alone = record_of(4)
    del alone["training"]["systems"]["gensim"]
    with pytest.raises(SystemExit, match="no run of gensim"):
        report(alone)
    places = module.README, *(module.CHARTS / f"{name}.svg" for name in ("speed", "times"))
    assert tuple(place.read_text(encoding="utf-8") for place in places) == before


def test_suite_forces_only_what_the_cpu_has(script: Any) -> None:
    names = {scenario.name for scenario in import_module("suite").SCENARIOS}
    assert names & {"avx2", "avx512", "neon", "scalar"} <= set(cpu.available())
    assert "scalar" in names


def test_lists_are_not_given_to_systems_that_take_files(
    script: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        script("speed", "--corpus", __file__, "--lists", "--systems", "fastw2v", "fasttext")
    assert "--lists cannot be given to fasttext" in capsys.readouterr().err


@pytest.fixture
def measured(tmp_path: Path) -> tuple[Path, Path]:
    """Return a text, and a record of training on it."""
    ids = (300.0 ** np.random.default_rng(1).random((1_000, 30))).astype(int)
    text = tmp_path / "말뭉치.txt"
    text.write_text("\n".join(" ".join(map(str, row)) for row in ids.tolist()))
    runs = [
        {"system": "fastw2v", "mode": mode, "threads": threads, "seconds": {"train": 2.1 / threads}}
        for mode in ("sg", "cbow")
        for threads in (1, 2)
    ]
    settings = {"window": 5, "negative": 5, "sample": 1e-3, "alpha": 0.025, "epochs": 1}
    record = {
        "date": "오늘",
        "machine": {"cpu": "시험 CPU"},
        "corpus": {"words": ids.size},
        "parameters": settings | {"vector_size": 100, "min_count": 1},
        "runs": runs,
    }
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record))
    return text, path


def test_scaling_models_a_text_too_short_for_private_rows(
    script: Any, measured: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    text, record = measured
    script("scaling", "--corpus", text, "--json", record, "--threads", 1, 2, 64)
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if line.startswith(("| sg", "| cbow"))]
    assert len(lines) == 6 and "nan" not in out


def test_scaling_says_that_a_second_thread_cannot_help_the_first(
    script: Any, measured: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    text, path = measured
    record = json.loads(path.read_text())
    for run in record["runs"]:
        run["seconds"]["train"] = 2.1 if run["threads"] == 1 else 0.7
    path.write_text(json.dumps(record))
    script("scaling", "--corpus", text, "--json", path, "--threads", 1, 2, 64)
    out = capsys.readouterr().out
    cells = [[cell.strip() for cell in line.split("|")] for line in out.splitlines()]
    rows = [row for row in cells if row[1:2] in (["sg"], ["cbow"])]
    assert len(rows) == 6
    assert all(row[5:7] == [f"{int(row[2]):.1f}"] * 2 for row in rows)
    assert out.count("noise") == 2 and "33.3% less" in out


def test_scaling_says_which_runs_it_lacks(script: Any, measured: tuple[Path, Path]) -> None:
    text, path = measured
    record = json.loads(path.read_text())
    record["runs"] = [run for run in record["runs"] if run["threads"] == 1]
    path.write_text(json.dumps(record))
    with pytest.raises(SystemExit, match="no run of fastw2v, sg, 2 threads"):
        script("scaling", "--corpus", text, "--json", path)


@pytest.mark.parametrize(
    "name, arguments, named",
    [
        ("speed", "--threads 0", "--threads: it must be .* got 0"),
        ("speed", "--threads 2000", "--threads: it must be .* at most 1024"),
        ("speed", "--repeats 0", "--repeats: it must be an integer of at least 1, got 0"),
        ("speed", "--repeats x", "--repeats: it must be an integer of at least 1, got 'x'"),
        ("speed", "--max-words -1", "--max-words: .* got -1"),
        ("speed", "--window 101", "--window: .* at most 100"),
        ("speed", "--alpha nan", "--alpha: it must be a number above 0"),
        ("speed", "--sample 2", "--sample: .* at most 1"),
        ("speed", "--isa none", "--isa: invalid choice"),
        ("speed", "--json 없다/r.json", "--json: .*없다"),
        ("quality", "--seeds -1", "--seeds: .* got -1"),
        ("quality", "--restrict 0", "--restrict"),
        ("limited", "--cache-dir c --repeats 0", "--repeats"),
        ("limited", "--cache-dir c --limit-mib -5", "--limit-mib"),
        ("scaling", "--json TEXT --times 0", "--times"),
        ("suite", "--json r.json --threads two", "--threads"),
        ("suite", "--json 없다/r.json", "--json: .*없다"),
        ("queries", "--rows 0", "--rows"),
        ("files", "--dims 0", "--dims"),
        ("evaluation", "--words -3", "--words"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_at_once(
    name: str,
    arguments: str,
    named: str,
    script: Any,
    measured: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = arguments.replace("TEXT", str(measured[0])).split()
    if name not in ("queries", "files"):
        words += ["--corpus", str(measured[0])]
    with pytest.raises(SystemExit) as caught:
        script(name, *words)
    assert caught.value.code == 2
    assert re.search(f"error: argument {named}", capsys.readouterr().err)


@pytest.mark.parametrize("name", ["speed", "quality", "limited", "scaling", "suite", "evaluation"])
def test_a_corpus_that_is_not_there_is_refused_at_once(
    name: str, script: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        script(name, "--corpus", "없다.txt")
    assert "--corpus: 없다.txt is not a file" in capsys.readouterr().err


@pytest.fixture
def suite(script: Any, measured: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs suite.py, which must not come to its first scenario."""
    module = import_module("suite")

    def never(*_: object) -> None:
        pytest.fail("a scenario was run")

    monkeypatch.setattr(module, "_run", never)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    text, _ = measured
    result = text.with_name("result.json")
    return lambda *more: script("suite", "--corpus", text, "--json", result, *more)


def test_suite_looks_for_gensim_first(suite: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "fastw2v")
    with pytest.raises(SystemExit, match="not installed: gensim"):
        suite("--only", "training")


def test_suite_reads_first_what_it_needs_last(suite: Any, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="없다"):
        suite("--only", "training", "--pairs", "없다.tsv")
    with pytest.raises(SystemExit, match=r"lists takes 10,000,000 words, .* has 30,000"):
        suite("--only", "training", "lists")
    (tmp_path / "말뭉치.txt").write_bytes(b"a b\n\xff c\n")
    with pytest.raises(SystemExit, match=r"말뭉치\.txt, line 2: not UTF-8"):
        suite("--only", "training")
    (tmp_path / "말뭉치.txt").write_text("\n\n")
    with pytest.raises(SystemExit, match="no words"):
        suite("--only", "training")


@pytest.mark.parametrize("content", ["{", "[]", "\udcff"])
def test_a_record_that_is_none_is_left_alone(suite: Any, content: str, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(content, errors="surrogateescape")
    with pytest.raises(SystemExit, match="is no record"):
        suite("--only", "training")
    assert path.read_text(errors="surrogateescape") == content


def test_suite_ends_with_the_scenario_that_fails(
    script: Any, measured: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module("suite")
    monkeypatch.setattr(module, "HERE", tmp_path)  # without the scripts
    with pytest.raises(SystemExit, match="quality-2-threads failed with status"):
        script(
            *("suite", "--corpus", measured[0], "--json", tmp_path / "result.json"),
            *("--only", "quality-2-threads"),
        )


def test_scaling_refuses_another_text(script: Any, measured: tuple[Path, Path]) -> None:
    text, record = measured
    with text.open("a") as file:
        file.write("\n더\n")
    with pytest.raises(SystemExit, match=r"30,000 words.*30,001"):
        script("scaling", "--corpus", text, "--json", record)


def test_vectorizers_compares_and_records(script: Any, tmp_path: Path, capsys: Any) -> None:
    pytest.importorskip("sklearn")
    corpus = tmp_path / "말뭉치.txt"
    corpus.write_text("빨간 사과 the cat\n달콤한 사과 the\n" * 20, encoding="utf-8")
    record = tmp_path / "record.json"
    script("vectorizers", "--corpus", corpus, "--repeats", 1, "--json", record, "--no-memory")
    summary = json.loads(record.read_text(encoding="utf-8"))["summary"]
    assert [one["same"]["structure"] and one["same"]["vocabulary"] for one in summary] == [True] * 5
    assert "NOT THE SAME" not in capsys.readouterr().out


def test_documents(script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, record = tmp_path / "말뭉치.txt", tmp_path / "documents.json"
    corpus.write_text("나는 사과를 먹었다\n\n나는 나는 달린다\n", encoding="utf-8")
    arguments = ("--corpus", corpus, "--repeats", 1, "--min-count", 1, "--json", record)
    with pytest.warns(UserWarning, match="1 of 3 documents"):
        script("documents", *arguments)
    summary = json.loads(record.read_text(encoding="utf-8"))["summary"]
    assert len(summary) == 4
    assert all(one["largest_difference"] < 1e-6 for one in summary)
    assert "| transform, strings |" in capsys.readouterr().out


def test_embedding_benchmark_records_every_call(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "record.json"
    sizes = ("--rows", 50, "--dimensions", 4, "--batch", 2, "--length", 3, "--repeats", 2)
    with warnings.catch_warnings():
        script("embedding", *sizes, "--threads", 1, "--calls", 3, "--json", out)
    record = json.loads(out.read_text(encoding="utf-8"))
    calls = [run["call"] for run in record["runs"] if not run["call"].startswith("PyTorch")]
    assert len(calls) == 2 * 3 * len(set(calls)) == 30
    assert record["gradient_memory"]["kept"] > 1
    assert "| bags, mean |" in capsys.readouterr().out
