"""Helpers of the tests about the words of a model: small texts, and what a model makes of them."""

from __future__ import annotations

from collections import Counter

from fastw2v import Word2Vec

COUNTS = {"나라": 3, "마음": 1, "system": 4, "trees": 3, "time": 2, "eps": 2, "computer": 2}
TEXT = [["나는", "사과를", "먹었다"], ["나는", "배를", "먹었다"], ["너는", "사과를", "먹었다"]]
NEW_TEXT = [["그는", "사과를", "팔았다"], ["그는", "나는", "팔았다"]] * 3


def empty(**options):
    defaults = {"vector_size": 12, "min_count": 1, "workers": 1, "sample": 0, "progress": False}
    return Word2Vec(**(defaults | options))


def built(text=TEXT, **options):
    model = empty(**options)
    model.build_vocab(text)
    return model


def counts_of(model):
    vocabulary = model.vocabulary
    assert model.wv.index_to_key == vocabulary.index_to_key
    assert model.context_vectors.index_to_key == vocabulary.index_to_key
    assert model.wv.vectors.shape == (len(vocabulary), model.vector_size)
    return {word: model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key}


def words(text):
    return dict(Counter(word for sentence in text for word in sentence))
