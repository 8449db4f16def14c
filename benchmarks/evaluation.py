"""Time and results of analogy questions, fastw2v and gensim; see README.md beside this file."""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import _bench
import numpy as np
from _arguments import existing_file, whole, writable_file

SYSTEMS = ("fastw2v", "gensim")
MADE_SECTIONS, MADE_PAIRS = 14, 38  # 14 sections of 38 * 37 questions: as many as questions-words


def main() -> None:
    """Measure, record, print a table; fail if the results differ."""
    arguments = _parse()
    systems = _bench.chosen_systems(arguments.systems, SYSTEMS)
    parameters = {name: getattr(arguments, name) for name in ("words", "vector_size", "restrict")}
    record = _bench.Record("evaluation", arguments.json, parameters)
    with tempfile.TemporaryDirectory() as folder:
        order = _files(arguments, Path(folder)) | {"restrict": arguments.restrict}
        for repeat, system in product(range(arguments.repeats), systems):
            report = _run(order | {"system": system})
            record.runs.append({"system": system, "repeat": repeat} | report)
            record.write()
            print(f"{system}: {report['seconds']:.2f} s, {report['score']:.4f}", file=sys.stderr)
    record.content["summary"] = _summary(record.runs, systems)
    record.write()
    print(_table(record.content["summary"]))
    if len({run["sections"] for run in record.runs}) > 1:
        sys.exit("the systems do not answer all questions alike")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--corpus", type=existing_file, help="train vectors on this text (default: made)"
    )
    source.add_argument(
        "--vectors", type=existing_file, help="take these, in word2vec's binary format"
    )
    add(
        "--analogies",
        type=existing_file,
        help="questions (default: made; right for made vectors alone)",
    )
    add("--words", type=whole(), default=30_000)
    add("--vector-size", type=whole(), default=100)
    add("--restrict", type=whole(), default=300_000, help="restrict_vocab of both")
    add("--systems", nargs="+", choices=SYSTEMS, help="default: those that are installed")
    add("--repeats", type=whole(), default=3)
    add("--json", type=writable_file, metavar="OUT", help="record every run here")
    arguments = parser.parse_args()
    if arguments.analogies is None and (arguments.corpus or arguments.vectors):
        parser.error("vectors of real words need --analogies with real questions")
    return arguments


# ---------------------------------------------------------------------- vectors and questions


def _files(arguments: argparse.Namespace, folder: Path) -> dict[str, str]:
    """Return the paths of vectors and questions, made where none are given."""
    from fastw2v import KeyedVectors, Word2Vec

    vectors, questions = arguments.vectors, arguments.analogies
    if vectors is None:
        vectors = folder / "vectors.bin"
        if arguments.corpus is None:
            names, rows = _made_vectors(arguments.words, arguments.vector_size)
            wv = KeyedVectors.from_arrays(names, rows)
        else:
            size = {"vector_size": arguments.vector_size, "max_final_vocab": arguments.words}
            wv = Word2Vec(str(arguments.corpus), sg=1, **size).wv
        wv.save_word2vec_format(vectors, binary=True)
    if questions is None:
        questions = folder / "questions.txt"
        questions.write_text("".join(_made_questions()), encoding="utf-8")
    return {"vectors": str(vectors), "analogies": str(questions)}


def _made_vectors(n: int, size: int) -> tuple[list[str], np.ndarray]:
    """Return words and vectors in which the two words of a made pair differ by one direction.

    Noise is added, so that about half of the made questions have a right answer.
    """
    random = np.random.default_rng(1)
    rows = random.standard_normal((n, size)).astype(np.float32)
    pairs = rows[: 2 * MADE_SECTIONS * MADE_PAIRS].reshape(MADE_SECTIONS, MADE_PAIRS, 2, size)
    pairs[:, :, 1] = pairs[:, :, 0] + random.standard_normal((MADE_SECTIONS, 1, size))
    pairs += 1.2 * random.standard_normal(pairs.shape)
    return [f"w{row}" for row in range(n)], rows


def _made_questions() -> Iterator[str]:
    for section in range(MADE_SECTIONS):
        yield f": section {section}\n"
        start = 2 * MADE_PAIRS * section
        for one, other in product(range(MADE_PAIRS), repeat=2):
            if one != other:
                a, c = start + 2 * one, start + 2 * other
                yield f"w{a} w{a + 1} w{c} w{c + 1}\n"


# --------------------------------------------------------------------------------- one run


def _run(order: dict[str, Any]) -> dict[str, Any]:
    """Evaluate in a fresh process."""
    command = [sys.executable, __file__, "--worker", json.dumps(order)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def _work(order: dict[str, Any]) -> dict[str, Any]:
    if order["system"] == "gensim":
        from gensim.models import KeyedVectors
    else:
        from fastw2v import KeyedVectors
    wv = KeyedVectors.load_word2vec_format(order["vectors"], binary=True)
    start = time.perf_counter()
    score, sections = wv.evaluate_word_analogies(order["analogies"], order["restrict"])
    seconds = time.perf_counter() - start
    text = json.dumps(sections).encode()
    asked = len(sections[-1]["correct"]) + len(sections[-1]["incorrect"])
    return {
        "seconds": seconds,
        "score": score,
        "questions": asked,
        "sections": hashlib.sha256(text).hexdigest(),
    }


# ----------------------------------------------------------------------------------- tables


def _summary(runs: list[dict[str, Any]], systems: list[str]) -> list[dict[str, Any]]:
    """Return medians, and how many times longer each took than fastw2v in the same repeat."""
    own = {system: [run for run in runs if run["system"] == system] for system in systems}
    summary = []
    for ones in own.values():
        line = {name: ones[0][name] for name in ("system", "questions", "score", "sections")}
        line["seconds"] = median(run["seconds"] for run in ones)
        if "fastw2v" in own:
            line["times"] = median(
                run["seconds"] / ours["seconds"]
                for run, ours in zip(ones, own["fastw2v"], strict=True)
            )
        summary.append(line)
    return summary


def _table(summary: list[dict[str, Any]]) -> str:
    rows = [
        (
            one["system"],
            f"{one['questions']:,}",
            f"{one['score']:.4f}",
            f"{one['seconds']:.2f}",
            f"{one['times']:.1f} ×" if "times" in one else "",
        )
        for one in summary
    ]
    header = ("system", "questions asked", "score", "seconds", "over fastw2v")
    return _bench.markdown_table(header, rows)


if __name__ == "__main__":
    if _bench.is_worker():
        print(json.dumps(_work(json.loads(sys.argv[2]))))
    else:
        main()
