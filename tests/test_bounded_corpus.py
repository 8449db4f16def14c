"""Corpus(max_distinct=): memory is bounded, and what that costs is said, never more."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from fastw2v import Corpus, Word2Vec
from fastw2v.errors import NoWordsError


def made_sentences(seed, n_sentences=3000, rare=60_000):
    """Sentences of frequent words among many that are met once or twice."""
    rng = np.random.default_rng(seed)
    print("seed", seed)
    frequent = [f"말{k}" for k in range(50)]
    return [
        [
            frequent[min(int(rng.exponential(10)), 49)]
            if rng.random() < 0.5
            else f"드문{rng.integers(rare)}"
            for _ in range(rng.integers(0, 60))
        ]
        for _ in range(n_sentences)
    ]


def as_source(sentences, kind, tmp_path):
    if kind == "lists":
        return iter(sentences)
    if kind == "integers":
        number = {}
        return iter([[number.setdefault(w, len(number) * 3) for w in s] for s in sentences])
    path = tmp_path / "text.txt"
    path.write_text("".join(" ".join(s) + "\n" for s in sentences), encoding="utf-8")
    return path


def check(corpus, sentences):
    exact = Counter(word for sentence in sentences for word in sentence)
    assert corpus.total_words + corpus.n_forgotten == sum(exact.values())
    counts = dict(zip(corpus.words, corpus.counts.tolist(), strict=True))
    assert np.array_equal(np.bincount(corpus.tokens, minlength=len(counts)), corpus.counts)
    for word, count in exact.items():
        assert counts.get(word, 0) <= count <= counts.get(word, 0) + corpus.count_error
    assert len(corpus) == len(sentences)
    for kept, sentence in zip(corpus, sentences, strict=True):
        rest = iter(sentence)
        assert all(word in rest for word in kept)  # in the same order


@pytest.mark.parametrize("kind", ["lists", "files"])
@pytest.mark.parametrize("limit", [1, 200, 5000])
def test_counts_fall_short_by_no_more_than_is_said(kind, limit, tmp_path, monkeypatch):
    monkeypatch.setattr("fastw2v.sources.BLOCK_BYTES", 1 << 14)
    sentences = made_sentences(limit)
    try:
        corpus = Corpus(as_source(sentences, kind, tmp_path), max_distinct=limit)
    except NoWordsError as error:
        assert limit == 1 and "larger number" in str(error)
        return
    check(corpus, sentences)
    assert corpus.count_error > 0 and corpus.n_forgotten > 0


def test_integers_are_forgotten_likewise(tmp_path):
    sentences = made_sentences(1)
    source = list(as_source(sentences, "integers", tmp_path))
    corpus = Corpus(iter(source), max_distinct=300)
    check(corpus, source)
    assert corpus.n_forgotten > 0


def test_a_limit_that_is_not_reached_changes_nothing(tmp_path):
    sentences = made_sentences(2, n_sentences=200)
    plain = Corpus(as_source(sentences, "files", tmp_path))
    bounded = Corpus(as_source(sentences, "files", tmp_path), max_distinct=1 << 20)
    assert bounded.words == plain.words and (bounded.count_error, bounded.n_forgotten) == (0, 0)
    assert np.array_equal(bounded.tokens, plain.tokens)
    assert np.array_equal(bounded.offsets, plain.offsets)


def test_the_number_of_threads_and_the_cache_change_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("fastw2v.sources.BLOCK_BYTES", 1 << 14)
    source = as_source(made_sentences(3), "files", tmp_path)
    options = {"max_distinct": 500, "cache_dir": tmp_path / "cache"}
    one, cached = Corpus(source, workers=1, **options), Corpus(source, workers=1, **options)
    many = Corpus(source, workers=8, max_distinct=500)
    for other in (cached, many):
        assert other.words == one.words and np.array_equal(other.tokens, one.tokens)
        assert (other.count_error, other.n_forgotten) == (one.count_error, one.n_forgotten)
    exact = Corpus(source, cache_dir=tmp_path / "cache")
    assert exact.n_forgotten == 0 and exact.total_words > one.total_words


def test_lower_case_and_tokenizers_go_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr("fastw2v.sources.BLOCK_BYTES", 1 << 12)
    path = tmp_path / "text.txt"
    path.write_text("".join(f"The the 사과 rare{k}\n" for k in range(5000)), encoding="utf-8")
    for tokenizer in (None, str.split):
        corpus = Corpus(path, max_distinct=100, lowercase=True, tokenizer=tokenizer)
        counts = dict(zip(corpus.words, corpus.counts.tolist(), strict=True))
        assert 10_000 - 2 * corpus.count_error <= counts["the"] <= 10_000
        assert 5000 - corpus.count_error <= counts["사과"] <= 5000


def test_a_model_is_trained_on_what_is_kept():
    corpus = Corpus(iter(made_sentences(4)), max_distinct=1000)
    model = Word2Vec(corpus, vector_size=8, epochs=1, min_count=5, sample=0, progress=False)
    assert "말0" in model.wv


@pytest.mark.parametrize("limit", [0, -1, 1.5, "1000"])
def test_senseless_limits_are_refused(limit):
    with pytest.raises((ValueError, TypeError), match="max_distinct"):
        Corpus([["가"]], max_distinct=limit)


def test_ids_are_in_memory_already():
    with pytest.raises(ValueError, match="max_distinct=10"):
        Corpus(np.array([[1, 2]]), max_distinct=10)
