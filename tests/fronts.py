"""What stands before and behind the program where it runs for many, as deploy/ has it: nginx, PgBouncer, a second PostgreSQL.

Each runs with the configuration that is shipped; only addresses, ports and folders are other ones.
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psycopg

from tests.servers import (
    ROOT,
    Postgres,
    end_with_parent,
    find_program,
    free_port,
    quick_folder,
    running,
    wait_for,
    wait_until,
)

DEPLOY = ROOT / "deploy"
_POSTGRES = "usr/lib/postgresql/*/bin"
_TLS_LISTEN = re.compile(r"^ *listen (?:\[::\]:)?(?:80|443).*;\n", re.MULTILINE)
_SERVERS = re.compile(r"^server \S+?(?= max_fails)", re.MULTILINE)


def render_nginx(folder: Path, port: int, nodes: Sequence[int], *, tls_port: int = 0) -> Path:
    """Write the shipped configuration into a folder, for ports of this machine, and return its main file.

    Without `tls_port` the site itself listens on `port` in clear; with it, `port` leads there, as in production.
    """
    own = folder / "nginx"
    shutil.copytree(DEPLOY / "nginx", own / "hoi-thi", dirs_exist_ok=True)
    for name in ("cache", "log", "run"):
        (own / name).mkdir(exist_ok=True)
    options = "max_fails=2 fail_timeout=2s" if len(nodes) > 1 else "max_fails=0"
    listed = "".join(f"server 127.0.0.1:{node} {options};\n" for node in nodes)
    (own / "hoi-thi" / "nodes.conf").write_text(listed)
    for path in [own / "hoi-thi" / p.name for p in (DEPLOY / "nginx").glob("*.conf")]:
        path.write_text(_placed(path.read_text(encoding="utf-8"), own), encoding="utf-8")
    main = _placed((DEPLOY / "nginx.conf").read_text(encoding="utf-8"), own)
    main = main.replace("user www-data;", "user root;" if os.getuid() == 0 else "")
    main = re.sub(
        r"worker_rlimit_nofile \d+;", f"worker_rlimit_nofile {resource.getrlimit(resource.RLIMIT_NOFILE)[1]};", main
    )
    main = main.replace("include mime.types;", f"include {_mime_types()};")
    before, clear, sealed = main.split("    server {\n")
    if tls_port:
        clear = _TLS_LISTEN.sub("", clear).replace("access_log", f"listen 127.0.0.1:{port};\n        access_log", 1)
        sealed = _TLS_LISTEN.sub("", sealed).replace(
            "ssl_certificate ", f"listen 127.0.0.1:{tls_port} ssl http2;\n        ssl_certificate ", 1
        )
        _make_certificate(own / "tls")
        main = "    server {\n".join((before, clear, sealed))
    else:
        sealed = re.sub(r"^ *ssl_.*;\n", "", _TLS_LISTEN.sub("", sealed), flags=re.MULTILINE)
        main = before + "    server {\n" + f"        listen 127.0.0.1:{port};\n" + sealed
    path = own / "nginx.conf"
    path.write_text(main, encoding="utf-8")
    return path


def _placed(text: str, own: Path) -> str:
    for there, here in (
        ("/etc/nginx/tls", own / "tls"),
        ("/var/cache/nginx", own / "cache"),
        ("/var/log/nginx", own / "log"),
        ("/run/nginx.pid", own / "run" / "nginx.pid"),
        ("include hoi-thi/", f"include {own}/hoi-thi/"),
    ):
        text = text.replace(there, str(here))
    return text


def _mime_types() -> str:
    return next(str(p) for p in (Path("/etc/nginx/mime.types"), Path("/usr/share/nginx/mime.types")) if p.exists())


def _make_certificate(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        str(folder / "privkey.pem"),
    ]
    named = ["-x509", "-days", "2", "-subj", "/CN=localhost", "-out", str(folder / "fullchain.pem")]
    command = [find_program("openssl"), "req", *key, *named]
    subprocess.run(command, check=True, capture_output=True)


def nginx_command(conf: Path, *more: str) -> list[str]:
    return [find_program("nginx", "usr/sbin"), "-c", str(conf), "-p", str(conf.parent), *more]


@contextmanager
def nginx(folder: Path, nodes: Sequence[int], *, port: int = 0) -> Iterator[str]:
    """Run nginx in clear before nodes of this machine and yield its address; its files lie in `folder`/nginx."""
    port = port or free_port()
    conf = render_nginx(folder, port, nodes)
    log = folder / "nginx.out"
    command = nginx_command(conf, "-g", "daemon off;")
    with running(command, log, stop=signal.SIGQUIT) as process:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: _speaks(address), process, log)
        yield address


def _speaks(address: str) -> bool:
    try:
        urlopen(f"{address}/healthz", timeout=5).close()
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True


def render_pgbouncer(folder: Path, database_port: int, *, port: int, password: str = "") -> list[str]:
    """Write the shipped configuration for a PostgreSQL of this machine, whatever its databases are called; return the command.

    With a password it asks for that of `hoithi` as in production; without one it trusts everybody, as the tests' cluster does.
    """
    own = folder / "pgbouncer"
    own.mkdir(exist_ok=True)
    text = (DEPLOY / "pgbouncer.ini").read_text(encoding="utf-8")
    text = re.sub(r"^hoithi = .*$", f"* = host=127.0.0.1 port={database_port}", text, flags=re.MULTILINE)
    text = text.replace("listen_port = 6432", f"listen_port = {port}").replace("/etc/pgbouncer/", f"{own}/")
    if not password:
        text = text.replace("auth_type = scram-sha-256", "auth_type = trust")
    (own / "userlist.txt").write_text(f'"hoithi" "{password}"\n"postgres" ""\n')
    (own / "pgbouncer.ini").write_text(text)
    if os.getuid() == 0:
        for path in (own, *own.iterdir()):
            shutil.chown(path, "postgres", "postgres")
    return [find_program("pgbouncer", "usr/sbin"), str(own / "pgbouncer.ini")]


class Standby(Postgres):
    """A streaming replica of a cluster, which can be held back, fall silent, be killed, and come back. It logs all statements."""

    def __init__(self, primary: Postgres, folder: Path, **settings: str) -> None:
        super().__init__(free_port(), folder / "standby.log")
        self._primary, copy = primary, folder / "standby"
        self._command = standby_command(primary.port, copy, self.port, log_statement="all", **settings)
        self._more = {"cwd": copy, "preexec_fn": end_with_parent, **as_postgres()}
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(self._command, stdout=output, stderr=output, **self._more)
        wait_for(self.answers, self.process, self.log)

    def end(self) -> None:
        """End it at once, as if it had been killed, with all that it is doing."""
        self.go_on()
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def fall_silent(self) -> None:
        """Stop all its processes; their machine answers for them, so far as that goes."""
        self._send_all(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send_all(signal.SIGCONT)

    def _send_all(self, number: signal.Signals) -> None:
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in (self.process.pid, *(int(child) for child in (own.read_text().split() if own.exists() else ()))):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def hold_back(self) -> None:
        """Take what comes, and show nothing of it."""
        self.run("SELECT pg_wal_replay_pause()")
        wait_until(lambda: self.value("SELECT pg_get_wal_replay_pause_state()") == "paused")

    def let_on(self) -> None:
        self.run("SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Wait until it shows all that the primary has by now."""
        there = self._primary.value("SELECT pg_current_wal_lsn()::text")
        wait_until(lambda: self.value(f"SELECT pg_last_wal_replay_lsn() >= '{there}'"))

    def statements(self) -> list[str]:
        """Return what the program has read on it so far: what tests and looks ask is not about tables."""
        found = re.split(r"LOG:  (?:execute \S+|statement): ", self.log.read_text(errors="replace"))[1:]
        return [said for said in (" ".join(f.split()) for f in found) if " FROM " in said and "pg_" not in said]


def standby_command(primary_port: int, copy: Path, port: int, *, name: str = "replica", **settings: str) -> list[str]:
    """Copy a running cluster as the documentation says, and return how its replica is started."""
    base = [find_program("pg_basebackup", _POSTGRES), "-h", "127.0.0.1", "-p", str(primary_port), "-U", "postgres", "-D",
            str(copy), "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", f"application_name={name}"]  # fmt: skip
    subprocess.run(base, check=True, capture_output=True, cwd=copy.parent, **as_postgres())
    told = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "hot_standby": "on",
        **settings,
    }
    return [find_program("postgres", _POSTGRES), "-D", str(copy), *(f"--{k}={v}" for k, v in told.items())]


@contextmanager
def standby(primary: Postgres, **settings: str) -> Iterator[Standby]:
    """Run a replica of a cluster."""
    with shared_folder(quick_folder()) as folder:
        found = Standby(primary, folder, **settings)
        try:
            yield found
        finally:
            found.end()


@contextmanager
def shared_folder(under: str | None = None) -> Iterator[Path]:
    """Yield a folder that belongs to PostgreSQL's user, wherever pytest keeps its own."""
    folder = Path(tempfile.mkdtemp(prefix="contest-shared-", dir=under))
    folder.chmod(0o755)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def as_postgres() -> dict[str, Any]:
    """Return how root starts what refuses to be root's."""
    return {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}


@contextmanager
def pgbouncer(folder: Path, database_port: int, *, password: str = "") -> Iterator[int]:
    """Run PgBouncer and yield its port."""
    port, log, user = free_port(), folder / "pgbouncer.log", "hoithi" if password else "postgres"
    command = render_pgbouncer(folder, database_port, port=port, password=password)
    with running(command, log, stop=signal.SIGINT, cwd="/", **as_postgres()) as process:
        wait_for(lambda: answers(port, user, password), process, log)
        yield port


def answers(port: int, user: str = "postgres", password: str = "", database: str = "postgres") -> bool:
    """Say whether a database, or what stands before it, lets somebody in."""
    where = f"host=127.0.0.1 port={port} user={user} password='{password}' dbname={database} connect_timeout=2"
    try:
        psycopg.connect(where).close()
    except psycopg.OperationalError:
        return False
    return True
