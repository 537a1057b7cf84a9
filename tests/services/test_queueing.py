"""The queue before a start: exactly the rate, in the order of asking, one place each, and no minute lost at the close."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db
from contest.errors import Closed, Conflict, Forbidden
from contest.models.attempts import Attempt
from contest.models.audit import AuditEntry
from contest.models.queueing import StartGate, StartTicket
from contest.rules.entry_terms import EntrantMark
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.queueing import KEPT, PATIENCE, TO_BEGIN, Pace, Stage
from contest.rules.terms import LimitPer
from contest.services.attempts import closing, extending, queueing, starting, voiding
from contest.services.contests import shared
from contest.services.marking import giving
from contest.services.results import settlement
from tests import people
from tests.conftest import Clock

ONE = Pace(1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def crowd(count: int) -> list[Actor]:
    return [people.member(f"q{n:02d}") for n in range(count)]


def row_of(attempt: str | None) -> Attempt:
    query = sa.select(Attempt).where(Attempt.code == attempt).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def begin(code: str, pace: Pace | None, *, by: Actor) -> str | None:
    """Start, and return the code of the attempt; None for whoever has to wait."""
    return starting.begin(code, pace, by=by)[1]


def look(code: str, who: Actor, pace: Pace = ONE) -> queueing.Place:
    place = queueing.find_place(code, pace, by=who)
    assert place is not None
    return place


def count(table: type) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_within_the_rate_nobody_has_a_place(contest: str, clock: Clock) -> None:
    for who in crowd(3):
        assert begin(contest, ONE, by=who)
        clock.advance(seconds=60)
    assert (count(Attempt), count(StartTicket)) == (3, 0)


def test_without_a_rate_there_is_not_even_a_gate(contest: str, clock: Clock) -> None:
    assert all(begin(contest, None, by=who) for who in crowd(3))
    assert (count(StartGate), count(StartTicket)) == (0, 0)


def test_beyond_the_rate_people_come_in_the_order_in_which_they_asked(contest: str, clock: Clock) -> None:
    first, *others = crowd(5)
    assert begin(contest, ONE, by=first)
    for who in others:
        assert begin(contest, ONE, by=who) is None
    for minute in range(len(others)):
        clock.advance(seconds=59)
        assert [look(contest, w).stage for w in others[minute:]] == [Stage.WAITING] * (4 - minute)
        clock.advance(seconds=1)
        for who in reversed(others[minute + 1 :]):  # whoever looks, the turn is the first one's
            assert look(contest, who).stage is Stage.WAITING
        assert look(contest, others[minute]).stage is Stage.ADMITTED
        assert begin(contest, ONE, by=others[minute])
    assert (count(Attempt), count(StartTicket)) == (5, 0)


def test_place_and_time_are_honest(contest: str, clock: Clock) -> None:
    first, *others = crowd(4)
    begin(contest, ONE, by=first)
    clock.advance(seconds=15)
    for who in others:
        begin(contest, ONE, by=who)
    said = [(p.number, p.wait) for p in (look(contest, who) for who in others)]
    assert said == [(n, 45 * SECOND + (n - 1) * MINUTE) for n in (1, 2, 3)]
    for who, (_, wait) in zip(others, said, strict=True):
        asked_at = people.at("12:00:15")
        for seen in range(30, int(wait.total_seconds()), 30):  # everybody stays
            clock.set(asked_at + seen * SECOND)
            for stays in others:
                queueing.find_place(contest, ONE, by=stays)
        clock.set(asked_at + wait - SECOND)
        assert look(contest, who).stage is Stage.WAITING
        clock.set(asked_at + wait)
        assert look(contest, who).stage is Stage.ADMITTED
        begin(contest, ONE, by=who)


def test_asking_again_keeps_the_one_place(contest: str, clock: Clock) -> None:
    first, second, third = crowd(3)
    begin(contest, ONE, by=first)
    for who in (second, third, second, second, third):
        assert begin(contest, ONE, by=who) is None
    assert [look(contest, who).number for who in (second, third)] == [1, 2]
    assert count(StartTicket) == 2


def test_nobody_overtakes_those_who_wait(contest: str, clock: Clock) -> None:
    first, second, late = crowd(3)
    begin(contest, ONE, by=first)
    begin(contest, ONE, by=second)
    clock.advance(seconds=60)  # the rate would allow a start
    assert begin(contest, ONE, by=late) is None
    assert look(contest, second).stage is Stage.ADMITTED
    assert look(contest, late).number == 1


def test_no_paper_is_drawn_for_whoever_has_to_wait(contest: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    draw, drawn = starting.drawn, []
    monkeypatch.setattr(starting, "drawn", lambda *given: drawn.append(1) or draw(*given))
    first, *others = crowd(6)
    begin(contest, ONE, by=first)
    for who in (*others, *others):
        assert begin(contest, ONE, by=who) is None
    assert len(drawn) == 1
    clock.advance(seconds=60)
    assert begin(contest, ONE, by=others[0])  # asks, is let in at once, and begins
    assert len(drawn) == 2


def test_an_open_attempt_is_led_back_to_past_the_queue(contest: str, clock: Clock) -> None:
    first, second = crowd(2)
    attempt = begin(contest, ONE, by=first)
    begin(contest, ONE, by=second)
    assert begin(contest, ONE, by=first) == attempt
    assert queueing.find_place(contest, ONE, by=first) is None


def test_whoever_leaves_blocks_nobody_and_may_come_back(contest: str, clock: Clock) -> None:
    first, leaver, second, third = crowd(4)
    for who in (first, leaver, second, third):
        begin(contest, ONE, by=who)
    clock.advance(seconds=45)
    assert [look(contest, who).number for who in (second, third)] == [2, 3]
    clock.advance(seconds=45)  # now the leaver has not been seen for PATIENCE
    assert (look(contest, second).stage, look(contest, third).number) == (Stage.ADMITTED, 1)
    assert look(contest, leaver).number == 1  # where they stood, before the third
    assert look(contest, third).number == 2


def test_nobody_has_to_stay_for_the_next_to_come_in(contest: str, clock: Clock) -> None:
    first, leaver, late = crowd(3)
    for who in (first, leaver):
        begin(contest, ONE, by=who)
    clock.advance(seconds=PATIENCE.total_seconds())
    assert begin(contest, ONE, by=late)


def test_place_is_given_up_after_long(contest: str, clock: Clock) -> None:
    first, second, third = crowd(3)
    for who in (first, second):
        begin(contest, ONE, by=who)
    asked = clock.at
    clock.set(asked + KEPT)
    assert look(contest, second).stage is Stage.OVER
    begin(contest, ONE, by=third)
    assert begin(contest, ONE, by=second) is None
    assert look(contest, second).ticket.asked_at == clock.at


def test_turn_that_is_not_taken_passes_and_may_be_asked_for_again(contest: str, clock: Clock) -> None:
    first, second, third = crowd(3)
    for who in (first, second, third):
        begin(contest, ONE, by=who)
    clock.advance(seconds=60)
    assert look(contest, second).stage is Stage.ADMITTED
    assert look(contest, third).stage is Stage.WAITING
    clock.advance(seconds=TO_BEGIN.total_seconds() - 1)
    assert look(contest, second).stage is Stage.ADMITTED
    clock.advance(seconds=1)
    assert look(contest, second).stage is Stage.OVER
    assert look(contest, third).stage is Stage.ADMITTED
    assert begin(contest, ONE, by=second) is None  # behind whoever asked before
    assert look(contest, second).stage is Stage.WAITING


def test_turn_is_held_to_its_last_second(contest: str, clock: Clock) -> None:
    first, second = crowd(2)
    for who in (first, second):
        begin(contest, ONE, by=who)
    clock.advance(seconds=60)
    look(contest, second)
    clock.advance(seconds=TO_BEGIN.total_seconds() - 1)
    attempt = row_of(begin(contest, ONE, by=second))
    assert attempt.ends_at == clock.at + 20 * MINUTE  # counted from the start, not from asking nor from being let in


def test_several_places_are_called_at_once(contest: str, clock: Clock) -> None:
    pace, who = Pace(24), crowd(9)
    begun = [begin(contest, pace, by=w) for w in who]
    assert [bool(b) for b in begun] == [True] * 2 + [False] * 7
    clock.advance(seconds=60)
    assert [look(contest, w, pace).stage for w in reversed(who[2:])] == [Stage.WAITING] * 5 + [Stage.ADMITTED] * 2


# The close


@pytest.fixture
def closing_soon(contest: str, clock: Clock) -> tuple[str, datetime]:
    """Stand ten minutes before the close of a round of twenty minutes."""
    closes_at = people.round_row(contest).closes_at
    clock.set(closes_at - 10 * MINUTE)
    return contest, closes_at


def stay(code: str, who: Actor, clock: Clock, until: datetime) -> None:
    while clock.at < until:
        clock.set(min(clock.at + 30 * SECOND, until))
        queueing.find_place(code, ONE, by=who)


def test_waiting_shortens_no_paper(closing_soon: tuple[str, datetime], clock: Clock) -> None:
    code, closes_at = closing_soon
    first, second = crowd(2)
    assert row_of(begin(code, ONE, by=first)).ends_at == closes_at
    begin(code, ONE, by=second)
    clock.advance(seconds=60)
    look(code, second)
    clock.advance(seconds=60)
    assert row_of(begin(code, ONE, by=second)).ends_at == clock.at + 10 * MINUTE


def test_whoever_asked_before_the_close_and_stays_is_let_in_after_it(
    closing_soon: tuple[str, datetime], clock: Clock
) -> None:
    code, closes_at = closing_soon
    clock.set(closes_at - 20 * SECOND)
    first, second, late = crowd(3)
    attempt = begin(code, ONE, by=first)
    begin(code, ONE, by=second)
    stay(code, second, clock, closes_at)
    with pytest.raises(Closed) as refused:
        begin(code, ONE, by=late)
    assert refused.value.refusal.slug == "round-closed"
    stay(code, second, clock, closes_at + 40 * SECOND)
    assert look(code, second).stage is Stage.ADMITTED
    assert settlement.due(clock.at) == []
    closing.submit(attempt or "", {}, by=first, arrived=closes_at - SECOND)
    for end in (
        lambda: settlement.settle(people.round_row(code).id),
        lambda: giving.finish("cuoc-thi", code, by=SYSTEM),
    ):
        with pytest.raises(Conflict) as running:  # by the queue alone
            end()
        assert running.value.refusal.slug == "round-still-open"
    assert row_of(begin(code, ONE, by=second)).ends_at == clock.at + 20 * SECOND


@pytest.mark.parametrize("admitted", [True, False])
def test_place_that_has_lapsed_does_not_put_off_the_close(contest: str, clock: Clock, admitted: bool) -> None:
    closes_at = people.round_row(contest).closes_at
    clock.set(closes_at - 100 * MINUTE)
    first, second = crowd(2)
    for who in (first, second):
        begin(contest, ONE, by=who)
    if admitted:
        clock.advance(seconds=60)
        assert look(contest, second).stage is Stage.ADMITTED
    clock.set(closes_at - SECOND)
    attempt = begin(contest, ONE, by=second)
    assert row_of(attempt).ends_at == closes_at
    assert count(StartTicket) == 0
    told = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert told is not None
    assert told.action == "attempt-started"
    anew = clock.at.isoformat()  # asked for again, and let in at once
    assert told.details.get("asked_at") == (None if admitted else anew)


@pytest.fixture
def over_midnight(app: Flask, database: str, clock: Clock) -> Iterator[tuple[str, Actor]]:
    """Let somebody ask in the last minute of a day, in a round of an attempt a day, and have their turn on the next."""
    with app.app_context():
        people.organisation()
        days = {"opens_at": clock.at - timedelta(days=1), "closes_at": clock.at + timedelta(days=3)}
        (code,) = people.contest(rounds=[{**days, "attempts_per": LimitPer.DAY, "attempts_allowed": 1}])
        clock.set(people.at("23:59:40"))
        first, second = crowd(2)
        for who in (first, second):
            begin(code, ONE, by=who)
        clock.advance(seconds=60)
        assert look(code, second).stage is Stage.ADMITTED
        yield code, second


def test_nobody_starts_inside_a_void_by_their_place(over_midnight: tuple[str, Actor], clock: Clock) -> None:
    code, second = over_midnight
    today = next(s for s in voiding.list_spans(people.round_row(code)) if s.holds(clock.at))
    voiding.void("cuoc-thi", code, opens_at=today.opens_at.isoformat(), reason="Lộ đề", by=SYSTEM)
    with pytest.raises(Closed) as refused:
        begin(code, ONE, by=second)
    assert refused.value.refusal.slug == "between-windows"


def test_attempt_counts_for_the_day_it_began_whenever_it_was_asked_for(
    over_midnight: tuple[str, Actor], clock: Clock
) -> None:
    code, second = over_midnight
    attempt = begin(code, ONE, by=second)
    closing.submit(attempt or "", {}, by=second, arrived=clock.at)
    clock.advance(hours=23)
    with pytest.raises(Closed) as refused:
        begin(code, ONE, by=second)
    assert refused.value.refusal.slug == "attempts-used-up-for-now"
    clock.advance(hours=1)
    assert begin(code, ONE, by=second)


@pytest.mark.parametrize(
    ("asked_before", "by", "lasts"),
    [(10, 0, 10), (10, 5, 15), (10, 10, 20), (10, 60, 20), (1, 2, 3), (1, 60, 20)],
)
@pytest.mark.parametrize("course", [{}, {"navigation": "sequential"}])
def test_extension_reaches_whoever_came_in_by_the_queue(
    app: Flask, database: str, clock: Clock, asked_before: int, by: int, lasts: int, course: dict[str, str]
) -> None:
    """The paper lasts as long as one started when it was asked for, under the close that holds now."""
    with app.app_context():
        people.organisation()
        (code,) = people.contest(rounds=[course])
        closes_at = people.round_row(code).closes_at
        clock.set(closes_at - asked_before * MINUTE)
        first, second = crowd(2)
        for who in (first, second):
            begin(code, ONE, by=who)
        stay(code, second, clock, clock.at + 2 * MINUTE)
        attempt = begin(code, ONE, by=second)
        assert row_of(attempt).ends_at == clock.at + asked_before * MINUTE
        extending.grant("cuoc-thi", code, 7, reason="Mất điện", by=SYSTEM)
        if by:
            extending.extend(
                "cuoc-thi", code, 1, closes_at + by * MINUTE, reason="Mất điện", announcement="", by=SYSTEM
            )
        assert row_of(attempt).ends_at == clock.at + (lasts + 7) * MINUTE


def test_extra_time_is_on_top_of_what_waiting_took(closing_soon: tuple[str, datetime], clock: Clock) -> None:
    code, _ = closing_soon
    first, second = crowd(2)
    extending.grant("cuoc-thi", code, 7, reason="Mất điện", by=SYSTEM)
    begin(code, ONE, by=first)
    begin(code, ONE, by=second)
    clock.advance(seconds=60)
    look(code, second)
    assert row_of(begin(code, ONE, by=second)).ends_at == clock.at + 17 * MINUTE


def test_round_is_settled_once_nobody_may_come_any_more(
    app: Flask, closing_soon: tuple[str, datetime], clock: Clock
) -> None:
    code, closes_at = closing_soon
    clock.set(closes_at - 20 * SECOND)
    first, second = crowd(2)
    attempt = begin(code, ONE, by=first)
    begin(code, ONE, by=second)
    asked = clock.at
    clock.set(closes_at)
    closing.submit(attempt or "", {}, by=first, arrived=clock.at - SECOND)
    clock.set(asked + PATIENCE - SECOND)
    assert settlement.due(clock.at) == []
    clock.set(asked + PATIENCE)
    assert settlement.due(clock.at) == [people.round_row(code).id]
    assert look(code, second).stage is Stage.OVER
    worker.run_once(app)
    with pytest.raises(Closed):
        begin(code, ONE, by=second)


def test_start_that_meets_the_settlement_is_refused(closing_soon: tuple[str, datetime], clock: Clock) -> None:
    """The guard stands in the statement itself, whatever was read before."""
    code, closes_at = closing_soon
    clock.set(closes_at - 20 * SECOND)
    first, second = crowd(2)
    attempt = begin(code, ONE, by=first)
    begin(code, ONE, by=second)
    stay(code, second, clock, closes_at + 40 * SECOND)
    closing.submit(attempt or "", {}, by=first, arrived=closes_at - SECOND)
    clock.advance(seconds=TO_BEGIN.total_seconds())
    around = shared.find_round(code)
    assert around is not None
    row, found = around.row, starting.find_entry(around.row, second, clock.at)
    assert found is not None
    entry = found[1]
    seen = starting._values(row, [], second, clock.at, entry)
    settlement.settle(row.id, by=SYSTEM)
    with pytest.raises(starting._Raced):
        starting._store(seen, None, entry, second, clock.at)


def test_whoever_takes_no_part_takes_no_place(contest: str, clock: Clock) -> None:
    begin(contest, ONE, by=people.member("q1"))
    people.mark("cuoc-thi", outsider := people.member("q2"), EntrantMark.STAYS_OUT)
    with pytest.raises(Forbidden):
        begin(contest, ONE, by=outsider)
    assert count(StartTicket) == 0


def test_places_nobody_comes_back_to_are_swept(contest: str, clock: Clock) -> None:
    for who in crowd(2):
        begin(contest, ONE, by=who)
    clock.advance(hours=24)
    queueing.sweep()
    assert count(StartTicket) == 1
    clock.advance(seconds=1)
    queueing.sweep()
    assert count(StartTicket) == 0


# At once


@pytest.mark.parametrize(("per_minute", "at_once"), [(1, 1), (60, 5)])
def test_many_starts_at_once_let_in_exactly_the_rate(
    app: Flask, contest: str, clock: Clock, per_minute: int, at_once: int
) -> None:
    """Fifty at once, five clicks of each of ten people: as many attempts as may be, one place each for the rest."""
    pace, who = Pace(per_minute), crowd(10)

    def click(actor: Actor) -> str | None:
        with app.app_context():
            return begin(contest, pace, by=actor)

    def rush(actors: list[Actor]) -> None:
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(click, [a for _ in range(5) for a in actors]))

    rush(who)
    assert (count(Attempt), count(StartTicket)) == (at_once, 10 - at_once)
    numbers = db.session.execute(
        sa.select(StartTicket.number, StartTicket.member_id).order_by(StartTicket.number)
    ).all()
    assert [n for n, _ in numbers] == list(range(1, 11 - at_once))
    waiting = [next(a for a in who if a.member_id == m) for _, m in numbers]
    clock.advance(seconds=60 * at_once / per_minute)
    rush(waiting)  # asks and looks come in any order; turns in theirs
    rush(waiting)
    started = set(db.session.scalars(sa.select(Attempt.member_id)))
    assert count(Attempt) == min(10, 2 * at_once)
    assert {a.member_id for a in waiting[:at_once]} <= started


def test_looks_at_once_call_each_turn_once(app: Flask, contest: str, clock: Clock) -> None:
    pace, who = Pace(60), crowd(20)
    for actor in who:
        begin(contest, pace, by=actor)
    clock.advance(seconds=3)

    def see(actor: Actor) -> Stage | None:
        with app.app_context():
            place = queueing.find_place(contest, pace, by=actor)
            return place.stage if place else None

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(see, who))
    admitted = sa.select(StartTicket.number).where(StartTicket.admitted_at.is_not(None)).order_by(StartTicket.number)
    assert list(db.session.scalars(admitted)) == [1, 2, 3]
