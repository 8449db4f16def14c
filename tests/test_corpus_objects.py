"""Corpora out of Python objects: token lists, strings with a tokenizer, arrays of ids."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from enum import Enum, IntEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpora import assert_holds, start_python

from fastw2v import Corpus, Word2Vec, encoding
from fastw2v._corpus import idarrays

pytestmark = pytest.mark.usefixtures("nothing_left")

SENTENCES = [["나는", "사과를", "먹었다"], [], ["the", "cat", "나는"], ["the cat\n", ""], ["나는"]]
BASKETS = [[7, 9, 7], [], [-3, 2**63 - 1], [7, -(2**63)]]


@pytest.mark.parametrize("sentences", [SENTENCES, BASKETS], ids=["str", "int"])
@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        iter,
        lambda sentences: (sentence for sentence in sentences),
        lambda sentences: map(tuple, sentences),
        lambda sentences: [iter(sentence) for sentence in sentences],
        lambda sentences: [np.array(sentence, type(sentences[0][0])) for sentence in sentences],
        lambda sentences: [np.array(sentence, object) for sentence in sentences],
        lambda sentences: dict.fromkeys(map(tuple, sentences)).keys(),
        lambda sentences: Corpus(sentences),
    ],
    ids=["list", "tuple", "iterator", "generator", "tuples", "iterators", "arrays"]
    + ["object arrays", "keys", "Corpus"],
)
def test_iterables_of_sentences(make: Callable[[Any], Any], sentences: list[Any]) -> None:
    assert_holds(Corpus(make(sentences)), sentences)


@pytest.mark.parametrize("words", [["가", "나"], ["a", "bb"], [1, 2]])
def test_arrays_of_two_dimensions(words: list[Any]) -> None:
    rows = [words, words[::-1], [words[0]] * 2]
    assert_holds(Corpus(np.array(rows)), rows)
    assert_holds(Corpus(np.array(rows)[:, ::-1]), [row[::-1] for row in rows])


@pytest.mark.parametrize(
    "token",
    ["\0", "a\0", "\ud800", "\U0010ffff", " ", "", "\ufeff", "é", "한국", "a😀", "x" * 100_000]
    + ["é한😀" * 30_000],
)
def test_words_of_every_kind(token: str) -> None:
    assert_holds(Corpus([[token, "a"], [token]]), [[token, "a"], [token]])
    assert_holds(Corpus([["a", token], ["a"]]), [["a", token], ["a"]])
    assert_holds(Corpus([[token]]), [[token]])


def test_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_PORTION", 10)
    sentences = [[f"{k * j % 17}번" for j in range(k % 23)] for k in range(300)]
    assert_holds(Corpus(iter(sentences)), sentences)
    assert_holds(Corpus([sentences[22] * 10_000]), [sentences[22] * 10_000])


@pytest.mark.parametrize("seed", [1, 2])
def test_strings_of_every_width(seed: int) -> None:
    random = np.random.default_rng(seed)
    letters = "az\x7f\x80ßÿ\u0100\u07ff\u0800가힣\ue000\uffff\U00010000😀"
    sentences = [
        ["".join(random.choice(list(letters), random.integers(4))) for _ in range(50)]
        for _ in range(300)
    ]
    assert_holds(Corpus(sentences), sentences)


STRINGS = ["나는 사과를 먹었다", "", "the  cat\u3000sat\n", "- . *"]


@pytest.mark.parametrize("make", [list, tuple, iter, np.array], ids=lambda make: make.__name__)
def test_strings_with_a_tokenizer(make: Callable[[Any], Any]) -> None:
    for tokenizer in (str.split, list, lambda s: iter(s.split()), lambda s: tuple(s.split("a"))):
        expected = [[str(token) for token in tokenizer(string)] for string in make(STRINGS)]
        assert_holds(Corpus(make(STRINGS), tokenizer=tokenizer), expected)


def test_strings_that_name_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("apple").write_text("what is in the file")
    strings = ["I ate an", "apple"]
    with pytest.raises(FileNotFoundError, match=r"I ate an.*iter\(sentences\)"):  # no guessing
        Corpus(strings, tokenizer=str.split)
    expected = [["I", "ate", "an"], ["apple"]]
    assert_holds(Corpus(iter(strings), tokenizer=str.split), expected)


@pytest.mark.parametrize("make", [set, iter, dict.fromkeys], ids=["set", "iterator", "dict"])
@pytest.mark.parametrize("tokenizer", [None, str.split])
def test_paths_that_are_no_list_show_the_fix(make: Any, tokenizer: Any, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("a b")
    with pytest.raises(TypeError, match=r"sentence 0 is a path.*text: pass a list of paths"):
        Corpus(make([path]), tokenizer=tokenizer)
    if tokenizer is None:
        with pytest.raises(TypeError, match=r"sentence 0 is a string.*or, of files, list\(names\)"):
            Corpus(make([str(path)]))
    assert_holds(Corpus(list(make([path])), tokenizer=tokenizer), [["a", "b"]])


def test_strings_are_not_taken_for_patterns_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(pattern: str, recursive: bool) -> list[str]:
        patterns.append(pattern)
        return []

    patterns: list[str] = []
    monkeypatch.setattr("fastw2v.sources.glob.glob", look)
    strings = ["who? me", "what? that", "- [a-z]*"]
    assert_holds(Corpus(strings, tokenizer=str.split), [string.split() for string in strings])
    assert len(patterns) <= 1  # each takes a look at a whole directory


class Color(str, Enum):
    RED = "빨강"


class Shouted(str):
    def __str__(self) -> str:
        return self.upper()


def test_strings_and_integers_by_other_names() -> None:
    sentences = [[Color.RED, Shouted("a"), "a"], [np.str_("a"), "빨강", Color.RED]]
    corpus = Corpus(sentences)
    assert_holds(corpus, [["빨강", "a", "a"], ["a", "빨강", "빨강"]])
    assert {type(word) for word in corpus.words} == {str}
    corpus = Corpus([[np.int8(1), 1, IntEnum("Step", "ONE").ONE], [np.uint64(2), True + 1]])
    assert_holds(corpus, [[1, 1, 1], [2, 2]])
    assert {type(word) for word in corpus.words} == {int}


def test_a_tokenizer_gets_lines_without_their_ends(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes("\ufeff한국 a\r\n\r\nb \nc\rd".encode())
    expected = [list("한국 a"), [], list("b "), list("c\rd")]
    assert_holds(Corpus(tmp_path / "text", tokenizer=list), expected)


@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint8, np.int16, np.int32, np.uint32, np.int64, ">i4"], ids=str
)
def test_ids_with_offsets(dtype: Any) -> None:
    ids = np.array([5, 3, 5, 100, 3, 5], dtype)
    for offsets in ([0, 2, 2, 6], (0, 2, 2, 6), np.array([0, 2, 2, 6], np.uint16)):
        assert_holds(Corpus(ids, offsets=offsets), [[5, 3], [], [5, 100, 3, 5]])
    assert_holds(Corpus(ids[::-2], offsets=[0, 0, 3]), [[], [5, 100, 3]])
    assert_holds(Corpus(ids.reshape(2, 3)), [[5, 3, 5], [100, 3, 5]])


@pytest.mark.parametrize("portion", [10, 700, 1 << 20])
@pytest.mark.parametrize("chance", [0.01, 0.6, 1.0, 1e-5])
def test_random_ids_give_what_lists_of_them_give(
    chance: float, portion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are rare, some very frequent: the array is dealt with in portions, by their values."""
    monkeypatch.setattr(idarrays, "_PORTION", portion)
    seed = 5
    rng = np.random.default_rng(seed)
    ids = rng.geometric(chance, 5000) - 50
    offsets = np.sort(np.r_[0, rng.integers(0, 5000, 400), 5000])
    lists = [ids[a:b].tolist() for a, b in pairwise(offsets)]
    assert_holds(Corpus(ids, offsets), lists, f"seed={seed}")
    assert_holds(Corpus(lists), lists, f"seed={seed}")


def test_ids_beyond_64_bits_are_refused() -> None:
    for source in ([[2**63]], np.array([[2**63, 1]], np.uint64)):
        with pytest.raises(ValueError, match="64 bits, got 9223372036854775808"):
            Corpus(source)


def test_an_id_beyond_64_bits_ends_the_pass() -> None:
    sentences = iter([[1, 2], [3, -(2**63) - 1], [4]])
    with pytest.raises(ValueError, match=r"sentence 1: .*64 bits, got -9223372036854775809"):
        Corpus(sentences)
    assert next(sentences) == [4]


@pytest.mark.parametrize(
    ("source", "offsets", "error", "match"),
    [
        (np.arange(4), None, ValueError, r"shape \(4,\) needs offsets="),
        (np.zeros((2, 2, 2), int), None, ValueError, r"shape \(2, 2, 2\)"),
        (np.array(4), None, ValueError, r"shape \(\)"),
        (np.zeros((2, 2), int), [0, 4], ValueError, r"1-D array of ids, got shape \(2, 2\)"),
        (np.arange(4), [0, 3], ValueError, r"from 0 to 4.*end with 3"),
        (np.arange(4), [1, 4], ValueError, r"from 0 to 4.*start with 1"),
        (np.arange(4), [0, 5], ValueError, r"from 0 to 4.*end with 5"),
        (np.arange(4), [0, 3, 2, 4], ValueError, r"from 0 to 4.*fall in between"),
        (np.arange(4), np.array([0, 3, 2, 4], np.uint64), ValueError, r"fall in between"),
        (np.arange(4), [], ValueError, r"offsets must be a 1-D array of integers, got \[\]"),
        (np.arange(4), [[0, 4]], ValueError, r"offsets must be a 1-D array of integers"),
        (np.arange(4), [0.0, 4.0], ValueError, r"offsets must be a 1-D array of integers"),
        (np.arange(4), 4, ValueError, r"offsets must be a 1-D array of integers, got 4"),
        ([[1, 2]], [0, 2], TypeError, r"offsets= goes with an array of integer ids, got list"),
        (__file__, [0, 2], TypeError, r"offsets= goes with an array of integer ids, got str"),
        (np.array([0.5, 1.5]), [0, 2], TypeError, r"offsets= goes with an array of integer ids"),
        (np.zeros((3, 0), int), None, ValueError, r"no words in the ndarray: 3 sentences"),
        (np.zeros((0, 3), int), None, ValueError, r"no words in the ndarray: 0 sentences"),
        (np.zeros(0, int), [0], ValueError, r"no words in the ndarray: 0 sentences"),
        (np.zeros(0, int), [0, 0, 0], ValueError, r"no words in the ndarray: 2 sentences"),
        ([], None, ValueError, r"no words in the list: 0 sentences"),
        ([[], ()], None, ValueError, r"no words in the list: 2 sentences"),
        (iter([]), None, ValueError, r"no words"),
    ],
)
def test_ids_that_make_no_sense(source: Any, offsets: Any, error: Any, match: str) -> None:
    with pytest.raises(error, match=match):
        Corpus(source, offsets)


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ("the cat sat", r"got text, 'the cat sat'.*s\.split\(\) for s in.*tokenizer=str\.split"),
        ("나는 사과를 먹었다\n" * 99, r"got text, .*\.\.\..*s\.split\(\)"),
        ("How are you? fine *", r"got text, 'How are you\? fine \*'.*s\.split\(\)"),
        (["나는 사과를", "먹었다"], r"got text, .*s\.split\(\) for s in.*tokenizer=str\.split"),
        (("the cat", "sat"), r"got text.*s\.split\(\)"),
        (iter(["the cat", "sat"]), r"sentence 0 is a string, 'the cat'.*s\.split\(\)"),
        (np.array(["the cat", "sat"]), r"sentence 0 is a string.*s\.split\(\)"),
        ([["the", "cat"], "the cat sat"], r"sentence 1 is a string, 'the cat sat'.*s\.split\(\)"),
        (b"the cat", r"got bytes; decode it first"),
        (bytearray(b"the cat"), r"got bytearray; decode it first"),
        ([b"the cat"], r"sentence 0 must be a list of tokens, got b'the cat'"),
        ([bytearray(b"the cat")], r"sentence 0 must be a list of tokens"),
        ([memoryview(b"the cat")], r"sentence 0 must be a list of tokens"),
        ([{"the": 1}], r"sentence 0 must be a list of tokens, got \{'the': 1\}"),
        ([["a"], {"사과"}], r"sentence 1 must be a list .* got \{'사과'\}; a set has no order"),
        ([frozenset(["a"])], r"sentence 0 must be a list .*; a set has no order"),
        ([["a"], None], r"sentence 1 must be a list of tokens, got None"),
        ([1, 2, 3], r"sentence 0 must be a list of tokens, got 1"),
        (7, r"path or an iterable of sentences, got int"),
        (None, r"path or an iterable of sentences, got NoneType"),
        ([["a"], ["b", b"c"]], r"sentence 1: a token must be a str or an int, got b'c'; decode"),
        ([["a", None]], r"sentence 0: a token must be a str or an int, got None"),
        ([["a", ["b"]]], r"sentence 0: a token must be a str or an int, got \['b'\]"),
        ([[1.0]], r"a token must be a str or an int, got 1\.0"),
        ([[1, 1.0]], r"a token must be a str or an int, got 1\.0"),
        ([[True]], r"a token must be a str or an int, got True"),
        ([[1, True]], r"a token must be a str or an int, got True"),
        ([[1, "a"]], r"all str or all int, got 'a' after int"),
        ([["a"], [1]], r"sentence 1: tokens must be all str or all int, got 1 after str"),
        (np.array([[0.5, 1.0]]), r"a token must be a str or an int"),
        (np.array([[True, False]]), r"a token must be a str or an int"),
    ],
)
def test_what_is_no_corpus(source: Any, match: str) -> None:
    with pytest.raises(TypeError, match=match):
        Corpus(source)


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"workers": 0}, ValueError, r"workers must be .* got 0"),
        ({"workers": 1025}, ValueError, r"workers must be .* at most 1024, got 1025"),
        ({"workers": 1.5}, TypeError, r"workers must be .* got 1\.5"),
        ({"errors": "ignore"}, ValueError, r"errors must be .* got 'ignore'"),
        ({"tokenizer": "split"}, TypeError, r"tokenizer must be callable, got 'split'"),
        ({"cache_dir": "cache"}, ValueError, r"cache_dir='cache' needs files as source"),
    ],
)
def test_options_out_of_range_before_anything_is_read(
    options: dict[str, Any], error: Any, match: str
) -> None:
    source = iter([["a"]])
    with pytest.raises(error, match=match):
        Corpus(source, **options)
    assert next(source) == ["a"]


def test_tokenizers_that_do_not_tokenize(tmp_path: Path) -> None:
    for returned in ("text", b"text", None, 7, {"text"}):
        with pytest.raises(TypeError, match="list of tokens, got"):
            Corpus(iter(["a b"]), tokenizer=lambda _, returned=returned: returned)


class Broken(Exception):
    pass


def test_a_source_that_raises_in_the_middle(tmp_path: Path) -> None:
    def sentences() -> Iterator[list[str]]:
        yield ["a", "b"]
        raise Broken

    def tokenize(text: str) -> list[str]:
        raise Broken

    def tokens() -> Iterator[str]:
        yield "a"
        raise Broken

    (tmp_path / "text").write_text("a b\n")
    for source, tokenizer in (
        (sentences(), None),
        ([["a"], tokens()], None),
        (iter(["a b"]), tokenize),
        (iter(["a b"]), lambda _: tokens()),
        (tmp_path / "text", tokenize),
    ):
        with pytest.raises(Broken):
            Corpus(source, tokenizer=tokenizer)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("n_blocks", [0, 1, 100])
def test_a_reader_that_raises_in_the_middle(
    n_blocks: int, workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenReader(encoding.BlockReader):
        n_left = n_blocks

        def read(self, buffer: bytearray) -> Any:
            self.n_left -= 1
            if self.n_left < 0:
                raise Broken
            return super().read(buffer)

    monkeypatch.setattr(encoding, "BlockReader", BrokenReader)
    monkeypatch.setattr("fastw2v.sources.BLOCK_BYTES", 100)
    (tmp_path / "text").write_text("한국 서울 일본 도쿄\n" * 1000)
    with pytest.raises(Broken):
        Corpus(tmp_path / "text", workers=workers)


@pytest.mark.parametrize("options", ["", ", tokenizer=str.split"])
def test_ctrl_c_while_a_slow_pipe_is_read(options: str, tmp_path: Path) -> None:
    code = f"""if True:
        import os, signal, sys, tempfile, threading
        from fastw2v import Corpus
        signal.signal(signal.SIGINT, signal.default_int_handler)
        tempfile.tempdir = sys.argv[1]
        try:
            Corpus("-"{options}, workers=3)
        except KeyboardInterrupt:
            print("interrupted", threading.active_count(), os.listdir(tempfile.tempdir))
    """
    directory = tmp_path / "child"
    directory.mkdir()
    with start_python(code, directory) as process:
        try:
            assert process.stdin and process.stdout
            # More than pipe and buffer hold, so that the child is in the middle of it.
            process.stdin.write("나는 사과를 먹었다\n".encode() * 150_000)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
            assert process.stdout.read() == b"interrupted 1 []\n"
        finally:
            process.kill()


def test_a_list_whose_sentences_are_others_is_another_corpus():
    sentences = [["나는", "달린다"]] * 3
    corpus = Corpus(sentences)
    assert corpus.is_from(sentences)
    sentences[:] = [["사과를", "먹었다", "나는"]] * 3
    assert not corpus.is_from(sentences)
    model = Word2Vec(sentences, min_count=1, vector_size=4, epochs=1, sample=0)
    sentences[1:] = [["나는"]] * 2
    assert model.train(sentences) == (5, 5)
