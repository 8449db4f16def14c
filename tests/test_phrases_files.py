"""Phrases in files: what is saved is what is loaded; damaged files are refused."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from phrase_cases import CONNECTORS, KOREAN, random_sentences

from fastw2v import Corpus, FormatError, FrozenPhrases, Phrases, safetensors
from fastw2v.phrases import npmi_scorer, original_scorer

pytestmark = pytest.mark.usefixtures("nothing_left")


def ones(**counts: float) -> float:
    return 1.0


def make(**changes: Any) -> Phrases:
    return Phrases(KOREAN, 1, 1.0, connector_words=CONNECTORS, **changes)


def settings_of(model: Phrases | FrozenPhrases) -> list[object]:
    names = ("min_count", "threshold", "delimiter", "scoring", "connector_words")
    return [getattr(model, name) for name in names]


@pytest.mark.parametrize("kind", [str, Path])
def test_counts_come_back(kind: Any, tmp_path: Path) -> None:
    phrases = make(max_vocab_size=1000, delimiter="+")
    phrases.save(kind(tmp_path / "말"))
    loaded = Phrases.load(kind(tmp_path / "말"))
    assert settings_of(loaded) == settings_of(phrases)
    assert loaded.max_vocab_size == 1000
    assert loaded.vocab == phrases.vocab
    assert loaded.corpus_word_count == phrases.corpus_word_count
    assert list(loaded.export_phrases().items()) == list(phrases.export_phrases().items())
    for model in (loaded, phrases):
        model.add_vocab(random_sentences(1))
    assert loaded.vocab == phrases.vocab


def test_phrases_come_back(tmp_path: Path) -> None:
    frozen = make(scoring=npmi_scorer).freeze()
    frozen.phrasegrams["두 낱말\ud800"] = 3.5
    frozen.save(tmp_path / "말")
    loaded = FrozenPhrases.load(tmp_path / "말")
    assert settings_of(loaded) == settings_of(frozen)
    assert list(loaded.phrasegrams.items()) == list(frozen.phrasegrams.items())
    assert list(loaded[Corpus(KOREAN)]) == list(loaded[KOREAN]) == list(frozen[KOREAN])


def test_what_is_empty_comes_back(tmp_path: Path) -> None:
    Phrases().save(tmp_path / "counts")
    assert Phrases.load(tmp_path / "counts").vocab == {}
    Phrases().freeze().save(tmp_path / "phrases")
    assert FrozenPhrases.load(tmp_path / "phrases").phrasegrams == {}


def test_scorers_of_ones_own_are_passed_again(tmp_path: Path) -> None:
    path = tmp_path / "말"
    Phrases(KOREAN, scoring=ones, threshold=0.5).save(path)
    with pytest.raises(TypeError, match=r"말: the scores are those of .*\.ones; pass it as scor"):
        Phrases.load(path)
    loaded = Phrases.load(path, scoring=ones)
    assert set(loaded.export_phrases().values()) == {1.0}
    loaded.freeze().save(path)
    frozen = FrozenPhrases.load(path)
    assert frozen.scoring is None
    assert frozen.phrasegrams == loaded.export_phrases()
    frozen.save(path)
    assert FrozenPhrases.load(path).scoring is None


def test_copies_and_pickles() -> None:
    phrases = make()
    for model in (phrases, phrases.freeze()):
        for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            assert list(twin[KOREAN]) == list(model[KOREAN])
            assert twin.scoring is original_scorer


def test_each_kind_refuses_the_other(tmp_path: Path) -> None:
    phrases = make()
    phrases.save(tmp_path / "counts")
    phrases.freeze().save(tmp_path / "phrases")
    with pytest.raises(FormatError, match=r"phrases: "):
        Phrases.load(tmp_path / "phrases")
    with pytest.raises(FormatError, match=r"counts: not a file of phrases"):
        FrozenPhrases.load(tmp_path / "counts")
    (tmp_path / "json").write_text('{"format": 1}')
    with pytest.raises(FormatError, match=r"json: not a file that FrozenPhrases\.save wrote"):
        FrozenPhrases.load(tmp_path / "json")
    safetensors.write_arrays(tmp_path / "arrays", {}, {})
    with pytest.raises(FormatError, match=r"arrays: not a file that Phrases\.save wrote"):
        Phrases.load(tmp_path / "arrays")


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.99])
def test_files_cut_off(where: float, tmp_path: Path) -> None:
    path = tmp_path / "말"
    for model in (make(), make().freeze()):
        model.save(path)
        path.write_bytes(path.read_bytes()[: int(where * path.stat().st_size)])
        with pytest.raises(FormatError, match="말: "):
            type(model).load(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("first", -1),
        ("first", 99),
        ("last", 99),
        ("chain", 99),
        ("chain", -1),
        ("counts", 0),
        ("word_counts", -5),
        ("first", None),
        ("counts", None),
    ],
)
def test_counts_that_do_not_fit(name: str, value: int | None, tmp_path: Path) -> None:
    path = tmp_path / "말"
    make().save(path)
    mapped, metadata = safetensors.read_arrays(path)
    arrays = {key: array.copy() for key, array in mapped.items()}
    if value is None:
        arrays[name] = arrays[name][1:]
    else:
        arrays[name][1] = value
    safetensors.write_arrays(path, arrays, metadata)
    with pytest.raises(FormatError, match=r"말: a damaged file of phrases: .* must be"):
        Phrases.load(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("settings", "[]"),
        ("settings", '{"min_count": 0, "scoring": "default"}'),
        ("settings", '{"min_count": 1, "scoring": "default", "more": 1}'),
        ("corpus_word_count", '"many"'),
        ("chains", "7"),
        ("chains", "not JSON"),
    ],
)
def test_settings_that_make_no_sense(name: str, value: str, tmp_path: Path) -> None:
    path = tmp_path / "말"
    make().save(path)
    arrays, metadata = safetensors.read_arrays(path)
    safetensors.write_arrays(tmp_path / "bad", arrays, metadata | {name: value})
    with pytest.raises(FormatError, match="bad: a damaged file of phrases"):
        Phrases.load(tmp_path / "bad")


@pytest.mark.parametrize(
    "change",
    [
        {"phrases": {"a_b": "much"}},
        {"phrases": {"a_b": float("nan")}},
        {"phrases": [1]},
        {"settings": None},
        {"settings": {}},
        {"settings": {"min_count": -1}},
    ],
)
def test_phrases_that_make_no_sense(change: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "말"
    make().freeze().save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(FormatError, match="말: a damaged file of phrases"):
        FrozenPhrases.load(path)


def test_a_crash_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "말"
    for model in (make(), make().freeze()):
        model.save(path)
        before = path.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", lambda file: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                model.save(path)
        assert path.read_bytes() == before
