"""Asking what may hang, such as a database that has stopped: whoever asks waits for so long and no longer."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from contest import clock

T = TypeVar("T")


class Bounded(Generic[T]):
    """An answer that is kept for some seconds; while one is awaited nobody asks a second time, and all wait for the first."""

    def __init__(self, *, wait: float, kept: float) -> None:
        self._wait, self._kept = wait, kept
        self._lock = threading.Lock()
        self._pending: Future[T] | None = None
        self._asked_at = 0.0

    def __call__(self, ask: Callable[[], T]) -> T:
        """Return the answer; raises TimeoutError when it does not come in time, or what `ask` raises."""
        with self._lock:
            pending = self._pending
            if pending is None or (pending.done() and clock.ticks() - self._asked_at >= self._kept):
                pending = self._pending = Future()
                self._asked_at = clock.ticks()
                threading.Thread(target=_answer, args=(pending, ask), daemon=True, name="bounded").start()
        return pending.result(self._wait)


def _answer(pending: "Future[T]", ask: Callable[[], T]) -> None:
    try:
        pending.set_result(ask())
    except BaseException as error:  # noqa: BLE001  (whoever waits gets it)
        pending.set_exception(error)
