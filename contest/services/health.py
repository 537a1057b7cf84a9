"""Is it safe to run? Durability of the database, its library, pending migrations, the clock, room on the disk."""

import shutil
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from contest import clock
from contest.db import db, is_sqlite
from contest.services import agreement

_VERSION: sa.Select[tuple[str]] = sa.select(sa.column("version_num", sa.String)).select_from(
    sa.table("alembic_version")
)
LEAST_FREE = 100 * 2**20  # bytes


def durability_problems() -> tuple[str, ...]:
    """Return the settings with which an acknowledged answer could be lost; nothing means durable."""
    return _sqlite_problems() if is_sqlite() else _postgres_problems()


def is_fixed_sqlite(version: str) -> bool:
    """Say whether a SQLite library is free of the WAL-reset bug: 3.51.3 or later, or a backport of its fix."""
    numbers = tuple(int(part) for part in version.split("."))
    return numbers >= (3, 51, 3) or (3, 44, 6) <= numbers < (3, 45) or (3, 50, 7) <= numbers < (3, 51)


def _sqlite_problems() -> tuple[str, ...]:
    problems = []
    version = str(db.session.scalar(sa.text("SELECT sqlite_version()")))
    if not is_fixed_sqlite(version):
        problems.append(f"SQLite {version} has the WAL-reset bug: 3.51.3 or later is needed (the wheel pysqlite3).")
    if db.session.scalar(sa.text("PRAGMA synchronous")) != 2:
        problems.append("SQLite does not run with synchronous=FULL: acknowledged answers could be lost.")
    if db.session.scalar(sa.text("PRAGMA journal_mode")) != "wal":
        problems.append("SQLite does not run in WAL mode.")
    return tuple(problems)


def _postgres_problems() -> tuple[str, ...]:
    problems = []
    for name, unsafe in (("synchronous_commit", {"off"}), ("fsync", {"off"}), ("full_page_writes", {"off"})):
        value = db.session.scalar(sa.text(f"SHOW {name}"))
        if value in unsafe:
            problems.append(f"PostgreSQL runs with {name}={value}: acknowledged answers could be lost.")
    if db.session.scalar(sa.text("SHOW server_encoding")) != "UTF8":
        problems.append("The database is not encoded in UTF-8.")
    return tuple(problems)


class Alarm(StrEnum):
    """What those who watch a round are told of the clocks; the figures are for whoever runs the machines."""

    STEPPED = "stepped"  # this machine's was set; times go on as before
    SKEWED = "skewed"  # this machine's differs from the database's, and it gets no traffic


def alarms() -> tuple[Alarm, ...]:
    return (*((Alarm.STEPPED,) if clock.has_stepped() else ()), *((Alarm.SKEWED,) if skew_problems() else ()))


def clock_problems() -> tuple[str, ...]:
    """Return what is wrong with this node's clock; a step is an alarm, a difference to the database's is a reason to stop."""
    stepped = f"The system clock was stepped by {clock.drift().total_seconds():+.1f} s; deadlines keep."
    return (*((stepped,) if clock.has_stepped() else ()), *skew_problems())


def skew_problems() -> tuple[str, ...]:
    """Return by how much this node's clock differs from the database's, by which several nodes agree."""
    own = agreement.current()
    return () if own.look() else (f"This node's clock differs from the database's by {own.skew:+.1f} s.",)


def pending_migrations(directory: str) -> tuple[str, ...]:
    """Return the migrations that this database has not had; for commands, as no process that serves needs Alembic."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(directory)
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    done = {r.revision for head in current for r in script.iterate_revisions(head, "base")}
    everything = [r for head in script.get_heads() for r in script.iterate_revisions(head, "base")]
    return tuple(r.revision for r in reversed(everything) if r.revision not in done)


def is_up_to_date(directory: str) -> bool:
    """Say whether the database has every migration of this program; it may have those of a newer one too.

    The files of migrations are called by their day, hour and revision, so that the last by name is the last of all.
    """
    known = [path.stem.split("_", 2)[2] for path in sorted((Path(directory) / "versions").glob("*.py"))]
    with db.engine.connect() as connection:
        is_there = sa.inspect(connection).has_table("alembic_version")
        current = set(connection.scalars(_VERSION)) if is_there else set[str]()
    return bool(current) and (known[-1] in current or not current <= set(known))


def disk_problems() -> tuple[str, ...]:
    """Return whether the disk under a SQLite database is nearly full; PostgreSQL looks after its own."""
    file = db.engine.url.database if is_sqlite() else None
    if not file:
        return ()
    free = shutil.disk_usage(Path(file).resolve().parent).free
    return (f"Only {free // 2**20} MB are left on the disk of the database.",) if free < LEAST_FREE else ()


def is_reachable() -> bool:
    """Say whether the database answers."""
    try:
        return bool(db.session.scalar(sa.text("SELECT 1")) == 1)
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return False
