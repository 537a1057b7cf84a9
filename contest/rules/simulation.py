"""What many papers of one blueprint would be like: how often each question comes, what neighbours share, how hard they are.

Neighbours are two papers drawn one after the other. A level counts from 1, the easiest; a facility is how much of its mark
a question earned on the average, from 0 to 1, where that is known.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from contest.rules.blueprints import Cell, Line, carved, fixed_in
from contest.rules.exposure import overdrawn, ranking
from contest.rules.papers import Candidate, Chance, draw
from contest.rules.question_terms import Difficulty

COUNTED_ANEW = 25  # papers after which the questions that were drawn much are found anew
EDGES = tuple(Fraction(n, 100) for n in (0, 1, 2, 5, 10, 20, 35, 50, 75, 100))  # of the bars of the exposure
OFTEN = Fraction(1, 2)  # of the papers: a question that is known to everybody by the second day
SHARED = Fraction(3, 10)  # of a paper
UNEVEN_LEVEL = Fraction(1, 2)  # of a level, between the easiest and the hardest of nineteen in twenty papers
UNEVEN_SCORE = Fraction(1, 10)  # of the questions of a paper, likewise
LEVELS = tuple(Difficulty)


def papers(
    lines: Sequence[Line], pool: Mapping[Cell, Sequence[Candidate]], chance: Chance, count: int, *, least_used: bool
) -> Iterator[tuple[int, ...]]:
    """Draw so many papers for people who come once each, and yield the questions of each; raises BankTooPoor."""
    bare = {cell: [replace(c, options=(), shuffle_options=False) for c in own] for cell, own in pool.items()}
    question_of = {c.version_id: c.question_id for own in bare.values() for c in own}
    seen: Counter[int] = Counter()
    much: frozenset[int] = frozenset()
    for number in range(count):
        if least_used and number % COUNTED_ANEW == 0:
            much = overdrawn(bare, seen)
        drawn = draw(lines, bare, chance, shuffle_questions=False, rank=ranking({}, much))
        paper = tuple(question_of[item.version_id] for item in drawn)
        seen.update(paper)
        yield paper


@dataclass(frozen=True, slots=True)
class Spread:
    """A series of figures: its mean, its 5th and 95th percentiles, its ends."""

    mean: Fraction
    low: Fraction
    high: Fraction
    least: Fraction
    most: Fraction


def spread(counts: Mapping[Fraction, int]) -> Spread:
    """Return the spread of figures that came so many times each; there is one at least."""
    ordered = sorted(counts)
    total = sum(counts.values())

    def at(share: Fraction) -> Fraction:
        passed = 0
        for value in ordered:
            passed += counts[value]
            if passed >= share * total:
                return value
        return ordered[-1]

    mean = sum((value * n for value, n in counts.items()), Fraction()) / total
    return Spread(mean, at(Fraction(1, 20)), at(Fraction(19, 20)), ordered[0], ordered[-1])


class Tally:
    """What is counted of papers as they are drawn, one after the other."""

    def __init__(self, levels: Mapping[int, int], facilities: Mapping[int, Fraction]) -> None:
        self._levels, self._facilities = levels, facilities
        self._before: frozenset[int] | None = None
        self.count = 0
        self.exposure: Counter[int] = Counter()
        self.overlaps: Counter[Fraction] = Counter()
        self.levels: Counter[Fraction] = Counter()
        self.scores: Counter[Fraction] = Counter()

    def add(self, paper: Sequence[int]) -> None:
        self.count += 1
        self.exposure.update(paper)
        own = frozenset(paper)
        if self._before is not None:
            self.overlaps[Fraction(len(own & self._before))] += 1
        self._before = own
        levels = [self._levels[q] for q in paper if q in self._levels]
        if levels:
            self.levels[Fraction(sum(levels), len(levels))] += 1
        known = [self._facilities[q] for q in paper if q in self._facilities]
        if len(known) == len(paper):
            self.scores[sum(known, Fraction())] += 1

    def rate(self, question: int) -> Fraction:
        """Return in what part of the papers a question was."""
        return Fraction(self.exposure[question], self.count)


def exposure_bars(tally: Tally, questions: Collection[int]) -> tuple[int, ...]:
    """Return how many questions came in no paper, then up to each edge; the last bar is that of every paper."""
    rates = [tally.rate(q) for q in questions]
    bars = [sum(rate == 0 for rate in rates)]
    bars += [sum(low < rate <= high and rate < 1 for rate in rates) for low, high in pairwise(EDGES)]
    return (*bars, sum(rate == 1 for rate in rates))


@dataclass(frozen=True, slots=True)
class Narrow:
    """The line that takes most of what it can draw from, by its number from 0."""

    line: int
    count: int
    available: int


def narrowest(lines: Sequence[Line], pool: Mapping[Cell, Sequence[Candidate]]) -> Narrow | None:
    """Return the line that leaves chance least to choose from; None where every question is fixed."""
    cells = carved(pool, fixed_in(lines), lambda c: c.question_id)
    drawing = [
        Narrow(i, line.count, sum(len(own) for cell, own in cells.items() if line.takes(*cell)))
        for i, line in enumerate(lines)
        if line.question is None and line.count
    ]
    return max(drawing, key=lambda n: Fraction(n.count, n.available or 1), default=None)
