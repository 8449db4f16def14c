"""Rows of vector files, words and numbers, to arrays and back: what kernels/rowfiles.h does, for numpy."""

from cpython.unicode cimport PyUnicode_Decode
from cython cimport floating
from libc.stdint cimport INT32_MAX, int64_t, uint8_t, uint64_t

import os

import numpy as np

from fastw2v._native.rowfiles cimport (
    FW2V_FLOAT32,
    FW2V_FLOAT64,
    FW2V_NUMBER_MAX,
    FW2V_POWER_MAX,
    FW2V_POWER_MIN,
    fw2v_first_repeated,
    fw2v_float_kind,
    fw2v_power,
    fw2v_read_binary_rows,
    fw2v_read_text_rows,
    fw2v_rows,
    fw2v_write_binary_rows,
    fw2v_write_text_rows,
)

NUMBER_MAX = FW2V_NUMBER_MAX

cdef uint64_t SEED = int.from_bytes(os.urandom(8), "little")  # of hashes

cdef fw2v_power[FW2V_POWER_MAX - FW2V_POWER_MIN + 1] POWERS


cdef uint8_t NOTHING = 0  # where an array without elements is said to be


cdef void make_powers():
    """Fill POWERS with the first 128 bits of the powers of ten; those of five have the same."""
    for e in range(FW2V_POWER_MIN, FW2V_POWER_MAX + 1):
        power = 5 ** abs(e)
        length = power.bit_length()
        # A quotient lies between two powers of two and is none: of 128 bits is its integer part.
        bits = power << 128 >> length if e >= 0 else (1 << 127 + length) // power
        POWERS[e - FW2V_POWER_MIN].high = bits >> 64
        POWERS[e - FW2V_POWER_MIN].low = bits & 0xFFFF_FFFF_FFFF_FFFF


make_powers()


cdef int describe(
    fw2v_rows *rows,
    fw2v_float_kind kind,
    const void *values,
    Py_ssize_t n_rows,
    Py_ssize_t dims,
    const int64_t[:, ::1] words,
    int separator,
) except -1:
    """Tell the kernels of these arrays."""
    rows.kind, rows.n_rows, rows.dims = kind, n_rows, dims
    rows.separator = <uint8_t>separator
    rows.powers = POWERS
    rows.values = <void *>values
    rows.words = NULL
    if words is not None:
        if words.shape[0] < n_rows:
            raise ValueError(f"{words.shape[0]} words for {n_rows} rows")
        rows.words = <int64_t *>&words[0, 0]
    return 0


def read_text_rows(
    const uint8_t[::1] text,   # IN
    floating[:, ::1] values,   # OUT
    int64_t[:, ::1] words,     # OUT, of shape (len(values), 2), or None for rows without words
    int separator,
):
    """Read rows of text, as many as `values` has.

    Returns
    -------
    n_rows : int
        How many have been read; words[:n_rows] tells where their words begin and end.
    stop : int
        Where the reading stopped: at the end, behind the last row that was wanted, or at a bad line.
    not_finite : int
        The first row that holds NaN or infinity, or -1.
    """
    cdef fw2v_rows rows
    cdef int64_t stop
    cdef fw2v_float_kind kind = FW2V_FLOAT32 if floating is float else FW2V_FLOAT64
    if text.shape[0] == 0 or values.shape[0] == 0:
        return 0, 0, -1
    describe(&rows, kind, &values[0, 0], values.shape[0], values.shape[1], words, separator)
    with nogil:
        stop = fw2v_read_text_rows(&rows, &text[0], text.shape[0])
    return rows.n_rows, stop, rows.not_finite


def read_binary_rows(const uint8_t[::1] text, float[:, ::1] values, int64_t[:, ::1] words):
    """Read rows of the binary format, as `read_text_rows` does; it stops behind the last whole row."""
    cdef fw2v_rows rows
    cdef int64_t stop
    if text.shape[0] == 0 or values.shape[0] == 0:
        return 0, 0, -1
    describe(&rows, FW2V_FLOAT32, &values[0, 0], values.shape[0], values.shape[1], words, 0)
    with nogil:
        stop = fw2v_read_binary_rows(&rows, &text[0], text.shape[0])
    return rows.n_rows, stop, rows.not_finite


def write_text_rows(
    const uint8_t[::1] key_bytes,
    const int64_t[::1] key_ends,      # of each row's word in key_bytes; None for rows without words
    const floating[:, ::1] values,
    int separator,
):
    """Return rows of text, as an array of bytes."""
    cdef fw2v_rows rows
    cdef int64_t size, n_bytes = 0
    cdef fw2v_float_kind kind = FW2V_FLOAT32 if floating is float else FW2V_FLOAT64
    if values.shape[0] == 0:
        return np.empty(0, np.uint8)
    if key_ends is None:
        describe(&rows, kind, &values[0, 0], values.shape[0], values.shape[1], None, separator)
    else:
        n_bytes = len(key_bytes)
        describe(&rows, kind, &values[0, 0], values.shape[0], values.shape[1], as_column(key_ends), separator)
        check_ends(key_ends, rows.n_rows, n_bytes)
    size = n_bytes + rows.n_rows * (rows.dims * (FW2V_NUMBER_MAX + 1) + 1)
    out = np.empty(size, np.uint8)
    cdef uint8_t[::1] out_view = out
    with nogil:
        size = fw2v_write_text_rows(&rows, &key_bytes[0] if n_bytes else &NOTHING, &out_view[0])
    return out[:size]


def write_binary_rows(
    const uint8_t[::1] key_bytes, const int64_t[::1] key_ends, const float[:, ::1] values
):
    """Return rows of the binary format, without newlines between them, as an array of bytes."""
    cdef fw2v_rows rows
    cdef int64_t n_bytes = len(key_bytes)
    if values.shape[0] == 0:
        return np.empty(0, np.uint8)
    describe(&rows, FW2V_FLOAT32, &values[0, 0], values.shape[0], values.shape[1], as_column(key_ends), 0)
    check_ends(key_ends, rows.n_rows, n_bytes)
    out = np.empty(n_bytes + rows.n_rows * (1 + 4 * rows.dims), np.uint8)
    cdef uint8_t[::1] out_view = out
    with nogil:
        fw2v_write_binary_rows(&rows, &key_bytes[0] if n_bytes else &NOTHING, &out_view[0])
    return out


cdef const int64_t[:, ::1] as_column(const int64_t[::1] ends):
    return np.asarray(ends).reshape(-1, 1)


cdef int check_ends(const int64_t[::1] ends, int64_t n, int64_t n_bytes) except -1:
    """Raise ValueError if reading words up to these ends would leave the bytes that they lie in."""
    cdef int64_t row, start = 0
    if ends.shape[0] != n or ends[n - 1] != n_bytes:
        raise ValueError(f"{ends.shape[0]} ends of words do not divide {n_bytes} bytes in {n}")
    for row in range(n):
        if ends[row] < start:
            raise ValueError(f"word {row} ends before it begins")
        start = ends[row]
    return 0


def decode_words(
    const uint8_t[::1] text, const int64_t[:, ::1] words, str encoding, str errors
):
    """Return the words text[start:end] as strings; UnicodeDecodeError as `bytes.decode` raises it."""
    cdef int64_t row
    cdef const char *bytes = <const char *>(&text[0] if text.shape[0] else &NOTHING)
    encoding_bytes, errors_bytes = encoding.encode(), errors.encode()
    cdef const char *encoding_name = encoding_bytes
    cdef const char *errors_name = errors_bytes
    decoded = []
    for row in range(words.shape[0]):
        if not 0 <= words[row, 0] <= words[row, 1] <= text.shape[0]:
            raise ValueError(f"word {row} is not within the text")
        decoded.append(
            PyUnicode_Decode(
                bytes + words[row, 0], words[row, 1] - words[row, 0], encoding_name, errors_name
            )
        )
    return decoded


def first_repeated(const uint8_t[::1] key_bytes, const int64_t[::1] key_ends):
    """Return the first of the keys, which end there, that is equal to an earlier one, or -1."""
    cdef int64_t row, n = key_ends.shape[0], n_places = 1 << 4
    if n == 0:
        return -1
    if n > INT32_MAX:
        raise ValueError(f"{n} keys are too many; there may be {INT32_MAX}")
    check_ends(key_ends, n, key_bytes.shape[0])
    while n_places < 2 * n:
        n_places *= 2
    cdef uint64_t[::1] places = np.zeros(n_places, np.uint64)
    cdef const uint8_t *bytes = &key_bytes[0] if key_bytes.shape[0] else &NOTHING
    with nogil:
        row = fw2v_first_repeated(bytes, &key_ends[0], n, &places[0], n_places, SEED)
    return row
