"""Documents of all kinds, and how scikit-learn's way of counting them reads without its speed."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np

# What has gone wrong somewhere, some time: cases with several characters, or none, or two forms;
# marks, joiners, digits of other scripts, letters beyond 16 bits, words of one character.
TORTURE = [
    "나는 정말 정말 맛있는 사과를 먹었다",
    "İstanbul'da IŞIK ve ıșık, İİ iİ",
    "STRASSE Straße ẞ ŉ ǰ ΐ",
    "ΟΔΟΣ οδός ΣΑΣ Σ ΑΣ' ΑΣΑ ΑΣ\u0301 ΑΣ.Α Σ\u0301Α",
    "e\u0301te\u0301 été a\u0300\u0301b ñandú",
    "👩\u200d👩\u200d👧 emoji 😀word😀 ☃snow",
    "漢字かな交じり文 カタカナ 中文，标点。 𠀀𠀁𠀂",
    "𝒜𝔅ℂ 𐐀𐐁𐐨 ǅ Ǆ K Å Ω ȺȾ",
    "１２３ ٣٤٥ १२३ ½ ² Ⅷ x² _a_ __ a_b",
    "नमस्ते दुनिया สวัสดี שָׁלוֹם مرحبا",
    "a b cd A B CD i I\u0307 \u00b5m \u00aa\u00ba",
    "",
    "   \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2003\u2028\u2029\u202f\u205f\u3000 ",
    "\x00nul\x00 tab\tbed \x01\x02 \u200bzero\u200b \ufeffbom soft\u00adhyphen",
    "the cat sat on the mat, the cat!",
    "co-op don't e-mail x.y.z 3.14 user@example.com",
    "\U0010ffff\ue000 private\ue000use \U000e0041tag",
    "ÀÉÎÕÜ àéîõü ÿŸ ĲĳŁł",
    "ᏣᎳᎩ ꮳꮃꭹ ᲐᲑᲒ აბგ",
    "가\u1100\u1161각 ㄱㄴ ㅏ 한국어는",
]


def slow_counts(documents, low=1, high=1):
    """Return the sorted terms and a dense matrix: the default analysis, word for word."""
    counted = []
    for document in documents:
        words = re.findall(r"(?u)\b\w\w+\b", document.lower())
        counted.append(
            Counter(
                " ".join(words[start : start + n])
                for n in range(low, high + 1)
                for start in range(len(words) - n + 1)
            )
        )
    terms = sorted({term for counts in counted for term in counts})
    return terms, np.array([[counts[term] for term in terms] for counts in counted])


def slow_tfidf(counts):
    """Return the default weights of a dense matrix of counts."""
    n = len(counts)
    weights = counts * np.array(
        [math.log((1 + n) / (1 + df)) + 1 for df in np.count_nonzero(counts, axis=0)]
    )
    lengths = np.sqrt((weights**2).sum(axis=1, keepdims=True))
    return weights / np.where(lengths > 0, lengths, 1)


def made_documents(seed, n=200):
    """Return documents of words from an alphabet in which every class of characters is."""
    rng = np.random.default_rng(seed)
    letters = sorted({character for document in TORTURE for character in document})
    words = ["".join(rng.choice(letters, rng.integers(1, 5))) for _ in range(80)]
    return [" ".join(rng.choice(words, rng.integers(0, 30))) for _ in range(n)]


def assert_same_matrix(ours, theirs, tolerance):
    """Same structure once theirs is sorted by column, as ours is, and values that agree."""
    theirs = theirs.copy()
    theirs.sort_indices()
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    for name in ("indptr", "indices"):
        ours_part, theirs_part = getattr(ours, name), getattr(theirs, name)
        assert ours_part.dtype == theirs_part.dtype
        np.testing.assert_array_equal(ours_part, theirs_part)
    np.testing.assert_allclose(ours.data, theirs.data, rtol=0, atol=tolerance)
