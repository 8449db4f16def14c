"""Phrases: pairs of words that meet more often than chance has it, counted, scored and merged."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from phrase_cases import CONNECTORS, KOREAN, counts_of, merge, random_sentences

import fastw2v
from fastw2v import ENGLISH_CONNECTOR_WORDS, Corpus, FrozenPhrases, Phraser, Phrases
from fastw2v.phrases import npmi_scorer, original_scorer

pytestmark = pytest.mark.usefixtures("nothing_left")


def frozen_too(phrases: Phrases) -> tuple[Phrases, FrozenPhrases]:
    return phrases, phrases.freeze()


@pytest.mark.parametrize("connectors", [frozenset(), CONNECTORS])
def test_words_and_pairs_are_counted(connectors: frozenset[str]) -> None:
    phrases = Phrases(KOREAN, connector_words=connectors)
    assert phrases.vocab == counts_of(KOREAN, connectors)
    assert phrases.corpus_word_count == sum(map(len, KOREAN))
    assert ("의" in phrases.vocab) == (not connectors)
    assert ("한강_의_기적" in phrases.vocab) == bool(connectors)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_counts_are_those_of_plain_python(seed: int, workers: int) -> None:
    sentences = random_sentences(seed)
    for connectors in (frozenset[str](), CONNECTORS):
        phrases = Phrases(sentences, connector_words=connectors, workers=workers)
        assert phrases.vocab == counts_of(sentences, connectors), f"seed={seed}"


def test_long_rows_of_connector_words() -> None:
    sentence = ["가", *["의", "of", "the"] * 5000, "나", "의", "다"]
    phrases = Phrases([sentence] * 2, min_count=1, threshold=0.1, connector_words=CONNECTORS)
    assert phrases.vocab == counts_of([sentence] * 2, CONNECTORS)
    assert phrases[sentence] == ["_".join(sentence[:-2]), "의", "다"]
    assert list(phrases[Corpus([sentence])]) == [phrases[sentence]]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0.2, 1.0, 3.0])
def test_merging_is_that_of_plain_python(seed: int, threshold: float) -> None:
    sentences = random_sentences(seed)
    phrases = Phrases(sentences, 1, threshold, connector_words=CONNECTORS)
    found = phrases.export_phrases()
    expected = [merge(sentence, found, CONNECTORS) for sentence in sentences]
    for model in frozen_too(phrases):
        assert [model[sentence] for sentence in sentences] == expected, f"seed={seed}"
        assert list(model[sentences]) == expected
        assert list(model[Corpus(sentences)]) == expected


def test_phrases_merge_from_left_to_right() -> None:
    scores = {"가_나": 2.0, "나_다": 2.0, "다_라": 2.0, "라_의_마": 2.0, "바_사": 0.5}
    model = FrozenPhrases(Phrases(threshold=1, connector_words=["의", "the"]))
    model.phrasegrams = scores
    for sentence, expected in [
        ("아 자 차", "아 자 차"),
        ("가 나 다 라", "가_나 다_라"),
        ("아 가 나 라 마", "아 가_나 라 마"),
        ("가 의 나 다", "가 의 나_다"),
        ("의 라 의 마 의 the", "의 라_의_마 의 the"),
        ("라 의 the 마", "라 의 the 마"),
        ("다 라 의 마", "다_라 의 마"),
        ("바 사", "바 사"),  # below the threshold
        ("의 the", "의 the"),
        ("라 의", "라 의"),
        ("", ""),
    ]:
        tokens = sentence.split()
        assert model[tokens] == expected.split()
        if tokens:
            assert next(iter(model[Corpus([tokens, tokens[::-1]])])) == expected.split()


def test_a_word_may_be_empty_or_hold_the_delimiter() -> None:
    sentences = [["", "a"], ["", "a"], ["a_b", "c"], ["a", "b_c"], ["a_b", "c"], ["_", "_"]] * 3
    phrases = Phrases(sentences, min_count=1, threshold=0.1)
    expected = [["_a"], ["_a"], ["a_b_c"], ["a_b_c"], ["a_b_c"], ["___"]] * 3
    assert list(phrases[sentences]) == expected
    assert list(phrases[Corpus(sentences)]) == expected
    # Counted by their parts, they are two pairs; spelled alike, they are one phrase.
    assert phrases.export_phrases().keys() == {"_a", "a_b_c", "___"}
    assert phrases.vocab["a_b_c"] == 9


def test_three_words_come_from_a_second_pass() -> None:
    sentences = [["대한", "민국", "만세"], ["대한", "민국", "만세"], ["만세"], ["대한", "민국"]] * 5
    pairs = Phrases(sentences, min_count=1, threshold=0.1)
    assert pairs.export_phrases().keys() == {"대한_민국", "민국_만세"}
    for source in (pairs[sentences], pairs[Corpus(sentences)], iter(pairs[iter(sentences)])):
        triples = Phrases(source, min_count=1, threshold=0.1)
        # Nothing but what the second pass itself makes of two tokens.
        assert triples.export_phrases().keys() == {"대한_민국_만세"}
    merged = triples[pairs[sentences]]
    assert (
        list(merged)
        == list(merged)
        == [["대한_민국_만세"]] * 2
        + [["만세"], ["대한_민국"]]
        + ([["대한_민국_만세"]] * 2 + [["만세"], ["대한_민국"]]) * 4
    )
    assert list(Corpus(merged)) == list(merged)


def test_default_score() -> None:
    """Equation 6 of Mikolov et al. 2013, times the size of the vocabulary."""
    counts = counts_of(KOREAN)
    phrases = Phrases(KOREAN, min_count=1, threshold=1)
    found = phrases.export_phrases()
    assert found["대한_민국"] == pytest.approx((3 - 1) * len(counts) / (3 * 3), abs=1e-12)
    expected = {
        pair: score
        for pair, count in counts.items()
        if "_" in pair
        for first, last in [pair.split("_")]
        if (score := (count - 1) * len(counts) / (counts[first] * counts[last])) > 1
    }
    assert found == pytest.approx(expected, abs=1e-9)


def test_npmi_score() -> None:
    """Bouma 2009: from -1, never together, to 1, always together."""
    n = sum(map(len, KOREAN))
    phrases = Phrases(KOREAN, min_count=2, threshold=0.4, scoring="npmi")
    found = phrases.export_phrases()
    assert found["대한_민국"] == pytest.approx(1.0, abs=1e-9)
    counts = phrases.vocab
    p_pair, p_first, p_last = (counts[word] / n for word in ("한강_의", "한강", "의"))
    expected = math.log(p_pair / (p_first * p_last)) / -math.log(p_pair)
    assert found["한강_의"] == pytest.approx(expected, abs=1e-9)
    assert all(phrases.vocab[phrase] >= 2 for phrase in found)


def test_scorers_take_numbers_and_arrays() -> None:
    for scorer in (original_scorer, npmi_scorer):
        rest = {"len_vocab": 50, "min_count": 2, "corpus_word_count": 100}
        triples = [(3, 4, 2), (9, 9, 9), (3, 4, 1), (0, 4, 2), (5, 5, 0)]
        columns = map(np.array, zip(*triples, strict=True))
        of_arrays = scorer(*columns, **rest)
        assert of_arrays.tolist() == [scorer(*triple, **rest) for triple in triples]
    assert npmi_scorer(3, 4, 1, 50, 2, 100) == original_scorer(0, 4, 2, 50, 2, 100) == -math.inf


def test_scorers_of_ones_own_get_the_counts_by_name() -> None:
    seen: list[dict[str, Any]] = []

    def scorer(
        worda_count: int,
        wordb_count: int,
        bigram_count: int,
        len_vocab: int,
        min_count: float,
        corpus_word_count: int,
    ) -> float:
        seen.append({name: value for name, value in locals().items() if name != "seen"})
        return 1.0 if bigram_count > 1 else math.nan

    phrases = Phrases(KOREAN, min_count=2, threshold=0.5, scoring=scorer)
    assert phrases.export_phrases().keys() == {
        pair for pair, count in counts_of(KOREAN).items() if "_" in pair and count > 1
    }
    assert {
        "worda_count": 3,
        "wordb_count": 6,
        "bigram_count": 2,
        "len_vocab": len(phrases.vocab),
        "min_count": 2,
        "corpus_word_count": sum(map(len, KOREAN)),
    } in seen
    assert all(type(value) is int for one in seen for value in one.values())
    assert Phrases(scoring=lambda **counts: 1).scoring is not None


def test_a_scorer_that_raises() -> None:
    def scorer(**counts: int) -> float:
        raise ArithmeticError(f"{counts['bigram_count']}")

    phrases = Phrases(KOREAN, scoring=scorer)
    with pytest.raises(ArithmeticError):
        phrases.export_phrases()


def test_connector_words_neither_begin_nor_end_a_phrase() -> None:
    phrases = Phrases(KOREAN, min_count=1, threshold=1, connector_words=["의"])
    found = phrases.export_phrases()
    assert {"한강_의_기적", "아침_의_나라", "대한_민국"} <= found.keys()
    assert not any(phrase.startswith("의_") or phrase.endswith("_의") for phrase in found)
    assert phrases[KOREAN[2]] == ["아침_의_나라", "에서", "한강_의_기적"]
    assert {"of", "the", "and"} < ENGLISH_CONNECTOR_WORDS


@pytest.mark.parametrize("delimiter", [" ", "__", "😀", "의"])
def test_delimiters(delimiter: str) -> None:
    sentences = [["대한", "민국", "만세"]] * 3 + [["만세", "대한"]]
    phrases = Phrases(sentences, min_count=1, threshold=0.1, delimiter=delimiter)
    merged = [[f"대한{delimiter}민국", "만세"]] * 3 + [["만세", "대한"]]
    assert list(phrases[sentences]) == merged
    assert list(phrases[Corpus(sentences)]) == merged


def test_find_phrases_are_those_that_merging_makes() -> None:
    sentences = random_sentences(3)
    phrases = Phrases(sentences, 1, 0.5, connector_words=CONNECTORS)
    others = random_sentences(4, 50)
    for model in frozen_too(phrases):
        found = model.find_phrases(others)
        exported = model.export_phrases()
        merged = {token: None for sentence in model[others] for token in sentence if "_" in token}
        assert list(found) == list(merged)  # in order of appearance
        assert all(found[phrase] == exported[phrase] for phrase in found)
        assert model.find_phrases(iter(others)) == found
        assert model.find_phrases([]) == model.find_phrases([[]]) == {}


def test_one_candidate_and_one_analysis() -> None:
    for model in frozen_too(Phrases(KOREAN, 1, 1, connector_words=CONNECTORS)):
        score = model.export_phrases()["한강_의_기적"]
        assert model.score_candidate("한강", "기적", ["의"]) == ("한강_의_기적", score)
        assert model.score_candidate("한강", "기적", []) == (None, None)
        assert list(model.analyze_sentence(["한강", "의", "기적", "의"])) == [
            ("한강_의_기적", score),
            ("의", None),
        ]


def test_more_sentences() -> None:
    for cut in (0, 1, 4, len(KOREAN)):
        phrases = Phrases(connector_words=CONNECTORS, min_count=1, threshold=1)
        phrases.add_vocab(KOREAN[:cut])
        phrases.export_phrases()
        phrases.add_vocab(iter(KOREAN[cut:]))
        whole = Phrases(KOREAN, connector_words=CONNECTORS, min_count=1, threshold=1)
        assert phrases.vocab == whole.vocab
        assert phrases.corpus_word_count == whole.corpus_word_count
        assert phrases.export_phrases() == whole.export_phrases()
    phrases.add_vocab([[], []])
    assert phrases.vocab == whole.vocab


def test_settings_may_change_afterwards() -> None:
    phrases = Phrases(KOREAN, min_count=1, threshold=1)
    frozen = phrases.freeze()
    score = phrases.export_phrases()["대한_민국"]
    for model in (phrases, frozen):
        model.threshold = score
        assert model[["대한", "민국"]] == ["대한", "민국"]
        assert list(model[Corpus([["대한", "민국"]])]) == [["대한", "민국"]]
    phrases.threshold, phrases.scoring = 0.9, npmi_scorer
    assert phrases[["대한", "민국"]] == ["대한_민국"]


def test_phrases_may_be_taken_out_and_put_in() -> None:
    frozen = Phrases(KOREAN, min_count=1, threshold=1).freeze()
    del frozen.phrasegrams["대한_민국"]
    frozen.phrasegrams["우리_대한"] = 99.0
    sentences = [["우리", "대한", "민국"]]
    assert list(frozen[sentences]) == list(frozen[Corpus(sentences)]) == [["우리_대한", "민국"]]


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        iter,
        lambda sentences: ((token for token in sentence) for sentence in sentences),
        lambda sentences: np.array(sentences, dtype=object),
        lambda sentences: dict.fromkeys(map(tuple, sentences)).keys(),
    ],
    ids=["list", "tuple", "iterator", "generators", "array", "keys"],
)
def test_iterables_of_sentences(make: Callable[[Any], Any]) -> None:
    sentences = KOREAN[:4]
    for model in frozen_too(Phrases(make(sentences), min_count=1, threshold=1)):
        expected = [model[sentence] for sentence in sentences]
        assert list(model[make(sentences)]) == expected
        assert list(Corpus(model[make(sentences)])) == expected


def test_what_holds_nothing() -> None:
    for model in frozen_too(Phrases(KOREAN)):
        assert model[[]] == model[iter(())] == model[()] == []
        assert list(model[[[], []]]) == list(model[iter([[], []])]) == [[], []]
        assert list(model[(iter(()) for _ in range(2))]) == [[], []]
    assert Phrases([]).export_phrases() == Phrases([[]]).vocab == Phrases().vocab == {}


def test_merged_sentences_come_again_and_know_their_number() -> None:
    phrases = Phrases(KOREAN, min_count=1, threshold=1)
    merged = phrases[KOREAN]
    assert list(merged) == list(merged) != []
    assert len(merged) == len(KOREAN)
    once = phrases[iter(KOREAN)]
    assert [len(list(once)), len(list(once))] == [len(KOREAN), 0]
    with pytest.raises(TypeError, match="len"):
        len(once)


def test_merged_sentences_follow_the_model() -> None:
    phrases = Phrases(min_count=1, threshold=1)
    merged = phrases[KOREAN]
    assert list(merged) == KOREAN
    phrases.add_vocab(KOREAN)
    assert ["우리", "대한_민국"] in merged


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"min_count": 0}, ValueError, r"min_count must be .* above 0, got 0"),
        ({"min_count": None}, TypeError, r"min_count .* got None"),
        ({"threshold": 0}, ValueError, r"threshold must be .* above 0, got 0"),
        ({"threshold": -1}, ValueError, r"threshold .* got -1"),
        ({"threshold": math.nan}, ValueError, r"threshold .* got nan"),
        ({"threshold": 1.5, "scoring": "npmi"}, ValueError, r"threshold .* at most 1, got 1\.5"),
        ({"scoring": "pmi"}, ValueError, r"scoring must be one of 'default', 'npmi'.*got 'pmi'"),
        ({"scoring": 3}, TypeError, r"scoring must be a name or a function, got 3"),
        ({"scoring": lambda worda_count: 1}, ValueError, r"does not take wordb_count, bigram_"),
        ({"max_vocab_size": 0}, ValueError, r"max_vocab_size .* got 0"),
        ({"max_vocab_size": 1.5}, TypeError, r"max_vocab_size .* got 1\.5"),
        ({"delimiter": ""}, ValueError, r"delimiter must be a str that is not empty, got ''"),
        ({"delimiter": b"_"}, ValueError, r"delimiter must be a str that is not empty, got b'_'"),
        ({"connector_words": "의"}, TypeError, r"connector_words must be a list.*\['의'\]"),
        ({"connector_words": [3]}, ValueError, r"connector_words must be strings.*got 3"),
        ({"connector_words": ["a_b"]}, ValueError, r"without the delimiter, '_'; got 'a_b'"),
        ({"progress_per": 0}, ValueError, r"progress_per .* got 0"),
        ({"workers": 0}, ValueError, r"workers .* got 0"),
    ],
)
def test_arguments_out_of_range_before_anything_is_read(
    arguments: dict[str, Any], error: Any, match: str
) -> None:
    source = iter([["a"]])
    arguments = {"threshold": 1.0} | arguments
    with pytest.raises(error, match=match):
        Phrases(source, **arguments)
    assert next(source) == ["a"]


def test_what_is_no_text() -> None:
    with pytest.raises(TypeError, match=r"phrases are made of words, got 7"):
        Phrases([[7, 8], [7, 8]])
    with pytest.raises(TypeError, match=r"phrases are made of words"):
        Phrases(KOREAN)[Corpus([[7, 8]])]
    with pytest.raises(TypeError, match=r"sentence 0 is a string"):
        Phrases(iter(["대한 민국"]))
    for text in ("대한 민국", b"text", Path("text"), 7):
        with pytest.raises(TypeError, match=r"sentence is a list of tokens, got .*Corpus\(path\)"):
            Phrases(KOREAN)[text]
    with pytest.raises(TypeError, match=r"phrases_model must be a Phrases, got list"):
        FrozenPhrases(KOREAN)  # type: ignore[arg-type]


def test_names() -> None:
    assert Phraser is FrozenPhrases
    assert fastw2v.Phrases is Phrases
    phrases = Phrases(KOREAN, 2, 1, 1000, "+", 50, "npmi", {"의"})
    assert (phrases.min_count, phrases.threshold, phrases.max_vocab_size) == (2, 1, 1000)
    assert (phrases.delimiter, phrases.progress_per) == ("+", 50)
    assert (phrases.scoring, phrases.connector_words) == (npmi_scorer, {"의"})


def test_a_generator_is_read_once() -> None:
    def sentences() -> Iterator[list[str]]:
        nonlocal n_reads
        n_reads += 1
        yield from KOREAN

    n_reads = 0
    phrases = Phrases(sentences())
    assert n_reads == 1
    assert phrases.vocab == counts_of(KOREAN)
