"""Vocabulary: which words stay, in which order, and what sampling makes of their counts."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import Corpus, FormatError, Vocabulary

COUNTS = {"the": 50, "나는": 20, "cat": 20, "고양이": 9, "sat": 9, "mat": 9, "on": 4, "a": 1}


def random_counts(seed: int, n_words: int = 300) -> dict[str, int]:
    """Counts with many ties, in no order."""
    rng = random.Random(seed)
    words = [f"{rng.choice(['낱말', 'word', 'é'])}{k}" for k in range(n_words)]
    return {word: 1 + int(rng.paretovariate(0.7)) for word in rng.sample(words, n_words)}


def random_sentences(seed: int) -> list[list[str]]:
    rng = random.Random(seed)
    tokens = [word for word, count in random_counts(seed, 80).items() for _ in range(count % 99)]
    rng.shuffle(tokens)
    return [tokens[k : k + 7] for k in range(0, len(tokens), 7)]


def test_words_are_ordered_by_count_then_by_themselves() -> None:
    vocabulary = Vocabulary(list(COUNTS), list(COUNTS.values()))
    words = ["the", "cat", "나는", "mat", "sat", "고양이", "on", "a"]
    assert vocabulary.index_to_key == words
    assert vocabulary.key_to_index == {word: row for row, word in enumerate(words)}
    assert vocabulary.counts.tolist() == [50, 20, 20, 9, 9, 9, 4, 1]
    assert vocabulary.counts.dtype == np.int64
    assert vocabulary.total_words == sum(COUNTS.values())
    assert len(vocabulary) == 8
    assert "나는" in vocabulary
    assert "너는" not in vocabulary
    assert Vocabulary([30, -4, 7], np.array([1, 1, 5])).index_to_key == [7, -4, 30]


@pytest.mark.parametrize(
    ("words", "counts", "match"),
    [
        ([], [], "at least one word"),
        (["a"], [1, 2], "got 1 and 2"),
        (["a", "b"], [1, 0], "at least 1, got 0 for 'b'"),
        (["a", "b"], [-1, 1], "at least 1, got -1 for 'a'"),
        (["a", "b", "a"], [3, 2, 1], "must differ, got 'a' twice"),
        (["a"], [1.5], "1.5"),
        (["a", "b"], [2**62, 2**62], f"add up to at most {2**63 - 1}, got {2**63}"),
    ],
)
def test_words_and_counts_that_make_no_vocabulary(words: Any, counts: Any, match: str) -> None:
    with pytest.raises((TypeError, ValueError), match=match):
        Vocabulary(words, counts)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"min_count": 1}, 8),
        ({"min_count": 4}, 7),
        ({}, 6),
        ({"min_count": 10}, 3),
        ({"min_count": 50}, 1),
        ({"min_count": 1, "max_final_vocab": 8}, 8),
        ({"min_count": 1, "max_final_vocab": 7}, 7),
        ({"min_count": 1, "max_final_vocab": 6}, 6),
        ({"min_count": 1, "max_final_vocab": 5}, 3),  # tied words are left out together
        ({"min_count": 1, "max_final_vocab": 3}, 3),
        ({"min_count": 1, "max_final_vocab": 2}, 1),
        ({"min_count": 1, "max_final_vocab": 1}, 1),
        ({"min_count": 20, "max_final_vocab": 6}, 3),
        ({"max_final_vocab": 100}, 6),
    ],
)
def test_min_count_and_max_final_vocab(options: dict[str, int], words: int) -> None:
    ordered = Vocabulary(list(COUNTS), list(COUNTS.values())).index_to_key
    assert Vocabulary.from_counts(COUNTS, **options).index_to_key == ordered[:words]
    corpus = Corpus([[word] * count for word, count in COUNTS.items()])
    vocabulary = Vocabulary.from_corpus(corpus, **options)
    assert vocabulary.index_to_key == ordered[:words]
    assert vocabulary.counts.tolist() == [COUNTS[word] for word in ordered[:words]]


@pytest.mark.parametrize(
    ("counts", "options", "match"),
    [
        (COUNTS, {"min_count": 51}, r"of 8 distinct words \(122 occurrences\).* 50 times.*need 51"),
        ({"a": 9, "b": 9}, {"max_final_vocab": 1}, r"words need 10.*max_final_vocab=1"),
        ({}, {}, r"of 0 distinct words \(0 occurrences\)"),
        (COUNTS, {"min_count": 0}, r"min_count must be .* got 0"),
        (COUNTS, {"max_final_vocab": 0}, r"max_final_vocab must be .* got 0"),
    ],
)
def test_no_word_is_left(counts: Any, options: dict[str, int], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        Vocabulary.from_counts(counts, **options)


@pytest.mark.parametrize("seed", range(10))
def test_the_words_that_gensim_keeps(seed: int) -> None:
    word2vec = pytest.importorskip("gensim.models").Word2Vec
    rng = random.Random(seed)
    counts = random_counts(seed)
    min_count, limit = rng.randrange(1, 5), rng.choice([None, rng.randrange(5, 300)])
    sample = rng.choice([0, 1e-4, 1e-3, 1e-2])
    model = word2vec(
        min_count=min_count, max_final_vocab=limit, sample=sample, vector_size=1, workers=1
    )
    model.build_vocab_from_freq(counts)
    vocabulary = Vocabulary.from_counts(counts, min_count, limit)
    assert set(vocabulary.index_to_key) == set(model.wv.index_to_key), f"seed={seed}"
    keep = [model.wv.get_vecattr(w, "sample_int") for w in vocabulary.index_to_key]
    expected = np.array(keep) / (2**32 - 1)
    found = vocabulary.keep_probabilities(sample)
    np.testing.assert_allclose(found, expected, atol=1e-9, err_msg=f"seed={seed}")


def test_keep_probabilities() -> None:
    vocabulary = Vocabulary(["the", "cat", "sat"], [900, 90, 10])
    assert vocabulary.keep_probabilities(0).tolist() == [1, 1, 1]
    assert vocabulary.keep_probabilities(1).tolist() == [1, 1, 1]
    shares = vocabulary.counts / 1000
    np.testing.assert_allclose(
        vocabulary.keep_probabilities(0.01),
        np.minimum(1, (np.sqrt(shares / 0.01) + 1) * 0.01 / shares),
    )
    for sample in (-0.001, float("nan"), 1.5):
        with pytest.raises(ValueError, match="sample"):
            vocabulary.keep_probabilities(sample)


@pytest.mark.parametrize("exponent", [0.75, 1.0, 0.0, -0.5, 3.0])
def test_noise_distribution(exponent: float) -> None:
    counts = [10**6, 500, 7, 7, 1]
    weights = np.array(counts, float) ** exponent
    found = Vocabulary(list("abcde"), counts).noise_distribution(exponent)
    np.testing.assert_allclose(found, weights / weights.sum())
    huge = Vocabulary(["a", "b"], [2**62, 1]).noise_distribution(20 * exponent)
    assert np.isfinite(huge).all()
    assert huge.sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", ["lists", "file"])
def test_words_and_counts_do_not_depend_on_threads_or_source(kind: str, tmp_path: Path) -> None:
    sentences = random_sentences(3)
    path = tmp_path / "text"
    path.write_text("\n".join(map(" ".join, sentences)))
    expected = Vocabulary.from_corpus(Corpus(sentences))
    for workers in (1, 2, 3, 8):
        found = Vocabulary.from_corpus(
            Corpus(path if kind == "file" else sentences, workers=workers)
        )
        assert found.index_to_key == expected.index_to_key
        np.testing.assert_array_equal(found.counts, expected.counts)


@pytest.mark.parametrize("as_ids", [False, True])
def test_rows_of_a_corpus(as_ids: bool) -> None:
    vocabulary = Vocabulary([1, 2, 3], [9, 8, 7]) if as_ids else Vocabulary(list("abc"), [9, 8, 7])
    one, two, three, other = (1, 2, 3, 4) if as_ids else "abcd"
    for sentence in (
        [one] * 3 + [two] * 2 + [three],
        [one] * 3 + [two] * 2 + [three, other],
        [other] * 3 + [three, three, one],
        [three],
        [other],
    ):
        corpus = Corpus([sentence])
        expected = [vocabulary.key_to_index.get(word, -1) for word in corpus.words]
        rows = vocabulary.rows_of(corpus)
        assert rows.tolist() == expected
        assert rows.dtype == np.int32


@pytest.mark.parametrize(
    "words",
    [
        ["한국", "korea", "é"],
        [7, -3, 2**63 - 1, -(2**63)],
        ["line\nbreak", "tab\t", "", " ", "\u2028", "\0", '"\\', "😀", "\ud800"],
        ["1", "01", "1.0", "null"],
        [np.int64(7), np.int32(9)],
        [np.str_("가"), np.str_("나")],
    ],
    ids=["str", "int", "odd", "numbers", "numpy int", "numpy str"],
)
def test_save_and_load(words: list[Any], tmp_path: Path) -> None:
    counts = [2**62, *range(1, len(words))]
    vocabulary = Vocabulary.from_counts(dict(zip(words, counts, strict=True)), min_count=1)
    for path in (tmp_path / "vocabulary.json", str(tmp_path / "vocabulary.json")):
        vocabulary.save(path)
        loaded = Vocabulary.load(path)
        assert loaded.index_to_key == vocabulary.index_to_key
        assert {type(word) for word in loaded.index_to_key} <= {int, str}
        np.testing.assert_array_equal(loaded.counts, vocabulary.counts)
    assert [path.name for path in tmp_path.iterdir()] == ["vocabulary.json"]


def content(**changes: Any) -> str:
    good = {"format": "fastw2v-vocabulary", "words": ["나", "b"], "counts": [2, 1]}
    return json.dumps(good | changes)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "나는 사과를",
        content()[:-1],
        content() + "}",
        b"\xff\xfe" + content().encode(),
        "[" * 100_000,
        "[]",
        "null",
        "{}",
        content(format="other"),
        json.dumps({"format": "fastw2v-vocabulary", "words": ["a"]}),
        content(words=[], counts=[]),
        content(counts=[2]),
        content(counts=[2, 0]),
        content(counts=[2, None]),
        content(counts=[2, 1.5]),
        content(counts=[2, "1"]),
        content(counts=[2, 10**30]),
        content(counts=[[2], [1]]),
        content(counts=3),
        content(counts={"2": 1, "1": 1}),
        content(words=["나", "나"]),
        content(words=["나", 1], counts=[1, 1]),
        content(words=["나", 1]),
        content(words=["나", None]),
        content(words=["나", ["b"]]),
        content(words="나b"),
        content(words={"나": 1, "b": 2}),
    ],
    ids=lambda damaged: repr(damaged)[-60:],
)
def test_damaged_files(damaged: str | bytes, tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    with pytest.raises(FormatError) as caught:
        Vocabulary.load(path)
    assert caught.value.path == str(path)


def test_places_that_do_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        Vocabulary.load(tmp_path / "gone")
    with pytest.raises(FileNotFoundError, match="gone"):
        Vocabulary(["a"], [1]).save(tmp_path / "gone" / "vocabulary.json")
