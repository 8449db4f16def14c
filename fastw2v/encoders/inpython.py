"""Counting terms in Python: whatever native code has no way for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastw2v.encoders.counted import Block, Counted, DictionaryNumbering
from fastw2v.encoders.reading import (
    UnnumberedError,
    check_encodable,
    check_iterable,
    raise_blamed,
)
from fastw2v.encoders.work import Work
from fastw2v.progress import Progress

__all__ = ["count_in_python"]

# So many documents are counted together.
_DOCUMENTS = 1 << 10


def count_in_python(
    documents: Iterable[Any],
    analyze: Callable[[Any], Iterable[Any]],
    of_text: bool,
    total: int | None,
    work: Work,
) -> Counted:
    """Count documents one after the other, as a function makes terms of them.

    Unless it is made for text alone (`of_text`), its errors are no fault of a document; else what
    native counters refuse is refused here, too.
    """
    number_of: defaultdict[Any, int] = defaultdict()
    number_of.default_factory = number_of.__len__
    blocks: list[Block] = []
    frequencies = np.zeros(0, dtype=np.int64)
    source = enumerate(documents)
    n = 0
    with Progress("counting", total, "documents", work.progress) as line:
        while portion := list(islice(source, _DOCUMENTS)):
            numbers: list[int] = []
            counts: list[int] = []
            lengths = np.empty(len(portion), dtype=np.int32)
            for k, (number, document) in enumerate(portion):
                if of_text and isinstance(document, str):
                    check_encodable(number, document)
                try:
                    made = analyze(document)
                    check_iterable("analyzer", "terms", made)
                    terms = Counter(iter(made))  # of a mapping the keys
                except (UnicodeDecodeError, UnnumberedError) as error:
                    raise_blamed(number, document, error)
                except Exception as error:
                    if not of_text:
                        raise
                    raise_blamed(number, document, error)
                numbers.extend(map(number_of.__getitem__, terms))
                counts.extend(terms.values())
                lengths[k] = len(terms)
            n += len(portion)
            found = np.bincount(np.array(numbers, dtype=np.int64), minlength=len(number_of))
            found[: len(frequencies)] += frequencies
            frequencies = found.astype(np.int64, copy=False)
            if work.keep:
                blocks.append(Block(0, _entries(numbers, counts), lengths))
            line.update(n)
        line.finish(n)
    numbering = DictionaryNumbering(list(number_of), frequencies)
    return Counted(blocks, n, numbering, work.n_threads, work.progress)


def _entries(numbers: list[int], counts: list[int]) -> NDArray[np.uint32]:
    """Return entries as native counters write them.

    >>> _entries([5, 2], [1, 3]).tolist()
    [10, 5, 3]
    """
    values = np.array(counts, dtype=np.uint32)
    repeated = values > 1
    places = np.arange(len(values)) + np.cumsum(repeated) - repeated
    entries = np.empty(len(values) + np.count_nonzero(repeated), dtype=np.uint32)
    entries[places] = np.array(numbers, dtype=np.uint32) << np.uint32(1) | repeated
    entries[places[repeated] + 1] = values[repeated]
    return entries
