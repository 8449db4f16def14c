"""The worked examples: they run, and show what they are about."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
if not EXAMPLES.exists():
    pytest.skip("only where the examples are", allow_module_level=True)


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
