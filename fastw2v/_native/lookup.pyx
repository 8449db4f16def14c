"""Words to rows, by a table of words that stays as it is, so that any number of threads may read it."""

from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy

import numpy as np

from fastw2v._native.scan cimport (
    FW2V_SCAN_DONE,
    FW2V_TEXT_PADDING,
    fw2v_find_text,
    fw2v_find_words,
    fw2v_scan,
    fw2v_scan_status,
)
from fastw2v._native.text cimport WordTable, utf8

cdef extern from *:
    # Of a borrowed reference: to count it would be to write to every string.
    bint is_string "PyUnicode_CheckExact"(PyObject *token) noexcept
    bint is_ascii "PyUnicode_IS_ASCII"(PyObject *string) noexcept
    Py_ssize_t length_of "PyUnicode_GET_LENGTH"(PyObject *string) noexcept
    const void *characters_of "PyUnicode_DATA"(PyObject *string) noexcept


def find_text(
    WordTable table,
    const uint8_t[::1] text,   # IN, and behind `end` a newline and more padding, as for WordTable.scan
    Py_ssize_t end,
    int32_t[::1] ids,          # OUT, room for end // 2 + 1
    int64_t[::1] line_ends,    # OUT, room for each newline in text[:end]
):
    """Find the tokens of text[:end]: the id of each, or -1; and how many stand before each newline.

    Returns
    -------
    n_tokens : int
        How many have been written.
    invalid : int or None
        Position of the first byte that is not UTF-8.
    """
    cdef fw2v_scan scan
    cdef fw2v_scan_status status
    if len(ids) < end // 2 + 1 or len(text) < end + FW2V_TEXT_PADDING or not len(line_ends):
        raise ValueError(f"ids, text or line_ends is too short for {end} bytes")
    scan.text, scan.n_text, scan.position = &text[0], end, 0
    scan.tokens, scan.n_tokens = &ids[0], 0
    scan.line_ends, scan.n_lines = &line_ends[0], 0
    scan.invalid = -1
    with nogil:
        status = fw2v_find_text(&table.table, &scan)
    return scan.n_tokens, None if status == FW2V_SCAN_DONE else scan.invalid


def find_words(
    WordTable table,
    const uint8_t[::1] words,   # IN: the words, one after the other, and padding
    const int64_t[::1] ends,    # IN: where each ends
):
    """Find packed words: the id of each, or -1."""
    cdef Py_ssize_t n = len(ends)
    ids = np.empty(n, dtype=np.int32)
    cdef int32_t[::1] id_view = ids
    if n and len(words) < ends[n - 1] + FW2V_TEXT_PADDING:
        raise ValueError(f"words has no padding: {len(words)} bytes, of which {ends[n - 1]} are words")
    if n:
        with nogil:
            fw2v_find_words(&table.table, &words[0], &ends[0], n, &id_view[0])
    return ids


def pack_tokens(list documents):
    """Put the tokens of documents, which are lists, one after the other.

    Returns
    -------
    words : ndarray of uint8
        The tokens in UTF-8, surrogates included, with padding behind them.
    ends : ndarray of int64
        Where each token ends.
    document_ends : ndarray of int64
        How many tokens stand before the end of each document.
    None if a token is no plain string.
    """
    cdef int64_t n_bytes = 0, room, most
    cdef Py_ssize_t n_tokens = 0, k, i
    cdef list document
    cdef PyObject *token
    for document in documents:
        n_tokens += len(document)
    room = 8 * n_tokens
    words, ends = np.empty(room + FW2V_TEXT_PADDING, np.uint8), np.empty(n_tokens, np.int64)
    document_ends = np.empty(len(documents), np.int64)
    cdef uint8_t[::1] word_view = words
    cdef int64_t[::1] end_view = ends, document_view = document_ends
    n_tokens = 0
    for k, document in enumerate(documents):
        for i in range(PyList_GET_SIZE(document)):
            token = PyList_GET_ITEM(document, i)
            if not is_string(token):
                return None
            most = length_of(token) if is_ascii(token) else 4 * length_of(token)
            if n_bytes + most > room:
                room = 2 * (n_bytes + most)
                more = np.empty(room + FW2V_TEXT_PADDING, np.uint8)
                more[:n_bytes] = words[:n_bytes]
                words = word_view = more
            if is_ascii(token):
                memcpy(&word_view[n_bytes], characters_of(token), most)
                n_bytes += most
            else:
                n_bytes += utf8(<str>token, &word_view[n_bytes])
            end_view[n_tokens] = n_bytes
            n_tokens += 1
        document_view[k] = n_tokens
    return words, ends, document_ends


def known_rows(
    int32_t[::1] ids,            # INOUT
    int64_t[::1] document_ends,  # INOUT
    const int32_t[::1] rows,     # IN: the row of each id, or -1; empty where ids are rows
):
    """Turn ids to rows, in place, and leave out what has none; returns how many are left."""
    cdef Py_ssize_t document, k = 0, n = 0
    cdef int32_t row
    cdef bint are_rows = not len(rows)
    with nogil:
        for document in range(document_ends.shape[0]):
            while k < document_ends[document]:
                row = ids[k] if are_rows or ids[k] < 0 else rows[ids[k]]
                k += 1
                if row >= 0:
                    ids[n] = row
                    n += 1
            document_ends[document] = n
    return n
