"""The database: one session, one way to change things, and the column types that keep instants and points exact.

Reading runs in autocommit (a request never holds a transaction open); changing runs inside `transaction()`, which
alone commits. On SQLite a change begins with BEGIN IMMEDIATE, so that two writers wait instead of failing late.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.dml import Insert

from contest.db.frozen import Frozen, Row
from contest.db.types import POINT_PLACES, Points, UtcDateTime

__all__ = ["POINT_PLACES", "Frozen", "Points", "Row", "UtcDateTime"]

_writing: ContextVar[bool] = ContextVar("writing", default=False)
is_writing = _writing.get  # whether this is inside a transaction
_after: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)

_PRAGMAS = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536")


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


class _Session(FlaskSession):
    """Reads on an autocommit engine; inside `transaction()` on the plain one."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        engine = super().get_bind(*args, **kwargs)
        return engine if _writing.get() or isinstance(engine, Connection) else autocommit(engine)


db = SQLAlchemy(model_class=Base, session_options={"class_": _Session, "expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

_kept = threading.local()  # of each thread: a connection of its own for what stands alone
observe: Callable[[str], None] | None = (
    None  # is told every frozen statement as it is executed; for tests that count them
)

_autocommit: dict[Engine, Engine] = {}


def autocommit(engine: Engine) -> Engine:
    """Return the engine in which every statement commits by itself; it shares the pool of the given one."""
    if engine not in _autocommit:
        _autocommit[engine] = engine.execution_options(isolation_level="AUTOCOMMIT")
    return _autocommit[engine]


@contextmanager
def transaction() -> Iterator[None]:
    """Carry out one command: commit at its end, roll back on any exception; nested calls join the outermost."""
    if _writing.get():
        yield
        return
    db.session.rollback()  # ends the reading so far; nothing is ever pending outside a transaction
    mark, queue = _writing.set(True), _after.set([])
    callbacks: list[Callable[[], None]] = []
    try:
        yield
        db.session.commit()
        callbacks = _after.get() or []
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.reset(mark)
        _after.reset(queue)
    for callback in callbacks:
        callback()


@contextmanager
def migrating(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table that others refer to: references rest meanwhile, and each step is a transaction.

    Ask `dangling` before a step is committed. PostgreSQL alters tables as they stand and needs nothing of this.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection  # a pragma inside a transaction would do nothing
    mark = _writing.set(True)
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        _writing.reset(mark)
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def dangling(connection: Connection) -> list[tuple[Any, ...]]:
    """Return the rows of a SQLite database whose references lead nowhere."""
    if connection.dialect.name != "sqlite":
        return []
    return [tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the outermost transaction has committed; at once when there is none."""
    queue = _after.get()
    if queue is None:
        callback()
    else:
        queue.append(callback)


def append(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    """Execute one statement that commits by itself and return its rows; it is durable when this returns.

    Where the connection turns out to be gone it is asked once more on a new one, and may then have been carried out twice.
    """
    return _alone(statement, params)


def ask(statement: Frozen, params: Mapping[str, Any] | None = None) -> list[Row]:
    """Read rows by a frozen statement, inside the transaction where there is one."""
    return _inside(statement, params or {})[0] if _writing.get() else _alone(statement, params or {})


def tell(statement: Frozen, params: Mapping[str, Any]) -> int:
    """Execute a frozen statement inside the transaction and return how many rows it touched."""
    return _inside(statement, params)[1]


def change(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    """Execute a frozen statement inside the transaction and return the rows that it returns."""
    return _inside(statement, params)[0]


def _inside(statement: Frozen, params: Mapping[str, Any]) -> tuple[list[Row], int]:
    connection = db.session.connection()
    return _execute(connection.connection.driver_connection, statement, params)


def _alone(statement: Frozen, params: Mapping[str, Any]) -> list[Row]:
    try:
        return _execute(_own_connection(), statement, params)[0]
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return _execute(_own_connection(), statement, params)[0]


def _own_connection() -> Any:
    """Return the driver's connection that this thread keeps, in autocommit; the pool has no more to do with it."""
    engine = db.engine
    if getattr(_kept, "engine", None) is not engine:
        _kept.connection = autocommit(engine).connect()
        _kept.connection.detach()
        _kept.engine, _kept.driver = engine, _kept.connection.connection.dbapi_connection
    return _kept.driver


def release() -> None:
    """Close the connection that this thread keeps."""
    if getattr(_kept, "engine", None) is not None:
        _kept.engine = _kept.driver = None
        _kept.connection.close()


def _execute(driver: Any, statement: Frozen, params: Mapping[str, Any]) -> tuple[list[Row], int]:
    dialect = db.engine.dialect
    ready = statement.ready(dialect)
    if observe is not None:
        observe(ready.sql)
    values = ready.values(params)
    errors: Any = dialect.loaded_dbapi
    try:
        cursor = driver.execute(ready.sql, values)
        # Fetched to the last before returning: SQLite commits no earlier.
        return ready.rows(cursor.fetchall()) if cursor.description else [], cursor.rowcount
    except errors.Error as error:
        is_gone = dialect.is_disconnect(error, driver, None)
        if is_gone and driver is getattr(_kept, "driver", None):
            _kept.connection.invalidate()
            release()
        raised = sa.exc.DBAPIError.instance(ready.sql, values, error, errors.Error, True, is_gone, dialect=dialect)
        raise raised from error


def rows(statement: sa.Executable, params: dict[str, Any] | None = None) -> list[sa.Row[Any]]:
    """Read rows through the session's connection."""
    return list(db.session.execute(statement, params or {}).all())


def read_cursor(cursor: str) -> tuple[bytes, int] | None:
    """Return the key and the id behind which a page continues; None for what no page has given out."""
    key, _, row_id = cursor.partition(".")
    if not (row_id.isascii() and row_id.isdigit() and len(row_id) < 10):
        return None
    try:
        return bytes.fromhex(key), int(row_id)
    except ValueError:
        return None


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


def _prepare_nothing_behind_a_pooler(connection: Any, _record: Any) -> None:
    """Tell a pooler, which hands each transaction to any server process, by another process answering than was told."""
    answering = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
    connection.rollback()
    if answering != connection.info.backend_pid:
        connection.prepare_threshold = None


def prepare(engine: Engine) -> None:
    """Give every connection of a SQLite engine its durable settings; PostgreSQL has them on its side."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "connect", _prepare_nothing_behind_a_pooler)
        return

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _writing.get():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
