"""Phrases in bounded memory: what max_vocab_size keeps, whatever the order and the threads."""

from __future__ import annotations

import pytest
from phrase_cases import CONNECTORS, KOREAN, Sentences, counts_of, random_sentences

from fastw2v import Phrases

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
    monkeypatch.setattr("fastw2v._phrasecounts._ROOM", room)
    monkeypatch.setattr("fastw2v._phrasecounts._PORTION", 100)
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
