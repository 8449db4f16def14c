"""The examples in the docstrings, as the installed package has them."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import fastw2v

MODULES = ["fastw2v"] + [
    module.name
    for module in pkgutil.walk_packages(fastw2v.__path__, "fastw2v.")
    if module.name != "fastw2v.__main__"
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(name)
    names = {} if name == "fastw2v" else {"np": importlib.import_module("numpy")}
    assert not doctest.testmod(module, extraglobs=names).failed
