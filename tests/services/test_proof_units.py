"""The recount of the board of units over all rounds: nothing where nothing is wrong, by every criterion and at every level."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from contest.db import db, transaction
from contest.models.awards import Award
from contest.models.contests import Contest, Round, UnitDivision
from contest.models.members import Member
from contest.models.organisation import HeadcountDeclaration, UnitAncestor
from contest.models.results import Standing
from contest.rules.entrants import Marks
from contest.rules.entry_terms import EntrantReason
from contest.rules.overall import Rule
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.result_terms import AwardState, EdgeTie, Verification
from contest.rules.terms import Board
from contest.rules.unit_terms import UnitChangeKind, UnitCriterion
from contest.services.awards import lists, verification, winners
from contest.services.contests import entrant_lists, rounds
from contest.services.contests import overall as overall_setup
from contest.services.results import overall, proof, settlement
from contest.services.units import changes
from contest.services.units.changes import Wish
from tests import people
from tests.conftest import Clock
from tests.services.crowd import CROWD, take

SLUG = "cuoc-thi"
VALUES: dict[str, Any] = {
    "unit_least_score": Decimal("4.5"), "unit_best": 3, "unit_prize_points": {"Nhất": "10", "Nhì": "8.5"},
}  # fmt: skip


@pytest.fixture
def weeks(contest: str, crowd: list[Actor], clock: Clock) -> list[str]:
    """Return two rounds: everybody took the first; half of them, with somebody in another unit by then, the second."""
    values = people.round_values(
        people.round_row(contest).bank_id, title="Tuần 2", closes_at=clock.at + timedelta(days=1)
    )
    second = rounds.add_round(SLUG, values, [{"topic_id": None, "difficulty": None, "count": 3}], seen=4, by=SYSTEM)
    own = [people.unit_id(code) for code in ("A", "B")]
    with transaction():
        db.session.execute(sa.update(Member).where(Member.code == "p00").values(unit_id=people.unit_id("A1")))
        db.session.execute(sa.update(HeadcountDeclaration).values(figure=10))
        db.session.execute(
            sa.update(HeadcountDeclaration).where(HeadcountDeclaration.unit_id == own[1]).values(figure=3)
        )
        marked = [(who.member_id or 0, Marks(is_mandatory=True), "") for who in crowd[:2]]
        entrant_lists.store(people.contest_id(), marked, EntrantReason.REGULATIONS, by=SYSTEM)
    for n in range(0, CROWD, 2):
        take(second, people.actor(f"p{n:02d}"), clock, n % 4, None, 60)
    return [contest, second]


def change(table: type[Any], **values: Any) -> None:
    with transaction():
        db.session.execute(sa.update(table).values(**values))


def settle(codes: Sequence[str], clock: Clock) -> None:
    for code in codes:
        row = people.round_row(code)
        clock.at = max(clock.at, row.closes_at + timedelta(minutes=30))
        settlement.settle(row.id)
        overall.compute_due()


def recognise(code: str) -> None:
    given = {"round": code, "title": "Giải", "for_units": False, "edge": EdgeTie.ALL, "cap": None}
    ladder = [{"name": name, "count": 2, "special": None} for name in ("Nhất", "Giải nhì")]
    number = lists.create(SLUG, given, ladder, by=SYSTEM)
    verification.proceed(SLUG, number, to=AwardState.VERIFICATION, by=SYSTEM)
    for w in winners.outcome(*lists.get_list(SLUG, number, by=SYSTEM)).winners:
        verification.judge(SLUG, number, w.subject.id, Verification.VERIFIED, "", by=SYSTEM)
    verification.proceed(SLUG, number, to=AwardState.OFFICIAL, by=SYSTEM)


def units() -> proof.Proof | None:
    """Return the proof of the board over all rounds, None while there is none."""
    found = [p for p in proof.verify(SLUG, None, by=SYSTEM) if p.title == proof.UNITS_TITLE]
    return found[0] if found else None


def differences() -> tuple[proof.Difference, ...]:
    found = units()
    assert found is not None
    return found.differences


@pytest.mark.parametrize("criterion", list(UnitCriterion))
def test_board_over_all_rounds_is_recounted_by_every_criterion(
    weeks: list[str], database: str, clock: Clock, criterion: UnitCriterion
) -> None:
    change(Contest, unit_criterion=criterion, **VALUES)
    assert units() is None  # no round shows a result
    settle(weeks[:1], clock)
    assert differences() == ()
    settle(weeks[1:], clock)
    recognise(weeks[0])
    recognise(weeks[1])
    found = units()
    assert found is not None
    assert (found.number, found.people, found.units, found.differences) == (0, CROWD, 4, ())


@pytest.mark.parametrize("criterion", [UnitCriterion.WINNERS, UnitCriterion.PERCENT_AND_PRIZES])
def test_prizes_by_the_overall_standing_are_recounted(weeks: list[str], clock: Clock, criterion: UnitCriterion) -> None:
    change(Contest, unit_criterion=criterion, **VALUES)
    rule = Rule(OverallWay.SUM, (OverallCriterion.CORRECT, OverallCriterion.DURATION))
    version = db.session.scalars(sa.select(Contest.version)).one()
    overall_setup.choose(SLUG, rule, weeks, seen=version, by=SYSTEM)
    settle(weeks, clock)
    for code in weeks:
        people.publish_result(SLUG, code)
    recognise(lists.OVERALL)
    assert differences() == ()
    with transaction():  # a winner's last result is said to be of another unit: people and prizes go with it
        last = sa.select(Award.subject_id).limit(1).scalar_subquery()
        db.session.execute(sa.update(Standing).where(Standing.member_id == last).values(unit_id=people.unit_id("GOC")))
    assert f"compared by {criterion}" in {d.field for d in differences()}


def test_divisions_are_recounted_each_within_itself(weeks: list[str], clock: Clock) -> None:
    with transaction():
        for code, name in (("A", "Bảng Một"), ("B", "Bảng Hai")):
            row = {"contest_id": people.contest_id(), "unit_id": people.unit_id(code), "name": name}
            db.session.execute(sa.insert(UnitDivision).values(**row))
    settle(weeks, clock)
    assert differences() == ()
    with transaction():
        db.session.execute(sa.delete(UnitDivision))
    assert differences() == ()


@pytest.mark.parametrize("when", ["between the rounds", "after the contest"])
def test_change_of_the_tree_is_recounted(weeks: list[str], clock: Clock, when: str) -> None:
    change(Round, board=Board.HIDDEN)
    settle(weeks[:1], clock)
    if when == "after the contest":
        settle(weeks[1:], clock)
    clock.advance(hours=1)
    changes.carry_out("B1", Wish(UnitChangeKind.MERGED, target="A1"), by=SYSTEM)
    assert differences() == ()
    settle(weeks[1:], clock)
    assert differences() == ()


def test_round_that_does_not_show_is_not_counted(weeks: list[str], clock: Clock) -> None:
    change(Round, board=Board.HIDDEN)
    settle(weeks[:1], clock)
    found = units()
    assert found is not None
    assert found.differences == ()


def test_figure_that_was_altered_is_named_with_its_board(weeks: list[str], clock: Clock) -> None:
    change(Contest, unit_criterion=UnitCriterion.MEAN)
    settle(weeks, clock)
    assert differences() == ()
    who = people.actor("p02").member_id
    with transaction():
        own = sa.update(Standing).where(Standing.member_id == who)
        db.session.execute(own.values(board_points=sa.type_coerce(Standing.board_points, sa.BigInteger) + 1))
    assert {(d.kind, d.name, d.field) for d in differences()} == {
        ("unit", "A", "compared by mean"),
        ("unit", "A", "compared by mean below GOC"),
        ("unit", "A1", "compared by mean below A"),
    }
    with transaction():
        db.session.execute(
            own.values(
                board_points=sa.type_coerce(Standing.board_points, sa.BigInteger) - 1, unit_id=people.unit_id("B1")
            )
        )
    fields = {d.field for d in differences()}
    assert {"people by participants", "people by ratio below GOC", "people by mean"} <= fields


def test_person_who_was_left_out_is_named_at_every_level(weeks: list[str], clock: Clock) -> None:
    settle(weeks, clock)
    who = people.actor("p02").member_id
    with transaction():
        db.session.execute(sa.delete(Standing).where(Standing.member_id == who))
    named = {(d.name, d.field) for d in differences() if d.field.startswith("people by participants")}
    assert named == {
        ("A", "people by participants"),
        ("A", "people by participants below GOC"),
        ("A1", "people by participants below A"),
    }


def test_line_of_the_tree_that_was_cut_is_named(weeks: list[str], clock: Clock) -> None:
    settle(weeks, clock)
    with transaction():
        cut = sa.delete(UnitAncestor).where(
            UnitAncestor.unit_id == people.unit_id("A1"), UnitAncestor.depth == 0
        )  # fmt: skip
        db.session.execute(cut)
    assert {d.name for d in differences()} == {"A1"}
