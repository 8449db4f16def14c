"""The part of `Word2Vec` that gensim's users know by name, beyond building, training and files."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v._checks import shorten
from fastw2v._keyed.queries import check_topn
from fastw2v._keyed.similarity import largest
from fastw2v._keys import as_list, is_key
from fastw2v._model.wordmodel import WordModel
from fastw2v._typing import Array, Key


def renamed(old: str, value: Any, new: str, given: Any, default: Any) -> Any:
    """Return the value of a parameter that gensim 3 gave another name, with a warning."""
    if value is None:
        return given
    if given != default:
        raise TypeError(f"give {new}, not {old} as well: it is the older name of the same")
    warnings.warn(
        f"{old} is what gensim 3 called {new}; write {new}={value!r}",
        DeprecationWarning,
        stacklevel=3,
    )
    return value


def tell_of_no_effect(hashfxn: object, null_word: object, sorted_vocab: object) -> None:
    """Warn of arguments of gensim's that ask for what there is not here."""
    told = {
        "hashfxn": (hashfxn, "vectors start from seed alone, as they do in gensim since 4.0"),
        "null_word": (null_word, "there is no word for padding"),
        "sorted_vocab": (not sorted_vocab, "words always stand by count descending"),
    }
    for name, (asked, what) in told.items():
        if asked:
            warnings.warn(f"{name} has no effect: {what}", UserWarning, stacklevel=3)


def _moved(name: str, written: str | None = None) -> Callable[..., Any]:
    """Make a method that gensim 3 had in the model and that belongs to `wv`."""
    written = written or f"model.wv.{name}(...)"

    def method(self: WordModel, *args: Any, **kwargs: Any) -> Any:
        warnings.warn(
            f"write {written}: the model itself has it for the sake of gensim 3 only",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(self.wv, name)(*args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"Return ``{written}``, which gensim 3 had in the model itself."
    return method


class GensimNames(WordModel):
    """Predictions, and attributes and methods by names of gensim 3 and 4."""

    negative: int
    ns_exponent: float
    cbow_mean: int

    def predict_output_word(
        self, context_words_list: Iterable[Key], topn: int | None = 10
    ) -> list[tuple[Any, float]] | None:
        """Return the words that most probably stand amid the given ones.

        Parameters
        ----------
        context_words_list : iterable of str or int
            Words, or, where words are strings, also rows of `wv`. Unknown ones are left out.
        topn : int or None, default 10
            How many words; None returns all.

        Returns
        -------
        list of (word, float), or None
            Words and their probabilities, the largest first; None if all given words are unknown.

        Raises
        ------
        RuntimeError
            There is no vocabulary, or the model has no output vectors to predict with, for it is
            trained without negative sampling.
        TypeError
            The words are one string instead of a list.

        Notes
        -----
        The probabilities are softmax(W' h), with h the mean of the words' rows of W, or their sum
        where ``cbow_mean=0``, in skip-gram models too. Negative sampling trains W' to tell words
        from noise and not to these probabilities, so only their order says something. With
        ``objective="softmax"`` they are softmax(W'(h + b) + b'), and in CBOW what it is trained to.

        Examples
        --------
        >>> from fastw2v.word2vec import Word2Vec
        >>> text = [["나는", "사과를", "먹었다"], ["너는", "물을", "마셨다"]] * 50
        >>> model = Word2Vec(text, vector_size=16, min_count=1, sample=0, epochs=50)
        >>> model.predict_output_word(["나는", "먹었다"], topn=1)[0][0]
        '사과를'
        >>> model.predict_output_word(["없는말"]) is None
        True
        """
        if not self.negative and self.objective is None:
            raise RuntimeError("predict_output_word needs a model trained with negative > 0")
        count = len(self.vocabulary) if topn is None else max(check_topn(topn), 0)
        given = as_list("context_words_list", context_words_list)
        for word in given:
            if not is_key(word):
                raise TypeError(f"a context word must be a str or an int, got {shorten(word)}")
        rows = [self._row_of(word) for word in given]
        known = [row for row in rows if row is not None]
        if not known:
            return None
        self._check_rows()
        hidden = self._used(self._inputs)[known].sum(axis=0, dtype=np.float64)
        if self.cbow_mean:
            hidden /= len(known)
        if self.hidden_bias is not None:
            hidden += self.hidden_bias
        scores = self._used(self._outputs) @ hidden.astype(np.float32)
        if self.output_bias is not None:
            scores += self.output_bias
        # Relative to the largest, so that none overflows.
        shares = np.exp(scores - scores.max(), dtype=np.float64)
        shares /= shares.sum()
        words = self.vocabulary.index_to_key
        return [(words[row], float(shares[row])) for row in largest(scores, count, set()).tolist()]

    def _row_of(self, word: Any) -> int | None:
        index = self.vocabulary.key_to_index
        if word in index or not isinstance(word, int | np.integer):
            return index.get(word)
        has_names = isinstance(self.vocabulary.index_to_key[0], str)
        return int(word) if has_names and 0 <= word < len(index) else None

    @property
    def syn1neg(self) -> Array:
        """W', the vectors of `context_vectors`, of shape (len(wv), vector_size)."""
        return self.context_vectors.vectors

    @property
    def syn1(self) -> Array:
        """The output matrix of hierarchical softmax: a row for each inner node of the tree.

        Row 0 is the root; see `fastw2v.huffman.HuffmanTree` for the others.

        Raises
        ------
        AttributeError
            Nothing has been trained with ``hs=1``.
        """
        if self._nodes is None:
            raise AttributeError("there is no syn1 yet: it is what training with hs=1 learns")
        return self._used(self._nodes)

    @property
    def layer1_size(self) -> int:
        """The same as `vector_size`."""
        return self.vector_size

    @property
    def cum_table(self) -> NDArray[np.uint32]:
        """The noise distribution, added up from row to row and scaled to 2**31 - 1."""
        sums = np.cumsum(self.vocabulary.noise_distribution(self.ns_exponent))
        table: NDArray[np.float64] = np.round(sums / sums[-1] * (2**31 - 1))
        return table.astype(np.uint32)

    @cached_property
    def random(self) -> np.random.RandomState:
        """A source of random numbers that starts from `seed`; training has its own."""
        return np.random.RandomState(self.seed % 2**32)

    def init_sims(self, replace: bool = False) -> None:
        """Do nothing, or scale the vectors to length 1, which ends their use in training.

        Parameters
        ----------
        replace : bool, default False
            Whether to scale them.

        Warns
        -----
        DeprecationWarning
            Always: nothing needs to be prepared before queries.

        Examples
        --------
        >>> import warnings
        >>> from fastw2v.word2vec import Word2Vec
        >>> model = Word2Vec([["나는", "달린다"]] * 9, sample=0)
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     model.init_sims(replace=True)
        >>> float(np.linalg.norm(model.wv["나는"]).round(3))
        1.0
        """
        warnings.warn(
            "init_sims is not needed: leave it out, or use wv.get_normed_vectors()",
            DeprecationWarning,
            stacklevel=2,
        )
        if replace:
            self.wv.unit_normalize_all()

    __getitem__ = _moved("__getitem__", "model.wv[key]")
    __contains__ = _moved("__contains__", "key in model.wv")
    most_similar = _moved("most_similar")
    most_similar_cosmul = _moved("most_similar_cosmul")
    similar_by_word = _moved("similar_by_word")
    similar_by_vector = _moved("similar_by_vector")
    similarity = _moved("similarity")
    n_similarity = _moved("n_similarity")
    doesnt_match = _moved("doesnt_match")
    wmdistance = _moved("wmdistance")
