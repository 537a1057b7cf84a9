"""Steps under races: clicks at once enter once, and a save and the leaving of its step wait for each other."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.db.alone import execute_on
from contest.models.attempts import Attempt, AttemptStep, LateResponse, Response
from contest.rules.attempts import Verdict
from contest.rules.permissions import Actor
from contest.services.attempts import saving, stepping
from tests import people
from tests.conftest import Clock

CLICKS = 8


def begun() -> tuple[Actor, str]:
    people.organisation()
    code = people.contest(rounds=({"navigation": "sequential", "question_seconds": 60},))[0]
    who = people.member("m1")
    return who, people.attempt(code, who)


def count(table: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_clicks_at_once_enter_one_step_once(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        who, code = begun()

    def click(_: int) -> int:
        with app.app_context():
            return stepping.go_on(code, 0, by=who, arrived=clock.at).step

    with ThreadPoolExecutor(CLICKS) as pool:
        assert list(pool.map(click, range(CLICKS))) == [1] * CLICKS
    with app.app_context():
        assert db.session.scalars(sa.select(AttemptStep.step).order_by(AttemptStep.step)).all() == [0, 1]
        row = db.session.scalars(sa.select(Attempt)).one()
        assert (row.step, row.first_open, row.last_open) == (1, 2, 2)


@pytest.mark.postgres
def test_step_waits_for_a_save_that_is_on_its_way(
    make_app: Callable[..., Flask], postgres_url: str, clock: Clock
) -> None:
    """Hold a save between its statement and its commit: the step is left after it, and the save counts."""
    app = make_app(postgres_url)
    with app.app_context(), ThreadPoolExecutor(1) as pool:
        who, code = begun()
        row = db.session.scalars(sa.select(Attempt)).one()
        given = {"code": code, "member": who.member_id, "epoch": who.epoch, "session": who.session_id}
        value = {"pos": 1, "rev": 1, "value": json.dumps(row.paper[0][1][0]), "at": clock.at, "arrived": clock.at}

        def leave() -> int:
            with app.app_context():
                return stepping.go_on(code, 0, by=who, arrived=clock.at).step

        db.session.rollback()
        with db.engine.begin() as connection:
            driver = connection.connection.dbapi_connection
            assert len(execute_on(driver, saving._SAVE, {**given, **value})[0]) == 1
            left = pool.submit(leave)
            wait([left], timeout=1)
            assert not left.done()
        assert left.result(30) == 1
        assert count(Response) == 1


@pytest.mark.parametrize(("late", "verdict"), [(0, Verdict.SAVED), (1, Verdict.LEFT)])
def test_save_that_meets_the_leaving_of_its_step_is_judged_by_when_it_arrived(
    app: Flask,
    database: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    late: int,
    verdict: Verdict,
) -> None:
    """Let the step be left between what a save is checked by and its statement."""
    with app.app_context():
        who, code = begun()
        option = db.session.scalars(sa.select(Attempt.paper)).one()[0][1][0]
        parse, arrived = saving.parse_value, clock.at + timedelta(milliseconds=late)

        def parse_slowly(*given: Any) -> Any:
            monkeypatch.setattr(saving, "parse_value", parse)
            stepping.go_on(code, 0, by=who, arrived=clock.at)
            return parse(*given)

        monkeypatch.setattr(saving, "parse_value", parse_slowly)
        at: datetime = clock.at
        assert saving.save(code, "1", 1, option, by=who, at=at, arrived=arrived).verdict is verdict
        kept = (count(Response), count(LateResponse))
        assert kept == ((1, 0) if verdict is Verdict.SAVED else (0, 1))
