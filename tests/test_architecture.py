"""The order of the house: who may import whom, and how large a room may be."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fastw2v"

# A module imports from its own floor or a lower one.
FLOORS = {
    5: {
        "_cli",
        "__init__",
        "__main__",
        "cli",
        "_cli.parser",
        "_cli.messages",
        "_cli.queries",
        "demo",
        "models",
        "models.word2vec",
        "models.keyedvectors",
        "models.phrases",
        "models.callbacks",
    },
    4: {
        "_model",
        "word2vec",
        "_model.wordmodel",
        "_model.vocabulary",
        "_model.training",
        "_model.files",
        "_model.resume",
        "_model.gensimnames",
        "_gensim.model",
        "hardware",
        "encoders",
        "encoders._base",
        "encoders.tokens",
        "encoders.words",
        "encoders.onehot",
        "encoders.random",
        "encoders.rows",
        "encoders.means",
        "encoders.document",
        "encoders.analysis",
        "encoders.arguments",
        "encoders.characters",
        "encoders.count",
        "encoders.counted",
        "encoders.fitted",
        "encoders.inpython",
        "encoders.phase",
        "encoders.work",
        "encoders.counting",
        "encoders.reading",
        "encoders.reduction",
        "encoders.termlist",
        "encoders.tfidf",
        "embedding",
        "_embedding",
        "_embedding.rows",
        "_embedding.words",
        "_embedding.gradient",
        "_embedding.optimizer",
        "_embedding.optimizers",
        "_embedding.table",
        "_embedding.pretrained",
        "_embedding.files",
        "_embedding.frameworks",
        "_embedding.bags",
    },
    3: {
        "_training",
        "_phrases",
        "training",
        "_training.shards",
        "_training.matrices",
        "_training.divergence",
        "_training.rounds",
        "_keyed.queries",
        "softmax",
        "privaterows",
        "parameters",
        "callbacks",
        "modelfile",
        "checkpoint",
        "warmstart",
        "keyedvectors",
        "_keyed.matrix",
        "_keyed.files",
        "_keyed.nativefiles",
        "_keyed.attributes",
        "_keyed.edits",
        "_keyed.pairs",
        "_keyed.lists",
        "_keyed.oldnames",
        "_keyed.vectorfiles",
        "evaluation",
        "_gensim.export",
        "datasets",
        "_analogy_words",
        "phrases",
        "_phrases.merger",
        "_phrases.counts",
        "_phrases.scores",
        "_phrases.phrasing",
        "_phrases.files",
    },
    2: {
        "_evaluation",
        "_corpus",
        "_formats",
        "_keyed",
        "_gensim",
        "vocabulary",
        "trimming",
        "huffman",
        "corpus",
        "_corpus.source",
        "_corpus.forgetting",
        "readers",
        "utils",
        "encoding",
        "_corpus.idarrays",
        "tokenfile",
        "sources",
        "_corpus.streams",
        "parallel",
        "progress",
        "_evaluation.testsets",
        "_gensim.pickles",
        "_gensim.pickled_values",
        "_gensim.reader",
        "_evaluation.correlation",
        "formats",
        "_formats.compressed",
        "_formats.textrows",
        "_formats.word2vec_reader",
        "_formats.countfiles",
        "_formats.packedkeys",
        "safetensors",
        "npz",
        "projector",
        "_keyed.search",
        "_keyed.similarity",
        "_keyed.transport",
        "cpu",
        "_checks",
        "_files",
        "_keys",
        "_typing",
        "errors",
        "_version",
    },
    1: {
        "_native",
        "_native.train",
        "_native.softmax",
        "_native.rounds",
        "_native.text",
        "_native.lookup",
        "_native.document",
        "_native.randomvectors",
        "_native.huffman",
        "_native.search",
        "_native.rowfiles",
        "_native.phrases",
        "_native.terms",
        "_native.counting",
        "_native.termrows",
        "_native.embed",
        "_native.bags",
    },
}
FLOOR_OF = {module: floor for floor, modules in FLOORS.items() for module in modules}
NUMPY_OR_NATIVE = {"fastw2v", "numpy"}
OPTIONAL = {"backports", "scipy", "sklearn"}


def module_of(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def sources(*suffixes):
    return sorted(path for path in PACKAGE.rglob("*") if path.suffix in suffixes)


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "fastw2v":
            yield from (f"fastw2v.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute"
            yield node.module


def test_every_module_has_a_floor():
    found = {module_of(path) for path in sources(".py", ".pyx")}
    assert found == set(FLOOR_OF)


@pytest.mark.parametrize("path", sources(".py"), ids=module_of)
def test_imports_go_down(path):
    own = FLOOR_OF[module_of(path)]
    for name in imports_of(path):
        module = name.removeprefix("fastw2v.")
        if name.startswith("fastw2v.") and module in FLOOR_OF:
            assert FLOOR_OF[module] <= own, f"{module_of(path)} imports {module} from above"


@pytest.mark.parametrize("path", sources(".pyx"), ids=module_of)
def test_compiled_modules_import_no_python_of_ours(path):
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"^\s*from fastw2v(?!\._native)\S* c?import", text, re.MULTILINE)


@pytest.mark.parametrize("path", sources(".c", ".h"), ids=lambda path: path.name)
def test_kernels_know_neither_python_nor_the_heap(path):
    text = path.read_text(encoding="utf-8")
    assert "Python.h" not in text
    assert not re.search(r"\b(malloc|calloc|realloc|free)\(", text)
    assert text.startswith("/*"), "a C file opens with its purpose, invariants and source"


def test_core_needs_numpy_alone():
    import sys

    allowed = NUMPY_OR_NATIVE | OPTIONAL | set(sys.stdlib_module_names)
    for path in sources(".py"):
        for name in imports_of(path):
            assert name.split(".")[0] in allowed, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", sources(".py"), ids=module_of)
def test_only_two_rooms_start_threads(path):
    if "threading" in set(imports_of(path)):
        assert module_of(path) in {"parallel", "encoding"}


def test_no_file_is_over_400_lines():
    # train.pyx: the hot loop stays in one piece, so that the compiler sees all of it.
    excused = {"train.pyx"}
    tests = sorted((ROOT / "tests").rglob("*.py")) + sorted((ROOT / "benchmarks").rglob("*.py"))
    for path in [*sources(".py", ".pyx", ".pxd", ".pyi", ".c", ".h"), *tests]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 400 or path.name in excused, f"{path.name} has {lines} lines"


@pytest.mark.parametrize("name", [path.stem for path in sources(".pyx")])
def test_stubs_tell_all_that_compiled_modules_offer(name):
    module = __import__(f"fastw2v._native.{name}", fromlist=["*"])
    stub = ast.parse((PACKAGE / "_native" / f"{name}.pyi").read_text(encoding="utf-8"))
    told = set()
    for node in stub.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            told.add(node.name)
        elif isinstance(node, ast.AnnAssign):
            told.add(node.target.id)
    offered = {
        key
        for key, value in vars(module).items()
        if not key.startswith("_") and not isinstance(value, type(ast)) and key != "np"
    }
    assert told == offered


@pytest.mark.parametrize("path", sources(".py"), ids=module_of)
def test_training_calls_no_blas(path):
    """Its threads keep the cores busy for a tenth of a second after each product."""
    if module_of(path).startswith(("training", "_training", "privaterows", "parameters")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.MatMult)]
