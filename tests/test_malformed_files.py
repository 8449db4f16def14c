"""Damaged files of every format: a typed error that names file and place, and bounded memory."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import re
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from fastw2v import KeyedVectors
from fastw2v.errors import FormatError, TruncatedError
from fastw2v.npz import read_npz

WORDS = ["왕", "b", "여왕", "king"]
VECTORS = np.array([[0.5, -1.25], [3.0, 0.125], [7.0, 8.5], [1e-5, 2.0]], np.float32)


class Case(NamedTuple):
    """A way to write and read files, of which `name` is the one that gets damaged."""

    name: str
    save: Callable[[KeyedVectors, Path], object]
    load: Callable[[Path], KeyedVectors]
    # A text file may lose its last rows or digits, and be a good file still.
    may_be_shorter: bool = False


def word2vec(name: str, *, binary: bool = False, no_header: bool = False) -> Case:
    return Case(
        name,
        lambda wv, folder: wv.save_word2vec_format(
            folder / name, binary=binary, write_header=not no_header
        ),
        lambda folder: KeyedVectors.load_word2vec_format(
            folder / name, binary=binary, no_header=no_header
        ),
        may_be_shorter=name.endswith((".txt", ".vec")),
    )


def native(name: str) -> Case:
    return Case(
        name,
        lambda wv, folder: wv.save(folder / name),
        lambda folder: KeyedVectors.load(folder / name),
    )


def tsv(name: str) -> Case:
    return Case(
        name,
        lambda wv, folder: wv.save_projector(folder / "vectors.tsv"),
        lambda folder: KeyedVectors.load_projector(folder / "vectors.tsv"),
        may_be_shorter=True,
    )


def with_counts() -> Case:
    def load(folder: Path) -> KeyedVectors:
        return KeyedVectors.load_word2vec_format(
            folder / "v", fvocab=folder / "counts", binary=True
        )

    return Case(
        "counts",
        lambda wv, folder: wv.save_word2vec_format(folder / "v", folder / "counts", binary=True),
        load,
        may_be_shorter=True,
    )


CASES = [
    word2vec("v.bin", binary=True),
    word2vec("v.bin.gz", binary=True),
    word2vec("v.txt"),
    word2vec("v.txt.gz"),
    word2vec("v.txt.bz2"),
    word2vec("v.txt.xz"),
    word2vec("glove.vec", no_header=True),
    with_counts(),
    native("v.safetensors"),
    native("v.npz"),
    tsv("vectors.tsv"),
    tsv("metadata.tsv"),
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def made() -> KeyedVectors:
    return KeyedVectors.from_arrays(WORDS, VECTORS, [9, 7, 5, 1])


def use(wv: KeyedVectors) -> None:
    """Ask for everything that is read later than at once."""
    assert len(wv.index_to_key) == len(wv.key_to_index) == len(wv.vectors)
    if np.isfinite(wv.vectors).all() and len(wv):
        wv.most_similar(wv.index_to_key[0])


@every_case
def test_a_file_cut_at_any_byte(tmp_path: Path, case: Case) -> None:
    case.save(made(), tmp_path)
    use(case.load(tmp_path))
    path = tmp_path / case.name
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        try:
            found = case.load(tmp_path)
        except FormatError as error:
            # The other file of two may be the one that lacks its partner.
            assert Path(error.path).parent == tmp_path, size
            assert re.search(r"(line|byte) \d+|no count of", str(error)), (size, str(error))
        else:
            assert case.may_be_shorter, size
            assert found.index_to_key[:-1] == WORDS[: len(found) - 1], size
        assert path.read_bytes() == content[:size]


def damage(rng: random.Random, content: bytes) -> bytes:
    """Change, remove, double or insert bytes somewhere."""
    data = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at, n = rng.randrange(len(data) + 1), rng.choice([1, 1, 2, 4, 8, 40])
        kind = rng.randrange(5)
        if kind == 0:
            data[at : at + n] = rng.randbytes(n)
        elif kind == 1:
            del data[at : at + n]
        elif kind == 2:
            data[at:at] = data[at : at + n]
        elif kind == 3:
            data[at:at] = rng.choice(
                [b"\n", b" ", b"\t", b"9" * n, b"\xff", b"\0" * n, b"-", b"e9"]
            )
        elif data:
            at = min(at, len(data) - 1)
            data[at] ^= 1 << rng.randrange(8)
    return bytes(data)


# Words may come out different, and then repeat each other.
@pytest.mark.filterwarnings("ignore:.*repeat an earlier word:UserWarning")
@every_case
@pytest.mark.parametrize("seed", range(2))
def test_damage_of_any_kind(tmp_path: Path, case: Case, seed: int) -> None:
    case.save(made(), tmp_path)
    path = tmp_path / case.name
    content = path.read_bytes()
    rng = random.Random(f"{seed} {case.name}")
    tracemalloc.start()
    try:
        for attempt in range(150):
            damaged = damage(rng, content)
            path.write_bytes(damaged)
            try:
                use(case.load(tmp_path))
            except FormatError as error:
                assert error.message, (seed, attempt)
            except Exception as error:
                raise AssertionError(f"seed {seed}, attempt {attempt}: {damaged!r}") from error
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30e6, seed


@every_case
@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"\n", b"\x89PNG\r\n\x1a\n" + bytes(60), b"PK\3\4" + bytes(60), bytes(5000)],
    ids=["empty", "zero", "newline", "image", "zip", "zeros"],
)
def test_other_files(tmp_path: Path, case: Case, content: bytes) -> None:
    case.save(made(), tmp_path)
    (tmp_path / case.name).write_bytes(content)
    with pytest.raises(FormatError):
        use(case.load(tmp_path))


# Sizes beyond all reason


def npy_header(shape: str, descr: str = "<f4") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    ("shape", "descr"),
    [
        ("(1000000000000, 300)", "<f4"),
        ("(4, 99999999999999999999)", "<f4"),
        ("(-1, 2)", "<f4"),
        ("(4, 3)", "<f4"),
        ("(4,)", "<f4"),
        ("(1, 1)", "|V99999999999"),
        ("('a', 2)", "<f4"),
        ("(4, 2)", "|O"),
    ],
)
def test_npz_arrays_that_promise_more_than_there_is(
    tmp_path: Path, shape: str, descr: str, compression: int
) -> None:
    path = tmp_path / "v.npz"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("vectors.npy", npy_header(shape, descr) + VECTORS.tobytes())
    tracemalloc.start()
    with pytest.raises(FormatError, match=r"v\.npz: byte 0: vectors\.npy: "):
        read_npz(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6


def test_an_npz_directory_that_promises_more_than_there_is(tmp_path: Path) -> None:
    path = tmp_path / "v.npz"
    size = 1 << 40
    header = npy_header(f"({size // 8}, 2)")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("vectors.npy", header + VECTORS.tobytes())
    true_size = len(header) + VECTORS.nbytes
    content = path.read_bytes()
    # In the directory alone, and where the file begins as well.
    lie = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    honest = struct.pack("<II", true_size, true_size)
    for damaged in (content.replace(honest, lie), lie.join(content.rsplit(honest, 1))):
        path.write_bytes(damaged)
        tracemalloc.start()
        with pytest.raises(FormatError, match=r"v\.npz: byte "):
            read_npz(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 10e6


def test_npz_names_that_stand_twice(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        for _ in range(2):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                archive.writestr("vectors.npy", npy_header("(4, 2)") + VECTORS.tobytes())
    with pytest.raises(FormatError, match=r"vectors\.npy: the name is there twice"):
        read_npz(tmp_path / "v.npz")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_npz_with_other_compression(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "v.npz", "w", method) as archive:
        archive.writestr("vectors.npy", npy_header("(4, 2)") + VECTORS.tobytes())
    with pytest.raises(FormatError, match="compression method"):
        read_npz(tmp_path / "v.npz")


@pytest.mark.parametrize("separator", ["\t", " "])
def test_many_short_lines_take_no_memory(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "vectors.tsv"
    rest = "\n".join(["0"] * 200_000)
    wide = separator.join(["0"] * 3000)
    path.write_text(
        f"{wide}\n{rest}\n" if separator == "\t" else f"200001 3000\na {wide}\n{rest}\n"
    )
    (tmp_path / "metadata.tsv").write_text("a\n" * 200_001)
    tracemalloc.start()
    with pytest.raises(FormatError, match=r"line [23]: expected 3000 numbers"):
        if separator == "\t":
            KeyedVectors.load_projector(path)
        else:
            KeyedVectors.load_word2vec_format(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6


# Compressed files


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)],
)
def test_compressed_files_of_many_streams(
    tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / f"v.txt{suffix}"
    path.write_bytes(compress(b"2 1\na 1\n") + compress("왕 2\n".encode()))
    assert KeyedVectors.load_word2vec_format(path).index_to_key == ["a", "왕"]
    path.write_bytes(compress(b"2 1\na 1\n") + compress(b"b 2\n")[:-6])
    kind = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz"}[suffix]
    with pytest.raises(TruncatedError, match=rf"byte \d+ of the decompressed data: damaged {kind}"):
        KeyedVectors.load_word2vec_format(path)
    path.write_bytes(b"2 1\na 1\nb 2\n")
    with pytest.raises(FormatError, match=rf"damaged {kind} file"):
        KeyedVectors.load_word2vec_format(path)


def test_zstd_files(tmp_path: Path) -> None:
    from fastw2v import sources

    path = tmp_path / "v.txt.zst"
    module = sources._find_zstd()
    if module is None:
        with pytest.raises(ImportError, match=r"pip install 'fastw2v\[zstd\]'"):
            made().save_word2vec_format(path)
        assert list(tmp_path.iterdir()) == []
        return
    made().save_word2vec_format(path)
    assert module.decompress(path.read_bytes()).startswith(b"4 2\n")
    np.testing.assert_array_equal(KeyedVectors.load_word2vec_format(path).vectors, VECTORS)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(FormatError, match="damaged zstd"):
        KeyedVectors.load_word2vec_format(path)


@pytest.mark.parametrize("binary", [False, True])
def test_a_row_without_an_end_takes_no_memory(binary, tmp_path, monkeypatch):
    monkeypatch.setattr("fastw2v._formats.textrows.LONGEST_LINE", 1 << 22)
    monkeypatch.setattr("fastw2v._formats.word2vec_reader.LONGEST_LINE", 1 << 22)
    path = tmp_path / "v.gz"
    path.write_bytes(gzip.compress(b"1 2\n" + b"a" * (1 << 26)))
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=r"(line 2|byte 4): .*4 MiB"):
            KeyedVectors.load_word2vec_format(path, binary=binary)
        assert tracemalloc.get_traced_memory()[1] < 1 << 25
    finally:
        tracemalloc.stop()
