"""The two sides that are measured against each other, each served on a free port with a database of its own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.participants import PASSWORD, Guest, Member, Participant
from bench.processes import below, command
from contest import config
from contest.gateways import assets, memory
from tests import servers

STORES = ("sqlite", "postgresql")
SIZED = {
    "shared_buffers": "768MB",
    "max_wal_size": "8GB",
}  # a PostgreSQL as docs/operators.md says for a million results
RESULTS = 1_300
_NEWCOMERS = sa.text("""
    SELECT code FROM members WHERE code LIKE 'm0%' AND id NOT IN (
        SELECT attempts.member_id FROM attempts JOIN rounds ON rounds.id = attempts.round_id
        WHERE rounds.opens_at <= CURRENT_TIMESTAMP AND rounds.closes_at > CURRENT_TIMESTAMP
    ) ORDER BY code""")


@dataclass
class Side:
    """One that is served: its address, its processes by what they do, and the numbers of people who have not yet come."""

    name: str
    address: str
    groups: Mapping[str, list[int]]
    person: Callable[[str, int], Participant]
    people: Sequence[int]
    environ: Mapping[str, str]
    cluster: servers.Postgres | None = None

    def take(self, count: int) -> list[Participant]:
        """Return people of whom nobody has come before."""
        if count > len(self.people):
            raise ValueError(f"{self.name} has no {count} people left")
        taken, self.people = self.people[:count], self.people[count:]
        return [self.person(self.address, number) for number in taken]

    def data_mb(self) -> float:
        """Return how much the data take on the disk, with nothing left in a log that is yet to be copied."""
        engine = sa.create_engine(self.environ["DATABASE_URL"])
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                size = Path(str(engine.url.database)).stat().st_size
            else:
                size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar() or 0
        engine.dispose()
        return size / 1e6

    @property
    def web_processes(self) -> list[int]:
        """Return the processes that answer requests: those below the server that do nothing else."""
        others = ("--worker", "resource_tracker")
        found = [pid for pid in below(self.groups["server"]) if pid not in self.groups["server"]]
        return [pid for pid in found if not any(word in command(pid) for word in others)]

    @property
    def background(self) -> list[int]:
        """Return the processes that work beside the web processes."""
        return [pid for pid in below(self.groups["server"]) if "--worker" in command(pid)]


@contextmanager
def database(kind: str, folder: Path, **settings: str) -> Iterator[str]:
    """Yield the URL of an empty database."""
    with store(kind, folder, "contest", **settings) as (url, _, _):
        yield url


@contextmanager
def store(
    kind: str, folder: Path, name: str, **settings: str
) -> Iterator[tuple[str, servers.Postgres | None, list[int]]]:
    """Yield a database's URL, its cluster and the process of it, where there are such; its files lie in the folder's disk."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / f'{name}.db'}", None, []
        return
    before = _children()
    with servers.postgres(in_memory=False, **settings) as cluster:
        yield cluster.url(cluster.create()), cluster, sorted(_children() - before)


def environment(folder: Path, url: str, **more: str) -> dict[str, str]:
    """Prepare what the product needs below a folder, and return its settings."""
    instance = folder / "instance"
    config.prepare_instance(instance, development=True)
    assets.build(config.ROOT / "static", instance / "assets")
    own = {"APP_ENV": "development", "INSTANCE_PATH": str(instance), "DATABASE_URL": url}
    return {**os.environ, "GLIBC_TUNABLES": memory.ASKED, **own, **more}


def flask(environ: Mapping[str, str], *command: str) -> None:
    line = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    subprocess.run(line, cwd=config.ROOT, env=environ, check=True, capture_output=True)


def load_demonstration(environ: Mapping[str, str], people: int, results: int = RESULTS) -> Sequence[int]:
    """Load the demonstration, its current round open without limit and with about so many results; the first has twice.

    Returns the numbers of people who have not sat in that round, as nobody who comes to the floor has.
    """
    flask(environ, "db", "upgrade")
    sizes = ["--members", str(people + results), "--attempts", str(2 * results)]
    flask(environ, "demo", "load", "--bench", *sizes, "--password", PASSWORD)
    engine = sa.create_engine(environ["DATABASE_URL"])
    with engine.connect() as connection:
        codes = connection.execute(_NEWCOMERS).scalars().all()
    engine.dispose()
    return [int(code[1:]) for code in codes][:people]


@contextmanager
def product(
    kind: str,
    people: int,
    *,
    fill: Callable[[Mapping[str, str], int], Sequence[int]] = load_demonstration,
    person: Callable[[str, int], Participant] = Member,
    sized: Mapping[str, str] | None = None,
    **more: str,
) -> Iterator[Side]:
    """Serve the product, filled with the demonstration unless told otherwise; `more` are settings of it.

    What fills it returns the numbers of so many people who have not yet come.
    """
    with (
        tempfile.TemporaryDirectory() as name,
        store(kind, Path(name), "contest", **(sized or {})) as (url, cluster, pids),
    ):
        environ = environment(Path(name), url, **more)
        newcomers = fill(environ, people)
        before = _children()
        with servers.application(environ, Path(name)) as address:
            groups = {"server": sorted(_children() - before), "database": pids}
            yield Side("product", address, groups, person, newcomers, environ, cluster)


@contextmanager
def floor(kind: str, people: int, *, results: int = RESULTS, sized: Mapping[str, str] | None = None) -> Iterator[Side]:
    """Serve the floor as the product is served, by as many web processes; its first people have a result already."""
    with (
        tempfile.TemporaryDirectory() as name,
        store(kind, Path(name), "floor", **(sized or {})) as (url, cluster, pids),
    ):
        environ, log, port = {**os.environ, "DATABASE_URL": url}, Path(name) / "log", servers.free_port()
        fill = ["-m", "bench.floor", "--people", str(results + people), "--results", str(results)]
        subprocess.run([sys.executable, *fill], cwd=config.ROOT, env=environ, check=True)
        workers = config.load({"DATABASE_URL": url, "APP_ENV": "development", "SECRET_KEY": "k" * 32}).workers
        serve = ["-m", "bench.serving", str(port), str(workers)]
        address = f"http://127.0.0.1:{port}"
        with servers.running(
            [sys.executable, *serve], log, stop=signal.SIGTERM, cwd=config.ROOT, env=environ
        ) as process:
            servers.wait_for(lambda: servers.answers(f"{address}/login"), process, log)
            groups = {"server": [process.pid], "database": pids}
            newcomers = range(results + 1, results + people + 1)
            yield Side("floor", address, groups, Guest, newcomers, environ, cluster)


def _children() -> set[int]:
    """Return the processes that this one itself has started."""
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}
