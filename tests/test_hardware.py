"""What `fastw2v info --benchmark` measures; how large the figures are is the machine's business."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fastw2v import cli, cpu, hardware
from fastw2v._native.train import multiply_add


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "ROUND_SECONDS", 0.001)
    monkeypatch.setattr(hardware, "COPY_BYTES", 1 << 16)
    monkeypatch.setattr(hardware, "SMALL", (50, 5_000))
    monkeypatch.setattr(hardware, "LARGE", (500, 50_000))


@pytest.mark.parametrize("isa", cpu.available())
def test_operations_are_those_done(isa: str) -> None:
    one = multiply_add(isa, 1)
    assert one in {2 * chains * lanes for chains in (12, 24) for lanes in (4, 8, 16)}
    assert multiply_add(isa, 1000) == 1000 * one


def test_every_thread_does_its_job_when_all_are_ready() -> None:
    prepared: list[int] = []
    together: list[int] = []

    def prepare() -> Callable[[], object]:
        prepared.append(1)
        return lambda: together.append(len(prepared))

    assert hardware._jobs_a_second(5, prepare) > 0
    assert together == [5] * 5


def test_a_thread_that_cannot_prepare_ends_the_measurement() -> None:
    calls: list[int] = []

    def prepare() -> Callable[[], object]:
        calls.append(1)
        if len(calls) == 3:
            raise MemoryError
        return lambda: None

    with pytest.raises(MemoryError):
        hardware._jobs_a_second(3, prepare)


def test_peaks_of_any_number_of_threads() -> None:
    assert hardware.fma_peak(1) > 0
    assert hardware.fma_peak(3) > 0


def test_rates_of_every_mode_vocabulary_and_number_of_threads() -> None:
    rates = list(hardware.training_rates(2))
    settings = [(one.mode, one.threads) for one in rates]
    assert settings == [("skip-gram", 1), ("CBOW", 1)] * 2 + [("skip-gram", 2), ("CBOW", 2)]
    assert [one.words > 100 for one in rates] == [False] * 2 + [True] * 4
    for skipgram, cbow in zip(rates[::2], rates[1::2], strict=True):
        pairs = [one.flops / (6 * 100 * 6) / one.words_per_second for one in (skipgram, cbow)]
        # One a window; up to five words on either side are six on average, at most.
        assert 3 < pairs[0] / pairs[1] < 6


def test_copies_count_what_is_read_and_written() -> None:
    assert hardware.copy_bandwidth(1) > 0
    assert hardware.copy_bandwidth(3) > 0


def test_info_benchmark_prints_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", "--benchmark"]) == 0
    out = capsys.readouterr().out
    for text in ("GFLOP/s, 1 thread", "GB/s, 1 thread", "skip-gram", "CBOW", "of the peak"):
        assert text in out
