"""Everything of an installation that can fail, started so that it can: nodes, database, Redis, nginx, disk and clock."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from bench.faults.mutants import FOLDER as MUTANTS
from contest import config
from contest.gateways import assets
from tests.servers import find_program, free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
DISK_MB = 600  # of the disk that is filled up
_FAKETIME = "usr/lib/*/faketime"
_POSTGRES = "usr/lib/postgresql/*/bin"
_NGINX = """worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream nodes {{ {nodes} keepalive 32; }}
  server {{ listen 127.0.0.1:{port};
    location / {{ proxy_pass http://nodes; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Request-Start "t=${{msec}}";
      proxy_next_upstream off; proxy_read_timeout 15s; proxy_connect_timeout 2s; }} }}
}}
"""


class Server:
    """A process that can be killed, stopped for a while, and started again."""

    def __init__(self, command: list[str], log: Path, **more: Any) -> None:
        self._command, self._log, self._more = command, log, more
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                self._command, stdout=output, stderr=output, start_new_session=True, **self._more
            )

    def children(self) -> list[int]:
        """Return the processes below this one, the nearest first."""
        found, waiting = [], [self.process.pid]
        while waiting:
            tasks = Path(f"/proc/{waiting[0]}/task")
            try:
                own = [int(c) for t in tasks.iterdir() for c in (t / "children").read_text().split()]
            except OSError:
                own = []
            found += own
            waiting = [*waiting[1:], *own]
        return found

    def send(self, number: signal.Signals, pid: int | None = None) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid or self.process.pid, number)

    def kill(self) -> None:
        """Kill the process with all below it, and wait."""
        for pid in [*self.children(), self.process.pid]:
            self.send(signal.SIGKILL, pid)
        self.process.wait()

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.send(number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()


class Site:
    """One installation: on SQLite one node, on PostgreSQL and Redis two behind nginx, the second with a clock of its own."""

    def __init__(self, store: str, folder: Path, *, mutant: str = "", is_small: bool = False) -> None:
        self.store, self.folder, self.mutant = store, folder, mutant
        self.disk = folder / "disk"
        self.disk.mkdir()
        self.is_mounted = _mount(self.disk)
        self.clock = folder / "clock"
        self.clock.write_text("+0")
        self.postgres: Server | None = None
        self.redis: Server | None = None
        self.nginx: Server | None = None
        self.nodes: list[Server] = []
        count = 1 if store == "sqlite" or is_small else 2
        self.ports = [free_port() for _ in range(count)]
        self.front = self.ports[0] if count == 1 else free_port()
        self.address = f"http://127.0.0.1:{self.front}"

    def set_up(self) -> None:
        """Start what keeps the data, and make its tables; `close` undoes it however far it came."""
        self.environ = self._environ()
        self.flask("db", "upgrade")

    def open(self) -> None:
        """Start the nodes, and nginx before them where there are two; waits until they are ready."""
        self.nodes = [self._node(n, port) for n, port in enumerate(self.ports)]
        if len(self.nodes) > 1:
            conf = self.folder / "nginx.conf"
            nodes = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in self.ports)
            conf.write_text(_NGINX.format(folder=self.folder, nodes=nodes, port=self.front))
            program = find_program("nginx", "usr/sbin")
            self.nginx = Server([program, "-c", str(conf), "-p", str(self.folder)], self.folder / "nginx.out")
        self.wait_ready()

    def wait_ready(self) -> None:
        for port in self.ports:
            until(lambda port=port: is_ready(port), f"node {port}")  # type: ignore[misc]

    def run(self, module: str, *more: str, **how: Any) -> str:
        """Run a module of ours with the settings of the site and return what it says."""
        command = [sys.executable, "-m", module, *more]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, cwd=ROOT, env=self.environ, capture_output=True, text=True, **how
        )
        if done.returncode:
            raise RuntimeError(f"{module} {more}: {done.stderr[-2000:]}")
        return done.stdout.strip()

    def flask(self, *command: str) -> str:
        return self.run("flask", "--app", "wsgi", *command)

    def close(self) -> None:
        for server in (self.nginx, *self.nodes, self.redis):
            if server is not None:
                server.end()
        if self.postgres is not None:
            self.postgres.end(signal.SIGINT)
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.disk)], check=False)

    # What can fail

    def start_postgres(self) -> None:
        assert self.postgres is not None
        self.postgres.start()
        until(self._postgres_answers, "PostgreSQL")

    def backends(self) -> list[int]:
        """Return the processes of PostgreSQL that serve the application."""
        assert self.postgres is not None
        named = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in self.postgres.children()}
        return [pid for pid, line in named.items() if b"127.0.0.1" in line]

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Fill the disk of the database to its last byte, and free it again."""
        filler = self.disk / "filler"
        free = shutil.disk_usage(self.disk).free
        try:
            with filler.open("wb") as file, suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, free)
            with (self.disk / "crumbs").open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"\0" * 4096)
                except OSError:
                    pass
            yield
        finally:
            filler.unlink(missing_ok=True)
            (self.disk / "crumbs").unlink(missing_ok=True)

    # Settings

    def _environ(self) -> dict[str, str]:
        instance = self.disk / "instance"
        config.prepare_instance(instance, development=True)
        assets.build(config.ROOT / "static", instance / "assets")
        url = f"sqlite:///{self.disk / 'contest.db'}" if self.store == "sqlite" else self._start_stores()
        own = {"APP_ENV": "development", "INSTANCE_PATH": str(instance), "DATABASE_URL": url, "HOST": "127.0.0.1"}
        if self.redis is not None:
            own["REDIS_URL"] = f"redis://127.0.0.1:{self._redis_port}/0"
        if self.mutant:
            own |= {"MUTANT": self.mutant, "PYTHONPATH": f"{MUTANTS}:{ROOT}"}
        return {**os.environ, **own}

    def _start_stores(self) -> str:
        self._redis_port = free_port()
        options = ["--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.redis = Server([find_program("redis-server"), *options], self.folder / "redis.log", cwd=self.folder)
        as_user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
        self._port, data = free_port(), self.disk / "data"
        for folder in (self.folder, self.disk):
            folder.chmod(0o755)
        data.mkdir(mode=0o700)
        if as_user:
            os.chown(data, pwd.getpwnam("postgres").pw_uid, pwd.getpwnam("postgres").pw_gid)
        initdb = [find_program("initdb", _POSTGRES), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync"]  # fmt: skip
        subprocess.run(initdb, check=True, capture_output=True, cwd=data, **as_user)
        told = {"listen_addresses": "127.0.0.1", "port": self._port, "unix_socket_directories": "", "max_wal_size": "64MB",
                "min_wal_size": "32MB", "wal_recycle": "off"}  # fmt: skip
        command = [find_program("postgres", _POSTGRES), "-D", str(data), *(f"--{k}={v}" for k, v in told.items())]
        self.postgres = Server(command, self.folder / "postgres.log", cwd=data, **as_user)
        until(self._postgres_answers, "PostgreSQL")
        self._psql("CREATE DATABASE contest TEMPLATE template0")
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/contest"

    def _psql(self, statement: str, database: str = "postgres") -> None:
        import psycopg

        where = f"host=127.0.0.1 port={self._port} user=postgres dbname={database} connect_timeout=2"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())

    def terminate_backends(self) -> None:
        """Let PostgreSQL end every connection of the application."""
        self._psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'contest' AND pid <> pg_backend_pid()"
        )

    def _postgres_answers(self) -> bool:
        try:
            self._psql("SELECT 1")
        except Exception:  # noqa: BLE001  (whatever it says while it starts)
            return False
        return True

    def _node(self, number: int, port: int) -> Server:
        own = {"PORT": str(port), "BASE_URL": self.address, "WORKERS": "2", **_trust(len(self.ports))}
        if number == 1:
            own |= _own_clock(self.clock)
        return Server(
            [sys.executable, "-m", "contest.serve"], self.folder / f"node-{number}.log", cwd=ROOT,
            env={**self.environ, **own},
        )  # fmt: skip


def _trust(nodes: int) -> Mapping[str, str]:
    return {"TRUSTED_PROXIES": "1"} if nodes > 1 else {}


def _own_clock(file: Path) -> Mapping[str, str]:
    """Return the settings by which a process reads its clock as the file says: +30 is half a minute fast."""
    library = find_program("libfaketimeMT.so.1", _FAKETIME)
    return {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1"}  # fmt: skip


def _mount(folder: Path) -> bool:
    """Give a folder a small disk of its own; False where that is not allowed, and then no disk is filled."""
    told = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    return os.getuid() == 0 and subprocess.run(told, capture_output=True, check=False).returncode == 0


def is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def until(answers: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not answers():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} does not answer")
        time.sleep(0.1)
