"""Numbers in text: the nearest float is read, the shortest text is written, whatever the locale."""

from __future__ import annotations

import locale
import random
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from fastw2v._native.rowfiles import NUMBER_MAX, read_text_rows, write_text_rows

FLOATS = [(np.float32, np.uint32), (np.float64, np.uint64)]
SPACE = ord(" ")


def read(texts: Sequence[str], dtype: Any) -> Any:
    """Return what the texts, one a line, are read as."""
    values = np.empty((len(texts), 1), dtype)
    data = "\n".join(texts).encode()
    n_rows, stop, _ = read_text_rows(data, values, None, SPACE)
    assert (n_rows, stop) == (len(texts), len(data)), texts[n_rows]
    return values[:, 0]


def write(values: Any) -> list[str]:
    """Return the texts that are written for values."""
    rows = np.ascontiguousarray(values).reshape(-1, 1)
    return bytes(write_text_rows(None, None, rows, SPACE)).decode().split("\n")[:-1]


def some_floats(dtype: Any, bits: Any, seed: int) -> Any:
    """Finite floats of every size: by random bits, powers of two and their neighbours, limits."""
    rng = np.random.default_rng(seed)
    info = np.finfo(dtype)
    powers = np.array([np.ldexp(dtype(1), k) for k in range(info.minexp - info.nmant, 60)], dtype)
    values = np.concatenate(
        [
            rng.integers(0, np.iinfo(bits).max, 20_000, bits, endpoint=True).view(dtype),
            *(powers, np.nextafter(powers, dtype(0)), np.nextafter(powers, dtype(np.inf))),
            rng.normal(size=5_000).astype(dtype),
            rng.integers(0, 2**24, 500).astype(dtype),
            np.array([0.0, -0.0, info.max, info.min, info.tiny, info.smallest_subnormal], dtype),
        ]
    )
    return values[np.isfinite(values)]


@pytest.mark.parametrize(("dtype", "bits"), FLOATS)
@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_written_is_read_back_and_is_the_shortest(dtype: Any, bits: Any, seed: int) -> None:
    values = some_floats(dtype, bits, seed)
    texts = write(values)
    assert read(texts, dtype).tobytes() == values.tobytes()
    assert max(map(len, texts)) <= NUMBER_MAX
    for text, value in zip(
        texts[:3000] + texts[-2000:], [*values[:3000], *values[-2000:]], strict=True
    ):
        # numpy's is the shortest that is unique, and the nearest of these.
        expected = Decimal(np.format_float_scientific(value, unique=True, trim="-"))
        assert Decimal(text) == expected, (value, seed)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.0, "0"), (-0.0, "-0"), (1.0, "1"), (-2.5, "-2.5"), (0.1, "0.1"), (100.0, "100")),
        *((1e-4, "0.0001"), (1e-5, "1e-05"), (1e16, "1e+16"), (1e15, "1000000000000000")),
        *((1.5e-30, "1.5e-30"), (123456.5, "123456.5"), (5e-324, "5e-324")),
    ],
)
def test_spelling(value: float, text: str) -> None:
    assert write(np.array([value])) == [text]


def random_text(rng: random.Random) -> str:
    n_digits = rng.choice([1, 2, 5, 8, 17, 18, 19, 20, 21, 40, 900])
    digits = "".join(rng.choices("0123456789", k=n_digits))
    point = rng.randint(0, n_digits)
    text = f"{rng.choice(['', '-', '+'])}{digits[:point]}.{digits[point:]}"
    if rng.random() < 0.8:
        text += f"{rng.choice('eE')}{rng.choice([rng.randint(-30, 30), rng.randint(-360, 330)])}"
    return text


@pytest.mark.parametrize("seed", [0, 1])
def test_any_spelling_is_read_as_python_reads_it(seed: int) -> None:
    rng = random.Random(seed)
    texts = [random_text(rng) for _ in range(20_000)]
    expected = np.array([float(text) for text in texts])
    wrong = np.flatnonzero(read(texts, np.float64).view(np.uint64) != expected.view(np.uint64))
    assert not len(wrong), (seed, texts[wrong[0]])


@pytest.mark.parametrize(("dtype", "bits"), FLOATS)
def test_the_middle_of_two_floats_goes_to_the_even_one(dtype: Any, bits: Any) -> None:
    rng = random.Random(5)
    infinity = int(np.array(np.inf, dtype).view(bits))
    texts, expected = [], []
    with localcontext() as context:
        context.prec = 1200
        for _ in range(1500):
            low = rng.choice([rng.randrange(infinity - 1), rng.randrange(1 << 20)])
            pair = np.array([low, low + 1], bits).view(dtype)
            middle = (Fraction(float(pair[0])) + Fraction(float(pair[1]))) / 2
            exact = Decimal(middle.numerator) / Decimal(middle.denominator)
            text = f"{exact:e}"
            number, _, exponent = text.partition("e")
            above = f"{number}{'' if '.' in number else '.'}{'0' * rng.choice([0, 1, 900])}1"
            below = f"{exact * (1 - Decimal(10) ** -60):.100e}"
            texts += [text, f"{above}e{exponent}", below]
            expected += [low + (low & 1), low + 1, low]
    found = read(texts, dtype).view(bits)
    wrong = np.flatnonzero(found != np.array(expected, bits))
    assert not len(wrong), texts[wrong[0]]


def test_float32_is_rounded_once() -> None:
    # By way of float64 this would be the middle of two float32, and then the even one, 1.
    text = "1.00000005960464477540"
    assert np.float32(float(text)) == 1
    assert read([text], np.float32)[0] == np.nextafter(np.float32(1), np.float32(2))


@pytest.mark.parametrize(("text", "value"), [("nan", "nan"), ("-INF", "-inf"), ("Infinity", "inf")])
def test_names(text: str, value: str) -> None:
    values = np.empty((2, 1), np.float32)
    assert read_text_rows(f"1\n{text}".encode(), values, None, SPACE) == (2, 2 + len(text), 1)
    assert str(values[1, 0]) == value


@pytest.mark.parametrize(("text", "value"), [("1e999", np.inf), ("3.5e38", np.inf), ("1e-999", 0)])
@pytest.mark.parametrize("zeros", ["", "0" * 40])
def test_numbers_out_of_range(text: str, value: float, zeros: str) -> None:
    number, _, exponent = text.partition("e")
    found = read([f"{number}{'.' if '.' not in number else ''}{zeros}e{exponent}"], np.float32)
    assert found[0] == value


def test_exponents_and_zeros_without_end() -> None:
    texts = ["0e99999999999999999999", "1e-99999999999999999999", "0." + "0" * 5000 + "1e5001"]
    assert read(texts, np.float64).tolist() == [0, 0, 1]
    assert read(["1" + "0" * 5000 + "e-5000"], np.float64).tolist() == [1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "+-1",
        "1e",
        "1e+",
        "e5",
        "1.2.3",
        "0x10",
        "1_0",
        "1,5",
        "in",
        "nano",
        "١",
        "1f",
    ],
)
def test_what_is_no_number(text: str) -> None:
    values = np.empty((1, 1), np.float32)
    assert read_text_rows(text.encode(), values, None, SPACE)[:2] == (0, 0)


def test_the_locale_changes_nothing() -> None:
    kept = locale.setlocale(locale.LC_NUMERIC)
    for name in ("de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"):
        try:
            locale.setlocale(locale.LC_NUMERIC, name)
        except locale.Error:
            continue
        try:
            assert write(np.array([0.5])) == ["0.5"] and read(["0.25"], np.float32)[0] == 0.25
            assert read(["0." + "3" * 40], np.float64)[0] == 1 / 3
        finally:
            locale.setlocale(locale.LC_NUMERIC, kept)
        return
    pytest.skip("no locale with a decimal comma is installed")
