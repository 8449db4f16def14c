"""Readers of sentences by gensim's names: a line each, files of a directory, one endless line."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from fastw2v._checks import check_int, check_limit
from fastw2v._typing import StrPath
from fastw2v.sources import find_files, read_texts
from fastw2v.tokenfile import Cut

__all__ = ["LineSentence", "PathLineSentences", "Text8Corpus"]

_MAX_SENTENCE_LENGTH = 10_000


class SentenceReader(ABC):
    """Sentences of a text, as lists of tokens; they can be iterated over again and again.

    A `Corpus`, and whatever makes one, reads the files natively and not through the iterator.
    """

    def __init__(
        self, source: object, max_sentence_length: int, limit: int | None, *, by_line: bool
    ) -> None:
        self.source = source
        self.max_sentence_length = check_int("max_sentence_length", max_sentence_length, 1)
        self.limit = check_limit("limit", limit, 0)
        self.cut = Cut(self.max_sentence_length, by_line)

    @abstractmethod
    def files(self) -> list[str] | None:
        """Return the files that hold all of the text; None where there are none that do."""

    @abstractmethod
    def _texts(self) -> Iterator[Iterable[str]]:
        """Yield the text as groups of pieces of whole lines; `limit` is for each group."""

    def __iter__(self) -> Iterator[list[str]]:
        for pieces in self._texts():
            yield from self._sentences(pieces)

    def _sentences(self, pieces: Iterable[str]) -> Iterator[list[str]]:
        length, n_lines = self.max_sentence_length, 0
        sentence: list[str] = []
        for text in pieces:
            # What has no newline at its end goes on in the next piece.
            *lines, rest = text.split("\n") if self.cut.by_line else [text]
            for line in lines:
                if n_lines == self.limit:
                    return
                n_lines += 1
                sentence += line.split()
                yield from (sentence[k : k + length] for k in range(0, len(sentence), length))
                sentence = []
            if n_lines == self.limit:
                return
            sentence += rest.split()
            n_whole = len(sentence) // length * length
            yield from (sentence[k : k + length] for k in range(0, n_whole, length))
            del sentence[:n_whole]
        if sentence:
            yield sentence

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.source!r}>"


class LineSentence(SentenceReader):
    r"""The lines of a text file, each split into tokens; empty lines are left out.

    Parameters
    ----------
    source : str, Path, list of them, or file object
        Any files that `Corpus` takes, plain or compressed; or an open file of lines (str or UTF-8
        bytes) that has ``seek``.
    max_sentence_length : int, default 10000
        A longer line is cut into pieces of so many tokens.
    limit : int, optional
        Read only so many lines of the text.

    Raises
    ------
    TypeError, ValueError
        An argument is not what it should be.
    FileNotFoundError, CorpusError
        When the sentences are read; see `Corpus`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp(), "text")
    >>> _ = path.write_text("나는 사과를 먹었다\n\n나는 달린다\n", encoding="utf-8")
    >>> list(LineSentence(path))
    [['나는', '사과를', '먹었다'], ['나는', '달린다']]
    """

    def __init__(
        self,
        source: object,
        max_sentence_length: int = _MAX_SENTENCE_LENGTH,
        limit: int | None = None,
    ) -> None:
        super().__init__(source, max_sentence_length, limit, by_line=True)
        self._is_file = hasattr(source, "seek")
        if not (self._is_file or isinstance(source, (str, os.PathLike, list, tuple))):
            raise TypeError(
                f"source must be a path or an open file with seek(), got {type(source).__name__}"
            )

    def files(self) -> list[str] | None:
        """Return the files that hold all of the text; None with `limit` or an open file."""
        return None if self._is_file or self.limit is not None else self._find()

    def _find(self) -> list[str]:
        return find_files(cast("StrPath | Sequence[StrPath]", self.source))

    def _texts(self) -> Iterator[Iterable[str]]:
        yield self._lines_of_file() if self._is_file else read_texts(self._find())

    def _lines_of_file(self) -> Iterator[str]:
        file = cast(Any, self.source)
        file.seek(0)
        for line in file:
            text = line.decode() if isinstance(line, bytes) else line
            yield text if text.endswith("\n") else text + "\n"


class PathLineSentences(SentenceReader):
    """The lines of all files of a directory, by the files' names, each as `LineSentence` does it.

    Parameters
    ----------
    source : str or Path
        A directory, not those in it; or one file.
    max_sentence_length : int, default 10000
        A longer line is cut into pieces of so many tokens.
    limit : int, optional
        Read only so many lines of each file.

    Attributes
    ----------
    input_files : list of str
        The files.

    Raises
    ------
    FileNotFoundError
        There is no such file or directory, or no file in it.
    CorpusError
        When the sentences are read; see `Corpus`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> directory = Path(mkdtemp())
    >>> _ = (directory / "2.txt").write_text("나는 달린다", encoding="utf-8")
    >>> _ = (directory / "1.txt").write_text("나는 사과를 먹었다", encoding="utf-8")
    >>> list(PathLineSentences(directory))
    [['나는', '사과를', '먹었다'], ['나는', '달린다']]
    """

    def __init__(
        self,
        source: StrPath,
        max_sentence_length: int = _MAX_SENTENCE_LENGTH,
        limit: int | None = None,
    ) -> None:
        super().__init__(source, max_sentence_length, limit, by_line=True)
        self.input_files = find_files(source)

    def files(self) -> list[str] | None:
        """Return the files that hold all of the text; None with `limit`."""
        return self.input_files if self.limit is None else None

    def _texts(self) -> Iterator[Iterable[str]]:
        for file in self.input_files:
            yield read_texts([file])


class Text8Corpus(SentenceReader):
    """A text without sentences, such as text8: all its tokens, in pieces of the same length.

    Parameters
    ----------
    fname : str or Path
        The file. A newline in it is a blank like any other.
    max_sentence_length : int, default 10000
        Tokens in each piece but the last, which may be shorter.

    Raises
    ------
    FileNotFoundError, CorpusError
        When the sentences are read; see `Corpus`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp(), "text8")
    >>> _ = path.write_text("나는 사과를 먹었다 나는 달린다", encoding="utf-8")
    >>> list(Text8Corpus(path, max_sentence_length=3))
    [['나는', '사과를', '먹었다'], ['나는', '달린다']]
    """

    def __init__(self, fname: StrPath, max_sentence_length: int = _MAX_SENTENCE_LENGTH) -> None:
        super().__init__(fname, max_sentence_length, None, by_line=False)
        self.fname = fname

    def files(self) -> list[str] | None:
        """Return the files that hold all of the text."""
        return find_files(self.fname)

    def _texts(self) -> Iterator[Iterable[str]]:
        yield read_texts(self.files() or [])
