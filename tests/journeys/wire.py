"""A wire between a browser and the server that counts what comes down it: everything, whoever in the browser asked.

It may be a slow one, for a browser slows down its pages alone and not what a worker of theirs asks for.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Its address is the server's to the browser; `received` is how many bytes have come down, headers included.

    `rate` is how many bytes come down in a second, over all connections together, and `latency` what a request takes
    more, in seconds, once for a new connection and once for each request; None and 0 are as fast as it goes.
    """

    rate: float | None = None
    latency: float = 0.0

    def __init__(self, server: str) -> None:
        split = urlsplit(server)
        self._to = (split.hostname or "", split.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.received = 0
        self._counting = threading.Lock()
        self._free_at = 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._to)
                for source, sink, is_down in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self._carry, args=(source, sink, is_down), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, is_down: bool) -> None:
        with suppress(OSError):
            is_new = True
            while piece := source.recv(4096):
                if is_down:
                    self._pass(len(piece))
                elif self.latency:
                    time.sleep(self.latency * (1 + is_new))
                is_new = False
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _pass(self, size: int) -> None:
        """Count a piece and wait until it has come down the wire, after all that came before it."""
        with self._counting:
            self.received += size
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + (size / self.rate if self.rate else 0)
            wait = self._free_at - now
        if wait > 0:
            time.sleep(wait)

    def close(self) -> None:
        self._listening.close()


@contextmanager
def wired(server: str) -> Iterator[Wire]:
    """Lay a wire to a server for a while."""
    wire = Wire(server)
    try:
        yield wire
    finally:
        wire.close()
