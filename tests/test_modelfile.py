"""Models that leave the process, or are copied within it: what comes back, what is refused."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from fastw2v import Corpus, KeyedVectors, Word2Vec
from fastw2v._native.train import matrix
from fastw2v.errors import FormatError
from fastw2v.safetensors import read_arrays, write_arrays

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


def test_only_the_maker_of_a_model_of_both_objectives_is_told(tmp_path):
    with pytest.warns(UserWarning, match="hs=1 and negative=5: both are trained") as told:
        model = small(hs=1)
    assert [warning.filename for warning in told] == [__file__]
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")  # any warning would be an error here
    assert (loaded.hs, loaded.negative) == (1, 5)
    np.testing.assert_array_equal(loaded.syn1, model.syn1)


def test_loading_something_else_is_refused(tmp_path):
    path = tmp_path / "vectors.safetensors"
    small().wv.save(path)
    with pytest.raises(FormatError, match=r"KeyedVectors\.load"):
        Word2Vec.load(path)


def test_numbers_of_numpy_are_saved_as_plain_ones(tmp_path):
    options = {"max_final_vocab": 50, "min_count": 1, "vector_size": 17, "window": 3, "seed": 5}
    model = small(**{name: np.int64(value) for name, value in options.items()})
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    assert {name: getattr(loaded, name) for name in options} == options


def test_results_and_notes_come_back(tmp_path):
    model = small(compute_loss=True, comment="첫째", max_vocab_size=70, min_count=2)
    model.train(SENTENCES, start_alpha=0.04, end_alpha=0.01)
    model.save(tmp_path / "model")
    loaded = Word2Vec.load(tmp_path / "model")
    for name in (
        *("comment", "max_vocab_size", "min_count", "effective_min_count", "train_count"),
        *("total_train_time", "min_alpha_yet_reached", "loss_history", "running_training_loss"),
        *("corpus_count", "corpus_total_words", "vectors"),
    ):
        assert getattr(loaded, name) == getattr(model, name), name


@pytest.mark.parametrize("make", ["save", "copy", "deepcopy", "pickle", "update"])
def test_attributes_of_words_stay_with_them(tmp_path, make):
    model = small()
    model.wv.set_vecattr("7", "종류", "동물")
    model.wv.set_vecattr("7", "weight", 0.5)
    if make == "save":
        model.save(tmp_path / "model")
        twin = Word2Vec.load(tmp_path / "model")
    elif make == "update":
        twin = copy.deepcopy(model)
        twin.build_vocab([["7", "새말"] * 999], update=True)
        assert twin.wv.get_index("7") != model.wv.get_index("7")
        assert twin.wv.get_vecattr("새말", "종류") is None
    elif make == "pickle":
        twin = pickle.loads(pickle.dumps(model))
    else:
        twin = getattr(copy, make)(model)
    assert twin.wv.get_vecattr("7", "종류") == "동물"
    assert twin.wv.get_vecattr("7", "weight") == 0.5
    assert twin.wv.get_vecattr("8", "weight") == 0
    twin.wv.set_vecattr("7", "weight", 0.25)
    assert model.wv.get_vecattr("7", "weight") == 0.5


def test_an_attribute_that_no_file_can_hold_is_told_of_before_training(tmp_path):
    model = small()
    model.wv.set_vecattr("7", "kind", {1, 2})
    before = model.wv.vectors.copy()
    with pytest.raises(ValueError, match="attribute 'kind' holds objects"):
        model.train(checkpoint=tmp_path / "run")
    np.testing.assert_array_equal(model.wv.vectors, before)
    assert copy.deepcopy(model).wv.get_vecattr("7", "kind") == {1, 2}


def test_gensim_s_arguments_for_its_files_have_no_effect(tmp_path):
    model = small()
    options = {"separately": ["syn1neg"], "sep_limit": 0, "ignore": ["wv"], "pickle_protocol": 4}
    model.save(str(tmp_path / "model"), **options)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert_same(Word2Vec.load(str(tmp_path / "model"), mmap="r"), model)


def test_load_is_not_called_on_a_model(tmp_path):
    """It would look as if the model had changed."""
    model = small()
    model.save(tmp_path / "model")
    with pytest.raises(AttributeError, match=r"write model = Word2Vec\.load\(path\)"):
        model.load(tmp_path / "model")
    assert not hasattr(copy.copy(model), "load")
    assert isinstance(type(model).load(tmp_path / "model"), Word2Vec)


def test_a_model_of_a_subclass_is_one_of_it(tmp_path):
    class Mine(Word2Vec):
        pass

    small().save(tmp_path / "model")
    assert type(Mine.load(tmp_path / "model")) is Mine


def test_a_place_where_nothing_can_be_written_is_named(tmp_path):
    model = small()
    for path in (tmp_path / "no such" / "model", tmp_path):
        with pytest.raises(OSError, match=tmp_path.name):
            model.save(path)
    assert list(tmp_path.iterdir()) == []


def rewrite(path, change):
    """Change the arrays of a saved model."""
    arrays, metadata = read_arrays(path)
    arrays = {name: np.array(array) for name, array in arrays.items()}
    change(arrays)
    write_arrays(path, arrays, metadata)


@pytest.mark.parametrize("name", ["vectors", "context_vectors"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_neither_saved_nor_loaded(tmp_path, name, value):
    def spoil(arrays):
        arrays[name][7, 3] = value

    model = small()
    model.save(tmp_path / "model")
    word = model.wv.index_to_key[7]
    rewrite(tmp_path / "model", spoil)
    with pytest.raises(FormatError, match=f"model: .*'{word}' holds NaN or infinity"):
        Word2Vec.load(tmp_path / "model")
    before = (tmp_path / "model").read_bytes()
    matrix = model.wv if name == "vectors" else model.context_vectors
    matrix.vectors[7, 3] = value
    with pytest.raises(ValueError, match=f"'{word}' holds NaN or infinity"):
        model.save(tmp_path / "model")
    assert (tmp_path / "model").read_bytes() == before


def test_words_in_another_order_than_their_vectors_are_refused(tmp_path):
    def swap(arrays):
        arrays["counts"][[0, -1]] = arrays["counts"][[-1, 0]]

    small().save(tmp_path / "model")
    rewrite(tmp_path / "model", swap)
    with pytest.raises(FormatError, match="by count descending"):
        Word2Vec.load(tmp_path / "model")


def unsort(model):
    model.vocabulary.counts[0] = 1


def resize(model):
    model.vector_size = 16


def lengthen(model):
    model.vocabulary.index_to_key.append("new")


def zero(model):
    model.window = 0


CHANGES = {unsort: "by hand", resize: "vector_size=16", lengthen: "by hand", zero: "window"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_model_changed_by_hand_into_what_load_refuses_is_not_saved(tmp_path, change):
    model = small()
    change(model)
    with pytest.raises(ValueError, match=CHANGES[change]):
        model.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


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
def test_a_copied_corpus_trains_as_the_first_one(make):
    corpus = Corpus(SENTENCES)
    first, second = small(), small()
    first.train(corpus)
    second.train(make(corpus))
    assert_same(first, second)


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
