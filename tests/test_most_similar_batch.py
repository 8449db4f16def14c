"""Many queries at once: the answers of one by one; and the product of similarities, 3CosMul."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_vectors import WORDS, expected_similarities, made, unit

from fastw2v._keyed import search
from fastw2v.keyedvectors import KeyedVectors


@pytest.fixture
def wv() -> KeyedVectors:
    return made()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("topn", [1, 10, 60, 150, 1000])
def test_a_batch_gives_what_one_by_one_does(
    dtype: Any, topn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_PRODUCTS_FOR_A_THREAD", 1)
    monkeypatch.setattr(search, "_QUERY_BYTES", 1)  # several batches of 32
    wv = made(400, 12, dtype=dtype)
    wv.vectors[7] = 0
    wv.vectors[50:60] = wv.vectors[0]
    keys = [*wv.index_to_key[:70], wv["왕"], np.ones(12), np.zeros(12), 0.001 * wv["queen"]]
    expected = [wv.most_similar(key, topn=topn) for key in keys]
    for workers in (None, 1, 3):
        assert wv.most_similar_batch(keys, topn=topn, workers=workers) == expected
    monkeypatch.setattr(search, "_FOUND_BYTES", 1)  # one by one
    assert wv.most_similar_batch(keys, topn=topn) == expected
    some: list[Any] = [5, ["w300", "king", "w39", "왕"]]
    for restriction in some:
        assert wv.most_similar_batch(keys, topn, restrict_vocab=restriction) == [
            wv.most_similar(key, topn=topn, restrict_vocab=restriction) for key in keys
        ]


def test_what_a_batch_may_be(wv: KeyedVectors) -> None:
    expected = [wv.most_similar(key) for key in WORDS]
    for keys in (WORDS, tuple(WORDS), iter(WORDS), dict.fromkeys(WORDS), np.array(WORDS)):
        assert wv.most_similar_batch(keys) == expected
    by_vector = wv.most_similar_batch(wv.vectors[:10], topn=11)
    assert [found[1:] for found in by_vector] == expected
    assert [found[0][0] for found in by_vector] == WORDS
    assert wv.most_similar_batch([]) == []
    assert wv.most_similar_batch(["왕", "왕"], topn=0) == [[], []]
    assert all(type(value) is float for found in expected for _, value in found)


def test_wrong_batches(wv: KeyedVectors) -> None:
    with pytest.raises(KeyError, match="'없다' not in vocabulary"):
        wv.most_similar_batch(["왕", "없다"])
    with pytest.raises(TypeError, match="keys must be a list of keys, got '왕'"):
        wv.most_similar_batch("왕")
    with pytest.raises(TypeError, match="keys must be of keys and numpy vectors"):
        wv.most_similar_batch([["왕", "king"]])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"shape \(20,\), got \(3,\)"):
        wv.most_similar_batch([np.ones(3)])
    with pytest.raises(TypeError, match="topn must be an integer"):
        wv.most_similar_batch(["왕"], topn=None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"workers must be an integer of at least 1 .*, got 0"):
        wv.most_similar_batch(["왕"], workers=0)
    wv.vectors[150] = np.inf
    for keys in (["왕"], WORDS):
        with pytest.raises(ValueError, match="key 'w150' holds NaN or infinity"):
            wv.most_similar_batch(keys)


def test_a_batch_shows_progress(wv: KeyedVectors, capsys: pytest.CaptureFixture[str]) -> None:
    wv.most_similar_batch(WORDS, progress=True)
    assert "10 queries" in capsys.readouterr().err
    wv.most_similar_batch(WORDS)
    assert capsys.readouterr().err == ""


def test_a_key_asks_for_what_its_unit_vector_does() -> None:
    """To the last bit, the key itself aside."""
    for seed in range(5):
        wv = made(300, 100, seed)
        one = wv.get_vector("왕", norm=True)
        other = wv.get_vector("여자", norm=True)
        assert wv.most_similar([one], topn=11)[1:] == wv.most_similar("왕"), f"seed {seed}"
        by_key = wv.most_similar(["왕", "여자"], ["남자"], topn=5)
        by_vector = wv.most_similar([one, other], ["남자"], topn=7)
        rest = [pair for pair in by_vector if pair[0] not in ("왕", "여자")]
        assert rest[:5] == by_key, f"seed {seed}"


# 3CosMul


def test_cosmul_is_the_definition(wv: KeyedVectors) -> None:
    def shifted(vector: Any) -> Any:
        return (1 + expected_similarities(wv, vector.astype(np.float64))) / 2

    expected = shifted(wv["왕"]) * shifted(wv["여자"]) / (shifted(wv["남자"]) + 1e-6)
    found = wv.most_similar_cosmul(["왕", "여자"], ["남자"], topn=None)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    given = ("왕", "여자", "남자")
    order = [row for row in np.argsort(-expected) if wv.index_to_key[row] not in given][:12]
    best = wv.most_similar_cosmul(["왕", "여자"], ["남자"], topn=12)
    assert [key for key, _ in best] == [wv.index_to_key[row] for row in order]
    np.testing.assert_allclose([value for _, value in best], expected[order], rtol=1e-5)
    by_vector = wv.most_similar_cosmul([wv["왕"], unit(wv["여자"])], [3 * wv["남자"]], topn=None)
    np.testing.assert_allclose(by_vector, expected, rtol=1e-5)
    plain = [key for key, _ in wv.most_similar("왕")]
    assert [key for key, _ in wv.most_similar_cosmul("왕")] == plain


def test_cosmul_searches_where_it_is_told_to(wv: KeyedVectors) -> None:
    everything = wv.most_similar_cosmul(["왕", "여자"], "남자", topn=1000)
    assert len(everything) == 197
    few = wv.most_similar_cosmul(["왕", "여자"], "남자", topn=1000, restrict_vocab=9)
    assert few == [pair for pair in everything if pair[0] in WORDS[:9]]
    keys = ["w30", "왕", "queen", "w99"]
    chosen = wv.most_similar_cosmul(["왕", "여자"], "남자", restrict_vocab=keys)
    assert chosen == [pair for pair in everything if pair[0] in keys]
    whole = wv.most_similar_cosmul(["왕", "여자"], "남자", topn=None, restrict_vocab=keys)
    assert whole[0] == pytest.approx(dict(everything)["w30"]) and whole.shape == (4,)
    assert wv.most_similar_cosmul("왕", topn=0) == []


def test_wrong_products(wv: KeyedVectors) -> None:
    with pytest.raises(ValueError, match="positive is empty: give at least one key"):
        wv.most_similar_cosmul([], ["남자"])
    with pytest.raises(KeyError):
        wv.most_similar_cosmul(["왕"], ["없다"])
    with pytest.raises(TypeError, match="positive must be of keys and numpy vectors"):
        wv.most_similar_cosmul([("왕", 0.5)])
