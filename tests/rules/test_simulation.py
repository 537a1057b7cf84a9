"""Trying blueprints out: the same for the same seed, every figure counted, and fast enough to be asked for."""

from collections import Counter
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from contest.rules.blueprints import Line
from contest.rules.papers import Candidate
from contest.rules.question_terms import Difficulty
from contest.rules.simulation import Narrow, Tally, exposure_bars, narrowest, papers, spread

EASY, HARD = Difficulty.RECALL, Difficulty.APPLICATION
POOL = {
    (1, EASY): [Candidate(n, ("a", "b"), True, n) for n in range(1, 7)],
    (1, HARD): [Candidate(n, ("a", "b"), True, n) for n in range(7, 10)],
}
LINES = [Line(2, None, EASY), Line(2, None, HARD), Line(1, question=1)]


def drawn(seed: int, count: int = 200, *, least_used: bool = False) -> list[tuple[int, ...]]:
    return list(papers(LINES, POOL, Random(seed), count, least_used=least_used))


def test_same_seed_draws_the_same_papers() -> None:
    assert drawn(1) == drawn(1) != drawn(2)


def test_least_used_evens_the_exposure_out() -> None:
    def apart(least_used: bool) -> int:
        counts = Counter(q for paper in drawn(3, 1000, least_used=least_used) for q in paper if 2 <= q <= 6)
        return max(counts.values()) - min(counts.values())

    assert apart(True) < apart(False)


def test_everything_is_counted() -> None:
    tally = Tally({1: 1, 2: 3}, {1: Fraction(1, 2), 2: Fraction(1, 4)})
    for paper in ([1, 2], [2, 1], [1, 3]):
        tally.add(paper)
    assert tally.exposure == {1: 3, 2: 2, 3: 1}
    assert tally.overlaps == {2: 1, 1: 1}
    assert tally.levels == {2: 2, 1: 1}  # of what has a level
    assert tally.scores == {Fraction(3, 4): 2}  # only where all of a paper is known
    assert [tally.rate(q) for q in (1, 2, 4)] == [1, Fraction(2, 3), 0]
    assert exposure_bars(tally, [1, 2, 3, 4]) == (1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1)


@given(st.integers(0, 2**32))
def test_every_question_is_in_exactly_one_bar(seed) -> None:  # type: ignore[no-untyped-def]
    tally = Tally({}, {})
    for paper in drawn(seed, 20):
        tally.add(paper)
    assert sum(exposure_bars(tally, range(1, 12))) == 11
    assert sum(tally.exposure.values()) == 20 * 5
    assert sum(tally.overlaps.values()) == 19


def test_spread_tells_mean_ends_and_percentiles() -> None:
    found = spread({Fraction(n): 1 for n in range(1, 101)})
    assert (found.mean, found.low, found.high, found.least, found.most) == (Fraction(101, 2), 5, 95, 1, 100)
    one = spread({Fraction(3): 7})
    assert {one.mean, one.low, one.high, one.least, one.most} == {3}


def test_narrowest_line_is_the_one_that_takes_most_of_its_supply() -> None:
    assert narrowest(LINES, POOL) == Narrow(1, 2, 3)
    assert narrowest([Line(1, question=1)], POOL) is None
