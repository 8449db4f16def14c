"""Models that leave the process, or are copied within it: what comes back, what is refused."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from fastw2v import Corpus, KeyedVectors, Word2Vec
from fastw2v._native.train import matrix
from fastw2v.errors import FormatError

SEED = 3
SENTENCES = np.random.default_rng(SEED).integers(0, 60, (400, 20)).astype(str).tolist()


def small(**options):
    defaults = {"vector_size": 17, "min_count": 1, "epochs": 1, "workers": 1, "progress": False}
    return Word2Vec(SENTENCES, **(defaults | options))


def assert_same(model, other):
    np.testing.assert_array_equal(model.wv.vectors, other.wv.vectors)
    np.testing.assert_array_equal(model.context_vectors.vectors, other.context_vectors.vectors)
    assert model.wv.index_to_key == other.wv.index_to_key
    assert model.loss_history == other.loss_history
    assert model.corpus_total_words == other.corpus_total_words


def test_save_and_load_round_trip(tmp_path):
    model = small(sg=1, compute_loss=True, window=3)
    model.save(tmp_path / "model.safetensors")
    loaded = Word2Vec.load(str(tmp_path / "model.safetensors"))
    np.testing.assert_array_equal(loaded.wv.vectors, model.wv.vectors)
    np.testing.assert_array_equal(loaded.context_vectors.vectors, model.context_vectors.vectors)
    assert loaded.wv.index_to_key == model.wv.index_to_key
    assert (loaded.sg, loaded.window, loaded.loss_history) == (1, 3, model.loss_history)
    assert loaded.corpus_total_words == model.corpus_total_words
    assert loaded.train(SENTENCES)[1] == model.corpus_total_words


def test_loading_something_else_is_refused(tmp_path):
    path = tmp_path / "vectors.safetensors"
    small().wv.save(path)
    with pytest.raises(FormatError, match=r"KeyedVectors\.load"):
        Word2Vec.load(path)


def test_vectors_are_trained_on_after_saving(tmp_path):
    model = small()
    model.wv.save(tmp_path / "vectors.safetensors")
    saved = KeyedVectors.load(tmp_path / "vectors.safetensors")
    before = model.wv.vectors.copy()
    model.train()
    np.testing.assert_array_equal(saved.vectors, before)
    assert (model.wv.vectors != before).any()


COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
}


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("sg", [0, 1])
def test_a_copy_trains_on_as_the_model_would(make, sg):
    model = small(sg=sg, compute_loss=True)
    twin = make(model)
    assert_same(twin, model)
    before = model.wv.vectors.copy()
    twin.train(SENTENCES)
    np.testing.assert_array_equal(model.wv.vectors, before)
    model.train(SENTENCES)
    assert_same(twin, model)


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_a_copy_has_no_corpus(make):
    with pytest.raises(RuntimeError, match="pass one to train"):
        make(small()).train()


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_a_model_without_vocabulary_is_copied(make):
    twin = make(Word2Vec(vector_size=9, min_count=1, progress=False))
    assert (twin.vector_size, len(twin.wv)) == (9, 0)
    twin.build_vocab(SENTENCES)
    twin.train()


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_vectors_are_copied_alone(make):
    wv = small().wv
    twin = make(wv)
    assert twin.most_similar("7", topn=3) == wv.most_similar("7", topn=3)


def test_a_matrix_that_kernels_could_not_read_is_refused():
    """A copy made by numpy need be neither aligned nor padded."""
    model = small()
    memory = matrix(1, 32 * 60 + 1).ravel()
    for wrong in (memory[1 : 1 + 32 * 60].reshape(60, 32), memory[: 17 * 60].reshape(60, 17)):
        model._inputs = wrong
        with pytest.raises(ValueError, match="aligned"):
            model.train(Corpus(SENTENCES))
