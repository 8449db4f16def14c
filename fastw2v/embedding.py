"""Embedding layers that learn by back-propagation, without a framework.

An embedding layer is no word2vec: it is a table, random at first, that the gradient of a task
moves. It may as well begin with vectors that word2vec has learnt.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastw2v._checks import check_flag
from fastw2v._embedding.bags import EmbeddingBag
from fastw2v._embedding.frameworks import Exchanged, settings_of_keras, to_keras
from fastw2v._embedding.gradient import Given, SparseGradient
from fastw2v._embedding.optimizer import Optimizer, State
from fastw2v._embedding.optimizers import SGD, Adagrad, Adam, RMSprop
from fastw2v._embedding.rows import look_up
from fastw2v._typing import Array

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "Embedding",
    "EmbeddingBag",
    "Optimizer",
    "RMSprop",
    "SparseGradient",
    "State",
]


class Embedding(Exchanged):
    """A table with a row for each id: looking up is its forward pass, and rows learn.

    It equals a dense layer without bias whose input is one-hot, in its output and its gradient, but
    neither the zeros of the input nor those of the gradient are ever there.

    Parameters
    ----------
    input_dim : int
        How many ids there are: 0 to input_dim - 1.
    output_dim : int
        How many numbers a row has.
    embeddings_initializer : {"uniform", "normal", "zeros"} or callable, default "uniform"
        "uniform": from -0.05 to 0.05; "normal": with the standard deviation 0.05, both as in Keras.
        A callable is given the shape, and returns the table.
    mask_zero : bool, default False
        Whether id 0 is padding: `compute_mask` tells where it is. As in Keras, row 0 is a row like
        the others, and learns; ``padding_idx=0`` keeps it as it is.
    weights : array of shape (input_dim, output_dim), optional
        What the table begins with; it is copied. Also in a list, as Keras has it.
    trainable : bool or array of bool of shape (input_dim,), default True
        Whether the rows learn; an array says it of each row.
    padding_idx : int, optional
        A row that begins as zeros, but for `weights`, and never learns.
    max_norm : float, optional
        A row that is looked up and longer than this is scaled down to it, in the table, even one
        that does not learn; as in PyTorch.
    scale_grad_by_freq : bool, default False
        Whether the gradient of a row is divided by how often it is among the ids.
    seed : int, default 1
        Of the random numbers.
    vocabulary : iterable of str, or of int, optional
        The words of the rows, behind the row of padding, if there is a mask, and that of unknown
        words, if there is one. `from_vocabulary` works `input_dim` out of it.
    unknown : {"error", "row", "zeros"}, default "error"
        What words are that the vocabulary does not have; see `from_vocabulary`.
    workers : int, optional
        How many threads may work; default all cores. Small work takes fewer. The results are the
        same for any number, bit for bit.

    Raises
    ------
    TypeError, ValueError
        An argument is out of its range, or does not fit the others.

    See Also
    --------
    EmbeddingBag : Sums, means or maxima of rows, without a copy of each.

    Examples
    --------
    >>> layer = Embedding(4, 2, weights=np.arange(8).reshape(4, 2))
    >>> layer([[3, 0]])
    array([[[6., 7.],
            [0., 1.]]], dtype=float32)
    >>> layer.step([3, 3], np.ones((2, 2)), SGD(learning_rate=0.5))
    >>> layer([3])
    array([[5., 6.]], dtype=float32)
    """

    def __call__(self, ids: Any, out: Array | None = None) -> NDArray[np.float32]:
        """Look rows up.

        Parameters
        ----------
        ids : array of int of any shape, or list of words or of lists of words
            Any integer dtype. Lists of words are filled up to the longest with ``mask_zero``.
        out : ndarray of float32, optional
            Where to write; contiguous, of the shape of what is returned.

        Returns
        -------
        ndarray of float32 of shape ids.shape + (output_dim,)

        Raises
        ------
        IndexError
            An id is negative or no row; the first one is named, and nothing is written.
        KeyError
            A word is unknown and there is no rule for such words.
        TypeError, ValueError
            The ids are no integers, or `out` cannot hold the result, or is a part of the table.
        """
        rows, shape = self._rows(ids)
        found = self._output(out, shape)
        self._shorten(rows)
        look_up(self._table, rows, found.reshape(-1, self.output_dim), self.workers)
        self._last = rows, shape
        return found

    def backward(
        self, grad: ArrayLike, ids: Any = None, check_finite: bool = False
    ) -> SparseGradient:
        """Return the gradient of the table, by the gradient of what was looked up.

        Gradients of an id that occurs several times are summed in float64, in their order.

        Parameters
        ----------
        grad : array of numbers of shape ids.shape + (output_dim,)
        ids : array of int, or tokens, optional
            Default those that were looked up last.
        check_finite : bool, default False
            Whether to refuse NaN and infinity.

        Returns
        -------
        SparseGradient
            Without rows that do not learn.

        Raises
        ------
        IndexError, KeyError, TypeError, ValueError
            `ids` or `grad` are not what they should be.

        Examples
        --------
        >>> layer = Embedding(9, 2)
        >>> _ = layer([7, 3, 7])
        >>> layer.backward([[1.0, 2.0], [0.0, 1.0], [1.0, 1.0]]).rows
        array([3, 7], dtype=int32)
        >>> layer.backward([[1.0, 2.0], [0.0, 1.0], [1.0, 1.0]]).values
        array([[0., 1.],
               [2., 3.]], dtype=float32)
        """
        return self._sum(self._given(ids, grad, check_finite))

    def step(
        self,
        ids: Any,
        grad: ArrayLike,
        optimizer: Optimizer,
        hogwild: bool = False,
        check_finite: bool = False,
    ) -> None:
        """Move the rows by the gradient of what was looked up: `backward` and `apply` in one pass.

        The result is the same for any number of threads, bit for bit.

        Parameters
        ----------
        ids : array of int, or tokens
        grad : array of numbers of shape ids.shape + (output_dim,)
        optimizer : SGD, Adagrad, RMSprop or Adam
        hogwild : bool, default False
            Whether each thread shall sum and move by its own share of the ids, whatever the others
            do. A row in several shares is moved by each, and one of two moves at once may be lost:
            the result depends on threads and chance. It needs a lazy optimizer.
        check_finite : bool, default False
            Whether to refuse NaN and infinity.

        Raises
        ------
        IndexError, KeyError, TypeError, ValueError
            An argument is not what it should be; nothing is changed.

        Examples
        --------
        >>> layer = Embedding(4, 2, weights=np.zeros((4, 2)))
        >>> layer.step([1, 1], [[1.0, 2.0], [3.0, 4.0]], SGD(1.0))
        >>> layer.embeddings[1]
        array([-4., -6.], dtype=float32)
        """
        given = self._given(ids, grad, check_finite)
        if check_flag("hogwild", hogwild):
            self._move_freely(given, optimizer)
        else:
            self._move(given, optimizer, self.scale_grad_by_freq)

    def to_keras(self) -> Any:
        """Return a Keras layer with a copy of the table. It knows ids, and no words.

        Returns
        -------
        keras.layers.Embedding
            Built.

        Raises
        ------
        ImportError
            Keras is not installed: ``pip install 'fastw2v[keras]'``.
        ValueError
            The layer has what Keras has not: `max_norm`, `scale_grad_by_freq`, a `padding_idx` that
            no mask covers, or rows of which some learn and some do not.

        Examples
        --------
        >>> Embedding(9, 2).to_keras().output_dim  # doctest: +SKIP
        2
        """
        return to_keras(self)

    @classmethod
    def from_keras(cls, layer: Any, **settings: Any) -> Embedding:
        """Make a layer of a keras.layers.Embedding, whose table is copied.

        Parameters
        ----------
        layer : keras.layers.Embedding
        **settings
            As of the constructor, above all a `vocabulary`.

        Returns
        -------
        Embedding

        Examples
        --------
        >>> Embedding.from_keras(model.layers[0], vocabulary=words)  # doctest: +SKIP
        """
        return cls(**(settings_of_keras(layer) | settings))

    def _given(self, ids: Any, grad: ArrayLike, check_finite: bool) -> Given:
        if ids is None and self._last is None:
            raise ValueError("nothing has been looked up yet: give ids")
        rows, shape = self._last if ids is None else self._rows(ids)
        return Given(rows, self._gradients(grad, shape, check_finite))
