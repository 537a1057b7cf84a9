"""One session, one way to change things.

Reading runs in autocommit (a request never holds a transaction open); changing runs inside `transaction()`, which
alone commits. On SQLite a change begins with BEGIN IMMEDIATE, so that two writers wait instead of failing late.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.dml import Insert

from contest.db.frozen import Frozen, Row

running: ContextVar["Command | None"] = ContextVar("command", default=None)
_edition: ContextVar[list[int] | None] = ContextVar("edition", default=None)  # of a request, once it knows


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def is_writing() -> bool:
    """Say whether this is inside a transaction."""
    return running.get() is not None


def is_changing() -> bool:
    """Say whether this is inside a transaction that changes what many people's pages share."""
    command = running.get()
    return command is not None and command.is_shared


class _Session(FlaskSession):
    """Reads on an autocommit engine; inside `transaction()` on the plain one."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        engine = super().get_bind(*args, **kwargs)
        return engine if is_writing() or isinstance(engine, Connection) else autocommit(engine)


db = SQLAlchemy(model_class=Base, session_options={"class_": _Session, "expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

_kept: dict[
    Engine, list[Connection]
] = {}  # connections in autocommit, of whoever needs one for a statement that stands alone
observe: Callable[[str], None] | None = (
    None  # is told every frozen statement as it is executed; for tests that count them
)

_MOVE = "INSERT INTO editions (id, number) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET number = editions.number + 1"
_NEW_EDITION = sa.text(_MOVE)

_autocommit: dict[Engine, Engine] = {}


def autocommit(engine: Engine) -> Engine:
    """Return the engine in which every statement commits by itself; it shares the pool of the given one."""
    if engine not in _autocommit:
        _autocommit[engine] = engine.execution_options(isolation_level="AUTOCOMMIT")
    return _autocommit[engine]


class Command:
    """One transaction: what it asks to be done after it, and whether it changes what many people's pages share."""

    def __init__(self) -> None:
        self.after: list[Callable[[], None]] = []
        self.is_shared = False


@contextmanager
def transaction(*, shared: bool = True) -> Iterator[None]:
    """Carry out one command: commit at its end, roll back on any exception; nested calls join the outermost.

    A command makes a new edition of what many people's pages share, and every process reads that anew (`editions`).
    `shared` is False for those alone that everybody gives by the thousand and that change nothing of it.
    """
    outer = running.get()
    if outer is not None:
        outer.is_shared |= shared
        yield
        return
    db.session.rollback()  # ends the reading so far; nothing is ever pending outside a transaction
    command = Command()
    command.is_shared = shared
    mark = running.set(command)
    try:
        yield
        if command.is_shared:
            db.session.execute(_NEW_EDITION)  # last of all, so that its row is held for the commit alone
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        running.reset(mark)
    if command.is_shared:
        look_again()
    for callback in command.after:
        callback()


def begin_request() -> None:
    """Know nothing yet of the edition that this request reads by; from its end on it is asked for each time."""
    _edition.set([])


def end_request(_: BaseException | None = None) -> None:
    _edition.set(None)


def know_edition(number: int) -> None:
    """Tell the request by which edition it reads; a statement that it needs anyway has brought the number along."""
    known = _edition.get()
    if known is not None:
        known[:] = [number]


def known_edition() -> int | None:
    known = _edition.get()
    return known[0] if known else None


def look_again() -> None:
    """Ask for the edition anew: what was read by the former has been found to be of the past."""
    known = _edition.get()
    if known is not None:
        known.clear()


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the outermost transaction has committed; at once when there is none."""
    command = running.get()
    if command is None:
        callback()
    else:
        command.after.append(callback)


def append(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    """Execute one statement that commits by itself and return its rows; it is durable when this returns.

    Where the connection turns out to be gone it is asked once more on a new one, and may then have been carried out twice.
    """
    return _alone(statement, params)


def ask(statement: Frozen, params: Mapping[str, Any] | None = None) -> list[Row]:
    """Read rows by a frozen statement, inside the transaction where there is one."""
    return _inside(statement, params or {})[0] if is_writing() else _alone(statement, params or {})


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
    try:
        return _on_a_kept_one(statement, params)
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
    release()  # when one has gone, the others have most likely gone with it
    return _on_a_kept_one(statement, params)


def _on_a_kept_one(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    engine = db.engine
    kept = _kept.setdefault(engine, [])
    try:
        connection = kept.pop()
    except IndexError:
        connection = autocommit(engine).connect()
        connection.detach()  # the pool has no more to do with it
    driver = connection.connection.dbapi_connection
    try:
        found = execute_on(driver, statement, params)[0]
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            connection.invalidate()
            connection.close()
        else:
            kept.append(connection)
        raise
    kept.append(connection)
    return found


def release() -> None:
    """Close the connections that this process keeps for what stands alone."""
    for kept in _kept.values():
        while kept:
            kept.pop().close()
    _kept.clear()


os.register_at_fork(after_in_child=_kept.clear)  # a connection is one process's


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


def rows(statement: sa.Executable, params: dict[str, Any] | None = None) -> list[sa.Row[Any]]:
    """Read rows through the session's connection."""
    return list(db.session.execute(statement, params or {}).all())


def insert(table: Any) -> Any:
    """Return the dialect's INSERT, which knows ON CONFLICT on both databases."""
    return (sqlite if is_sqlite() else postgresql).insert(table)


def put(table: Any, names: Sequence[str], given: Iterable[Sequence[Any]]) -> None:
    """Insert many rows inside the transaction, each a sequence of the named columns' values, as the driver is fastest."""
    dialect, columns = db.engine.dialect, table.__table__.c
    binds = [(i, columns[name].type.dialect_impl(dialect).bind_processor(dialect)) for i, name in enumerate(names)]
    own = [(i, bind) for i, bind in binds if bind is not None]

    def plain() -> Iterator[list[Any]]:
        for row in given:
            values = list(row)
            for i, bind in own:
                values[i] = bind(values[i])
            yield values

    into = f"{table.__tablename__} ({', '.join(names)})"
    driver: Any = db.session.connection().connection.driver_connection
    if dialect.name == "sqlite":
        driver.executemany(f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})", plain())  # noqa: S608 – our own names
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in plain():
            copy.write_row(row)


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def rowcount(statement: Any, params: Any = None) -> int:
    """Execute a statement inside the transaction and return how many rows it touched."""
    if isinstance(statement, Insert):
        statement = statement.execution_options(preserve_rowcount=True)
    result: Any = db.session.execute(statement, params or {})
    return int(result.rowcount)
