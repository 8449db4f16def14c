"""The token file: kept, found again, made anew, and never wrong, half-written or left behind."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpora import assert_holds, sentences_of, start_python

from fastw2v import Corpus, CorpusError, FormatError, tokenfile

pytestmark = pytest.mark.usefixtures("nothing_left")

TEXT = "나는 사과를 먹었다\n\nthe cat sat on THE mat\nThe 나는\n" * 3
SENTENCES = sentences_of(TEXT)
FILES = ["tokens.i32", "offsets.i64", "words.safetensors"]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "not yet" / "cache"


def identities(cache: Path) -> set[tuple[str, int, int]]:
    """Name, inode and time of every file in the cache, hidden and temporary ones included."""
    files = (path for path in cache.rglob("*") if path.is_file())
    return {(p.name, p.stat().st_ino, p.stat().st_mtime_ns) for p in files}


def replace(path: Path, content: str, mtime_ns: int) -> None:
    path.write_text(content)
    os.utime(path, ns=(mtime_ns, mtime_ns))


@pytest.mark.parametrize("options", [{}, {"tokenizer": str.split}, {"lowercase": True}])
def test_a_kept_corpus_is_found_again(options: dict[str, Any], text: Path, cache: Path) -> None:
    first = Corpus(text, cache_dir=cache, **options)
    files = identities(cache)
    assert sorted(name for name, *_ in files) == sorted(FILES)
    for source, workers in (text, 1), (str(text), 3), ([text], None), (text.parent / "*.txt", 2):
        again = Corpus(source, cache_dir=str(cache), workers=workers, **options)
        assert_holds(again, list(first))
        assert not again.tokens.flags.writeable
    assert identities(cache) == files


def test_a_kept_corpus_is_not_read_again(
    text: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Corpus(text, cache_dir=cache)
    monkeypatch.setattr("fastw2v.sources.open", None, raising=False)
    assert_holds(Corpus(text, cache_dir=cache), SENTENCES)


@pytest.mark.parametrize(
    ("content", "seconds"),
    [("longer " + TEXT, 0), (TEXT.replace("사", "바"), 1)],
    ids=["size", "time"],
)
def test_a_file_that_has_changed_is_read_again(
    content: str, seconds: int, text: Path, cache: Path
) -> None:
    before = Corpus(text, cache_dir=cache)
    replace(text, content, text.stat().st_mtime_ns + seconds * 10**9)
    assert_holds(Corpus(text, cache_dir=cache), sentences_of(content))
    assert len(identities(cache)) == len(FILES)
    assert_holds(before, SENTENCES)  # its map outlives the files


def test_a_directory_that_has_changed_is_read_again(text: Path, cache: Path) -> None:
    Corpus(text.parent, cache_dir=cache)
    (text.parent / "more.txt").write_text("more\n")
    assert_holds(Corpus(text.parent, cache_dir=cache), [["more"], *SENTENCES])


def test_every_set_of_options_is_kept_apart(text: Path, cache: Path) -> None:
    other = text.with_name("other.txt")
    other.write_text(TEXT)
    choices: list[tuple[Any, dict[str, Any]]] = [
        (text, {}),
        (other, {}),
        ([text, other], {}),
        ([other, text], {}),
        (text, {"lowercase": True}),
        (text, {"errors": "replace"}),
        (text, {"tokenizer": str.split}),
        (text, {"tokenizer": str.splitlines}),
    ]
    expected = [list(Corpus(source, **options)) for source, options in choices]
    for _ in range(2):
        found = [list(Corpus(s, cache_dir=cache, **options)) for s, options in choices]
        assert found == expected
        assert len(list(cache.iterdir())) == len(choices)


@pytest.mark.parametrize("options", [{}, {"errors": "replace"}])
def test_an_error_leaves_nothing_in_the_cache(
    options: dict[str, Any], tmp_path: Path, cache: Path
) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(b"\x1f\x8b truncated")
    with pytest.raises(CorpusError):
        Corpus(path, cache_dir=cache, **options)
    assert identities(cache) == set()
    assert list(cache.iterdir()) == []


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated by a word": lambda data: data[:-8],
    "truncated by a byte": lambda data: data[:-1],
    "half": lambda data: data[: len(data) // 16 * 8],
    "emptied": lambda data: b"",
    "zeros": lambda data: bytes(len(data)),
    "ones": lambda data: b"\xff" * len(data),
    "longer": lambda data: data + bytes(8),
}


@pytest.mark.parametrize("damage", [*DAMAGES, "missing"])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_cache_is_never_believed(name: str, damage: str, text: Path, cache: Path) -> None:
    Corpus(text, cache_dir=cache)
    (file,) = cache.glob(f"*/{name}")
    data = file.read_bytes()
    file.unlink()
    if damage != "missing":
        file.write_bytes(DAMAGES[damage](data))
    try:
        again = Corpus(text, cache_dir=cache)
    except FormatError as error:
        assert error.path.startswith(str(cache))
    else:
        assert_holds(again, SENTENCES)


def test_a_kept_corpus_has_the_usual_modes(text: Path, cache: Path) -> None:
    old = os.umask(0o027)
    try:
        Corpus(text, cache_dir=cache)
    finally:
        os.umask(old)
    for path in cache.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o750 if path.is_dir() else 0o640), path


def test_a_cache_dir_that_is_a_file(text: Path) -> None:
    for cache_dir in (text, text / "deeper"):
        with pytest.raises(OSError, match=r"text\.txt") as caught:
            Corpus(text, cache_dir=cache_dir)
        assert isinstance(caught.value, NotADirectoryError)
        assert "cache_dir= needs a directory" in str(caught.value)


def test_a_place_in_the_cache_that_is_a_file(text: Path, cache: Path) -> None:
    Corpus(text, cache_dir=cache)
    (place,) = cache.iterdir()
    shutil.rmtree(place)
    place.write_text("in the way")
    with pytest.raises(NotADirectoryError, match=f"cache_dir= .*remove the file.*{place.name}"):
        Corpus(text, cache_dir=cache)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_cache_that_is_a_folder(name: str, text: Path, cache: Path) -> None:
    Corpus(text, cache_dir=cache)
    (file,) = cache.glob(f"*/{name}")
    file.unlink()
    file.mkdir()
    with pytest.raises(IsADirectoryError, match=f"remove the folder.*{name}"):
        Corpus(text, cache_dir=cache)
    assert file.is_dir()


def test_what_a_killed_process_has_left_is_removed(text: Path, cache: Path) -> None:
    """...by the next one; not what is another machine's, or is being written."""
    code = """if True:
        import os, pathlib, signal, sys
        from fastw2v.tokenfile import Writer
        with Writer(pathlib.Path(sys.argv[1], "x")):
            os.kill(os.getpid(), signal.SIGTERM)
    """
    with start_python(code, cache):
        pass
    (left,) = cache.iterdir()
    elsewhere = cache / ".fastw2v-another machine-x"
    elsewhere.mkdir()
    with tokenfile.Writer(cache / "y"):
        (alive,) = set(cache.iterdir()) - {left, elsewhere}
        Corpus(text, cache_dir=cache)
        assert not left.exists()
        assert {elsewhere, alive} < set(cache.iterdir())
    assert not alive.exists()


def test_a_token_file_that_has_no_room_names_the_limit(
    text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(tokenfile.np, "memmap", refuse)
    with pytest.raises(MemoryError, match=r"token file.*ulimit -v"):
        Corpus(text)


def test_a_cache_dir_that_cannot_be_written(
    text: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, dir: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr(tokenfile.tempfile, "mkdtemp", refuse)
    monkeypatch.setattr("fastw2v.sources.open", None, raising=False)  # nothing is read before
    with pytest.raises(PermissionError, match="cache"):
        Corpus(text, cache_dir=cache)


def test_what_cannot_be_kept(text: Path, cache: Path) -> None:
    for source, options, match in (
        ("-", {}, "standard input"),
        ([text, "-"], {}, "standard input"),
        (text, {"tokenizer": lambda line: line.split()}, "a function of a module"),
        (text, {"tokenizer": re.compile(r"\w+").findall}, "a function of a module"),
        (text, {"tokenizer": partial(str.split, sep="/")}, "a function of a module"),
        ([["a"]], {}, "needs files as source, got list"),
    ):
        with pytest.raises(ValueError, match=match):
            Corpus(source, cache_dir=cache, **options)
    assert not cache.exists()


def test_another_process_that_was_quicker(
    text: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename(source: Path, target: Path) -> None:
        shutil.copytree(source, target)
        real_rename(source, target)

    real_rename = os.rename
    monkeypatch.setattr(tokenfile.os, "rename", rename)
    assert_holds(Corpus(text, cache_dir=cache), SENTENCES)
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("n_tokens", [300, 100_000])
def test_a_full_disk_leaves_nothing_behind(n_tokens: int, tmp_path: Path) -> None:
    code = """if True:
        import os, resource, signal, sys, tempfile
        from fastw2v import Corpus
        tempfile.tempdir = sys.argv[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        try:
            Corpus([["a"] * int(sys.argv[2])])
        except OSError as error:
            print(error.strerror, os.listdir(tempfile.tempdir))
    """
    directory = tmp_path / "child"
    directory.mkdir()
    with start_python(code, directory, n_tokens) as process:
        out, _ = process.communicate(timeout=60)
    assert out == b"File too large []\n"


def test_a_corpus_outlives_its_files(text: Path) -> None:
    corpus = Corpus(text)
    text.unlink()
    assert_holds(corpus, SENTENCES)
    assert isinstance(corpus.tokens, np.memmap)
    assert not corpus.tokens.flags.writeable
    assert corpus.tokens.dtype == np.int32
    assert corpus.offsets.dtype == corpus.counts.dtype == np.int64


def test_is_from(text: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(text.parent)
    corpus = Corpus(text, cache_dir=cache)
    other = text.with_name("other.txt")
    shutil.copy2(text, other)
    for same in (text, str(text), "text.txt", [text], (str(text),), "te*.txt", corpus):
        assert corpus.is_from(same)
    for different in (other, [text, other], [text, text], [["나는"]], Corpus(text), iter([["a"]])):
        assert not corpus.is_from(different)
    time = text.stat().st_mtime_ns
    replace(text, TEXT, time + 10**9)
    assert not corpus.is_from(text)
    replace(text, TEXT, time)
    assert corpus.is_from(text)
    replace(text, TEXT + " ", time)
    assert not corpus.is_from(text)


@pytest.mark.parametrize("make", [list, iter, np.array], ids=["list", "iterator", "array"])
def test_is_from_the_very_object(make: Callable[[Any], Any]) -> None:
    source = make([[1, 2], [2, 3]])
    corpus = Corpus(source)
    assert corpus.is_from(source)
    assert not corpus.is_from(make([[1, 2], [2, 3]]))
    assert not corpus.is_from(__file__)
