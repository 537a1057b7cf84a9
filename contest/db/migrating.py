"""What migrations need: of SQLite, which rebuilds a table in order to alter it, and of PostgreSQL, while people save."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection

from contest.db.session import Command, running
from contest.db.spreading import PARTITIONS, SPREAD


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


def add_index(name: str, table: str, *columns: str) -> None:
    """Add an index, in a migration, while people save: on PostgreSQL without holding anybody up, partition by partition."""
    from alembic import op

    context = op.get_context()
    if context.dialect.name != "postgresql":
        op.create_index(name, table, columns)
        return
    named = ", ".join(columns)
    with context.autocommit_block():
        if table not in SPREAD:
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {table} ({named})")
            return
        op.execute(f"CREATE INDEX {name} ON ONLY {table} ({named})")
        for number in range(PARTITIONS):
            own = f"{name}_{number:02d}"
            op.execute(f"CREATE INDEX CONCURRENTLY {own} ON {table}_{number:02d} ({named})")
            op.execute(f"ALTER INDEX {name} ATTACH PARTITION {own}")
