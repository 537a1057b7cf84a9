"""Frozen statements as they are given to the driver: inside a transaction, or alone on a connection that is kept for that."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from contest.db import reading, session, waiting
from contest.db.frozen import Frozen, Row
from contest.db.session import autocommit, db, is_writing

_kept: dict[Engine, list[Connection]] = {}  # in autocommit, of whoever needs one for a statement that stands alone
# Is told every frozen statement as it is executed; for tests that count them.
observe: Callable[[str], None] | None = None


def append(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    """Execute one statement that commits by itself and return its rows; it is durable when this returns.

    Where the connection turns out to be gone it is asked once more on a new one, and may then have been carried out twice.
    """
    session.settle()
    reading.refuse_writing()
    return _alone(statement, params)


def ask(statement: Frozen, params: Mapping[str, Any] | None = None) -> list[Row]:
    """Read rows by a frozen statement, inside the transaction where there is one."""
    is_inside = is_writing() or reading.elsewhere() is not None
    return _inside(statement, params or {})[0] if is_inside else _alone(statement, params or {})


def tell(statement: Frozen, params: Mapping[str, Any]) -> int:
    """Execute a frozen statement inside the transaction and return how many rows it touched."""
    return _inside(statement, params)[1]


def change(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    """Execute a frozen statement inside the transaction and return the rows that it returns."""
    return _inside(statement, params)[0]


def _inside(statement: Frozen, params: Mapping[str, Any]) -> tuple[list[Row], int]:
    connection = db.session.connection()
    return execute_on(connection.connection.driver_connection, statement, params)


def _alone(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    return waiting.for_writer(partial(_on_a_living_one, statement, params))


def _on_a_living_one(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    try:
        return _on_a_kept_one(statement, params)
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
    release()  # when one has gone, the others have most likely gone with it
    return _on_a_kept_one(statement, params)


def _on_a_kept_one(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    connection = take()
    try:
        found = execute_on(connection.connection.dbapi_connection, statement, params)[0]
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            connection.invalidate()
            connection.close()
        else:
            give_back(connection)
        raise
    give_back(connection)
    return found


def take() -> Connection:
    """Return a connection in autocommit, which is the caller's alone until it is given back."""
    engine = db.engine
    try:
        return _kept.setdefault(engine, []).pop()
    except IndexError:
        connection = autocommit(engine).connect()
        connection.detach()  # the pool has no more to do with it
        if engine.dialect.name == "postgresql":
            _plan_once(connection)
        else:
            connection.exec_driver_sql(waiting.NO_PATIENCE)
        return connection


def _plan_once(connection: Connection) -> None:
    """Let each statement be planned once. All of them find few rows by keys, so that no values ask for another plan.

    Behind a pooler nothing is prepared, and what is set would be set for others.
    """
    driver: Any = connection.connection.dbapi_connection
    if driver.prepare_threshold is not None:
        driver.prepare_threshold = 0
        connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")


def give_back(connection: Connection) -> None:
    _kept.setdefault(db.engine, []).append(connection)


def release() -> None:
    """Close the connections that this process keeps for what stands alone."""
    for kept in _kept.values():
        while kept:
            kept.pop().close()
    _kept.clear()


os.register_at_fork(after_in_child=_kept.clear)  # a connection is one process's


def command(driver: Any, sql: str) -> None:
    """Tell a connection to begin or to end something."""
    if observe is not None:
        observe(sql)
    errors: Any = db.engine.dialect.loaded_dbapi
    try:
        driver.execute(sql)
    except errors.Error as error:
        raise sa.exc.DBAPIError.instance(sql, None, error, errors.Error) from error


def execute_on(driver: Any, statement: Frozen, params: Mapping[str, Any]) -> tuple[list[Row], int]:
    dialect = db.engine.dialect
    ready = statement.ready(dialect)
    sql = ready.sql(params)
    if observe is not None:
        observe(sql)
    values = ready.values(params)
    errors: Any = dialect.loaded_dbapi
    try:
        cursor = driver.execute(sql, values)
        # Fetched to the last before returning: SQLite commits no earlier.
        return ready.rows(cursor.fetchall()) if cursor.description else [], cursor.rowcount
    except errors.Error as error:
        is_gone = dialect.is_disconnect(error, driver, None)
        raised = sa.exc.DBAPIError.instance(sql, values, error, errors.Error, True, is_gone, dialect=dialect)
        raise raised from error
