"""What formulas of units need beside turnout: prizes that were recognised, and the people who had to take part.

A prize counts at the unit that its winner's result was made for, and under every unit above that in the board's tree. A
round's board counts the prizes of the round's lists, the board of the contest those of all rounds and of lists over all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.awards import Award, Prize, PrizeList
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.models.organisation import Unit, UnitAncestor, UnitChange
from contest.models.results import Standing
from contest.rules.result_terms import AwardState
from contest.rules.unit_terms import UnitChangeKind, UnitCriterion
from contest.rules.units import OF_PRIZES, OF_SCORES, Formula
from contest.services.contests import entrants
from contest.services.results import turnouts
from contest.services.results.turnouts import Counting, Seen
from contest.services.units import trees

CHUNK = 500
RECOGNISED = (AwardState.OFFICIAL, AwardState.ANNOUNCED)


def measured(contest: Contest, counting: Counting, formula: Formula, *, parent_id: int | None = None) -> list[Seen]:
    """Return the compared units with all that a formula asks of them."""
    return measured_by_all(contest, counting, [formula], parent_id=parent_id)


def measured_by_all(
    contest: Contest,
    counting: Counting,
    formulas: Collection[Formula],
    *,
    parent_id: int | None = None,
) -> list[Seen]:
    """Return the compared units with all that any of the formulas asks of them."""
    by = {formula.criterion for formula in formulas}
    prizes, people = of_units(contest.id, counting) if by & OF_PRIZES else ({}, {})
    return turnouts.turnouts_of(
        contest,
        counting,
        parent_id=parent_id,
        with_scores=bool(by & OF_SCORES),
        winners=prizes,
        prized=people,
        mandatory=who_had_to(contest.id, counting) if UnitCriterion.GATED_RATIO in by else {},
    )


def _lists(contest_id: int, counting: Counting) -> sa.Select[tuple[int]]:
    """Return the ids of the recognised lists for people that a board counts."""
    own: sa.ColumnElement[bool] = PrizeList.round_id.in_(counting.round_ids)
    if counting.is_whole:
        own = sa.or_(own, PrizeList.round_id.is_(None))
    return sa.select(PrizeList.id).where(
        PrizeList.contest_id == contest_id, PrizeList.for_units.is_(False), PrizeList.state.in_(RECOGNISED), own
    )


def are_awaited(contest_id: int, counting: Counting, formula: Formula) -> bool:
    """Say whether a formula asks for prizes and none has been recognised yet."""
    if formula.criterion not in OF_PRIZES:
        return False
    return not db.session.scalar(sa.select(_lists(contest_id, counting).exists()))


def of_units(contest_id: int, counting: Counting) -> tuple[dict[int, dict[str, int]], dict[int, int]]:
    """Return unit → prizes that its people won, and unit → how many people won them, with all below."""
    query = (
        sa.select(PrizeList.round_id, Award.subject_id, Prize.name)
        .join(PrizeList, PrizeList.id == Award.list_id)
        .join(Prize, sa.and_(Prize.list_id == Award.list_id, Prize.number == Award.prize_number))
        .where(PrizeList.id.in_(_lists(contest_id, counting)))
        .order_by(Award.list_id, Award.prize_number, Award.subject_id)
    )
    won = rows(query)
    unit_in, last = _units_of_results({r[1] for r in won}, counting)
    above = _above(set(unit_in.values()), counting.tree)
    prizes: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    people: dict[int, set[int]] = defaultdict(set)
    for round_id, member_id, name in won:
        unit_id = unit_in.get((round_id or last.get(member_id, 0), member_id))
        for unit in above.get(unit_id or 0, ()):  # a result that was voided since stands nowhere
            prizes[unit][name] += 1
            people[unit].add(member_id)
    return {unit: dict(own) for unit, own in prizes.items()}, {unit: len(own) for unit, own in people.items()}


def _units_of_results(
    members: Collection[int], counting: Counting
) -> tuple[dict[tuple[int, int], int], dict[int, int]]:
    """Return (round, member) → the unit of that result, and member → the last round that they took part in."""
    unit_in: dict[tuple[int, int], int] = {}
    last: dict[int, int] = {}
    for part in _parts(members):
        query = sa.select(Standing.round_id, Standing.member_id, Standing.unit_id).join(
            Round, Round.id == Standing.round_id
        )
        own = Standing.round_id.in_(counting.round_ids), Standing.board_key.is_not(None), Standing.member_id.in_(part)
        for round_id, member_id, unit_id in rows(query.where(*own).order_by(Round.number, Round.id)):
            unit_in[round_id, member_id], last[member_id] = unit_id, round_id
    return unit_in, last


def _above(unit_ids: Collection[int], tree: datetime | None) -> dict[int, list[int]]:
    """Return unit → itself, or its successor, and every unit above."""
    found: dict[int, list[int]] = {}
    for part in _parts(unit_ids):
        query = sa.select(UnitAncestor.unit_id, UnitAncestor.ancestor_id)
        for unit, above in rows(query.where(UnitAncestor.unit_id.in_(part), trees.held(UnitAncestor, tree))):
            found.setdefault(unit, []).append(above)
    return found


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    in_order = sorted(ids)
    for start in range(0, len(in_order), CHUNK):
        yield in_order[start : start + CHUNK]


def who_had_to(contest_id: int, counting: Counting) -> dict[int, tuple[int, int]]:
    """Return unit → how many of its people had to take part, with all below, and how many of those did.

    Whoever took part is counted where the result was made, whoever did not where they belong; a unit founded since by a
    split counts as the one it came from.
    """
    wanted = entrants.mandatory_of(contest_id)
    unit_in, last = _units_of_results(wanted, counting)
    belongs: dict[int, int] = {}
    for part in _parts(wanted):
        query = sa.select(Member.id, Member.unit_id).where(Member.id.in_(part))
        belongs |= {row[0]: row[1] for row in rows(query)}
    belongs = _as_of(counting.tree, belongs)
    belongs |= {member_id: unit_in[round_id, member_id] for member_id, round_id in last.items()}
    above = _above(set(belongs.values()), counting.tree)
    found: dict[int, tuple[int, int]] = {}
    for member_id, unit_id in belongs.items():
        for unit in above.get(unit_id, ()):
            had_to, did = found.get(unit, (0, 0))
            found[unit] = had_to + 1, did + (member_id in last)
    return found


def _as_of(tree: datetime | None, belongs: Mapping[int, int]) -> dict[int, int]:
    """Return member → the unit that was there in a tree: one founded since by a split is the unit it was split from."""
    if tree is None:
        return dict(belongs)
    founded = UnitChange.kind == UnitChangeKind.FOUNDED, UnitChange.other_id.is_not(None)
    query = sa.select(Unit.id, UnitChange.other_id).join(UnitChange, UnitChange.unit_id == Unit.id)
    split_from = {row[0]: row[1] for row in rows(query.where(Unit.valid_from >= tree, *founded))}

    def at_first(unit_id: int) -> int:
        return at_first(split_from[unit_id]) if unit_id in split_from else unit_id

    return {member_id: at_first(unit_id) for member_id, unit_id in belongs.items()}
