"""A blueprint as organisers write it: a matrix of topics and levels, and the lines that no cell of it can say.

All cells of a level are worth the same points, all cells are scored one way and stand in one section of the paper; what
is worth something else, stands elsewhere, asks for a cell a second time, names one question or asks for questions that
people mark stands beside the matrix.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from contest.rules.blueprints import MARKED, Cell
from contest.rules.marking import PLAIN, Scoring
from contest.rules.worth import Worth

Place = tuple[int | None, str | None]  # a topic and a level; None stands for any
H = TypeVar("H", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Asked:
    """So many questions of a place, which people mark or not, or the question of an id; in the section of a number."""

    place: Place
    count: int
    worth: Worth
    question: int | None = None
    marked: bool = False
    section: int = 0


@dataclass(frozen=True, slots=True)
class Matrix:
    """How many questions each place asks for, what one of each level is worth, and how all are scored.

    All of them stand in one `section`. `beside` numbers the lines that stand beside it, from 0.
    """

    counts: Mapping[Place, int]
    points: Mapping[str | None, Decimal]
    scoring: Scoring
    beside: tuple[int, ...]
    section: int = 0


def matrix(lines: Sequence[Asked], topics: Iterable[int]) -> Matrix:
    """Lay lines out as a matrix of a bank's topics; as many of their questions as can be are in it."""
    known = {None, *topics}
    fit = [x for x in lines if x.question is None and not x.marked and x.place[0] in known]
    section = _most(Counter({s: sum(x.count for x in fit if x.section == s) for s in {x.section for x in fit}})) or 0
    fit = [x for x in fit if x.section == section]
    scoring = _most(
        Counter({s: sum(x.count for x in fit if x.worth.scoring == s) for s in {x.worth.scoring for x in fit}})
    )
    points: dict[str | None, Decimal] = {}
    for level in {x.place[1] for x in fit}:
        own = Counter[Decimal]()
        for x in fit:
            if x.place[1] == level and x.worth.scoring == (scoring or PLAIN):
                own[x.worth.points] += x.count
        points[level] = _most(own) or Decimal(1)
    counts: dict[Place, int] = {}
    beside = []
    for number, x in enumerate(lines):
        plain = Worth(points.get(x.place[1], Decimal(1)), scoring or PLAIN)
        if x in fit and x.worth == plain and x.place not in counts:
            counts[x.place] = x.count
        else:
            beside.append(number)
    return Matrix(counts, points, scoring or PLAIN, tuple(beside), section)


def _most(counts: Counter[H]) -> H | None:
    return counts.most_common(1)[0][0] if counts else None


def supply_by_place(topics: Sequence[tuple[int, str]], supply: Mapping[Cell, int]) -> Mapping[Place, int]:
    """Return how many questions each place can draw from: a topic, by its path, with all below it; none that people mark."""
    paths = dict(topics)
    ids = {path: topic for topic, path in topics}
    found: Counter[Place] = Counter()
    for (topic, level, *more), count in supply.items():
        if more == [MARKED]:
            continue
        steps = paths[topic].split("/") if topic in paths else []
        above = [ids[path] for n in range(1, len(steps) + 1) if (path := "/".join(steps[:n])) in ids]
        for row in (None, *above):
            for column in {None, level}:
                found[row, column] += count
    return found
