"""The serve entry: the server, and the worker beside it. `python -m contest.serve`; `--web` and `--worker` are each alone."""

import signal
import socket
import subprocess
import sys
import threading
import time

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from contest import config, create_app, worker


def main() -> None:
    """Serve until told to stop; the worker is started again should it ever die."""
    settings = config.load()
    _refuse_taken(settings)
    worker.refuse_lax(create_app(settings))  # here, with its reason, rather than in every worker
    if "--web" in sys.argv:
        _serve(settings)
        return
    stopping = threading.Event()
    guard = threading.Thread(target=_keep_worker, args=(stopping,), daemon=True)
    guard.start()
    try:
        _serve(settings)
    finally:
        stopping.set()
        guard.join(10)


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


def _serve(settings: config.Settings) -> None:
    Granian(
        "wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=1,
        respawn_failed_workers=True,
        backlog=2048,
        log_level=LogLevels.warning,
        working_dir=config.ROOT,
    ).serve()


def _keep_worker(stopping: threading.Event) -> None:
    while not stopping.is_set():
        process = subprocess.Popen([sys.executable, "-m", "contest.serve", "--worker"], cwd=config.ROOT)
        while process.poll() is None:
            if stopping.wait(0.5):
                process.terminate()
                process.wait(10)
                return
        time.sleep(1)


def work() -> None:
    """Be the worker until told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker.work(create_app(), stop)


if __name__ == "__main__":
    work() if "--worker" in sys.argv else main()
