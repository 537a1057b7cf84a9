"""Laws over random trees with random moves, mergers and splits: sums are right everywhere, and each person counts once."""

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest.db import db, transaction
from contest.errors import Conflict, Invalid
from contest.models.attempts import Attempt
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.models.organisation import Unit, UnitAncestor
from contest.models.results import Result, Standing, StandingUnit
from contest.rules.permissions import SYSTEM
from contest.rules.unit_terms import UnitChangeKind
from contest.services import organisation
from contest.services.results import recount_units, turnouts
from contest.services.units import changes, headcounts
from contest.services.units.changes import Wish
from tests import people
from tests.conftest import Clock

Kind = UnitChangeKind
UNITS = 6


class _UndoneError(Exception):
    """What is made for one example is taken back with its transaction."""


@pytest.fixture
def house(context: Flask, database: str, clock: Clock) -> str:
    people.organisation()
    return people.contest()[0]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_units_add_up_after_any_changes_of_the_tree(house: str, clock: Clock, seed: int) -> None:
    noon = clock.at
    try:
        with transaction():
            _live(random.Random(seed), house, clock)
            raise _UndoneError
    except _UndoneError:
        pass
    finally:
        clock.at = noon
        db.session.expunge_all()


def _live(rng: random.Random, code: str, clock: Clock) -> None:
    """Let units be, people take part, and the tree change before, in and after the round; then hold the sums against it."""
    row = people.round_row(code)
    codes = [f"R{n}" for n in range(UNITS)]
    for n, new in enumerate(codes):
        _found(new, rng.choice(["GOC", *codes[:n]]), rng.choice([None, 5, 50]), row.opens_at - timedelta(days=1))
    own = Counter[str]()
    for _ in range(4):
        for new in codes:
            living = db.session.scalar(sa.select(Unit.valid_to).where(Unit.code == new)) is None
            for _ in range(rng.randrange(3) if living else 0):
                own[new] += 1
                _stand(row, people.unit_id(new), f"{new}-{own[new]}")
        _change(rng, codes)
        clock.advance(minutes=1)
    _hold(row, own)
    then = clock.at = row.closes_at
    moved = _tree_sums(row, own, then)
    for _ in range(3):
        clock.advance(minutes=1)
        _change(rng, codes)
    assert _stored(row) == moved  # what closed keeps its tree
    today = clock.at + timedelta(seconds=1)
    contest = db.session.get_one(Contest, row.contest_id)
    by_today = turnouts.Counting((row.id,), None, is_own_tree=False)
    counted = {s.unit_id: s.turnout.participants for s in turnouts.turnouts_of(contest, by_today)}
    expected = _tree_sums(row, own, today)
    assert counted == {unit: expected.get(unit, 0) for unit in counted}


def _found(code: str, parent: str, figure: int | None, since: object) -> None:
    unit = Unit(code=code, name=code, parent_id=people.unit_id(parent), valid_from=since)
    db.session.add(unit)
    db.session.flush()
    organisation.attach(unit.id, unit.parent_id, at=unit.valid_from)
    headcounts.declare(unit, figure, by=None, at=unit.valid_from)


def _change(rng: random.Random, codes: list[str]) -> None:
    kind = rng.choice([Kind.MOVED, Kind.MERGED, Kind.SPLIT])
    source, target = rng.choice(codes), rng.choice([*codes, "GOC"])
    below = sa.select(Unit.code).where(Unit.parent_id == people.unit_id(source), Unit.valid_to.is_(None))
    taken = db.session.scalars(below.order_by(Unit.code)).all()[:1]
    wish = Wish(kind, target=target)
    if kind is Kind.SPLIT:
        count = db.session.scalar(sa.select(sa.func.count(Unit.id)))
        wish = Wish(kind, new_code=f"N{count}", new_name="Mới", units=taken)
    try:
        changes.carry_out(source, wish, by=SYSTEM)
    except (Invalid, Conflict):
        return


def _stand(row: Round, unit_id: int, code: str) -> None:
    """Put somebody on the board of a round, as a submission would."""
    at = row.opens_at
    member = Member(
        code=code, code_key=code, full_name=code, unit_id=unit_id, name_key=b"x", search=code, created_at=at
    )
    db.session.add(member)
    db.session.flush()
    attempt = Attempt(
        code=code, round_id=row.id, member_id=member.id, unit_id=unit_id, number=1, state="submitted", paper=[], started_at=at,
        ends_at=at, accepts_until=at, finished_at=at,
    )  # fmt: skip
    db.session.add(attempt)
    db.session.flush()
    one, who = Decimal(1), {"round_id": row.id, "member_id": member.id}
    times = {"duration_seconds": 0, "started_at": at, "finished_at": at, "graded_at": at}
    scored = {"attempt_id": attempt.id, "number": 1, "correct_count": 1, "question_count": 1, "points": one}
    db.session.execute(sa.insert(Result), {**who, **scored, **times})
    truth = {
        "unit_id": unit_id,
        "attempt_id": attempt.id,
        "attempts_used": 1,
        "full_marks": 0,
        "correct": one,
        "points": one,
    }
    shown = {"key": b"k", "board_attempt_id": attempt.id, "board_correct": one, "board_points": one, "board_key": b"k"}
    db.session.execute(sa.insert(Standing), {**who, **truth, **shown})
    above = sa.select(
        sa.literal(row.id), sa.literal(member.id), UnitAncestor.ancestor_id, sa.literal(b"k", sa.LargeBinary)
    ).where(UnitAncestor.unit_id == unit_id, UnitAncestor.valid_to.is_(None))
    names = ["round_id", "member_id", "ancestor_id", "board_key"]
    db.session.execute(sa.insert(StandingUnit).from_select(names, above))


def _stored(row: Round) -> dict[int, int]:
    query = sa.select(StandingUnit.ancestor_id, sa.func.count()).where(StandingUnit.round_id == row.id)
    return {r[0]: r[1] for r in db.session.execute(query.group_by(StandingUnit.ancestor_id))}


def _tree_sums(row: Round, own: Counter[str], before: object) -> dict[int, int]:
    """Walk from each unit up by parents and successors, as the recount does."""
    tree = recount_units.tree_before(before)  # type: ignore[arg-type]
    found = Counter[int]()
    for code, n in own.items():
        for unit in tree.above(people.unit_id(code)):
            found[unit] += n
    return dict(found)


def _hold(row: Round, own: Counter[str]) -> None:
    """Hold sums against walking the units as they stand now, and headcounts against the sums of those below."""
    units = {u.id: u for u in db.session.scalars(sa.select(Unit).execution_options(populate_existing=True))}
    expected = Counter[int]()
    for code, n in own.items():
        above: int | None = people.unit_id(code)
        while above is not None:
            expected[above] += n
            above = units[above].successor_id or units[above].parent_id
    assert _stored(row) == dict(expected)
    living = [u for u in units.values() if u.valid_to is None]
    frozen = headcounts.of_contest(row.contest_id, None)
    heads = recount_units.Heads(
        row.contest_id, recount_units.tree_before(row.closes_at), row.closes_at, row.closes_at - timedelta(seconds=1)
    )
    assert frozen.counted == {u.id: heads.of(u.id) for u in living}
    for unit in living:
        said = frozen.declared.get(unit.id)
        parts = [frozen.counted[u.id] for u in living if u.parent_id == unit.id]
        if (said is None or said.figure is None) and unit.valid_from < row.opens_at:
            known = [n for n in parts if n is not None]
            assert frozen.counted[unit.id] == (sum(known) if parts and known == parts else None)
