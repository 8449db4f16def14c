"""The surface that gensim's users know: parameters, their order, older names, attributes."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from fastw2v import Word2Vec
from fastw2v.callbacks import CallbackAny2Vec

TEXT = [["나는", "사과를", "먹었다"], ["너는", "물을", "마셨다"]] * 30

# gensim's defaults that are others here, on purpose; the manual says why.
OTHER_DEFAULTS = {
    "__init__": {"alpha", "workers", "hashfxn"},
    "train": {"compute_loss"},
    "save": {"pickle_protocol"},
}
# Parameters without a name in gensim's signature (*args), as they are in its SaveLoad.
UNTOLD = {"save", "load"}


def small(source=TEXT, **options):
    defaults = {"vector_size": 8, "min_count": 1, "workers": 1, "sample": 0, "progress": False}
    return Word2Vec(source, **(defaults | options))


@pytest.mark.parametrize(
    "method",
    [
        *("__init__", "build_vocab", "build_vocab_from_freq", "train", "save", "load"),
        *("predict_output_word", "reset_from", "get_latest_training_loss", "estimate_memory"),
        "init_sims",
    ],
)
def test_parameters_are_gensim_s_in_its_order_with_its_defaults(method):
    gensim = pytest.importorskip("gensim.models")
    owner = gensim.Word2Vec.__mro__[1] if method in UNTOLD else gensim.Word2Vec
    theirs = [
        (name.replace("fname_or_handle", "fname"), parameter.default)
        for name, parameter in inspect.signature(getattr(owner, method)).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    ours = [
        (name, parameter.default)
        for name, parameter in inspect.signature(getattr(Word2Vec, method)).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    assert [name for name, _ in ours] == [name for name, _ in theirs]
    others = {name for (name, one), (_, other) in zip(ours, theirs, strict=True) if one != other}
    assert others <= OTHER_DEFAULTS.get(method, set())


def test_parameters_may_be_given_by_their_places():
    model = Word2Vec(TEXT, None, 9, 0.03, 2, 1, None, 0, 7, 1, 0.001, 1, 0, 3, 0.5, 0, None, 2)
    assert (model.vector_size, model.alpha, model.window, model.min_count) == (9, 0.03, 2, 1)
    assert (model.sample, model.seed, model.workers, model.min_alpha) == (0, 7, 1, 0.001)
    assert (model.sg, model.negative, model.ns_exponent, model.cbow_mean) == (1, 3, 0.5, 0)
    assert model.epochs == 2


def test_names_of_gensim_3_are_taken_with_a_warning():
    with pytest.warns(DeprecationWarning, match="write vector_size=9"):
        model = small(None, vector_size=100, size=9)
    assert model.vector_size == 9
    with pytest.warns(DeprecationWarning, match="write epochs=2"):
        model = small(None, iter=2)
    assert model.epochs == 2
    with pytest.raises(TypeError, match="not size as well"):
        small(None, vector_size=8, size=9)
    with pytest.raises(TypeError, match="sizes"):
        small(None, sizes=9)


@pytest.mark.parametrize("wrong", ["9", 0, 2.5])
def test_older_names_are_checked_like_the_newer(wrong):
    with (
        pytest.warns(DeprecationWarning, match="vector_size"),
        pytest.raises((TypeError, ValueError), match="vector_size must be"),
    ):
        Word2Vec(size=wrong)


@pytest.mark.parametrize("option", [{"hashfxn": hash}, {"null_word": 1}, {"sorted_vocab": 0}])
def test_what_asks_for_something_else_than_there_is_is_told(option):
    with pytest.warns(UserWarning, match=f"{next(iter(option))} has no effect"):
        model = small(**option)
    np.testing.assert_array_equal(model.wv.vectors, small().wv.vectors)


def test_what_only_gensim_s_queues_need_is_not_told():
    model = small(batch_words=100, null_word=0, sorted_vocab=1)
    np.testing.assert_array_equal(model.wv.vectors, small().wv.vectors)


ALIASES = [
    lambda owner: owner["나는"],
    lambda owner: "나는" in owner,
    lambda owner: owner.most_similar("나는", topn=2),
    lambda owner: owner.similar_by_word("나는", topn=2),
    lambda owner: owner.similar_by_vector(np.ones(8), topn=2),
    lambda owner: owner.similarity("나는", "물을"),
    lambda owner: owner.n_similarity(["나는"], ["물을"]),
    lambda owner: owner.doesnt_match(["나는", "물을", "사과를"]),
]


@pytest.mark.parametrize("use", ALIASES)
def test_the_model_answers_for_its_vectors_with_a_warning(use):
    model = small()
    with pytest.warns(DeprecationWarning, match=r"model\.wv"):
        answer = use(model)
    assert np.array_equal(answer, use(model.wv))


def test_attributes_that_programs_read():
    model = small(negative=3, comment="시험", compute_loss=True)
    assert model.layer1_size == model.vector_size == 8
    assert model.syn1neg is model.context_vectors.vectors
    assert (model.train_count, model.corpus_count, model.corpus_total_words) == (1, 60, 180)
    assert model.total_train_time > 0
    assert model.running_training_loss == model.get_latest_training_loss() > 0
    assert model.min_alpha_yet_reached == pytest.approx(model.min_alpha)
    assert (model.effective_min_count, model.comment, model.raw_vocab) == (1, "시험", {})
    assert model.cum_table[-1] == 2**31 - 1
    noise = model.vocabulary.noise_distribution(0.75)
    np.testing.assert_allclose(np.diff(model.cum_table, prepend=0) / 2**31, noise, atol=1e-6)
    assert 0 <= model.random.rand() < 1


def test_before_training_nothing_is_reached():
    model = small(None)
    assert model.min_alpha_yet_reached == model.alpha
    assert model.get_latest_training_loss() == 0.0
    assert model.syn1neg.shape == (0, 8)


def test_init_sims_is_told_to_be_needless():
    model = small()
    before = model.wv.vectors.copy()
    with pytest.warns(DeprecationWarning, match="not needed"):
        model.init_sims()
    np.testing.assert_array_equal(model.wv.vectors, before)
    with pytest.warns(DeprecationWarning, match="not needed"):
        model.init_sims(replace=True)
    np.testing.assert_allclose(np.linalg.norm(model.wv.vectors, axis=1), 1, rtol=1e-5)


def test_comment_is_text():
    with pytest.raises(TypeError, match="comment must be a str"):
        Word2Vec(comment=5)


def test_the_base_of_callbacks_has_gensim_s_name():
    assert all(callable(getattr(CallbackAny2Vec, f"on_{when}")) for when in ("train_begin",))
    small(callbacks=[CallbackAny2Vec()])
