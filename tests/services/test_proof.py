"""The recount of a round finds nothing where nothing is wrong, and whatever was changed behind its back."""

import ast
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from contest.db import db, transaction
from contest.errors import NotFound
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.models.organisation import HeadcountDeclaration, Unit
from contest.models.results import Result, Settlement, Standing, StandingUnit
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import Counted, Criterion, PredictionTarget
from contest.rules.unit_terms import UnitCriterion
from contest.services import organisation
from contest.services.results import (
    proof,
    recount,
    recount_evidence,
    recount_lots,
    recount_overall,
    recount_prizes,
    recount_units,
    settlement,
)
from tests import people
from tests.conftest import Clock
from tests.services.crowd import CROWD

pytestmark = pytest.mark.usefixtures("crowd")
C = Criterion
ORDERS = [
    (C.CORRECT, C.PREDICTION, C.DURATION),
    (C.POINTS, C.FULL_MARKS, C.PREDICTION, C.SUBMITTED_AT),
    (C.CORRECT, C.ATTEMPTS_USED, C.STARTED_AT),
    (C.DURATION, C.CORRECT, C.LOT),
    (C.FULL_MARKS, C.CORRECT, C.REGISTERED_AT),
    (C.CORRECT,),
]
FORMULAS: list[dict[str, Any]] = [
    {"unit_criterion": UnitCriterion.RATIO},
    {"unit_criterion": UnitCriterion.PARTICIPANTS},
    {"unit_criterion": UnitCriterion.AT_LEAST, "unit_least_score": Decimal("2.5")},
    {"unit_criterion": UnitCriterion.MEAN},
    {"unit_criterion": UnitCriterion.MEAN_OF_BEST, "unit_best": 5},
    {"unit_criterion": UnitCriterion.MEAN_OF_BEST, "unit_best": CROWD + 1},
]


def change(table: type[Any], **values: Any) -> None:
    with transaction():
        db.session.execute(sa.update(table).values(**values))


def settle(code: str, clock: Clock) -> int:
    row = people.round_row(code)
    clock.at = row.closes_at + timedelta(minutes=1)
    settlement.settle(row.id)
    return row.id


def verify() -> proof.Proof:
    return proof.verify("cuoc-thi", 1, by=SYSTEM)[0]


@pytest.mark.parametrize("counted", list(Counted))
@pytest.mark.parametrize("criteria", ORDERS)
def test_what_was_counted_is_what_is_recounted(
    contest: str,
    database: str,
    clock: Clock,
    criteria: tuple[Criterion, ...],
    counted: Counted,
) -> None:
    change(Round, criteria=list(criteria), counted=counted)
    settlement.rebuild(people.round_row(contest).id)
    assert (verify().version, verify().differences) == (None, ())
    settle(contest, clock)
    found = verify()
    assert found.differences == ()
    assert (found.version, found.people, found.attempts > CROWD, found.units) == (1, CROWD, True, 5)


@pytest.mark.parametrize("target", [*PredictionTarget, None])
def test_either_target_is_recounted(contest: str, clock: Clock, target: PredictionTarget | None) -> None:
    change(Round, prediction=target)
    settle(contest, clock)
    assert verify().differences == ()


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("headcount", [None, 0, 3, 40])
def test_units_are_recounted_by_every_formula(
    contest: str,
    clock: Clock,
    formula: dict[str, Any],
    headcount: int | None,
) -> None:
    change(Contest, **formula)
    own = (people.unit_id("A1"), people.unit_id("B"))
    with transaction():
        declared = sa.update(HeadcountDeclaration).where(HeadcountDeclaration.unit_id.in_(own))
        db.session.execute(declared.values(figure=headcount))
    settle(contest, clock)
    assert verify().differences == ()


def test_a_unit_that_moves_after_the_settlement_is_counted_where_it_stood(contest: str, clock: Clock) -> None:
    change(Contest, unit_criterion=UnitCriterion.PARTICIPANTS)
    settle(contest, clock)
    clock.advance(days=1)
    with transaction():
        organisation.move(people.unit_id("A1"), people.unit_id("B"), at=clock.at)
    assert verify().differences == ()


def member_of(place: int) -> int:
    return int(db.session.scalars(sa.select(Standing.member_id).where(Standing.place == place)).first() or 0)


CHANGES = {
    "a score raised": (sa.update(Result).values(correct_count=Result.correct_count + 1), {("result", "correct")}),
    "points given": (sa.update(Result).values(points=Decimal(99)), {("result", "points")}),
    "time taken off": (sa.update(Result).values(duration_seconds=1), {("result", "seconds")}),
    "a guess put in": (sa.update(Result).values(prediction=77), {("result", "prediction")}),
    "a place given": (sa.update(Standing).values(place=1), {("standing", "place")}),
    "a person left out": (sa.delete(Standing), {("standing", "exists")}),
    "another target": (
        sa.insert(Settlement).values(
            round_id=sa.select(Round.id).scalar_subquery(), version=2, settled_at=datetime(2026, 9, 1, tzinfo=UTC), target=50,
            participants=CROWD, attempts=sa.select(sa.func.count(Result.attempt_id)).scalar_subquery(), digest="0" * 64,
        ),
        {("round", "target")},
    ),
    "a person taken from a unit": (sa.delete(StandingUnit), {("unit", "exists"), ("unit", "people")}),
    "another unit": (sa.update(Standing).values(unit_id=sa.select(Unit.id).where(Unit.code == "GOC").scalar_subquery()),
                     {("standing", "unit_id")}),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CHANGES))
def test_whatever_is_changed_is_named(contest: str, database: str, clock: Clock, name: str) -> None:
    settle(contest, clock)
    last = int(db.session.scalar(sa.select(sa.func.max(Standing.place))) or 0)
    who = member_of(last)
    code = db.session.scalars(sa.select(Member.code).where(Member.id == who)).one()
    statement, expected = CHANGES[name]
    table = statement.table.c
    if "member_id" in table and isinstance(statement, sa.Update | sa.Delete):
        statement = statement.where(table.member_id == who)
    with transaction():
        db.session.execute(statement)
    differences = verify().differences
    assert {(d.kind, d.field) for d in differences} & expected
    assert {d.kind for d in differences if d.kind != "unit"} <= {kind for kind, _ in expected}
    assert all(d.stored != d.recounted for d in differences)
    if expected == {("standing", "place")}:
        assert [(d.name, d.stored, d.recounted) for d in differences] == [(code, "1", str(last))]


RECOUNTS = (recount, recount_evidence, recount_units, recount_lots, recount_prizes, recount_overall)


@pytest.mark.parametrize("module", RECOUNTS, ids=lambda m: m.__name__.rsplit(".")[-1])
def test_the_recount_shares_nothing_with_what_ranks(module: ModuleType) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    found |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in found if name and name.startswith("contest.")}
    rules = {name.removeprefix("contest.rules.") for name in ours if ".rules" in name}
    assert {name for name in rules if not name.endswith("terms")} <= {"marking", "questions.bodies"}
    assert {name for name in ours if ".services" in name} <= {
        "contest.services.banks.storing",
        "contest.services.results",
        "contest.services.results.recount",
        "contest.services.results.recount_evidence",
    }
    names = {
        a.name
        for n in ast.walk(tree)
        if isinstance(n, ast.ImportFrom) and n.module == "contest.services.results"
        for a in n.names
    }
    assert names <= {"recount", "recount_evidence", "recount_lots", "recount_prizes"}


def test_only_who_may_see_the_contest_may_recount_it(contest: str, crowd: list[Actor]) -> None:
    with pytest.raises(NotFound):
        proof.verify("cuoc-thi", None, by=crowd[0])
    with pytest.raises(NotFound):
        proof.verify("cuoc-thi", 2, by=SYSTEM)
