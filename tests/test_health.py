"""Durability, libraries, migrations and clocks are looked at before anything is acknowledged."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pysqlite3 import dbapi2
from sqlalchemy import event

from contest import clock as clock_module
from contest import worker
from contest.db import autocommit, db, transaction
from contest.services import health
from tests import servers


@pytest.mark.parametrize(
    ("version", "is_fixed"),
    [
        ("3.40.1", False),  # Debian 12
        ("3.44.5", False),
        ("3.44.6", True),  # backport
        ("3.45.0", False),
        ("3.50.6", False),
        ("3.50.7", True),  # backport
        ("3.51.0", False),
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.53.4", True),
        ("4.0.0", True),
    ],
)
def test_sqlite_libraries_with_the_bug_of_the_log_are_known(version: str, is_fixed: bool) -> None:
    assert health.is_fixed_sqlite(version) is is_fixed


def test_the_library_that_is_shipped_is_free_of_it(context: Flask) -> None:
    assert health.is_fixed_sqlite(dbapi2.sqlite_version)
    assert db.session.scalar(sa.text("SELECT sqlite_version()")) == dbapi2.sqlite_version


def test_database_is_durable_and_up_to_date(context: Flask, database: str) -> None:
    assert (health.durability_problems(), health.pending_migrations("migrations")) == ((), ())
    assert health.is_reachable()
    worker.refuse_lax(context)


PRAGMAS = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10000}


@pytest.mark.parametrize("pragma", PRAGMAS)
def test_every_connection_to_sqlite_is_durable(context: Flask, pragma: str) -> None:
    """Hold it for the reading connections and the writing ones, of which the pool opens several."""
    for engine in (db.engine, autocommit(db.engine)):
        with engine.connect() as one, engine.connect() as two:
            found = [c.exec_driver_sql(f"PRAGMA {pragma}").scalar() for c in (one, two)]
        assert found == [PRAGMAS[pragma]] * 2


def test_a_change_on_sqlite_takes_the_lock_at_its_beginning(context: Flask, sqlite_url: str) -> None:
    other = dbapi2.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0)
    with transaction():
        db.session.execute(sa.text("SELECT 1"))
        with pytest.raises(dbapi2.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.parametrize(
    ("lax", "said"),
    [
        ("synchronous=NORMAL", "SQLite does not run with synchronous=FULL: acknowledged answers could be lost."),
        ("synchronous=OFF", "SQLite does not run with synchronous=FULL: acknowledged answers could be lost."),
        ("journal_mode=DELETE", "SQLite does not run in WAL mode."),
    ],
)
def test_lax_sqlite_is_not_served(app: Flask, lax: str, said: str) -> None:
    with app.app_context():
        event.listen(db.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {lax}"))
        db.engine.dispose()
    with pytest.raises(SystemExit) as refused:
        worker.refuse_lax(app)
    assert str(refused.value) == said


@pytest.mark.postgres
def test_lax_postgresql_is_not_served(
    make_app: Callable[..., Flask], postgres: servers.Postgres, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    postgres.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(SystemExit) as refused:
        worker.refuse_lax(make_app(postgres_url))
    assert str(refused.value) == "PostgreSQL runs with synchronous_commit=off: acknowledged answers could be lost."


@pytest.mark.postgres
def test_strict_postgresql_is_served(
    make_app: Callable[..., Flask], postgres: servers.Postgres, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    postgres.run(f"ALTER DATABASE {name} SET synchronous_commit = remote_apply")
    worker.refuse_lax(make_app(postgres_url))


@pytest.mark.postgres
@pytest.mark.parametrize(("seconds", "status"), [(-1.5, 503), (-0.5, 200), (0.5, 200), (1.5, 503)])
def test_a_node_whose_clock_is_off_takes_no_traffic(
    make_app: Callable[..., Flask], postgres_url: str, seconds: float, status: int
) -> None:
    client = make_app(postgres_url).test_client()
    clock_module.set_source(lambda: datetime.now(UTC) + timedelta(seconds=seconds))
    try:
        answer = client.get("/readyz")
    finally:
        clock_module.set_source(None)
    assert answer.status_code == status
    if status == 503:
        assert answer.json is not None
        assert answer.json["problems"][0].startswith(
            f"This node's clock differs from the database's by {seconds:+.1f} s"
        )


@pytest.mark.parametrize(
    ("seconds", "problems"),
    [
        (2, ()),
        (2.1, ("The system clock was stepped by +2.1 s; deadlines keep.",)),
        (-3600, ("The system clock was stepped by -3600.0 s; deadlines keep.",)),
    ],
)
def test_a_stepped_clock_is_told_and_stops_nothing(
    client: FlaskClient, context: Flask, monkeypatch: pytest.MonkeyPatch, seconds: float, problems: tuple[str, ...]
) -> None:
    monkeypatch.setattr(clock_module, "drift", lambda: timedelta(seconds=seconds))
    assert health.clock_problems() == problems
    assert client.get("/readyz").status_code == 200


def test_process_is_alive_whatever_the_clock_says(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "drift", lambda: timedelta(hours=1))
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"ok": True})
