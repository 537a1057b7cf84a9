"""PgBouncer as it is shipped, in transaction mode: the program finds out by itself, and leaves nothing on a connection."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import flask_migrate
import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import autocommit, db
from contest.models.attempts import Response
from contest.services import health
from tests import fronts, people, servers
from tests.web.test_attempts import Taker, count

pytestmark = pytest.mark.postgres
OFTEN = 12  # psycopg prepares a statement when it sees it for the sixth time


@pytest.fixture
def pooled(postgres: servers.Postgres, postgres_template: str) -> Iterator[str]:
    """Return the address of a fresh database by way of PgBouncer."""
    name = postgres.create(template=postgres_template)
    with fronts.shared_folder() as folder, fronts.pgbouncer(folder, postgres.port) as port:
        yield postgres.url(name).replace(f":{postgres.port}/", f":{port}/")
    postgres.drop(name)


def thresholds(app: Flask) -> set[int | None]:
    """Return from how many times on the connections of the program prepare a statement."""
    with app.app_context(), db.engine.connect() as one, autocommit(db.engine).connect() as two:
        return {connection.connection.driver_connection.prepare_threshold for connection in (one, two)}


def test_nothing_is_prepared_behind_a_pooler(make_app: Callable[..., Flask], pooled: str, postgres_url: str) -> None:
    assert thresholds(make_app(pooled)) == {None}
    assert thresholds(make_app(postgres_url)) == {5}


def test_what_is_prepared_would_break_there(make_app: Callable[..., Flask], pooled: str) -> None:
    """Were it not found out, one connection would meet what another has prepared."""
    app = make_app(pooled)
    with app.app_context(), autocommit(db.engine).connect() as one, autocommit(db.engine).connect() as two:
        for connection in (one, two):
            connection.connection.driver_connection.prepare_threshold = 0  # every statement at once
        one.execute(sa.text("SELECT 1"))
        with pytest.raises(sa.exc.DBAPIError, match="_pg3_0"):
            two.execute(sa.text("SELECT 2"))


def test_paper_is_taken_by_several_through_a_pooler(make_app: Callable[..., Flask], pooled: str) -> None:
    app = make_app(pooled)
    with app.app_context():
        people.organisation()
        code = people.contest()[0]
    takers = [Taker(app, f"m{n}", code) for n in range(4)]
    assert [taker.start().status_code for taker in takers] == [303] * 4

    def take(taker: Taker) -> list[int]:
        values = taker.paper()[0]
        statuses = [taker.save(1, values[n % 4], n + 1).status_code for n in range(OFTEN * 2)]
        return [*statuses, taker.submit().status_code]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(take, takers)) == [[200] * OFTEN * 2 + [303]] * 4
    assert count(app, Response) == OFTEN * 2 * 4


def test_migrations_leave_no_setting_on_a_connection(make_app: Callable[..., Flask], pooled: str) -> None:
    """What one session sets, the next transaction of another would find; so it is set for a transaction alone."""
    app = make_app(pooled)
    with app.app_context():
        flask_migrate.downgrade(revision="-1")
        flask_migrate.upgrade()
        assert health.pending_migrations("migrations") == ()
    with psycopg.connect(pooled.replace("+psycopg", "")) as connection:
        assert connection.execute("SHOW lock_timeout").fetchone() == ("0",)


def test_migration_gives_up_on_a_lock_that_does_not_come(make_app: Callable[..., Flask], postgres_url: str) -> None:
    app = make_app(postgres_url)
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as other, app.app_context():
        other.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        begun = time.monotonic()
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            flask_migrate.upgrade()
        assert 4 < time.monotonic() - begun < 15


def test_password_is_asked_for_on_both_sides() -> None:
    """With SCRAM before and behind, as it is deployed."""
    with fronts.shared_folder() as folder, servers.postgres(password_encryption="scram-sha-256") as cluster:
        cluster.run("CREATE ROLE hoithi LOGIN PASSWORD 'dung roi'")
        with fronts.pgbouncer(folder, cluster.port, password="dung roi") as port:
            found = [fronts.answers(port, "hoithi", password) for password in ("dung roi", "sai roi", "")]
    assert found == [True, False, False]
