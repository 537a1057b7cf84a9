"""SQLite: a copy that is whole while others write, and its rows into a database of our own making."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pysqlite3 import dbapi2

from deploy.backups import DIGESTED, Refusal

_OURS = "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"


def path_of(url: str) -> Path:
    """Return the file that an address of a SQLite database names."""
    path = url.partition("sqlite:///")[2]
    if not path or path.startswith(":"):
        raise Refusal(f"{url} is no file that could be backed up.")
    return Path(path)


def dump(url: str, target: Path) -> dict[str, Any]:
    """Write the database as it is at one moment into a new file, look through it, and return what it holds."""
    source = path_of(url)
    if not source.exists():
        raise Refusal(f"{source} is not there.")
    live = _open(source, "rw")  # of a database in WAL mode a reader writes its mark
    live.execute("PRAGMA busy_timeout=30000")
    live.execute("VACUUM INTO ?", (str(target),))
    live.close()
    copy = _open(target, "ro")
    _refuse_broken(copy, target)
    found = contents(copy)
    copy.close()
    return found


def load(source: Path, url: str) -> dict[str, Any]:
    """Put the rows of a copy into a migrated, empty database, and return what that holds then.

    The copy is read as data that anybody may have written: it has to have our tables and nothing beside them, and nothing
    that is written in its schema is run.
    """
    given, target = _open(source, "ro"), dbapi2.connect(path_of(url), isolation_level=None)
    given.execute("PRAGMA trusted_schema=OFF")
    given.execute("PRAGMA cell_size_check=ON")
    _refuse_broken(given, source)
    if strange := set(given.execute(_OURS)) ^ set(target.execute(_OURS)):
        raise Refusal(f"{source} has other tables than this program: {sorted(strange)[:3]}")
    if given.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'create virtual%'").fetchone():
        raise Refusal(f"{source} has a table that runs code.")
    target.execute("PRAGMA foreign_keys=OFF")
    target.execute("BEGIN IMMEDIATE")
    for table in _tables(target):
        columns = _columns(target, table)
        if set(columns) != set(_columns(given, table)):
            raise Refusal(f"{source}: {table} has other columns than in this program.")
        target.execute(f'DELETE FROM "{table}"')  # noqa: S608
        named, marks = ", ".join(f'"{c}"' for c in columns), ", ".join("?" * len(columns))
        rows = given.execute(f'SELECT {named} FROM "{table}"')  # noqa: S608
        target.executemany(f'INSERT INTO "{table}" ({named}) VALUES ({marks})', rows)  # noqa: S608
    if dangling := target.execute("PRAGMA foreign_key_check").fetchmany(3):
        raise Refusal(f"{source} has rows that refer to what is not there: {dangling}")
    target.execute("COMMIT")
    found = contents(target)
    target.close()
    given.close()
    return found


def contents(connection: Any) -> dict[str, Any]:
    """Return migration, rows of each table and digests."""
    counts = {t: connection.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in _tables(connection)}  # noqa: S608
    digests = {table: _digest(connection, table) for table in DIGESTED if table in counts}
    revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    return {"revision": revision, "counts": counts, "digests": digests, "sequences": {}}


def _digest(connection: Any, table: str) -> str:
    found = hashlib.sha256()
    columns = sorted(_columns(connection, table))
    named = ", ".join(f'"{c}"' for c in columns)
    keys = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")') if row[5]]
    order = ", ".join(f'"{key}"' for key in keys)
    for row in connection.execute(f'SELECT {named} FROM "{table}" ORDER BY {order}'):  # noqa: S608
        found.update(repr(row).encode() + b"\n")
    return found.hexdigest()


def _tables(connection: Any) -> list[str]:
    found = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
    )
    return [name for (name,) in found]


def _columns(connection: Any, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]


def _refuse_broken(connection: Any, path: Path) -> None:
    try:
        said = connection.execute("PRAGMA integrity_check(3)").fetchall()
    except dbapi2.DatabaseError as error:
        raise Refusal(f"{path} is broken: {error}") from None
    if said != [("ok",)]:
        raise Refusal(f"{path} is broken: {said}")


def _open(path: Path, mode: str) -> Any:
    return dbapi2.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None)


def fold(path: Path) -> None:
    """Bring the log of a database into its file, so that the file alone is all of it."""
    connection = _open(path, "rw")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
