"""Models between gensim and us, both ways: gensim itself writes, reads and compares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import FormatError, KeyedVectors, Word2Vec

gensim = pytest.importorskip("gensim")
from gensim.test.utils import datapath  # noqa: E402  (where gensim is installed)

SENTENCES = [["나는", "사과를", "먹었다"], ["나는", "집에", "갔다"], ["the", "cat", "나는"]] * 10


def train(**changes: Any) -> Any:
    parameters = {"vector_size": 12, "min_count": 1, "seed": 3, "workers": 1, "sg": 1, "epochs": 2}
    return gensim.models.Word2Vec(SENTENCES, **(parameters | changes))


def assert_same(model: Word2Vec, theirs: Any) -> None:
    """Assert that words, counts and both matrices are the same, each in its own order."""
    rows = [theirs.wv.key_to_index[word] for word in model.wv.index_to_key]
    assert sorted(rows) == list(range(len(theirs.wv)))
    np.testing.assert_array_equal(model.wv.vectors, theirs.wv.vectors[rows])
    np.testing.assert_array_equal(model.context_vectors.vectors, theirs.syn1neg[rows])
    for word in model.wv:
        assert model.wv.get_vecattr(word, "count") == theirs.wv.get_vecattr(word, "count")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.model", {}),
        ("a.model", {"pickle_protocol": 2}),
        ("a.model", {"pickle_protocol": 5}),
        ("a.model", {"separately": ["syn1neg"]}),
        ("a.model", {"sep_limit": 1}),
        ("모델.gz", {"sep_limit": 1}),
        ("a.model.bz2", {}),
    ],
)
def test_a_model_as_gensim_saves_it(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    theirs = train(window=3, negative=7, sample=0.01, alpha=0.04, ns_exponent=0.5)
    path = tmp_path / name
    theirs.save(str(path), **options)
    model = Word2Vec.load(path, allow_gensim=True)
    assert_same(model, theirs)
    for parameter in ("vector_size", "window", "negative", "sample", "alpha", "min_alpha", "sg"):
        assert getattr(model, parameter) == getattr(theirs, parameter), parameter
    for parameter in ("ns_exponent", "seed", "epochs", "min_count", "corpus_count", "cbow_mean"):
        assert getattr(model, parameter) == getattr(theirs, parameter), parameter
    assert model.corpus_total_words == theirs.corpus_total_words
    wv = KeyedVectors.load(path, allow_gensim=True)
    assert wv.index_to_key == theirs.wv.index_to_key
    ours, expected = wv.most_similar("나는"), theirs.wv.most_similar("나는")
    assert [word for word, _ in ours] == [word for word, _ in expected]
    np.testing.assert_allclose([s for _, s in ours], [s for _, s in expected], atol=1e-6)


def test_vectors_as_gensim_saves_them(tmp_path: Path) -> None:
    theirs = train().wv
    theirs.set_vecattr("나는", "note", "a string")
    theirs.save(str(tmp_path / "a.kv"))
    wv = KeyedVectors.load(tmp_path / "a.kv", allow_gensim=True)
    assert wv.index_to_key == theirs.index_to_key
    np.testing.assert_array_equal(wv.vectors, theirs.vectors)
    for one in (wv, wv.to_gensim()):
        assert one.get_vecattr("나는", "note") == "a string"
        assert one.get_vecattr("나는", "count") == theirs.get_vecattr("나는", "count")


def test_training_goes_on_where_gensim_left_it(tmp_path: Path) -> None:
    theirs = train()
    theirs.save(str(tmp_path / "a.model"))
    model = Word2Vec.load(tmp_path / "a.model", allow_gensim=True)
    _, raw = model.train(SENTENCES, epochs=3)
    assert raw == 3 * 90
    assert np.isfinite(model.wv.vectors).all()
    model.save(tmp_path / "ours")
    np.testing.assert_array_equal(Word2Vec.load(tmp_path / "ours").wv.vectors, model.wv.vectors)


def test_a_model_that_has_only_a_vocabulary(tmp_path: Path) -> None:
    theirs = gensim.models.Word2Vec(vector_size=12, min_count=1)
    theirs.build_vocab(SENTENCES, keep_raw_vocab=True)
    theirs.save(str(tmp_path / "a.model"))
    assert_same(Word2Vec.load(tmp_path / "a.model", allow_gensim=True), theirs)
    gensim.models.Word2Vec().save(str(tmp_path / "empty.model"))
    with pytest.raises(FormatError, match=r"empty\.model"):
        Word2Vec.load(tmp_path / "empty.model", allow_gensim=True)


@pytest.mark.parametrize("negative", [0, 5])
def test_hierarchical_softmax_is_left_out_and_that_is_said(negative: int, tmp_path: Path) -> None:
    theirs = train(hs=1, negative=negative)
    theirs.save(str(tmp_path / "a.model"))
    with pytest.warns(UserWarning, match="hierarchical softmax"):
        model = Word2Vec.load(tmp_path / "a.model", allow_gensim=True)
    rows = [theirs.wv.key_to_index[word] for word in model.wv.index_to_key]
    np.testing.assert_array_equal(model.wv.vectors, theirs.wv.vectors[rows])


def test_a_function_of_the_users_own_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = train()
    theirs.hashfxn = assert_same
    theirs.save(str(tmp_path / "a.model"))
    with pytest.raises(FormatError, match=r"asks for test_gensim_exchange\.assert_same,"):
        KeyedVectors.load(tmp_path / "a.model", allow_gensim=True)


def test_factors_that_hold_rows_back_go_along(tmp_path: Path) -> None:
    theirs = train()
    theirs.wv.vectors_lockf = np.linspace(0, 1, len(theirs.wv), dtype=np.float32)
    theirs.save(str(tmp_path / "a.model"))
    model = Word2Vec.load(tmp_path / "a.model", allow_gensim=True)
    rows = [theirs.wv.key_to_index[word] for word in model.wv.index_to_key]
    np.testing.assert_array_equal(model.wv.vectors_lockf, theirs.wv.vectors_lockf[rows])
    back = model.to_gensim()
    rows = [theirs.wv.key_to_index[word] for word in back.wv.index_to_key]
    np.testing.assert_array_equal(back.wv.vectors_lockf, theirs.wv.vectors_lockf[rows])


# The models that gensim tests itself with, of versions 0.12 to 3.8; those with no third part are
# such as gensim 4 cannot load any more.
OLD = [
    ("model-from-gensim-3.8.0.w2v", 3, True),
    ("word2vec_3.3", 4, True),
    ("word2vec_old", 12, True),
    ("word2vec_old_sep", 12, True),
    ("w2v-lee-v0.12.0", 806, False),
    *((f"word2vec_pre_kv_{one}", 9, False) for one in ("py2", "py3", "py3_4")),
    *((f"word2vec_pre_kv_sep_{one}", 9, False) for one in ("py2", "py3", "py3_4")),
    *((f"old_w2v_models/w2v_0.1{one}.mdl", 3, False) for one in ("2.0", "2.4", "3.0", "3.3")),
    *(
        (f"old_w2v_models/w2v_{one}.mdl", 3, True)
        for one in ("0.13.4", "1.0.1", "2.3.0", "3.0.0", "3.2.0", "3.3.0", "3.4.0")
    ),
]


@pytest.mark.filterwarnings("ignore:.*hierarchical softmax:UserWarning")
@pytest.mark.parametrize(("name", "n_words", "known"), OLD)
def test_models_of_old_versions(name: str, n_words: int, known: bool) -> None:
    path = datapath(name)
    wv = KeyedVectors.load(path, allow_gensim=True)
    model = Word2Vec.load(path, allow_gensim=True)
    assert len(wv) == len(model.wv) == n_words
    assert np.isfinite(wv.vectors).all()
    assert wv.norms.all()
    for word in wv:
        np.testing.assert_array_equal(model.wv[word], wv[word])
    if known:
        theirs = gensim.models.Word2Vec.load(path)
        assert wv.index_to_key == theirs.wv.index_to_key
        np.testing.assert_array_equal(wv.vectors, theirs.wv.vectors)
        if hasattr(theirs, "syn1neg"):
            assert_same(model, theirs)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("compatible-hash-true.model", "FastText"),
        ("ft_kv_3.6.0.model.gz", "FastTextKeyedVectors"),
        ("doc2vec_old_sep", "Doc2Vec"),
        ("pre_0_13_2_model", "LdaModel"),
    ],
)
def test_other_models_are_refused_by_name(name: str, named: str) -> None:
    with pytest.raises(FormatError, match=named):
        KeyedVectors.load(datapath(name), allow_gensim=True)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_vectors_for_gensim(dtype: type[np.floating[Any]], tmp_path: Path) -> None:
    rows = np.random.default_rng(5).standard_normal((50, 8)).astype(dtype)
    wv = KeyedVectors.from_arrays([f"낱말{i}" for i in range(50)], rows, range(50, 0, -1))
    theirs = wv.to_gensim()
    assert isinstance(theirs, gensim.models.KeyedVectors)
    assert theirs.index_to_key == wv.index_to_key
    assert theirs.vectors.dtype == dtype
    assert theirs.get_vecattr("낱말3", "count") == 47
    found = theirs.most_similar("낱말3", topn=5)
    assert [word for word, _ in found] == [word for word, _ in wv.most_similar("낱말3", topn=5)]
    theirs.vectors[:] = 0
    theirs.add_vectors(["새말"], np.ones((1, 8)))
    assert wv.vectors.all()
    assert len(wv) == 50
    wv.to_gensim().save(str(tmp_path / "a.kv"))
    back = KeyedVectors.load(tmp_path / "a.kv", allow_gensim=True)
    np.testing.assert_array_equal(back.vectors, wv.vectors)
    assert KeyedVectors.from_arrays(["a"], np.eye(1)).to_gensim().expandos == {}


@pytest.mark.parametrize("sg", [0, 1])
def test_a_model_for_gensim(sg: int, tmp_path: Path) -> None:
    model = Word2Vec(SENTENCES, vector_size=12, min_count=2, sg=sg, window=3, sample=0, seed=9)
    theirs = model.to_gensim()
    assert_same(model, theirs)
    assert (theirs.sg, theirs.window, theirs.seed, theirs.corpus_count) == (sg, 3, 9, 30)
    theirs.train(SENTENCES, total_examples=theirs.corpus_count, epochs=2)
    theirs.save(str(tmp_path / "a.model"))
    assert_same(Word2Vec.load(tmp_path / "a.model", allow_gensim=True), theirs)


def test_without_gensim_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(ImportError, match=r"pip install 'fastw2v\[gensim\]'"):
        KeyedVectors.from_arrays(["a"], np.eye(1)).to_gensim()


@pytest.mark.parametrize(
    "settings", [{"hs": 1, "negative": 0}, {"objective": "softmax"}], ids=["tree", "softmax"]
)
def test_other_objectives_are_not_carried_over(settings):
    model = Word2Vec(SENTENCES, vector_size=8, min_count=1, sample=0, **settings)
    with pytest.raises(ValueError, match=r"negative sampling alone.*model\.wv\.to_gensim"):
        model.to_gensim()
    assert len(model.wv.to_gensim()) == len(model.wv)
