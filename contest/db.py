"""The database: one session, one way to change things, and the column types that keep instants and points exact.

Reading runs in autocommit (a request never holds a transaction open); changing runs inside `transaction()`, which
alone commits. On SQLite a change begins with BEGIN IMMEDIATE, so that two writers wait instead of failing late.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import TypeDecorator

_writing: ContextVar[bool] = ContextVar("writing", default=False)
is_writing = _writing.get  # whether this is inside a transaction
_after: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)

_BIND_CAST = re.compile(r"(:\w+)::(\w+)")
_PRAGMAS = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536")
POINT_PLACES = 6  # points are stored as whole millionths


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


def append(statement: sa.Executable, params: dict[str, Any]) -> list[sa.Row[Any]]:
    """Execute one statement that commits by itself and return its rows; it is durable when this returns.

    The rows are fetched to the last before returning: SQLite commits no earlier.
    """
    with autocommit(db.engine).connect() as connection:
        result = connection.execute(statement, params)
        return list(result.all()) if result.returns_rows else []


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


class Frozen:
    """A statement compiled once per dialect: SQLAlchemy compiles every INSERT … ON CONFLICT anew, which costs a millisecond.

    `build` makes the statement, with all that varies as bindparams; `returns` names and types what it returns.
    """

    def __init__(self, build: Callable[[], Any], **returns: Any) -> None:
        self._build, self._returns = build, returns
        self._ready: dict[str, Any] = {}

    def __call__(self) -> Any:
        """Return the statement for the database of this application."""
        name = db.engine.dialect.name
        if name not in self._ready:
            self._ready[name] = self._freeze()
        return self._ready[name]

    def _freeze(self) -> Any:
        plain: Any = (sqlite if is_sqlite() else postgresql).dialect
        compiled = self._build().compile(dialect=plain(paramstyle="named"))
        binds = [
            sa.bindparam(name, type_=bind.type) if bind.required else sa.bindparam(name, bind.value, type_=bind.type)
            for bind, name in compiled.bind_names.items()
        ]
        sql = _BIND_CAST.sub(r"CAST(\1 AS \2)", str(compiled))  # text() takes "::" behind a name for part of it
        text = sa.text(sql).bindparams(*binds)
        return text.columns(**self._returns) if self._returns else text


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def rowcount(statement: Any, params: Any = None) -> int:
    """Execute a statement inside the transaction and return how many rows it touched."""
    if isinstance(statement, Insert):
        statement = statement.execution_options(preserve_rowcount=True)
    result: Any = db.session.execute(statement, params or {})
    return int(result.rowcount)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; a naive value is refused, because SQLite would silently drop an offset."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is no instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Points(TypeDecorator[Decimal]):
    """Exact points with up to six places, stored as whole millionths on both databases."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return _millionths(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else _points(value)


@lru_cache(maxsize=4096)
def _millionths(points: Decimal) -> int:
    scaled = points.scaleb(POINT_PLACES)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"points carry at most {POINT_PLACES} places: {points}")
    return int(scaled)


@lru_cache(maxsize=4096)
def _points(millionths: int) -> Decimal:
    """Return points, the same object for the same number: a million results have few different ones."""
    return Decimal(millionths).scaleb(-POINT_PLACES)


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
