"""The bounded place where passwords are hashed, which is slow on purpose: beside the requests, and after them.

A process hashes one at a time, in a thread that yields to every other. Those who wait for it hold nobody up: their turn
is given up meanwhile. Beyond as many as may wait, people are asked to come again in a moment.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from contest.errors import Crowded
from contest.gateways.turns import given_up

Result = TypeVar("Result")
WAITING = 24  # people who may wait in a process at once, which takes them about a second
AGAIN = 3  # seconds after which whoever finds no room is asked to come again
_NICE = 10


def _yield_to_others() -> None:
    """Let this thread come after all others; on Linux that is a thread's own."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


class Place:
    """Where passwords are hashed one after the other."""

    def __init__(self, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(1, "hashing", initializer=_yield_to_others)
        self._places = threading.BoundedSemaphore(waiting)

    def refuse_crowd(self) -> None:
        """Raise Crowded where too many wait already; for before anything is counted against whoever asks."""
        self._enter()
        self._places.release()

    def run(self, work: Callable[..., Result], *given: str) -> Result:
        """Return what the work returns, once it is its turn; raises Crowded where too many wait already."""
        self._enter()
        try:
            with given_up():
                return self._pool.submit(work, *given).result()
        finally:
            self._places.release()

    def _enter(self) -> None:
        if not self._places.acquire(blocking=False):
            raise Crowded(AGAIN)
