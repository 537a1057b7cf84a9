"""Time goes wrong: the system's clock is stepped, two ends of an attempt meet, a reply is lost after its commit."""

import json
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, tzinfo
from http.client import HTTPConnection
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import clock as clock_module
from contest import worker
from contest.db import db
from contest.models.attempts import Attempt, Response
from contest.models.audit import AuditEntry
from contest.models.keys import AnswerKey
from contest.models.results import Result, Standing
from contest.rules.permissions import Actor
from contest.rules.windows import CLOSING_DELAY
from contest.services.attempts import closing, saving
from contest.web import attempts
from tests import people
from tests.conftest import Clock
from tests.web.test_attempts import Taker, count

HOUR = 3600.0
RACES = 200


# The system's clock is stepped (D9)


class System:
    """The system's wall clock, which may be stepped; the monotonic clock runs on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.step = 0.0
        really, system = time.time, self

        class Stepped(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + timedelta(seconds=system.step)

        monkeypatch.setattr(time, "time", lambda: really() + system.step)
        monkeypatch.setattr(clock_module, "datetime", Stepped)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    return System(monkeypatch)


@pytest.fixture
def sitting(app: Flask, database: str, system: System) -> Taker:
    """Let somebody sign in by the form and start, at the real time."""
    with app.app_context():
        people.organisation()
        code = people.contest()[0]
    taker = Taker(app, "m1", code)
    assert people.sign_in(taker.client, "m1").status_code == 303
    taker.token = people.csrf(taker.client)
    assert taker.start().status_code == 303
    return taker


def remaining(answer: Any) -> float:
    """Return the seconds that are left, by the two instants that a save is answered with."""
    assert answer.status_code == 200, answer.text
    ends_at, now = (datetime.fromisoformat(answer.json[name]) for name in ("ends_at", "now"))
    return (ends_at - now).total_seconds()


@pytest.mark.parametrize("step", [-HOUR, HOUR, -14 * 24 * HOUR, 14 * 24 * HOUR])
def test_step_of_the_system_clock_moves_nobodys_time(app: Flask, sitting: Taker, system: System, step: float) -> None:
    values = sitting.paper()[0]
    before = remaining(sitting.save(1, values[0], 1))
    system.step = step
    after = remaining(sitting.save(1, values[1], 2))
    assert 0 <= before - after <= 2
    worker.run_once(app)
    assert sitting.client.get(sitting.url).status_code == 200  # not closed, and still signed in
    with app.app_context():
        assert db.session.scalars(sa.select(Attempt.state)).all() == ["open"]
        saved = db.session.execute(sa.select(Response.saved_at).order_by(Response.revision)).scalars().all()
        assert saved == sorted(saved)
        assert (clock_module.has_stepped(), round(clock_module.drift().total_seconds())) == (True, step)
    assert sitting.submit().headers["location"].endswith("/receipt")
    with app.app_context():
        started, finished, ends = db.session.execute(
            sa.select(Attempt.started_at, Attempt.finished_at, Attempt.ends_at)
        ).one()
        assert started <= finished < ends
        assert db.session.scalars(sa.select(Result.duration_seconds)).one() < 60
        log = db.session.scalars(sa.select(AuditEntry.at).order_by(AuditEntry.id)).all()
        assert log == sorted(log)


@pytest.mark.parametrize("step", [-HOUR, HOUR])
def test_step_back_and_forth_leaves_the_time_where_it_was(sitting: Taker, system: System, step: float) -> None:
    value = sitting.paper()[0][0]
    before = remaining(sitting.save(1, value, 1))
    for number, system.step in enumerate([step, 0.0, -step, 0.0], 2):
        assert abs(remaining(sitting.save(1, value, number)) - before) <= 2
    assert clock_module.has_stepped() is False


def test_small_corrections_are_no_step(system: System) -> None:
    system.step = 1.5
    assert clock_module.has_stepped() is False
    system.step = -2.5
    assert clock_module.has_stepped() is True


def test_session_lasts_by_our_clock_and_among_nodes_that_differ(house: Flask, clock: Clock) -> None:
    client, begun = house.test_client(), clock.at
    with house.app_context():
        people.member("m1")
    assert people.sign_in(client, "m1").status_code == 303

    def status(at: datetime) -> int:
        clock.set(at)
        return client.get("/me").status_code

    fortnight, second = timedelta(days=14), timedelta(seconds=1)
    offsets = [timedelta(), -second, -timedelta(hours=1), fortnight, fortnight + second]
    assert [status(begun + offset) for offset in offsets] == [200, 200, 200, 200, 302]


# Two ends of an attempt meet (D7)


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> Flask:
    with app.app_context():
        people.organisation()
    return app


def at_once(app: Flask, pool: ThreadPoolExecutor, *works: Callable[[], object]) -> list[object]:
    ready = Barrier(len(works))

    def one(work: Callable[[], object]) -> object:
        with app.app_context():
            ready.wait(30)
            return work()

    return list(pool.map(one, works))


def test_worker_and_person_closing_at_one_instant_end_in_one_finish(house: Flask, clock: Clock) -> None:
    """Every second time the person's form brings one more response, arriving in the last instant that counts."""
    with house.app_context():
        year = clock.at + timedelta(days=365)
        code = people.contest(rounds=({"attempts_allowed": None, "closes_at": year},))[0]
        who = people.member("m1")
    with house.app_context(), ThreadPoolExecutor(2) as pool:
        for number in range(RACES):
            race(house, pool, code, who, clock, brings=number % 2 == 1, person_first=number % 4 < 2)
    with house.app_context():
        results = db.session.execute(sa.select(Result.attempt_id, Result.number).order_by(Result.number)).all()
        assert [r.number for r in results] == list(range(1, RACES + 1))
        assert db.session.scalars(sa.select(Standing.attempts_used)).all() == [RACES]


def race(
    app: Flask, pool: ThreadPoolExecutor, code: str, who: Actor, clock: Clock, *, brings: bool, person_first: bool
) -> None:
    attempt = people.attempt(code, who)
    row = read(attempt)
    options = [item[1] for item in row.paper]
    saving.save(attempt, "1", 1, options[0][0], by=who, at=clock.at, arrived=clock.at)
    clock.set(row.accepts_until + CLOSING_DELAY)
    form = {"response-2": [options[1][0]], "revision-2": ["0"]} if brings else {}
    works: list[Callable[[], object]] = [
        closing.close_due,
        lambda: closing.submit(attempt, form, by=who, arrived=row.accepts_until),
    ]
    at_once(app, pool, *(reversed(works) if person_first else works))
    row = read(attempt)
    assert row.state in {"submitted", "expired"}
    assert row.finished_at == row.ends_at  # the late arrival is capped
    assert row.closed_at == clock.at
    finishes = sa.select(AuditEntry.action).where(
        AuditEntry.object_kind == "attempt", AuditEntry.object_id == row.id, AuditEntry.action != "attempt-started"
    )
    assert db.session.scalars(finishes).all() == [f"attempt-{row.state}"]
    counted = dict(
        db.session.execute(sa.select(Response.position, Response.value).where(Response.attempt_id == row.id)).all()
    )
    assert set(counted) == ({1, 2} if brings and row.state == "submitted" else {1})
    assert people.stored_digest(row) == people.digest_now(row)
    result = db.session.execute(sa.select(Result).where(Result.attempt_id == row.id)).scalars().one()
    assert (result.duration_seconds, result.correct_count) == (1200, right(row, counted))
    db.session.expunge_all()


def read(code: str) -> Attempt:
    query = sa.select(Attempt).where(Attempt.code == code).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def right(row: Attempt, values: dict[int, str | None]) -> int:
    weights = [
        db.session.scalars(sa.select(AnswerKey.weights).where(AnswerKey.version_id == version)).one()
        for version, _ in row.paper
    ]
    return sum(weights[p - 1][str(v).strip('"')] == "1" for p, v in values.items())


# A reply is lost after its commit (H13)


@pytest.fixture
def taker(house: Flask) -> Taker:
    with house.app_context():
        code = people.contest()[0]
    taker = Taker(house, "m1", code)
    assert taker.start().status_code == 303
    return taker


class Died(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("repeats", [1, 10])
def test_save_whose_process_dies_after_the_commit_is_repeated_as_the_same(
    taker: Taker, house: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch, repeats: int
) -> None:
    def die(outcome: saving.Outcome) -> None:
        raise Died

    value, saved_at = taker.paper()[0][0], clock.at
    with monkeypatch.context() as dying:
        dying.setattr(attempts, "acknowledge", die)
        with pytest.raises(Died):
            taker.save(1, value)
    for _ in range(repeats):
        clock.advance(seconds=7)
        again = taker.save(1, value)
        assert (again.status_code, again.json["revision"]) == (200, 1)
        assert datetime.fromisoformat(again.json["saved_at"]) == saved_at
    assert count(house, Response) == 1
    other = taker.save(1, taker.paper()[0][1])
    assert (other.status_code, other.json["code"], other.json["value"]) == (409, "conflict", value)


def test_reply_lost_on_the_way_from_a_real_server(app: Flask, database: str, live_server: str, tmp_path: Any) -> None:
    """Break the connection once the row is there, before anything of the reply is read."""
    with app.app_context():
        people.organisation()
        code = people.contest()[0]
    taker = Taker(app, "m1", code)
    assert taker.start().status_code == 303
    value = taker.paper()[0][0]
    Sent(live_server, taker, value).close_at_once(lambda: count(app, Response) == 1)
    with app.app_context():
        saved_at = db.session.scalars(sa.select(Response.saved_at)).one()
    for _ in range(3):
        status, body = Sent(live_server, taker, value).answer()
        assert (status, body["revision"]) == (200, 1)
        assert datetime.fromisoformat(body["saved_at"]) == saved_at.replace(
            microsecond=saved_at.microsecond // 1000 * 1000
        )
    assert count(app, Response) == 1


class Sent:
    """One save on its way over a connection of its own."""

    def __init__(self, address: str, taker: Taker, value: str) -> None:
        cookie = taker.client.get_cookie("hoithi-session")
        assert cookie is not None
        headers = {
            "Content-Type": "application/json",
            "Cookie": f"{cookie.key}={cookie.value}",
            "X-CSRFToken": taker.token,
        }
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
        body = json.dumps({"revision": 1, "value": value})
        self._connection.request("PUT", f"{taker.url}/responses/1", body, headers)

    def answer(self) -> tuple[int, dict[str, Any]]:
        response = self._connection.getresponse()
        body = json.loads(response.read())
        self._connection.close()
        return response.status, body

    def close_at_once(self, when: Callable[[], bool]) -> None:
        """Reset the connection when something is so."""
        until = time.monotonic() + 30
        while not when():
            assert time.monotonic() < until
            time.sleep(0.01)
        self._connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()
