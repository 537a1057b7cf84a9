"""A disposable cache: Redis where there is one, else this process. Nothing lives here that must not be lost.

A Redis that is gone or hangs costs a fraction of a second now and then and nothing else: values are computed anew.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any

from contest import clock
from contest.errors import Crowded
from contest.gateways.turns import given_up

_TIMEOUT = 0.2
_REST = 5.0  # seconds during which a Redis that failed is not asked again
_LOCAL_ENTRIES = 2000
_TIMES, _LONGEST = 20, 60.0  # a count is kept for so many times what it took, and for so many seconds at the most
_FORMER = 60.0  # seconds for which the former count is shown while the next is made
_LONG = 0.05  # seconds; a count that takes longer is made anew beside those who look, where that can be
_WAITING, _AGAIN = 8, 3  # people who may wait for a first count in a process; all others come again in some seconds


def _redis_at(url: str) -> tuple[Any, type[Exception]]:
    """Return a Redis and what it raises; a process that has none loads nothing of it."""
    import redis

    return redis.Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT), redis.RedisError


class Cache:
    """Values that are JSON, under keys that say everything they depend on, for a number of seconds."""

    def __init__(self, url: str = "") -> None:
        self._redis: Any = None
        self._failures: tuple[type[Exception], ...] = (OSError, ValueError)
        if url:
            self._redis, failure = _redis_at(url)
            self._failures += (failure,)
        self._local: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._counting: dict[str, threading.Event] = {}  # what is being counted, and who waits for it
        self._waiting = threading.BoundedSemaphore(_WAITING)
        self.beside: Callable[[Callable[[], object]], object] | None = None  # carries out what nobody waits for

    def get_or(self, key: str, seconds: float, compute: Callable[[], Any]) -> Any:
        """Return the value under `key`, computing and keeping it for `seconds` when there is none."""
        value = self._get(key)
        if value is None:
            value = compute()
            self._set(key, seconds, value)
        return value

    def counted(self, key: str, seconds: float, count: Callable[[], Any]) -> Any:
        """Return what may take long to count, counted within so many seconds, or twenty times as long as it took.

        In a process one counts at a time, and gives the turn up meanwhile; all others see what was counted before. What
        takes long is counted beside them all, where it has been good enough until just now. Raises Crowded where there is
        nothing before, and too many wait for it already.
        """
        key = f"counted:{key}"  # apart from what a former program keeps in the same Redis, which is shorter
        while True:
            kept = self._get(key)  # until when it is good enough, what was counted, and until when it is counted beside
            at = clock.now().timestamp()
            if kept is not None and at < kept[0]:
                return kept[1]
            with self._lock:
                going = self._counting.get(key)
                if going is None:
                    self._counting[key] = threading.Event()
            if going is not None and kept is None:
                self._await(going)
                continue
            if going is None:
                if self.beside is None or kept is None or kept[2] <= at:
                    return self._count(key, seconds, count)
                self.beside(partial(self._count, key, seconds, count))
            return kept[1]

    def _count(self, key: str, seconds: float, count: Callable[[], Any]) -> Any:
        try:
            began = clock.ticks()
            with given_up():
                value = count()
            took, at = clock.ticks() - began, clock.now().timestamp()
            lasts = max(seconds, min(_LONGEST, _TIMES * took))
            self._set(key, lasts + _FORMER, [at + lasts, value, at + lasts * (2 if took > _LONG else 1)])
            return value
        finally:
            with self._lock:
                self._counting.pop(key).set()

    def _await(self, going: threading.Event) -> None:
        if not self._waiting.acquire(blocking=False):
            raise Crowded(_AGAIN, "count-crowded")
        try:
            with given_up():
                going.wait()
        finally:
            self._waiting.release()

    def clear(self) -> None:
        """Forget what this process holds."""
        with self._lock:
            self._local.clear()

    def _get(self, key: str) -> Any:
        if self._redis is not None and clock.ticks() >= self._rests_until:
            try:
                found: Any = self._redis.get(key)
                return json.loads(found) if found is not None else None
            except self._failures:
                self._rests_until = clock.ticks() + _REST
        with self._lock:
            expires, value = self._local.get(key, (0.0, None))
        return value if expires > clock.ticks() else None

    def _set(self, key: str, seconds: float, value: Any) -> None:
        if self._redis is not None and clock.ticks() >= self._rests_until:
            try:
                self._redis.set(key, json.dumps(value), px=max(1, int(seconds * 1000)))
                return
            except self._failures:
                self._rests_until = clock.ticks() + _REST
        with self._lock:
            self._local[key] = (clock.ticks() + seconds, value)
            self._local.move_to_end(key)
            while len(self._local) > _LOCAL_ENTRIES:
                self._local.popitem(last=False)
