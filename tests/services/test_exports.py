"""Units and those who advance as files: what the boards say, inside the actor's scope, safe to open."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import IO, Any

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from contest.db import db, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.gateways.cache import Cache
from contest.models.contests import Contest, Round, UnitDivision
from contest.models.organisation import HeadcountDeclaration, Unit
from contest.rules.advancement import Plan
from contest.rules.advancement_terms import AdvanceBy
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import Board
from contest.rules.unit_terms import UnitChangeKind, UnitCriterion, Unplaced
from contest.services import exports
from contest.services.contests import rounds
from contest.services.results import advancement, settlement, unit_boards, unit_scopes
from contest.services.units import changes
from contest.services.units.changes import Wish
from tests import people
from tests.conftest import Clock
from tests.services.crowd import CROWD

SLUG = "cuoc-thi"
pytestmark = pytest.mark.usefixtures("crowd")


def settle(code: str, clock: Clock) -> None:
    row = people.round_row(code)
    clock.at = row.closes_at + timedelta(minutes=30)
    settlement.settle(row.id)


def units(code: str | None, *, today: bool = False, by: Actor = SYSTEM) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.load(exports.units_file(SLUG, code, "json", today=today, by=by))
    return found


def lines(file: IO[bytes]) -> list[list[str]]:
    data = file.read()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("criterion", list(UnitCriterion))
def test_units_are_those_of_the_board_by_every_criterion(
    contest: str, database: str, clock: Clock, criterion: UnitCriterion
) -> None:
    with transaction():
        best = {"unit_least_score": Decimal(1), "unit_best": 2, "unit_prize_points": {"Nhất": "10"}}
        db.session.execute(sa.update(Contest).values(unit_criterion=criterion, **best))
        b = HeadcountDeclaration.unit_id == people.unit_id("B")
        db.session.execute(sa.update(HeadcountDeclaration).where(b).values(figure=3))
    settle(contest, clock)
    board = unit_boards.board(unit_scopes.of_round(contest), actor=None, cache=Cache())
    for found in (units(contest), units(None)):
        assert [(r["unit_code"], r["place"], r["participants"], r["headcount"], r["why_none"]) for r in found] == [
            (r.code, r.place, r.participants, r.headcount, r.why_none) for r in board.rows
        ]
        assert {r["unit_code"]: r["over_headcount"] for r in found} == {"A": False, "B": True}
        assert {r["compared_by"] for r in found} == {criterion}
    assert [r["round"] for r in units(contest)] == ["Tuần 1"] * 2


def test_office_formats_say_in_words_what_programs_read_as_codes(contest: str, clock: Clock) -> None:
    with transaction():
        b = HeadcountDeclaration.unit_id == people.unit_id("B")
        db.session.execute(sa.update(HeadcountDeclaration).where(b).values(figure=3))
        division = {"contest_id": people.contest_id(), "unit_id": people.unit_id("A"), "name": "Bảng Một"}
        db.session.execute(sa.insert(UnitDivision).values(**division))
    head, *rows = lines(exports.units_file(SLUG, contest, "csv", by=SYSTEM))
    assert head == list(exports.UNIT_LABELS.values())
    assert rows == [
        ["Tuần 1", "", "", "B", "Công đoàn Sở Bình", "3", "4", "133.333333", "Tỷ lệ tham gia", "", "Có",
         "Số người tham gia vượt số đoàn viên"],
        ["Tuần 1", "Bảng Một", "1", "A", "Công đoàn Sở An", "10", "8", "80", "Tỷ lệ tham gia", "80", "", ""],
    ]  # fmt: skip
    book = CalamineWorkbook.from_filelike(exports.units_file(SLUG, contest, "xlsx", by=SYSTEM))
    sheet = book.get_sheet_by_index(0).to_python()
    assert (sheet[0], sheet[2][2:8]) == (head, [1.0, "A", "Công đoàn Sở An", 10.0, 8.0, 80.0])
    english = lines(exports.units_file(SLUG, contest, "csv", locale="en", by=SYSTEM))
    assert english[1][10] == "Yes"


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1"])
def test_name_of_a_unit_is_never_a_formula(contest: str, formula: str) -> None:
    with transaction():
        db.session.execute(sa.update(Unit).where(Unit.code == "A").values(name=formula, short_name=""))
    row = next(r for r in lines(exports.units_file(SLUG, contest, "csv", by=SYSTEM)) if r[3] == "A")
    assert row[4] == f"'{formula}"
    book = CalamineWorkbook.from_filelike(exports.units_file(SLUG, contest, "xlsx", by=SYSTEM))
    assert formula in {r[4] for r in book.get_sheet_by_index(0).to_python()}


def test_tree_of_today_is_the_board_of_today(contest: str, clock: Clock) -> None:
    settle(contest, clock)
    clock.advance(days=1)
    changes.carry_out("A", Wish(UnitChangeKind.MERGED, target="B"), by=SYSTEM)
    for code in (contest, None):
        assert {r["unit_code"]: r["participants"] for r in units(code)} == {"A": 8, "B": 4}
        assert sum(r["participants"] for r in units(code, today=True)) == CROWD
        assert "A" not in {r["unit_code"] for r in units(code, today=True)}


def test_whole_contest_counts_no_round_that_shows_no_board(contest: str) -> None:
    with transaction():
        db.session.execute(sa.update(Round).values(board=Board.HIDDEN))
    assert units(None) == []
    assert len(units(contest)) == 2  # the organisers read the results of a round in any case


def test_units_are_for_those_who_may_see_the_results(contest: str, crowd: list[Actor]) -> None:
    assert units(contest, by=people.organiser("btc")) == units(contest)
    for stranger in (crowd[0], people.organiser("toa", unit="A")):
        with pytest.raises(NotFound):
            units(contest, by=stranger)
    with pytest.raises(NotFound):
        units("KHONG")
    with pytest.raises(Invalid, match="not-a-choice"):
        exports.units_file(SLUG, contest, "pdf", by=SYSTEM)


def test_unit_without_a_place_says_why(contest: str) -> None:
    with transaction():
        db.session.execute(sa.delete(HeadcountDeclaration))
    assert {(r["place"], r["ratio"], r["why_none"]) for r in units(contest)} == {(None, None, Unplaced.NO_HEADCOUNT)}


def test_those_who_advance_go_out_once_they_are_confirmed(contest: str, clock: Clock) -> None:
    opens_at = people.round_row(contest).closes_at + timedelta(hours=5)
    values = people.round_values(
        people.round_row(contest).bank_id,
        title="Chung kết",
        opens_at=opens_at,
        closes_at=opens_at + timedelta(hours=2),
    )
    final = rounds.add_round(SLUG, values, [{"topic_id": None, "difficulty": None, "count": 3}], seen=4, by=SYSTEM)
    settle(contest, clock)
    with pytest.raises(NotFound):  # everybody may take it
        exports.advanced_file(SLUG, final, "csv", by=SYSTEM)
    seen = db.session.scalars(sa.select(Contest.version)).one()
    advancement.choose(
        SLUG, final, Plan(AdvanceBy.TOP, 2, reserve=1), source=contest, compared_units=True, seen=seen, by=SYSTEM
    )
    advancement.propose(SLUG, final, by=people.organiser("btc1"))
    with pytest.raises(Conflict, match="advance-unconfirmed"):
        exports.advanced_file(SLUG, final, "csv", by=SYSTEM)
    advancement.confirm(SLUG, final, by=people.organiser("btc2"))
    first = json.load(exports.advanced_file(SLUG, final, "json", by=SYSTEM))
    assert [list(r) for r in first] == [list(exports.ADVANCED_LABELS)] * len(first)
    assert [r["state"] for r in first] == ["in"] * 2 + ["reserve"]
    gone = first[0]["member_code"]
    advancement.withdraw(SLUG, final, gone, "=Bận việc", by=SYSTEM)
    head, *rows = lines(exports.advanced_file(SLUG, final, "csv", by=SYSTEM))
    assert head == list(exports.ADVANCED_LABELS.values())
    assert [r[1] for r in rows] == ["Được vào", "Dự bị", "Đã rút"]
    assert (rows[-1][3], rows[-1][-1]) == (gone, "'=Bận việc")
    for stranger in (people.organiser("toa", unit="A"), people.judge()):
        with pytest.raises(NotFound):
            exports.advanced_file(SLUG, final, "csv", by=stranger)
