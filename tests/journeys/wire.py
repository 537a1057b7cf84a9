"""A wire between a browser and the server that counts what comes down it: everything, whoever in the browser asked."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Its address is the server's to the browser; `received` is how many bytes have come down, headers included."""

    def __init__(self, server: str) -> None:
        split = urlsplit(server)
        self._to = (split.hostname or "", split.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.received = 0
        self._counting = threading.Lock()
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
            while piece := source.recv(65536):
                if is_down:
                    with self._counting:
                        self.received += len(piece)
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

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
