"""Training on a token file that is larger than the memory allowed; see README.md beside this file.

Needs root, and Linux with control groups: it makes a group with a memory limit, and trains in it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _arguments import existing_file, whole

from fastw2v.cpu import WORKERS_MAX

GROUPS = Path("/sys/fs/cgroup")
NAME = "fastw2v-benchmark"


def main() -> None:
    """Encode the corpus many times over, then train with and without the limit, in turn."""
    arguments = _parse()
    if arguments.worker:
        print(json.dumps(_train(arguments)))
        return
    _corpus(arguments)
    size = sum(path.stat().st_size for path in arguments.cache_dir.rglob("*") if path.is_file())
    print(f"token file: {size / 2**20:,.0f} MiB; limit: {arguments.limit_mib:,} MiB")
    for repeat in range(arguments.repeats):
        for limit in (None, arguments.limit_mib):
            one = _run(limit)
            print(
                f"run {repeat}, {'no limit' if limit is None else f'{limit} MiB'}: "
                f"{one['words_per_second'] / 1e6:.2f} M words/s, "
                f"resident at most {one['peak_mib']:,.0f} MiB, "
                f"of that no file {one['anonymous_mib']:,.0f} MiB",
                flush=True,
            )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--corpus", type=existing_file, required=True, help="text, one sentence a line")
    add("--cache-dir", type=Path, required=True, help="an empty folder for the token file")
    add(
        "--copies",
        type=whole(),
        default=20,
        help="times that the corpus is read, one after the other",
    )
    add("--limit-mib", type=whole(64), default=512)  # Python and numpy themselves take some
    add("--threads", type=whole(1, WORKERS_MAX), default=2)
    add("--sg", type=int, choices=(0, 1), default=0, help="0, CBOW, needs more words a second")
    add("--repeats", type=whole(), default=3)
    add("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not GROUPS.is_dir() or os.geteuid():
        parser.error(f"it needs root, and control groups in {GROUPS}")
    return arguments


def _corpus(arguments: argparse.Namespace) -> Any:
    from fastw2v import Corpus

    return Corpus([arguments.corpus] * arguments.copies, cache_dir=arguments.cache_dir)


def _run(limit: int | None) -> dict[str, Any]:
    """Train in a fresh process, of a group with that limit."""
    with _group(limit) as procs:
        done = subprocess.run(
            [sys.executable, __file__, *sys.argv[1:], "--worker"],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            preexec_fn=lambda: procs and procs.write_text(str(os.getpid())),
        )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def _group(limit: int | None) -> Iterator[Path | None]:
    """Make a control group, of either version; give the file that processes join it by."""
    if limit is None:
        yield None
        return
    old = (GROUPS / "memory").is_dir()
    control = GROUPS / "cgroup.subtree_control"
    if not old and "memory" not in control.read_text().split():
        sys.exit(f"groups have no memory limits here; 'echo +memory > {control}' allows them")
    group = (GROUPS / "memory" if old else GROUPS) / NAME
    group.mkdir(exist_ok=True)
    try:
        limits = "memory.limit_in_bytes" if old else "memory.max"
        (group / limits).write_text(str(limit << 20))
        yield group / "cgroup.procs"
    finally:
        group.rmdir()


def _drop_caches() -> None:
    """Have the token file read from the disk, whoever has read it before."""
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("3")


def _train(arguments: argparse.Namespace) -> dict[str, Any]:
    from fastw2v import Word2Vec

    model = Word2Vec(sg=arguments.sg, workers=arguments.threads, epochs=1, progress=False)
    corpus = _corpus(arguments)
    model.build_vocab(corpus)
    _drop_caches()  # not before: opening the token file checks all of it
    start = time.perf_counter()
    model.train()
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text()
    sizes = {name: int(kib) / 1024 for name, kib in re.findall(r"(\w+):\s+(\d+) kB", status)}
    return {
        "words_per_second": corpus.total_words / seconds,
        "peak_mib": sizes["VmHWM"],
        "anonymous_mib": sizes["RssAnon"],
    }


if __name__ == "__main__":
    main()
