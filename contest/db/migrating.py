"""What migrations need of SQLite, which rebuilds a table in order to alter it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection

from contest.db.session import Command, running


@contextmanager
def migrating(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table that others refer to: references rest meanwhile, and each step is a transaction.

    Ask `dangling` before a step is committed. PostgreSQL alters tables as they stand and needs nothing of this.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection  # a pragma inside a transaction would do nothing
    mark = running.set(Command())
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        running.reset(mark)
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def dangling(connection: Connection) -> list[tuple[Any, ...]]:
    """Return the rows of a SQLite database whose references lead nowhere."""
    if connection.dialect.name != "sqlite":
        return []
    return [tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
