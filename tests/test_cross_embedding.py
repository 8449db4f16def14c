"""The kernels of embedding layers on arm64, built by a cross compiler and run under an emulator."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from cross import MACHINES, build

from fastw2v import cpu
from fastw2v.embedding import SGD, Adagrad, Adam, Embedding, EmbeddingBag, RMSprop

KINDS = ("sgd", "momentum", "adagrad", "rmsprop", "adam")
OPTIMIZERS = (
    SGD(0.1),
    SGD(0.1, momentum=0.9, nesterov=True),
    Adagrad(0.1),
    RMSprop(0.1, momentum=0.5, centered=True),
    Adam(0.1),
)
# The fields of fw2v_rule, but for the kind.
FLAGS = ("nesterov", "centered")
NUMBERS = ("rate", "inner_rate", "momentum", "first", "second", "inner", "outer", "root_scale")
N_ROWS, LENGTH = 300, 70  # longer than the kernels look ahead


@pytest.fixture(scope="module", params=MACHINES)
def program(request, tmp_path_factory):
    return build("run_embed", request.param, tmp_path_factory.mktemp("native"), "embed*.c")


@pytest.mark.parametrize("dim", (1, 15, 16, 100))
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=KINDS)
def test_layers_do_what_they_do_in_the_library(program, optimizer, dim, monkeypatch):
    monkeypatch.setattr(cpu, "isa", lambda: "scalar")
    random = np.random.default_rng(dim)
    table = random.standard_normal((N_ROWS, dim), np.float32)
    ids = (N_ROWS ** random.random((5, LENGTH)) - 1).astype(np.int32)
    grad = random.standard_normal((*ids.shape, dim), np.float32)
    layer = Embedding(N_ROWS, dim, weights=table)
    rule, state = optimizer.begin(layer)
    states = [np.zeros_like(table) if one is None else one.copy() for one in state]
    fields = [KINDS.index(rule["kind"]), *(rule[name] for name in FLAGS + NUMBERS)]
    header = struct.pack("<7i8f", *table.shape, ids.size, len(ids), *fields)
    ends = np.arange(1, len(ids) + 1) * LENGTH
    parts = [header, *(a.tobytes() for a in (table, *states, grad, ids, ends.astype(np.int64)))]

    expected = [layer(ids)]
    for mode in ("sum", "mean", "max"):
        expected.append(EmbeddingBag(N_ROWS, dim, weights=table, mode=mode)(ids))
    layer.step(ids, grad, optimizer)
    expected.append(layer.embeddings)
    kept = optimizer.state(layer)
    expected += [old if new is None else new for old, new in zip(states, kept, strict=True)]
    for isa in program.isas:
        output = np.frombuffer(program.run(isa, stdin=b"".join(parts)), np.float32)
        assert output.size == sum(one.size for one in expected)
        for one in expected:
            found, output = output[: one.size], output[one.size :]
            np.testing.assert_allclose(found, one.ravel(), 1e-5, 1e-6, err_msg=isa)
