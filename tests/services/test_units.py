"""The life of units: declared, frozen, moved, merged, split; what was achieved stays, by the old tree and by the new."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from contest.db import db, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.formats.drafts import Reading, UnitDraft
from contest.gateways.cache import Cache
from contest.models.contests import Contest, ContestUnit
from contest.models.members import Member
from contest.models.organisation import HeadcountDeclaration, UnitAncestor
from contest.models.results import Result, Standing, StandingUnit
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.unit_terms import ComparedUnits, UnitChangeKind, UnitCriterion, Unplaced
from contest.rules.units import Formula
from contest.services.contests import comparison, rounds, setup
from contest.services.members import lists
from contest.services.results import proof, settlement, unit_boards, unit_reasons, unit_scopes
from contest.services.units import changes, headcounts, previews, trees
from contest.services.units.changes import Wish
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take

Kind = UnitChangeKind


def change(code: str, kind: UnitChangeKind, by: Actor = SYSTEM, **values: Any) -> str:
    return changes.carry_out(code, Wish(kind, **values), by=by)


def declare(code: str, figure: int | None, by: Actor = SYSTEM) -> None:
    changes.describe(code, {"headcount": figure}, by=by)


def board(code: str, *, now: bool = False, by: UnitCriterion | None = UnitCriterion.PARTICIPANTS) -> dict[str, Any]:
    found = unit_boards.board(unit_scopes.of_round(code).in_tree_of(today=now), actor=None, by=by, cache=Cache())
    return {row.code: row for row in found.rows}


def counts(code: str, *, now: bool = False) -> dict[str, int]:
    return {unit: row.participants for unit, row in board(code, now=now).items()}


def settle(code: str, clock: Clock) -> int:
    row = people.round_row(code)
    clock.at = row.closes_at + timedelta(minutes=1)
    settlement.settle(row.id)
    return row.id


def differences() -> tuple[proof.Difference, ...]:
    return proof.verify("cuoc-thi", 1, by=SYSTEM)[0].differences


# Declared, and frozen


def test_headcount_keeps_who_declared_it_and_when(contest: str, clock: Clock) -> None:
    organiser = people.organiser("toa", unit="A")
    declare("A1", 12, by=organiser)
    clock.advance(days=1)
    declare("A1", 15, by=organiser)
    declare("A1", 15, by=organiser)  # the same again is no new declaration
    found = headcounts.history(people.unit_id("A1"))
    assert [(d.figure, d.who) for d in found] == [(15, "Nguyễn Thị TOA"), (12, "Nguyễn Thị TOA"), (10, None)]
    assert found[0].at - found[1].at == timedelta(days=1)
    with pytest.raises(NotFound):
        declare("B1", 99, by=organiser)
    with pytest.raises(NotFound):
        declare("GOC", 99, by=organiser)


@pytest.mark.parametrize(("seconds", "counted"), [(-1, 40), (0, 40), (1, 10)])
def test_headcount_counts_if_declared_by_the_opening_of_the_first_round(
    contest: str, clock: Clock, seconds: int, counted: int
) -> None:
    opens_at = people.round_row(contest).opens_at
    noon = clock.at
    clock.at = opens_at + timedelta(seconds=seconds)
    declare("A", 40)
    clock.at = noon
    assert {code: row.headcount for code, row in board(contest).items()} == {"A": counted, "B": 10}


def test_unit_that_declared_nothing_in_time_has_no_ratio_until_the_organiser_accepts_a_figure(
    contest: str, clock: Clock
) -> None:
    with transaction():
        db.session.execute(sa.delete(HeadcountDeclaration))
    declare("A", 40)
    assert board(contest, by=UnitCriterion.RATIO)["A"].why_none is Unplaced.NO_HEADCOUNT
    clock.advance(minutes=5)
    comparison.accept_headcount("cuoc-thi", "A", 50, "Khai muộn do đổi kế toán", by=SYSTEM)
    assert board(contest, by=UnitCriterion.RATIO)["A"].headcount == 50
    why = unit_reasons.why(unit_scopes.of_round(contest), "A", actor=None)
    assert (why.is_accepted, why.own and why.own.reason, why.is_frozen) == (True, "Khai muộn do đổi kế toán", True)
    settle(contest, clock)
    assert differences() == ()


def test_nothing_is_accepted_before_the_first_round_opens_nor_for_a_unit_that_is_not_compared(
    contest: str, clock: Clock
) -> None:
    with pytest.raises(Invalid, match="unit-not-compared"):
        comparison.accept_headcount("cuoc-thi", "GOC", 50, "Lý do", by=SYSTEM)
    clock.at = people.round_row(contest).opens_at - timedelta(seconds=1)
    with pytest.raises(Conflict, match="headcount-not-frozen"):
        comparison.accept_headcount("cuoc-thi", "A", 50, "Lý do", by=SYSTEM)
    with pytest.raises(NotFound):
        comparison.accept_headcount("cuoc-thi", "A", 50, "Lý do", by=people.organiser("toa", unit="A"))


# Refused


@pytest.mark.parametrize(
    ("code", "kind", "values", "slug"),
    [
        ("A", Kind.MERGED, {"target": "A1"}, "merge-into-own-child"),
        ("A", Kind.MERGED, {"target": "A"}, "merge-into-itself"),
        ("GOC", Kind.MERGED, {"target": "A"}, "merge-into-own-child"),
        ("A", Kind.MERGED, {"target": ""}, "required"),
        ("A", Kind.MERGED, {"target": "KHONG"}, "unit-unknown"),
        ("A", Kind.MERGED, {"target": "B", "people_to": "GOC"}, "people-not-below"),
        ("A", Kind.MOVED, {"target": "A1"}, "move-under-itself"),
        ("A", Kind.MOVED, {"target": "A"}, "move-under-itself"),
        ("A", Kind.MOVED, {"target": "GOC"}, "move-to-same"),
        ("GOC", Kind.MOVED, {"target": "A"}, "unit-on-top"),
        ("A", Kind.SPLIT, {"new_code": "A9", "new_name": "Mới"}, "split-empty"),
        ("A", Kind.SPLIT, {"new_code": "B", "new_name": "Mới", "units": ("A1",)}, "unit-code-taken"),
        ("A", Kind.SPLIT, {"new_code": "A9", "new_name": "Mới", "units": ("B1",)}, "split-not-below"),
        ("A", Kind.SPLIT, {"new_code": "A9", "new_name": "Mới", "people": ("ai-do",)}, "split-not-own"),
        ("GOC", Kind.SPLIT, {"new_code": "A9", "new_name": "Mới", "units": ("A",)}, "unit-on-top"),
    ],
)
def test_change_that_makes_no_sense_is_refused_with_its_reason(
    contest: str, code: str, kind: UnitChangeKind, values: dict[str, Any], slug: str
) -> None:
    before = trees.parents()
    with pytest.raises(Invalid, match=slug):
        previews.preview(code, Wish(kind, **values), by=SYSTEM)
    with pytest.raises(Invalid, match=slug):
        change(code, kind, **values)
    assert trees.parents() == before


def test_merged_unit_changes_no_more_and_takes_nothing_in(contest: str, clock: Clock) -> None:
    change("A", Kind.MERGED, target="B")
    for code, values in (("A", {"target": "GOC"}), ("A", {"target": "B"})):
        with pytest.raises(Conflict, match="unit-closed"):
            change(code, Kind.MOVED, **values)
    with pytest.raises(Invalid, match="target-closed"):
        change("B1", Kind.MOVED, target="A")
    with pytest.raises(Conflict, match="unit-closed"):
        declare("A", 3)


def test_merged_unit_takes_in_nobody_by_hand_or_by_list_and_keeps_its_code(contest: str, clock: Clock) -> None:
    change("A", Kind.MERGED, target="B")
    with pytest.raises(Invalid, match="target-closed"):
        people.member("m1", "A")
    with pytest.raises(Invalid, match="target-closed"):
        people.draft_contest("khac", organiser="A")
    again = Reading((UnitDraft("A", "Công đoàn Sở An", parent="GOC"), UnitDraft("C", "Mới", parent="A")), ())
    plan = lists.plan(again, Reading((), ()), by=SYSTEM)
    assert [(p.refusal.slug, p.excerpt) for p in plan.errors] == [("target-closed", "A"), ("parent-unknown", "C")]
    assert plan.new_units == ()


def test_organiser_of_a_unit_changes_nothing_outside_it(contest: str) -> None:
    organiser = people.organiser("toa", unit="A")
    with pytest.raises(NotFound):
        change("B1", Kind.MOVED, target="A", by=organiser)
    with pytest.raises(Invalid, match="unit-unknown"):
        change("A1", Kind.MOVED, target="B", by=organiser)


def test_change_holds_from_no_later_than_now_and_not_before_what_is_fixed(
    contest: str, crowd: list[Actor], clock: Clock
) -> None:
    with pytest.raises(Invalid, match="effective-in-future"):
        change("A1", Kind.MOVED, target="B", effective=clock.at + timedelta(seconds=1))
    settle(contest, clock)
    closes_at = people.round_row(contest).closes_at
    with pytest.raises(Invalid, match="effective-too-early"):
        change("A1", Kind.MOVED, target="B", effective=closes_at - timedelta(seconds=1))
    before = counts(contest)
    change("A1", Kind.MOVED, target="B", effective=closes_at)  # the window is half-open: the round is over by then
    assert counts(contest) == before
    assert differences() == ()


# What was achieved stays


def test_name_changes_and_the_former_one_stays_in_the_history(contest: str, clock: Clock) -> None:
    changes.describe("A", {"name": "Công đoàn Sở An Bình"}, by=people.organiser())
    (event,) = previews.history(people.unit_id("A"))
    assert (event.kind, event.before, event.after) == (Kind.RENAMED, "Công đoàn Sở An", "Công đoàn Sở An Bình")
    assert (event.who, event.at) == ("Nguyễn Thị BANTOCHUC", clock.at)


def test_merger_takes_people_and_units_along_and_counts_the_round_in_progress_for_the_successor(
    contest: str, crowd: list[Actor], clock: Clock
) -> None:
    had = counts(contest)
    own = dict(db.session.execute(sa.select(Standing.member_id, Standing.unit_id)).all())
    staff = people.member("can-bo", "A")
    found = previews.preview("A", Wish(Kind.MERGED, target="B"), by=SYSTEM)
    assert (found.people, found.people_below, found.units) == (1, had["A"] + 1, ["Công đoàn phòng An Một"])
    assert [slug for slug, _ in found.contests] == ["cuoc-thi"]
    change("A", Kind.MERGED, target="B", people_to="B1")
    assert counts(contest) == {"B": had["A"] + had["B"]}
    assert dict(db.session.execute(sa.select(Standing.member_id, Standing.unit_id)).all()) == own
    assert people.actor("can-bo").unit_id == people.unit_id("B1") != staff.unit_id
    assert previews.children(people.unit_id("B")) == [
        ("A1", "Công đoàn phòng An Một"),
        ("B1", "Công đoàn phòng Bình Một"),
    ]
    clock.advance(minutes=1)
    settle(contest, clock)
    assert counts(contest) == {"B": had["A"] + had["B"]}
    assert board(contest)["B"].headcount == 20  # each declared ten
    assert differences() == ()


def test_settled_round_follows_the_tree_of_its_close_and_by_choice_the_one_of_today(
    contest: str, crowd: list[Actor], clock: Clock
) -> None:
    round_id = settle(contest, clock)
    had = counts(contest)
    stored = set(db.session.execute(sa.select(StandingUnit.member_id, StandingUnit.ancestor_id)).all())
    clock.advance(days=1)
    change("A", Kind.MERGED, target="B")
    assert counts(contest) == had
    assert counts(contest, now=True) == {"B": had["A"] + had["B"]}
    with transaction():  # a result that is another, so that the round is settled anew
        one = sa.select(sa.func.min(Result.attempt_id)).scalar_subquery()
        db.session.execute(sa.update(Result).where(Result.attempt_id == one).values(duration_seconds=1))
    assert settlement.settle(round_id).version == 2
    assert set(db.session.execute(sa.select(StandingUnit.member_id, StandingUnit.ancestor_id)).all()) == stored
    assert counts(contest) == had
    assert {d.kind for d in differences()} <= {"result", "standing"}


def test_split_leaves_the_results_with_the_unit_they_were_made_for(
    contest: str, crowd: list[Actor], clock: Clock
) -> None:
    had = counts(contest)
    change("A1", Kind.SPLIT, new_code="A2", new_name="Công đoàn phòng An Hai", target="B", people=("p01", "P02"))
    assert {people.actor(code).unit_id for code in ("p01", "p02")} == {people.unit_id("A2")}
    assert counts(contest) == had
    with pytest.raises(Invalid, match="split-not-own"):
        change("A1", Kind.SPLIT, new_code="A3", new_name="Ba", people=("p01",))
    settle(contest, clock)
    assert differences() == ()
    assert [e.kind for e in previews.history(people.unit_id("A2"))] == [Kind.FOUNDED]


def test_nobody_falls_out_of_a_running_contest_by_a_change_of_the_tree(contest: str, clock: Clock) -> None:
    with transaction():
        db.session.execute(sa.update(ContestUnit).values(unit_id=people.unit_id("A")))
    taker = people.member("m1", "A1")
    change("A1", Kind.MOVED, target="B")
    assert people.attempt(contest, people.actor("m1"))
    change("A", Kind.MERGED, target="B")
    listed = set(db.session.scalars(sa.select(ContestUnit.unit_id)))
    assert listed == {people.unit_id(code) for code in ("A", "A1", "B")}
    assert taker.unit_id == people.unit_id("A1")


def test_list_that_moves_a_unit_takes_the_running_round_along(contest: str, crowd: list[Actor], clock: Clock) -> None:
    had = counts(contest)
    moved = Reading((UnitDraft("A1", "Công đoàn phòng An Một", parent="B", headcount=10),), ())
    lists.apply(lists.plan(moved, Reading((), ()), by=SYSTEM), by=SYSTEM)
    assert counts(contest) == {"A": 0, "B": had["A"] + had["B"]}
    assert [e.kind for e in previews.history(people.unit_id("A1"))] == [Kind.MOVED]


def test_unit_moved_there_and_back_at_once_stands_where_it_stood(contest: str, clock: Clock) -> None:
    change("A1", Kind.MOVED, target="B")
    change("A1", Kind.MOVED, target="A")
    assert trees.parents()[people.unit_id("A1")] == people.unit_id("A")
    lines = sa.select(UnitAncestor).where(UnitAncestor.unit_id == people.unit_id("A1"), UnitAncestor.valid_to.is_(None))
    assert len(db.session.scalars(lines).all()) == 3


# Divisions, and which units are compared


def test_units_are_compared_within_their_divisions(contest: str, crowd: list[Actor], clock: Clock) -> None:
    comparison.choose_divisions("cuoc-thi", comparison.read_divisions("A;Bảng 1\n\nB\tBảng 2"), seen=4, by=SYSTEM)
    found = unit_boards.board(unit_scopes.of_round(contest), actor=None, cache=Cache())
    assert [(t.division, [(r.code, r.place) for r in t.rows]) for t in found.tables] == [
        ("Bảng 1", [("A", 1)]),
        ("Bảng 2", [("B", 1)]),
    ]
    with pytest.raises(Invalid, match="unit-not-compared"):
        comparison.choose_divisions("cuoc-thi", {"GOC": "Bảng 1"}, seen=5, by=SYSTEM)
    with pytest.raises(Invalid, match="division-line"):
        comparison.read_divisions("A Bảng 1")
    settle(contest, clock)
    assert differences() == ()
    with pytest.raises(Conflict, match="unit-ranking-settled"):
        comparison.choose_divisions("cuoc-thi", {"A": "Bảng 2"}, seen=5, by=SYSTEM)


@pytest.mark.parametrize(
    ("compared", "units"),
    [
        (setup.Compared(ComparedUnits.TAKING_PART), ["A", "B"]),
        (setup.Compared(ComparedUnits.BELOW, unit="A"), ["A1"]),
        (setup.Compared(ComparedUnits.LEVEL, level="Phòng"), ["A1", "B1"]),
    ],
)
def test_contest_says_which_units_it_compares(
    contest: str, crowd: list[Actor], clock: Clock, compared: setup.Compared, units: list[str]
) -> None:
    for code in ("A1", "B1"):
        changes.describe(code, {"level": "Phòng"}, by=SYSTEM)
    setup.choose_unit_ranking("cuoc-thi", Formula(UnitCriterion.PARTICIPANTS), compared, seen=4, by=SYSTEM)
    assert sorted(board(contest)) == units
    settle(contest, clock)
    assert differences() == ()


def test_level_or_unit_that_is_not_there_is_refused(contest: str) -> None:
    formula = Formula(UnitCriterion.PARTICIPANTS)
    for compared, slug in (
        (setup.Compared(ComparedUnits.LEVEL, level="Không có"), "level-unknown"),
        (setup.Compared(ComparedUnits.LEVEL), "level-unknown"),
        (setup.Compared(ComparedUnits.BELOW, unit="KHONG"), "unit-unknown"),
    ):
        with pytest.raises(Invalid, match=slug):
            setup.choose_unit_ranking("cuoc-thi", formula, compared, seen=4, by=SYSTEM)


# The reasons


def test_reason_names_every_figure_and_the_neighbours_by_their_values_alone(
    contest: str, crowd: list[Actor], clock: Clock
) -> None:
    settle(contest, clock)
    rows = board(contest, by=None)
    first, second = sorted(rows, key=lambda code: rows[code].place or 9)
    why = unit_reasons.why(unit_scopes.of_round(contest), second, actor=None)
    assert (why.place, why.participants, why.headcount) == (2, rows[second].participants, 10)
    assert why.above == unit_reasons.UnitNeighbour(1, rows[first].measure, rows[first].participants, 10)
    assert (why.below, why.tree_at) == (None, people.round_row(contest).closes_at)
    with pytest.raises(NotFound):
        unit_reasons.why(unit_scopes.of_round(contest), "GOC", actor=None)


def test_who_declared_is_told_to_those_alone_who_are_signed_in(contest: str, clock: Clock) -> None:
    noon = clock.at
    clock.at = people.round_row(contest).opens_at - timedelta(minutes=1)
    declare("A", 40, by=people.organiser("toa", unit="A"))
    clock.at = noon
    assert [
        unit_reasons.why(unit_scopes.of_round(contest), "A", actor=who).own.who for who in (None, people.member("m1"))
    ] == [  # type: ignore[union-attr]
        None,
        "Nguyễn Thị TOA",
    ]


# Over all rounds


def test_board_of_the_contest_counts_a_person_once_and_adds_points_up(
    crowd: list[Actor], contest: str, clock: Clock
) -> None:
    bank_id = people.round_row(contest).bank_id
    values = people.round_values(bank_id, title="Tuần 2", closes_at=clock.at + timedelta(days=1))
    second = rounds.add_round(
        "cuoc-thi", values, [{"topic_id": None, "difficulty": None, "count": 3}], seen=4, by=SYSTEM
    )
    before = counts(contest)
    for code, unit in (("p00", "A1"), ("p01", "A1")):
        with transaction():
            db.session.execute(sa.update(Member).where(Member.code == code).values(unit_id=people.unit_id(unit)))
        take(second, people.actor(code), clock, 3, None, 60)
    found = unit_boards.board(
        unit_scopes.of_contest("cuoc-thi"), actor=None, by=UnitCriterion.PARTICIPANTS, cache=Cache()
    )
    moved = 1  # p00 was of B1 in the first round, and counts where the last one was taken
    assert {r.code: r.participants for r in found.rows} == {"A": before["A"] + moved, "B": before["B"] - moved}
    with transaction():
        db.session.execute(sa.update(Contest).values(unit_criterion=UnitCriterion.MEAN))
    points = dict(
        db.session.execute(
            sa.select(Standing.member_id, sa.func.sum(Standing.points)).group_by(Standing.member_id)
        ).all()
    )
    mean = unit_boards.board(unit_scopes.of_contest("cuoc-thi"), actor=None, cache=Cache()).rows
    inside = set(db.session.scalars(sa.select(Member.id).where(Member.unit_id == people.unit_id("A1"))))
    expected = sum((Decimal(v) for m, v in points.items() if m in inside), Decimal()) / len(inside)
    assert {r.code: r.measure for r in mean}["A"] == expected


def test_board_of_the_contest_that_was_kept_is_not_that_of_a_new_result(
    crowd: list[Actor], contest: str, clock: Clock
) -> None:
    row = people.round_row(contest)
    clock.set(row.closes_at + timedelta(seconds=1))
    settlement.settle(row.id)
    before = unit_scopes.of_contest("cuoc-thi").key
    assert unit_scopes.of_contest("cuoc-thi").key == before
    clock.advance(minutes=1)
    settlement.settle(row.id, rescored={}, reason="Thử")
    assert unit_scopes.of_contest("cuoc-thi").key != before
