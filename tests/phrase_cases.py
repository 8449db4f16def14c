"""Helpers of the phrase tests: what phrases are, in plain Python, and corpora that have some."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

Sentences = list[list[str]]

# Nine short texts; 대한 민국, 한강 의 기적 and 아침 의 나라 come back.
KOREAN: Sentences = [
    ["대한", "민국", "은", "아침", "의", "나라"],
    ["한강", "의", "기적", "이", "대한", "민국", "을"],
    ["아침", "의", "나라", "에서", "한강", "의", "기적"],
    ["우리", "대한", "민국"],
    ["서울", "의", "한강"],
    ["기적", "은", "없다"],
    [],
    ["의"],
    ["아침", "에", "서울", "에서"],
]
CONNECTORS = frozenset(["의", "of", "the"])


def random_sentences(seed: int, n_sentences: int = 300) -> Sentences:
    """Sentences of few words, connector words among them, some in rows and some at the ends."""
    random_ = random.Random(seed)
    words = [*"가나다라마바", "w1", "w2", "의", "of", "the"]
    weights = [random_.expovariate(1) for _ in words]
    lengths = [random_.choice((0, 1, 2, 5, 20)) for _ in range(n_sentences)]
    return [random_.choices(words, weights, k=length) for length in lengths]


def pairs_of(
    sentence: list[str], connectors: Collection[str]
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """The specification: two words with connector words alone between them."""
    places = [k for k, word in enumerate(sentence) if word not in connectors]
    for start, end in pairwise(places):
        yield sentence[start], tuple(sentence[start + 1 : end]), sentence[end]


def counts_of(sentences: Sentences, connectors: Collection[str] = ()) -> dict[str, int]:
    """Counts of words and joined pairs, none of whose words holds the delimiter."""
    counts: Counter[str] = Counter()
    for sentence in sentences:
        counts.update(word for word in sentence if word not in connectors)
        for first, between, last in pairs_of(sentence, connectors):
            counts["_".join([first, *between, last])] += 1
    return counts


def merge(
    sentence: list[str], phrases: Mapping[str, float], connectors: Collection[str]
) -> list[str]:
    """The specification: from left to right, the first pair that is a phrase is taken."""
    merged: list[str] = []
    places = [k for k, word in enumerate(sentence) if word not in connectors]
    done = 0
    for start, end in pairwise(places):
        phrase = "_".join(sentence[start : end + 1])
        if start >= done and phrase in phrases:
            merged += [*sentence[done:start], phrase]
            done = end + 1
    return merged + sentence[done:]
