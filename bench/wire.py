"""A browser for load: one kept connection on asyncio, one request at a time, cookies, redirects left to the caller.

It asks for no compression and decodes nothing but chunks; what it costs is about 60 µs a request, so that a hundred
of these on the same machine leave the cores to the server.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

PATIENCE = 60.0  # seconds for one answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Unexpected(Exception):
    """An answer that no participant should get."""


class Later(Unexpected):
    """An answer that asks to come again in some seconds: expected by whoever can wait."""

    def __init__(self, said: str, seconds: float) -> None:
        super().__init__(said)
        self.seconds = seconds


class Broken(Exception):
    """A connection that ended before, or within, an answer."""


class Browser:
    """One participant's browser: it connects when it has to ask, and again when the server has closed meanwhile."""

    def __init__(self, address: str) -> None:
        self._netloc = urlsplit(address).netloc
        self.cookies: dict[str, str] = {}
        self.received = 0  # bytes
        self._line: _Line | None = None

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, None, headers)

    async def post(self, path: str, form: Mapping[str, str]) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.ask("POST", path, urlencode(form).encode(), headers)

    async def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Return the answer to one request; raises Broken, OSError, or TimeoutError when there is none."""
        wire = self._request(method, path, body, headers)
        is_used = self._line is not None
        try:
            async with asyncio.timeout(PATIENCE):
                try:
                    answer = await self._exchange(wire)
                except (Broken, ConnectionError):
                    self.close()
                    if not is_used:
                        raise
                    answer = await self._exchange(wire)  # a kept connection may be closed at any time: as browsers do
        except BaseException:
            self.close()
            raise
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _request(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._netloc}", *(f"{k}: {v}" for k, v in headers.items())]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")

    async def _exchange(self, wire: bytes) -> Answer:
        if self._line is None:
            host, _, port = self._netloc.partition(":")
            _, self._line = await asyncio.get_running_loop().create_connection(_Line, host, int(port))
        status, headers, cookies, body = await self._line.exchange(wire)
        self.received += self._line.received
        for name, value in cookies:
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return Answer(status, headers, body)


_Parsed = tuple[int, dict[str, str], list[tuple[str, str]], bytes]


class _Line(asyncio.Protocol):
    """One connection: it collects bytes until they are a whole answer."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._head: tuple[int, dict[str, str], list[tuple[str, str]]] | None = None
        self._waiting: asyncio.Future[_Parsed] | None = None
        self._is_lost = False
        self.received = 0  # bytes of the answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _why: Exception | None) -> None:
        self._is_lost = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Broken("the connection ended"))

    def close(self) -> None:
        self._transport.close()

    async def exchange(self, wire: bytes) -> _Parsed:
        if self._is_lost:
            raise Broken("the connection had ended")
        self.received = 0
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(wire)
        return await self._waiting

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        self.received += len(data)
        if self._head is None:
            head, found, _ = bytes(self._bytes).partition(b"\r\n\r\n")
            if not found:
                return
            self._head = _read_head(head.decode("latin-1"))
            del self._bytes[: len(head) + 4]
        status, headers, cookies = self._head
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = _read_chunks(bytes(self._bytes))
        else:
            length = int(headers.get("content-length", "0"))
            body = bytes(self._bytes) if len(self._bytes) >= length else None
        if body is not None and self._waiting is not None and not self._waiting.done():
            self._bytes.clear()
            self._head = None
            self._waiting.set_result((status, headers, cookies, body))


def _read_head(head: str) -> tuple[int, dict[str, str], list[tuple[str, str]]]:
    """Return status, headers and cookies; of a header given twice the last, of cookies each."""
    first, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    cookies = []
    for line in lines:
        name, _, value = line.partition(":")
        if (small := name.lower()) == "set-cookie":
            key, _, kept = value.strip().partition(";")[0].partition("=")
            cookies.append((key, kept))
        else:
            headers[small] = value.strip()
    return int(first.split(" ", 2)[1]), headers, cookies


def _read_chunks(data: bytes) -> bytes | None:
    """Return the body that chunks are the whole of; None while some are missing."""
    parts: list[bytes] = []
    at = 0
    while (end := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:end].partition(b";")[0], 16)
        if len(data) < end + 2 + size + 2:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(data[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return None


def expect(answer: Answer, status: int) -> Answer:
    if answer.status != status:
        said = f"{answer.status} {answer.text[:200]}"
        if "retry-after" in answer.headers:
            raise Later(said, float(answer.headers["retry-after"]))
        raise Unexpected(said)
    return answer


def find(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise Unexpected(f"no {pattern.pattern} on the page")
    return found[1]
