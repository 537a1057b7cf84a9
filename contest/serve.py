"""The serve entry: the server, and the worker beside it. `python -m contest.serve`; `--web` or `--worker` is one of them alone.

Asked to end, it says at `/readyz` at once that it takes no more, goes on for as long as what stands in front needs to see
that, and lets the requests that run come to their end; the worker ends meanwhile.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from contest import config, create_app, create_server, set_apart, worker
from contest.gateways import hashing, logs, parent, turns

SAVING = 24  # threads beside those of who may wait to come in: of those who sit in a paper, and of the few who count
LAST_REQUESTS = 10  # seconds for which a process may still answer what it had taken
_FOLDER, _HELD = "hoi-thi-", "held"
_LEAVING = "stopping"  # as `services.readiness` reads it
_OF = "--of="  # whose worker it is, by the number of its process
_MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of our own is made in it)
log = structlog.get_logger()

_built: list[Flask] = []  # the application, before web processes are forked that share it


def main(*, has_worker: bool = True) -> None:
    """Serve until told to stop; the worker is started again should it ever die."""
    settings = config.load()
    logs.speak(as_json=settings.is_production)
    _refuse_taken(settings)
    with _runtime(settings) as folder:
        _build()
        stopping = threading.Event()
        guard = threading.Thread(target=_keep_worker, args=(stopping,), daemon=True)
        if has_worker:
            guard.start()
        try:
            _serve(settings, folder / _LEAVING, stopping)
        finally:
            stopping.set()
            if has_worker:
                guard.join(worker.GRACE * 2)


def _refuse_taken(settings: config.Settings) -> None:
    """Refuse a port on which something listens: the server would share it, and half of the requests go to the other."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            another = (
                f"stop what runs there (Ctrl+C in its window), or choose another, as in PORT={settings.port + 1} ./run"
            )
            raise SystemExit(f"{settings.host}:{settings.port} cannot be used ({error.strerror}): {another}.") from None


@contextmanager
def _runtime(settings: config.Settings) -> Iterator[Path]:
    """Give the processes of this server a folder for what they tell each other, in memory where there is such a place."""
    if settings.runtime:
        settings.runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in (*settings.runtime.glob("*-*.json"), settings.runtime / _LEAVING):  # by a server that ended
            left.unlink(missing_ok=True)
        yield settings.runtime
        return
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else settings.instance
    _sweep(place)
    made = tempfile.TemporaryDirectory(prefix=_FOLDER, dir=place, ignore_cleanup_errors=True)
    with made as folder, Path(folder, _HELD).open("w", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # by this process and those forked from it
        os.environ["RUNTIME_PATH"] = folder
        yield Path(folder)


def _sweep(place: Path) -> None:
    """Remove the folders of servers that were killed: nobody holds them any more."""
    for left in place.glob(f"{_FOLDER}*/{_HELD}"):
        with suppress(OSError), left.open("rb") as held:  # held, or another user's
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.parent, ignore_errors=True)


class _Server(Granian):  # type: ignore[misc, valid-type]  # its kind is chosen when it is imported
    """The server, which goes on for a while when it is asked to end; asked twice, it ends at once."""

    leaving: Path
    drain: int
    stopping: threading.Event

    def signal_handler_interrupt(self, *_: Any) -> None:
        if self.stopping.is_set() or not self.drain:
            self.stopping.set()
            super().signal_handler_interrupt()
            return
        self.stopping.set()
        self.leaving.touch()
        later = threading.Timer(self.drain, super().signal_handler_interrupt)
        later.daemon = True
        later.start()


def _build() -> None:
    """Build the application once, for all web processes: forked from this one, they share of its memory what none changes."""
    app = create_app(config.load(), migrates=False)
    worker.refuse_lax(app)  # here, with its reason, rather than in every process
    set_apart(app)
    _built[:] = [app]


def _taken_on(_: str) -> Flask:
    """Return the application as a web process runs it, which builds its own where processes are not forked."""
    return create_server(*_built)


def _serve(settings: config.Settings, leaving: Path, stopping: threading.Event) -> None:
    server = _Server(
        "wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=hashing.WAITING + turns.COMMANDS + SAVING,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_REQUESTS,
        backlog=2048,
        log_level=LogLevels.warning,
        log_dictconfig=logs.setup(as_json=settings.is_production),
        working_dir=config.ROOT,
    )
    server.leaving, server.drain, server.stopping = leaving, settings.drain_seconds, stopping
    server.serve(target_loader=_taken_on)


def _keep_worker(stopping: threading.Event) -> None:
    while not stopping.is_set():
        command = [sys.executable, "-m", "contest.serve", "--worker", f"{_OF}{os.getpid()}"]
        process = subprocess.Popen(command, cwd=config.ROOT)  # noqa: S603  (all of it is ours)
        while process.poll() is None:
            if stopping.wait(0.5):
                _end(process)
                return
        log.error("the worker ended and is started again", status=process.returncode)
        stopping.wait(1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the worker to end, and leave none behind that does not."""
    process.terminate()
    try:
        process.wait(worker.GRACE * 1.5)
    except subprocess.TimeoutExpired:
        log.error("the worker did not end, and was killed")
        process.kill()
        process.wait()


def work() -> None:
    """Be the worker until told to stop."""
    own = [int(option.removeprefix(_OF)) for option in sys.argv if option.startswith(_OF)]
    parent.end_with_it(own[0] if own else None)
    settings = config.load()
    logs.speak(as_json=settings.is_production)
    ending = worker.Ending()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ending.ask)
    worker.work(create_app(settings, migrates=False), ending)


if __name__ == "__main__":
    work() if "--worker" in sys.argv else main(has_worker="--web" not in sys.argv)
