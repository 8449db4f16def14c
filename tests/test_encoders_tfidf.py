"""CountVectorizer and TfidfVectorizer: what they count, weigh, and give back."""

from __future__ import annotations

import logging
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from vectorizer_cases import TORTURE, made_documents, slow_counts, slow_tfidf

from fastw2v.corpus import Corpus
from fastw2v.encoders import CountVectorizer, TfidfVectorizer
from fastw2v.vocabulary import Vocabulary

pytest.importorskip("scipy")

FRUIT = ["빨간 사과 달콤한 사과", "빨간 딸기", "노란 배 노란 참외"]


@pytest.mark.parametrize("little", [0, 1 << 17])
@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 2), (2, 2), (2, 3)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_counts_are_those_of_the_slow_way(seed, ngram_range, little, monkeypatch):
    monkeypatch.setattr("fastw2v.encoders.counting._LITTLE", little)
    documents = TORTURE + made_documents(seed)
    vectorizer = CountVectorizer(ngram_range=ngram_range, workers=3)
    counts = vectorizer.fit_transform(documents)
    terms, expected = slow_counts(documents, *ngram_range)
    assert vectorizer.get_feature_names_out().tolist() == terms
    np.testing.assert_array_equal(counts.toarray(), expected)


@pytest.mark.parametrize("high", [10**9, 2**40])
def test_all_n_grams_that_there_are(high):
    documents = made_documents(9, n=20)
    expected = CountVectorizer(ngram_range=(2, 40)).fit_transform(documents)
    for setting in ({}, {"token_pattern": r"\b\w{2,99}\b"}):
        vectorizer = CountVectorizer(ngram_range=(2, high), **setting)
        assert (vectorizer.fit_transform(documents) != expected).nnz == 0
        assert (vectorizer.transform(documents) != expected).nnz == 0
    lists = [["사과", "배"], ["배"]]
    assert CountVectorizer(ngram_range=(2, high)).fit(lists).vocabulary_ == {"사과 배": 0}


def test_weights_are_those_of_the_slow_way():
    documents = TORTURE + made_documents(3)
    weights = TfidfVectorizer().fit_transform(documents)
    np.testing.assert_allclose(weights.toarray(), slow_tfidf(slow_counts(documents)[1]), atol=1e-12)


def test_the_article_s_example():
    words = ["나는", "정말", "맛있는", "사과를", "딸기를", "먹었다"]
    vectorizer = CountVectorizer(vocabulary=words)
    counts = vectorizer.transform(["나는 정말 정말 맛있는 사과를 먹었다"])
    assert counts.toarray().tolist() == [[1, 2, 1, 1, 0, 1]]
    assert vectorizer.vocabulary_ == {word: column for column, word in enumerate(words)}


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 3)])
def test_any_number_of_threads_gives_the_same(workers, ngram_range):
    documents = made_documents(4, n=3000)
    alone = TfidfVectorizer(ngram_range=ngram_range, workers=1, min_df=2)
    shared = TfidfVectorizer(ngram_range=ngram_range, workers=workers, min_df=2)
    expected, found = alone.fit_transform(documents), shared.fit_transform(documents)
    assert shared.vocabulary_ == alone.vocabulary_
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_a_little_work_starts_no_thread(monkeypatch):
    def refuse(thread):
        raise AssertionError(f"{thread} was started")

    documents = made_documents(4, n=500)
    vectorizer = TfidfVectorizer(workers=4)
    expected = vectorizer.fit_transform(documents)
    monkeypatch.setattr("threading.Thread.start", refuse)
    assert (vectorizer.fit_transform(documents) != expected).nnz == 0
    assert (vectorizer.transform(documents) != expected).nnz == 0
    with pytest.raises(AssertionError, match="was started"):
        vectorizer.transform(documents * 20)


def test_one_vectorizer_serves_many_threads():
    documents = made_documents(4, n=200)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), stop_words=["나는"]).fit(documents)
    expected = [vectorizer.transform([document]) for document in documents]
    again = pickle.loads(pickle.dumps(vectorizer))  # which has to make its table of terms first
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(again.transform, [[document] for document in documents]))
    assert all((a != b).nnz == 0 for a, b in zip(found, expected, strict=True))


def test_n_grams_of_other_lengths_are_found_at_once():
    vectorizer = CountVectorizer(ngram_range=(1, 2)).fit(FRUIT)
    expected = vectorizer.transform(FRUIT)
    words = vectorizer.set_params(ngram_range=(1, 1)).transform(FRUIT)
    assert 0 < words.nnz < expected.nnz
    assert (vectorizer.set_params(ngram_range=(1, 2)).transform(FRUIT) != expected).nnz == 0


def test_rows_are_sorted_and_transform_repeats_fit_transform():
    documents = made_documents(5)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2))
    first = vectorizer.fit_transform(documents)
    assert first.has_sorted_indices and first.has_canonical_format
    columns = first.indices.copy()
    first.has_sorted_indices = False
    first.sort_indices()
    np.testing.assert_array_equal(first.indices, columns)
    again = vectorizer.transform(documents)
    np.testing.assert_array_equal(again.indices, first.indices)
    np.testing.assert_array_equal(again.data, first.data)


def test_a_long_document_is_sorted_too():
    words = [f"w{k * 7919 % 70_001}" for k in range(70_001)]
    counts = CountVectorizer().fit_transform([" ".join(words), "w5 w5 w6"])
    np.testing.assert_array_equal(counts[0].indices, np.arange(70_001))
    assert counts[0].data.max() == 1 and sorted(counts[1].data) == [1, 2]


def test_a_generator_is_read_once():
    documents = made_documents(6, n=1000)
    vectorizer = CountVectorizer()
    counts = vectorizer.fit_transform(document for document in documents)
    assert (counts != CountVectorizer().fit_transform(documents)).nnz == 0
    assert (vectorizer.transform(iter(documents)) != counts).nnz == 0


@pytest.mark.parametrize("setting", [{}, {"analyzer": "char"}])
def test_a_source_that_goes_on_where_it_was_left_loses_no_document(setting):
    class Lines:
        """Iterable again and again, and each time from where it is: as temporary files are."""

        def __init__(self, documents):
            self.source = iter(documents)

        def __iter__(self):
            return (document for document in self.source)

    documents = made_documents(6, n=300)
    expected = CountVectorizer(**setting).fit_transform(documents)
    assert (CountVectorizer(**setting).fit_transform(Lines(documents)) != expected).nnz == 0
    lists = [document.split() for document in documents]
    assert CountVectorizer().fit_transform(Lines(lists)).shape[0] == 300


def test_generators_are_not_read_far_ahead():
    alive = 0

    class Text(str):
        def __init__(self, *_):
            nonlocal alive
            alive += 1
            seen.append(alive)

        def __del__(self):
            nonlocal alive
            alive -= 1

    seen = []
    CountVectorizer(workers=2).fit_transform(Text("낱말 " * 40_000) for _ in range(400))
    assert max(seen) < 200


def test_fit_alone_learns_the_same():
    documents = made_documents(7)
    for parameters in ({}, {"min_df": 3}, {"max_features": 9}, {"ngram_range": (1, 2)}):
        fitted = TfidfVectorizer(**parameters).fit(documents)
        other = TfidfVectorizer(**parameters)
        other.fit_transform(documents)
        assert fitted.vocabulary_ == other.vocabulary_
        np.testing.assert_array_equal(fitted.idf_, other.idf_)


# ------------------------------------------------------------------- lists of tokens, and a Corpus


@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 2)])
def test_token_lists_and_a_corpus_are_counted_as_they_are(ngram_range):
    lists = [document.split() for document in made_documents(8)] + [[]]
    texts = [" ".join(tokens) for tokens in lists]
    expected = CountVectorizer(tokenizer=str.split, lowercase=False, token_pattern=None)
    expected.set_params(ngram_range=ngram_range)
    counts = expected.fit_transform(texts)
    for source in (lists, iter(lists), list(map(tuple, lists)), Corpus(lists)):
        vectorizer = CountVectorizer(ngram_range=ngram_range)
        assert (vectorizer.fit_transform(source) != counts).nnz == 0
        assert vectorizer.vocabulary_ == expected.vocabulary_
        assert (vectorizer.transform(lists) != counts).nnz == 0


@pytest.mark.parametrize("ngram_range", [(1, 1), (2, 3)])
def test_threads_share_the_words_of_a_corpus(ngram_range, monkeypatch):
    lists = [document.split() for document in made_documents(8, n=1000)]
    expected = CountVectorizer(ngram_range=ngram_range, workers=1)
    counts = expected.fit_transform(Corpus(lists))
    monkeypatch.setattr("fastw2v.encoders.counting._TOKENS", 100)
    monkeypatch.setattr("fastw2v.encoders.counting._LITTLE", 0)
    vectorizer = CountVectorizer(ngram_range=ngram_range, workers=4)
    for _ in range(3):
        assert (vectorizer.fit_transform(Corpus(lists)) != counts).nnz == 0
        assert vectorizer.vocabulary_ == expected.vocabulary_
    assert (vectorizer.transform(Corpus(lists)) != counts).nnz == 0


def test_tokens_with_spaces_are_words_of_their_own():
    documents = [["New York", "big"], ["New", "York"]]
    vectorizer = CountVectorizer().fit(documents)
    assert vectorizer.get_feature_names_out().tolist() == ["New", "New York", "York", "big"]
    assert vectorizer.transform(Corpus(documents)).toarray().tolist() == [
        [0, 1, 0, 1],
        [1, 0, 1, 0],
    ]
    # Joined to n-grams, both are the same string, and one term.
    for source in (documents, Corpus(documents)):
        pairs = CountVectorizer(ngram_range=(1, 2)).fit(source)
        assert pairs.transform(source).toarray()[:, pairs.vocabulary_["New York"]].tolist() == [
            1,
            1,
        ]


def test_stop_words_leave_lists_and_corpora_too():
    lists = [["나는", "사과를", "먹었다"], ["나는", "달린다"]]
    for source in (lists, Corpus(lists), [" ".join(tokens) for tokens in lists]):
        vectorizer = CountVectorizer(stop_words=["나는", "없는말"], ngram_range=(1, 2)).fit(source)
        names = vectorizer.get_feature_names_out().tolist()
        assert names == ["달린다", "먹었다", "사과를", "사과를 먹었다"]


def test_stop_words_that_are_never_found_are_told_of_once():
    vectorizer = CountVectorizer(stop_words=["빨간 사과"])
    with pytest.warns(UserWarning, match="Your stop_words may be inconsistent") as told:
        vectorizer.fit(FRUIT)
    assert len(told) == 1 and told[0].filename == __file__
    # To be found among tokens, which are taken as they are, it need not be a word.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vectorizer.transform(FRUIT)
        lists = [["빨간 사과", "배"]]
        assert CountVectorizer(stop_words=["빨간 사과"]).fit(lists).vocabulary_ == {"배": 0}


def test_a_corpus_of_ids_has_numbers_for_terms():
    corpus = Corpus(np.array([7, 9, 7, 3]), offsets=[0, 2, 4])
    vectorizer = CountVectorizer()
    assert vectorizer.fit_transform(corpus).toarray().tolist() == [[0, 1, 1], [1, 1, 0]]
    assert vectorizer.vocabulary_ == {3: 0, 7: 1, 9: 2}
    with pytest.raises(TypeError, match="ngram_range"):
        CountVectorizer(ngram_range=(1, 2)).fit(corpus)


def test_a_vocabulary_of_the_house_gives_the_columns():
    vocabulary = Vocabulary(["사과", "딸기", "포도"], [5, 9, 2])
    vectorizer = CountVectorizer(vocabulary=vocabulary)
    assert vectorizer.fit_transform(["사과 딸기", "포도"]).toarray().tolist() == [
        [1, 1, 0],
        [0, 0, 1],
    ]
    assert vectorizer.get_feature_names_out().tolist() == ["딸기", "사과", "포도"]


# --------------------------------------------------------------------------------- other behaviour


def test_columns_of_given_vocabularies():
    for vocabulary in (
        ["사과", "딸기"],
        {"사과": 0, "딸기": 1},
        ("사과", "딸기"),
        {"딸기": 1, "사과": 0},
    ):
        counts = CountVectorizer(vocabulary=vocabulary).fit_transform(FRUIT)
        assert counts.toarray().tolist() == [[2, 0], [0, 1], [0, 0]]
    assert CountVectorizer(vocabulary={"사과", "딸기"}).get_feature_names_out().tolist() == [
        "딸기",
        "사과",
    ]


def test_terms_that_are_no_strings_are_never_found_in_texts():
    vectorizer = CountVectorizer(vocabulary=[7, "사과", "7", ("a", "b")], token_pattern=r"\w+")
    assert vectorizer.fit_transform(["7 사과 7"]).toarray().tolist() == [[0, 1, 2, 0]]


def test_unreachable_terms_of_a_vocabulary_are_never_found():
    vocabulary = ["빨간 사과", "빨간", "사과 ", " ", "", "빨간  사과", "빨간 사과 달콤한 사과"]
    for ngram_range in ((1, 1), (1, 2), (2, 2)):
        vectorizer = CountVectorizer(vocabulary=vocabulary, ngram_range=ngram_range)
        low, high = ngram_range
        row = vectorizer.transform(FRUIT[:1]).toarray()[0].tolist()
        assert row == [int(high > 1), int(low == 1), 0, 0, 0, 0, 0]


def test_inverse_transform_gives_the_terms_back():
    vectorizer = CountVectorizer()
    counts = vectorizer.fit_transform([*FRUIT, ""])
    expected = [["달콤한", "빨간", "사과"], ["딸기", "빨간"], ["노란", "참외"], []]
    for matrix in (counts, counts.toarray(), counts.tocsc()):
        assert [terms.tolist() for terms in vectorizer.inverse_transform(matrix)] == expected
    counts.data[0] = 0
    assert vectorizer.inverse_transform(counts)[0].tolist() == ["빨간", "사과"]
    assert vectorizer.inverse_transform(counts[:0]) == []
    with pytest.raises(ValueError, match="column"):
        vectorizer.inverse_transform(counts[:, :2])


def test_a_pickle_counts_as_before():
    documents = made_documents(9)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2))
    weights = vectorizer.fit_transform(documents)
    again = pickle.loads(pickle.dumps(vectorizer))
    assert (again.transform(documents) != weights).nnz == 0
    assert again.vocabulary_ == vectorizer.vocabulary_


def test_parameters_can_be_read_set_and_shown():
    vectorizer = TfidfVectorizer(min_df=2, norm=None)
    assert vectorizer.get_params()["min_df"] == 2
    vectorizer.set_params(min_df=1, norm="l1")
    assert repr(vectorizer) == "TfidfVectorizer(norm='l1')"
    assert vectorizer.fit_transform(FRUIT).sum() == pytest.approx(3)


def test_what_runs_in_python_says_so_once(caplog):
    with caplog.at_level(logging.DEBUG, "fastw2v"):
        CountVectorizer().fit(FRUIT)
        CountVectorizer(tokenizer=str.split, token_pattern=None).fit(FRUIT)
        assert not caplog.records
        vectorizer = CountVectorizer(token_pattern=r"[가-힣]+").fit(FRUIT)
        assert len(caplog.records) == 1 and "Python" in caplog.text
        vectorizer.transform(FRUIT)
        vectorizer.fit_transform(FRUIT)
        assert len(caplog.records) == 1
        CountVectorizer(token_pattern=r"[가-힣]+").fit(FRUIT)
    assert len(caplog.records) == 2


def test_set_idf_weighs_without_fit():
    fitted = TfidfVectorizer()
    weights = fitted.fit_transform(FRUIT)
    other = TfidfVectorizer(vocabulary=fitted.vocabulary_)
    other.idf_ = fitted.idf_
    assert (other.transform(FRUIT) != weights).nnz == 0
    other.vocabulary_ = ["사과"]
    with pytest.raises(ValueError, match="weights for 1 terms"):
        other.transform(FRUIT)


def test_input_of_files_and_bytes(tmp_path):
    paths = []
    for number, document in enumerate(FRUIT):
        paths.append(tmp_path / f"{number}.txt")
        paths[-1].write_text(document, encoding="euc-kr")
    expected = CountVectorizer().fit_transform(FRUIT)
    of_files = CountVectorizer(input="filename", encoding="euc-kr")
    assert (of_files.fit_transform(paths) != expected).nnz == 0
    of_bytes = CountVectorizer(encoding="euc-kr")
    mixed = [paths[0].read_bytes(), FRUIT[1], paths[2].read_bytes()]
    assert (of_bytes.fit_transform(mixed) != expected).nnz == 0
    files = [path.open("rb") for path in paths]
    assert (
        CountVectorizer(input="file", encoding="euc-kr").fit_transform(files) != expected
    ).nnz == 0
    for file in files:
        file.close()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("setting", [{}, {"analyzer": "char"}])
def test_progress_is_shown_when_asked_for(setting, workers, monkeypatch, capsys):
    monkeypatch.setattr("fastw2v.encoders.counting._LITTLE", 0)
    monkeypatch.setattr("fastw2v.progress._PLAIN_INTERVAL", 0.0)
    documents = made_documents(1, n=2000)
    CountVectorizer(progress=True, workers=workers, **setting).fit_transform(documents)
    shown = capsys.readouterr().err
    assert "counting  100.0 %" in shown and "writing rows  100.0 %" in shown
    assert workers > 1 or shown.count("writing rows") > 2  # now and then
    CountVectorizer(progress=False).fit(FRUIT)
    assert not capsys.readouterr().err
