"""What a user gets by installing and importing."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import fastw2v


def modules_after(statement):
    code = f"import sys; {statement}; print(*sorted(sys.modules))"
    # Not where the sources lie: the installed package is meant.
    command, here = [sys.executable, "-c", code], Path(__file__).parent
    return set(subprocess.check_output(command, cwd=here, text=True).split())


def test_import_loads_nothing_heavy():
    assert "numpy" not in modules_after("import fastw2v")
    using = modules_after("from fastw2v import Word2Vec, KeyedVectors, Corpus, Vocabulary")
    assert using.isdisjoint({"scipy", "gensim", "torch", "sklearn", "pandas", "multiprocessing"})


@pytest.mark.parametrize("name", fastw2v.__all__)
def test_public_names_are_there_and_documented(name):
    value = getattr(fastw2v, name)
    assert name == "__version__" or value.__doc__
    assert name in dir(fastw2v)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="fasttext"):
        fastw2v.fasttext  # noqa: B018


def test_version_is_that_of_the_distribution():
    assert re.fullmatch(r"\d+\.\d+\.\d+", fastw2v.__version__)
    try:
        assert metadata.version("fastw2v") == fastw2v.__version__
    except metadata.PackageNotFoundError:
        pytest.skip("run from a source tree that is not installed")


def test_numpy_is_the_only_requirement():
    try:
        requirements = metadata.requires("fastw2v") or []
    except metadata.PackageNotFoundError:
        pytest.skip("run from a source tree that is not installed")
    assert [r for r in requirements if "extra ==" not in r] == ["numpy>=2"]
