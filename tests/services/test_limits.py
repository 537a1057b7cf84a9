"""Attempts limited by the day or the week: counted by the organisation's clock, on both sides of midnight and Monday."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from contest.errors import Closed
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import LimitPer
from contest.services.attempts import afterwards, closing, starting
from contest.services.contests import views
from tests import people
from tests.conftest import Clock

SUNDAY_NIGHT = datetime(2026, 5, 24, 16, 59, 59, tzinfo=UTC)  # 23:59:59 in Hà Nội; Monday begins a second later


@pytest.fixture
def me(context: Flask, database: str, clock: Clock) -> Iterator[Actor]:
    clock.set(SUNDAY_NIGHT)
    people.organisation()
    return people.member("m1")


def set_up(per: LimitPer, clock: Clock, allowed: int = 2) -> str:
    span = {"opens_at": clock.at - timedelta(days=10), "closes_at": clock.at + timedelta(days=10)}
    (code,) = people.contest(rounds=[{"attempts_per": per, "attempts_allowed": allowed, **span}])
    return code


def sit(code: str, who: Actor, clock: Clock) -> str:
    attempt = people.attempt(code, who)
    closing.submit(attempt, {}, by=who, arrived=clock.at)
    return attempt


def left(code: str, who: Actor) -> int | None:
    return views.get_round(code, actor=who)[1].attempts_left


@pytest.mark.parametrize("per", [LimitPer.DAY, LimitPer.WEEK])
def test_new_attempts_come_with_midnight_of_monday(me: Actor, clock: Clock, per: LimitPer) -> None:
    code = set_up(per, clock)
    sit(code, me, clock)
    last = sit(code, me, clock)
    assert (left(code, me), afterwards.get_receipt(last, by=me).attempts_left) == (0, 0)
    with pytest.raises(Closed) as refused:
        starting.start(code, by=me)
    midnight = SUNDAY_NIGHT + timedelta(seconds=1)
    assert refused.value.refusal == Refusal("attempts-used-up-for-now", {"allowed": 2, "again_at": midnight})
    clock.set(midnight)
    assert (left(code, me), afterwards.get_receipt(last, by=me).attempts_left) == (2, 2)
    sit(code, me, clock)
    assert left(code, me) == 1


@pytest.mark.parametrize(("per", "after_a_day", "after_a_week"), [("day", 2, 2), ("week", 0, 2), ("round", 0, 0)])
def test_what_a_day_and_a_week_bring_back(
    me: Actor, clock: Clock, per: str, after_a_day: int, after_a_week: int
) -> None:
    clock.advance(days=-4)  # a Wednesday
    code = set_up(LimitPer(per), clock)
    for _ in range(2):
        sit(code, me, clock)
    clock.advance(days=1)
    assert left(code, me) == after_a_day
    clock.advance(days=6)
    assert left(code, me) == after_a_week


def test_whole_round_is_refused_for_good(me: Actor, clock: Clock) -> None:
    code = set_up(LimitPer.ROUND, clock, allowed=1)
    sit(code, me, clock)
    with pytest.raises(Closed) as refused:
        starting.start(code, by=me)
    assert refused.value.refusal == Refusal("attempts-used-up", {"allowed": 1})


def test_last_day_of_a_round_promises_no_further_attempts(me: Actor, clock: Clock) -> None:
    span = {"opens_at": clock.at - timedelta(days=1), "closes_at": clock.at + timedelta(seconds=1)}
    (code,) = people.contest(rounds=[{"attempts_per": LimitPer.DAY, "attempts_allowed": 1, **span}])
    sit(code, me, clock)
    with pytest.raises(Closed) as refused:
        starting.start(code, by=me)
    assert refused.value.refusal.slug == "attempts-used-up"
