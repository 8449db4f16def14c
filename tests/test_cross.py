"""The native code of arm64, built by a cross compiler and run under an emulator."""

from __future__ import annotations

import shutil
import struct
from itertools import product

import numpy as np
import pytest
import softmax_cases
from cross import KERNELS, MACHINES, build, compile_c
from kernel_cases import group_case, merge_case, path_case

from fastw2v._native.randomvectors import NORMAL, TERNARY, UNIFORM, write_random_vectors
from fastw2v._native.text import TEXT_PADDING, WordTable
from fastw2v._native.train import (
    GROUP_MAX,
    NEGATIVE_MAX,
    PATH_MAX,
    WINDOW_MAX,
    alias_table,
    draw,
    merge_gain,
)

KINDS = ("skipgram", "cbow", "skipgram_tree", "cbow_tree", "merge")
DIMENSIONS = (1, 17, 100)


@pytest.fixture(scope="module", params=MACHINES)
def program(request, tmp_path_factory):
    return build("run_kernels", request.param, tmp_path_factory.mktemp("native"))


def pack(case):
    header = struct.pack(
        "4i3f",
        KINDS.index(case.kind),
        case.inputs.shape[1],
        len(case.inputs),
        len(case.outputs),
        case.alpha,
        case.hidden_scale,
        case.error_scale,
    )
    rows = (struct.pack("i", len(rows)) + rows.tobytes() for rows in case.rows)
    return header + case.inputs.tobytes() + case.outputs.tobytes() + b"".join(rows)


def check_cases(program, cases):
    for isa in program.isas:
        results = memoryview(program.run("train", isa, stdin=b"".join(map(pack, cases))))
        for case in cases:
            inputs = np.frombuffer(results, np.float32, case.inputs.size)
            outputs = np.frombuffer(results, np.float32, case.outputs.size, inputs.nbytes)
            size = inputs.nbytes + outputs.nbytes
            (loss,) = struct.unpack_from("d", results, size)
            shapes = case.inputs.shape, case.outputs.shape
            case.check(isa, inputs.reshape(shapes[0]), outputs.reshape(shapes[1]), loss)
            results = results[size + 8 :]
        assert not results


def test_instruction_sets(program):
    assert tuple(program.run("isas").decode().split()) == program.isas


@pytest.mark.parametrize("kind", KINDS[:2])
@pytest.mark.parametrize("dim", DIMENSIONS)
def test_kernels_equal_the_reference(program, kind, dim):
    counts = product((1, 4, 5, 2 * WINDOW_MAX), (1, 5, 6, 12, 13, NEGATIVE_MAX))
    check_cases(program, [group_case(kind, dim, GROUP_MAX, *sizes, seed=0) for sizes in counts])
    counts = product(range(1, GROUP_MAX), (1, 10), (5,))
    check_cases(program, [group_case(kind, dim, *sizes, seed=0) for sizes in counts])


@pytest.mark.parametrize("kind", KINDS[:2])
def test_groups_of_every_size_up_to_two_tiles(program, kind):
    counts = product(range(1, 10), range(1, 26))
    check_cases(program, [group_case(kind, 20, 2, *sizes, seed=0) for sizes in counts])


@pytest.mark.parametrize("kind", KINDS[2:4])
@pytest.mark.parametrize("dim", DIMENSIONS)
def test_tree_kernels_equal_the_reference(program, kind, dim):
    counts = product((1, 2, 3, 4, 5, 2 * WINDOW_MAX), (1, 4, 5, 8, 12, 13, 16, 17, PATH_MAX))
    check_cases(program, [path_case(kind, dim, *sizes, seed=0) for sizes in counts])


def test_merge_equals_reference(program):
    check_cases(program, [merge_case(dim, gain, 0) for dim in DIMENSIONS for gain in (1.0, 0.3)])


def softmax_bytes(native, batch, alpha):
    sizes = native.n_words, native.dim, native.outputs.shape[1], len(native.inputs)
    header = struct.pack("5i3f", *sizes, len(batch.contexts), alpha, batch.scale, 1.0)
    arrays = native.inputs, native.outputs, native.hidden_bias, native.output_bias
    lists = [rows for pair in zip(batch.contexts, batch.targets, strict=True) for rows in pair]
    rows = (struct.pack("i", len(rows)) + np.int32(rows).tobytes() for rows in lists)
    return header + b"".join(array.tobytes() for array in arrays) + b"".join(rows)


@pytest.mark.parametrize("dim", DIMENSIONS)
@pytest.mark.parametrize(("n_words", "n_hidden"), [(2, 1), (97, 5), (300, 17), (1_700, 32)])
def test_softmax_equals_the_reference(program, dim, n_words, n_hidden):
    random = np.random.default_rng([dim, n_words])
    weights = softmax_cases.random_weights(n_words, dim, random)
    batch = softmax_cases.random_batch(n_words, n_hidden, random)
    for isa in program.isas:
        native = softmax_cases.Native(weights)
        before = native.weights()
        results = program.run("softmax", isa, stdin=softmax_bytes(native, batch, 0.05))
        at = 0
        for array in (native.inputs, native.outputs, native.hidden_bias, native.output_bias):
            array[:] = np.frombuffer(results, np.float32, array.size, at).reshape(array.shape)
            at += array.nbytes
        (loss,) = struct.unpack_from("d", results, at)
        softmax_cases.check_step(native, loss, before, batch, 0.05, name=isa)


def test_draws_are_those_of_the_library(program):
    table = alias_table(1 / np.arange(1.0, 1001.0))
    for seed in (0, 7, 2**64 - 1):
        rows = np.frombuffer(program.run("draw", 10_000, seed, stdin=table.tobytes()), np.int32)
        np.testing.assert_array_equal(rows, draw(table, 10_000, seed), err_msg=f"seed {seed}")


def test_merge_gain_is_that_of_the_library(program):
    cases = [*product((1.0, 2.0, 64.0), (0.0, 1e-6, 1.0, 300.0, 1e9), (60.0, 120.0))]
    gains = np.frombuffer(program.run("gain", stdin=np.array(cases).tobytes()))
    np.testing.assert_allclose(gains, [merge_gain(*case) for case in cases], rtol=1e-12)


@pytest.mark.parametrize("distribution", [UNIFORM, NORMAL, TERNARY])
def test_random_vectors_are_those_of_the_library_bit_by_bit(program, distribution):
    for word in ("사과", "king", "", "낱말" * 20):
        data, ends = np.frombuffer(word.encode(), np.uint8), np.array([len(word.encode())])
        vector = np.empty((1, 2003), np.float32)
        scale, n_ones = 3**-0.5, 2**30
        write_random_vectors(data, ends, 0, 1, 1, distribution, scale, n_ones, vector)
        arguments = (distribution, scale.hex(), n_ones, 2003)
        assert program.run("random", *arguments, stdin=word.encode()) == vector.tobytes()


@pytest.mark.parametrize("dim", DIMENSIONS)
def test_means_are_those_of_float64(program, dim):
    random = np.random.default_rng(dim)
    matrix, weights = random.random((50, dim), np.float32), random.random(50, np.float32) + 1
    documents = [random.integers(0, 50, n, np.int32) for n in (1, 2, 4, 5, 63, 64, 65, 200)]
    parts = [np.int32([50, dim]), matrix, weights]
    parts += [part for document in documents for part in (np.int32([len(document)]), document)]
    expected = [np.average(matrix[d], axis=0, weights=weights[d]) for d in documents]
    for isa in program.isas:
        output = program.run("means", isa, stdin=b"".join(part.tobytes() for part in parts))
        means = np.frombuffer(output, np.float32).reshape(-1, dim)
        np.testing.assert_allclose(means, expected, rtol=1e-6, err_msg=isa)


TEXT = (
    "나는 오늘 학교에 갔다 . the cat\tsat on the mat\n"
    "나는\u3000오늘\u00a0집에\u2003있었다 .\r\n\n"
    "한국어형태소분석기와 한국어형태소분석기는 internationalization internationalisation 😀 ñ\n"
    + " ".join(f"낱말{k % 700} word{k % 300}" for k in range(2000))
    + "\n끝"
)


INVALID = {"valid": b"", "surrogate": b" \xed\xa0\x80 \n", "cut short": b"\xea\xb0"}


@pytest.mark.parametrize("invalid", INVALID.values(), ids=INVALID)
def test_text_has_the_tokens_of_the_library(program, invalid):
    text = TEXT.encode() + invalid
    padded = text + b"\n" + bytes(TEXT_PADDING)
    tokens, line_ends = np.empty(len(text), np.int32), np.empty(len(text), np.int64)
    n_tokens, n_lines, stopped, _ = WordTable().scan(padded, 0, len(text), tokens, line_ends)
    tokens, line_ends = tokens[:n_tokens], line_ends[:n_lines]
    assert (stopped is None) == (not invalid)
    output = program.run("scan", stdin=text)
    header = np.frombuffer(output, np.int64, 3).tolist()
    assert header == [-1 if stopped is None else stopped, len(tokens), len(line_ends)]
    np.testing.assert_array_equal(np.frombuffer(output, np.int32, len(tokens), 24), tokens)
    at_lines = 24 + tokens.nbytes
    np.testing.assert_array_equal(np.frombuffer(output[at_lines:], np.int64), line_ends)


def clang(*arguments):
    if not shutil.which("clang"):
        pytest.skip("no clang: needs the Debian package clang")
    compile_c(["clang"], *arguments)


@pytest.mark.parametrize("name", [source.name for source in sorted(KERNELS.glob("*.c"))])
def test_clang_has_no_warnings(name, tmp_path):
    clang("-c", KERNELS / name, "-o", tmp_path / "object")


# These need no header of the system's C library, which is on a Mac only.
@pytest.mark.parametrize("name", ["neon.c", "scalar.c", "dispatch.c"])
def test_clang_has_no_warnings_for_macos(name):
    clang("--target=arm64-apple-macos11", "-ffreestanding", "-fsyntax-only", KERNELS / name)
