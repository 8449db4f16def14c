"""Work that threads share out, and whose results come in order."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator

import pytest

from fastw2v.parallel import map_in_order

pytestmark = pytest.mark.usefixtures("nothing_left")
n_threads = pytest.mark.parametrize("n_threads", [1, 2, 5])


class Broken(Exception):
    pass


@n_threads
@pytest.mark.parametrize("n_items", [0, 1, 2, 50])
def test_results_come_in_order(n_items: int, n_threads: int) -> None:
    def slow_where_even(number: int) -> int:
        time.sleep(0.001 * (number % 2 == 0))
        return number * number

    found = list(map_in_order(slow_where_even, range(n_items), n_threads))
    assert found == [number * number for number in range(n_items)]


def test_other_threads_do_the_work() -> None:
    idents = set(map_in_order(lambda _: threading.get_ident(), range(20), 2))
    assert threading.get_ident() not in idents and len(idents) <= 2


def test_items_are_taken_two_a_thread_ahead() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = map_in_order(lambda number: number, items(), 3)
    assert taken == []
    assert next(results) == 0 and len(taken) == 6
    assert next(results) == 1 and len(taken) == 7
    results.close()


@n_threads
def test_an_error_comes_when_its_turn_has_come(n_threads: int) -> None:
    def fail_at_five(number: int) -> int:
        if number >= 5:
            raise Broken(number)
        return number

    results = map_in_order(fail_at_five, range(100), n_threads)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(Broken, match=r"^5$"):
        next(results)


@n_threads
def test_an_error_in_taking_an_item_comes_after_the_results_of_those_before(n_threads: int) -> None:
    def items() -> Iterator[int]:
        yield from range(3)
        raise Broken

    results = map_in_order(lambda number: number, items(), n_threads)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Broken):
        next(results)


def test_an_error_keeps_nothing_alive() -> None:
    class Item:
        pass

    item = Item()
    gone = weakref.ref(item)

    def fail(_: Item) -> None:
        raise Broken

    gc.disable()
    try:
        with pytest.raises(Broken):
            next(map_in_order(fail, [item], 2))
        del item
        assert gone() is None
    finally:
        gc.enable()


def test_an_iterator_that_is_closed_leaves_the_rest() -> None:
    done = []
    results = map_in_order(done.append, range(1000), 2)
    next(results)
    results.close()
    assert len(done) < 20
