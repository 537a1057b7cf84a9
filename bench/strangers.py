"""Strangers who hold on to a server: slow heads, bodies without end, silent connections, readers who do not read, floods.

.venv/bin/python -m bench.strangers ADDRESS --seconds 20 [--heads 2000] [--bodies 500] [--idle 2000] [--silent 500] [--flood 2]

What the server ends is begun anew, as those who mean harm do. At the end one line of JSON says what came of it.
"""

import argparse
import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

Kind = Callable[["Stranger"], Awaitable[None]]
PAGE = "/sign-in"


class Stranger:
    """One connection at a time, over and over until the time is up."""

    def __init__(self, address: str, until: float, told: Counter[str]) -> None:
        self.host, self.port = urlsplit(address).hostname or "", urlsplit(address).port or 80
        self.until, self.told, self.rng = until, told, random.Random(id(self))

    def head(self, method: str = "GET", path: str = PAGE, more: str = "") -> bytes:
        return f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{more}".encode()

    async def live(self, kind: Kind) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.rng.random() * 2)
        while loop.time() < self.until:
            try:
                async with asyncio.timeout_at(self.until):
                    await kind(self)
                self.told[f"{kind.__name__} ended by the server"] += 1
            except TimeoutError:
                self.told[f"{kind.__name__} held to the end"] += 1
            except OSError as error:
                self.told[f"{kind.__name__} {type(error).__name__}"] += 1
                await asyncio.sleep(0.2)

    async def open(self, *, window: int = 2**16) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.told["connections"] += 1
        return await asyncio.open_connection(self.host, self.port, limit=window)


async def heads(one: Stranger) -> None:
    """Say a head that never ends, a line every second."""
    reader, writer = await one.open()
    with_head = one.head()
    try:
        writer.write(with_head)
        while not reader.at_eof():
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1024), 1)
            writer.write(b"X-a: b\r\n")
            await writer.drain()
    finally:
        writer.close()


async def bodies(one: Stranger) -> None:
    """Announce a body and send a byte of it every second; every other one is chunked and has no end."""
    is_chunked = one.rng.random() < 0.5
    how = "Transfer-Encoding: chunked\r\n\r\n" if is_chunked else "Content-Length: 900000\r\n\r\n"
    reader, writer = await one.open()
    try:
        writer.write(one.head("POST", PAGE, f"Content-Type: application/x-www-form-urlencoded\r\n{how}"))
        while not reader.at_eof():
            with suppress(TimeoutError):
                if await asyncio.wait_for(reader.read(1024), 1):
                    return
            writer.write(b"1\r\na\r\n" if is_chunked else b"a")
            await writer.drain()
    finally:
        writer.close()


async def idle(one: Stranger) -> None:
    """Ask once and keep the connection."""
    reader, writer = await one.open()
    try:
        writer.write(one.head(path="/healthz") + b"\r\n")
        while await reader.read(4096):
            pass
    finally:
        writer.close()


async def silent(one: Stranger) -> None:
    """Connect and say nothing."""
    reader, writer = await one.open()
    try:
        await reader.read()
    finally:
        writer.close()


async def readers(one: Stranger) -> None:
    """Ask for page after page and read nothing of what comes."""
    _, writer = await one.open(window=1)
    try:
        while not writer.is_closing():
            writer.write((one.head() + b"\r\n") * 20)
            await writer.drain()
            await asyncio.sleep(1)
    finally:
        writer.transport.abort()


async def flood(one: Stranger) -> None:
    """Ask as fast as answers come, without a session."""
    reader, writer = await one.open()
    try:
        while True:
            writer.write(one.head() + b"\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            one.told[f"flood answered {head[9:12].decode()}"] += 1
            length = next((int(h[15:]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
            await reader.readexactly(length)
            if b"connection: close" in head.lower():
                return
    except asyncio.IncompleteReadError:
        return
    finally:
        writer.close()


KINDS: dict[str, Kind] = {kind.__name__: kind for kind in (heads, bodies, idle, silent, readers, flood)}


async def besiege(address: str, seconds: float, counts: dict[str, int]) -> Counter[str]:
    told: Counter[str] = Counter()
    until = asyncio.get_running_loop().time() + seconds
    async with asyncio.TaskGroup() as group:
        for name, count in counts.items():
            for _ in range(count):
                group.create_task(Stranger(address, until, told).live(KINDS[name]))
    return told


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.strangers", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("address")
    parser.add_argument("--seconds", type=float, default=20)
    for name in KINDS:
        parser.add_argument(f"--{name}", type=int, default=0)
    options = parser.parse_args()
    counts = {name: getattr(options, name) for name in KINDS}
    print(json.dumps(asyncio.run(besiege(options.address, options.seconds, counts))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
