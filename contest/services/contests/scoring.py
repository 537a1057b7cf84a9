"""How the papers of a round are scored, as contestants read it before they start and organisers before they publish."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa

from contest.db import db
from contest.db.editions import Kept
from contest.models.contests import Round
from contest.rules.blueprints import fixed_in
from contest.rules.marking import Scoring, Way
from contest.rules.worth import Negative
from contest.services.banks.blueprints import lines_of
from contest.services.banks.shelf import marked_among


@dataclass(frozen=True, slots=True)
class Scored:
    """So many questions of a paper that are scored alike; `is_all` says that they are all of them."""

    count: int
    way: Way
    ladder: tuple[Fraction, ...]
    penalty: Fraction
    is_all: bool


@dataclass(frozen=True, slots=True)
class ScoringView:
    """What a paper is worth: how many questions of how many points, how they are scored, and if it may be below nought.

    `marked` are those that people mark, in no `scored`.
    """

    possible: Decimal
    points: tuple[tuple[int, Decimal], ...]
    scored: tuple[Scored, ...]
    negative: Negative
    marked: int = 0


def scoring_of(code: str) -> ScoringView | None:
    """Return how the papers of a round are scored; None where every question is one point and scored as its kind is."""
    return _SCORING.get(code, _read)


_SCORING: Kept[str, ScoringView | None] = Kept()


def _read(code: str) -> ScoringView | None:
    row = db.session.scalars(sa.select(Round).where(Round.code == code)).one()
    if row.possible is None:
        return None
    points, scored = Counter[Decimal](), Counter[Scoring]()
    lines = lines_of(row.id)
    by_people, marked = marked_among(fixed_in(lines)), 0
    for line in lines:
        points[line.worth.points] += line.count
        if line.marked or line.question in by_people:
            marked += line.count
        else:
            scored[line.worth.scoring] += line.count
    return ScoringView(
        row.possible,
        tuple((count, each) for each, count in sorted(points.items())),
        tuple(Scored(n, s.way, s.ladder, s.penalty, len(scored) == 1 and not marked) for s, n in scored.items()),
        Negative(row.negative),
        marked,
    )
