"""Vectors of sentences and documents: means of the vectors of their words."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from fastw2v import cpu
from fastw2v._checks import check_flag, check_float, check_int
from fastw2v._typing import Array
from fastw2v.encoders._base import Encoder
from fastw2v.encoders.means import (
    common_components,
    document_frequencies,
    in_groups,
    row_counts,
    take_out,
    weighted_means,
)
from fastw2v.encoders.rows import Block, RowReader
from fastw2v.encoding import Tokenizer
from fastw2v.keyedvectors import KeyedVectors

__all__ = ["DocumentVectorizer"]

_METHODS = ("mean", "tfidf", "sif")
_SOURCES = ("auto", "vectors", "documents")


class _Learned(NamedTuple):
    """What `fit` has learned: in one piece, for another thread may fit while documents are read."""

    method: str
    keys: list[Any]  # of the vectors that it was learned with
    weights: Array  # of each row; none where all are 1
    components: Array


_NOTHING = _Learned("mean", [], np.empty(0, np.float32), np.empty((0, 0), np.float32))


class DocumentVectorizer(Encoder):
    """Documents to the weighted means of the vectors of their words.

    Parameters
    ----------
    keyed_vectors : KeyedVectors
        The vectors of the words, such as ``model.wv``. Words that are not in it are left out.
    method : {"mean", "tfidf", "sif"}, default "mean"
        "mean" weights all tokens alike, and needs no ``fit``. "tfidf" weights each token by the idf
        of its word, ``log((1 + n) / (1 + df)) + 1`` for a word that stands in df of the n documents
        of ``fit`` (scikit-learn's smooth idf), so that a word weighs tf * idf; the sum is divided
        by that of the weights. "sif" weights by ``a / (a + p)``, p the probability of the word,
        divides by the number of tokens, and takes out what is common to the documents of ``fit``
        (Arora, Liang and Ma, 2017, algorithm 1).
    a : float, default 0.001
        The parameter of "sif", above 0; lower weights frequent words less.
    n_components : int, default 1
        How many directions "sif" takes out, at most: the first left singular vectors of the matrix
        of document vectors, which is not centred. 0 to leave them in. Of as few documents as that,
        nothing is left. Directions in which the documents of ``fit`` do not lie, those of singular
        values below a millionth of the largest, are not taken out.
    word_counts : {"auto", "vectors", "documents"}, default "auto"
        Where "sif" has its probabilities from: the counts of `keyed_vectors`, the documents of
        ``fit``, or the latter where the vectors have no counts.
    lowercase : bool, default False
        Make tokens lower case, as ``str.lower()`` does, before they are looked up.
    tokenizer : callable, optional
        Makes a list of tokens of a string, in Python. Default: ``str.split``, which runs natively.
    workers : int, optional
        Threads. Default: the cores this process may use. The result does not depend on it.
    progress : bool, optional
        Show progress on stderr: always (True), never (False), or on a terminal or in a notebook if
        it takes over two seconds (None, the default).

    Attributes
    ----------
    idf_ : ndarray of float64, shape (V,)
        Of "tfidf": the idf of each row of `keyed_vectors`.
    weights_ : ndarray of float32, shape (V,)
        Of "tfidf" and "sif": the weight of each row.
    components_ : ndarray of float32, shape (k, d)
        Of "sif": the directions that are taken out, k at most `n_components`; none where no
        document of ``fit`` has a word with a vector.
    n_documents_ : int
        Of "tfidf" and "sif": how many documents ``fit`` has read.
    n_empty_ : int
        How many of the documents last transformed have no word with a vector. Their vectors are
        zeros (before "sif" takes anything out, and after).

    Examples
    --------
    >>> rows = np.array([[4.0, 0], [0, 4], [2, 2]])
    >>> wv = KeyedVectors.from_arrays(["사과", "배", "먹었다"], rows)
    >>> DocumentVectorizer(wv).transform([["사과", "먹었다"], ["사과", "배", "감"]])
    array([[3., 1.],
           [2., 2.]], dtype=float32)
    >>> documents = ["사과 먹었다", "배 먹었다", "먹었다"]
    >>> DocumentVectorizer(wv, "tfidf").fit_transform(documents).round(2)
    array([[3.26, 0.74],
           [0.74, 3.26],
           [2.  , 2.  ]], dtype=float32)

    The documents nearest to the first one; numbers are their keys:

    >>> vectors = DocumentVectorizer(wv, "tfidf").fit_transform(documents)
    >>> [n for n, _ in KeyedVectors.from_arrays(range(3), vectors).most_similar(0)]
    [2, 1]
    """

    idf_: Array
    weights_: Array
    components_: Array
    n_documents_: int

    def __init__(
        self,
        keyed_vectors: KeyedVectors,
        method: str = "mean",
        *,
        a: float = 1e-3,
        n_components: int = 1,
        word_counts: str = "auto",
        lowercase: bool = False,
        tokenizer: Tokenizer | None = None,
        workers: int | None = None,
        progress: bool | None = None,
    ) -> None:
        self.keyed_vectors = keyed_vectors
        self.method = method
        self.a = a
        self.n_components = n_components
        self.word_counts = word_counts
        self.lowercase = lowercase
        self.tokenizer = tokenizer
        self.workers = workers
        self.progress = progress

    def fit(self, documents: object, y: object = None) -> DocumentVectorizer:
        """Learn the weights of words and, for "sif", what is common to the documents.

        Parameters
        ----------
        documents : list of str, list of lists of tokens, or Corpus
            As for `transform`. "mean" has nothing to learn, and does not look at them.
        y : object
            Not looked at.

        Returns
        -------
        DocumentVectorizer
            This one.

        Raises
        ------
        TypeError, ValueError
            A parameter is out of range, `keyed_vectors` is none or empty, there are no documents,
            or as of `transform`.

        Examples
        --------
        >>> wv = KeyedVectors.from_arrays(["사과", "배"], np.eye(2))
        >>> DocumentVectorizer(wv, "tfidf").fit(["사과 배", "사과"]).idf_.round(3)
        array([1.   , 1.405])
        """
        self._check_parameters()
        wv, method = self.keyed_vectors, self.method
        if method != "mean":
            blocks = self._read(wv, documents)
            learned, found = self._weights_of(wv, method, blocks)
            groups = (self._means(wv, learned, group) for group in in_groups(blocks))
            self._keep(wv, learned, found, groups)
        return self

    def fit_transform(self, documents: object, y: object = None) -> Array:
        """Learn from documents, and return their vectors; they are read once.

        Parameters
        ----------
        documents : list of str, list of lists of tokens, or Corpus
            As for `transform`.
        y : object
            Not looked at.

        Returns
        -------
        ndarray of float32, shape (n, d)
            As of ``fit(documents).transform(documents)``.

        Raises
        ------
        TypeError, ValueError
            As of `fit`.

        Examples
        --------
        >>> wv = KeyedVectors.from_arrays(["사과", "배"], np.eye(2))
        >>> DocumentVectorizer(wv, "sif").fit_transform(["사과 배", "사과", "배 배 사과"]).shape
        (3, 2)
        """
        self._check_parameters()
        wv, method = self.keyed_vectors, self.method
        blocks = self._read(wv, documents)
        if method == "mean":
            return self._finished(_NOTHING, blocks, self._means(wv, _NOTHING, blocks))
        learned, found = self._weights_of(wv, method, blocks)
        vectors = self._means(wv, learned, blocks)
        learned = self._keep(wv, learned, found, [vectors])
        return self._finished(learned, blocks, vectors)

    def transform(self, documents: object) -> Array:
        """Return the vectors of documents, in their order.

        Parameters
        ----------
        documents : list of str, list of lists of tokens, or Corpus
            Or any other iterable of strings, or of tokens, which is read once. A string is split as
            ``str.split()`` does it, unless there is a `tokenizer`. A sentence of a Corpus is a
            document: ``Corpus(path)`` has one for each line of a file. No string may hold a lone
            surrogate, but a token may, as a key may; unknown, it is left out as any other.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Zeros for a document without a word that has a vector; `n_empty_` tells how many, and
            the first time there are any, a warning does.

        Raises
        ------
        NotFittedError
            There has been no ``fit``, and `method` is not "mean".
        TypeError, AttributeError
            A document is no string and no list of tokens, or not of the kind of those before (an
            error of both types, as the vectorizers of counts raise).
        ValueError
            This is a single string; a document is NaN, or a string with a lone surrogate
            (UnicodeEncodeError); a vector is not finite; or the keys of `keyed_vectors` have
            changed since ``fit``, or while documents were read.

        Examples
        --------
        >>> wv = KeyedVectors.from_arrays(["Seoul", "서울"], np.array([[1.0, 0], [0, 1]]))
        >>> DocumentVectorizer(wv).transform(["서울 서울 Seoul Seoul", "서울"])
        array([[0.5, 0.5],
               [0. , 1. ]], dtype=float32)
        """
        wv, learned = self.keyed_vectors, self._current()
        self._check_parameters()
        keys = wv.index_to_key
        is_of_these = keys is learned.keys or keys == learned.keys
        if learned.method != "mean" and not (is_of_these and len(keys) == len(learned.weights)):
            raise ValueError("the keys of keyed_vectors have changed since fit: fit again")
        if len(learned.components) and learned.components.shape[1] != wv.vector_size:
            raise ValueError(
                f"keyed_vectors has {wv.vector_size} dimensions, and had "
                f"{learned.components.shape[1]} at fit: fit again"
            )
        blocks = self._read(wv, documents)
        return self._finished(learned, blocks, self._means(wv, learned, blocks))

    def get_feature_names_out(self, input_features: object = None) -> Array:
        """Return names of the columns, which have no meaning: documentvectorizer0 and so on.

        Parameters
        ----------
        input_features : object
            Not looked at.

        Returns
        -------
        ndarray of str objects, shape (d,)

        Examples
        --------
        >>> wv = KeyedVectors.from_arrays(["사과"], np.array([[1.0, 2]]))
        >>> DocumentVectorizer(wv).get_feature_names_out().tolist()
        ['documentvectorizer0', 'documentvectorizer1']
        """
        return self._numbered_names(self.keyed_vectors.vector_size)

    def _needs_fit(self) -> bool:
        return self.method != "mean"

    def __sklearn_is_fitted__(self) -> bool:
        return not self._needs_fit() or getattr(self, "_learned", _NOTHING).method == self.method

    def __getstate__(self) -> dict[str, Any]:
        """Give what a copy or a pickle holds: the table of words is made anew."""
        return {name: value for name, value in vars(self).items() if name != "_reader"}

    def _current(self) -> _Learned:
        """Return what has been learned for this method, or raise NotFittedError."""
        method = self.method
        learned = _NOTHING if method == "mean" else getattr(self, "_learned", _NOTHING)
        if learned.method != method:
            raise self._not_fitted()
        return learned

    def _check_parameters(self) -> None:
        wv = self.keyed_vectors
        if not isinstance(wv, KeyedVectors):
            hint = "; pass model.wv" if hasattr(wv, "wv") else ""
            raise TypeError(f"keyed_vectors must be KeyedVectors, got {type(wv).__name__}{hint}")
        if not len(wv):
            raise ValueError("keyed_vectors must hold at least one vector, got none")
        if self.method not in _METHODS:
            raise ValueError(f"method must be one of {_METHODS}, got {self.method!r}")
        if self.word_counts not in _SOURCES:
            raise ValueError(f"word_counts must be one of {_SOURCES}, got {self.word_counts!r}")
        if self.method == "sif" and self.word_counts == "vectors" and wv.counts is None:
            raise ValueError(
                "word_counts='vectors', but these vectors have no counts: give from_arrays "
                "counts=, or take word_counts='documents'"
            )
        check_float("a", self.a, 0, exclusive=True)
        check_int("n_components", self.n_components, 0, wv.vector_size)
        check_flag("lowercase", self.lowercase)
        if self.tokenizer is not None and not callable(self.tokenizer):
            raise TypeError(f"tokenizer must be callable, got {self.tokenizer!r}")
        if self.workers is not None:
            check_int("workers", self.workers, 1)

    @property
    def _n_threads(self) -> int:
        return self.workers or cpu.usable_cores()

    def _read(self, wv: KeyedVectors, documents: object) -> list[Block]:
        reader: RowReader | None = getattr(self, "_reader", None)
        if reader is None or not reader.is_of(wv.index_to_key):
            reader = self._reader = RowReader(wv.index_to_key, wv.key_to_index)
        return reader.read(
            documents,
            lowercase=self.lowercase,
            tokenizer=self.tokenizer,
            workers=self._n_threads,
            progress=self.progress,
        )

    def _weights_of(
        self, wv: KeyedVectors, method: str, blocks: list[Block]
    ) -> tuple[_Learned, dict[str, Any]]:
        """Return what `fit` learns of words, and its attributes by name."""
        n_documents = sum(len(block.ends) for block in blocks)
        if not n_documents:
            raise ValueError("there are no documents to fit on, got an empty iterable")
        found: dict[str, Any] = {"n_documents_": n_documents}
        if method == "tfidf":
            frequencies = document_frequencies(blocks, len(wv), self._n_threads)
            weights = found["idf_"] = np.log((1 + n_documents) / (1 + frequencies)) + 1
        else:
            counts = wv.counts
            if counts is None or self.word_counts == "documents":
                counts = row_counts(blocks, len(wv))
            weights = self.a / (self.a + counts / max(int(counts.sum()), 1))
        weights = found["weights_"] = weights.astype(np.float32)
        return _Learned(method, wv.index_to_key, weights, _NOTHING.components), found

    def _keep(
        self,
        wv: KeyedVectors,
        learned: _Learned,
        found: dict[str, Any],
        groups: Iterable[Array],
    ) -> _Learned:
        """Keep what `fit` has learned, once it has all: until then, what was learned before stays.

        Groups are of the vectors of documents, for "sif" to find what is common to them.
        """
        if learned.method == "sif":
            found["components_"] = common_components(groups, wv.vector_size, self.n_components)
            learned = learned._replace(components=found["components_"])
        for name in ("idf_", "components_"):  # of another method
            vars(self).pop(name, None)
        vars(self).update(found, _learned=learned)
        return learned

    def _means(self, wv: KeyedVectors, learned: _Learned, blocks: list[Block]) -> Array:
        by_weight = learned.method == "tfidf"
        return weighted_means(
            wv, blocks, learned.weights, by_weight, self._n_threads, self.progress
        )

    def _finished(self, learned: _Learned, blocks: list[Block], vectors: Array) -> Array:
        """Take the components out of new vectors, in place, and tell of empty documents."""
        take_out(learned.components, vectors)
        n_empty = sum(int((np.diff(block.ends, prepend=0) == 0).sum()) for block in blocks)
        self.n_empty_ = n_empty
        if n_empty and not getattr(self, "_has_warned", False):
            self._has_warned = True
            warnings.warn(
                f"{n_empty:,} of {len(vectors):,} documents have no word with a vector: "
                "their vectors are zeros, and n_empty_ counts them",
                UserWarning,
                stacklevel=3,
            )
        return vectors
