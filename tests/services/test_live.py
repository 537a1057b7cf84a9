"""A round while it runs: who is at it, what came late, how the server answers, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.gateways.cache import Cache
from contest.models.attempts import Attempt
from contest.models.contests import Contest
from contest.rules.permissions import SYSTEM
from contest.services import minutes, seals
from contest.services.attempts import closing, extending, live, saves, saving, stepping, voiding
from tests import people
from tests.conftest import Clock


@pytest.fixture
def code(context: Flask, database: str, clock: Clock) -> str:
    minutes.forget()
    people.organisation()
    return people.contest()[0]


def now(code: str, clock: Clock) -> live.Live:
    row = people.round_row(code)
    return live.live_of(db.session.get_one(Contest, row.contest_id), row, clock.at, Cache())


def save(attempt: str, who: Any, clock: Clock) -> None:
    saving.save(attempt, "prediction", 1, 3, by=who, at=clock.at, arrived=clock.at)


def test_papers_are_counted_by_where_they_stand_and_by_unit(code: str, clock: Clock) -> None:
    first, second, third = people.member("m1", "A1"), people.member("m2", "B1"), people.member("m3", "A")
    handed_in = people.attempt(code, first)
    closing.submit(handed_in, {}, by=first, arrived=clock.at)
    people.attempt(code, first)
    left = people.attempt(code, second)
    clock.advance(minutes=21)
    closing.close_due()
    save(left, second, clock)
    people.attempt(code, third)
    found = now(code, clock)
    assert (found.running, found.ended, found.expired, found.people, found.unsealed, found.late) == (1, 3, 2, 3, 3, 1)
    assert [(u.code, u.running, u.ended, u.people) for u in found.units] == [("A", 1, 2, 2), ("B", 0, 1, 1)]
    assert [(m.person, m.verdict, m.count, m.seconds) for m in found.missed] == [("Nguyễn Thị M2", "late", 1, 60)]
    assert sum(s.started for s in found.spans) == 4
    assert sum(s.ended for s in found.spans) == 3
    seals.seal(clock.at)
    assert now(code, clock).unsealed == 0


def form_of(attempt: str, *positions: int) -> dict[str, list[str]]:
    """Return what a plain form carries that answers questions of a paper anew, each with another option."""
    (asked,) = db.session.scalars(sa.select(Attempt.paper).where(Attempt.code == attempt))
    return {f"revision-{n}": ["5"] for n in positions} | {f"response-{n}": [asked[n - 1][1][n % 4]] for n in positions}


def reasons(code: str, clock: Clock) -> list[tuple[str, int, int]]:
    return [(m.verdict.value, m.count, m.seconds) for m in now(code, clock).missed]


def test_what_comes_after_handing_in_is_not_late(code: str, clock: Clock) -> None:
    who = people.member("m1")
    attempt = people.attempt(code, who)
    closing.submit(attempt, {}, by=who, arrived=clock.at)
    clock.advance(seconds=2)
    closing.save_form(attempt, form_of(attempt, 1, 2), by=who, arrived=clock.at)
    found = now(code, clock)
    assert (reasons(code, clock), found.late, found.is_anybody_late) == ([("closed", 2, 0)], 0, False)
    assert saves.get_saves(attempt, by=who).fates == {saves.Fate.CLOSED}


def test_what_comes_to_an_attempt_that_a_void_stopped_is_not_late(code: str, clock: Clock) -> None:
    who = people.member("m1")
    attempt = people.attempt(code, who)
    clock.advance(seconds=2)
    opens_at = people.round_row(code).opens_at.isoformat()
    voiding.void("cuoc-thi", code, opens_at=opens_at, reason="Mất điện", announcement="Hủy.", by=SYSTEM)
    for later in (1, 3600):
        clock.advance(seconds=later)
        save(attempt, who, clock)
    assert (reasons(code, clock), now(code, clock).late) == ([("closed", 2, 0)], 0)
    assert saves.get_saves(attempt, by=who).fates == {saves.Fate.CLOSED}


def test_answer_for_a_question_that_was_left_is_not_late(code: str, clock: Clock) -> None:
    who = people.member("m1")
    walked = {"navigation": "sequential", "question_seconds": 30}
    code = people.contest("tung-cau", bank_id=people.bank("kho"), rounds=(walked,))[0]
    attempt = people.attempt(code, who)
    stepping.go_on(attempt, 0, by=who, arrived=clock.at)
    clock.advance(seconds=1)
    closing.save_form(attempt, form_of(attempt, 1), by=who, arrived=clock.at)
    assert (reasons(code, clock), now(code, clock).late) == ([("left", 1, 0)], 0)
    closing.submit(attempt, {}, by=who, arrived=clock.at)
    assert saves.get_saves(attempt, by=who).fates == {saves.Fate.LEFT}


def test_late_answer_stays_late_by_the_end_that_stood_then(code: str, clock: Clock) -> None:
    who = people.member("m1")
    attempt = people.attempt(code, who)
    (until,) = db.session.scalars(sa.select(Attempt.accepts_until))
    clock.set(until + timedelta(seconds=1))
    save(attempt, who, clock)
    before = reasons(code, clock)
    assert [(why, seconds > 0) for why, _, seconds in before] == [("late", True)]
    extending.grant("cuoc-thi", code, 10, reason="Mất mạng", announcement="Cộng 10 phút.", by=SYSTEM)
    assert reasons(code, clock) == before


@pytest.mark.parametrize(("minutes_later", "place"), [(0, -1), (15, -2), (75, -6), (90, None)])
def test_span_holds_what_began_in_it(code: str, clock: Clock, minutes_later: int, place: int | None) -> None:
    people.attempt(code, people.member("m1"))
    clock.advance(minutes=minutes_later)
    started = [s.started for s in now(code, clock).spans]
    assert (sum(started), started[place] if place is not None else 0) == ((1, 1) if place is not None else (0, 0))


def test_minutes_of_all_processes_stand_together_and_are_written_once(code: str, clock: Clock) -> None:
    at = clock.at
    for took in (3, 4, 700):
        minutes.count_save(at, timedelta(milliseconds=took))
    minutes.count_error(at)
    assert minutes.write("one") == 1
    assert minutes.write("one") == 0
    minutes.count_save(at, timedelta(seconds=9))
    minutes.count_save(at + timedelta(minutes=1), timedelta(0))
    assert minutes.write("one") == 2
    first, second = minutes.since(at - timedelta(minutes=1))
    assert (first.saves, first.errors, first.typical, first.slow) == (4, 1, 5, None)
    assert (second.saves, second.errors, second.slow) == (1, 0, 5)
    assert [m.errors for m in now(code, clock).failed] == [1]
    minutes.sweep(at + minutes.KEPT + timedelta(minutes=1))
    assert [m.saves for m in minutes.since(at - timedelta(minutes=1))] == [1]


def test_processes_with_names_of_their_own_are_added_up(code: str, clock: Clock) -> None:
    for process, count in (("one", 3), ("two", 4)):
        minutes.forget()  # the memory of another process
        for _ in range(count):
            minutes.count_save(clock.at, timedelta(0))
        minutes.write(process)
    assert [m.saves for m in minutes.since(clock.at - timedelta(minutes=1))] == [7]


def test_minute_that_could_not_be_written_is_written_the_next_time_whatever_it_was(
    code: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes.count_save(clock.at, timedelta(0))
    with monkeypatch.context() as broken:
        broken.setattr(minutes, "autocommit", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            minutes.write("one")
    assert minutes.write("one") == 1


def test_why_minutes_are_not_written_is_logged_once_until_they_are(
    context: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> Any:
        raise OSError("the disk is full")

    is_failing = False
    for does in (fails, fails, lambda _: 0, fails):
        monkeypatch.setattr(minutes, "write", does)
        is_failing = minutes.write_or_say(context, "one", is_known=is_failing)
    assert [str(r.exc_info[1]) for r in caplog.records if r.exc_info] == ["the disk is full"] * 2


def test_attempts_are_counted_once_for_all_who_watch(code: str, clock: Clock) -> None:
    row, cache = people.round_row(code), Cache()
    contest = db.session.get_one(Contest, row.contest_id)
    first = live.live_of(contest, row, clock.at, cache)
    people.attempt(code, people.member("m1"))
    clock.advance(seconds=1)
    again = live.live_of(contest, row, clock.at, cache)
    assert (again.at, again.running, again.spans, again.units) == (first.at, 0, first.spans, first.units)
    cache.clear()
    assert live.live_of(contest, row, clock.at, cache).running == 1
