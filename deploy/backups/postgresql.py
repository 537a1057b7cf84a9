"""PostgreSQL: an archive of pg_dump made in one snapshot, and its rows, read as text, into tables of our own making.

pg_restore would run whatever an archive says. Here it only writes down what the archive holds, and of that nothing is taken
but the lines between `COPY … FROM stdin;` and its end, for the tables and columns that our migrations have made.
"""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from deploy.backups import DIGESTED, Refusal

Connection = psycopg.Connection[Any]
_COPY = re.compile(rb"COPY public\.(\w+) \(([\w\", ]+)\) FROM stdin;\n")
_HARMLESS = re.compile(rb"(--.*|SET [\w.]+ = .*;|SELECT pg_catalog\.set(_config|val)\(.*\);|\\(un)?restrict \w+|)\n")
_ENVIRONMENT = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
                "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}  # fmt: skip
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""
_PARTITIONS = """
SELECT a.relname, b.relname FROM pg_inherits i JOIN pg_class a ON a.oid = i.inhparent JOIN pg_class b ON b.oid = i.inhrelid
JOIN pg_namespace n ON n.oid = a.relnamespace WHERE n.nspname = 'public' AND a.relkind = 'p' ORDER BY 1, 2
"""
_REFERENCES = """
SELECT DISTINCT a.relname, b.relname FROM pg_constraint f JOIN pg_class a ON a.oid = f.conrelid
JOIN pg_class b ON b.oid = f.confrelid JOIN pg_namespace n ON n.oid = a.relnamespace
WHERE f.contype = 'f' AND n.nspname = 'public' AND a.oid <> b.oid AND NOT a.relispartition AND NOT b.relispartition
"""
_KEY = """
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indisprimary AND i.indrelid = %s::regclass ORDER BY array_position(i.indkey::int[], a.attnum::int)
"""


def plain(url: str) -> str:
    """Return an address as libpq reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _connect(url: str) -> Connection:
    return psycopg.connect(plain(url), client_encoding="utf8")


def dump(url: str, target: Path) -> dict[str, Any]:
    """Write an archive of one moment and return what it holds: counted in the same snapshot."""
    with _connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()[0]  # type: ignore[index]
        found, parts = contents(connection), _partitions(connection)
        _run("pg_dump", url, "--format=custom", "--schema=public", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s",
             f"--snapshot={snapshot}", f"--file={target}")  # fmt: skip
    held = set(re.findall(r" TABLE DATA public (\w+)", _run("pg_restore", "", "--list", str(target))))
    if missing := {part for table in found["counts"] for part in parts.get(table, [table])} - held:
        raise Refusal(f"The archive lacks {sorted(missing)[:3]}.")
    return found


def load(source: Path, url: str, sequences: Mapping[str, int]) -> dict[str, Any]:
    """Put the rows of an archive into a migrated, empty database, all or none, and return what that holds then."""
    with _connect(url) as connection:
        tables = _in_order(connection)
        everyone = sql.SQL(", ").join(sql.SQL("public.{}").format(sql.Identifier(table)) for table in tables)
        connection.execute(sql.SQL("TRUNCATE {}").format(everyone))  # of rows that migrations put there
        parts = _partitions(connection)
        for table in tables:
            with _without_triggers(connection, table):
                for part in parts.get(table, [table]):
                    _load_table(connection, source, part)
        for name, value in sequences.items():
            _set_sequence(connection, str(name), int(value))
        return contents(connection)


def _partitions(connection: Connection) -> dict[str, list[str]]:
    """Return the partitions of tables that have any: an archive holds their rows under their own names."""
    found: dict[str, list[str]] = {}
    for table, part in connection.execute(_PARTITIONS):
        found.setdefault(table, []).append(part)
    return found


def is_empty(url: str) -> bool:
    with _connect(url) as connection:
        return connection.execute(_TABLES).fetchone() is None


def set_aside(url: str, name: str) -> None:
    """Let the present tables lie in a schema of another name, and begin an empty one."""
    with _connect(url) as connection:
        connection.execute(sql.SQL("ALTER SCHEMA public RENAME TO {}").format(sql.Identifier(name)))
        _begin_empty(connection)


def undo(url: str, name: str | None) -> None:
    """Drop what was restored, and bring back what was set aside."""
    with _connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        if name:
            connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO public").format(sql.Identifier(name)))
        else:
            _begin_empty(connection)


def _begin_empty(connection: Connection) -> None:
    connection.execute("CREATE SCHEMA public")
    connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def contents(connection: Connection) -> dict[str, Any]:
    """Return migration, rows of each table, digests and how far the sequences are."""
    tables = [name for (name,) in connection.execute(_TABLES)]
    counts = {}
    for table in tables:
        counting = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))
        counts[table] = connection.execute(counting).fetchone()[0]  # type: ignore[index]
    if "alembic_version" not in counts:
        raise Refusal("There are no tables of this program in the database.")
    revision = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()[0]  # type: ignore[index]
    digests = {table: _digest(connection, table) for table in DIGESTED if table in counts}
    reached = connection.execute(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
    ).fetchall()
    return {"revision": revision, "counts": counts, "digests": digests, "sequences": dict(reached)}


def _digest(connection: Connection, table: str) -> str:
    columns = sql.SQL(", ").join(map(sql.Identifier, sorted(_columns(connection, table))))
    keys = sql.SQL(", ").join(sql.Identifier(name) for (name,) in connection.execute(_KEY, (f"public.{table}",)))
    copying = sql.SQL("COPY (SELECT {} FROM public.{} ORDER BY {}) TO STDOUT")
    found = hashlib.sha256()
    with connection.cursor() as cursor, cursor.copy(copying.format(columns, sql.Identifier(table), keys)) as copy:
        for block in copy:
            found.update(block)
    return found.hexdigest()


def _columns(connection: Connection, table: str) -> set[str]:
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", (table,)
    )
    return {name for (name,) in found}


def _in_order(connection: Connection) -> list[str]:
    """Return the tables, each behind those that it refers to."""
    waiting = {name: set[str]() for (name,) in connection.execute(_TABLES)}
    for table, other in connection.execute(_REFERENCES):
        waiting[table].add(other)
    found: list[str] = []
    while waiting:
        ready = sorted(name for name, needs in waiting.items() if needs <= set(found))
        if not ready:
            raise Refusal(f"Tables refer to each other in a circle: {sorted(waiting)}")
        found += ready
        for name in ready:
            del waiting[name]
    return found


@contextmanager
def _without_triggers(connection: Connection, table: str) -> Iterator[None]:
    """What triggers add to rows that come is among the rows that come. Keys and references are looked at all the same."""
    altering = sql.SQL("ALTER TABLE public.{} {} TRIGGER USER")
    connection.execute(altering.format(sql.Identifier(table), sql.SQL("DISABLE")))
    yield
    connection.execute(altering.format(sql.Identifier(table), sql.SQL("ENABLE")))


def _load_table(connection: Connection, source: Path, table: str) -> None:
    """Copy the rows of one table; raises Refusal for whatever an archive of pg_dump would not say there."""
    command = [
        "pg_restore",
        "--data-only",
        "--schema=public",
        "--strict-names",
        f"--table={table}",
        "--file=-",
        str(source),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stderr is not None
        named = _head(process.stdout, table)
        columns = [name.strip().strip('"') for name in named.decode().split(",")]
        if set(columns) != _columns(connection, table) or len(columns) != len(set(columns)):
            raise Refusal(f"{source}: {table} has other columns than in this program.")
        copying = sql.SQL("COPY public.{} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        try:
            with connection.cursor() as cursor, cursor.copy(copying) as copy:
                for line in _rows(process.stdout, table):
                    copy.write(line)
        except psycopg.Error as error:
            process.kill()
            raise Refusal(f"{source}: the rows of {table} cannot be taken: {error}") from None
        for line in process.stdout:
            _refuse_code(line, table)
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise Refusal(f"{source}: {said}")


def _head(output: IO[bytes], table: str) -> bytes:
    for line in output:
        if found := _COPY.fullmatch(line):
            if found[1].decode() != table:
                break
            return found[2]
        _refuse_code(line, table)
    raise Refusal(f"The archive has no rows of {table} as pg_dump writes them.")


def _rows(output: IO[bytes], table: str) -> Iterator[bytes]:
    for line in output:
        if line == b"\\.\n":
            return
        yield line
    raise Refusal(f"The rows of {table} have no end.")


def _refuse_code(line: bytes, table: str) -> None:
    if not _HARMLESS.fullmatch(line):
        raise Refusal(f"The archive holds something to be run beside the rows of {table}: {line[:120]!r}")


def _set_sequence(connection: Connection, name: str, value: int) -> None:
    known = connection.execute(
        "SELECT 1 FROM pg_sequences WHERE schemaname = 'public' AND sequencename = %s", (name,)
    ).fetchone()
    if known is None:
        raise Refusal(f"There is no sequence {name}.")
    connection.execute("SELECT setval(format('public.%%I', %s::text)::regclass, %s)", (name, value))


def _run(program: str, url: str, *more: str) -> str:
    """Run a program of PostgreSQL; the password is told to nobody who lists processes."""
    told = conninfo_to_dict(plain(url)) if url else {}
    own = {_ENVIRONMENT[name]: str(value) for name, value in told.items() if name in _ENVIRONMENT and value is not None}
    environ = {**os.environ, **own}
    done = subprocess.run([program, *more], env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Refusal(f"{program}: {done.stderr.strip()[-1000:]}")
    return done.stdout
