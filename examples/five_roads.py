"""Five roads from words to vectors, on one corpus: what each knows of 사과 and 딸기.

One-hot, random, TF-IDF, TF-IDF with truncated SVD, word2vec. docs/five-roads.md walks along them.
The corpus is made: 사과 and 딸기 are never in the same document, but are used alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from fastw2v import KeyedVectors, Word2Vec
from fastw2v.encoders import DocumentVectorizer, OneHotEncoder, RandomEncoder, TfidfVectorizer

DIMENSIONS = 32
WHO = "나는 동생은 친구는 어머니는 아버지는 우리는"
WHEN = "어제 오늘 아침에 저녁에 주말에 지난주에"
# Of each kind: the things, where they are met, how they are, and what is done with them.
KINDS = {
    "과일": (
        "사과 딸기 포도 참외 자두 복숭아",
        "과수원 시장 부엌 식탁 냉장고 텃밭",
        "달콤한 새콤한 잘익은 싱싱한 향긋한 시원한",
        "먹었다 씻었다 깎았다 따왔다 갈았다 맛보았다",
    ),
    "동물": (
        "토끼 여우 고양이 강아지 호랑이 코끼리",
        "숲 산 마당 들판 우리 동물원",
        "귀여운 졸린 배고픈 사나운 날쌘 얌전한",
        "길렀다 안았다 불렀다 돌보았다 쓰다듬었다 쫓아갔다",
    ),
    "탈것": (
        "버스 기차 택시 전차 자전거 오토바이",
        "역 도로 차고 다리 터널 정류장",
        "빠른 느린 낡은 붐비는 시끄러운 번쩍이는",
        "탔다 몰았다 놓쳤다 고쳤다 세웠다 기다렸다",
    ),
}

Text = list[str]


def make_text(dice: Random, kind: str, thing: str, n_sentences: int) -> Text:
    """Make the words of sentences about one thing; particles stand apart, as 사과 를."""

    def one_of(words: str) -> str:
        options = words.split()
        return options[int(len(options) * dice.random())]

    _, where, how, did = KINDS[kind]
    return [
        word
        for _ in range(n_sentences)
        for word in (
            *(one_of(WHO), one_of(WHEN), one_of(where), "에서"),
            *(one_of(how), thing, "를", one_of(did)),
        )
    ]


def make_documents(n_each: int = 20, seed: int = 1) -> list[Text]:
    """Make the corpus: documents of three sentences, `n_each` about each thing."""
    dice = Random(seed)
    return [
        make_text(dice, kind, thing, 3)
        for _ in range(n_each)
        for kind, (things, *_) in KINDS.items()
        for thing in things.split()
    ]


class Task(NamedTuple):
    """Texts of one sentence each, and the kind of thing that each is about."""

    texts: list[Text]
    kinds: list[str]


def make_tasks(n_each: int = 25, seed: int = 2) -> tuple[Task, Task]:
    """Make what to learn from: a text about each of two things a kind; and texts about others."""
    dice = Random(seed)
    tasks = Task([], []), Task([], [])
    for kind, (things, *_) in KINDS.items():
        for number, thing in enumerate(things.split()):
            task, n = (tasks[0], 1) if number < 2 else (tasks[1], n_each)
            for _ in range(n):
                task.texts.append(make_text(dice, kind, thing, 1))
                task.kinds.append(kind)
    return tasks


Encode = Callable[[Sequence[Text]], np.ndarray]


def accuracy(encode: Encode, labelled: Task, unseen: Task) -> float:
    """Return the share of unseen texts whose kind is that of the nearest mean of labelled texts."""
    names, kinds = np.array(list(KINDS)), np.array(labelled.kinds)
    vectors = encode(labelled.texts).astype(np.float64)
    means = np.array([vectors[kinds == name].mean(axis=0) for name in names])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    # Of means that are equally near the first is taken; rounded, they are so on every machine.
    answers = (encode(unseen.texts).astype(np.float64) @ means.T).round(9).argmax(axis=1)
    return float((names[answers] == unseen.kinds).mean())


class Road(NamedTuple):
    """Vectors of words, and how a text is encoded."""

    made_from: str
    words: KeyedVectors
    encode: Encode


def road_of(made_from: str, words: KeyedVectors) -> Road:
    """Return a road on which the vector of a text is the mean of those of its words."""
    return Road(made_from, words, DocumentVectorizer(words).transform)


def one_hot(documents: list[Text]) -> Road:
    """Give each word a column."""
    encoder = OneHotEncoder(sparse_output=False, dtype=np.float32).fit(documents)
    words = list(encoder.vocabulary_)
    vectors = KeyedVectors.from_arrays(words, encoder.transform(words))
    return road_of("its place in a list", vectors)


def random(documents: list[Text]) -> Road:
    """Draw numbers, by the letters of each word."""
    encoder = RandomEncoder(DIMENSIONS).fit(documents)
    return road_of("its letters", encoder.to_keyedvectors())


def tfidf(documents: list[Text]) -> Road:
    """Take the columns of the matrix of documents and words; a text is a row."""
    vectorizer = TfidfVectorizer(dtype=np.float32)
    matrix = vectorizer.fit_transform(documents)
    words = vectorizer.get_feature_names_out().tolist()
    vectors = KeyedVectors.from_arrays(words, matrix.T.toarray())
    return Road(
        "the documents it is in", vectors, lambda texts: vectorizer.transform(texts).toarray()
    )


def reduced(documents: list[Text]) -> Road:
    """Take the same, reduced to three numbers."""
    vectorizer = TfidfVectorizer(n_components=3).fit(documents)
    return Road("the same, by SVD", vectorizer.lsa_vectors(), vectorizer.transform)


def word2vec(documents: list[Text]) -> Road:
    """Learn vectors that foretell the words nearby."""
    model = Word2Vec(
        documents, vector_size=DIMENSIONS, sg=1, min_count=1, sample=0, epochs=20, workers=1, seed=9
    )
    return road_of("the words around it", model.wv)


ROADS = {
    "one-hot": one_hot,
    "random": random,
    "TF-IDF": tfidf,
    "TF-IDF with SVD": reduced,
    "word2vec": word2vec,
}


def nearest(vectors: KeyedVectors, word: str, n: int = 5) -> str:
    """Return the nearest words, in the order of the alphabet; or how many are equally near."""
    found = vectors.most_similar(word, topn=len(vectors) - 1)
    ties = [cosine for _, cosine in found if cosine > found[0][1] - 0.01]
    if len(ties) > n:
        return f"{len(ties)} words alike"
    return " ".join(sorted(other for other, _ in found[:n]))


def main(names: Sequence[str] = tuple(ROADS), seed: int = 1) -> dict[str, tuple[Road, float]]:
    """Print a table of the roads; return each road, and its accuracy."""
    documents, tasks = make_documents(seed=seed), make_tasks(seed=seed + 1)
    print("| road | a word's vector is made from | numbers | bytes | nearest to 사과 | accuracy |")
    print("| --- | --- | --- | --- | --- | --- |")
    found = {}
    for name in names:
        road = ROADS[name](documents)
        share = accuracy(road.encode, *tasks)
        numbers, size = road.words.vector_size, road.words.vectors.nbytes
        others = nearest(road.words, "사과")
        print(f"| {name} | {road.made_from} | {numbers} | {size:,} | {others} | {share:.2f} |")
        found[name] = road, share
    return found


if __name__ == "__main__":
    main()
