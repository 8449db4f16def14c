"""The made corpus: what it promises, and that its relations can be learnt from it."""

from __future__ import annotations

import hashlib
import tracemalloc
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from fastw2v._analogy_words import RELATIONS
from fastw2v.datasets import analogy_questions, make_analogy_corpus

QUESTIONS = analogy_questions()
HEADLINES = {"en": ("man", "king", "woman", "queen"), "ko": ("서울", "한국", "도쿄", "일본")}
PLANTED = {word for asked in QUESTIONS.values() for question in asked for word in question}


def count_words(sentences: Iterable[list[str]]) -> Counter[str]:
    return Counter(word for sentence in sentences for word in sentence)


def accuracy(
    key_to_index: Mapping[str, int],
    vectors: NDArray[np.float32],
    questions: list[tuple[str, str, str, str]],
) -> float:
    """Share of the questions whose d is nearest to b - a + c, among all words but a, b and c."""
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    asked = np.array([[key_to_index[word] for word in question] for question in questions])
    a, b, c, d = asked.T
    cosines = (units[b] - units[a] + units[c]) @ units.T
    np.put_along_axis(cosines, asked[:, :3], -np.inf, axis=1)
    return float(np.mean(cosines.argmax(axis=1) == d))


def test_same_seed_makes_the_same_sentences_everywhere() -> None:
    text = "\n".join(" ".join(sentence) for sentence in make_analogy_corpus(30_000, seed=1))
    assert (
        hashlib.sha256(text.encode()).hexdigest()
        == "2e4ce1a463209e74cd819db9c01717e4eda1d840b3476645835216ad48924929"
    )


def test_other_seeds_make_other_sentences() -> None:
    corpora = [list(make_analogy_corpus(1_000, seed=seed)) for seed in (0, 1, 2, 2**70)]
    assert all(corpora[i] != corpora[j] for i in range(4) for j in range(i))


def test_corpus_can_be_iterated_again_and_in_parallel() -> None:
    corpus = make_analogy_corpus(5_000)
    sentences = list(corpus)
    assert len(corpus) == len(sentences)
    assert all(one == two for one, two in zip(corpus, corpus, strict=True))
    assert list(corpus) == sentences


@pytest.mark.parametrize("n_words", [1, 5, 6, 1_000, 51_200, 123_457])
def test_size_is_as_asked_up_to_the_end_of_the_last_sentence(n_words: int) -> None:
    lengths = [len(sentence) for sentence in make_analogy_corpus(n_words)]
    assert set(lengths) <= set(range(5, 21))
    assert sum(lengths[:-1]) < n_words <= sum(lengths)


def test_words_are_lower_case_and_composed() -> None:
    for word in count_words(make_analogy_corpus(100_000)):
        assert word == unicodedata.normalize("NFC", word).lower()
        assert word.isalpha()


@pytest.mark.parametrize(("language", "script"), [("en", "LATIN"), ("ko", "HANGUL")])
def test_language_alone(language: str, script: str) -> None:
    words = count_words(make_analogy_corpus(20_000, [language]))
    assert all(unicodedata.name(letter).startswith(script) for word in words for letter in word)


def test_both_languages_have_equal_parts_and_never_share_a_sentence() -> None:
    korean = [
        {"가" <= word[0] <= "힣" for word in sentence} for sentence in make_analogy_corpus(100_000)
    ]
    assert all(len(kinds) == 1 for kinds in korean)
    assert 0.45 < sum(kinds == {True} for kinds in korean) / len(korean) < 0.55


def test_every_sentence_holds_one_planted_word_with_cues_of_its_topic_or_role() -> None:
    cues = {}
    for relations in RELATIONS.values():
        for relation in relations:
            for pair, topic in relation.topics.items():
                for word, role in zip(pair.split(), (relation.first, relation.second), strict=True):
                    cues[word] = {*topic.split(), *role.split()}
    for sentence in make_analogy_corpus(20_000):
        (subject,) = PLANTED.intersection(sentence)
        assert all(
            (word in cues[subject]) == (place % 2 == 1)
            for place, word in enumerate(sentence)
            if word != subject
        ), sentence


@pytest.mark.parametrize("language", RELATIONS)
def test_no_word_plays_two_parts(language: str) -> None:
    parts = Counter(
        word
        for relation in RELATIONS[language]
        for text in (relation.first, relation.second, *relation.topics, *relation.topics.values())
        for word in text.split()
    )
    assert not [word for word, count in parts.items() if count > 1]


def test_frequencies_look_like_those_of_text() -> None:
    counts = count_words(make_analogy_corpus(200_000))
    assert {word for word, _ in counts.most_common(2)} == {"the", "이"}
    assert counts["the"] > 2 * counts["to"]
    assert 3_000 < len(counts) < 6_000
    assert sum(count < 5 for count in counts.values()) > 500
    assert all(counts[word] >= 50 for word in PLANTED)


def test_iterating_takes_little_memory() -> None:
    tracemalloc.start()
    try:
        for _ in make_analogy_corpus(200_000):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


def test_repr_makes_it_again() -> None:
    corpus = make_analogy_corpus(1_000, ["ko"], seed=3)
    assert repr(corpus) == "make_analogy_corpus(1000, ('ko',), seed=3)"


@pytest.mark.parametrize("n_words", [0, -1])
def test_too_few_words_are_refused(n_words: int) -> None:
    with pytest.raises(
        ValueError, match=f"n_words must be an integer of at least 1, got {n_words}"
    ):
        make_analogy_corpus(n_words)


def test_wrong_types_are_refused() -> None:
    with pytest.raises(TypeError, match="n_words"):
        make_analogy_corpus(1e6)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seed must be an integer of at least 0, got -1"):
        make_analogy_corpus(1_000, seed=-1)


@pytest.mark.parametrize("languages", [(), ("fr",), ("en", "en"), ("en", None), ([],)])
def test_unknown_languages_are_refused(languages: tuple[str, ...]) -> None:
    for function in (analogy_questions, lambda given: make_analogy_corpus(1_000, given)):
        with pytest.raises(ValueError, match=r"languages must be .* \('en', 'ko'\).*, got \("):
            function(languages)


@pytest.mark.parametrize("languages", ["en", "ko", None, 1])
def test_languages_that_are_no_sequence_of_names_are_refused(languages: str) -> None:
    with pytest.raises(TypeError, match=r'languages must be .* such as \("en",\), got'):
        analogy_questions(languages)


def test_questions_ask_for_every_ordered_pair_of_pairs() -> None:
    for section, questions in QUESTIONS.items():
        pairs = {(a, b) for a, b, _, _ in questions}
        assert len(questions) == len(set(questions)) == len(pairs) * (len(pairs) - 1), section
        assert {(c, d) for _, _, c, d in questions} == pairs
        assert all(len({*question}) == 4 for question in questions)
    assert all(len(QUESTIONS[f"{language}-capitals"]) >= 16 * 15 for language in ("en", "ko"))
    assert ("서울", "한국", "도쿄", "일본") in QUESTIONS["ko-capitals"]
    assert ("man", "woman", "king", "queen") in QUESTIONS["en-family"]
    assert [*analogy_questions(["ko"])] == ["ko-capitals", "ko-family", "ko-past-tense"]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(("sg", "alpha"), [(1, 0.025), (0, 0.05)])
def test_vectors_of_the_corpus_solve_its_analogies(
    sg: int, alpha: float, language: str, seed: int
) -> None:
    from fastw2v import Word2Vec

    model = Word2Vec(
        make_analogy_corpus(100_000, [language], seed=seed),
        sg=sg,
        alpha=alpha,
        vector_size=64,
        epochs=10,
        seed=seed,
        progress=False,
    )
    keys, vectors = model.wv.key_to_index, model.wv.vectors
    sections = analogy_questions([language])
    found = {section: accuracy(keys, vectors, asked) for section, asked in sections.items()}
    assert min(found.values()) >= 0.95, (seed, found)
    assert accuracy(keys, vectors, [HEADLINES[language]]) == 1, seed


def test_another_trainer_solves_them_too() -> None:
    gensim = pytest.importorskip("gensim.models")
    model = gensim.Word2Vec(
        make_analogy_corpus(100_000, ["ko"]), vector_size=64, alpha=0.05, epochs=10, workers=1
    )
    questions = [question for asked in analogy_questions(["ko"]).values() for question in asked]
    assert accuracy(model.wv.key_to_index, model.wv.vectors, questions) >= 0.95
