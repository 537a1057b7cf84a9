"""The statements that a database is asked, in whatever way they are given to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from contest.db import db, session


def engine_of(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that are executed, without what begins and ends a transaction."""
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT")):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(session, "observe", found.append):
            yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
