"""What slips in between two statements of one command, made to happen where a race would have to be lucky."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.db.alone import execute_on
from contest.errors import Closed
from contest.models.attempts import Attempt, Response
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState
from contest.services.attempts import closing, saving, starting
from tests import people
from tests.conftest import Clock

LIMIT = 3


@pytest.mark.parametrize(("begun", "last_is_open"), [(1, True), (LIMIT, True), (LIMIT, False)])
def test_start_that_passed_its_checks_meets_what_was_started_meanwhile(
    context: Flask, database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, begun: int, last_is_open: bool
) -> None:
    """Let a start pass every check, and the same person begin attempts elsewhere before it is stored."""
    people.organisation()
    code = people.contest(rounds=({"attempts_allowed": LIMIT},))[0]
    who, draw = people.member("m1"), starting._draw

    def draw_slowly(*given: Any) -> Any:
        monkeypatch.setattr(starting, "_draw", draw)
        for number in range(1, begun + 1):
            attempt = people.attempt(code, who)
            if number < begun or not last_is_open:
                closing.submit(attempt, {}, by=who, arrived=clock.at)
        return draw(*given)

    monkeypatch.setattr(starting, "_draw", draw_slowly)
    if last_is_open:
        running = people.attempt(code, who)
        states = sa.select(Attempt.code).where(Attempt.state == AttemptState.OPEN)
        assert db.session.scalars(states).all() == [running]
    else:
        with pytest.raises(Closed) as refused:
            people.attempt(code, who)
        assert refused.value.refusals == (Refusal("attempts-used-up", {"allowed": LIMIT}),)
    numbers = db.session.scalars(sa.select(Attempt.number).order_by(Attempt.number)).all()
    assert numbers == list(range(1, begun + 1))


@pytest.mark.postgres
@pytest.mark.parametrize("with_form", [True, False])
def test_submission_waits_for_a_save_that_is_on_its_way(
    make_app: Callable[..., Flask], postgres_url: str, clock: Clock, with_form: bool
) -> None:
    """Hold a save between its statement and its commit: handed in meanwhile, the paper is scored with it."""
    app = make_app(postgres_url)
    with app.app_context(), ThreadPoolExecutor(1) as pool:
        people.organisation()
        code = people.contest()[0]
        who = people.member("m1")
        attempt = people.attempt(code, who)
        row = db.session.scalars(sa.select(Attempt)).one()
        saving.save(attempt, "1", 1, row.paper[0][1][0], by=who, at=clock.at, arrived=clock.at)
        given = {"code": attempt, "member": who.member_id, "epoch": who.epoch, "session": who.session_id}
        value = {"pos": 1, "rev": 2, "value": json.dumps(row.paper[0][1][1]), "at": clock.at, "arrived": clock.at}

        def submit() -> None:
            with app.app_context():
                if with_form:
                    closing.submit(attempt, {}, by=who, arrived=clock.at)
                else:
                    assert closing.hand_in(attempt, by=who, arrived=clock.at)

        with db.engine.begin() as connection:
            driver = connection.connection.dbapi_connection
            assert len(execute_on(driver, saving._SAVE, {**given, **value})[0]) == 1
            handed_in = pool.submit(submit)
            wait([handed_in], timeout=1)
            assert not handed_in.done()
        handed_in.result(30)
        stored = db.session.scalars(sa.select(Attempt).execution_options(populate_existing=True)).one()
        assert db.session.scalars(sa.select(Response.revision).order_by(Response.revision)).all() == [1, 2]
        assert (stored.state, people.stored_digest(row)) == ("submitted", people.digest_now(row))
