"""Real servers for tests, on free loopback ports: PostgreSQL, Redis, SMTP and the application itself.

Each ends with the process that started it, however that ends.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
import pytest
import redis
from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 30.0
_libc = ctypes.CDLL(None)


def find_program(name: str, *folders: str) -> str:
    """Return the path of a program; without it the test fails, or is skipped where ALLOW_MISSING=1 says so."""
    found = shutil.which(name) or next((str(p) for f in folders for p in sorted(Path("/").glob(f"{f}/{name}"))), None)
    if found is not None:
        return found
    if os.environ.get("ALLOW_MISSING") == "1":
        pytest.skip(f"{name} is not installed")
    pytest.fail(f"{name} is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_parent() -> None:
    _libc.prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


@contextmanager
def running(command: list[str], log: Path, *, stop: signal.Signals, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, its output in a file, and stop it at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, preexec_fn=end_with_parent, **more)
        try:
            yield process
        finally:
            process.send_signal(stop)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers; fails with its log when it has ended or takes too long."""
    until = time.monotonic() + PATIENCE
    while not answers():
        if process.poll() is not None or time.monotonic() > until:
            pytest.fail(f"{process.args!r} does not answer:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.05)


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fails when it takes too long."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


class Postgres:
    """A cluster of its own; databases are made from a template in a moment."""

    def __init__(self, port: int, log: Path) -> None:
        self.port, self.log = port, log
        self._count = 0

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        with self._connect() as connection:
            connection.execute(statement.encode())

    def value(self, question: str) -> Any:
        """Return the one value that a question is answered by."""
        with self._connect() as connection:
            row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None

    def create(self, *, template: str = "template0") -> str:
        """Make a database like `template` and return its name."""
        self._count += 1
        name = f"test_{self._count}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres", autocommit=True)


@contextmanager
def postgres(*, in_memory: bool = True, **settings: str) -> Iterator[Postgres]:
    """Run a PostgreSQL of our own with its durable settings on; PostgreSQL refuses root, so root lends it a user.

    Its files lie in memory where there is room for them, unless they have to lie on a disk.
    """
    initdb = find_program("initdb", "usr/lib/postgresql/*/bin")
    server = find_program("postgres", "usr/lib/postgresql/*/bin")
    as_user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="contest-postgres-", dir=quick_folder() if in_memory else None))
    data, log = folder / "data", folder / "log"
    try:
        if as_user:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        initialise = [
            initdb,
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]
        subprocess.run(initialise, check=True, capture_output=True, cwd=folder, **as_user)
        port = free_port()
        options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 200}
        command = [server, "-D", str(data), *(f"--{name}={value}" for name, value in (options | settings).items())]
        with running(command, log, stop=signal.SIGINT, cwd=folder, **as_user) as process:
            cluster = Postgres(port, log)
            wait_for(cluster.answers, process, log)
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def quick_folder() -> str | None:
    """Return a folder in memory where there is room, so that durable commits cost little."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2**30 else None


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps nothing and return its URL."""
    port, log = free_port(), folder / "redis.log"
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with running([find_program("redis-server"), *options], log, stop=signal.SIGTERM) as process:
        client = redis.Redis(port=port)
        wait_for(lambda: _pings(client), process, log)
        yield f"redis://127.0.0.1:{port}/0"


def _pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


class Mailbox:
    """An SMTP server that keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = BytesParser(policy=SMTP).parsebytes(envelope.content)
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.messages.append(message)
        return "250 OK"

    def __enter__(self) -> "Mailbox":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


@contextmanager
def application(environ: Mapping[str, str], folder: Path) -> Iterator[str]:
    """Serve the application as in production, worker included, and return its address."""
    port, log = free_port(), folder / "serve.log"
    address = f"http://127.0.0.1:{port}"
    full = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "BASE_URL": address, **environ}
    command = [sys.executable, "-m", "contest.serve"]
    with running(command, log, stop=signal.SIGTERM, cwd=ROOT, env=full) as process:
        wait_for(lambda: answers(f"{address}/readyz"), process, log)
        yield address


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
