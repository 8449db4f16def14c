"""Files that gensim's save wrote, made here as gensim makes them: read without gensim."""

from __future__ import annotations

import gzip
import pickle
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from fastw2v import FormatError, KeyedVectors, Word2Vec
from fastw2v._gensim.reader import is_meant
from fastw2v.errors import TruncatedError

WORDS = ["나는", "the", "사과를"]
VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture
def classes(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stand-ins of gensim's classes, which pickle under gensim's names."""
    for name in ("gensim", "gensim.models", "gensim.models.keyedvectors", "gensim.models.word2vec"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    made = ModuleType("classes")
    for module, names in {
        "keyedvectors": ("KeyedVectors", "Word2VecKeyedVectors", "Vocab", "FastTextKeyedVectors"),
        "word2vec": ("Word2Vec", "Word2VecTrainables", "Word2VecVocab"),
    }.items():
        for name in names:
            kind = type(name, (), {"__module__": f"gensim.models.{module}"})
            setattr(sys.modules[f"gensim.models.{module}"], name, kind)
            setattr(made, name, kind)
    return made


def make(kind: Any, **attributes: Any) -> Any:
    one = kind()
    vars(one).update(attributes)
    return one


def make_vectors(classes: Any, **changes: Any) -> Any:
    attributes = {
        "vector_size": 4,
        "index_to_key": WORDS,
        "key_to_index": {word: row for row, word in enumerate(WORDS)},
        "vectors": VECTORS,
        "expandos": {"count": np.array([2, 9, 9])},
        "norms": None,
        "__numpys": [],
        "__scipys": [],
        "__ignoreds": [],
        "__recursive_saveloads": [],
    }
    return make(classes.KeyedVectors, **(attributes | changes))


def make_model(classes: Any, **changes: Any) -> Any:
    attributes = {
        **{"vector_size": 4, "alpha": 0.05, "min_alpha": 0.001, "window": 3, "min_count": 2},
        **{"sample": 0.0, "seed": 7, "workers": 2, "sg": 1, "hs": 0, "negative": 8},
        **{"ns_exponent": 0.5, "cbow_mean": 0, "epochs": 3, "shrink_windows": False},
        **{"corpus_count": 11, "corpus_total_words": 20, "total_train_time": 1.5, "train_count": 2},
        "syn1neg": -VECTORS,
        "lifecycle_events": [{"event": "created", "params": None}],
        "hashfxn": hash,
    }
    return make(classes.Word2Vec, **({"wv": make_vectors(classes)} | attributes | changes))


def save(path: Path, one: Any, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(one, protocol))
    return path


def load(path: Path) -> KeyedVectors:
    return KeyedVectors.load(path, allow_gensim=True)


@pytest.mark.parametrize("protocol", range(2, 6))
def test_vectors_keep_their_order(protocol: int, classes: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "벡터.kv", make_vectors(classes), protocol)
    for given in (path, str(path)):
        wv = KeyedVectors.load(given, allow_gensim=True)
        assert wv.index_to_key == WORDS
        np.testing.assert_array_equal(wv.vectors, VECTORS)
        assert wv.get_vecattr("the", "count") == 9
        assert wv.most_similar("나는", topn=1)[0][0] == "the"


def test_a_model_continues_in_our_order(classes: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.model", make_model(classes))
    model = Word2Vec.load(path, allow_gensim=True)
    # By count, then by the word.
    assert model.wv.index_to_key == ["the", "사과를", "나는"]
    np.testing.assert_array_equal(model.wv.vectors, VECTORS[[1, 2, 0]])
    np.testing.assert_array_equal(model.context_vectors.vectors, -VECTORS[[1, 2, 0]])
    assert model.vocabulary.counts.tolist() == [9, 9, 2]
    settings = ("alpha", "min_alpha", "window", "min_count", "sample", "seed", "sg", "negative")
    assert [getattr(model, name) for name in settings] == [0.05, 0.001, 3, 2, 0.0, 7, 1, 8]
    assert (model.ns_exponent, model.cbow_mean, model.epochs) == (0.5, 0, 3)
    assert (model.shrink_windows, model.workers, model.vector_size) == (False, 2, 4)
    assert (model.corpus_count, model.corpus_total_words) == (11, 20)
    assert (model.total_train_time, model.train_count) == (1.5, 2)
    before = model.wv.vectors.copy()
    assert model.train([["나는", "the", "사과를"]] * 5, epochs=2) == (30, 30)
    assert (model.wv.vectors != before).any()


def test_the_vectors_of_a_model_alone(classes: Any, tmp_path: Path) -> None:
    wv = load(save(tmp_path / "a.model", make_model(classes)))
    assert wv.index_to_key == WORDS
    np.testing.assert_array_equal(wv.vectors, VECTORS)


def test_a_model_of_gensim_3(classes: Any, tmp_path: Path) -> None:
    vocab = {
        word: make(classes.Vocab, count=count, index=row, sample_int=2**32)
        for row, (word, count) in enumerate(zip(WORDS, [2, 9, 9], strict=True))
    }
    wv = make(classes.Word2VecKeyedVectors, vectors=VECTORS, index2word=WORDS, vocab=vocab)
    trained = make(classes.Word2VecTrainables, syn1neg=-VECTORS, seed=5, layer1_size=4)
    chosen = make(classes.Word2VecVocab, min_count=1, sample=0.01, max_final_vocab=None)
    old = make(
        classes.Word2Vec, wv=wv, trainables=trained, vocabulary=chosen, negative=3, iter=4, window=2
    )
    path = save(tmp_path / "3.model", old, 2)
    model = Word2Vec.load(path, allow_gensim=True)
    assert (model.seed, model.sample, model.epochs, model.vector_size) == (5, 0.01, 4, 4)
    np.testing.assert_array_equal(model.context_vectors.vectors, -VECTORS[[1, 2, 0]])
    assert load(path).get_vecattr("사과를", "count") == 9


@pytest.mark.parametrize("hs", [0, 1])
def test_a_model_without_output_weights_begins_them_anew(
    hs: int, classes: Any, tmp_path: Path
) -> None:
    made = make_model(classes, hs=hs, negative=0 if hs else 5, syn1neg=None, syn1=VECTORS)
    path = save(tmp_path / "a.model", made)
    if hs:
        with pytest.warns(UserWarning, match=r"a\.model: .*hierarchical softmax"):
            model = Word2Vec.load(path, allow_gensim=True)
    else:
        model = Word2Vec.load(path, allow_gensim=True)
    assert model.negative == 5
    assert not model.context_vectors.vectors.any()


def test_a_pickle_is_read_only_where_that_is_allowed(classes: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.model", make_model(classes))
    for read in (KeyedVectors.load, Word2Vec.load):
        with pytest.raises(FormatError, match="pass allow_gensim=True"):
            read(path)
    with pytest.raises(ValueError, match="allow_gensim must be"):
        KeyedVectors.load(path, allow_gensim="yes")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "없음.kv")


def test_our_own_files_are_read_as_ever(tmp_path: Path) -> None:
    # Headers of all lengths: the first bytes of some are those of a pickle.
    for n in range(1, 60):
        wv = KeyedVectors.from_arrays([f"{i}" * 9 for i in range(n)], np.eye(n))
        wv.save(tmp_path / "a.safetensors")
        assert load(tmp_path / "a.safetensors").index_to_key == wv.index_to_key
    Word2Vec([["a", "b"]] * 9, min_count=1, sample=0).save(tmp_path / "m")
    assert len(Word2Vec.load(tmp_path / "m", allow_gensim=True).wv) == 2


def beside(classes: Any, path: Path) -> tuple[Path, Path]:
    """Write a model whose arrays stand in files of their own."""
    wv = make_vectors(classes, __numpys=["vectors"])
    made = make_model(classes, wv=wv, __numpys=["syn1neg"], __recursive_saveloads=["wv"])
    del wv.vectors, made.syn1neg
    save(path, made)
    files = Path(f"{path}.wv.vectors.npy"), Path(f"{path}.syn1neg.npy")
    for file, array in zip(files, (VECTORS, -VECTORS), strict=True):
        np.save(file, array)
    return files


def test_arrays_beside_the_file_are_memory_maps(classes: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.model"
    beside(classes, path)
    wv = load(path)
    np.testing.assert_array_equal(wv.vectors, VECTORS)
    assert isinstance(wv.vectors.base, np.memmap)
    assert not wv.vectors.flags.writeable
    model = Word2Vec.load(path, allow_gensim=True)
    np.testing.assert_array_equal(model.context_vectors.vectors, -VECTORS[[1, 2, 0]])
    model.train([["나는", "the"]])


def test_a_missing_file_beside_is_named(classes: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.model"
    vectors, outputs = beside(classes, path)
    outputs.unlink()
    assert len(load(path)) == 3
    with pytest.raises(FileNotFoundError, match="belongs to") as caught:
        Word2Vec.load(path, allow_gensim=True)
    assert caught.value.filename == str(outputs)
    vectors.unlink()
    with pytest.raises(FileNotFoundError) as caught:
        load(path)
    assert caught.value.filename == str(vectors)


def write_header(path: Path, shape: tuple[int, ...]) -> None:
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(bytes(16))


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b"\x80\x04N."),
        lambda path: np.save(path, np.array([print], dtype=object), allow_pickle=True),
        lambda path: np.save(path, np.array(["a"])),
        lambda path: np.save(path, VECTORS.astype(np.int64)),
        lambda path: np.save(path, VECTORS[:2]),
        lambda path: np.save(path, VECTORS.ravel()),
        lambda path: path.write_bytes(b"PK\3\4" + path.read_bytes()),
        lambda path: write_header(path, (1 << 40, 100)),
        lambda path: write_header(path, (-1, 100)),
    ],
)
def test_a_damaged_file_beside_is_named(damage: Any, classes: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.model"
    vectors, _ = beside(classes, path)
    damage(vectors)
    with pytest.raises(FormatError, match=r"a\.model"):
        load(path)


def test_attributes_stay_with_their_keys(classes: Any, tmp_path: Path) -> None:
    notes = np.array(["첫째", None, "셋째"], object)
    expandos = {"count": np.array([2, 9, 9]), "note": notes, "size": np.arange(3.0)}
    one = make_vectors(classes, expandos=expandos)
    wv = load(save(tmp_path / "a.kv", one))
    assert [wv.get_vecattr(key, "note") for key in WORDS] == ["첫째", None, "셋째"]
    assert wv.get_vecattr("사과를", "size") == 2 and wv.get_vecattr("the", "count") == 9
    path = save(tmp_path / "a.model", make_model(classes, wv=one))
    model = Word2Vec.load(path, allow_gensim=True)
    assert [model.wv.get_vecattr(key, "note") for key in WORDS] == ["첫째", None, "셋째"]


@pytest.mark.parametrize(
    "values", [np.array([{}, 1, 2], object), np.arange(2), "nothing", np.zeros((3, 1))]
)
def test_attributes_that_are_no_plain_values_are_left_out(
    values: Any, classes: Any, tmp_path: Path
) -> None:
    path = save(tmp_path / "a.kv", make_vectors(classes, expandos={"kind": values}))
    with pytest.warns(UserWarning, match=r"a\.kv: the attribute 'kind' is left out") as told:
        wv = load(path)
    assert wv.expandos == {} and wv.index_to_key == WORDS
    assert told[0].filename == __file__


def test_compressed_files(classes: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.kv.gz"
    one = make_vectors(classes, __numpys=["vectors"])
    del one.vectors
    path.write_bytes(gzip.compress(pickle.dumps(one, 4)))
    file = Path(f"{path}.vectors.npz")
    np.savez_compressed(file, val=VECTORS)
    np.testing.assert_array_equal(load(path).vectors, VECTORS)
    write_header(tmp_path / "header", (1 << 40, 100))
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(tmp_path / "header", "val.npy")
    with pytest.raises(FormatError, match=r"a\.kv\.gz\.vectors\.npz: "):
        load(path)
    file.write_bytes(b"PK")
    with pytest.raises(FormatError, match=r"a\.kv\.gz\.vectors\.npz: "):
        load(path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FormatError, match="truncated"):
        load(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"vectors": VECTORS[:2]},
        {"vectors": VECTORS[0]},
        {"vectors": None},
        {"vectors": "나는"},
        {"vectors": VECTORS.astype(int)},
        {"index_to_key": WORDS[:2]},
        {"index_to_key": None},
        {"index_to_key": ["a", "b", "a"]},
        {"index_to_key": ["a", 1, None]},
        {"index_to_key": ["a", "b", ["c"]]},
        {"expandos": {"count": np.array([1, 2])}},
        {"expandos": {"count": ["many", 1, 2]}},
        {"expandos": {"count": VECTORS[:, 0]}},
    ],
)
def test_parts_that_do_not_fit(changes: dict[str, Any], classes: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.kv", make_vectors(classes, **changes))
    with pytest.raises(FormatError, match=r"a\.kv: "):
        load(path)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"syn1neg": VECTORS[:2]}, "shape"),
        ({"syn1neg": np.full_like(VECTORS, np.nan)}, "NaN"),
        ({"window": 0}, "window"),
        ({"window": "wide"}, "window"),
        ({"hs": np.ones(3)}, "hs"),
        ({"negative": np.ones(3)}, "negative"),
        ({"vector_size": 5}, "shape"),
        ({"corpus_count": "many"}, "corpus_count"),
        ({"wv": None}, "no vectors"),
    ],
)
def test_a_model_that_cannot_be_trained(
    changes: dict[str, Any], named: str, classes: Any, tmp_path: Path
) -> None:
    path = save(tmp_path / "a.model", make_model(classes, **changes))
    with pytest.raises(FormatError, match=named):
        Word2Vec.load(path, allow_gensim=True)


def test_other_things_are_named(classes: Any, tmp_path: Path) -> None:
    other = save(tmp_path / "f", make(classes.FastTextKeyedVectors, vectors=VECTORS))
    with pytest.raises(FormatError, match="FastTextKeyedVectors"):
        load(other)
    with pytest.raises(FormatError, match=r"KeyedVectors\.load reads them"):
        Word2Vec.load(save(tmp_path / "v", make_vectors(classes)), allow_gensim=True)
    with pytest.raises(FormatError, match="holds a list"):
        load(save(tmp_path / "l", [1]))
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(TruncatedError):
        load(tmp_path / "empty")


def test_zip_files_are_none_of_gensims(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", vectors=VECTORS)
    assert not is_meant(tmp_path / "a.npz", allow_gensim=True)
