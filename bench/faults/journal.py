"""The journal of a load generator: a line before each request and after each answer, on disk before either counts."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any


class Journal:
    """Appends lines to a file; several threads write, and each waits until its own line lies on the disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()
        self._number = 0

    def note(self, **said: Any) -> int:
        """Write a line and return its number."""
        with self._lock:
            self._number += 1
            line = json.dumps({"n": self._number, "at": time.time(), **said}) + "\n"
            self._file.write(line.encode())
            os.fdatasync(self._file.fileno())
            return self._number
