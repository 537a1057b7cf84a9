"""What a connection is told when it is opened: SQLite its durable settings; PostgreSQL has them on its side."""

from functools import partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from contest.db import waiting
from contest.db.alone import command, release
from contest.db.session import is_writing

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16384")
_PREPARED = 500  # statements that a connection keeps; those that name a partition are as many as there are partitions


def prepare(engine: Engine) -> None:
    """Tell every connection of an engine, when it is opened, what it has to know; disposed of, it leaves none open."""
    event.listen(engine, "engine_disposed", lambda _: release())
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", keep_prepared)
        return

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(waiting.OF_READERS)
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if is_writing() and connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            driver: Any = connection.connection.dbapi_connection
            driver.execute(waiting.NO_PATIENCE)
            try:
                waiting.for_writer(partial(command, driver, "BEGIN IMMEDIATE"))
            finally:
                driver.execute(waiting.OF_READERS)


def keep_prepared(connection: Any, _record: Any) -> None:
    """Keep statements prepared, but none behind a pooler, which hands each transaction to any server process.

    It is told by another process answering than the connection was told of.
    """
    answering = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
    connection.rollback()
    connection.prepared_max = _PREPARED
    if answering != connection.info.backend_pid:
        connection.prepare_threshold = None
