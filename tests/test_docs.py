"""The pages of docs/: what they show of Python runs, and prints what they say."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "five-roads.md"
if not PAGE.exists():
    pytest.skip("only where the pages are", allow_module_level=True)


@pytest.fixture
def five_roads(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    return import_module("five_roads")


def blocks(text: str) -> str:
    """Return what is in the blocks of a page, at the lines where it stands there."""
    inside = re.compile(r"^```pycon\n(.*?)^```$", re.M | re.S)
    kept, end = [], 0
    for block in inside.finditer(text):
        kept += ["\n" * text.count("\n", end, block.start(1)), block[1]]
        end = block.end(1)
    return "".join(kept)


def test_five_roads_prints_what_the_page_says(five_roads):
    pytest.importorskip("sklearn")
    page = blocks(PAGE.read_text(encoding="utf-8"))
    test = doctest.DocTestParser().get_doctest(page, {}, PAGE.name, str(PAGE), 0)
    assert len(test.examples) > 40
    told: list[str] = []
    assert not doctest.DocTestRunner().run(test, out=told.append).failed, "".join(told)


def test_the_page_has_the_table_of_the_example(five_roads, capsys):
    pytest.importorskip("sklearn")
    five_roads.main()
    assert f"\n\n{capsys.readouterr().out}\n" in PAGE.read_text(encoding="utf-8")
