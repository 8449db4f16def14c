"""RandomEncoder: the numbers are as documented, a word's own, and of the promised distribution."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from corpora import start_python

from fastw2v import Corpus, KeyedVectors, RandomEncoder, Vocabulary
from fastw2v._typing import Array

WORDS = ["나는", "사과를", "king", "ß", "한", "\U0001f34e 사과", "", "a" * 100]
DISTRIBUTIONS = ["uniform", "normal", "ternary"]
# The first four numbers of 사과 and of king, bit by bit: they are the same on every platform.
PINNED = {
    "uniform": "72c1453fab38253e33e9253f24f1c7be8ec3f63eaa9febbe0e6d193ee84d023f",
    "normal": "49b84d3ff852f13d93bb123f966199be3b2ec43e6089b9bebccedf3df0e6d13e",
    "ternary": "000000000000000000000000d7b35dbf00000000d7b35dbf0000000000000000",
}


def lazy(size: int = 8, **options: Any) -> RandomEncoder:
    return RandomEncoder(size, handle_unknown="hash", lazy=True, **options)


def bits_of(word: str, size: int, seed: int) -> Array:
    """The specification, by numpy's own generator."""
    key = 0xCBF29CE484222325
    for byte in word.encode():
        key = (key ^ byte) * 0x100000001B3 % 2**64
    raw = np.random.Philox(key=np.array([key, seed], np.uint64)).random_raw(size // 2 + 1)
    return np.stack([raw & 0xFFFFFFFF, raw >> np.uint64(32)], axis=1).ravel()[:size].astype(int)


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
@pytest.mark.parametrize("size", [1, 7, 8, 9, 100])
def test_the_numbers_are_as_documented(size: int, seed: int) -> None:
    for distribution in DISTRIBUTIONS:
        encoder = lazy(size, distribution=distribution, scale=0.5, density=0.25, seed=seed)
        for word, vector in zip(WORDS, encoder.transform(WORDS), strict=True):
            bits = bits_of(word, size, seed)
            if distribution == "uniform":
                expected = ((bits >> 8) - 2**23 + 0.5) / 2**23
            elif distribution == "normal":
                expected = np.array([NormalDist().inv_cdf((x + 0.5) / 2**32) for x in bits])
            else:
                expected = 1.0 * (bits < 2**29) - (bits >> 29 == 1)
            np.testing.assert_allclose(vector, 0.5 * expected, rtol=3e-7, err_msg=word)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_numbers_that_never_change(distribution: str) -> None:
    vectors = lazy(4, distribution=distribution).transform(["사과", "king"])
    assert vectors.dtype == np.float32
    assert vectors.astype("<f4").tobytes().hex() == PINNED[distribution]


def test_a_word_has_the_same_vector_everywhere() -> None:
    vector = lazy().transform(["사과"])[0]
    others = [
        RandomEncoder(8).fit(["사과", "배"]).transform(["사과"])[0],
        RandomEncoder(8, vocabulary=Vocabulary(["배", "사과"], [9, 1])).transform([1])[0],
        RandomEncoder(8).fit(Corpus([["배", "감", "사과"]])).to_keyedvectors()["사과"],
        RandomEncoder(8, handle_unknown="hash").fit(["배"]).transform([["배", "사과"]])[0, 1],
        lazy(9).transform(["사과"])[0, :8] * np.float32(np.sqrt(9 / 8)),
    ]
    for other in others:
        np.testing.assert_allclose(other, vector, rtol=1e-6)
    code = "from fastw2v import *; import sys; sys.stdout.buffer.write("
    code += "RandomEncoder(8, handle_unknown='hash').transform(['사과']).tobytes())"
    with start_python(code) as process:
        assert process.communicate()[0] == vector.tobytes()


def test_words_and_seeds_differ() -> None:
    vectors = np.concatenate(
        [lazy(4, seed=seed).transform([f"낱말{k}" for k in range(1000)]) for seed in range(3)]
    )
    assert len(np.unique(vectors, axis=0)) == 3000


@pytest.mark.parametrize("options", [{"lazy": True}, {}], ids=["lazy", "table"])
def test_many_words_are_made_by_several_threads(
    options: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastw2v.encoders.random._PIECE", 64)
    monkeypatch.setattr("fastw2v.cpu.usable_cores", lambda: 4)
    words = [f"낱말{k}" for k in range(300)]
    encoder = RandomEncoder(8, **options).fit(words)
    vectors = encoder.transform(words[::-1] + words[:5])
    one_by_one = [lazy().transform([word])[0] for word in words]
    np.testing.assert_array_equal(vectors, one_by_one[::-1] + one_by_one[:5])
    assert hasattr(encoder, "vectors_") == (not options)


@pytest.mark.parametrize(
    ("options", "variance", "kurtosis"),
    [
        ({"distribution": "uniform"}, 1 / 3, 1.8),
        ({"distribution": "normal"}, 1, 3),
        ({"distribution": "ternary"}, 1 / 3, 3),
        ({"distribution": "ternary", "density": 0.05}, 0.05, 20),
        ({"distribution": "ternary", "density": 1}, 1, 1),
    ],
    ids=["uniform", "normal", "Achlioptas", "sparse", "signs"],
)
def test_distributions(options: dict[str, Any], variance: float, kurtosis: float) -> None:
    words = [f"낱말{k}" for k in range(4000)]
    numbers = lazy(100, scale=1, **options).transform(words).astype(np.float64)
    assert abs(numbers.mean()) < 0.005
    assert numbers.var() == pytest.approx(variance, rel=0.01)
    assert (numbers**4).mean() / variance**2 == pytest.approx(kurtosis, rel=0.02)
    # Neither neighbours of a vector nor places of similar words have to do with each other.
    assert np.abs(np.corrcoef(numbers[:, :20].T) - np.eye(20)).max() < 0.07
    if options["distribution"] == "ternary":
        assert set(np.unique(numbers)) <= {-1, 0, 1}
    # By default, vectors are of length 1.
    units = np.linalg.norm(lazy(100, **options).transform(words), axis=1)
    assert (units**2).mean() == pytest.approx(1, abs=0.01)


def test_the_normal_tail() -> None:
    """A number in six million is beyond five standard deviations, and its neighbours are right."""
    numbers = lazy(1000, distribution="normal", scale=1).transform([str(k) for k in range(3000)])
    ordered = np.sort(numbers.ravel().astype(np.float64))
    for place in (30, 300, 3000, 300_000):
        p = (place + 0.5) / len(ordered)
        slack = 5 * np.sqrt(p / len(ordered))
        for value in (ordered[place], -ordered[-1 - place]):
            assert NormalDist().cdf(value) == pytest.approx(p, abs=slack)


def test_unknown_words() -> None:
    source = [["배", "감"], ["감", "배"]]
    with pytest.raises(ValueError, match=r"unknown words \['감'\]"):
        RandomEncoder(4).fit(["배"]).transform(source)
    ignoring = RandomEncoder(4, handle_unknown="ignore").fit(["배"]).transform(source)
    hashing = RandomEncoder(4, handle_unknown="hash").fit(["배"]).transform(source)
    np.testing.assert_array_equal(ignoring[0, 1], np.zeros(4))
    np.testing.assert_array_equal(hashing, lazy(4).transform(source))
    np.testing.assert_array_equal(ignoring[:, ::-1][0], ignoring[1])
    with pytest.raises(ValueError, match="unknown ids"):
        RandomEncoder(4, handle_unknown="hash").fit(["배"]).transform([1])


def test_integers_are_words_of_their_digits() -> None:
    np.testing.assert_array_equal(
        lazy().transform(np.array([[7, -12], [7, 7]])), lazy().transform([["7", "-12"], ["7", "7"]])
    )
    assert RandomEncoder(3).fit([7, 9]).to_keyedvectors().index_to_key == [7, 9]


def test_a_token_may_be_any_string() -> None:
    """One with a lone surrogate is a word of its own, with the bytes that UTF-8 would have."""
    key = 0xCBF29CE484222325
    for byte in b"b\xed\xa0\x80":
        key = (key ^ byte) * 0x100000001B3 % 2**64
    low = np.random.Philox(key=np.array([key, 1], np.uint64)).random_raw(1) & 0xFFFFFFFF
    expected = ((int(low[0]) >> 8) - 2**23 + 0.5) / 2**23
    assert lazy(1, scale=1).transform(["b\ud800"])[0, 0] == np.float32(expected)


def test_neighbours_can_be_asked_for() -> None:
    encoder = RandomEncoder(50).fit(["사과", "딸기", "왕", "사과"])
    wv = encoder.to_keyedvectors()
    assert isinstance(wv, KeyedVectors)
    assert wv.counts is not None and wv.counts.tolist() == [2, 1, 1]
    np.testing.assert_array_equal(wv.vectors, encoder.transform(wv.index_to_key))
    eager = RandomEncoder(50, vocabulary=["왕"], lazy=True).to_keyedvectors()
    np.testing.assert_array_equal(eager["왕"], wv["왕"])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"vector_size": 0}, ValueError, "vector_size"),
        ({"vector_size": 2.0}, TypeError, "vector_size"),
        ({"distribution": "gauss"}, ValueError, "distribution must be one of"),
        ({"scale": 0}, ValueError, "scale must be a number of at least 1e-30"),
        ({"scale": 1e39}, ValueError, r"scale must be .* at most 1e\+30"),
        ({"scale": 1e-50}, ValueError, "scale must be a number of at least 1e-30"),
        ({"scale": "big"}, TypeError, "scale must be"),
        ({"density": 0}, ValueError, "density must be a number of at least 4.65661e-10"),
        ({"density": 1e-12}, ValueError, "density must be a number of at least 4.65661e-10"),
        ({"density": 1.5}, ValueError, "density"),
        ({"seed": -1}, ValueError, "seed"),
        ({"seed": 2**64}, ValueError, "seed"),
        ({"lazy": 2}, ValueError, "lazy"),
        ({"handle_unknown": "zero"}, ValueError, "handle_unknown must be one of"),
    ],
)
def test_wrong_parameters(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        RandomEncoder(**options).fit(["나는"])
    with pytest.raises(error, match=message):
        RandomEncoder(**{"handle_unknown": "hash"} | options, vocabulary=["나는"]).transform(["나"])


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_no_number_overflows_or_vanishes(distribution: str) -> None:
    for scale in (1e-30, 1e30):
        vectors = lazy(10_000, distribution=distribution, scale=scale, density=1).transform(["가"])
        assert np.isfinite(vectors).all() and vectors.all()
    assert lazy(1, distribution="ternary", density=2**-31).transform(map(str, range(9))).size == 9


@pytest.mark.parametrize("is_lazy", [False, True])
@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 2},
        {"vector_size": 5},
        {"distribution": "normal"},
        {"scale": 7.0},
        {"distribution": "ternary", "density": 1.0},
    ],
)
def test_parameters_count_from_the_next_fit_on(changed: dict[str, Any], is_lazy: bool) -> None:
    words, tokens = ["나는", "달린다"], ["달린다", "낯선"]
    options: dict[str, Any] = {"handle_unknown": "hash", "lazy": is_lazy}
    encoder = RandomEncoder(3, **options).fit(words)
    before, kept = encoder.transform(tokens), encoder.to_keyedvectors().vectors.copy()
    encoder.set_params(**changed)
    np.testing.assert_array_equal(encoder.transform(tokens), before)
    np.testing.assert_array_equal(encoder.to_keyedvectors().vectors, kept)
    assert len(encoder.get_feature_names_out()) == 3
    fresh = RandomEncoder(**{"vector_size": 3} | options | changed).fit(words)
    np.testing.assert_array_equal(encoder.fit(words).transform(tokens), fresh.transform(tokens))


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": -1},
        {"distribution": "bogus"},
        {"density": -5.0, "distribution": "ternary"},
        {"vector_size": -2},
        {"handle_unknown": "bogus"},
    ],
)
def test_parameters_set_after_fit_are_checked(changed: dict[str, Any]) -> None:
    name = next(iter(changed))
    encoder = RandomEncoder(3, handle_unknown="hash").fit(["나는"]).set_params(**changed)
    with pytest.raises(ValueError, match=f"{name} must be"):
        encoder.transform(["나는"])


def test_a_number_of_ids() -> None:
    encoder = RandomEncoder(3, vocabulary=4).fit()
    np.testing.assert_array_equal(encoder.transform([3, 0]), lazy(3).transform(["3", "0"]))
    wv = encoder.to_keyedvectors()
    assert wv.index_to_key == [0, 1, 2, 3]
    with pytest.raises(ValueError, match=r"unknown words \[4\]"):
        encoder.transform([4])
    hashing = RandomEncoder(3, vocabulary=4, handle_unknown="hash")
    np.testing.assert_array_equal(hashing.transform([9, 1]), lazy(3).transform(["9", "1"]))


def test_sentences_of_one_length_only() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        lazy().transform([["나는"], ["나는", "달린다"]])
    assert lazy().transform([]).shape == (0, 8)
    assert lazy().transform(Corpus([["나는"], ["나는", "달린다"]])).shape == (3, 8)


def test_a_fit_that_is_interrupted_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = RandomEncoder(4).fit(["나는", "달린다"])
    vectors = encoder.transform(["나는", "달린다"])

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("fastw2v.encoders.random.write_random_vectors", interrupted)
        with pytest.raises(KeyboardInterrupt):
            encoder.fit(["달린다", "사과를"])
    np.testing.assert_array_equal(encoder.transform(["나는", "달린다"]), vectors)
