"""The statements that a database is asked, in whatever way they are given to it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event

from contest.db import Frozen, alone, db

Asked = tuple[str, Any]  # a statement and its values
_BOUNDS = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT")


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that an application executes, without what begins and ends a transaction."""
    found: list[str] = []

    def note(statement: str) -> None:
        if not statement.startswith(_BOUNDS):
            found.append(statement)

    with _others(app, lambda statement, _: found.append(statement)), patch.object(alone, "observe", note):
        yield found


@contextmanager
def recorded(app: Flask) -> Iterator[list[Asked]]:
    """Collect them with their values."""
    found: list[Asked] = []
    execute = alone.execute_on

    def note(driver: Any, statement: Frozen, params: Mapping[str, Any]) -> Any:
        ready = statement.ready(db.engine.dialect)
        found.append((ready.sql(params), ready.values(params)))
        return execute(driver, statement, params)

    with _others(app, lambda *asked: found.append(asked)), patch.object(alone, "execute_on", note):
        yield found


@contextmanager
def _others(app: Flask, tell: Callable[[str, Any], None]) -> Iterator[None]:
    """Tell of the statements that go through SQLAlchemy, with their values."""
    with app.app_context():
        engine = db.engine

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if not statement.startswith(_BOUNDS):
            tell(statement, values)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
