"""Where text comes from: paths of every kind, compressed or not, whole or damaged."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import resource
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from corpora import assert_holds, sentences_of, start_python

from fastw2v import Corpus, CorpusError, sources

pytestmark = pytest.mark.usefixtures("nothing_left")


def zstd(data: bytes) -> bytes:
    module = sources._find_zstd() or pytest.skip("zstd is not installed")
    return module.compress(data, options={module.CompressionParameter.checksum_flag: 1})


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
}
# So much of a file tells what it is; a shorter one is text.
MAGIC_BYTES = {"gz": 2, "bz2": 4, "xz": 6, "zst": 4}
TEXT = "".join(f"나라{k % 7} 수도{k * k % 31} is word{k * 37 % 101}\n" for k in range(150))
SENTENCES = sentences_of(TEXT)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A directory of two texts, with things in it that are no part of a corpus."""
    directory = tmp_path / "my texts"
    (directory / "deeper").mkdir(parents=True)
    (directory / "b.txt").write_text("서울은 한국의 수도다\n")
    (directory / "a.txt").write_text("one two\nthree")
    (directory / ".hidden.txt").write_text("hidden")
    (directory / "deeper" / "c.txt").write_text("deep")
    return directory


A, B = [["one", "two"], ["three"]], [["서울은", "한국의", "수도다"]]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (lambda d: d / "a.txt", A),
        (lambda d: str(d / "a.txt"), A),
        (lambda d: d, A + B),
        (lambda d: f"{d}/", A + B),
        (lambda d: str(d / "*.txt"), A + B),
        (lambda d: d / "?.txt", A + B),
        (lambda d: str(d / "[b-z].txt"), B),
        (lambda d: str(d / "**" / "*.txt"), A + B + [["deep"]]),
        (lambda d: [d / "b.txt", d / "a.txt"], B + A),
        (lambda d: (str(d / "b.txt"), str(d / "a.txt")), B + A),
        (lambda d: [str(d / "b.txt"), d / "deeper", str(d / "a*")], [*B, ["deep"], *A]),
        (lambda d: [d / "b.txt", d / "b.txt"], B + B),
    ],
    ids=["Path", "str", "directory", "slash", "glob", "glob Path", "glob class", "glob **"]
    + ["list", "tuple", "list of all", "twice"],
)
def test_paths(source: Any, expected: list[list[str]], texts: Path) -> None:
    assert_holds(Corpus(source(texts)), expected)


def test_relative_paths(texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(texts)
    for source in ("a.txt", "a*", ["a.txt"], Path("a.txt")):
        assert_holds(Corpus(source), A)
    assert_holds(Corpus("."), A + B)


@pytest.mark.parametrize(
    "name", ["text [1]*?.txt", "한국어 말뭉치", os.fsdecode(b"\xff.txt"), "x.gz"], ids=ascii
)
def test_names_of_every_kind(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("a b")
    for cache_dir in (None, tmp_path / "cache"):
        assert_holds(Corpus(tmp_path / name, cache_dir=cache_dir), [["a", "b"]])
        assert_holds(Corpus(str(tmp_path / name), cache_dir=cache_dir), [["a", "b"]])


@pytest.mark.parametrize(
    "missing",
    ["gone.txt", "gone/*.txt", Path("gone"), ["a.txt", "gone.txt"], [Path("gone.txt")], ""],
    ids=str,
)
def test_missing_files(missing: Any, texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(texts)
    with pytest.raises(FileNotFoundError, match=r"gone|''"):
        Corpus(missing)


def test_only_the_text_of_one_hyphen_means_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-").write_text("a file")
    for source in ("./-", Path("-"), [Path("./-")], ".", "*"):
        assert_holds(Corpus(source), [["a", "file"]], source)
    assert sources.find_files("-") == [sources.STDIN]


def test_a_directory_without_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty too").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no files in the directory .*empty too"):
        Corpus(str(tmp_path / "empty too"))
    with pytest.raises(FileNotFoundError, match=r"no files in the directory .*empty"):
        Corpus(tmp_path / "empty")


@pytest.mark.parametrize("source", [".", "*.txt", "**"])
def test_links_to_nowhere_are_not_passed_over(
    source: str, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(texts)
    Path("lost.txt").symlink_to("gone")
    with pytest.raises(FileNotFoundError, match=r"lost\.txt"):
        Corpus(source)
    Path("gone").write_text("found")
    assert ["found"] in list(Corpus(source))


@pytest.mark.parametrize("content", ["", " ", "\n\n", "\ufeff", "\ufeff\n", "\u3000\n\t"])
@pytest.mark.parametrize("tokenizer", [None, str.split])
def test_files_without_words(content: str, tokenizer: Any, tmp_path: Path) -> None:
    empty, full = tmp_path / "empty.txt", tmp_path / "full.txt"
    empty.write_text(content)
    full.write_text("a")
    n_lines = len(sentences_of(content))
    for cache_dir in (None, tmp_path / "cache", tmp_path / "cache"):
        with pytest.raises(ValueError, match=rf"no words in .*empty.txt: {n_lines} sentences"):
            Corpus(empty, tokenizer=tokenizer, cache_dir=cache_dir)
    corpus = Corpus([empty, full, empty], tokenizer=tokenizer)
    assert_holds(corpus, [[]] * n_lines + [["a"]] + [[]] * n_lines)


@pytest.mark.parametrize("tokenizer", [None, str.split], ids=["native", "tokenizer"])
@pytest.mark.parametrize("kind", COMPRESSIONS)
@pytest.mark.parametrize("block_bytes", [100, 1 << 20])
def test_compressed_files_whatever_their_names(
    kind: str, block_bytes: int, tokenizer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", block_bytes)
    compress, data = COMPRESSIONS[kind], TEXT.encode()
    (tmp_path / "one").write_bytes(compress(data))
    (tmp_path / "two.txt").write_bytes(compress(data[:1000]) + compress(data[1000:]))
    (tmp_path / "plain.gz").write_text("plain")
    for name, expected in ("one", SENTENCES), ("two.txt", SENTENCES), ("plain.gz", [["plain"]]):
        assert_holds(Corpus(tmp_path / name, tokenizer=tokenizer), expected, name)


def test_the_first_bytes_of_compressed_files_as_text(tmp_path: Path) -> None:
    for text in ("B", "BZ", "BZh", "BZh0", "BZhang", "BZh9 1AY&SY", "(", "P*M"):
        (tmp_path / "text").write_text(text)
        assert_holds(Corpus(tmp_path / "text"), [text.split()], text)


def test_a_very_long_word_is_not_read_over_and_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(path: str, file: Any, view: memoryview) -> int:
        sizes.append(len(view))
        return real_fill(path, file, view)

    sizes: list[int] = []
    real_fill = sources._fill
    monkeypatch.setattr(sources, "_fill", fill)
    monkeypatch.setattr(sources, "BLOCK_BYTES", 8)
    (tmp_path / "text").write_text("한" * 100_000 + " a b c d e f g h i j k")
    assert_holds(Corpus(tmp_path / "text"), [["한" * 100_000, *"abcdefghijk"]])
    assert len(sizes) < 30  # it doubles


def test_zstd_files_that_start_with_a_skippable_frame(tmp_path: Path) -> None:
    frame = b"\x50\x2a\x4d\x18\x04\x00\x00\x00" + b"pzst"  # as pzstd writes them
    (tmp_path / "text.zst").write_bytes(frame + zstd(TEXT.encode()))
    assert_holds(Corpus(tmp_path / "text.zst"), SENTENCES)


def test_zstd_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.zst").write_bytes(zstd(b"a b"))
    monkeypatch.setattr(sources, "_ZSTD", None)
    with pytest.raises(ImportError, match=r"text\.zst.*pip install 'fastw2v\[zstd\]'"):
        Corpus(tmp_path / "text.zst")


def read(path: Path) -> list[list[str]]:
    """What a corpus makes its sentences of, without the threads and files of one."""
    return [line.split() for line in sources.read_lines([str(path)], "strict")]


@pytest.mark.parametrize("kind", COMPRESSIONS)
def test_truncated_files(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1000)
    data = COMPRESSIONS[kind](TEXT.encode())
    path = tmp_path / "text"
    for cut in [*range(MAGIC_BYTES[kind], len(data), 5), *range(len(data) - 12, len(data))]:
        path.write_bytes(data[:cut])
        with pytest.raises(CorpusError, match="truncated file"):
            read(path)
    for cut in (MAGIC_BYTES[kind], len(data) // 2, len(data) - 1):
        path.write_bytes(data[:cut])
        for tokenizer in (None, str.split):
            with pytest.raises(CorpusError, match="truncated file") as caught:
                Corpus(path, workers=2, tokenizer=tokenizer)
            assert caught.value.path == str(path), cut


@pytest.mark.parametrize("kind", COMPRESSIONS)
def test_corrupt_files(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1000)
    data = COMPRESSIONS[kind](TEXT.encode())
    path = tmp_path / "text"
    n_errors = 0
    positions = [*range(20), *range(20, len(data), 5), *range(len(data) - 12, len(data))]
    for position in positions:
        for bits in (1, 0x80, 0xFF):
            damaged = bytearray(data)
            damaged[position] ^= bits
            path.write_bytes(damaged)
            try:
                assert read(path) == SENTENCES, (position, bits)
            except CorpusError as error:
                n_errors += 1
                assert error.path == str(path), (position, bits)
    assert n_errors > 2.5 * len(positions)


@pytest.mark.parametrize("kind", COMPRESSIONS)
@pytest.mark.parametrize("position", [0.1, 0.5, 0.9])
def test_a_corpus_of_a_corrupt_file(kind: str, position: float, tmp_path: Path) -> None:
    data = bytearray(COMPRESSIONS[kind](TEXT.encode()))
    data[int(position * len(data))] ^= 0xFF
    (tmp_path / "text").write_bytes(data)
    with pytest.raises(CorpusError, match=r"corrupt|truncated") as caught:
        Corpus(tmp_path / "text", workers=2)
    assert caught.value.path == str(tmp_path / "text")


@pytest.mark.parametrize("kind", COMPRESSIONS)
@pytest.mark.parametrize("more", [b"\n", b"more, and more of it", b"\0" * 3 + b"more"])
def test_what_follows_compressed_data_is_not_passed_over(
    kind: str, more: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "text"
    path.write_bytes(COMPRESSIONS[kind](TEXT.encode()) + more)
    with pytest.raises(CorpusError, match=r"corrupt|truncated") as caught:
        Corpus(path)
    assert caught.value.path == str(path)


@pytest.mark.parametrize("kind", COMPRESSIONS)
@pytest.mark.parametrize("damaged", [0, 1, 2])
def test_a_later_stream_whose_start_is_damaged_is_not_passed_over(
    kind: str, damaged: int, tmp_path: Path
) -> None:
    compress, path = COMPRESSIONS[kind], tmp_path / "text"
    second = bytearray(compress(b"d e f\n" * 100))
    second[damaged] ^= 1
    path.write_bytes(compress(b"a b c\n" * 100) + second)
    with pytest.raises(CorpusError, match="corrupt") as caught:
        Corpus(path)
    assert caught.value.path == str(path)


@pytest.mark.parametrize("kind", COMPRESSIONS)
@pytest.mark.parametrize("block_bytes", [7, 1 << 20])
def test_many_streams_one_after_the_other(
    kind: str, block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BLOCK_BYTES", block_bytes)
    data = TEXT[:500].encode()
    parts = [data[k : k + 50] for k in range(0, len(data), 50)]
    (tmp_path / "text").write_bytes(b"".join(map(COMPRESSIONS[kind], [b"", *parts, b"", b""])))
    assert read(tmp_path / "text") == sentences_of(TEXT[:500])


@pytest.mark.parametrize("n_zeros", [4, 8, 100_000, 1, 6, 65_537])
def test_zero_bytes_between_and_after_xz_streams_come_by_four(n_zeros: int, tmp_path: Path) -> None:
    halves = [lzma.compress(TEXT[:500].encode()), lzma.compress(TEXT[500:].encode())]
    for end in (b"", halves[1], halves[1] + bytes(4)):
        (tmp_path / "text").write_bytes(halves[0] + bytes(n_zeros) + end)
        if n_zeros % 4:
            with pytest.raises(CorpusError, match="corrupt"):
                read(tmp_path / "text")
        else:
            assert read(tmp_path / "text") == sentences_of(TEXT if end else TEXT[:500])


@pytest.mark.parametrize("kind", ["txt", *COMPRESSIONS])
def test_standard_input(kind: str, tmp_path: Path) -> None:
    code = "from fastw2v import Corpus; c = Corpus('-', workers=2); print(c.words, len(c))"
    data = COMPRESSIONS.get(kind, bytes)(TEXT.encode())
    with start_python(code) as process:
        out, _ = process.communicate(data, timeout=60)
    (tmp_path / "text").write_bytes(data)
    assert out.decode() == f"{Corpus(tmp_path / 'text').words} {len(SENTENCES)}\n"


@pytest.mark.parametrize("kind", ["txt", *COMPRESSIONS])
def test_a_pipe_that_gives_its_first_byte_alone(kind: str, tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + TEXT.encode()
    data = COMPRESSIONS.get(kind, bytes)(data)
    os.mkfifo(tmp_path / "pipe")

    def feed() -> None:
        with suppress(BrokenPipeError), open(tmp_path / "pipe", "wb", buffering=0) as pipe:
            pipe.write(data[:1])
            time.sleep(0.2)
            pipe.write(data[1:])

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        assert_holds(Corpus(tmp_path / "pipe"), SENTENCES)
    finally:
        feeder.join()


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("a")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(PermissionError, match=r"secret\.txt"):
        Corpus(path)


def test_a_pipe_is_read_where_many_files_are_open(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 1200:
        pytest.skip("so many files may not be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1200, limits[1]))
    os.mkfifo(tmp_path / "pipe")
    feeder = threading.Thread(target=(tmp_path / "pipe").write_text, args=("a b",))
    feeder.start()
    opened = []
    try:
        while not opened or opened[-1] < 1100:
            opened.append(os.open(os.devnull, os.O_RDONLY))
        assert_holds(Corpus(tmp_path / "pipe"), [["a", "b"]])
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        feeder.join()


def test_a_closed_standard_input_is_said_to_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(OSError, match="standard input is closed"):
        Corpus("-")
