"""Columns of tables as sources: pandas, Polars and Arrow, where they are installed."""

import pytest

from fastw2v import Corpus

SENTENCES = [["나는", "사과를"], ["먹었다", "나는", "달린다"]]
TEXTS = [" ".join(sentence) for sentence in SENTENCES]


def columns(kind, values):
    """The values as each kind of column of a library."""
    if kind == "pandas":
        pandas = pytest.importorskip("pandas")
        return [pandas.Series(values), pandas.DataFrame({"말": values}, index=[5, 9])["말"]]
    if kind == "polars":
        return [pytest.importorskip("polars").Series(values)]
    arrow = pytest.importorskip("pyarrow")
    return [arrow.array(values), arrow.chunked_array([values[:1], values[1:]])]


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_a_column_is_a_corpus(kind):
    for column in columns(kind, SENTENCES):
        assert list(Corpus(column)) == SENTENCES
    for column in columns(kind, TEXTS):
        assert list(Corpus(column, tokenizer=str.split)) == SENTENCES
    for column in columns(kind, [[3, 1], [3]]):
        assert list(Corpus(column)) == [[3, 1], [3]]


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_what_is_missing_is_named(kind):
    for column in columns(kind, [["나는"], None]):
        with pytest.raises(TypeError, match="sentence 1 must be a list of tokens"):
            Corpus(column)
    for column in columns(kind, [["나는"], ["사과를", None]]):
        with pytest.raises(TypeError, match="sentence 1: a token must be a str or an int"):
            Corpus(column)


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_table_is_no_corpus(name):
    library = pytest.importorskip(name)
    with pytest.raises(TypeError, match=r"table\[name\]"):
        Corpus(library.DataFrame({"말": SENTENCES}))
