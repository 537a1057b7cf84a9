"""Run a reader of files in a child process: little memory, little time, no network, no writing, nothing to inherit.

The child is a fresh interpreter, so that a server with threads is never forked. It loads the readers without the
application, its settings and its database. What it hands back is data of known shape, never code.
"""

import ctypes
import logging
import math
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from contest.errors import Refused
from contest.formats import wire
from contest.formats.drafts import Reading
from contest.formats.old_codes import OldCode
from contest.formats.readers import FAILED, MOST_BYTES, READERS, TOO_LARGE, UNKNOWN_FORMAT
from contest.formats.readers import read as read_with

log = logging.getLogger(__name__)

_START = (
    "import sys, types; package = types.ModuleType('contest'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['contest'] = package; from contest.gateways.airlock import main; main(*sys.argv[2:])"
)
_PACKAGE = Path(__file__).parents[1]
_ENVIRONMENT = {"LANG": "C.UTF-8"}
_MOST_FILES = 16
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = ("socket.", "subprocess.", "os.", "ctypes.", "shutil.", "tempfile.", "pty.", "signal.", "sqlite3.")
_ALLOWED = {"os.listdir", "os.scandir"}  # what an import looks around with


def read(
    reader: str, data: bytes, *, convert: str | None = None, seconds: float = 20, memory_mb: int = 512
) -> Reading[Any]:
    """Return what a reader of `READERS` makes of a file; `convert` names an old code page that it may be converted from.

    Raises Refused for an unknown reader, for a file over 30 MB, and when the reader crashes or exceeds its limits.
    """
    if reader not in READERS or (convert is not None and convert not in set(OldCode)):
        raise Refused(UNKNOWN_FORMAT)
    if len(data) > MOST_BYTES:
        raise Refused(TOO_LARGE)
    command = [
        sys.executable,
        "-I",
        "-B",
        "-c",
        _START,
        str(_PACKAGE),
        reader,
        convert or "",
        str(seconds),
        str(memory_mb),
    ]
    try:
        child = subprocess.run(  # noqa: S603  (nothing of the file is in the command)
            command, input=data, capture_output=True, timeout=seconds, env=_ENVIRONMENT, start_new_session=True
        )
        child.check_returncode()
        return wire.decode(child.stdout, READERS[reader].draft)
    except subprocess.TimeoutExpired:
        log.warning("reader %s took longer than %s s", reader, seconds)
    except subprocess.CalledProcessError as crash:
        log.warning("reader %s ended with %s: %s", reader, crash.returncode, _kind_of_crash(crash.stderr))
    except ValueError:
        log.warning("reader %s handed back no reading", reader)
    raise Refused(FAILED)


def main(reader: str, convert: str, seconds: str, memory_mb: str) -> None:
    """Read standard input with a reader and write the reading to standard output; the child's whole life."""
    _confine(math.ceil(float(seconds)), int(memory_mb) * 2**20)
    reading = read_with(reader, sys.stdin.buffer.read(), convert)
    sys.stdout.buffer.write(wire.encode(reading))


def _confine(seconds: int, memory: int) -> None:
    """Take away from this process what a reader does not need. Leaving the network may be denied; the hook is not."""
    libc = ctypes.CDLL(None)
    if libc.unshare(_NEW_NETWORK) != 0:
        libc.unshare(_NEW_USER | _NEW_NETWORK)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE):
        resource.setrlimit(limit, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_FILES, _MOST_FILES))
    sys.addaudithook(_forbid)


def _forbid(event: str, args: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN) and event not in _ALLOWED:
        raise PermissionError(event)
    if event == "open" and (args[2] or 0) & _WRITING:
        raise PermissionError(event)


def _kind_of_crash(stderr: bytes) -> str:
    """Return the last line's exception without its message, which may quote the file."""
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].split(":")[0][:80] if lines else ""
