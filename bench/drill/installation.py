"""The installation of a drill: nginx, web nodes, the worker, PgBouncer, PostgreSQL with a replica, Redis; all on this machine."""

import os
import re
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg
from alembic.script import ScriptDirectory

from bench.faults.site import ROOT, Server, Site, is_ready
from bench.faults.site import until as wait_until
from tests import fronts
from tests.servers import free_port

TOKEN = "the-token-of-a-drill"
_EXPANSION = '''"""A step of an expansion, as an update brings it: the running program knows nothing of it."""

import sqlalchemy as sa
from alembic import op

from contest.db import add_index

revision, down_revision = "{revision}", "{before}"


def upgrade():
    {up}


def downgrade():
    {down}
'''
# Each step, a transaction of its own, locks one table that saves touch: two might meet a save that has them the other way round.
_STEPS = (
    ('op.create_table("drill", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("note", sa.Text))',
     'op.drop_table("drill")'),
    ('op.add_column("responses", sa.Column("drill", sa.Integer))', 'op.drop_column("responses", "drill")'),
    ('op.add_column("attempts", sa.Column("drill", sa.Integer, server_default="7", nullable=False))',
     'op.drop_column("attempts", "drill")'),
    ('add_index("ix_drill", "attempts", "drill")', 'op.drop_index("ix_drill")'),
)  # fmt: skip


class Installation(Site):
    """PostgreSQL with all that stands around it, or SQLite with one node; people come through nginx, unless it is bare."""

    def __init__(self, folder: Path, *, store: str = "postgresql", is_bare: bool = False) -> None:
        super().__init__(store, folder, is_small=store == "sqlite")
        self.is_bare, self.patience = is_bare, 5.0  # seconds for which something stays away in an act
        if not is_bare:
            self.front = free_port()
            self.address = f"http://127.0.0.1:{self.front}"
        self.worker: Server | None = None
        self.replica: Server | None = None
        self.reader: Server | None = None
        self.round = ""  # whose boards are looked at
        self.pooler: Server | None = None

    def open(self) -> None:
        """Start nodes, worker and nginx, and wait until they are ready."""
        self.nodes = [self._node(n, port) for n, port in enumerate(self.ports)]
        self.worker = self._serve("worker", "--worker")
        if not self.is_bare:
            conf = fronts.render_nginx(self.folder, self.front, self.ports)
            command = fronts.nginx_command(conf, "-g", "daemon off;")
            self.nginx = Server(command, self.folder / "nginx.out")
        self.wait_ready()

    def close(self) -> None:
        for server in (self.worker, self.pooler):
            if server is not None:
                server.end()
        for copy in (self.replica, self.reader):
            if copy is not None:
                copy.end(signal.SIGINT)
        super().close()

    # What people and operators see

    def look_at_boards(self, seconds: float) -> tuple[int, int, float]:
        """Look at the round's board as visitors do; return how often, how often in vain, and the longest time, in ms."""
        times, failed, until = [], 0, time.monotonic() + seconds
        while time.monotonic() < until:
            begun = time.monotonic()
            try:
                with urlopen(f"{self.address}/rounds/{self.round}/standings", timeout=20) as answer:
                    failed += answer.status != 200
            except OSError:
                failed += 1
            times.append(time.monotonic() - begun)
            time.sleep(0.1)
        return len(times), failed, max(times) * 1000

    def readings(self) -> Counter[str]:
        """Return how many readings were done where, by all nodes."""
        found: Counter[str] = Counter()
        for port in self.ports:
            asked = Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
            with urlopen(asked, timeout=20) as answer:
                said = answer.read().decode()
            for at, number in re.findall(r'^hoithi_readings_total{at="(.+)"} (.+)$', said, re.MULTILINE):
                found[at] += int(float(number))
        return found

    # What operators do

    def restart_node(self, number: int) -> None:
        """End a node as an update does, start it, and come back once it is ready."""
        node = self.nodes[number]
        node.end()
        node.start()
        port = self.ports[number]
        wait_until(lambda: is_ready(port), f"node {number}")
        time.sleep(3)  # nginx leaves a node that failed alone for two seconds

    @contextmanager
    def expansion(self) -> Iterator[tuple[str, str]]:
        """Yield a folder of migrations with some more than the program knows, and the one that it knows last."""
        folder = self.folder / "migrations"
        shutil.copytree(ROOT / "migrations", folder)
        head = before = str(ScriptDirectory(str(folder)).get_current_head())
        for number, (up, down) in enumerate(_STEPS):
            text = _EXPANSION.format(revision=f"drill{number}", before=before, up=up, down=down)
            (folder / "versions" / f"29990101_000{number}_drill.py").write_text(text)
            before = f"drill{number}"
        yield str(folder), head
        shutil.rmtree(folder)

    def fail_over(self) -> None:
        """Lose the primary for good, promote the replica, and let PgBouncer lead there."""
        assert self.postgres is not None
        assert self.replica is not None
        assert self.pooler is not None
        self.postgres.kill()
        self._on_replica("SELECT pg_promote()")
        self._lead_to(self._replica_port)
        self.postgres, self.replica = self.replica, None
        self._port = self._replica_port
        self.environ["MIGRATION_DATABASE_URL"] = self.database_url

    @property
    def database_url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/contest"

    # Settings

    def _start_stores(self) -> str:
        direct = super()._start_stores()
        shutil.chown(self.disk, "postgres") if os.getuid() == 0 else None
        self._replica_port, self._reader_port = free_port(), free_port()
        self.replica = self._copy("replica", self._replica_port)
        self.reader = self._copy("reader", self._reader_port)  # which nothing waits for
        self._psql("ALTER SYSTEM SET synchronous_standby_names = 'replica'")  # nothing is acknowledged that it has not
        self._psql("SELECT pg_reload_conf()")
        self._pooler_port = free_port()
        command = fronts.render_pgbouncer(self.folder, self._port, port=self._pooler_port)
        self.pooler = Server(command, self.folder / "pgbouncer.log", cwd="/", **fronts.as_postgres())
        wait_until(lambda: fronts.answers(self._pooler_port), "PgBouncer")
        self._direct = direct
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._pooler_port}/contest"

    def _environ(self) -> dict[str, str]:
        found = super()._environ()
        if self.postgres is None:
            return found
        read = f"postgresql+psycopg://postgres@127.0.0.1:{self._reader_port}/contest"
        return {**found, "MIGRATION_DATABASE_URL": self._direct, "READ_DATABASE_URL": read, "METRICS_TOKEN": TOKEN}

    def _copy(self, name: str, port: int) -> Server:
        """Copy the primary, and start what follows it from then on."""
        copy = self.disk / name
        told = {"max_wal_size": "64MB", "min_wal_size": "32MB", "hot_standby_feedback": "on"}
        command = fronts.standby_command(self._port, copy, port, name=name, **told)
        found = Server(command, self.folder / f"{name}.log", cwd=copy, **fronts.as_postgres())
        wait_until(lambda: fronts.answers(port), f"the {name}")
        return found

    def _node(self, number: int, port: int) -> Server:
        own = {
            "PORT": str(port),
            "BASE_URL": self.address,
            "WORKERS": "1",
            "TRUSTED_PROXIES": "0" if self.is_bare else "1",
        }
        return self._serve(f"node-{number}", "--web", **own)

    def _serve(self, name: str, part: str, **own: str) -> Server:
        command = [sys.executable, "-m", "contest.serve", part]
        return Server(command, self.folder / f"{name}.log", cwd=ROOT, env={**self.environ, **own})

    def _lead_to(self, port: int) -> None:
        assert self.pooler is not None
        fronts.render_pgbouncer(self.folder, port, port=self._pooler_port)
        self.pooler.send(signal.SIGHUP)

    def _on_replica(self, statement: str) -> None:
        where = f"host=127.0.0.1 port={self._replica_port} user=postgres dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())
