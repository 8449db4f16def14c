"""Keyed vectors in files: the part of `KeyedVectors` that saves and loads."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from fastw2v._keyedmatrix import KeyedMatrix, Matrix
from fastw2v._keys import check_finite
from fastw2v._typing import StrPath
from fastw2v.errors import blame
from fastw2v.formats import read_word2vec, write_word2vec
from fastw2v.safetensors import pack_keys, read_arrays, unpack_keys, write_arrays


class KeyedFiles(KeyedMatrix):
    """A keyed matrix that is read from files and written to them."""

    def save_word2vec_format(
        self, path: StrPath, binary: bool = False, write_header: bool = True
    ) -> None:
        """Write a text or binary word2vec file; `fastw2v.formats.write_word2vec` says more.

        Parameters
        ----------
        path : str or os.PathLike
            The file, compressed if its name ends in ``.gz``.
        binary : bool, default False
            Whether to write the binary format.
        write_header : bool, default True
            Whether to begin with the numbers of rows and dimensions; GloVe's text files do not.

        Raises
        ------
        ValueError
            The format cannot hold a key, such as one with a space; or a vector is not finite.
        OSError
            The file cannot be written.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> KeyedFiles.from_arrays(["왕"], np.eye(1)).save_word2vec_format(mkdtemp() + "/a.vec")
        """
        write_word2vec(
            path, self._index_to_key, self._vectors, binary=binary, write_header=write_header
        )

    @classmethod
    def load_word2vec_format(
        cls: type[Matrix],
        path: StrPath,
        binary: bool = False,
        limit: int | None = None,
        no_header: bool = False,
        encoding: str = "utf8",
        unicode_errors: str = "strict",
        datatype: DTypeLike = np.float32,
    ) -> Matrix:
        """Read a text or binary word2vec file; `fastw2v.formats.read_word2vec` says more.

        Parameters
        ----------
        path : str or os.PathLike
            The file; a name ending in ``.gz`` is decompressed.
        binary : bool, default False
            Whether it is in the binary format.
        limit : int, optional
            Read only so many rows.
        no_header : bool, default False
            Whether a text file begins with its first row, as GloVe's do.
        encoding, unicode_errors : str, default "utf8" and "strict"
            How to decode words, as in `bytes.decode`.
        datatype : float16, float32 or float64, default float32

        Returns
        -------
        KeyedVectors

        Raises
        ------
        FormatError
            The file is damaged or incomplete, or not in the format that the arguments say.
        OSError
            The file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/words.vec"
        >>> KeyedFiles.from_arrays(["왕", "king"], np.eye(2)).save_word2vec_format(path)
        >>> KeyedFiles.load_word2vec_format(path, limit=1)["왕"]
        array([1., 0.], dtype=float32)
        """
        keys, vectors = read_word2vec(
            path,
            binary=binary,
            limit=limit,
            no_header=no_header,
            encoding=encoding,
            unicode_errors=unicode_errors,
            datatype=datatype,
        )
        return cls.from_arrays(keys, vectors)

    def save(self, path: StrPath) -> None:
        """Write keys, counts and vectors to one safetensors file, which `load` opens at once.

        Parameters
        ----------
        path : str or os.PathLike
            The file. It is replaced only once the new one is complete.

        Raises
        ------
        ValueError
            A vector is not finite.
        OSError
            The file cannot be written.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> KeyedFiles.from_arrays(["왕"], np.eye(1)).save(mkdtemp() + "/words.safetensors")
        """
        check_finite(self._index_to_key, self._vectors)
        arrays = {**pack_keys(self._index_to_key), "vectors": self._vectors}
        if self.counts is not None:
            arrays["counts"] = self.counts
        # Widest items first: so each array in the file is aligned to its item size.
        widest_first = sorted(arrays.items(), key=lambda item: -item[1].itemsize)
        write_arrays(path, dict(widest_first), {"format": "fastw2v.KeyedVectors"})

    @classmethod
    def load(cls: type[Matrix], path: StrPath) -> Matrix:
        """Open a file that `save` wrote; its vectors are a read-only memory map.

        Let `save` replace such a file, or move another one to its place: a program that writes into
        it changes the vectors of all that have it open, or ends them.

        Parameters
        ----------
        path : str or os.PathLike

        Returns
        -------
        KeyedVectors

        Raises
        ------
        FormatError
            The file is damaged, or holds something else.
        OSError
            The file cannot be opened.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> path = mkdtemp() + "/words.safetensors"
        >>> KeyedFiles.from_arrays(["두 낱말"], np.eye(1)).save(path)
        >>> KeyedFiles.load(path).index_to_key
        ['두 낱말']
        """
        arrays, _ = read_arrays(path)
        with blame(path, "the file holds no keyed vectors"):
            return cls.from_arrays(unpack_keys(arrays), arrays["vectors"], arrays.get("counts"))
