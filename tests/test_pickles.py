"""Pickles as data: what they hold is read, and nothing that they ask for is ever done."""

from __future__ import annotations

import codecs
import collections
import os
import pickle
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fastw2v import FormatError, KeyedVectors
from fastw2v._gensim.pickled_values import resolved
from fastw2v._gensim.pickles import load
from fastw2v.errors import TruncatedError


class Calls:
    """Pickles as a call of `function`."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def read(data: bytes, *allowed: str) -> Any:
    return resolved(load("a.pickle", data, allowed.__contains__))


@pytest.mark.parametrize("protocol", range(2, 6))
def test_plain_data_of_every_protocol(protocol: int) -> None:
    plain = {
        "한국": [1, -1, 255, 256, 65_536, -(2**31), 2**31, 2**80, -(2**2100), 1.5, float("inf")],
        7: (None, True, False, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        "나" * 300: {"a", "b"},
        "frozen": frozenset({1, 2}),
        "bytes": (b"", b"\xff" * 10, b"x" * 300),
        "ordered": collections.OrderedDict(a=1, b=2),
        "default": collections.defaultdict(int, {"a": 3}),
        "many": list(range(3000)),
        "words": {f"낱말{i}": i for i in range(3000)},
        "\ud800": "😀",
    }
    names = "builtins.int", "__builtin__.int", "__builtin__.long"
    assert read(pickle.dumps(plain, protocol), *names) == plain


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("dtype", ["?", "i1", "u2", ">i4", "<i8", "f2", "<f4", ">f4", "f8"])
def test_arrays_of_numbers(protocol: int, dtype: str) -> None:
    for array in (np.arange(6).reshape(2, 3), np.zeros((0, 4)), np.array(5), np.eye(3)[:, ::2]):
        for given in (array.astype(dtype), np.asfortranarray(array.astype(dtype))):
            found = read(pickle.dumps(given, protocol), "numpy.ndarray")
            np.testing.assert_array_equal(found, given)
            assert found.dtype == given.dtype.newbyteorder("=")
            assert found.flags.aligned


def test_numbers_of_numpy_become_those_of_python() -> None:
    found = read(pickle.dumps([np.float32(0.5), np.int64(7)], 4))
    assert found == [0.5, 7]
    assert list(map(type, found)) == [float, int]


def test_one_object_in_two_places_stays_one() -> None:
    one = ["a"]
    found = read(pickle.dumps([one, one]))
    assert found[0] is found[1]
    one.append(one)
    again = read(pickle.dumps(one))
    assert again[1] is again


ATTACKS = {
    "os.system": Calls(os.system, "echo > pwned"),
    "builtins.eval": Calls(eval, "open('pwned', 'w')"),
    "builtins.getattr": Calls(getattr, "a", "upper"),
    "subprocess.Popen": Calls(subprocess.Popen, "echo > pwned"),
    "numpy.fromfile": Calls(np.fromfile, "/etc/passwd"),
    "numpy.load": Calls(np.load, "x.npy", None, True),
    "_codecs.lookup": Calls(codecs.lookup, "utf-8"),
    "builtins.bytearray": Calls(bytearray, 1 << 60),
    "pathlib.Path": Path,
}


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("nested", [False, True])
def test_what_a_file_asks_for_is_named_and_not_done(
    name: str, protocol: int, nested: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    attack: Any = {"wv": [np.eye(2), ATTACKS[name]]} if nested else ATTACKS[name]
    data = pickle.dumps(attack, protocol)
    # Of protocol 2, Python translates the module's name into that of Python 2; and Path has its
    # name from a module within pathlib, but for some versions.
    module = r"pathlib[._a-z]*" if ATTACKS[name] is Path else r"\w+"
    with pytest.raises(FormatError, match=rf"asks for {module}\.{name.rpartition('.')[2]},"):
        read(data, "numpy.ndarray")
    Path("a.kv").write_bytes(data)
    for allow in (False, True):
        with pytest.raises(FormatError):
            KeyedVectors.load("a.kv", allow_gensim=allow)
    assert os.listdir() == ["a.kv"]


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n(S'echo > pwned'\ntR.",
        b"(X\4\0\0\0trueios\nsystem\n.",
        b"(cos\nsystem\nS'echo > pwned'\no.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
        b"\x80\x04)\x8c\x02os\x8c\x06system\x93R.",
    ],
)
def test_old_and_strange_ways_to_name_a_function_are_named_too(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"asks for os\.system"):
        KeyedVectors.load(path, allow_gensim=True)


def short(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


def named(module: str, name: str) -> bytes:
    return short(module) + short(name) + b"\x93"


KIND = named("gensim.models.keyedvectors", "KeyedVectors")
ARRAY = named("numpy", "ndarray")
MAKE_ARRAY = named("numpy._core.multiarray", "_reconstruct") + ARRAY + b"K\0\x85C\1b\x87R"
DTYPE = named("numpy", "dtype") + short("f4") + b"\x89\x88\x87R"


def filled(shape: bytes, data: bytes, dtype: bytes = DTYPE) -> bytes:
    return (
        MAKE_ARRAY
        + b"(K\1"
        + shape
        + dtype
        + b"\x89B"
        + struct.pack("<I", len(data))
        + data
        + b"tb"
    )


@pytest.mark.parametrize(
    "body",
    {
        "a persistent id": b"P1\n",
        "a persistent id from the stack": b"K\1Q",
        "an extension code": b"\x82\1",
        "a buffer from elsewhere": b"\x97",
        "a call of a class of gensim": KIND + b")R",
        "a call of a string": short("a") + b")R",
        "a call with a list": named("_codecs", "encode") + b"]R",
        "a codec that unpacks": named("_codecs", "encode") + short("a") + short("zip") + b"\x86R",
        "an object with arguments": KIND + b"K\1\x85\x81",
        "an object of a string": short("a") + b")\x81",
        "an object of a function": named("_codecs", "encode") + b")\x81",
        "an object with keyword arguments": KIND + b")}\x92",
        "a state of slots": KIND + b")\x81N}\x86b",
        "a state for a class": KIND + b"}b",
        "a state for a list": b"]}b",
        "a state whose names are numbers": KIND + b")\x81}K\1K\1sb",
        "items for an object": KIND + b")\x81" + short("a") + b"K\1s",
        "items for a class": KIND + short("__setstate__") + b"K\1s",
        "an element for an array": MAKE_ARRAY + b"K\1a",
        "a key that takes ages to hash": b"}" + b")\x94" + b"h\0\x86\x94" * 3 + b"K\1s",
        "a member that is a list": b"\x8f(]\x90",
        "an odd number of items": b"}(K\1u",
        "a mark that is not there": b"K\1t",
        "a value that is not there": b"0",
        "a value below a mark": b"K\1(\x85",
        "memory that was never filled": b"j\xff\xff\xff\x7f",
        "an array of a class of its own": (
            named("numpy._core.multiarray", "_reconstruct") + KIND + b"K\0\x85C\1b\x87R"
        ),
        "an array of too few bytes": filled(b"K\2\x85", b"1234"),
        "an array of a negative shape": filled(b"J\xff\xff\xff\xff\x85", b""),
        "an array of an absurd shape": filled(b"\x8a\x08" + b"\xff" * 7 + b"\x7f\x85", b"1234"),
        "an array of absurdly many dimensions": filled(b"(" + b"K\1" * 99 + b"t", b"1234"),
        "an array of a size beyond memory": filled(b"\x8a\x08" + b"\xff" * 7 + b"\x7fK\0\x86", b""),
        "an array whose dtype is a string": filled(b"K\1\x85", b"1234", short("f4")),
        "numbers in too many digits": b"I" + b"9" * 100 + b"\n",
        "numbers that are none": b"Ix\n",
        "a key whose hash is that of others": b"}\x8a\x09"
        + (8 * (2**61 - 1)).to_bytes(9, "little")
        + b"Ns",
        "an unknown protocol": b"\x80\x06N",
        "an instruction that does not exist": b"\xff",
        "text that is not UTF-8": b"\x8c\1\xff",
    }.items(),
    ids=lambda item: item[0],
)
def test_odd_instructions_are_refused(body: tuple[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "모델"
    path.write_bytes(b"\x80\x04" + body[1] + b".")
    with pytest.raises(FormatError, match=r"byte \d+: ") as caught:
        KeyedVectors.load(path, allow_gensim=True)
    assert caught.value.path == str(path)


def test_a_memo_bomb_takes_no_memory() -> None:
    """An index into the memo makes Python's own unpickler reserve as many places."""
    assert read(b"\x80\x04K\7r\xff\xff\xff\xff.") == 7


@pytest.mark.parametrize(
    "copies",
    [
        filled(b"K\1\x85", b"1234") + b"0" + b"h\0(K\1M\0\x40\x85h\1\x89h\2tb0",
        named("_codecs", "encode") + b"h\2" + short("latin1") + b"\x86R0",
    ],
    ids=["arrays", "bytes"],
)
def test_a_file_cannot_have_its_data_copied_without_end(copies: bytes) -> None:
    """A pickle of 100 KB that would make gigabytes."""
    data = b"B" + struct.pack("<I", 1 << 16) + bytes(1 << 16)
    if b"encode" in copies:
        data = b"X" + data[1:]
    start = MAKE_ARRAY + b"q\x000" + DTYPE + b"q\x010" + data + b"q\x020"
    with pytest.raises(FormatError, match="more of its data than there is"):
        read(b"\x80\x04" + start + copies * 100 + b"N.", "numpy.ndarray")


def test_an_object_cannot_be_given_its_state_without_end() -> None:
    state = b"}(" + b"".join(short(f"k{n}") + b"N" for n in range(1000)) + b"uq\x000"
    target = named("gensim.models.keyedvectors", "KeyedVectors") + b")\x81"
    with pytest.raises(FormatError, match="more of its data than there is"):
        read(
            b"\x80\x04" + state + target + b"h\0b" * 10_000 + b".",
            "gensim.models.keyedvectors.KeyedVectors",
        )


def test_keys_that_are_nested_without_end_are_named_without_a_stack_overflow(
    tmp_path: Path,
) -> None:
    path = tmp_path / "모델"
    keys = short("index_to_key") + b"](" + b"(" * 10_000 + b"N" + b"t" * 10_000 + b"e"
    body = named("gensim.models.keyedvectors", "KeyedVectors") + b")\x81}(" + short("vectors")
    vectors = filled(b"K\1K\1\x86", b"1234")
    path.write_bytes(b"\x80\x04" + body + vectors + keys + b"ub.")
    with pytest.raises(FormatError, match="deeply nested tuple"):
        KeyedVectors.load(path, allow_gensim=True)


@pytest.mark.parametrize("code", [b"X", b"B", b"T", b"\x8b", b"\x8d", b"\x8e", b"\x96", b"\x95"])
def test_a_size_beyond_the_file_is_a_truncated_file(code: bytes) -> None:
    with pytest.raises(TruncatedError):
        read(b"\x80\x04" + code + b"\xff\xff\xff\x7f" * 2 + b"abc.")


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_pickle_cut_off_anywhere_is_an_error(protocol: int) -> None:
    data = pickle.dumps({"한국": [1, 300, 1.5, 10**20], "v": np.eye(3, dtype=np.float32)}, protocol)
    for end in range(len(data)):
        with pytest.raises(FormatError):
            read(data[:end], "numpy.ndarray")
