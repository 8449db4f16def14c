"""Made corpora: text with known relations in it, to try training on without a download."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from fastw2v._analogy_words import FUNCTION_WORDS, RELATIONS, SYLLABLES, Relation
from fastw2v._checks import check_int

_LANGUAGES = tuple(RELATIONS)
_SHORTEST, _LONGEST = 5, 20
_FILLERS = 2_000
_BLOCK = 4_096


def make_analogy_corpus(
    n_words: int = 1_000_000, languages: Sequence[str] = _LANGUAGES, seed: int = 1
) -> AnalogyCorpus:
    """Make a corpus, in English and Korean, whose word vectors solve analogies.

    Planted in it are 96 pairs of words: capitals with their countries (paris and france, 서울 and
    한국), members of a family (father and mother, 왕 and 여왕), and verbs with their past tense
    (walk and walked, 가다 and 갔다). A planted word has a topic, which it shares with the other
    word of its pair, and a role, which it shares with the same side of every pair of its relation.
    Each sentence holds one planted word. Its other words are cues of that topic (한강 or 김치 for
    Korea), cues of that role (지하철 or 시청 for capitals) and, every second word, filler: function
    words of the language and some 2,000 invented words, with the frequencies of Zipf's law. So the
    words of a pair differ in the same way in every pair, and offsets between vectors come out
    alike: 한국 - 서울 + 도쿄 lies next to 일본, and king - man + woman next to queen.

    Parameters
    ----------
    n_words : int, default 1_000_000
        Number of words; up to 19 more finish the last sentence. Vectors of 64 numbers answer
        nearly all of `analogy_questions` from 200,000 words (and ten epochs) on, or half of that
        in one language.
    languages : sequence of str, default ("en", "ko")
        ``"en"``, ``"ko"`` or both; each sentence is in one language.
    seed : int, default 1
        The same arguments make the same sentences on every machine, with every version of NumPy.

    Returns
    -------
    AnalogyCorpus
        A collection of sentences, each a list of 5 to 20 str in lower case. It has a length, and
        can be iterated any number of times. The sentences are made while it is iterated, some
        thousands at a time, in under 10 MB whatever `n_words`; ``list(corpus)`` holds them all,
        in 13 MB a million words.

    Raises
    ------
    TypeError
        If `n_words` or `seed` is no integer, or `languages` no sequence.
    ValueError
        If `n_words` is below 1, `seed` is negative, or `languages` is anything but distinct names
        of known languages.

    See Also
    --------
    analogy_questions : The questions that vectors of this corpus should answer.

    Examples
    --------
    >>> corpus = make_analogy_corpus(5_000, seed=7)
    >>> len(corpus), sum(map(len, corpus))
    (398, 5006)
    >>> print(" ".join(next(iter(corpus))))
    석우 명절 보상기 조카 없다 치마 련보 그녀는 위해 이모 반노식 그녀의 그리고 조카 이
    """
    return AnalogyCorpus(
        check_int("n_words", n_words, 1), _check_languages(languages), check_int("seed", seed, 0)
    )


def analogy_questions(
    languages: Sequence[str] = _LANGUAGES,
) -> dict[str, list[tuple[str, str, str, str]]]:
    """Return the analogies planted in `make_analogy_corpus`, by section.

    A question (a, b, c, d) reads "a is to b as c is to d": vectors answer it when d is the word
    nearest to b - a + c, the three words of the question apart. Each section asks about every
    ordered pair of its pairs of words.

    The share of right answers tells whether a trainer works: whether its vectors hold what its
    corpus holds. It does not tell how good vectors of real text are, nor a good trainer from a
    better one, because the relations are planted: each word is as frequent as the next, has one
    sense and all its cues, and from a million words any sound trainer gets everything right.
    Questions for real text are those of Mikolov et al. [1]_.

    Parameters
    ----------
    languages : sequence of str, default ("en", "ko")
        ``"en"``, ``"ko"`` or both.

    Returns
    -------
    dict of str to list of tuple
        Questions of four words, by section: ``"en-capitals"``, ``"en-family"``,
        ``"en-past-tense"``, and the same for ``"ko"``.

    Raises
    ------
    TypeError
        If `languages` is no sequence.
    ValueError
        If `languages` is anything but distinct names of known languages.

    References
    ----------
    .. [1] T. Mikolov, K. Chen, G. Corrado and J. Dean, "Efficient Estimation of Word
       Representations in Vector Space", 2013, https://arxiv.org/abs/1301.3781

    Examples
    --------
    >>> questions = analogy_questions()
    >>> ("서울", "한국", "도쿄", "일본") in questions["ko-capitals"]
    True
    >>> {section: len(asked) for section, asked in analogy_questions(["en"]).items()}
    {'en-capitals': 380, 'en-family': 132, 'en-past-tense': 240}
    """
    return {
        f"{language}-{relation.name}": [
            (a, b, c, d) for (a, b), (c, d) in permutations(map(str.split, relation.topics), 2)
        ]
        for language in _check_languages(languages)
        for relation in RELATIONS[language]
    }


class AnalogyCorpus:
    """Sentences with planted relations, generated each time they are iterated.

    Made by `make_analogy_corpus`, which describes them and checks the arguments.
    """

    def __init__(self, n_words: int, languages: tuple[str, ...], seed: int) -> None:
        self.n_words = n_words
        self.languages = languages
        self.seed = seed
        self._n_sentences = sum(map(len, self._lengths()))

    def __repr__(self) -> str:
        """Return the call that makes this corpus."""
        return f"make_analogy_corpus({self.n_words}, {self.languages}, seed={self.seed})"

    def __len__(self) -> int:
        """Return the number of sentences."""
        return self._n_sentences

    def __iter__(self) -> Iterator[list[str]]:
        """Generate the sentences, from the first one on."""
        lexicon = _Lexicon(self.languages)
        bits = np.random.PCG64([self.seed, 1])
        for lengths in self._lengths():
            words = lexicon.sample(lengths, bits)
            ends = np.cumsum(lengths)
            for start, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True):
                yield words[start:end]

    def _lengths(self) -> Iterator[NDArray[np.int64]]:
        """Yield the lengths of the sentences, in blocks."""
        bits = np.random.PCG64([self.seed, 0])
        missing = self.n_words
        while missing > 0:
            lengths = _SHORTEST + _below(_LONGEST - _SHORTEST + 1, _uniform(bits, _BLOCK))
            ends = np.cumsum(lengths)
            yield lengths[: np.searchsorted(ends, missing) + 1]
            missing -= int(ends[-1])


class _Lexicon:
    """All words in one array, and where in it the cues and the filler of each planted word lie."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        words: list[str] = []
        planted: list[tuple[int, ...]] = []

        def add(group: list[str]) -> tuple[int, int]:
            words.extend(group)
            return len(words) - len(group), len(group)

        for language in languages:
            filler, _ = add(_filler_words(language))
            for relation in RELATIONS[language]:
                roles = add(relation.first.split()), add(relation.second.split())
                for pair, cues in relation.topics.items():
                    topic = add(cues.split())
                    for word, role in zip(pair.split(), roles, strict=True):
                        place, _ = add([word])
                        planted.append((place, filler, *topic, *role))
        self._words = np.array(words, dtype=object)
        self._planted = np.array(planted, dtype=np.int64)
        # Zipf's law; a division and a running sum round the same on every machine, a power may not.
        shares = np.cumsum(1 / np.arange(2, _FILLERS + 2))
        self._filler_ends = shares / shares[-1]

    def sample(self, lengths: NDArray[np.int64], bits: np.random.PCG64) -> list[str]:
        """Return the words of new sentences of the given lengths, one sentence after the other."""
        subjects = self._planted[_below(len(self._planted), _uniform(bits, len(lengths)))]
        place, filler, topic, n_topic, role, n_role = np.repeat(subjects, lengths, axis=0).T
        starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        of_topic, pick = _uniform(bits, len(place)) < 0.5, _uniform(bits, len(place))
        cue = np.where(of_topic, topic + _below(n_topic, pick), role + _below(n_role, pick))
        # Every second word is filler, as function words and nouns take turns in text.
        position = np.arange(len(place)) - starts
        rank = np.searchsorted(self._filler_ends, pick, side="right")
        chosen = np.where(position % 2 == 0, filler + rank, cue)
        spot = 2 * _below(lengths // 2, _uniform(bits, len(lengths))) + 1
        chosen = np.where(position == np.repeat(spot, lengths), place, chosen)
        words: list[str] = self._words[chosen].tolist()
        return words


def _filler_words(language: str) -> list[str]:
    """Return function words, then invented words of two or three syllables, `_FILLERS` in all."""
    syllables = SYLLABLES[language].split()
    taken = {word for relation in RELATIONS[language] for word in _words_of(relation)}
    bits = np.random.PCG64(0)
    invented = (
        "".join(syllables[i] for i in row[: 2 + row[3] % 2])
        for row in _below(len(syllables), _uniform(bits, 4 * 2 * _FILLERS)).reshape(-1, 4).tolist()
    )
    distinct = dict.fromkeys([*FUNCTION_WORDS[language].split(), *invented])
    return [word for word in distinct if word not in taken][:_FILLERS]


def _words_of(relation: Relation) -> list[str]:
    """Return every word that a relation plants or marks its words with."""
    text = [relation.first, relation.second, *relation.topics, *relation.topics.values()]
    return " ".join(text).split()


def _uniform(bits: np.random.PCG64, size: int) -> NDArray[np.float64]:
    """Draw numbers of [0, 1)."""
    # NumPy promises to keep the raw stream of PCG64 as it is, but not the methods of Generator.
    return np.asarray((bits.random_raw(size) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def _below(limits: int | NDArray[np.int64], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """Turn numbers of [0, 1) into integers of [0, limits)."""
    return (limits * uniform).astype(np.int64)


def _check_languages(languages: Sequence[str]) -> tuple[str, ...]:
    """Return `languages` as a tuple of distinct known languages, or raise."""
    wanted = f'languages must be a sequence of distinct names from {_LANGUAGES}, such as ("en",)'
    if isinstance(languages, str) or not isinstance(languages, Iterable):
        raise TypeError(f"{wanted}, got {languages!r}")
    names = tuple(languages)
    if not names or any(name not in _LANGUAGES for name in names) or len({*names}) < len(names):
        raise ValueError(f"{wanted}, got {names!r}")
    return names
