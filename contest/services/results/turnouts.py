"""Who of a contest's compared units took part, in one round or over all: distinct people of each with all below it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from contest.db import POINT_PLACES, db, rows
from contest.models.contests import Contest, Round
from contest.models.organisation import Unit, UnitAncestor
from contest.models.results import Standing, StandingUnit
from contest.rules.units import Turnout
from contest.services.contests import comparison
from contest.services.units import headcounts, trees

NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted: the rounds, the tree that results are summed up in, and whether that is the one they were settled in.

    `is_whole` says that a contest is counted rather than a round, even while it has one round only.
    """

    round_ids: tuple[int, ...]
    tree: datetime | None
    is_own_tree: bool = True
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A compared unit as a board names it, with what the rules compare."""

    unit_id: int
    name: str
    turnout: Turnout


def of_round(row: Round, now: datetime) -> Counting:
    """Return the counting of one round in the tree that its results follow."""
    return Counting((row.id,), trees.of_round(row, now))


def by_today(counting: Counting) -> Counting:
    """Return the same counting in the tree of today, where it has another one of its own."""
    return counting if counting.tree is None else replace(counting, tree=None, is_own_tree=False)


def turnouts_of(
    contest: Contest,
    counting: Counting,
    *,
    parent_id: int | None = None,
    with_scores: bool = False,
    winners: Mapping[int, Mapping[str, int]] = NOTHING,
    prized: Mapping[int, int] = NOTHING,
    mandatory: Mapping[int, tuple[int, int]] = NOTHING,
) -> list[Seen]:
    """Return the compared units, those without anybody included: of the contest, or the ones right below `parent_id`.

    `winners` maps a unit to prizes its people won, `prized` to how many people won them, `mandatory` to how many had to
    take part and how many did.
    """
    compared = comparison.compared_units(contest.id, comparison.how_of(contest), counting.tree, parent_id)
    people = _people(counting, compared)
    name = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)
    query = sa.select(Unit.id, Unit.code, name).where(Unit.id.in_(compared), trees.held(Unit, counting.tree))
    found = rows(query.order_by(Unit.code))
    known = headcounts.of_contest(contest.id, counting.tree).counted
    divisions = comparison.divisions_of(contest.id) if parent_id is None else {}
    scores = _scores(counting, compared) if with_scores else {}
    return [
        Seen(
            unit_id,
            shown,
            Turnout(
                code,
                people.get(unit_id, 0),
                known.get(unit_id),
                tuple(scores.get(unit_id, ())),
                winners.get(unit_id, {}),
                *mandatory.get(unit_id, (0, 0)),
                division=divisions.get(unit_id, ""),
                prized=prized.get(unit_id, 0),
            ),
        )
        for unit_id, code, shown in found
    ]


def _under(counting: Counting, compared: sa.Select[Any]) -> tuple[Any, Any, Any]:
    """Return the unit's column, the points' column and the source: one line a person and compared unit above it."""
    if counting.is_own_tree and not counting.is_whole:
        unit = StandingUnit.ancestor_id
        same = sa.and_(Standing.round_id == StandingUnit.round_id, Standing.member_id == StandingUnit.member_id)
        source = sa.select(unit).select_from(StandingUnit).where(
            StandingUnit.round_id == counting.round_ids[0], StandingUnit.board_key.is_not(None), unit.in_(compared)
        )  # fmt: skip
        return unit, Standing.board_points, (source, (Standing, same))
    person = _persons(counting)
    unit = UnitAncestor.ancestor_id
    joined = sa.select(unit).select_from(UnitAncestor).join(person, person.c.unit_id == UnitAncestor.unit_id)
    return unit, person.c.points, (joined.where(trees.held(UnitAncestor, counting.tree), unit.in_(compared)), None)


def _persons(counting: Counting) -> sa.Subquery:
    """Return each person once: the unit of the last round they took part in, and the sum of their points."""
    own = (Standing.round_id.in_(counting.round_ids), Standing.board_key.is_not(None))
    last = sa.func.row_number().over(
        partition_by=Standing.member_id, order_by=(Round.number.desc(), Standing.round_id.desc())
    )
    millionths = sa.type_coerce(Standing.board_points, sa.BigInteger)
    total = sa.func.sum(millionths).over(partition_by=Standing.member_id)
    each = (
        sa.select(Standing.unit_id, last.label("last"), sa.cast(total, sa.BigInteger).label("points"))
        .join(Round, Round.id == Standing.round_id)
        .where(*own)
        .subquery()
    )
    return sa.select(each.c.unit_id, each.c.points).where(each.c.last == 1).subquery()


def _people(counting: Counting, compared: sa.Select[Any]) -> dict[int, int]:
    unit, _, (source, _) = _under(counting, compared)
    counted = source.with_only_columns(unit, sa.func.count()).group_by(unit)
    return {row[0]: row[1] for row in db.session.execute(counted)}


def _scores(counting: Counting, compared: sa.Select[Any]) -> dict[int, list[Decimal]]:
    """Return the scores of each compared unit's people, with all below it."""
    unit, points, (source, join) = _under(counting, compared)
    if join is not None:
        source = source.join(*join)
    millionths = sa.type_coerce(points, sa.BigInteger)
    reached = source.with_only_columns(unit, millionths, sa.func.count(), maintain_column_froms=True)
    found: dict[int, list[Decimal]] = {}
    for unit_id, score, people in db.session.execute(reached.group_by(unit, millionths)):  # few scores, many people
        found.setdefault(unit_id, []).extend([Decimal(score).scaleb(-POINT_PLACES)] * people)
    return found


def kept(found: Sequence[Seen]) -> list[list[Any]]:
    """Return what a cache may hold of units: plain values, scores as whole millionths."""
    return [
        [
            s.unit_id, s.name, s.turnout.unit, s.turnout.participants, s.turnout.headcount,
            [int(score.scaleb(POINT_PLACES)) for score in s.turnout.scores], dict(s.turnout.winners),
            s.turnout.mandatory, s.turnout.mandatory_present, s.turnout.division, s.turnout.prized,
        ]
        for s in found
    ]  # fmt: skip


def unkept(found: Sequence[Sequence[Any]]) -> list[Seen]:
    """Return units as a cache held them."""
    return [
        Seen(f[0], f[1], Turnout(f[2], f[3], f[4], tuple(Decimal(n).scaleb(-POINT_PLACES) for n in f[5]), *f[6:]))
        for f in found
    ]
