"""Embedding layers: what they take and refuse, their words, what learns, and their files."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from fastw2v import Embedding, EmbeddingBag, KeyedVectors, Word2Vec, safetensors
from fastw2v.embedding import SGD, Adagrad, Adam, RMSprop, SparseGradient
from fastw2v.errors import FormatError

WORDS = ["나는", "사과를", "먹었다"]


@pytest.mark.parametrize("dtype", ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i4", ">u8"))
def test_ids_may_be_of_any_integer_dtype_and_shape(dtype):
    layer = Embedding(100, 5)
    ids = np.arange(96, dtype=dtype).reshape(4, 6, 4)
    for given in (ids, ids[::2, ::-1, 1:3], ids.T, ids[0, 0, 0], ids[:0], ids.tolist(), 7, []):
        expected = layer.embeddings[np.asarray(given, np.int64)]
        np.testing.assert_array_equal(layer(given), expected)
        grad = np.ones(expected.shape, np.float32)
        dense = layer.backward(grad).to_dense()
        counts = np.bincount(np.ravel(np.asarray(given, np.int64)), minlength=100)
        np.testing.assert_array_equal(dense, np.repeat(counts[:, np.newaxis], 5, axis=1))


@pytest.mark.parametrize(
    ("ids", "place", "value"),
    [
        ([[0, 1], [5, -1]], "1, 0", 5),
        ([[0, -1], [5, -1]], "0, 1", -1),
        (np.array([3, 2**63], np.uint64), "1", 2**63),
        (np.array([0, 2**32], np.int64), "1", 2**32),
        ([3, 2**63, -1], "1", 2**63),
        ([[0], [2**64]], "1, 0", 2**64),
        (-1, "", -1),
    ],
)
def test_first_id_out_of_range_is_named_and_nothing_is_written(ids, place, value):
    layer, optimizer = Embedding(5, 3, max_norm=1e-3), Adam()
    before = layer.embeddings.copy()
    out = np.full((*np.shape(ids), 3), 7, np.float32)
    for call in (
        lambda: layer(ids, out=out),
        lambda: layer.step(ids, np.ones(out.shape), optimizer),
        lambda: layer.backward(np.ones(out.shape), ids),
        lambda: layer.apply(SparseGradient(ids, np.ones((1, 3)), (5, 3)), optimizer),
    ):
        with pytest.raises(IndexError, match="rows 0 to 4") as caught:
            call()
        if place:
            assert f"is {value}:" in str(caught.value)
    with pytest.raises(IndexError) as caught:
        layer(ids)
    assert f"ids[{place}] is {value}" in str(caught.value)
    np.testing.assert_array_equal(layer.embeddings, before)
    assert (out == 7).all() and optimizer.iterations(layer) == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: x([1.0]), TypeError, "ids must be integers, got float64"),
        (lambda x: x([True]), TypeError, "ids must be integers, got bool"),
        (lambda x: x([0, 0.5]), TypeError, "ids must be integers, got float64"),
        (lambda x: x([[1], [1, 2]]), ValueError, "ids must be lists of one length"),
        (lambda x: x(["왕"]), ValueError, "no vocabulary"),
        (lambda x: x([1], out=np.empty((1, 3))), ValueError, "got float64 of shape"),
        (lambda x: x([1], out=np.empty((3, 1), "f4")), ValueError, r"shape \(1, 3\)"),
        (lambda x: x([1, 2], out=np.empty((3, 2), "f4").T), ValueError, "contiguous"),
        (lambda x: x.backward(np.ones((1, 3))), ValueError, "nothing has been looked up"),
        (lambda x: x.step([1], np.ones((2, 3)), SGD()), ValueError, r"\(1, 3\), got \(2, 3\)"),
        (lambda x: x.step([1], np.ones((1, 3), complex), SGD()), TypeError, "numbers, got complex"),
        (lambda x: x.step([1], [["1", "2", "3"]], SGD()), TypeError, "numbers, got <U1"),
        (lambda x: x.step([1], np.ones((1, 3)), 0.1), TypeError, "such as SGD"),
        (lambda x: x([4, 3], out=x.embeddings[:2]), ValueError, "out must be no part of the table"),
        (lambda x: x.apply(np.ones((5, 3)), SGD()), TypeError, "gradient must be a SparseGradient"),
        (
            lambda x: x.apply(Embedding(6, 3).backward(np.ones((1, 3)), [0]), SGD()),
            ValueError,
            r"shape \(5, 3\), got \(6, 3\)",
        ),
        (
            lambda x: x.apply(SparseGradient([0, 1], np.ones((1, 3)), (5, 3)), SGD()),
            ValueError,
            r"gradient.values must have the shape \(2, 3\), got \(1, 3\)",
        ),
        (lambda x: setattr(x, "input_dim", 9), AttributeError, "input_dim"),
        (lambda x: x.vectors, ValueError, "no vocabulary"),
        (lambda x: setattr(x, "trainable", [True]), ValueError, r"shape \(5,\)"),
        (lambda x: setattr(x, "embeddings", np.ones((5, 2))), ValueError, "embeddings must be"),
        (lambda x: Embedding(0, 3), ValueError, "input_dim must be an integer of at least 1"),
        (lambda x: Embedding(5, 3, weights=np.ones((3, 5))), ValueError, r"weights .* \(5, 3\)"),
        (lambda x: Embedding(5, 3, "glorot"), ValueError, "uniform, normal, zeros"),
        (lambda x: Embedding(5, 3, padding_idx=5), ValueError, "padding_idx"),
        (lambda x: Embedding(5, 3, max_norm=0), ValueError, "max_norm must be a number above 0"),
        (lambda x: Embedding(5, 3, unknown="row"), ValueError, "needs a vocabulary"),
        (lambda x: Embedding(5, 3, vocabulary=WORDS), ValueError, "input_dim must be 3"),
        (lambda x: Embedding.from_vocabulary(["가", "가"], 3), ValueError, "'가' twice"),
        (lambda x: Embedding.from_pretrained(np.ones(3)), ValueError, r"\(n, d\), got \(3,\)"),
        (lambda x: Embedding.from_word2vec(x, "both"), ValueError, "input, output, mean"),
        (lambda x: Embedding.from_word2vec(x), TypeError, "must be a Word2Vec"),
    ],
)
def test_wrong_arguments_are_refused(call, error, message):
    layer = Embedding(5, 3)
    before = layer.embeddings.copy()
    with pytest.raises(error, match=message):
        call(layer)
    np.testing.assert_array_equal(layer.embeddings, before)


def test_gradients_may_be_checked_for_nan():
    layer, grad = Embedding(5, 2), np.ones((2, 3, 2))
    grad[1, 0, 1] = np.nan
    ids = [[1, 2, 3], [3, 2, 1]]
    before = layer.embeddings.copy()
    with pytest.raises(
        ValueError, match=r"grad\[1, 0, 1\] is nan, not finite as float32; nothing was changed"
    ):
        layer.step(ids, grad, SGD(), check_finite=True)
    np.testing.assert_array_equal(layer.embeddings, before)
    grad[1, 0, 1] = 1e300
    with np.errstate(over="ignore"), pytest.raises(ValueError, match=r"1\] is 1e\+300, not finite"):
        layer.step(ids, grad, SGD(), check_finite=True)
    grad[1, 0, 1] = np.nan
    layer.step(ids, grad, SGD())
    assert np.isnan(layer.embeddings).sum() == 1


def test_rows_that_do_not_learn_stay_untouched():
    ids, grad = [0, 1, 2, 3, 3], np.ones((5, 2))
    mask = np.array([True, False, True, True])
    for settings, still in (
        ({"trainable": False}, [0, 1, 2, 3]),
        ({"trainable": mask}, [1]),
        ({"padding_idx": -1}, [3]),
        ({"padding_idx": 0, "trainable": mask}, [0, 1]),
    ):
        for lazy in (True, False):
            layer = Embedding(4, 2, "normal", **settings)
            before, learns = layer.embeddings.copy(), np.setdiff1d(range(4), still)
            layer.step(ids, grad, Adam(lazy=lazy))
            moved = (layer.embeddings != before).all(axis=1)
            assert np.flatnonzero(moved).tolist() == learns.tolist()
            assert layer.backward(grad, ids).rows.tolist() == learns.tolist()
    layer.trainable = False
    layer.trainable = True
    layer.step(ids, grad, SGD())
    assert (layer.embeddings[1] != before[1]).all()


def test_rows_that_learn_are_set_as_a_whole():
    layer = Embedding(2, 2, trainable=[True, False])
    with pytest.raises(ValueError, match="read-only"):
        layer.trainable[0] = False
    assert layer.trainable.tolist() == [True, False]


def test_a_gradient_may_be_the_table_itself():
    layer, ids = Embedding(3, 2, weights=np.arange(6).reshape(3, 2)), [1, 2, 0]
    layer.step(ids, layer.embeddings, SGD(1.0))
    assert layer.embeddings.tolist() == [[-4, -4], [2, 2], [2, 2]]
    layer.apply(SparseGradient([1, 2, 0], layer.embeddings, (3, 2)), SGD(1.0))
    assert layer.embeddings.tolist() == [[-6, -6], [6, 6], [0, 0]]


def test_masks_are_of_ids_that_can_be_looked_up():
    layer = Embedding(3, 2, mask_zero=True)
    assert layer.compute_mask(0).tolist() is False
    with pytest.raises(TypeError, match="ids must be integers"):
        layer.compute_mask([0.5])
    with pytest.raises(IndexError, match=r"ids\[1\] is 3"):
        layer.compute_mask([0, 3])


def test_padding_begins_as_zeros_but_for_weights():
    assert not Embedding(3, 2, padding_idx=1).embeddings[1].any()
    assert Embedding(3, 2, padding_idx=1, weights=np.ones((3, 2))).embeddings[1].all()


def test_what_rows_depend_on_is_checked_or_does_not_change():
    layer = EmbeddingBag(3, 2, padding_idx=1)
    for name, value in (("padding_idx", None), ("mode", "max")):
        with pytest.raises(AttributeError):
            setattr(layer, name, value)
    with pytest.raises(ValueError, match="max_norm must be a number above 0, got -1"):
        layer.max_norm = -1
    layer.max_norm = 2
    assert (layer.padding_idx, layer.mode, layer.max_norm) == (1, "mean", 2.0)


def test_initializers_follow_keras_and_the_seed():
    table = Embedding(1_000, 50).embeddings
    assert -0.05 <= table.min() < -0.0499 and 0.0499 < table.max() <= 0.05
    assert Embedding(1_000, 50, "normal").embeddings.std() == pytest.approx(0.05, rel=0.02)
    np.testing.assert_array_equal(table, Embedding(1_000, 50).embeddings)
    assert (table != Embedding(1_000, 50, seed=2).embeddings).mean() > 0.99
    random = np.random.default_rng(1).standard_normal
    assert Embedding(1_000, 50, random).embeddings.std() == pytest.approx(1, rel=0.02)
    assert Embedding(2, 2, weights=[np.eye(2)]).embeddings.tolist() == np.eye(2).tolist()


def test_backward_belongs_to_the_ids_as_they_were():
    layer, ids = Embedding(5, 2), np.array([1, 2], np.int32)
    layer(ids)
    ids[:] = 4
    assert layer.backward(np.ones((2, 2))).rows.tolist() == [1, 2]


def test_words_are_looked_up():
    layer = Embedding.from_vocabulary(WORDS, 4, mask_zero=True, unknown="row")
    rows = layer.embeddings
    np.testing.assert_array_equal(layer(["먹었다", "달린다"]), rows[[4, 1]])
    np.testing.assert_array_equal(layer(np.array(WORDS)), rows[2:])
    sentences = [["나는", "먹었다"], ["사과를"], []]
    np.testing.assert_array_equal(layer(sentences), rows[[[2, 4], [3, 0], [0, 0]]])
    assert layer.compute_mask(sentences).sum() == 3
    assert not rows[0].any() and rows[1].any()
    assert layer.words == WORDS and layer.vectors.index_to_key == WORDS
    layer.step(sentences, np.ones((3, 2, 4)), SGD(1.0))
    np.testing.assert_array_equal(layer.vectors["나는"], rows[2])


def test_unknown_words_have_a_rule():
    wv = KeyedVectors.from_arrays(WORDS, np.eye(3, dtype=np.float32))
    by_error = Embedding.from_pretrained(wv)
    with pytest.raises(KeyError, match="'달린다' not in vocabulary; make the layer with unknown="):
        by_error(["나는", "달린다"])
    by_zeros = Embedding.from_pretrained(wv, freeze=False, unknown="zeros")
    by_row = Embedding.from_pretrained(wv, freeze=False, unknown="row")
    np.testing.assert_allclose(by_row(["달린다"]), np.full((1, 3), 1 / 3))
    for layer in by_zeros, by_row:
        layer.step(["달린다", "나는"], np.ones((2, 3)), SGD(1.0))
    assert not by_zeros(["달린다"]).any() and by_row(["달린다"]).max() < 0
    np.testing.assert_array_equal(by_zeros(["나는"]), [[0, -1, -1]])
    np.testing.assert_array_equal(wv.vectors, np.eye(3))  # copied


def test_tokens_of_uneven_length_need_padding():
    layer = Embedding.from_vocabulary(WORDS, 2)
    with pytest.raises(ValueError, match="lists of 1 to 2 tokens cannot be one array"):
        layer([["나는"], ["나는", "사과를"]])
    with pytest.raises(TypeError, match=r"write \['나는'\]"):
        layer("나는")
    assert layer.encode([deque(["나는"]), deque(["먹었다"])]).tolist() == [[1], [3]]


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([b"abc"], "tokens must be str, in a list or lists of them, got b'abc'"),
        ([["나는"], [["사과를"]]], "tokens must be str.* got .'사과를'"),
        ([["나는", None]], "tokens must be str.* got None"),
        ([["나는"], "사과를"], "words, or lists of words, got '사과를' among lists"),
        (["나는", None], "tokens must be str.* got None"),
        (["나는", float("nan")], "tokens must be str.* got nan"),
        (["나는", ["사과를"]], "tokens must be str.* got .'사과를'"),
        (np.array("나는"), "write .'나는'"),
    ],
)
def test_what_is_no_word_is_no_unknown_word(tokens, message):
    for layer in Embedding.from_vocabulary(WORDS, 2), EmbeddingBag.from_vocabulary(WORDS, 2):
        with pytest.raises(TypeError, match=message):
            layer(tokens)
    with pytest.raises(TypeError, match=r"tokens must be int, .* got '나는'"):
        Embedding.from_vocabulary([3, 7], 2).encode(["나는"])


def test_a_text_is_told_from_an_unknown_word():
    layer = Embedding.from_vocabulary(WORDS, 2)
    with pytest.warns(UserWarning, match="'나는 사과를 먹었다' is taken for one unknown word"):
        assert layer.encode(["나는 사과를 먹었다", "나는"]).tolist() == [0, 1]
    with pytest.raises(TypeError, match="vocabulary must be a list of words, got one, '사과'"):
        Embedding.from_vocabulary("사과", 2)


def test_layers_and_optimizers_say_what_they_are():
    layer = EmbeddingBag.from_vocabulary(WORDS, 2, mask_zero=True)
    layer.trainable = False
    assert repr(layer) == (
        "EmbeddingBag(5, 2, mode='mean', mask_zero=True, padding_idx=0, trainable=False, "
        "vocabulary=3 words, unknown='row')"
    )
    assert repr(Embedding(3, 2)) == "Embedding(3, 2)"
    for optimizer in (SGD(), Adagrad(), RMSprop(), Adam()):
        assert repr(eval(repr(optimizer))) == repr(optimizer)
    assert repr(SGD(0.5)).startswith("SGD(learning_rate=0.5, momentum=0.0, nesterov=False")
    with pytest.raises(TypeError, match=r"learning_rate must be .*, got '0\.1'"):
        SGD("0.1")


def test_models_and_paths_are_told_where_to_go():
    model = Word2Vec([["나는", "사과를"]] * 9, vector_size=4, min_count=1, sample=0)
    for wrong in (model, "vectors.bin"):
        with pytest.raises(ValueError, match=r"from_word2vec.*KeyedVectors\.load"):
            Embedding.from_pretrained(wrong)
    with pytest.raises(TypeError, match=r"must be a Word2Vec, got KeyedVectors.*from_pretrained"):
        Embedding.from_word2vec(model.wv)


def test_words_may_be_integers_and_are_encoded_by_request():
    layer = Embedding.from_vocabulary([30, 10], 2, unknown="error")
    assert layer.encode([10, 30]).tolist() == [1, 0]
    np.testing.assert_array_equal(layer([1, 0]), layer.embeddings[[1, 0]])


@pytest.mark.parametrize("shown", ("input", "mean"))
def test_layers_of_a_model_take_either_matrix(shown):
    model = Word2Vec([WORDS] * 9, vector_size=8, min_count=1, sample=0, vectors=shown)
    inputs = Embedding.from_word2vec(model)
    outputs = Embedding.from_word2vec(model, "output", freeze=False)
    mean = Embedding.from_word2vec(model, vectors="mean")
    np.testing.assert_array_equal(outputs.embeddings, model.context_vectors.vectors)
    np.testing.assert_allclose(
        mean.embeddings, (inputs.embeddings + outputs.embeddings) / 2, rtol=1e-6
    )
    shown_rows = {"input": inputs, "mean": mean}[shown].embeddings
    np.testing.assert_array_equal(shown_rows, model.wv.vectors)
    assert inputs.trainable is False and outputs.trainable is True
    assert inputs.words == model.wv.index_to_key


@pytest.mark.parametrize(
    "layer",
    [
        Embedding(5, 3, mask_zero=True, max_norm=2.0, trainable=False),
        Embedding(3, 3, trainable=[True, False, True], padding_idx=2, scale_grad_by_freq=True),
        Embedding.from_vocabulary(WORDS, 4, mask_zero=True, unknown="zeros"),
        Embedding.from_vocabulary([3, 7], 4),
        EmbeddingBag.from_vocabulary(WORDS, 4, mode="max"),
    ],
)
def test_files_keep_everything(layer, tmp_path):
    path = tmp_path / "층.safetensors"
    layer.save(path)
    again = type(layer).load(path)
    np.testing.assert_array_equal(again.embeddings, layer.embeddings)
    for name in ("mask_zero", "padding_idx", "max_norm", "scale_grad_by_freq", "words", "unknown"):
        assert getattr(again, name) == getattr(layer, name)
    np.testing.assert_array_equal(again.trainable, layer.trainable)
    assert getattr(again, "mode", None) == getattr(layer, "mode", None)
    again.embeddings[:] = 0  # no map of the file
    other = EmbeddingBag if type(layer) is Embedding else Embedding
    with pytest.raises(FormatError, match="not a layer of"):
        other.load(path)


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "층.safetensors"
    Embedding.from_vocabulary(WORDS, 4).save(path)
    arrays, metadata = safetensors.read_arrays(path)
    for damaged in (
        {name: array for name, array in arrays.items() if name != "embeddings"},
        arrays | {"embeddings": arrays["embeddings"][1:]},
    ):
        safetensors.write_arrays(tmp_path / "다른", damaged, metadata)
        with pytest.raises(FormatError, match="a damaged layer"):
            Embedding.load(tmp_path / "다른")
    safetensors.write_arrays(tmp_path / "다른", arrays, metadata | {"settings": "[]"})
    with pytest.raises(FormatError, match="a damaged layer"):
        Embedding.load(tmp_path / "다른")
