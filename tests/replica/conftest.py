"""The application on a database with a real streaming replica, which tests hold back, silence, end and start again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from flask import Flask

from contest import clock as clock_module
from contest.db import alone, reading
from contest.gateways import metrics
from contest.services import replicas
from tests import fronts, people, servers
from tests.conftest import Clock
from tests.counting import counted
from tests.services.crowd import take


class Replicated:
    """An application, its replica as the program knows it, and as it is; and a round in which people have taken part."""

    def __init__(self, app: Flask, standby: fronts.Standby) -> None:
        self.app, self.standby = app, standby
        own = replicas.find(app)
        assert own is not None
        self.own, self.code = own, ""
        own.is_kept = True  # by the tests, which look when they want to

    def look(self) -> None:
        self.own.note()
        self.own.look()

    def catch_up(self) -> None:
        """Let the replica have everything by now, and the program know that."""
        at = clock_module.ticks()
        self.standby.catch_up()
        self.look()
        assert self.own.is_used(at)

    def read_there(self) -> list[str]:
        """Return what was read on the replica since this was last asked."""
        found, self._seen = self.standby.statements(), getattr(self, "_seen", 0)
        new, self._seen = found[self._seen :], len(found)
        return new

    @contextmanager
    def asked_of_primary(self) -> Iterator[list[str]]:
        """Collect the statements that the primary is asked, and not the replica."""
        found: list[str] = []

        def note(said: str) -> None:
            if reading.elsewhere() is None:
                found.append(said)

        with counted(self.app) as asked, patch.object(alone, "observe", note):
            yield found
            found += asked

    def counts(self) -> dict[str, float]:
        """Return how many readings were done where."""
        return {at: n for (name, at), n in metrics._counts.events.items() if name == "hoithi_readings"}


@pytest.fixture(scope="session")
def standby(postgres: servers.Postgres) -> Iterator[fronts.Standby]:
    """Run a replica that gives readers up soon rather than fall behind."""
    told = {"hot_standby_feedback": "off", "max_connections": "200"}
    soon = {f"max_standby_{of}_delay": "100ms" for of in ("streaming", "archive")}
    with fronts.standby(postgres, **told, **soon) as found:
        yield found


@pytest.fixture
def read_url(postgres: servers.Postgres, postgres_url: str, standby: fronts.Standby) -> Iterator[str]:
    """Return where the replica of the test's database is read."""
    standby.catch_up()
    yield postgres_url.replace(f":{postgres.port}/", f":{standby.port}/")
    standby.go_on()
    if not standby.answers():
        standby.start()
    standby.let_on()


@pytest.fixture
def app(make_app: Callable[..., Flask], postgres_url: str, read_url: str) -> Flask:
    metrics.forget()
    return make_app(postgres_url, READ_DATABASE_URL=read_url, METRICS_TOKEN="a-token-of-the-tests")


@pytest.fixture
def empty(app: Flask, standby: fronts.Standby, clock: Clock) -> Replicated:
    """Return a contest with one round that is open, in which nobody has taken part."""
    found = Replicated(app, standby)
    with app.app_context():
        people.organisation()
        (found.code,) = people.contest(rounds=[{"attempts_allowed": None}])
    found.catch_up()
    found.read_there()
    return found


@pytest.fixture
def house(empty: Replicated, clock: Clock) -> Replicated:
    """Return the same, once four people have taken part."""
    with empty.app.app_context():
        for n, right in enumerate((3, 2, 2, 1)):
            take(empty.code, people.member(f"p{n}", "A1" if n % 2 else "B1"), clock, right, 2, 60 + n)
    empty.catch_up()
    empty.read_there()
    return empty
