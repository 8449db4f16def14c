"""Phrases in bounded memory: what max_vocab_size keeps, whatever the order and the threads."""

from __future__ import annotations

import pytest
from corpora import assert_holds
from phrase_cases import CONNECTORS, KOREAN, Sentences, counts_of, random_sentences

from fastw2v import Corpus, Phrases

pytestmark = pytest.mark.usefixtures("nothing_left")


def by_frequency(sentences: Sentences, connectors: frozenset[str], size: int) -> dict[str, int]:
    """The specification of max_vocab_size."""
    counts = counts_of(sentences, connectors)
    ordered = sorted(counts.values(), reverse=True)
    limit = ordered[size] if len(ordered) > size else 0
    return {name: count for name, count in counts.items() if count > limit}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("size", [1, 5, 20, 60, 10_000])
@pytest.mark.parametrize("room", [10, 1 << 20])
def test_the_most_frequent_stay(
    workers: int, size: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastw2v._phrases.counts._ROOM", room)
    monkeypatch.setattr("fastw2v._phrases.counts._PORTION", 100)
    for seed in range(3):
        sentences = random_sentences(seed)
        phrases = Phrases(
            sentences, max_vocab_size=size, connector_words=CONNECTORS, workers=workers
        )
        assert phrases.vocab == by_frequency(sentences, CONNECTORS, size), f"seed={seed}"
        assert len(phrases.vocab) <= size
        assert phrases.corpus_word_count == sum(map(len, sentences))


def test_the_most_frequent_stay_of_several_corpora() -> None:
    phrases = Phrases(KOREAN, max_vocab_size=12)
    first = phrases.vocab
    phrases.add_vocab([["가", "나"]] * 9)
    assert len(phrases.vocab) <= 12
    assert phrases.vocab.items() <= (first | {"가": 9, "나": 9, "가_나": 9}).items()
    assert phrases.vocab["가_나"] == 9


@pytest.mark.parametrize("workers", [1, 4])
def test_ctrl_c_leaves_nothing_behind(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the phrases as they were; `nothing_left` looks for threads and files."""

    def press(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fastw2v._phrases.counts._PORTION", 10)
    monkeypatch.setattr("fastw2v._phrases.phrasing._PORTION", 10)
    sentences = random_sentences(5)
    phrases = Phrases(KOREAN, 1, 1.0, workers=workers)
    before = dict(phrases.vocab)
    corpus = Corpus(sentences)
    with monkeypatch.context() as patch:
        patch.setattr("fastw2v.progress.Progress.update", press)
        # Where the threads were quicker than the first look at them.
        patch.setattr("fastw2v.progress.Progress.finish", press)
        with pytest.raises(KeyboardInterrupt):
            phrases.add_vocab(corpus)
        with pytest.raises(KeyboardInterrupt):
            phrases.transform(corpus, workers=workers)
        with pytest.raises(KeyboardInterrupt):
            phrases.find_phrases(corpus, workers=workers)
    assert phrases.vocab == before
    assert list(phrases.transform(corpus, workers=workers)) == list(phrases[sentences])


@pytest.mark.parametrize("portion", [1, 7, 100])
@pytest.mark.parametrize("workers", [1, 4])
def test_portions_end_anywhere(portion: int, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastw2v._phrases.counts._PORTION", portion)
    monkeypatch.setattr("fastw2v._phrases.phrasing._PORTION", portion)
    sentences = random_sentences(6, 100)
    phrases = Phrases(sentences, 1, 0.5, connector_words=CONNECTORS, workers=workers)
    assert phrases.vocab == counts_of(sentences, CONNECTORS)
    merged = phrases.transform(sentences, workers=workers)
    assert_holds(merged, [phrases[sentence] for sentence in sentences])


def test_progress_shows_what_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    phrases = Phrases(KOREAN, 1, 1.0, progress=True)
    phrases.transform(KOREAN, progress=True)
    shown = capsys.readouterr().err
    assert "counting pairs" in shown
    assert "merging phrases" in shown
    Phrases(KOREAN, 1, 1.0, progress=False).transform(KOREAN, progress=False)
    assert capsys.readouterr().err == ""
