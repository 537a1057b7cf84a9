"""One session, one way to change things.

Reading runs in autocommit (a request never holds a transaction open); changing runs inside `transaction()`, which
alone commits. On SQLite a change begins with BEGIN IMMEDIATE, so that two writers wait instead of failing late.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_sqlalchemy.session import _app_ctx_id
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql.dml import Insert

from contest import clock
from contest.db import reading
from contest.db.base import Base

running: ContextVar["Command | None"] = ContextVar("command", default=None)


@dataclass(slots=True)
class _Edition:
    """By which edition a request reads, once it knows; or by which it presumes to, until a statement says."""

    number: int | None = None
    is_presumed: bool = False


_edition: ContextVar[_Edition | None] = ContextVar("edition", default=None)  # of a request
_latest: int | None = None  # the edition that a request of this process has read by last


def is_writing() -> bool:
    """Say whether this is inside a transaction."""
    return running.get() is not None


def is_changing() -> bool:
    """Say whether this is inside a transaction that changes what many people's pages share."""
    command = running.get()
    return command is not None and command.is_shared


class _Session(FlaskSession):
    """Reads on an autocommit engine, or where a reading that it is made in is done; inside `transaction()` on the plain one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._elsewhere = reading.elsewhere()

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        if self._elsewhere is not None:
            return self._elsewhere.connection
        engine = super().get_bind(*args, **kwargs)
        return engine if is_writing() or isinstance(engine, Connection) else autocommit(engine)


def _scope() -> int:
    """Give what is read elsewhere a session of its own: nothing of it is taken for what the primary said."""
    elsewhere = reading.elsewhere()
    return _app_ctx_id() if elsewhere is None else id(elsewhere)


_OPTIONS = {"class_": _Session, "expire_on_commit": False, "scopefunc": _scope}
db = SQLAlchemy(model_class=Base, session_options=_OPTIONS)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def _nothing() -> None:
    pass


settle: Callable[[], None] = _nothing  # ends what several saves have begun together, before something else begins
SHORTEST_BREATH, LONGEST_BREATH = 0.005, 0.1  # seconds
gives_way = False  # whether this process, which works in the background, breathes after each of its commands
_MOVE = "INSERT INTO editions (id, number) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET number = editions.number + 1"
_NEW_EDITION = sa.text(_MOVE)


def autocommit(engine: Engine) -> Engine:
    """Return the engine in which every statement commits by itself; it shares the pool of the given one, and lives as long."""
    own: Engine | None = engine.__dict__.get("autocommit")
    if own is None:
        own = engine.__dict__["autocommit"] = engine.execution_options(isolation_level="AUTOCOMMIT")
    return own


class Command:
    """One transaction: what it asks to be done after it, and whether it changes what many people's pages share."""

    def __init__(self) -> None:
        self.after: list[Callable[[], None]] = []
        self.is_shared = False
        self.began = clock.ticks()


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
    reading.refuse_writing()
    db.session.rollback()  # ends the reading so far; nothing is ever pending outside a transaction
    settle()
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
    if gives_way and is_sqlite():
        _let_others_write(command)


def breathe() -> None:
    """Between two parts of a long command let those write who wait to, on SQLite, where there is one writer.

    What has been done is committed with that. So a command that breathes may break off between its parts, and each of them
    has to be right by itself. Elsewhere, and outside of a command, this is nothing.
    """
    command = running.get()
    if command is None or not is_sqlite():
        return
    if command.is_shared:
        db.session.execute(_NEW_EDITION)
    db.session.commit()
    _let_others_write(command)
    command.began = clock.ticks()


def _let_others_write(command: Command) -> None:
    """Leave the one writer for a while: whoever waits looks again after some milliseconds, and has to find it free at times."""
    time.sleep(min(max(clock.ticks() - command.began, SHORTEST_BREATH), LONGEST_BREATH))


def begin_request() -> None:
    """Know nothing yet of the edition that this request reads by; from its end on it is asked for each time."""
    _edition.set(_Edition())


def end_request(_: BaseException | None = None) -> None:
    _edition.set(None)


def know_edition(number: int) -> None:
    """Tell the request by which edition it reads; a statement that it needs anyway has brought the number along."""
    global _latest
    known = _edition.get()
    if known is not None:
        known.number, known.is_presumed = number, False
        _latest = number


def known_edition() -> int | None:
    if (elsewhere := reading.elsewhere()) is not None:
        return elsewhere.edition
    known = _edition.get()
    return known.number if known else None


@contextmanager
def presumed_edition() -> Iterator[int | None]:
    """Read by the latest edition that this process knows of, until a statement says which one it is.

    None where the request knows already, or this is a command or no request. What no statement has said is not known
    afterwards.
    """
    known = _edition.get()
    if known is None or known.number is not None or is_writing() or reading.elsewhere() is not None:
        yield None
        return
    presumed = known.number = _latest
    known.is_presumed = True
    try:
        yield presumed
    finally:
        if known.is_presumed:
            look_again()


def look_again() -> None:
    """Ask for the edition anew: what was read by the former has been found to be of the past."""
    known = _edition.get()
    if known is not None:
        known.number, known.is_presumed = None, False


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the outermost transaction has committed; at once when there is none."""
    command = running.get()
    if command is None:
        callback()
    else:
        command.after.append(callback)


def rows(statement: sa.Executable, params: dict[str, Any] | None = None) -> list[sa.Row[Any]]:
    """Read rows through the session's connection."""
    return list(db.session.execute(statement, params or {}).all())


def insert(table: Any) -> Any:
    """Return the dialect's INSERT, which knows ON CONFLICT on both databases."""
    return (sqlite if is_sqlite() else postgresql).insert(table)


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def rowcount(statement: Any, params: Any = None) -> int:
    """Execute a statement inside the transaction and return how many rows it touched."""
    if isinstance(statement, Insert):
        statement = statement.execution_options(preserve_rowcount=True)
    result: Any = db.session.execute(statement, params or {})
    return int(result.rowcount)
