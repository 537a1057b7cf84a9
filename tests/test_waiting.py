"""SQLite's one writer, which another process has: whoever needs it waits, and keeps nobody from reading meanwhile."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from pysqlite3 import dbapi2 as sqlite3  # two libraries in one process would drop each other's locks

from contest.db import db, transaction, waiting
from contest.gateways import turns
from tests.conftest import Clock
from tests.test_together import Crowd

SOON, LONG = 0.4, 20.0  # seconds


@pytest.fixture
def crowd(app: Flask, sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    found = Crowd(app, sqlite_url.removeprefix("sqlite:///"))
    monkeypatch.setattr(app, "wsgi_app", turns.Turns(app.wsgi_app))
    monkeypatch.setattr(waiting.crowd, "leave", turns.leave)
    return found


@pytest.fixture
def other(crowd: Crowd) -> Iterator[Any]:
    """A connection of another process, as it were."""
    with closing(sqlite3.connect(crowd.path, isolation_level=None)) as connection:
        yield connection


@contextmanager
def asked(*acts: Callable[[], Any]) -> Iterator[list[Future[Any]]]:
    """Ask for everything at once, and let as much time pass as it would take if nothing was in its way."""
    with ThreadPoolExecutor(len(acts)) as pool:
        found = [pool.submit(act) for act in acts]
        time.sleep(SOON)
        yield found


def look(crowd: Crowd) -> int:
    return crowd.app.test_client().get(f"/rounds/{crowd.takers[0].round}/standings").status_code


def acts(crowd: Crowd, kind: str, count: int) -> list[Callable[[], Any]]:
    """Return what needs the writer, by so many people: a statement that stands alone, or a command of several."""
    people = crowd.takers[:count]
    if kind == "save":
        return [partial(crowd.save, taker) for taker in people]
    return [lambda taker=taker: taker.submit().status_code for taker in people]  # type: ignore[misc]


@pytest.mark.parametrize(("kind", "answer"), [("save", (200, 1)), ("submit", 303)])
@pytest.mark.parametrize("count", [1, waiting.APART])
def test_who_reads_does_not_wait_for_who_needs_the_writer(
    crowd: Crowd, other: Any, kind: str, answer: Any, count: int
) -> None:
    other.execute("BEGIN IMMEDIATE")
    with asked(*acts(crowd, kind, count)) as found:
        with asked(partial(look, crowd)) as looked:
            assert looked[0].result(LONG) == 200
        assert not any(one.done() for one in found)
        other.execute("ROLLBACK")
        assert [one.result(LONG) for one in found] == [answer] * count


def test_no_more_go_on_beside_the_others_than_there_are_connections_for(crowd: Crowd, other: Any) -> None:
    other.execute("BEGIN IMMEDIATE")
    with asked(*acts(crowd, "save", waiting.APART + 1)) as found, asked(partial(look, crowd)) as looked:
        assert not any(one.done() for one in (*found, *looked))
        other.execute("ROLLBACK")
        assert [one.result(LONG) for one in found] == [(200, 1)] * (waiting.APART + 1)
        assert looked[0].result(LONG) == 200


def test_saves_that_go_together_keep_their_turn(crowd: Crowd, other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next would wait for the lock that they hold, with the turn that these would need."""
    monkeypatch.setattr("contest.db.together.SLOW", 0)
    monkeypatch.setattr("contest.db.together._lasted", 0.001)
    monkeypatch.setattr(waiting.crowd, "is_waiting", lambda: True)
    other.execute("BEGIN IMMEDIATE")
    with asked(*acts(crowd, "save", 4)) as found:
        assert not any(one.done() for one in found)
        other.execute("ROLLBACK")
        assert [one.result(LONG) for one in found] == [(200, 1)] * 4


def test_writer_that_does_not_come_free_is_given_up(crowd: Crowd, other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", SOON)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with crowd.app.app_context(), pytest.raises(sa.exc.OperationalError, match="locked"), transaction():
        db.session.execute(sa.text("DELETE FROM editions"))
    assert SOON <= time.monotonic() - began < LONG
    other.execute("ROLLBACK")
    with crowd.app.app_context(), transaction():
        assert db.session.scalar(sa.text("SELECT count(*) FROM attempts")) == len(crowd.takers)


def test_what_else_fails_is_not_tried_again() -> None:
    tried = []

    def work() -> None:
        tried.append(1)
        raise sa.exc.OperationalError("SELECT", None, sqlite3.OperationalError("no such table: it"))

    with pytest.raises(sa.exc.OperationalError, match="no such table"):
        waiting.for_writer(work)
    assert tried == [1]
