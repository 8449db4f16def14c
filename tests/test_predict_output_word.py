"""Which word stands amid others, by the output vectors."""

from __future__ import annotations

import numpy as np
import pytest

from fastw2v import Corpus, Word2Vec

TEXT = [["나는", "사과를", "먹었다"], ["너는", "물을", "마셨다"]] * 60


@pytest.fixture(scope="module", params=[0, 1], ids=["CBOW", "skip-gram"])
def model(request):
    return Word2Vec(
        TEXT, sg=request.param, vector_size=12, min_count=1, sample=0, epochs=40, workers=1
    )


def test_the_probabilities_are_a_softmax_over_all_words(model):
    found = dict(model.predict_output_word(["나는", "먹었다"], topn=None))
    assert set(found) == set(model.wv.index_to_key)
    hidden = model.wv[["나는", "먹었다"]].mean(axis=0, dtype=np.float64)
    scores = np.exp(model.syn1neg.astype(np.float64) @ hidden)
    expected = scores / scores.sum()
    assert [found[word] for word in model.wv.index_to_key] == pytest.approx(expected, rel=1e-4)
    assert sum(found.values()) == pytest.approx(1)


def test_the_missing_word_comes_first(model):
    assert model.predict_output_word(["나는", "먹었다"])[0][0] == "사과를"
    assert model.predict_output_word(["너는", "마셨다"])[0][0] == "물을"


@pytest.mark.parametrize(("topn", "n_found"), [(10, 6), (3, 3), (1, 1), (0, 0), (-2, 0), (None, 6)])
def test_topn(model, topn, n_found):
    found = model.predict_output_word(["나는"], topn=topn)
    assert len(found) == n_found
    shares = [share for _, share in found]
    assert shares == sorted(shares, reverse=True)


def test_words_rows_and_both_give_the_same(model):
    context = ["나는", "먹었다"]
    rows = [model.wv.get_index(word) for word in context]
    expected = model.predict_output_word(context)
    for same in (rows, np.array(rows), [rows[0], context[1]], ["없는말", *context, 999, -1]):
        assert model.predict_output_word(same) == expected


@pytest.mark.parametrize("context", [["없는말"], [99], []])
def test_unknown_words_alone_give_none(model, context):
    assert model.predict_output_word(context) is None


def test_the_sum_is_taken_where_training_takes_it():
    model = Word2Vec(TEXT, cbow_mean=0, vector_size=12, min_count=1, sample=0, alpha=0.02)
    hidden = model.wv[["나는", "너는"]].sum(axis=0)
    scores = np.exp(model.syn1neg @ hidden)
    best = dict(model.predict_output_word(["나는", "너는"], topn=None))
    expected = (scores / scores.sum()).tolist()
    assert [best[word] for word in model.wv.index_to_key] == pytest.approx(expected, rel=1e-4)


def test_long_vectors_give_no_nan(model):
    """exp of their products is beyond float32."""
    twin = Word2Vec(TEXT, vector_size=12, min_count=1, sample=0)
    twin.wv.vectors[:] = model.wv.vectors * 1e3
    twin.syn1neg[:] = model.syn1neg * 1e3
    shares = [share for _, share in twin.predict_output_word(["나는"], topn=None)]
    assert np.isfinite(shares).all() and sum(shares) == pytest.approx(1)


def test_integer_words_are_words_and_never_rows():
    model = Word2Vec(Corpus(np.array([[50, 60, 70]] * 40)), vector_size=6, min_count=1, sample=0)
    assert model.predict_output_word([50], topn=2)
    assert model.predict_output_word([0, 1]) is None


def test_one_string_is_no_list(model):
    with pytest.raises(TypeError, match="context_words_list must be a list"):
        model.predict_output_word("나는")


def test_without_output_vectors_there_is_nothing_to_predict_with():
    with pytest.raises(RuntimeError, match="build_vocab"):
        Word2Vec().predict_output_word(["나는"])
    model = Word2Vec(TEXT, vector_size=6, sample=0)
    model.negative = 0
    with pytest.raises(RuntimeError, match="negative > 0"):
        model.predict_output_word(["나는"])
