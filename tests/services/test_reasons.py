"""Why somebody stands where they stand: equal to what the rows say, sealed while it must be, without names."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.errors import NotFound
from contest.gateways.cache import Cache
from contest.models.contests import Round
from contest.rules.permissions import Actor
from contest.rules.terms import Board, Counted, Criterion
from contest.services.results import boards, reasons, settlement
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take
from tests.services.test_standings import close


@pytest.fixture
def contest(context: Flask, database: str, clock: Clock) -> str:
    people.organisation()
    return people.contest()[0]


@pytest.fixture
def four(contest: str, clock: Clock) -> list[Actor]:
    """Let four take part: the first two are all correct and guess 2 and 3 of 2, the third and fourth tie."""
    crowd = [people.member(f"p{n}") for n in range(4)]
    for who, right, guess, seconds in zip(crowd, (3, 3, 2, 2), (2, 3, None, None), (60, 30, 40, 40), strict=True):
        take(contest, who, clock, right, guess, seconds)
    return crowd


def settled(contest: str, clock: Clock) -> None:
    settlement.settle(close(clock, contest).id)


def test_final_place_is_explained_by_the_first_criterion_that_differs(
    contest: str, four: list[Actor], clock: Clock
) -> None:
    settled(contest, clock)
    first, second, third, fourth = (reasons.why(contest, actor=who) for who in four)
    assert [w.place for w in (first, second, third, fourth)] == [1, 2, 3, 3]
    assert [w.tied for w in (first, second, third, fourth)] == [0, 0, 1, 1]
    assert first.above is None
    assert first.below == reasons.Neighbour(2, Criterion.PREDICTION, 1)
    assert second.above == reasons.Neighbour(1, Criterion.PREDICTION, 1)
    assert second.below == reasons.Neighbour(3, Criterion.CORRECT, Decimal(1))
    assert (third.above, third.below) == (reasons.Neighbour(2, Criterion.CORRECT, Decimal(1)), None)
    assert third == replace(fourth, receipt=third.receipt)
    correct, prediction, duration = second.reasons
    assert (correct.mine, correct.above, correct.below) == (3, 3, 2)
    assert (prediction.mine, prediction.above, prediction.below) == (1, 0, None)
    assert prediction.guesses == (3, 2, None)
    assert (duration.mine, duration.above) == (timedelta(seconds=30), timedelta(seconds=60))
    assert second.target == 2


def test_place_equals_the_boards(contest: str, four: list[Actor], clock: Clock) -> None:
    for _ in range(2):
        for who in four:
            board = boards.people(contest, actor=who, cache=Cache())
            assert board.mine
            assert reasons.why(contest, actor=who).place == board.mine.row.place
        settled(contest, clock)


def test_while_the_round_is_open_guesses_are_sealed_and_decide_nothing(
    contest: str, four: list[Actor], clock: Clock
) -> None:
    view = reasons.why(contest, actor=four[0])
    assert (view.status, view.target) == ("live", None)
    prediction = view.reasons[1]
    assert (prediction.is_considered, prediction.mine, prediction.above, prediction.below) == (False, None, None, None)
    assert prediction.guesses == (2, None, None)
    assert view.above == reasons.Neighbour(1, Criterion.DURATION, timedelta(seconds=30))


def test_hidden_board_explains_nothing(contest: str, four: list[Actor], clock: Clock) -> None:
    with transaction():
        db.session.execute(sa.update(Round).values(board=Board.HIDDEN))
    with pytest.raises(NotFound):
        reasons.why(contest, actor=four[0])


def test_who_is_not_on_the_board_has_no_place(contest: str, four: list[Actor], clock: Clock) -> None:
    with pytest.raises(NotFound):
        reasons.why(contest, actor=people.member("khac"))


def test_mean_of_all_attempts_is_what_stands(contest: str, clock: Clock) -> None:
    with transaction():
        criteria = [Criterion.CORRECT, Criterion.FULL_MARKS, Criterion.REGISTERED_AT]
        db.session.execute(sa.update(Round).values(counted=Counted.AVERAGE, criteria=criteria, prediction=None))
    one, two = people.member("p1"), people.member("p2")
    for right in (3, 2):
        take(contest, one, clock, right, None, 30)
    take(contest, two, clock, 2, None, 20)
    for final in (False, True):
        if final:
            settled(contest, clock)
        rows = boards.people(contest, actor=one, cache=Cache()).rows
        assert [(r.place, r.correct, r.points) for r in rows] == [
            (1, Decimal("2.5"), Decimal("2.5")),
            (2, Decimal(2), Decimal(2)),
        ]
        view = reasons.why(contest, actor=two)
        assert view.above == reasons.Neighbour(1, Criterion.CORRECT, Decimal("0.5"))
        assert (view.reasons[1].mine, view.reasons[1].above) == (0, 1)


def test_earlier_registration_decides_among_equals(contest: str, clock: Clock) -> None:
    with transaction():
        criteria = [Criterion.CORRECT, Criterion.REGISTERED_AT]
        db.session.execute(sa.update(Round).values(criteria=criteria, prediction=None))
    late = people.member("a-late")
    clock.advance(seconds=-90)
    early = people.member("b-early")
    clock.advance(seconds=90)
    for who in (late, early):
        take(contest, who, clock, 2, None, 30)
    for final in (False, True):
        if final:
            settled(contest, clock)
        assert reasons.why(contest, actor=early).place == 1
        above = reasons.why(contest, actor=late).above
        assert above == reasons.Neighbour(1, Criterion.REGISTERED_AT, timedelta(seconds=90))
