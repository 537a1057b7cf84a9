"""An attempt that is led through its paper: what is open, what comes too late, and what time does, on both databases."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Closed, Conflict, Invalid, NotFound
from contest.models.attempts import Attempt, AttemptStep, LateResponse, Response
from contest.rules.attempts import Verdict
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState
from contest.services import tryouts
from contest.services.attempts import closing, extending, news, paper, saving, starting, stepping
from contest.services.contests import rounds
from contest.services.members import extra_time
from tests import people
from tests.conftest import Clock
from tests.counting import counted

SLUG = "cuoc-thi"
SEQUENTIAL: dict[str, Any] = {"navigation": "sequential", "question_seconds": 30}
PARTS: dict[str, Any] = {"sections": [{"title": "Phần I", "minutes": 5}, {"title": "Phần II", "minutes": 10}]}
LINES = tuple({"topic_id": None, "difficulty": None, "count": n, "section": s} for n, s in ((2, 1), (2, 2)))


@pytest.fixture
def who(app: Flask, database: str, clock: Clock) -> Iterator[Actor]:
    with app.app_context():
        people.organisation()
        yield people.member("m1")


def opened(lines: Any = ({"topic_id": None, "difficulty": None, "count": 3},), **values: Any) -> str:
    return people.contest(rounds=[values], lines=lines)[0]


def row_of(code: str) -> Attempt:
    query = sa.select(Attempt).where(Attempt.code == code).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def save(
    code: str, position: int | str, who: Actor, clock: Clock, *, arrived: datetime | None = None, revision: int = 1
) -> Verdict:
    number = int(position) if position != "prediction" else 0
    value: Any = row_of(code).paper[number - 1][1][revision % 4] if number else 3
    at = clock.at
    return saving.save(code, str(position), revision, value, by=who, at=at, arrived=arrived or at).verdict


def go(code: str, leaving: int, who: Actor, clock: Clock, **said: Any) -> stepping.Position:
    return stepping.go_on(code, leaving, by=who, arrived=clock.at, **said)


def count(table: Any, *where: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


def open_now(code: str, who: Actor) -> list[int]:
    return [q.position for q in paper.get_paper(code, by=who).questions]


def test_sequential_paper_opens_one_question_after_the_other(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(**SEQUENTIAL), who)
    seen = []
    for number in range(3):
        view = paper.get_paper(code, by=who)
        assert [q.position for q in view.questions] == [number + 1]
        assert view.prediction is None
        assert view.way is not None
        assert [(p.position, p.standing.value) for p in view.way.places if p.standing == "open"] == [
            (number + 1, "open")
        ]
        seen.append(view.questions[0].text)
        assert save(code, number + 1, who, clock) is Verdict.SAVED
        place = go(code, number, who, clock)
        assert (place.step, place.step_count, place.is_last) == (number + 1, 4, number == 2)
    view = paper.get_paper(code, by=who)
    assert (view.questions, view.unanswered) == ((), ())
    assert view.prediction is not None
    assert save(code, "prediction", who, clock) is Verdict.SAVED
    assert go(code, 3, who, clock).step == 3  # nothing comes after it
    assert len(set(seen)) == 3
    closing.submit(code, {}, by=who, arrived=clock.at)
    assert count(AttemptStep) == 4


def test_what_is_ahead_is_refused_and_what_was_left_is_kept_as_evidence(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(**SEQUENTIAL), who)
    assert save(code, 2, who, clock) is Verdict.NOT_YET
    assert save(code, "prediction", who, clock) is Verdict.NOT_YET
    assert save(code, 1, who, clock) is Verdict.SAVED
    go(code, 0, who, clock)
    clock.advance(seconds=1)
    assert save(code, 1, who, clock, revision=1) is Verdict.SAME  # what was acknowledged stays so
    assert save(code, 1, who, clock, revision=2) is Verdict.LEFT
    assert (count(Response), count(LateResponse)) == (1, 1)
    assert save(code, 3, who, clock) is Verdict.NOT_YET


def test_step_is_left_once_however_often_one_clicks(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(**SEQUENTIAL), who)
    assert [go(code, 0, who, clock).step for _ in range(3)] == [1, 1, 1]
    assert count(AttemptStep) == 2
    with pytest.raises(Conflict) as ahead:
        go(code, 2, who, clock)
    assert ahead.value.refusal.slug == "attempt-not-yet"
    for wrong in (-1, 4):
        with pytest.raises(Invalid):
            go(code, wrong, who, clock)
    with pytest.raises(NotFound):
        go(code, 1, people.member("m2"), clock)
    closing.submit(code, {}, by=who, arrived=clock.at)
    with pytest.raises(Closed):
        go(code, 1, who, clock)


def test_free_paper_has_no_steps(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(), who)
    row = row_of(code)
    assert (row.is_walked, row.step_ends_at, count(AttemptStep)) == (False, None, 0)
    assert paper.get_paper(code, by=who).way is None
    with pytest.raises(Invalid):
        go(code, 0, who, clock)


def test_time_of_a_question_closes_it_with_the_allowance_and_the_next_waits_to_be_seen(
    who: Actor, clock: Clock
) -> None:
    code = people.attempt(opened(**SEQUENTIAL), who)
    started = clock.at
    assert go(code, 0, who, clock, only_when_over=True).step == 0  # a script that is early leaves nothing
    clock.set(started + timedelta(seconds=35))
    assert save(code, 1, who, clock) is Verdict.SAVED
    assert save(code, 1, who, clock, arrived=started + timedelta(seconds=35.001), revision=2) is Verdict.LEFT
    view = paper.get_paper(code, by=who)
    assert view.questions == ()
    assert view.way is not None
    assert view.way.is_over
    assert (view.way.next_position, view.way.next_seconds) == (2, 30)
    clock.set(started + timedelta(minutes=10))  # away: no other question has run
    assert paper.get_paper(code, by=who).way == view.way
    assert go(code, 0, who, clock, only_when_over=True).ends_at == clock.at + timedelta(seconds=30)
    assert open_now(code, who) == [2]


def test_save_that_arrived_before_its_step_was_left_is_taken(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(**SEQUENTIAL), who)
    clock.advance(seconds=10)
    go(code, 0, who, clock)
    left_at = clock.at
    clock.advance(seconds=2)
    assert save(code, 1, who, clock, arrived=left_at) is Verdict.SAVED
    assert save(code, 1, who, clock, arrived=left_at + timedelta(milliseconds=1), revision=2) is Verdict.LEFT


def test_last_limit_ends_the_paper(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(**SEQUENTIAL, prediction=None, criteria=["correct"]), who)
    whole = row_of(code).ends_at
    go(code, 0, who, clock)
    assert row_of(code).ends_at == whole
    go(code, 1, who, clock)
    row = row_of(code)
    assert row.ends_at == clock.at + timedelta(seconds=30)
    assert row.accepts_until == row.ends_at + timedelta(seconds=5)
    clock.advance(seconds=60)
    assert closing.close_due() == 1
    done = row_of(code)
    assert (done.state, done.finished_at) == (AttemptState.EXPIRED, done.ends_at)


def test_sections_are_gone_through_in_order_and_are_free_inside(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(LINES, **PARTS, prediction=None, criteria=["correct"]), who)
    assert [i[2]["section"] for i in row_of(code).paper] == ["Phần I"] * 2 + ["Phần II"] * 2
    view = paper.get_paper(code, by=who)
    assert [q.position for q in view.questions] == [1, 2]
    assert [q.heading for q in view.questions] == ["Phần I", ""]
    assert view.way is not None
    assert (view.way.part, view.way.parts, view.way.whole, view.way.ahead) == (1, 2, 300_000, 2)
    assert [save(code, n, who, clock) for n in (2, 1, 3)] == [Verdict.SAVED, Verdict.SAVED, Verdict.NOT_YET]
    assert go(code, 0, who, clock).ends_at == clock.at + timedelta(minutes=10)
    assert open_now(code, who) == [3, 4]
    clock.advance(seconds=1)
    assert [save(code, n, who, clock, revision=2) for n in (1, 4)] == [Verdict.LEFT, Verdict.SAVED]


def test_sections_without_minutes_are_headings_of_a_free_paper(who: Actor, clock: Clock) -> None:
    plain = [{"title": "Phần I"}, {"title": "Phần II"}]
    code = people.attempt(opened(LINES, sections=plain), who)
    view = paper.get_paper(code, by=who)
    assert (view.way, row_of(code).is_walked) == (None, False)
    assert [q.heading for q in view.questions] == ["Phần I", "", "Phần II", ""]


def test_plain_form_is_kept_for_what_is_open_alone(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(**SEQUENTIAL), who)
    given = {f"revision-{n}": ["0"] for n in (1, 2)} | {
        f"response-{n}": [row_of(code).paper[n - 1][1][0]] for n in (1, 2)
    }
    assert closing.save_form(code, given, by=who, arrived=clock.at) is Verdict.SAVED
    assert count(Response) == 1
    go(code, 0, who, clock)
    clock.advance(seconds=1)
    again = {"revision-1": ["1"], "response-1": [row_of(code).paper[0][1][1]]}
    assert closing.save_form(code, again, by=who, arrived=clock.at) is Verdict.LEFT
    assert (count(Response), count(LateResponse)) == (1, 1)


def test_extra_time_lengthens_every_limit_from_the_start(who: Actor, clock: Clock) -> None:
    extra_time.put("m1", {"minutes": 0, "percent": 50}, reason="Khiếm thị", valid_until=None, by=SYSTEM)
    code = people.attempt(opened(**SEQUENTIAL), people.actor("m1"))
    assert row_of(code).step_ends_at == clock.at + timedelta(seconds=45)


def test_minutes_granted_lengthen_the_step_that_runs_and_the_end_it_brings(who: Actor, clock: Clock) -> None:
    round_code = opened(LINES, **PARTS, prediction=None, criteria=["correct"])
    code = people.attempt(round_code, who)
    extending.grant(SLUG, round_code, 4, reason="Mất điện", by=SYSTEM)
    row = row_of(code)
    assert row.step_ends_at == clock.at + timedelta(minutes=6)  # 5 of 20, 6 of 24
    assert row.ends_at == clock.at + timedelta(minutes=24)
    assert news.get_news(code, by=who).step_ends_at == row.step_ends_at
    go(code, 0, who, clock)
    assert row_of(code).ends_at == clock.at + timedelta(minutes=12)
    extending.grant(SLUG, round_code, 4, reason="Mất điện", by=SYSTEM)
    row = row_of(code)
    assert row.ends_at == row.step_ends_at == clock.at + timedelta(minutes=14)
    assert row.accepts_until == row.step_accepts_until == row.ends_at + timedelta(seconds=5)


def test_more_time_takes_as_many_statements_for_many_as_for_one(app: Flask, who: Actor, clock: Clock) -> None:
    round_code = opened(LINES, **PARTS, prediction=None, criteria=["correct"])
    codes = [people.attempt(round_code, who)]
    taken = []
    for _ in range(2):
        with counted(app) as statements:
            extending.grant(SLUG, round_code, 4, reason="Mất điện", by=SYSTEM)
        taken.append(len(statements))
        codes += [people.attempt(round_code, people.member(f"w{n}")) for n in range(7 * (2 - len(taken)))]
    assert taken[0] == taken[1]
    assert {row_of(code).step_ends_at for code in codes} == {clock.at + timedelta(minutes=7)}  # 5 of 20, 7 of 28


@pytest.mark.parametrize("seconds", [7, 29, 30, 3600])
def test_what_a_limit_cut_stays_cut_however_often_time_is_given(who: Actor, clock: Clock, seconds: int) -> None:
    """Minute by minute the limits inside come to what they would have been with all minutes from the start."""
    course = SEQUENTIAL | {"question_seconds": seconds, "prediction": None, "criteria": ["correct"]}
    round_code = opened(**course, minutes=17)
    code = people.attempt(round_code, who)
    for step in range(2):
        go(code, step, who, clock)
    for minutes in range(1, 6):
        extending.grant(SLUG, round_code, 1, reason="Mất điện", by=SYSTEM)
        row = row_of(code)
        limit = timedelta(seconds=-(-seconds * (17 + minutes) // 17))
        assert row.step_ends_at == clock.at + limit
        assert row.ends_at == clock.at + min(limit, timedelta(minutes=17 + minutes))


def test_paper_is_not_handed_in_before_the_least_time_and_keeps_what_came_with_it(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(least_minutes=10), who)
    from_at = clock.at + timedelta(minutes=10)
    given = {"revision-1": ["0"], "response-1": [row_of(code).paper[0][1][0]]}
    clock.set(from_at - timedelta(seconds=1))
    assert paper.get_paper(code, by=who).is_early
    assert closing.submit(code, given, by=who, arrived=clock.at) == from_at
    assert (row_of(code).state, count(Response)) == (AttemptState.OPEN, 1)
    clock.set(from_at)
    assert not paper.get_paper(code, by=who).is_early
    assert closing.submit(code, {}, by=who, arrived=clock.at) is None
    assert row_of(code).state == AttemptState.SUBMITTED


def test_least_time_never_outlasts_the_paper(who: Actor, clock: Clock) -> None:
    code = people.attempt(opened(least_minutes=10, closes_at=clock.at + timedelta(minutes=4)), who)
    clock.advance(seconds=300)
    assert closing.close_due() == 1
    assert row_of(code).state == AttemptState.EXPIRED


def test_round_that_has_begun_keeps_its_course(who: Actor, clock: Clock) -> None:
    round_code = opened(**SEQUENTIAL)
    people.attempt(round_code, who)
    lines = [{"topic_id": None, "difficulty": None, "count": 3}]
    values = people.round_values(people.round_row(round_code).bank_id, **SEQUENTIAL)
    values |= {"opens_at": people.round_row(round_code).opens_at, "closes_at": people.round_row(round_code).closes_at}
    rounds.change_round(SLUG, round_code, values, lines, seen=4, by=SYSTEM)
    for change in (
        {"question_seconds": 31},
        {"least_minutes": 3},
        {"layout": "one"},
        {"navigation": "free", "question_seconds": None},
    ):
        with pytest.raises(Invalid) as refused:
            rounds.change_round(SLUG, round_code, values | change, lines, seen=5, by=SYSTEM)
        assert refused.value.refusals == (Refusal("round-has-attempts", field="blueprint"),)


def test_course_that_contradicts_itself_is_refused_with_every_field(who: Actor) -> None:
    wrong = {"question_seconds": 20, "least_minutes": 20, "sections": [{"title": "Phần I", "minutes": 21}]}
    with pytest.raises(Invalid) as refused:
        people.draft_contest(rounds=[wrong])
    assert {r.field for r in refused.value.refusals} == {"question_seconds", "least_minutes", "sections"}


def test_lines_of_a_section_are_kept_together(who: Actor) -> None:
    mixed = tuple({"topic_id": None, "difficulty": None, "count": 1, "section": s} for s in (2, 1, 2))
    code = people.attempt(opened(mixed, **PARTS), who)
    assert [i[2]["section"] for i in row_of(code).paper] == ["Phần I", "Phần II", "Phần II"]


def test_try_goes_step_by_step_as_an_attempt_does(who: Actor, clock: Clock) -> None:
    by = people.organiser()
    code = tryouts.start(SLUG, opened(**SEQUENTIAL), by=by)

    def tried(position: int, revision: int = 1) -> Verdict:
        return tryouts.save(code, str(position), revision, None, by=by).verdict

    assert tried(2) is Verdict.NOT_YET
    assert tried(1) is Verdict.SAVED
    assert [tryouts.go_on(code, 0, by=by).step for _ in range(2)] == [1, 1]
    assert [q.position for q in tryouts.get_paper(code, by=by).questions] == [2]
    assert tried(1, revision=2) is Verdict.LEFT
    clock.advance(seconds=30)
    view = tryouts.get_paper(code, by=by)
    assert view.questions == ()
    assert view.way is not None
    assert view.way.is_over
    assert tryouts.go_on(code, 1, only_when_over=True, by=by).step == 2
    with pytest.raises(Conflict):
        tryouts.go_on(code, 3, by=by)
    with pytest.raises(NotFound):
        tryouts.go_on(code, 2, by=who)


def test_start_into_a_paper_of_one_timed_section_ends_with_it(who: Actor, clock: Clock) -> None:
    lines = ({"topic_id": None, "difficulty": None, "count": 3, "section": 1},)
    code = starting.start(
        opened(lines, sections=[{"title": "Phần I", "minutes": 5}], prediction=None, criteria=["correct"]), by=who
    )
    assert row_of(code).ends_at == clock.at + timedelta(minutes=5)
