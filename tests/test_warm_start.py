"""Starting from vectors that exist already, holding rows back, and which matrix is shown."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from fastw2v import KeyedVectors, Word2Vec
from fastw2v.errors import FormatError

SIZE = 8
TEXT = np.random.default_rng(3).integers(0, 30, (300, 12)).astype(str).tolist()
KNOWN = [str(word) for word in range(10)]


def vectors(words=KNOWN, size=SIZE, dtype=np.float32):
    rows = np.random.default_rng(5).standard_normal((len(words), size))
    return KeyedVectors.from_arrays(words, rows.astype(dtype))


def model_of(text=TEXT, **options):
    defaults = {"vector_size": SIZE, "min_count": 1, "workers": 1, "epochs": 2, "progress": False}
    return Word2Vec(text, **(defaults | options))


def built(text=TEXT, **options):
    model = model_of(None, **options)
    model.build_vocab(text)
    return model


# Starting from vectors


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_known_words_start_from_their_vectors(dtype):
    start = vectors(KNOWN + ["unknown"], dtype=dtype)
    model = built(init_vectors=start)
    np.testing.assert_array_equal(model.wv[KNOWN], start[KNOWN].astype(np.float32))
    plain, others = built(), [word for word in model.wv.index_to_key if word not in KNOWN]
    np.testing.assert_array_equal(model.wv[others], plain.wv[others])
    assert not model.context_vectors.vectors.any()
    before = model.wv[KNOWN]
    model.train()
    assert (model.wv[KNOWN] != before).any(axis=1).all()


@pytest.mark.parametrize("name", ["말.safetensors", "말.bin", "말.vec", "말.txt.gz"])
def test_vectors_may_be_in_a_file(tmp_path, name):
    start = vectors()
    if name.endswith("safetensors"):
        start.save(tmp_path / name)
    else:
        start.save_word2vec_format(tmp_path / name, binary=name.endswith("bin"))
    for path in (tmp_path / name, str(tmp_path / name)):
        model = built(init_vectors=path)
        np.testing.assert_allclose(model.wv[KNOWN], start[KNOWN], rtol=1e-5)


def test_words_that_come_later_start_from_their_vectors_too():
    model = built(init_vectors=vectors(["0", "1", "새말"]), freeze=True)
    model.build_vocab([["새말", "말", "0"]], update=True)
    np.testing.assert_array_equal(model.wv["새말"], vectors(["0", "1", "새말"])["새말"])
    assert [word for word in model.wv.index_to_key if factor(model, word) == 0] == [
        "0",
        "1",
        "새말",
    ]


def test_training_goes_on_from_the_vectors_of_a_model_that_is_gone():
    first = model_of()
    second = built(init_vectors=first.wv)
    np.testing.assert_array_equal(second.wv.vectors, first.wv.vectors)


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"init_vectors": vectors(size=5)}, ValueError, "has 5 dimensions, the model 8"),
        ({"init_vectors": {"a": 1}}, TypeError, "must be KeyedVectors or the path"),
        ({"init_vectors": "vectors"}, ValueError, "name does not tell the format"),
        ({"init_vectors": "no such.bin"}, FileNotFoundError, "no such"),
        ({"init_vectors": vectors(["감", "배"])}, ValueError, "none of the 30 words"),
        ({"freeze": True}, ValueError, "pass init_vectors too"),
        ({"freeze": ["감", "배"]}, ValueError, "freeze has none of the 30 words"),
        ({"freeze": "0"}, TypeError, "list of keys"),
        ({"freeze": {"0": -1}}, ValueError, "factor of '0' in freeze"),
        ({"freeze": {"0": "no"}}, TypeError, "factor of '0' in freeze"),
        ({"freeze": 3}, TypeError, "freeze must be"),
        ({"freeze": np.ones(3)}, ValueError, "pass init_vectors too"),
        (
            {"freeze": np.ones(3), "init_vectors": vectors()},
            ValueError,
            r"\(10,\), got shape \(3,\)",
        ),
    ],
)
def test_what_is_refused(options, error, match):
    with pytest.raises(error, match=match):
        model_of(**options)


def test_what_is_wrong_is_refused_before_reading():
    def untouchable():
        raise AssertionError("the corpus was read")
        yield

    for options in ({"init_vectors": vectors(size=5)}, {"freeze": {"0": np.nan}}):
        with pytest.raises(ValueError, match=r"dimensions|freeze"):
            model_of(untouchable(), **options)


def test_a_file_of_something_else_is_refused(tmp_path):
    (tmp_path / "말.bin").write_bytes(b"\xff" * 99)
    with pytest.raises(FormatError, match=r"말\.bin"):
        model_of(init_vectors=tmp_path / "말.bin")


def test_a_file_without_a_header_is_refused_with_what_to_do(tmp_path):
    vectors().save_word2vec_format(tmp_path / "말.txt", write_header=False)
    advice = r"말\.txt: line 1: .* pass no_header=True .* by a method of KeyedVectors"
    with pytest.raises(FormatError, match=advice):
        model_of(init_vectors=tmp_path / "말.txt")


def test_vectors_that_are_not_finite_are_refused():
    start = vectors()
    start.vectors[3, 1] = np.inf
    with pytest.raises(ValueError, match="'3' holds NaN or infinity"):
        model_of(init_vectors=start)


# Holding rows back


def factor(model, word):
    return model.wv.vectors_lockf[model.wv.get_index(word)]


@pytest.mark.parametrize(
    ("freeze", "frozen"),
    [
        (True, KNOWN),
        (["1", "2", "없는말"], ["1", "2"]),
        ({"5": 0, "7": 0.5, "없는말": 1}, ["5"]),
        (np.array([0.0, 1, 1, 0, 1, 1, 1, 1, 1, 1]), ["0", "3"]),
    ],
    ids=["all known", "words", "mapping", "array"],
)
@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("workers", [1, 4])
def test_frozen_rows_stay_bit_for_bit(freeze, frozen, sg, workers):
    model = built(TEXT * 20, init_vectors=vectors(), freeze=freeze, sg=sg, workers=workers)
    before = {word: model.wv[word].copy() for word in model.wv.index_to_key}
    model.train()
    for word, vector in before.items():
        assert (model.wv[word] == vector).all() == (word in frozen), word
    assert model.context_vectors.vectors.any(axis=1).all()


def test_half_a_learning_rate_moves_less():
    def move(value):
        model = built(freeze={"0": value}, epochs=1)
        before = model.wv["0"].copy()
        model.train()
        return np.linalg.norm(model.wv["0"] - before)

    assert move(0) == 0 < move(0.1) < 0.3 * move(1)


def test_factors_are_set_by_hand_as_in_gensim():
    model = built()
    assert model.wv.vectors_lockf.tolist() == [1.0]
    model.wv.vectors_lockf = np.ones(len(model.wv), dtype=np.float32)
    model.wv.vectors_lockf[model.wv.get_index("4")] = 0.0
    before = model.wv.vectors.copy()
    model.train()
    still = (model.wv.vectors == before).all(axis=1)
    assert [model.wv.index_to_key[row] for row in np.flatnonzero(still)] == ["4"]
    model.wv.vectors_lockf = np.zeros(1, dtype=np.float32)
    before = model.wv.vectors.copy()
    model.train()
    np.testing.assert_array_equal(model.wv.vectors, before)


@pytest.mark.parametrize(
    "factors", [np.ones(7), np.full(30, np.nan), np.full(30, -1), np.ones((1, 30))]
)
def test_factors_that_do_not_fit_are_refused(factors):
    model = built()
    model.wv.vectors_lockf = factors
    with pytest.raises(ValueError, match="vectors_lockf must"):
        model.train()


def test_factors_follow_their_words_in_an_update():
    model = built(freeze=["1", "2"])
    model.build_vocab([["2"] * 999, ["새말", "2"]], update=True)
    assert model.wv.get_index("2") == 0
    assert {word for word in model.wv.index_to_key if factor(model, word) == 0} == {"1", "2"}


COPIES = {
    "save": lambda model, path: (model.save(path), Word2Vec.load(path))[1],
    "copy": lambda model, path: copy.copy(model),
    "pickle": lambda model, path: pickle.loads(pickle.dumps(model)),
}


@pytest.mark.parametrize("make", COPIES.values(), ids=COPIES)
def test_frozen_rows_stay_frozen_in_copies(tmp_path, make):
    model = model_of(freeze=["1"], init_vectors=vectors(), callbacks=())
    twin = make(model, tmp_path / "model")
    before = twin.wv["1"].copy()
    twin.train(TEXT)
    np.testing.assert_array_equal(twin.wv["1"], before)
    assert [word for word in twin.wv.index_to_key if factor(twin, word) != 1] == ["1"]


# Which matrix is shown


@pytest.mark.parametrize("shown", ["input", "output", "mean"])
def test_the_matrix_that_was_asked_for_is_shown(tmp_path, shown):
    plain = model_of(epochs=3)
    expected = {
        "input": plain.wv.vectors,
        "output": plain.context_vectors.vectors,
        "mean": (plain.wv.vectors + plain.context_vectors.vectors) / 2,
    }[shown]
    model = model_of(epochs=3, vectors=shown)
    np.testing.assert_array_equal(model.wv.vectors, expected)
    np.testing.assert_array_equal(model.context_vectors.vectors, plain.context_vectors.vectors)
    for make in COPIES.values():
        twin = make(model, tmp_path / "model")
        np.testing.assert_array_equal(twin.wv.vectors, expected)
        twin.train(TEXT)
        plain_twin = make(plain, tmp_path / "model")
        plain_twin.train(TEXT)
        np.testing.assert_array_equal(twin._inputs, plain_twin._inputs)
        np.testing.assert_array_equal(twin._outputs, plain_twin._outputs)


def test_callbacks_see_the_mean():
    seen = []

    class Look:
        def on_epoch_end(self, model):
            seen.append(model.wv.vectors.copy())

    model_of(vectors="mean", callbacks=[Look()])
    assert len(seen) == 2 and (seen[0] != seen[1]).any()


def test_the_mean_cannot_be_changed_but_a_copy_can():
    model = model_of(vectors="mean")
    word = model.wv.index_to_key[0]
    before = model.wv[word].copy()
    for change in (
        lambda: model.wv.__setitem__(word, np.ones_like(before)),
        lambda: model.wv.vectors.__setitem__(0, 1.0),
        lambda: setattr(model.wv, "vectors", np.ones_like(model.wv.vectors)),
        model.wv.unit_normalize_all,
    ):
        with pytest.raises(ValueError, match=r"mean of two matrices|read-only"):
            change()
    own = copy.copy(model.wv)
    own[word] = np.ones_like(before)
    assert (own[word] == 1).all()
    np.testing.assert_array_equal(model.wv[word], before)
    model.wv = own
    with pytest.raises(ValueError, match="init_vectors="):
        model.train()


def test_another_matrix_is_refused():
    with pytest.raises(ValueError, match="vectors must be one of input, output, mean, got 'both'"):
        Word2Vec(vectors="both")
    with pytest.raises(AttributeError):
        built().vectors = "mean"


# Vectors that are put in by hand


def test_vectors_of_another_object_are_taken_up():
    model, other = built(), vectors([str(word) for word in range(30)])
    model.wv = KeyedVectors.from_arrays(
        model.wv.index_to_key, other[model.wv.index_to_key], model.vocabulary.counts
    )
    model.train(start_alpha=1e-9, end_alpha=0)
    np.testing.assert_allclose(model.wv["7"], other["7"], atol=1e-6)
    before = model.wv["7"].copy()
    with pytest.warns(RuntimeWarning, match="higher than in an earlier call"):
        model.train()
    assert (model.wv["7"] != before).any()


def test_vectors_of_other_words_are_refused():
    model = built()
    model.wv = vectors()
    for use in (model.train, lambda: model.build_vocab(TEXT, update=True)):
        with pytest.raises(ValueError, match="changed by hand"):
            use()


def test_vectors_without_a_vocabulary_cannot_be_trained():
    model = model_of(None)
    model.wv = vectors()
    with pytest.raises(RuntimeError, match="build_vocab"):
        model.train(TEXT, total_examples=5, epochs=1)
