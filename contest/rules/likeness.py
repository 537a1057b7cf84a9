"""How alike two questions are: the same words, near enough to be one question asked twice."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from contest.rules.text import fold

NEAR = 0.8  # shared share of word pairs from which two texts are shown as near-duplicates
_WORDS = re.compile(r"\w+")


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text without diacritics, case and punctuation."""
    return tuple(_WORDS.findall(fold(text)))


def fingerprint(text: str) -> str:
    """Return what two texts share that differ in nothing but spelling marks, case and punctuation."""
    return " ".join(words(text))


def _pairs(text: str) -> frozenset[tuple[str, ...]]:
    found = words(text)
    return frozenset(pairwise(found)) or frozenset({found})


class Likeness:
    """Finds near-duplicates of a text among known texts, by key; an index over word pairs keeps it linear."""

    def __init__(self, known: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self._pairs: dict[str, frozenset[tuple[str, ...]]] = {}
        self._index: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for key, text in dict(known).items():
            self.add(key, text)

    def add(self, key: str, text: str) -> None:
        self._pairs[key] = _pairs(text)
        for pair in self._pairs[key]:
            self._index[pair].add(key)

    def nearest(self, text: str, *, but: str | None = None) -> str | None:
        """Return the key of the most alike known text, if it is a near-duplicate; `but` is left out."""
        own = _pairs(text)
        shared: dict[str, int] = defaultdict(int)
        for pair in own:
            for key in self._index.get(pair, ()):
                shared[key] += 1
        best = max(
            ((n / len(own | self._pairs[key]), key) for key, n in shared.items() if key != but), default=(0.0, "")
        )
        return best[1] if best[0] >= NEAR else None
