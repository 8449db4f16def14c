"""Quality of the vectors of fastw2v and its peers; see README.md beside this file."""

from __future__ import annotations

import argparse
import json
from itertools import product
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import _bench
from _arguments import existing_file, whole
from _evaluation import Evaluator, judged_pairs, questions
from _systems import Job, train

from fastw2v import KeyedVectors

Scores = dict[str, Any]


def main() -> None:
    """Train or read vectors, evaluate, record, print tables."""
    arguments = _parse()
    tests = {
        "analogies": [str(path) for path in arguments.analogies],
        "pairs": [str(path) for path in arguments.pairs],
        "questions": arguments.question,
        "restrict": arguments.restrict,
    }
    if arguments.vectors is not None:
        groups = {arguments.vectors.name: [_score_file(arguments, tests)]}
    else:
        groups = _score_systems(arguments, tests)
    print(_overview(groups))
    for path in arguments.analogies:
        print(f"\nRight answers of questions asked, {path.name}:\n\n{_sections(groups, path.name)}")
    for name, seeds in groups.items():
        for question, answer in seeds[0]["questions"].items():
            print(f"\n{name}: {_answer(question.split(), answer)}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--corpus", type=existing_file, help="train on this text, one sentence a line"
    )
    source.add_argument(
        "--vectors", type=existing_file, help="evaluate this word2vec file (.bin: binary)"
    )
    add("--analogies", action="append", type=Path, default=[], help="': section' and 'a b c d'")
    add("--pairs", action="append", type=Path, default=[], help="two words and a number a line")
    add("--question", action="append", default=[], help='"a b c [d]": a - b + c, expecting d')
    add("--restrict", type=whole(), default=30_000, help="analogies among the most frequent words")
    add("--seeds", nargs="+", type=whole(0), default=[1, 2, 3])
    add("--threads", type=_bench.THREADS, default=1)
    _bench.add_training_arguments(parser, epochs=5)
    arguments = parser.parse_args()
    # Read now what is needed only after an hour of training.
    try:
        for path in arguments.analogies:
            questions(path)
        for path in arguments.pairs:
            judged_pairs(path)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if any(len(question.split()) not in (3, 4) for question in arguments.question):
        parser.error("a --question has three or four words")
    return arguments


# ------------------------------------------------------------------------- training and scoring


def _score_file(arguments: argparse.Namespace, tests: dict[str, Any]) -> Scores:
    """Score vectors that are already there."""
    vectors = KeyedVectors.load_word2vec_format(
        arguments.vectors, binary=arguments.vectors.suffix == ".bin", unicode_errors="replace"
    )
    scores = _scores(Evaluator(vectors.index_to_key, vectors.vectors), **tests)
    record = _bench.Record("quality", arguments.json, {"restrict": arguments.restrict})
    record.content |= {"vectors": arguments.vectors.name, "scores": scores}
    record.write()
    return scores


def _score_systems(arguments: argparse.Namespace, tests: dict[str, Any]) -> dict[str, list[Scores]]:
    """Train every system with every seed, in a fresh process each, and score its vectors."""
    # gensim learns the same from an iterable as from a file, in more time.
    systems = _bench.chosen_systems(arguments.systems, ("fastw2v", "gensim", "fasttext"))
    parameters = _bench.job_parameters(arguments)
    others = {"threads": arguments.threads, "restrict": arguments.restrict}
    record = _bench.Record("quality", arguments.json, parameters | others)
    groups: dict[str, list[Scores]] = {}
    with _bench.open_corpus(arguments.corpus, arguments.max_words) as (corpus, facts):
        record.content["corpus"] = facts
        for mode, seed, system in product(arguments.modes, arguments.seeds, systems):
            job = Job(system, corpus, mode, arguments.threads, **parameters, seed=seed)
            report = _bench.run_job(__file__, job, arguments.isa, tests=tests)
            groups.setdefault(f"{system} {mode}", []).append(report["scores"])
            record.add(job, report)
    print(record.heading(), end="\n\n")
    return groups


def _worker() -> dict[str, Any]:
    job, extra = _bench.worker_order()
    trained = train(job)
    scores = _scores(Evaluator(trained.words, trained.vectors()), **extra["tests"])
    return trained.facts | {"scores": scores}


def _scores(
    evaluator: Evaluator,
    analogies: list[str],
    pairs: list[str],
    questions: list[str],
    restrict: int,
) -> Scores:
    """Return results by name of test file, and the answers to the single questions."""
    return {
        "words": len(evaluator.wv),
        "analogies": {Path(p).name: evaluator.analogies(Path(p), restrict) for p in analogies},
        "pairs": {Path(p).name: evaluator.pairs(Path(p)) for p in pairs},
        "questions": {text: evaluator.answers(text.split(), restrict) for text in questions},
    }


# --------------------------------------------------------------------------------------- tables


def _overview(groups: dict[str, list[Scores]]) -> str:
    """Return one line a group, one column a figure: mean ± standard deviation over the seeds."""
    figures = {name: [_figures(scores) for scores in seeds] for name, seeds in groups.items()}
    columns = list(next(iter(figures.values()))[0])
    rows = [
        (name, *(_mean([one[column] for one in seeds]) for column in columns))
        for name, seeds in figures.items()
    ]
    return _bench.markdown_table(("vectors", *columns), rows)


def _figures(scores: Scores) -> dict[str, float | None]:
    """Return accuracies of analogies and correlations of pairs by column heading."""
    figures: dict[str, float | None] = {}
    for file, result in scores["analogies"].items():
        for group, one in result["groups"].items():
            accuracy = one["correct"] / one["total"] if one["total"] else None
            figures[file if group == "all" else group] = accuracy
    for file, result in scores["pairs"].items():
        figures[f"{file} ({result['skipped']} skipped)"] = result["spearman"]
    return figures


def _mean(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    return f"{mean(known):.3f}" + (f" ± {stdev(known):.3f}" if len(known) > 1 else "")


def _sections(groups: dict[str, list[Scores]], file: str) -> str:
    """Return one line a section, one column a group: right answers (mean over seeds) of asked."""
    results = {name: [one["analogies"][file] for one in seeds] for name, seeds in groups.items()}
    rows = []
    for kind in ("sections", "groups"):
        for section in next(iter(results.values()))[0][kind]:
            counts = [[one[kind][section] for one in seeds] for seeds in results.values()]
            cells = (
                f"{mean(one['correct'] for one in seeds):.0f} / {seeds[0]['total']}"
                for seeds in counts
            )
            rows.append((section, *cells))
    rows.append(("(skipped)", *(str(seeds[0]["skipped"]) for seeds in results.values())))
    return _bench.markdown_table(("section", *results), rows)


def _answer(question: list[str], answer: dict[str, Any]) -> str:
    a, b, c, *expected = question
    text = f"{a} − {b} + {c} = "
    if "missing" in answer:
        return f"{text}? (not among the candidates: {', '.join(answer['missing'])})"
    text += ", ".join(f"{word} {cosine:.3f}" for word, cosine in answer["top"])
    return text + "".join(f"; {word} is number {answer['rank']}" for word in expected)


if __name__ == "__main__":
    if _bench.is_worker():
        print(json.dumps(_worker()))
    else:
        main()
