"""Boards and settlements: their order, their pages, what they show when; `test_proof` recounts them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from contest.db import db, session, transaction
from contest.errors import Conflict
from contest.gateways.cache import Cache
from contest.models.contests import Contest, Round
from contest.models.results import Settlement, Standing
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.text import fold
from contest.rules.unit_terms import UnitCriterion
from contest.rules.units import Formula
from contest.services.attempts import closing
from contest.services.contests import setup
from contest.services.results import board_rows, boards, settlement, unit_boards, unit_scopes
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.services.crowd import CROWD, take


def close(clock: Clock, code: str) -> Round:
    row = people.round_row(code)
    clock.set(row.closes_at + timedelta(minutes=30))
    return row


def stored(round_id: int) -> list[tuple[int, int, int, int]]:
    from contest.models.results import Result

    query = (
        sa.select(Standing.place, Standing.member_id, Result.correct_count, Standing.prediction_error)
        .join(Result, Result.attempt_id == Standing.attempt_id)
        .where(Standing.round_id == round_id)
        .order_by(Standing.place, Standing.member_id)
    )
    return [(r[0], r[1], r[2], 10**9 if r[3] is None else r[3]) for r in db.session.execute(query)]


def test_settling_again_changes_nothing(contest: str, crowd: list[Actor], clock: Clock) -> None:
    row = close(clock, contest)
    settlement.settle(row.id)
    before = stored(row.id)
    assert settlement.settle(row.id).version == 1
    assert stored(row.id) == before
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Settlement)) == 1


def test_settlement_waits_for_the_close_and_for_running_attempts(contest: str, clock: Clock) -> None:
    who = people.member("m9")
    row = people.round_row(contest)
    clock.set(row.closes_at - timedelta(minutes=1))
    people.attempt(contest, who)
    with pytest.raises(Conflict):
        settlement.settle(row.id)
    clock.set(row.closes_at)
    assert settlement.due(clock.at) == []
    with pytest.raises(Conflict):
        settlement.settle(row.id)
    clock.set(row.closes_at + timedelta(seconds=15))
    assert closing.close_due() == 1
    assert settlement.due(clock.at) == [row.id]
    assert settlement.settle(row.id).version == 1
    assert settlement.due(clock.at) == []


def test_live_board_is_ordered_without_the_prediction(contest: str, crowd: list[Actor], clock: Clock) -> None:
    board = boards.people(contest, actor=crowd[0], cache=Cache())
    order = [(-r.correct, r.duration) for r in board.rows]
    assert order == sorted(order)
    assert board.status == "live"
    assert {r.prediction_error for r in board.rows} == {None}
    assert {r.prediction for r in board.rows if not r.is_me} == {None}
    assert board.mine
    assert board.mine.row.is_me
    assert board.participants == CROWD


def test_rebuilding_gives_what_the_submissions_left(contest: str, crowd: list[Actor], clock: Clock) -> None:
    def snapshot() -> list[Any]:
        query = sa.select(
            Standing.member_id, Standing.attempt_id, Standing.key, Standing.board_key, Standing.attempts_used
        )
        return [tuple(r) for r in db.session.execute(query.order_by(Standing.member_id))]

    before = snapshot()
    settlement.rebuild(people.round_row(contest).id)
    assert snapshot() == before


def test_pages_by_key_are_the_whole_board(contest: str, crowd: list[Actor], clock: Clock, monkeypatch: Any) -> None:
    whole = boards.people(contest, actor=None, cache=Cache()).rows
    monkeypatch.setattr(board_rows, "PAGE", 5)
    after, pages = "", []
    while True:
        board = boards.people(contest, actor=None, after=after, cache=Cache())
        pages += board.rows
        if board.next is None:
            break
        after = board.next
    assert [(r.place, r.name) for r in pages] == [(r.place, r.name) for r in whole]


def test_own_row_and_the_gap_to_it(contest: str, crowd: list[Actor], clock: Clock, monkeypatch: Any) -> None:
    whole = boards.people(contest, actor=None, cache=Cache()).rows
    last = next(w for w in crowd if w.name == whole[-1].name)
    monkeypatch.setattr(board_rows, "PAGE", 5)
    board = boards.people(contest, actor=last, cache=Cache())
    assert board.mine
    assert (board.mine.row.place, board.mine.gap) == (whole[-1].place, CROWD - 5 - 1)


def test_own_place_within_the_own_unit(contest: str, crowd: list[Actor], clock: Clock) -> None:
    whole = boards.people(contest, actor=None, cache=Cache()).rows
    colleagues = [r for r in whole if r.unit == whole[3].unit]
    me = next(w for w in crowd if w.name == whole[3].name)
    for unit in ("", "GOC"):
        mine = boards.people(contest, actor=me, unit=unit, cache=Cache()).mine
        assert mine
        assert (mine.row.place, mine.unit_people) == (whole[3].place, len(colleagues))
        assert mine.unit_place == 1 + sum(r.place < whole[3].place for r in colleagues)


def test_units_are_compared_by_the_contests_formula(contest: str, crowd: list[Actor], clock: Clock) -> None:
    whole = boards.people(contest, actor=None, cache=Cache()).rows
    scores = {u: sorted((r.points for r in whole if r.unit.endswith(u)), reverse=True) for u in ("An Một", "Bình Một")}
    above = {"A": scores["An Một"], "B": scores["Bình Một"]}
    expected = [
        (Formula(UnitCriterion.MEAN), {u: sum(own) / len(own) for u, own in above.items()}),
        (
            Formula(UnitCriterion.AT_LEAST, least_score=Decimal(3)),
            {u: sum(p >= 3 for p in o) for u, o in above.items()},
        ),
        (Formula(UnitCriterion.MEAN_OF_BEST, best=2), {u: sum(own[:2]) / 2 for u, own in above.items()}),
        (Formula(UnitCriterion.PARTICIPANTS), {u: len(own) for u, own in above.items()}),
    ]
    for seen, (formula, wanted) in enumerate(expected, contest_version()):
        setup.choose_unit_ranking("cuoc-thi", formula, seen=seen, by=SYSTEM)
        board = unit_boards.board(unit_scopes.of_round(contest), actor=None, cache=Cache())
        measured = {r.code: r.measure for r in board.rows if r.code in wanted}
        assert {u: round(m, 9) for u, m in measured.items() if m is not None} == {
            u: round(Decimal(v), 9) for u, v in wanted.items()
        }
        assert board.formula == formula
        ratio = unit_boards.board(unit_scopes.of_round(contest), actor=None, by=UnitCriterion.RATIO, cache=Cache())
        assert ratio.formula.criterion is UnitCriterion.RATIO
    row = close(clock, contest)
    settlement.settle(row.id)
    with pytest.raises(Conflict, match="unit-ranking-settled"):
        setup.choose_unit_ranking("cuoc-thi", Formula(UnitCriterion.RATIO), seen=contest_version(), by=SYSTEM)


def contest_version() -> int:
    return db.session.scalars(sa.select(Contest.version)).one()


def test_names_are_searched_with_or_without_marks_and_keep_their_places(
    contest: str, crowd: list[Actor], clock: Clock, monkeypatch: Any
) -> None:
    whole = boards.people(contest, actor=None, cache=Cache()).rows
    wanted = [(r.place, r.name) for r in whole if "1" in str(r.name)]
    assert 2 < len(wanted) < len(whole)
    monkeypatch.setattr(board_rows, "PAGE", 2)
    after, found = "", []
    while True:
        board = boards.people(contest, actor=None, search="1", after=after, cache=Cache())
        found += [(r.place, r.name) for r in board.rows]
        if board.next is None:
            break
        after = board.next
    assert found == wanted
    first = str(whole[0].name)
    for typed in (first, fold(first), first.upper(), f"  {first}  "):
        assert [r.name for r in boards.people(contest, actor=None, search=typed, cache=Cache()).rows] == [first]
    assert boards.people(contest, actor=None, search="%", cache=Cache()).rows == ()


def test_whoever_sees_no_names_searches_none(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    (code,) = people.contest(rounds=[{"names_public": False}])
    me = people.member("m1", full_name="Tên Rất Riêng")
    closing.submit(people.attempt(code, me), {}, by=me, arrived=clock.at)
    assert [boards.people(code, actor=None, search=name, cache=Cache()).search for name in ("rieng", "khac")] == [
        "",
        "",
    ]
    assert len(boards.people(code, actor=None, search="khac", cache=Cache()).rows) == 1
    assert boards.people(code, actor=me, search="khac", cache=Cache()).rows == ()


def test_unit_board_shows_the_unit_with_all_below_it(contest: str, crowd: list[Actor], clock: Clock) -> None:
    whole = boards.people(contest, actor=None, cache=Cache()).rows
    under_b = boards.people(contest, actor=None, unit="B", cache=Cache())
    assert [r.name for r in under_b.rows] == [r.name for r in whole if r.unit == "Công đoàn phòng Bình Một"]
    assert under_b.participants == 4


def test_units_count_distinct_people(contest: str, crowd: list[Actor], clock: Clock) -> None:
    found = unit_boards.board(unit_scopes.of_round(contest), actor=crowd[0], by=UnitCriterion.RATIO, cache=Cache())
    assert [(r.place, r.code, r.participants, r.headcount, r.is_mine) for r in found.rows] == [
        (1, "A", 8, 10, False),
        (2, "B", 4, 10, True),
    ]


def test_number_of_queries_does_not_grow_with_the_board(contest: str, crowd: list[Actor], clock: Clock) -> None:
    def count(cache: Cache) -> int:
        session.begin_request()  # which asks for the edition once
        with counted(current_app) as found:
            boards.people(contest, actor=crowd[0], cache=cache)
        session.end_request()
        return len(found)

    count(Cache())
    few = count(Cache())
    for n in range(8):
        take(contest, people.member(f"q{n}"), clock, n % 4, 1, 60)
    count(Cache())
    assert (count(Cache()), few) == (5, 5)


def test_hidden_board_shows_nothing_until_it_is_settled(contest: str, crowd: list[Actor], clock: Clock) -> None:
    row = people.round_row(contest)
    with transaction():
        db.session.execute(sa.update(Round).values(board="hidden"))
    board = boards.people(contest, actor=crowd[0], cache=Cache())
    assert (board.status, board.rows, board.mine, board.participants) == ("hidden", (), None, 0)
    assert unit_boards.board(unit_scopes.of_round(contest), actor=None, cache=Cache()).rows == ()
    close(clock, contest)
    assert boards.people(contest, actor=None, cache=Cache()).status == "waiting"
    settlement.settle(row.id)
    assert len(boards.people(contest, actor=None, cache=Cache()).rows) == CROWD


def test_frozen_board_is_a_snapshot(contest: str, clock: Clock) -> None:
    freezes = clock.at + timedelta(minutes=10)
    with transaction():
        db.session.execute(sa.update(Round).values(board="frozen", freezes_at=freezes, attempts_allowed=None))
    first = people.member("m1")
    take(contest, first, clock, 1, 1, 60)
    clock.set(freezes)
    before = boards.people(contest, actor=None, cache=Cache())
    assert (before.status, [(r.name, r.correct) for r in before.rows]) == ("frozen", [(first.name, 1)])
    take(contest, first, clock, 3, 1, 10)
    take(contest, people.member("m2"), clock, 3, 1, 10)
    after = boards.people(contest, actor=None, cache=Cache())
    assert (after.rows, after.participants, after.as_of) == (before.rows, 1, freezes)
    row = close(clock, contest)
    settlement.settle(row.id)
    assert [(r.place, r.correct) for r in boards.people(contest, actor=None, cache=Cache()).rows] == [(1, 3), (1, 3)]


def test_visitors_see_names_only_where_the_round_says_so(contest: str, crowd: list[Actor], clock: Clock) -> None:
    with transaction():
        db.session.execute(sa.update(Round).values(names_public=False))
    assert {r.name for r in boards.people(contest, actor=None, cache=Cache()).rows} == {None}
    assert None not in {r.name for r in boards.people(contest, actor=crowd[0], cache=Cache()).rows}
