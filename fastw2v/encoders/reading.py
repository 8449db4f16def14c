"""Documents as they come: in portions, as strings; an error names the one at fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, NoReturn

from fastw2v._checks import shorten
from fastw2v._native.terms import Documents, strings

__all__ = [
    "DocumentTypeError",
    "UnnumberedError",
    "as_text",
    "check_encodable",
    "check_iterable",
    "check_present",
    "checked_lists",
    "kind_of_first",
    "no_text",
    "no_tokens",
    "portions",
    "raise_blamed",
]

# Portions are of about so many characters, and of at most so many documents.
_CHARACTERS = 1 << 20
_DOCUMENTS = 1 << 13
_FIRST = 64


class DocumentTypeError(TypeError, AttributeError):
    """A document is no text; scikit-learn raises one or the other of these types.

    Examples
    --------
    >>> from fastw2v.encoders import CountVectorizer
    >>> try:
    ...     CountVectorizer().fit(["나는 사과를 먹었다", None])
    ... except DocumentTypeError as error:
    ...     print(str(error).split(";")[0])
    document 1 must be a string or bytes, got None
    """


class UnnumberedError(TypeError):
    """What is wrong with a document whose number is not known here; `raise_blamed` adds it."""


def check_iterable(source: str, kind: str, made: object) -> None:
    """Raise for what a user's function has returned in place of tokens or terms.

    Examples
    --------
    >>> check_iterable("tokenizer", "tokens", None)
    Traceback (most recent call last):
        ...
    fastw2v.encoders.reading.UnnumberedError: tokenizer must return an iterable of tokens, got None
    """
    if not (hasattr(made, "__iter__") or hasattr(made, "__getitem__")):
        raise UnnumberedError(f"{source} must return an iterable of {kind}, got {shorten(made)}")


def kind_of_first(documents: Iterable[Any]) -> tuple[bool, Iterable[Any]]:
    """Tell whether the first document is a list of tokens; return all documents, the first as well.

    Examples
    --------
    >>> are_tokens, documents = kind_of_first([["사과", "배"], ["감"]])
    >>> are_tokens, list(documents)
    (True, [['사과', '배'], ['감']])
    """
    # Not iterated twice: a temporary file, for one, would go on behind its first line.
    iterator = iter(documents)
    for first in iterator:
        return isinstance(first, (list, tuple)), chain([first], iterator)
    return False, iterator


def checked_lists(documents: Iterable[Any]) -> Iterator[list[str] | tuple[str, ...]]:
    """Yield documents that are lists of strings; raise where one is not.

    Examples
    --------
    >>> list(checked_lists([["사과"], "배"]))
    Traceback (most recent call last):
        ...
    fastw2v.encoders.reading.DocumentTypeError: document 1 must be a list of strings, as the first \
one is, got '배'
    """
    for number, document in enumerate(documents):
        if not isinstance(document, (list, tuple)) or not all(
            isinstance(token, str) for token in document
        ):
            raise no_tokens(number, document)
        check_encodable(number, "".join(document))
        yield document


def check_present(document: object) -> None:
    """Raise scikit-learn's ValueError for a number that stands for "missing" (NaN).

    Examples
    --------
    >>> check_present(float("nan"))
    Traceback (most recent call last):
        ...
    ValueError: np.nan is an invalid document, expected byte or unicode string. Leave missing \
documents out, or put '' in their place
    """
    if isinstance(document, float) and document != document:
        raise ValueError(
            "np.nan is an invalid document, expected byte or unicode string. Leave missing "
            "documents out, or put '' in their place"
        )


def portions(
    documents: Iterable[Any], prepare: Callable[[Any], Any], always: bool
) -> Iterator[tuple[int, Documents]]:
    """Yield the number of the first document of each portion, and the portion.

    Parameters
    ----------
    documents : iterable
        Each taken once, not long before it is needed.
    prepare : callable
        Makes a string of a document.
    always : bool
        Strings too are prepared.

    Raises
    ------
    DocumentTypeError
        A document is no string in the end.
    UnicodeDecodeError, ValueError
        As `prepare` raises them, with the number of the document.
    """
    source = iter(documents)
    first, size = 0, _FIRST
    while texts := list(islice(source, size)):
        n = len(texts)
        portion = None if always else strings(texts)
        if portion is None:
            portion = Documents([as_text(first + k, text, prepare) for k, text in enumerate(texts)])
        yield first, portion
        first += n
        size = max(1, min(_CHARACTERS // (portion.n_characters // n + 1), 4 * size, _DOCUMENTS))


def as_text(number: int, document: Any, prepare: Callable[[Any], Any]) -> str:
    r"""Return the string that `prepare` makes of a document, or raise with the document's number.

    Examples
    --------
    >>> try:
    ...     as_text(7, b"\xff", bytes.decode)
    ... except UnicodeDecodeError as error:
    ...     print(error.reason)
    invalid start byte (document 7; set encoding= or decode_error=)
    """
    try:
        text = prepare(document)
    except Exception as error:
        raise_blamed(number, document, error)
    if isinstance(text, str):
        return text
    if isinstance(document, (str, bytes)):
        raise DocumentTypeError(
            f"document {number}: preprocessor must return a string, got {type(text).__name__}"
        )
    raise no_text(number, document)


def raise_blamed(number: int, document: Any, error: Exception) -> NoReturn:
    """Raise what a document has led to, with its number where the document is at fault.

    Examples
    --------
    >>> raise_blamed(2, "사과", KeyError("of a user's function"))
    Traceback (most recent call last):
        ...
    KeyError: "of a user's function"
    """
    if isinstance(error, UnicodeDecodeError):
        reason = f"{error.reason} (document {number}; set encoding= or decode_error=)"
        raise UnicodeDecodeError(
            error.encoding, error.object, error.start, error.end, reason
        ) from None
    if isinstance(error, UnnumberedError):
        raise DocumentTypeError(f"document {number}: {error}") from None
    if isinstance(document, float) and isinstance(error, ValueError):
        raise ValueError(f"document {number}: {error}") from None
    is_text = isinstance(document, (str, bytes))
    if isinstance(error, (AttributeError, TypeError)) and not is_text:
        raise no_text(number, document) from error
    raise error


def no_text(number: int, document: Any) -> DocumentTypeError:
    """Return the error for a document that is no text.

    Examples
    --------
    >>> print(no_text(1, 3.5))
    document 1 must be a string or bytes, got 3.5; convert it with str(), or leave it out
    """
    short = shorten(document)
    if isinstance(document, (list, tuple)):
        return DocumentTypeError(
            f"document {number} is a list of tokens, {short}, where a string belongs; make all "
            "documents strings, or all lists of tokens"
        )
    remedy = "put '' in its place" if document is None else "convert it with str()"
    return DocumentTypeError(
        f"document {number} must be a string or bytes, got {short}; {remedy}, or leave it out"
    )


def no_tokens(number: int, document: Any) -> DocumentTypeError:
    """Return the error for a document that is no list of tokens, where the first one is.

    Examples
    --------
    >>> print(no_tokens(1, "사과 배"))
    document 1 must be a list of strings, as the first one is, got '사과 배'
    """
    return DocumentTypeError(
        f"document {number} must be a list of strings, as the first one is, got {shorten(document)}"
    )


def check_encodable(number: int, text: str) -> None:
    r"""Raise an error that names the document if there is a lone surrogate in it.

    Examples
    --------
    >>> try:
    ...     check_encodable(3, "a\udcff")
    ... except UnicodeEncodeError as error:
    ...     print(error.reason)
    surrogates not allowed (document 3; decode it with errors="replace")
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        reason = f'{error.reason} (document {number}; decode it with errors="replace")'
        raise UnicodeEncodeError(
            error.encoding, error.object, error.start, error.end, reason
        ) from None
