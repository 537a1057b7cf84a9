"""The serve entry: it does not share a port with something that already listens there, and clears up after killed ones."""

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from contest import serve
from contest.config import ROOT
from tests import servers


def test_taken_port_is_refused_with_the_way_out(instance: Path, sqlite_url: str) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the server itself would allow
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        environ = {
            "APP_ENV": "development",
            "INSTANCE_PATH": str(instance),
            "DATABASE_URL": sqlite_url,
            "PORT": str(port),
        }
        command = [sys.executable, "-m", "contest.serve"]
        done = subprocess.run(
            command, env={**os.environ, **environ}, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 1
    assert f"127.0.0.1:{port} cannot be used" in done.stderr
    assert f"PORT={port + 1} ./run" in done.stderr


_WITHIN = """
import gc, json, sys, threading
import sqlalchemy as sa
from contest import create_server
from contest.db import db
app = create_server()
found = {"still": gc.get_freeze_count(), "loaded": sorted({"alembic", "flask_migrate", "redis"} & set(sys.modules))}
def work():
    found["beside"] = [threading.current_thread().name, db.session.scalar(sa.select(sa.literal(7)))]
before = set(threading.enumerate())
app.extensions["cache"].beside(work)
app.extensions["cache"].beside(lambda: 1 // 0)
for thread in set(threading.enumerate()) - before:
    thread.join(30)
print(json.dumps(found))
"""


def test_process_of_a_server_sets_apart_what_stays_and_does_beside_requests_what_none_waits_for(
    instance: Path, sqlite_url: str
) -> None:
    given = {"APP_ENV": "development", "INSTANCE_PATH": str(instance), "DATABASE_URL": sqlite_url}
    environ = {**os.environ, **given}
    command = [sys.executable, "-c", _WITHIN]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    *said, last = done.stdout.splitlines()
    found = json.loads(last)
    assert (found["loaded"], found["beside"]) == ([], ["beside", 7])
    assert found["still"] > 100_000
    assert any("what was done beside the requests failed" in line for line in said)


_FORKED = """
import json
from contest import serve
from contest.db import db
serve._build()
(built,) = serve._built
with built.app_context():
    left = db.engine.pool.checkedin()
print(json.dumps([left, serve._taken_on("wsgi:app") is built]))
"""


def test_what_is_forked_from_has_no_connection_and_is_taken_as_it_is(instance: Path, sqlite_url: str) -> None:
    given = {"APP_ENV": "development", "INSTANCE_PATH": str(instance), "DATABASE_URL": sqlite_url}
    command = [sys.executable, "-c", _FORKED]
    done = subprocess.run(
        command, env={**os.environ, **given}, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, True]


def _of_processes(server: int) -> dict[int, int]:
    """Return of each process that a server has begun how many MB of what it has written it shares."""
    found = {}
    for pid in (pid for path in Path(f"/proc/{server}/task").glob("*/children") for pid in path.read_text().split()):
        with suppress(OSError):  # it has ended
            roll = Path(f"/proc/{pid}/smaps_rollup").read_text()
            found[int(pid)] = int(re.findall(r"Shared_Dirty:\s+(\d+)", roll)[0]) // 1000
    return found


def test_web_processes_share_what_was_built_before_them_and_are_each_its_own(
    instance: Path, postgres_url: str, tmp_path: Path
) -> None:
    runtime, port, log = tmp_path / "runtime", servers.free_port(), tmp_path / "log"
    given = {"APP_ENV": "development", "INSTANCE_PATH": str(instance), "DATABASE_URL": postgres_url}
    environ = {**os.environ, **given, "PORT": str(port), "WORKERS": "2", "RUNTIME_PATH": str(runtime)}
    command = [sys.executable, "-m", "contest.serve", "--web"]
    with servers.running(command, log, stop=signal.SIGTERM, cwd=ROOT, env=environ) as server:
        servers.wait_for(lambda: servers.answers(f"http://127.0.0.1:{port}/healthz"), server, log)
        servers.wait_for(lambda: len(list(runtime.glob("*-*.json"))) == 2, server, log)
        shared = _of_processes(server.pid)
        assert {path.name.partition("-")[0] for path in runtime.glob("*-*.json")} == {str(pid) for pid in shared}
        assert min(shared.values()) > 50
        killed = min(shared)
        os.kill(killed, signal.SIGKILL)  # the one that takes its place is forked from the same
        servers.wait_for(lambda: len(_of_processes(server.pid).keys() - {killed}) == 2, server, log)
        assert servers.answers(f"http://127.0.0.1:{port}/healthz")
        assert min(_of_processes(server.pid).values()) > 50


def test_folders_of_servers_that_were_killed_are_removed_and_no_others(tmp_path: Path) -> None:
    for name in ("hoi-thi-killed", "hoi-thi-living", "another"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "held").touch()
    (tmp_path / "hoi-thi-beginning").mkdir()
    with (tmp_path / "hoi-thi-living" / "held").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        serve._sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["another", "hoi-thi-beginning", "hoi-thi-living"]
