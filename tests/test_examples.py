"""The worked examples: they run, and show what they are about."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
if not EXAMPLES.exists():
    pytest.skip("only where the examples are", allow_module_level=True)

FRUITS = {"딸기", "복숭아", "자두", "참외", "포도"}


@pytest.fixture
def example(monkeypatch):
    """Return a function that runs an example in this process."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return lambda name, **arguments: import_module(name).main(**arguments)


def test_text_classifier_gains_by_word2vec(example):
    accuracies = example("text_classifier")
    assert accuracies["random"] > 0.7
    for name in ("word2vec, frozen", "word2vec, fine-tuned"):
        assert accuracies[name] > max(0.9, accuracies["random"])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_five_roads_word2vec_finds_the_fruits(example, seed):
    pytest.importorskip("sklearn")
    found = example("five_roads", seed=seed)
    accuracies = {name: share for name, (_, share) in found.items()}
    names = max(accuracies["one-hot"], accuracies["random"])
    assert 1 / 3 < names < accuracies["TF-IDF"] - 0.03 < 0.9
    assert min(accuracies["TF-IDF with SVD"], accuracies["word2vec"]) > 0.97

    words = {name: road.words for name, (road, _) in found.items()}
    assert (words["one-hot"].distances("사과", [*FRUITS, "버스"]) == 1).all()
    assert abs(words["random"].similarity("사과", "딸기")) < 3 / 32**0.5
    assert words["TF-IDF"].similarity("사과", "딸기") == 0
    assert words["TF-IDF"].similarity("사과", "과수원") > 0.1
    assert min(words["TF-IDF with SVD"].similarity("사과", x) for x in ("딸기", "과수원")) > 0.99
    fruit, orchard, bus = (
        words["word2vec"].similarity("사과", other) for other in ("딸기", "과수원", "버스")
    )
    assert fruit > orchard + 0.3 and orchard > bus + 0.1
    near = {name: {word for word, _ in words[name].most_similar("사과", topn=5)} for name in words}
    assert near["word2vec"] == FRUITS != near["random"]


def test_three_of_the_five_roads_need_numpy_alone(example, monkeypatch):
    for name in ("scipy", "scipy.sparse", "sklearn"):
        monkeypatch.setitem(sys.modules, name, None)
    found = example("five_roads", names=["one-hot", "random", "word2vec"])
    assert found["word2vec"][1] > found["one-hot"][1] > found["random"][1]


def test_recommender_foretells_ratings(example):
    errors = example("recommender", epochs=30)
    assert errors["matrix factorization"] < 0.5 * errors["the mean of all ratings"]


def test_embedding_is_a_dense_layer_without_the_zeros(example):
    found = example("dense_equivalence")
    assert found["largest difference of outputs"] == 0
    assert found["largest difference of gradients"] < 1e-5
    sizes = [number for name, number in found.items() if "MB" in name]
    assert sizes[1] < sizes[0] / 100


def test_torch_classifier_starts_from_word2vec(example):
    pytest.importorskip("torch")
    assert example("torch_classifier", epochs=30) > 0.9


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_keras_classifier_starts_from_word2vec(example, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    pytest.importorskip("keras")
    assert example("keras_classifier", epochs=15) > 0.9
