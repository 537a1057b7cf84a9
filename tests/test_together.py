"""Saves that wait together on SQLite: committed together, each answered after its commit, and none for another's fault."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from pysqlite3 import dbapi2 as sqlite3  # two libraries in one process would drop each other's locks

from contest.db import alone, db, together
from contest.gateways import turns
from contest.models.attempts import Attempt, Response
from contest.models.results import Result
from tests import people
from tests.conftest import Clock
from tests.web.test_attempts import Taker

COUNT = 12


class Crowd:
    """People with running papers, at a server that takes turns."""

    def __init__(self, app: Flask, path: str) -> None:
        self.app, self.path = app, path
        with app.app_context():
            people.organisation()
            (code,) = people.contest()
        self.takers = [Taker(app, f"m{n}", code) for n in range(1, COUNT + 1)]
        for taker in self.takers:
            assert taker.start().status_code == 303
        with app.app_context():
            self.papers = dict(db.session.execute(sa.select(Attempt.code, Attempt.paper)).all())

    def save(self, taker: Taker, choice: int = 0, revision: int = 1) -> tuple[int, int]:
        """Save an answer to the first question; return the status and how many commits had been made when it came."""
        option = self.papers[taker.url.rsplit("/", 1)[1]][0][1][choice]
        status = taker.save(1, option, revision).status_code
        return status, self.stored(taker)

    def stored(self, taker: Taker) -> int:
        """Return how many of somebody's saves anybody else can read."""
        with closing(sqlite3.connect(self.path)) as other:
            found = "SELECT count(*) FROM responses r JOIN attempts a ON a.id = r.attempt_id WHERE a.code = ?"
            return int(other.execute(found, (taker.url.rsplit("/", 1)[1],)).fetchone()[0])

    @contextmanager
    def at_once(self, *acts: Callable[[], Any]) -> Iterator[list[Future[Any]]]:
        """Let all acts wait for the turn, and then take it one after the other."""
        with ThreadPoolExecutor(len(acts)) as pool:
            assert turns._turn.take()
            try:
                asked = [pool.submit(act) for act in acts]
                while turns._turn.waiting < len(acts):
                    time.sleep(0.005)
            finally:
                turns._turn.leave()
            yield asked


@pytest.fixture
def crowd(app: Flask, sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    found = Crowd(app, sqlite_url.removeprefix("sqlite:///"))
    monkeypatch.setattr(app, "wsgi_app", turns.Turns(app.wsgi_app))
    monkeypatch.setattr(together.crowd, "is_waiting", turns.is_waited_for)
    monkeypatch.setattr(together.crowd, "leave", turns.leave)
    monkeypatch.setattr(together, "SLOW", 0)  # any disk is
    monkeypatch.setattr(together, "_lasted", 0.001)
    return found


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what the database is told by statements that stand alone."""
    found: list[str] = []
    monkeypatch.setattr(alone, "observe", found.append)
    return found


def test_saves_that_wait_together_are_committed_together_and_answered_after_it(
    crowd: Crowd, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "_lasted", 20)
    monkeypatch.setattr(together, "LONGEST", 20)
    with crowd.at_once(*(lambda taker=taker: crowd.save(taker) for taker in crowd.takers)) as asked:  # type: ignore[misc]
        assert [a.result(30) for a in asked] == [(200, 1)] * COUNT
    assert [told.count(sql) for sql in ("BEGIN IMMEDIATE", "COMMIT")] == [1, 1]


def test_save_behind_which_nobody_comes_to_their_turn_is_committed_all_the_same(
    crowd: Crowd, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together.crowd, "is_waiting", lambda: True)
    assert crowd.save(crowd.takers[0]) == (200, 1)
    assert told.count("COMMIT") == 1


def test_whoever_changes_something_else_first_has_the_open_saves_committed(
    crowd: Crowd, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "_lasted", 20)
    monkeypatch.setattr(together, "LONGEST", 20)
    saving, handing = crowd.takers[:-1], crowd.takers[-1]
    acts: list[Callable[[], Any]] = [lambda one=one: crowd.save(one) for one in saving]  # type: ignore[misc]
    began = time.monotonic()
    with crowd.at_once(*acts, lambda: handing.submit().status_code) as asked:
        assert [a.result(30) for a in asked] == [*[(200, 1)] * len(saving), 303]
    assert time.monotonic() - began < 15
    assert 1 <= told.count("COMMIT") <= 2


def test_saves_on_a_fast_disk_go_one_by_one_until_one_takes_long(
    crowd: Crowd, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "SLOW", 5)
    acts: list[Callable[[], Any]] = [lambda taker=taker: crowd.save(taker) for taker in crowd.takers]  # type: ignore[misc]
    with crowd.at_once(*acts) as asked:
        assert [a.result(30) for a in asked] == [(200, 1)] * COUNT
    assert "COMMIT" not in told
    monkeypatch.setattr(together, "_lasted", 5)
    acts = [lambda taker=taker: crowd.save(taker, 1, 2) for taker in crowd.takers]  # type: ignore[misc]
    with crowd.at_once(*acts) as asked:
        assert [a.result(30) for a in asked] == [(200, 2)] * COUNT
    assert "COMMIT" in told


def test_save_that_nobody_waits_behind_commits_by_itself(crowd: Crowd, told: list[str]) -> None:
    assert crowd.save(crowd.takers[0]) == (200, 1)
    assert "COMMIT" not in told


def test_no_answer_is_given_when_the_commit_fails(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    tell = alone.command

    def full(driver: Any, sql: str) -> None:
        if sql == "COMMIT":
            error = sqlite3.OperationalError("database or disk is full")
            raise sa.exc.OperationalError(sql, None, error)
        tell(driver, sql)

    monkeypatch.setattr(alone, "command", full)
    some = crowd.takers[:-1]  # and one alone behind them, whom nobody waits behind
    with crowd.at_once(*(lambda taker=taker: crowd.save(taker) for taker in some)) as asked:  # type: ignore[misc]
        found = [a.result(30) for a in asked]
    assert {status for status, _ in found} <= {200, 503}
    assert found.count((503, 0)) >= 2
    assert all(count == (status == 200) for status, count in found)
    monkeypatch.setattr(alone, "command", tell)
    assert [crowd.save(taker, revision=2)[0] for taker in crowd.takers] == [200] * COUNT


def test_statement_that_fails_takes_nobody_with_it(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    execute, unlucky = alone.execute_on, crowd.takers[3].url.rsplit("/", 1)[1]

    def failing(driver: Any, statement: Any, params: Any) -> Any:
        if params.get("code") == unlucky and "pos" in params:
            raise sa.exc.OperationalError("INSERT", None, sqlite3.OperationalError("interrupted"))
        return execute(driver, statement, params)

    monkeypatch.setattr(alone, "execute_on", failing)
    with crowd.at_once(*(lambda taker=taker: crowd.save(taker) for taker in crowd.takers)) as asked:  # type: ignore[misc]
        found = [a.result(30) for a in asked]
    assert found.pop(3) == (503, 0)
    assert found == [(200, 1)] * (COUNT - 1)


def test_one_save_sent_twice_into_a_crowd_is_one_row_and_two_acknowledgments(crowd: Crowd) -> None:
    taker, *others = crowd.takers
    acts = [lambda: crowd.save(taker), lambda: crowd.save(taker)]
    with crowd.at_once(*acts, *(lambda o=other: crowd.save(o) for other in others)) as asked:  # type: ignore[misc]
        assert [a.result(30) for a in asked] == [(200, 1)] * (COUNT + 1)


def test_refused_save_in_a_crowd_is_told_why(crowd: Crowd) -> None:
    taker, *others = crowd.takers
    assert crowd.save(taker, revision=5) == (200, 1)
    with crowd.at_once(
        lambda: crowd.save(taker, 1, revision=5),
        *(lambda o=other: crowd.save(o) for other in others),  # type: ignore[misc]
    ) as asked:
        assert asked[0].result(30) == (409, 1)
        assert [a.result(30) for a in asked[1:]] == [(200, 1)] * (COUNT - 1)


def test_papers_handed_in_amid_a_crowd_are_scored_with_what_was_acknowledged(crowd: Crowd, app: Flask) -> None:
    half = COUNT // 2
    saving, handing = crowd.takers[:half], crowd.takers[half:]
    assert [crowd.save(taker)[0] for taker in handing] == [200] * half

    def hand_in(taker: Taker) -> int:
        return int(taker.submit().status_code)

    acts: list[Callable[[], Any]] = []
    for one, other in zip(saving, handing, strict=True):
        acts += [lambda one=one: crowd.save(one)[0], lambda other=other: hand_in(other)]  # type: ignore[misc]
    with crowd.at_once(*acts) as asked:
        assert sorted(a.result(30) for a in asked) == [200] * half + [303] * half
    with app.app_context():
        answered = sa.select(Result.attempt_id, Result.points).where(
            Result.attempt_id.in_(sa.select(Response.attempt_id))
        )
        assert len(db.session.execute(answered).all()) == half
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Response)) == COUNT
