"""The statements that a database is asked, in whatever way they are given to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event

from contest.db import db, session

Asked = tuple[str, Any]  # a statement and its values


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that an application executes, without what begins and ends a transaction."""
    found: list[str] = []
    with _watched(app, lambda statement, _: found.append(statement)):
        yield found


@contextmanager
def recorded(app: Flask) -> Iterator[list[Asked]]:
    """Collect them with their values."""
    found: list[Asked] = []
    with _watched(app, lambda statement, values: found.append((statement, values))):
        yield found


@contextmanager
def _watched(app: Flask, tell: Callable[[str, Any], None]) -> Iterator[None]:
    with app.app_context():
        engine = db.engine

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT")):
            tell(statement, values)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(session, "observe", tell):
            yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
