"""Races on the day of a round, on both databases: an extension against the worker, extra time against handing in, a void
against a start. One of two wins, and what is left is what the order of the winners says."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Closed
from contest.models.attempts import Attempt
from contest.models.results import Result, Standing
from contest.rules.permissions import SYSTEM
from contest.rules.terms import AttemptState
from contest.rules.windows import CLOSING_DELAY
from contest.services.attempts import closing, extending, starting, voiding
from contest.services.results import proof
from tests import people
from tests.conftest import Clock

pytestmark = [pytest.mark.slow]
SLUG = "cuoc-thi"
ROUNDS = 8
MINUTE = timedelta(minutes=1)


@pytest.fixture
def code(app: Flask, database: str, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        return people.contest(rounds=[{"attempts_allowed": None}])[0]


def at_once(app: Flask, *acts: Callable[[], Any]) -> list[Any]:
    """Let several acts begin at the same moment, each in a thread of its own; an exception is what came of it."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with app.app_context():
            gate.wait()
            try:
                return act()
            except Closed as refused:
                return refused
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def attempt_row(code: str) -> Attempt:
    query = sa.select(Attempt).where(Attempt.code == code).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def test_extra_time_against_handing_in(app: Flask, code: str, clock: Clock) -> None:
    with app.app_context():
        me = people.member("m1")
    for _ in range(ROUNDS):
        with app.app_context():
            attempt = starting.start(code, by=me)
            ends_at = attempt_row(attempt).ends_at
        moved, _none = at_once(
            app,
            lambda: extending.grant(SLUG, code, 5, member="m1", reason="Mất mạng", by=SYSTEM),
            lambda attempt=attempt: closing.submit(attempt, {}, by=me, arrived=clock.at),  # type: ignore[misc]
        )
        with app.app_context():
            row = attempt_row(attempt)
            assert (row.state, row.ends_at) == (AttemptState.SUBMITTED, ends_at + moved * 5 * MINUTE)


def test_extension_against_the_closing_of_the_worker(app: Flask, code: str, clock: Clock) -> None:
    with app.app_context():
        me = people.member("m1")
        closes_at = people.round_row(code).closes_at
    for n in range(ROUNDS):
        clock.set(closes_at - MINUTE)
        with app.app_context():
            attempt = starting.start(code, by=me)
            assert attempt_row(attempt).ends_at == closes_at
        clock.set(closes_at + timedelta(seconds=5) + CLOSING_DELAY)
        later = closes_at + 10 * MINUTE
        moved, closed = at_once(
            app,
            lambda later=later: extending.extend(SLUG, code, 1, later, reason="Bão", announcement="", by=SYSTEM),  # type: ignore[misc]
            closing.close_due,
        )
        assert (moved, closed) in {(1, 0), (0, 1)}, n
        with app.app_context():
            row = attempt_row(attempt)
            assert row.state == (AttemptState.OPEN if moved else AttemptState.EXPIRED)
            assert row.ends_at == (later if moved else closes_at)
            if moved:
                closing.submit(attempt, {}, by=me, arrived=clock.at)
            assert db.session.scalar(sa.select(sa.func.count()).select_from(Result)) == n + 1
        closes_at = later


def test_void_of_the_day_against_starts_and_handing_in(app: Flask, code: str, clock: Clock) -> None:
    with app.app_context():
        who = [people.member(f"m{n}") for n in range(6)]
        running = {n: starting.start(code, by=who[n]) for n in range(3)}
        opens_at = voiding.list_spans(people.round_row(code))[0].opens_at.isoformat()
    hands_in = [lambda n=n: closing.submit(running[n], {}, by=who[n], arrived=clock.at) for n in running]  # type: ignore[misc]
    starts = [lambda n=n: starting.start(code, by=who[n]) for n in range(3, 6)]  # type: ignore[misc]
    count, *others = at_once(
        app, lambda: voiding.void(SLUG, code, opens_at=opens_at, reason="Quá tải", by=SYSTEM), *hands_in, *starts
    )
    started = [code for code in others[3:] if isinstance(code, str)]
    assert count == 3 + len(started)  # whoever started was voided, whoever was later was refused
    with app.app_context():
        found = list(db.session.scalars(sa.select(Attempt).execution_options(populate_existing=True)))
        assert all(a.void_id is not None and a.state != AttemptState.OPEN for a in found)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Result)) == len(found)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Standing)) == 0
        assert [p.differences for p in proof.verify(SLUG, 1, by=SYSTEM)] == [()]
        (void_id,) = set(db.session.scalars(sa.select(Attempt.void_id)))
        voiding.restore(SLUG, code, void_id, by=SYSTEM)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Standing)) == len(found)
        assert [p.differences for p in proof.verify(SLUG, 1, by=SYSTEM)] == [()]
