"""How alike two questions are: the same words, near enough to be one question asked twice."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from contest.rules.text import fold

NEAR = Fraction(4, 5)  # shared share of word pairs from which two texts are shown as near-duplicates
_WORDS = re.compile(r"\w+")

Pairs = frozenset[tuple[str, ...]]


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text without diacritics, case and punctuation."""
    return tuple(_WORDS.findall(fold(text)))


def fingerprint(text: str) -> str:
    """Return what two texts share that differ in nothing but spelling marks, case and punctuation."""
    return " ".join(words(text))


def pairs_of(text: str) -> Pairs:
    """Return the word pairs of a text; a text of one word or none is a pair by itself."""
    found = words(text)
    return frozenset(pairwise(found)) or frozenset({found})


def share(one: Pairs, other: Pairs) -> Fraction:
    """Return how much of all their word pairs two texts share, from 0 to 1."""
    shared = len(one & other)
    return Fraction(shared, len(one) + len(other) - shared)


def _least(size: int) -> int:
    """Return how many of its `size` word pairs a text shares at least with a near-duplicate."""
    return -(-size * NEAR.numerator // NEAR.denominator)


class Likeness:
    """Finds all near-duplicates of a text among known ones, by key, without comparing it with each.

    A text's pairs stand in one order, the rarest first. Of the pairs of two near-duplicates so few are not shared that among
    the first few of each, one is: only those are looked up. Texts of the same pairs are one entry. `coming` are texts that
    will be asked for or added; they only tell which pairs are rare.
    """

    def __init__(self, known: Mapping[str, str] | None = None, coming: Iterable[str] = ()) -> None:
        texts = {key: pairs_of(text) for key, text in (known or {}).items()}
        self._counts = Counter(pair for pairs in (*texts.values(), *map(pairs_of, coming)) for pair in pairs)
        self._keys: dict[Pairs, list[str]] = {}
        self._index: dict[tuple[str, ...], list[Pairs]] = defaultdict(list)
        for key, pairs in texts.items():
            self._add(key, pairs)

    def add(self, key: str, text: str) -> None:
        self._add(key, pairs_of(text))

    def _add(self, key: str, pairs: Pairs) -> None:
        if pairs not in self._keys:
            self._keys[pairs] = []
            for pair in self._first(pairs):
                self._index[pair].append(pairs)
        self._keys[pairs].append(key)

    def _first(self, pairs: Pairs) -> list[tuple[str, ...]]:
        ordered = sorted(pairs, key=lambda pair: (self._counts[pair], pair))
        return ordered[: len(pairs) - _least(len(pairs)) + 1]

    def near(self, text: str) -> Iterator[tuple[Fraction, str]]:
        """Yield (share, key) of every known text that is a near-duplicate."""
        yield from self._near(pairs_of(text))

    def _near(self, own: Pairs) -> Iterator[tuple[Fraction, str]]:
        found = {pairs for pair in self._first(own) for pairs in self._index.get(pair, ())}
        for pairs in found:
            if _least(len(own)) <= len(pairs) and _least(len(pairs)) <= len(own) and (n := share(own, pairs)) >= NEAR:
                yield from ((n, key) for key in self._keys[pairs])

    def nearest(self, text: str, *, but: str | None = None) -> str | None:
        """Return the key of the most alike known text, if it is a near-duplicate; `but` is left out."""
        return max((found for found in self.near(text) if found[1] != but), default=(NEAR, None))[1]


def near_pairs(texts: Mapping[str, str]) -> Iterator[tuple[str, list[tuple[Fraction, str]]]]:
    """Yield each key with those before it whose texts are near-duplicates of its own, as (share, key)."""
    known = {key: pairs_of(text) for key, text in texts.items()}
    found = Likeness()
    found._counts.update(pair for pairs in known.values() for pair in pairs)
    for key, pairs in known.items():
        yield key, list(found._near(pairs))
        found._add(key, pairs)
