"""The statements that a database is asked, in whatever way they are given to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event

from contest.db import db, session


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that an application executes, without what begins and ends a transaction."""
    found: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT")):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(session, "observe", lambda sql, _: found.append(sql)):
            yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
