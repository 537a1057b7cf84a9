"""Which questions to prefer in a draw: those that a person had least often, and those that were not drawn much."""

from collections.abc import Collection, Mapping, Sequence

from contest.rules.blueprints import Cell
from contest.rules.papers import Candidate, Rank


def overdrawn(pool: Mapping[Cell, Sequence[Candidate]], counts: Mapping[int, int]) -> frozenset[int]:
    """Return the questions that were drawn more often than the middle one of their cell; of equals, none.

    Half of a cell is always left to chance, so that knowing what was drawn tells nobody what will be.
    """
    found: set[int] = set()
    for own in pool.values():
        drawn = {c.question_id: counts.get(c.question_id, 0) for c in own}
        middle = sorted(drawn.values())[(len(drawn) - 1) // 2]
        found |= {question for question, count in drawn.items() if count > middle}
    return frozenset(found)


def ranking(had: Mapping[int, int], much: Collection[int]) -> Rank | None:
    """Return how to prefer questions: first what the person had least often, then what was not drawn much; None for no way."""
    if not had and not much:
        return None
    return lambda c: 2 * had.get(c.question_id, 0) + (c.question_id in much)
