"""The systems under test: the same training by each of them, timed inside this process."""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Job:
    """One training by one system: all that a fresh process has to know.

    With `lists`, the system is given a list of lists of words, made beforehand, not the file.
    """

    system: str
    corpus: str
    mode: str
    threads: int
    vector_size: int
    window: int
    negative: int
    sample: float
    min_count: int
    epochs: int
    alpha: float
    hs: int = 0
    cbow_gradient: str = "word2vec"
    seed: int = 1
    lists: bool = False


@dataclass(frozen=True)
class Trained:
    """A trained model: its words by falling count, its vectors on request, what it took."""

    words: list[str]
    vectors: Callable[[], np.ndarray]
    facts: dict[str, Any]


@dataclass
class Stopwatch:
    """Wall seconds, and CPU seconds of all threads of this process, of named parts."""

    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure the block as the part `name`."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = time.perf_counter() - wall
        self.cpu_seconds[name] = time.process_time() - cpu


def train(job: Job) -> Trained:
    """Train in this process, which should be fresh: its peak memory is one of the facts."""
    trainers = {
        "fastw2v": _train_fastw2v,
        "gensim": _train_gensim,
        "gensim-iterable": _train_gensim,
        "fasttext": _train_fasttext,
    }
    return trainers[job.system](job)


def _read_lists(job: Job) -> list[list[str]]:
    with open(job.corpus, encoding="utf-8") as lines:
        return [line.split() for line in lines]


def _train_fastw2v(job: Job) -> Trained:
    watch = Stopwatch()
    with watch.part("import"):
        import fastw2v
        from fastw2v import cpu
    source = _read_lists(job) if job.lists else job.corpus
    with watch.part("total"):
        model = fastw2v.Word2Vec(
            **_word2vec_arguments(job), cbow_gradient=job.cbow_gradient, progress=False
        )
        with watch.part("scan"):
            model.build_vocab(source)
        with watch.part("train"):
            trained, raw = model.train()
        with watch.part("save"), _file_to_write() as path:
            model.wv.save_word2vec_format(path, binary=True)
    facts = _facts(watch, model.corpus_total_words, trained, raw)
    facts["system"] = {
        "version": fastw2v.__version__,
        "isa": cpu.isa(),
        "isa_reason": cpu.reason(),
        "compilers": _compilers(fastw2v),
    }
    return Trained(list(model.wv.index_to_key), lambda: model.wv.vectors, facts)


def _train_gensim(job: Job) -> Trained:
    watch = Stopwatch()
    with watch.part("import"):
        import gensim
        from gensim.models import word2vec
    if job.lists:
        source: dict[str, Any] = {"corpus_iterable": _read_lists(job)}
    elif job.system == "gensim-iterable":
        source = {"corpus_iterable": word2vec.LineSentence(job.corpus)}
    else:
        source = {"corpus_file": job.corpus}
    with watch.part("total"):
        model = word2vec.Word2Vec(**_word2vec_arguments(job))
        with watch.part("scan"):
            model.build_vocab(**source)
        with watch.part("train"):
            trained, raw = model.train(
                **source,
                total_examples=model.corpus_count,
                total_words=model.corpus_total_words,
                epochs=model.epochs,
            )
        with watch.part("save"), _file_to_write() as path:
            model.wv.save_word2vec_format(path, binary=True)
    facts = _facts(watch, model.corpus_total_words, trained, raw)
    facts["system"] = {
        "version": gensim.__version__,
        # 0 and 1: compiled, with BLAS; 2: compiled, without; -1: plain Python.
        "FAST_VERSION": word2vec.FAST_VERSION,
        "compilers": _compilers(gensim),
    }
    return Trained(list(model.wv.index_to_key), lambda: model.wv.vectors, facts)


def _train_fasttext(job: Job) -> Trained:
    """Scan and train in the one call that fastText has: no times of its parts, and no seed.

    It saves a whole model, in a format of its own.
    """
    watch = Stopwatch()
    with watch.part("import"):
        import fasttext
    with watch.part("total"):
        model = fasttext.train_unsupervised(
            job.corpus,
            model={"sg": "skipgram", "cbow": "cbow"}[job.mode],
            loss="hs" if job.hs else "ns",
            lr=job.alpha,
            dim=job.vector_size,
            ws=job.window,
            neg=job.negative,
            t=job.sample,
            minCount=job.min_count,
            epoch=job.epochs,
            thread=job.threads,
            minn=0,
            maxn=0,
            verbose=0,
        )
        with watch.part("save"), _file_to_write() as path:
            model.save_model(path)
    facts = _facts(watch, None, None, None)
    facts["system"] = {"version": _installed_version("fasttext", "fasttext-wheel")}
    words = [word for word in model.get_words() if word != "</s>"]

    def vectors() -> np.ndarray:
        import numpy as np

        return np.stack([model.get_word_vector(word) for word in words])

    return Trained(words, vectors, facts)


@contextmanager
def _file_to_write() -> Iterator[str]:
    """Give the path of a file that goes away afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        yield str(Path(folder) / "vectors.bin")


def _word2vec_arguments(job: Job) -> dict[str, Any]:
    """Return the constructor's arguments, which gensim and fastw2v name alike."""
    arguments = asdict(job)
    del arguments["system"], arguments["corpus"], arguments["lists"], arguments["cbow_gradient"]
    sg = int(arguments.pop("mode") == "sg")
    return arguments | {"sg": sg, "workers": arguments.pop("threads")}


def _facts(
    watch: Stopwatch, scanned: int | None, trained: int | None, raw: int | None
) -> dict[str, Any]:
    """Return what a training took; the three counts of words are the system's own."""
    return {
        "seconds": watch.seconds,
        "cpu_seconds": watch.cpu_seconds,
        "peak_mib": peak_mib(),
        "scanned_words": scanned,
        "trained_words": trained,
        "raw_words": raw,
    }


def peak_mib() -> float:
    """Return the largest resident memory of this process so far, file-mapped pages included."""
    # On Linux ru_maxrss survives exec: a child inherits its parent's peak. VmHWM starts anew.
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) / 1024
    import resource

    units = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / units


def _compilers(package: ModuleType) -> list[str]:
    """Return the compilers that the package's extension modules name in themselves."""
    pattern = re.compile(rb"GCC: \([^)]*\) [\d.]+|clang version [\d.]+")
    found: set[bytes] = set()
    for folder in package.__path__:
        for library in Path(folder).rglob("*.so"):
            found.update(pattern.findall(library.read_bytes()))
    return sorted(name.decode() for name in found)


def _installed_version(*names: str) -> str:
    """Return the version of the first of these distributions that is installed."""
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "unknown"
