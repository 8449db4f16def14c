"""What gensim's own tests find in the Lee corpus, 300 short news articles that come with it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fastw2v import Word2Vec

pytest.importorskip("gensim")


@pytest.fixture(scope="module")
def articles():
    from gensim.test.utils import datapath
    from gensim.utils import simple_preprocess

    text = Path(datapath("lee_background.cor")).read_text(encoding="utf-8")
    return [simple_preprocess(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def path(articles, tmp_path_factory):
    path = tmp_path_factory.mktemp("lee") / "articles.txt"
    path.write_text("\n".join(map(" ".join, articles)), encoding="utf-8")
    return path


def rank(wv, word, other):
    return [found for found, _ in wv.most_similar(word, topn=len(wv))].index(other)


def test_counts_add_up_to_the_corpus(articles):
    counts = Counter(word for article in articles for word in article)
    model = Word2Vec(min_count=1)
    model.build_vocab(articles)
    assert len(model.wv) == len(counts) == 6981
    assert model.corpus_total_words == model.vocabulary.total_words == counts.total()
    assert {word: model.wv.get_vecattr(word, "count") for word in counts} == counts
    usual = Word2Vec()
    usual.build_vocab(articles)
    assert len(usual.wv) == 1750


KINDS = {
    "skip-gram": {"sg": 1, "window": 4},
    "CBOW": {"sg": 0, "alpha": 0.05, "sample": 0},
    "skip-gram, fixed window": {"sg": 1, "shrink_windows": False},
    "CBOW, fixed window": {"sg": 0, "alpha": 0.1, "shrink_windows": False, "sample": 0},
}


@pytest.mark.parametrize("from_file", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_attacks_and_bombings_come_together(articles, path, kind, from_file):
    source = {"corpus_file": path} if from_file else {"corpus_iterable": articles}
    model = Word2Vec(negative=15, min_count=5, epochs=10, workers=2, **KINDS[kind])
    model.build_vocab(**source)
    start = model.wv.vectors.copy()
    model.train(**source, total_examples=model.corpus_count, epochs=model.epochs)
    assert (model.wv.vectors != start).any(axis=1).all()
    assert rank(model.wv, "attacks", "bombings") < 50
    near = {word for word, _ in model.wv.most_similar([model.wv["attacks"]], topn=51)}
    assert {"attacks", "bombings"} <= near


@pytest.mark.parametrize("workers", [2, 4])
def test_threads_learn_one_model(articles, workers):
    model = Word2Vec(articles * 33, vector_size=16, min_count=330, workers=workers)
    assert rank(model.wv, "israeli", "palestinian") < 6


@pytest.mark.parametrize("sg", [0, 1])
def test_a_word_that_was_kept_back_is_learned_later(articles, sg):
    later = [article for article in articles if "terrorism" in article]
    before = [article for article in articles if "terrorism" not in article]
    model = Word2Vec(
        sg=sg, alpha=0.05, window=5, min_count=5, epochs=10, negative=5, vector_size=50, sample=0
    )
    model.build_vocab(before)
    model.train(before, total_examples=model.corpus_count, epochs=model.epochs)
    assert "terrorism" not in model.wv
    model.build_vocab(later, update=True)
    assert "terrorism" in model.wv
    start = model.wv.vectors.copy()
    model.train(later, total_examples=model.corpus_count, epochs=model.epochs)
    assert not np.allclose(model.wv.vectors, start)
    assert model.wv.n_similarity(["war"], ["terrorism"]) > 0
