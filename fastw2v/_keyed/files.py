"""Keyed vectors in files of other programs: word2vec's formats, TensorBoard's projector."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import DTypeLike

from fastw2v import projector
from fastw2v._checks import check_float
from fastw2v._formats.countfiles import counts_of, write_counts
from fastw2v._keyed.matrix import Matrix
from fastw2v._keyed.nativefiles import NativeFiles
from fastw2v._keyed.similarity import falling
from fastw2v._training.shards import FACTOR_MAX
from fastw2v._typing import Array, StrPath
from fastw2v.errors import FormatError
from fastw2v.formats import iterate_word2vec, read_word2vec, write_word2vec


class KeyedFiles(NativeFiles):
    """A keyed matrix that is read from files and written to them."""

    def save_word2vec_format(
        self,
        fname: StrPath,
        fvocab: StrPath | None = None,
        binary: bool = False,
        total_vec: int | None = None,
        write_header: bool = True,
        prefix: str = "",
        append: bool = False,
        sort_attr: str | None = "count",
        *,
        progress: bool | None = None,
    ) -> None:
        r"""Write a text or binary word2vec file; `fastw2v.formats.write_word2vec` says more.

        Parameters
        ----------
        fname : str or os.PathLike
            The file, compressed if its name ends in ``.gz``, ``.bz2``, ``.xz`` or ``.zst``.
        fvocab : str or os.PathLike, optional
            Also write the counts, to this file: on each line a word, a space and its count.
        binary : bool, default False
            Whether to write the binary format.
        total_vec : int, optional
            The number of rows that the header promises, if more are to be appended.
        write_header : bool, default True
            Whether to begin with the numbers of rows and dimensions; GloVe's text files do not.
        prefix : str, default ""
            What to put in front of every key.
        append : bool, default False
            Whether to add rows to those that the file has. Its header is corrected, unless
            `write_header` is False. A crash leaves the old file.
        sort_attr : str or None, default "count"
            The attribute by which rows are sorted, the largest first, ties in row order; without
            counts, and for None, rows are written in their order.
        progress : bool, optional
            Whether to show how far the writing is; by default on a terminal, after two seconds.

        Raises
        ------
        KeyError, TypeError
            There is no such attribute, or it holds no numbers.
        ValueError
            The format cannot hold a key, such as one with a space; a vector is not finite; or there
            are no counts for `fvocab`, or no integers.
        OSError
            A file cannot be written.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp(), "words.vec")
        >>> wv = KeyedFiles.from_arrays(["king", "왕"], np.eye(2), counts=[3, 12])
        >>> wv.save_word2vec_format(path)
        >>> path.read_text(encoding="utf-8")
        '2 2\n왕 0 1\nking 1 0\n'
        """
        keys = [f"{prefix}{key}" for key in self._index_to_key] if prefix else self._index_to_key
        if fvocab is not None:
            if self.counts is None:
                raise ValueError("there are no counts for fvocab: set wv.expandos['count'] first")
            if self.counts.dtype.kind not in "iu":
                raise ValueError(f"counts for fvocab must be integers, got {self.counts.dtype}")
        order = self._order(sort_attr)
        write_word2vec(
            fname,
            keys,
            self._vectors,
            binary=binary,
            write_header=write_header,
            order=order,
            total_vec=total_vec,
            append=append,
            progress=progress,
        )
        if fvocab is not None and self.counts is not None:
            rows = np.arange(len(keys)) if order is None else order
            write_counts(fvocab, [keys[row] for row in rows.tolist()], self.counts[rows])

    def _order(self, attribute: str | None) -> Array | None:
        """Return the rows by an attribute, falling, or None if that is their order."""
        if attribute is None or (attribute == "count" and attribute not in self._expandos):
            return None
        if attribute not in self._expandos:
            known = ", ".join(map(repr, self._expandos)) or "no attribute"
            raise KeyError(f"sort_attr={attribute!r} is unknown; there is {known}")
        values = self._expandos[attribute]
        if values.dtype == object:
            raise TypeError(f"sort_attr={attribute!r} must hold numbers, got objects")
        order = falling(values)
        return None if (np.diff(order) == 1).all() else order

    @classmethod
    def load_word2vec_format(
        cls: type[Matrix],
        fname: StrPath,
        fvocab: StrPath | None = None,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        limit: int | None = None,
        datatype: DTypeLike = np.float32,
        no_header: bool = False,
        *,
        progress: bool | None = None,
    ) -> Matrix:
        """Read a text or binary word2vec file; `fastw2v.formats.read_word2vec` says more.

        Parameters
        ----------
        fname : str or os.PathLike
            The file; one whose name ends in ``.gz``, ``.bz2``, ``.xz`` or ``.zst`` is decompressed.
        fvocab : str or os.PathLike, optional
            A file of counts, on each line a word, a space and its count: it has all words that are
            read. Without it, there are no counts.
        binary : bool, default False
            Whether it is in the binary format.
        encoding, unicode_errors : str, default "utf8" and "strict"
            How to decode words, as in `bytes.decode`.
        limit : int, optional
            Read only so many rows.
        datatype : float16, float32 or float64, default float32
        no_header : bool, default False
            Whether a text file begins with its first row, as GloVe's do.
        progress : bool, optional
            Whether to show how far the reading is; by default on a terminal, after two seconds.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        FormatError
            A file is damaged or incomplete, or not in the format that the arguments say.
        TypeError, ValueError
            An argument is not what it should be; raised before a file is opened.
        OSError
            A file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/words.vec"
        >>> KeyedFiles.from_arrays(["왕", "king"], np.eye(2)).save_word2vec_format(path)
        >>> KeyedFiles.load_word2vec_format(path, limit=1)["왕"]
        array([1., 0.], dtype=float32)
        """
        keys, vectors = read_word2vec(
            fname,
            binary=binary,
            limit=limit,
            no_header=no_header,
            encoding=encoding,
            unicode_errors=unicode_errors,
            datatype=datatype,
            progress=progress,
        )
        counts = None if fvocab is None else counts_of(fvocab, keys, encoding, unicode_errors)
        return cls.from_arrays(keys, vectors, counts)

    def intersect_word2vec_format(
        self,
        fname: StrPath,
        lockf: float = 0.0,
        binary: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
    ) -> None:
        """Give the keys that a word2vec file has as well the vectors of the file.

        Nothing is changed unless the whole file can be read. Of a repeated word its first row
        counts. The file's other words take no memory.

        Parameters
        ----------
        fname : str or os.PathLike
            The file, with a header.
        lockf : float, default 0.0
            What `vectors_lockf` becomes for these keys: with 0, training leaves them as they are.
        binary : bool, default False
            Whether it is in the binary format.
        encoding, unicode_errors : str, default "utf8" and "strict"
            How to decode words, as in `bytes.decode`.

        Raises
        ------
        TypeError, ValueError
            `lockf` is no number from 0 to a million, or the file's vectors have another number of
            dimensions.
        FormatError
            The file is damaged or incomplete, or not in the format that the arguments say.
        OSError
            The file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/words.vec"
        >>> KeyedFiles.from_arrays(["왕", "king"], np.eye(2)).save_word2vec_format(path)
        >>> wv = KeyedFiles.from_arrays(["개", "왕"], np.full((2, 2), 0.5))
        >>> wv.intersect_word2vec_format(path)
        >>> wv.vectors, wv.vectors_lockf
        (array([[0.5, 0.5],
               [1. , 0. ]]), array([1., 0.], dtype=float32))
        """
        factor = check_float("lockf", lockf, 0.0, FACTOR_MAX)
        found: dict[int, Array] = {}
        blocks = iterate_word2vec(
            fname,
            binary=binary,
            encoding=encoding,
            unicode_errors=unicode_errors,
            datatype=self._vectors.dtype,
        )
        for words, vectors in blocks:
            if vectors.shape[1] != self.vector_size:
                raise ValueError(
                    f"{os.fspath(fname)} has vectors of {vectors.shape[1]} dimensions, these have "
                    f"{self.vector_size}; give a file of as many"
                )
            for word, vector in zip(words, vectors, strict=True):
                row = self._key_to_index.get(word)
                if row is not None and row not in found:
                    found[row] = vector.copy()
        self._make_writable()
        if len(self.vectors_lockf) != len(self):
            self.vectors_lockf = np.full(len(self), self.vectors_lockf[:1], np.float32)
        for row, vector in found.items():
            self._vectors[row] = vector
            self.vectors_lockf[row] = factor

    def save_projector(self, fname: StrPath, *, progress: bool | None = None) -> None:
        """Write two files for TensorBoard's Embedding Projector; `fastw2v.projector` says more.

        Parameters
        ----------
        fname : str or os.PathLike
            The file of the vectors, such as ``vectors.tsv``; beside it, ``metadata.tsv`` gets the
            words, and their counts if there are any.
        progress : bool, optional
            Whether to show how far the writing is; by default on a terminal, after two seconds.

        Raises
        ------
        ValueError
            A key holds a tab or a newline, or is empty; or a vector is not finite.
        OSError
            A file cannot be written.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> KeyedFiles.from_arrays(["왕"], np.eye(1)).save_projector(mkdtemp() + "/vectors.tsv")
        """
        projector.write_projector(
            fname, self._index_to_key, self._vectors, self.counts, progress=progress
        )

    @classmethod
    def load_projector(
        cls: type[Matrix], fname: StrPath, *, progress: bool | None = None
    ) -> Matrix:
        """Read the two files that `save_projector` writes.

        Parameters
        ----------
        fname : str or os.PathLike
            The file of the vectors.
        progress : bool, optional
            Whether to show how far the reading is; by default on a terminal, after two seconds.

        Returns
        -------
        KeyedVectors

        Raises
        ------
        FormatError
            A file is damaged, or they do not belong together.
        OSError
            A file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/vectors.tsv"
        >>> KeyedFiles.from_arrays(["왕"], np.eye(1)).save_projector(path)
        >>> KeyedFiles.load_projector(path)["왕"]
        array([1.], dtype=float32)
        """
        words, vectors, counts = projector.read_projector(fname, progress=progress)
        try:
            return cls.from_arrays(words, vectors, counts)
        except ValueError as error:
            raise FormatError(projector.metadata_path(fname), str(error)) from error
