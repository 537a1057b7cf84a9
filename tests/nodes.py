"""A server as it is run, whose process is at hand, and a link to its database that can be cut or fall silent."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests import servers


class Node(NamedTuple):
    """A server: its process, its address, and what it has said so far."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def ask(self, path: str, **headers: str) -> tuple[int, Any]:
        """Return status and body, as JSON where it is some; raises OSError when nobody listens."""
        try:
            with urlopen(Request(self.address + path, headers=headers), timeout=20) as answer:
                status, body = answer.status, answer.read().decode()
        except HTTPError as error:
            status, body = error.code, error.read().decode()
        with suppress(ValueError):
            return status, json.loads(body)
        return status, body

    def is_ready(self) -> bool:
        try:
            return self.ask("/readyz")[0] == 200
        except OSError:
            return False

    def is_up(self) -> bool:
        try:
            return self.ask("/healthz")[0] == 200
        except OSError:
            return False

    def lines(self) -> list[dict[str, Any]]:
        """Return what was logged; every line has to be JSON."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def children(self) -> list[int]:
        return [
            int(c)
            for t in Path(f"/proc/{self.process.pid}/task").iterdir()
            for c in (t / "children").read_text().split()
        ]


@contextmanager
def node(folder: Path, *options: str, waits: bool = True, **environ: str) -> Iterator[Node]:
    """Run a server with settings as keywords, until it is ready unless told otherwise; it is stopped at the end."""
    port, log = servers.free_port(), folder / "node.log"
    address = f"http://127.0.0.1:{port}"
    own = {"HOST": "127.0.0.1", "PORT": str(port), "BASE_URL": address, "APP_ENV": "development", "WORKERS": "2"}
    command = [sys.executable, "-m", "contest.serve", *options]
    full: Mapping[str, str] = {**os.environ, **own, **environ}
    with servers.running(command, log, stop=signal.SIGTERM, cwd=servers.ROOT, env=full) as process:
        found = Node(process, address, log)
        servers.wait_for(found.is_ready if waits else found.is_up, process, log)
        yield found


class Link:
    """Stands between a server and its PostgreSQL: `cut` is a database that is gone, `silent` one that hangs."""

    def __init__(self, url: str) -> None:
        before, _, rest = url.partition("127.0.0.1:")
        port, _, name = rest.partition("/")
        self._to = ("127.0.0.1", int(port))
        self._port = servers.free_port()
        self.url = f"{before}127.0.0.1:{self._port}/{name}"
        self._goes = threading.Event()
        self._goes.set()
        self._ends: list[socket.socket] = []
        self._listening: socket.socket | None = None
        self.mend()

    def cut(self) -> None:
        """Break every connection and take no new one."""
        assert self._listening is not None
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._listening = None
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def mend(self) -> None:
        self._goes.set()
        if self._listening is None:
            self._listening = socket.create_server(("127.0.0.1", self._port))
            threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def silence(self) -> None:
        """Let nothing through any more, and close nothing."""
        self._goes.clear()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(self._to)
                self._ends += (near, far)
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                self._goes.wait()
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
