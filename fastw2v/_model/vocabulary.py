"""The part of `Word2Vec` that chooses its words, from a corpus or from counts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import numpy as np

from fastw2v._checks import check_int
from fastw2v._model.wordmodel import WordModel
from fastw2v._native.train import matrix
from fastw2v._typing import StrPath
from fastw2v.corpus import Corpus
from fastw2v.errors import NoWordsError
from fastw2v.trimming import Counted, TrimRule, WordCounts, check_rule, choose_words
from fastw2v.vocabulary import Vocabulary

# Of a word in the lists and dictionaries of the vocabulary and of two KeyedVectors; measured.
_WORD_BYTES = 300


class ModelVocabulary(WordModel):
    """A model whose words are chosen; `fastw2v.word2vec.Word2Vec` trains it."""

    def build_vocab(
        self,
        corpus_iterable: object = None,
        corpus_file: StrPath | None = None,
        update: bool = False,
        progress_per: int = 10_000,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        *,
        sentences: object = None,
        min_count: int | None = None,
        sample: float | None = None,
    ) -> None:
        """Read a corpus, choose the words, and start their vectors anew.

        Parameters
        ----------
        corpus_iterable : Corpus, or any source of one
            What to read; see `Corpus`. `sentences` is another name for it.
        corpus_file : str or Path, optional
            The same for a path; give one of the two.
        update : bool, default False
            Keep the vocabulary and all vectors, and add to them: counts add up, and words that are
            new and frequent enough, or that `trim_rule` wants, get rows that start as usual. Rows
            stand in the order of the counts again, so that most of them move; sampling and noise
            follow the new counts.
        progress_per : int
            No effect; gensim's.
        keep_raw_vocab : bool, default False
            Keep the counts of all words, also of those left out, in `raw_vocab`; there, a later
            update finds what rare words had before.
        trim_rule : callable, optional
            For this call in place of the model's; see `Word2Vec`. In an update it is asked about
            new words only.
        min_count, sample : optional
            New values for the model's.

        Raises
        ------
        TypeError
            There is no source, or more than one is given; or an update mixes words and ids.
        ValueError
            No word is left after `min_count` and `trim_rule`.
        RuntimeError
            There is nothing to update.
        FileNotFoundError, CorpusError
            As from `Corpus`.

        Examples
        --------
        >>> from fastw2v.word2vec import Word2Vec
        >>> model = Word2Vec(min_count=2)
        >>> model.build_vocab([["나는", "사과를", "먹었다"], ["나는", "달린다"]])
        >>> model.corpus_total_words, model.wv.index_to_key
        (5, ['나는'])
        >>> model.build_vocab([["너는", "나는", "너는"], ["너는"]], update=True)
        >>> model.wv.index_to_key, model.vocabulary.counts.tolist()
        (['나는', '너는'], [3, 3])
        """
        source = one_source(corpus_iterable, corpus_file, sentences)
        if source is None:
            raise TypeError("build_vocab needs a source: a path, sentences, or a Corpus")
        self._check_choice(update, trim_rule)
        if min_count is not None:
            self.min_count = check_int("min_count", min_count, 0)
        if sample is not None:
            self.sample = self._parameters(sample=sample).sample
        corpus = self._read(source)
        self._choose(corpus, update, keep_raw_vocab, trim_rule)
        self._corpus = corpus
        self.corpus_count, self.corpus_total_words = len(corpus), corpus.total_words

    def build_vocab_from_freq(
        self,
        word_freq: Mapping[Any, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: TrimRule | None = None,
        update: bool = False,
    ) -> None:
        """Choose the words by counts that are known already.

        Parameters
        ----------
        word_freq : mapping of str (or int) to int
            How often each word occurs.
        keep_raw_vocab, trim_rule, update : optional
            As in `build_vocab`.
        corpus_count : int, optional
            Sentences of the corpus that the counts come from.

        Raises
        ------
        TypeError
            A word is neither str nor int, or not of the kind of the others; or a count is no
            integer.
        ValueError
            No word is left, or a count is below 0.
        RuntimeError
            There is nothing to update.

        Examples
        --------
        >>> from fastw2v.word2vec import Word2Vec
        >>> model = Word2Vec(min_count=2)
        >>> model.build_vocab_from_freq({"나는": 2, "달린다": 1})
        >>> model.build_vocab_from_freq({"나는": 1, "먹었다": 4}, update=True)
        >>> model.wv.index_to_key, model.wv.get_vecattr("나는", "count")
        (['먹었다', '나는'], 3)
        """
        self._check_choice(update, trim_rule)
        if corpus_count is not None:
            corpus_count = check_int("corpus_count", corpus_count, 0)
        counted = WordCounts.from_mapping(word_freq)
        self._choose(counted, update, keep_raw_vocab, trim_rule)
        self._corpus = None
        self.corpus_count = corpus_count or 0
        self.corpus_total_words = int(counted.counts.sum())

    def reset_from(self, other_model: ModelVocabulary) -> None:
        """Take over the vocabulary of another model, and start the vectors anew.

        Parameters
        ----------
        other_model : Word2Vec
            A model that has a vocabulary. What it has read can be trained on here, too.

        Raises
        ------
        TypeError, RuntimeError
            The other is no model, or has no vocabulary.

        Examples
        --------
        >>> from fastw2v.word2vec import Word2Vec
        >>> first, second = Word2Vec(min_count=1, sample=0), Word2Vec(vector_size=50, sample=0)
        >>> first.build_vocab([["나는", "사과를", "먹었다"]])
        >>> second.reset_from(first)
        >>> second.wv.index_to_key == first.wv.index_to_key, second.train(epochs=2)
        (True, (6, 6))
        """
        if not isinstance(other_model, ModelVocabulary):
            raise TypeError(f"other_model must be a Word2Vec, got {other_model!r}")
        self._start(other_model.vocabulary)
        self._forget_training()
        self._corpus = other_model._corpus
        self.raw_vocab = other_model.raw_vocab
        self.effective_min_count = other_model.effective_min_count
        self.corpus_count = other_model.corpus_count
        self.corpus_total_words = other_model.corpus_total_words

    def estimate_memory(
        self, vocab_size: int | None = None, report: dict[str, int] | None = None
    ) -> dict[str, int]:
        """Tell how much memory a model of these settings takes.

        Parameters
        ----------
        vocab_size : int, optional
            So many words. Default: those of the model.
        report : dict, optional
            More that is to be added up.

        Returns
        -------
        dict of str to int
            Bytes of the words (about), of W (``vectors``) and W' (``syn1neg``) with their padding,
            of the tree's inner nodes (``syn1``) with ``hs=1``, of ``biases`` with
            ``objective="softmax"``, and of the ``mean`` that `wv` shows if it is that; and the
            total. Training takes some megabytes a thread more.

        Examples
        --------
        >>> from fastw2v.word2vec import Word2Vec
        >>> Word2Vec(vector_size=300).estimate_memory(400_000)["vectors"]
        486400000
        """
        n_words = len(self.wv) if vocab_size is None else check_int("vocab_size", vocab_size, 0)
        row_bytes = matrix(1, self.vector_size).nbytes
        sizes = dict(report or {})
        sizes |= {"vocab": n_words * _WORD_BYTES}
        sizes |= {"vectors": n_words * row_bytes, "syn1neg": n_words * row_bytes}
        if self.hs:
            sizes["syn1"] = max(n_words - 1, 0) * row_bytes
        if self.objective == "softmax":
            sizes["biases"] = row_bytes + 4 * n_words
        if self.vectors == "mean":
            sizes["mean"] = 4 * n_words * self.vector_size
        return sizes | {"total": sum(sizes.values())}

    def _read(self, source: object) -> Corpus:
        if isinstance(source, Corpus):
            return source
        return Corpus(cast(Any, source), workers=self.workers, progress=self.progress)

    def _check_choice(self, update: bool, trim_rule: TrimRule | None) -> None:
        """Refuse before anything is read what could not be done with it."""
        check_rule(trim_rule)
        if update and self._vocabulary is None:
            raise RuntimeError(
                "there is no vocabulary to update: call build_vocab without update=True first"
            )

    def _choose(
        self, found: Counted, update: bool, keep_raw_vocab: bool, trim_rule: TrimRule | None
    ) -> None:
        """Choose words of those found, and give them rows."""
        raw = None
        if keep_raw_vocab or (update and self.raw_vocab):
            raw = Counter(dict(zip(*_all_of(found), strict=True)))
            if update:
                raw.update(self.raw_vocab or {})
        rule = trim_rule or self.trim_rule
        if update:
            self._extend(found, raw, rule)
        else:
            chosen = choose_words(
                found, max(self.min_count, 1), self.max_final_vocab, self.max_vocab_size, rule
            )
            self._start(Vocabulary(chosen.words, chosen.counts))
            self._forget_training()
            self.effective_min_count = chosen.min_count
        self.raw_vocab = dict(raw) if raw and keep_raw_vocab else {}

    def _extend(
        self, found: Counted, raw: Mapping[Any, int] | None, trim_rule: TrimRule | None
    ) -> None:
        """Add counts to those of known words, and the words that are new to the others."""
        old = self.vocabulary
        words, found_counts = _all_of(found)
        rows = np.array([old.key_to_index.get(word, -1) for word in words], dtype=np.int64)
        counts = old.counts.copy()
        counts[rows[rows >= 0]] += np.array(found_counts, dtype=np.int64)[rows >= 0]
        pairs = raw.items() if raw else zip(words, found_counts, strict=True)
        unknown = WordCounts.from_mapping({word: n for word, n in pairs if word not in old})
        final_room, scan_room = (
            None if limit is None else max(limit - len(old), 0)
            for limit in (self.max_final_vocab, self.max_vocab_size)
        )
        new_words: list[Any] = []
        new_counts, limit = np.empty(0, np.int64), self.effective_min_count
        if final_room != 0 and scan_room != 0:
            with suppress(NoWordsError):
                new_words, new_counts, limit = choose_words(
                    unknown, max(self.min_count, 1), final_room, scan_room, trim_rule
                )
        self._grow(Vocabulary(old.index_to_key + new_words, np.append(counts, new_counts)))
        self.effective_min_count = limit


def _all_of(found: Counted) -> tuple[list[Any], list[int]]:
    return found.top_words(len(found.counts)), found.counts.tolist()


def one_source(source: object, corpus_file: StrPath | None, sentences: object) -> object:
    """Return the one source that is given by one of three names, or None."""
    given = [value for value in (source, corpus_file, sentences) if value is not None]
    if len(given) > 1:
        raise TypeError(
            "give sentences (also called corpus_iterable) or corpus_file, not both of them"
        )
    if corpus_file is not None and not isinstance(corpus_file, (str, os.PathLike)):
        raise TypeError(
            f"corpus_file must be a path, got {type(corpus_file).__name__}; pass it as sentences"
        )
    return given[0] if given else None
