"""A node says at once and in time whether it takes traffic, and judges nothing while it does not know the time."""

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from contest import clock as clock_module
from contest import config, worker
from contest.db import db, session, transaction
from contest.gateways.bounded import Bounded
from contest.models.attempts import Attempt, Response
from contest.models.jobs import Job, WorkerBeat
from contest.rules.permissions import SYSTEM
from contest.services import agreement, beats, health, jobs, readiness
from contest.services.jobs import Done
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.web.test_attempts import Taker, count


def problems(client: FlaskClient) -> list[str]:
    answer = client.get("/readyz")
    assert answer.json is not None
    assert answer.status_code == (200 if answer.json["ok"] else 503)
    return list(answer.json.get("problems", []))


def test_process_that_lives_asks_the_database_nothing(app: Flask) -> None:
    with counted(app) as found:
        assert app.test_client().get("/healthz").json == {"ok": True}
    assert found == []


def test_node_without_its_migrations_takes_no_traffic_until_it_has_them(app: Flask, database: str) -> None:
    client = app.test_client()
    with app.app_context():
        flask_migrate.downgrade(revision="-1")
        assert problems(client) == ["The database has not had all migrations of this program."]
        flask_migrate.upgrade()
    assert problems(client) == []


def test_node_of_an_older_program_goes_on_on_a_newer_database(app: Flask, database: str) -> None:
    with app.app_context():
        with transaction():
            db.session.execute(sa.text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))
        assert health.is_up_to_date(str(config.ROOT / "migrations"))
    assert problems(app.test_client()) == []


def test_what_cannot_change_is_asked_until_it_is_well_and_no_more(app: Flask, database: str) -> None:
    client = app.test_client()
    with counted(app) as first:
        assert problems(client) == []
    with counted(app) as later:
        assert problems(client) == []
    assert len(later) < len(first)
    assert len(later) <= 2


def test_full_disk_is_told_before_it_is_full(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    free = health.LEAST_FREE - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**30, 2**30 - free, free))
    assert problems(app.test_client()) == ["Only 99 MB are left on the disk of the database."]
    free = health.LEAST_FREE
    assert problems(app.test_client()) == []


def test_lax_database_is_told(app: Flask) -> None:
    with app.app_context():
        sa.event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        db.engine.dispose()
    (problem,) = problems(app.test_client())
    assert problem.startswith("SQLite does not run with synchronous=FULL")


def test_node_that_is_about_to_end_says_so_at_once(
    make_app: Callable[..., Flask], sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(sqlite_url, RUNTIME_PATH=str(tmp_path))
    assert problems(app.test_client()) == []
    (tmp_path / readiness.LEAVING).touch()
    monkeypatch.setattr(health, "is_reachable", lambda: pytest.fail("it asked the database"))
    assert problems(app.test_client()) == ["This server is shutting down."]


def test_database_that_hangs_is_not_waited_for(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = threading.Event()
    asked: list[int] = []

    def hang() -> bool:
        asked.append(1)
        hangs.wait(20)
        return True

    monkeypatch.setattr(readiness, "PATIENCE", 0.2)
    own = readiness.Readiness(app, str(config.ROOT / "migrations"), None)
    app.extensions["readiness"] = own
    monkeypatch.setattr(health, "is_reachable", hang)
    client = app.test_client()
    began = time.monotonic()
    for _ in range(3):
        assert problems(client) == ["The database does not answer within 0 s."]
    assert time.monotonic() - began < 5
    assert len(asked) == 1  # nobody asks a second time while the first waits
    hangs.set()
    time.sleep(0.3)
    assert problems(client) == []


def test_answer_that_is_kept_is_asked_for_once() -> None:
    asked: list[int] = []
    kept: Bounded[int] = Bounded(wait=5, kept=60)
    assert [kept(lambda: asked.append(1) or len(asked)) for _ in range(5)] == [1] * 5


def test_whoever_waits_gets_what_went_wrong() -> None:
    def fail() -> int:
        raise ValueError("wrong")

    own: Bounded[int] = Bounded(wait=5, kept=0)
    for _ in range(2):
        with pytest.raises(ValueError, match="wrong"):
            own(fail)


# The clock


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator["Machine"]:
    yield Machine(monkeypatch)
    clock_module.set_source(None)


class Machine:
    """Seconds by which three clocks are ahead of the truth: the machine's, its process's and the database's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.process = self.database = self.took = 0.0
        self._truth = datetime.now(UTC)
        monkeypatch.setattr(agreement, "is_sqlite", lambda: False)
        monkeypatch.setattr(agreement, "rows", self._ask)
        monkeypatch.setattr(clock_module, "drift", lambda: timedelta(seconds=self.wall - self.process))
        monkeypatch.setattr(clock_module, "anchor", self._anchor)
        clock_module.set_source(lambda: self._truth + timedelta(seconds=self.process))

    def _ask(self, _: Any) -> list[tuple[datetime]]:
        self._truth += timedelta(seconds=self.took)
        return [(self._truth - timedelta(seconds=self.took / 2) + timedelta(seconds=self.database),)]

    def _anchor(self) -> None:
        self.process = self.wall


@pytest.mark.parametrize(("seconds", "agrees"), [(0, True), (0.9, True), (-0.9, True), (1.1, False), (-1.1, False)])
def test_process_agrees_within_a_second(machine: Machine, seconds: float, agrees: bool) -> None:
    machine.wall = machine.process = seconds
    own = agreement.Agreement()
    assert (own.look(), round(own.skew, 3)) == (agrees, seconds)


def test_database_that_is_slow_to_say_is_not_taken_for_a_wrong_clock(machine: Machine) -> None:
    machine.took, machine.wall, machine.process = 3.0, 1.4, 1.4
    assert agreement.Agreement().look()


@pytest.mark.parametrize("seconds", [30.0, -30.0])
def test_process_that_began_with_a_wrong_time_takes_the_right_one_once_the_machine_has_it(
    machine: Machine, seconds: float
) -> None:
    machine.wall = machine.process = seconds
    own = agreement.Agreement()
    assert not own.look()
    machine.wall = 0.0
    assert own.look()
    assert machine.process == 0.0
    assert own.look()


@pytest.mark.parametrize("seconds", [30.0, -30.0])
def test_step_of_the_machine_that_the_database_is_on_too_moves_nobodys_time(machine: Machine, seconds: float) -> None:
    """D9: one machine for both, its clock is set; the process had agreed, and keeps its time."""
    own = agreement.Agreement()
    assert own.look()
    machine.wall = machine.database = seconds
    assert own.look()
    assert machine.process == 0.0


def test_process_whose_database_moved_away_stops_and_goes_on_when_it_is_back(machine: Machine) -> None:
    own = agreement.Agreement()
    assert own.look()
    machine.database = 30.0
    assert not own.look()
    machine.database = 0.0
    assert own.look()


def test_sqlite_has_no_other_clock(context: Flask) -> None:
    own = agreement.current()
    assert (own.look(), own.has_agreed) == (True, False)


def test_nothing_is_judged_while_the_time_is_not_known(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        people.organisation()
        code = people.contest()[0]
    taker, other = Taker(app, "m1", code), Taker(app, "m2", code)
    assert taker.start().status_code == 303
    option = taker.paper()[0][0]
    agreement.of(app).stops = True
    token = {"csrf_token": taker.token}
    answers = [
        taker.save(1, option),
        taker.client.post(f"{taker.url}/responses", data=token),
        taker.client.post(f"{taker.url}/step", data=token),
        taker.client.post(f"{taker.url}/files/1", data=token),
        taker.submit(),
        other.start(),
    ]
    assert [(a.status_code, a.headers["Retry-After"]) for a in answers] == [(503, "5")] * 6
    assert answers[0].json["code"] == "unavailable"
    assert (count(app, Response), count(app, Attempt)) == (0, 1)
    assert taker.client.get(taker.url).status_code == 200
    agreement.of(app).stops = False
    assert taker.save(1, option).status_code == 200


# The worker


def test_worker_closes_nothing_while_it_does_not_know_the_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    monkeypatch.setattr(worker, "run_once", lambda *_: ran.append(1))
    own = agreement.of(app)
    for agrees in (True, False, True):
        monkeypatch.setattr(agreement.Agreement, "look", lambda _, says=agrees: says)
        worker._turn(app, beats.Beat(), threading.Event(), sweeps=False)
    assert (len(ran), own.stops) == (2, False)


def test_worker_that_lives_says_so_a_few_times_a_minute(context: Flask, database: str, clock: Clock) -> None:
    own = beats.Beat()
    seen = []
    for _ in range(25):
        own.beat(clock.at)
        seen.append(db.session.scalar(sa.select(WorkerBeat.beat_at)))
        clock.advance(seconds=1)
    assert len(set(seen)) == 3
    clock.advance(days=2)
    beats.sweep(clock.at)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(WorkerBeat)) == 0


def _job(app: Flask, kind: str) -> None:
    with app.app_context(), transaction():
        jobs.ask(kind, {}, by=SYSTEM, at=clock_module.now())


def _states(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [tuple(row) for row in db.session.execute(sa.select(Job.kind, Job.state).order_by(Job.id))]


def test_worker_that_is_asked_to_end_begins_no_further_job(
    app: Flask, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()

    def first(*_: Any) -> Done:
        asked.set()
        return Done({})

    monkeypatch.setitem(worker.JOBS, "first", first)
    for kind in ("first", "second"):
        _job(app, kind)
    worker.run_once(app, asked)
    assert _states(app) == [("first", "done"), ("second", "waiting")]


def test_job_in_hand_is_given_back_when_its_time_is_over(
    app: Flask, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is asked to end in the middle of a job that writes and would go on for a minute."""
    ending = worker.Ending()

    def long(*_: Any) -> Done:
        with transaction():
            db.session.execute(sa.update(Job).values(done=7))
            ending.ask()
            time.sleep(60)
        return Done({})

    monkeypatch.setattr(worker, "GRACE", 0.3)
    monkeypatch.setitem(worker.JOBS, "long", long)
    _job(app, "long")
    before = signal.getsignal(signal.SIGALRM)
    began = time.monotonic()
    try:
        worker.work(app, ending)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - began < 20
    assert not session.gives_way
    with app.app_context():
        (job,) = db.session.scalars(sa.select(Job))
        assert (job.state, job.started_at, job.done) == ("waiting", None, 0)
        again = jobs.claim(clock_module.now())
        assert again is not None
        assert again.id == job.id
