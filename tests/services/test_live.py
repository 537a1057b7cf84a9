"""A round while it runs: who is at it, what came late, how the server answers, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from contest.db import db
from contest.models.contests import Contest
from contest.services import minutes, seals
from contest.services.attempts import closing, live, saving
from tests import people
from tests.conftest import Clock


@pytest.fixture
def code(context: Flask, database: str, clock: Clock) -> str:
    minutes.forget()
    people.organisation()
    return people.contest()[0]


def now(code: str, clock: Clock) -> live.Live:
    row = people.round_row(code)
    return live.live_of(db.session.get_one(Contest, row.contest_id), row, clock.at)


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
    assert [(late.person, late.count, late.seconds) for late in found.lates] == [("Nguyễn Thị M2", 1, 60)]
    assert sum(s.started for s in found.spans) == 4
    assert sum(s.ended for s in found.spans) == 3
    seals.seal(clock.at)
    assert now(code, clock).unsealed == 0


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
    for process, saves in (("one", 3), ("two", 4)):
        minutes.forget()  # the memory of another process
        for _ in range(saves):
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
