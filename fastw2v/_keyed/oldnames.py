"""Names that `KeyedVectors` had in gensim 3: each tells by a DeprecationWarning the new one."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastw2v._keyed.edits import KeyedEdits
from fastw2v._keyed.pairs import KeyedPairs
from fastw2v._typing import Array, Key


def _renamed(old: str, new: str) -> None:
    warnings.warn(f"{old} is called {new} now", DeprecationWarning, stacklevel=3)


@dataclass(frozen=True)
class Word:
    """What ``wv.vocab[key]`` tells: the row of a key, and its count or None."""

    index: int
    count: int | None


class Vocab(Mapping[Any, Word]):
    """The keys, as ``wv.vocab`` gave them."""

    def __init__(self, wv: KeyedEdits) -> None:
        self._wv = wv

    def __getitem__(self, key: Any) -> Word:
        row = self._wv.get_index(key)
        return Word(row, None if self._wv.counts is None else int(self._wv.counts[row]))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._wv)

    def __len__(self) -> int:
        return len(self._wv)


class OldNames(KeyedPairs, KeyedEdits):
    """Keyed vectors that answer to the names of gensim 3 as well."""

    @property
    def vocab(self) -> Mapping[Any, Word]:
        """Keys with their rows and counts; now `key_to_index` and `get_vecattr`."""
        _renamed("wv.vocab", "wv.key_to_index, and a count wv.get_vecattr(key, 'count')")
        return Vocab(self)

    @property
    def index2word(self) -> list[Any]:
        """Now `index_to_key`."""
        _renamed("wv.index2word", "wv.index_to_key")
        return self.index_to_key

    @property
    def index2entity(self) -> list[Any]:
        """Now `index_to_key`."""
        _renamed("wv.index2entity", "wv.index_to_key")
        return self.index_to_key

    @property
    def syn0(self) -> Array:
        """Now `vectors`."""
        _renamed("wv.syn0", "wv.vectors")
        return self.vectors

    @property
    def vectors_norm(self) -> Array:
        """Now `get_normed_vectors`."""
        _renamed("wv.vectors_norm", "wv.get_normed_vectors()")
        return self.get_normed_vectors()

    @property
    def syn0norm(self) -> Array:
        """Now `get_normed_vectors`."""
        _renamed("wv.syn0norm", "wv.get_normed_vectors()")
        return self.get_normed_vectors()

    def word_vec(self, word: Key, use_norm: bool = False) -> Array:
        """Return `get_vector`.

        Parameters
        ----------
        word : str or int
        use_norm : bool, default False
            ``norm`` of `get_vector`.

        Returns
        -------
        ndarray of shape (d,)

        Examples
        --------
        >>> import warnings
        >>> wv = OldNames.from_arrays(["왕"], np.array([[3.0, 4.0]]))
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     wv.word_vec("왕", use_norm=True)
        array([0.6, 0.8])
        """
        _renamed("word_vec", "get_vector")
        return self.get_vector(word, norm=use_norm)

    def words_closer_than(self, w1: Key, w2: Key) -> list[Any]:
        """Return `closer_than`.

        Parameters
        ----------
        w1, w2 : str or int

        Returns
        -------
        list of str or int

        Examples
        --------
        >>> import warnings
        >>> wv = OldNames.from_arrays(["개", "cat", "차"], np.array([[1.0, 0], [2, 1], [0, 1]]))
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     wv.words_closer_than("개", "차")
        ['cat']
        """
        _renamed("words_closer_than", "closer_than")
        return self.closer_than(w1, w2)

    def init_sims(self, replace: bool = False) -> None:
        """Do `unit_normalize_all` if asked to replace vectors, otherwise nothing.

        Parameters
        ----------
        replace : bool, default False

        Examples
        --------
        >>> import warnings
        >>> wv = OldNames.from_arrays(["왕"], np.array([[3.0, 4.0]]))
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     wv.init_sims(replace=True)
        >>> wv["왕"]
        array([0.6, 0.8])
        """
        _renamed("init_sims", "unit_normalize_all, and without replace=True it is needless")
        if replace:
            self.unit_normalize_all()
