"""A disposable cache: Redis where there is one, else this process. Nothing lives here that must not be lost.

A Redis that is gone or hangs costs a fraction of a second now and then and nothing else: values are computed anew.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import redis

from contest import clock

_TIMEOUT = 0.2
_REST = 5.0  # seconds during which a Redis that failed is not asked again
_LOCAL_ENTRIES = 2000


class Cache:
    """Values that are JSON, under keys that say everything they depend on, for a number of seconds."""

    def __init__(self, url: str = "") -> None:
        self._redis = (
            redis.Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT) if url else None
        )
        self._local: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def get_or(self, key: str, seconds: float, compute: Callable[[], Any]) -> Any:
        """Return the value under `key`, computing and keeping it for `seconds` when there is none."""
        value = self._get(key)
        if value is None:
            value = compute()
            self._set(key, seconds, value)
        return value

    def clear(self) -> None:
        """Forget what this process holds."""
        with self._lock:
            self._local.clear()

    def _get(self, key: str) -> Any:
        if self._redis is not None and clock.ticks() >= self._rests_until:
            try:
                found: Any = self._redis.get(key)
                return json.loads(found) if found is not None else None
            except (redis.RedisError, OSError, ValueError):
                self._rests_until = clock.ticks() + _REST
        with self._lock:
            expires, value = self._local.get(key, (0.0, None))
        return value if expires > clock.ticks() else None

    def _set(self, key: str, seconds: float, value: Any) -> None:
        if self._redis is not None and clock.ticks() >= self._rests_until:
            try:
                self._redis.set(key, json.dumps(value), px=max(1, int(seconds * 1000)))
                return
            except (redis.RedisError, OSError):
                self._rests_until = clock.ticks() + _REST
        with self._lock:
            self._local[key] = (clock.ticks() + seconds, value)
            self._local.move_to_end(key)
            while len(self._local) > _LOCAL_ENTRIES:
                self._local.popitem(last=False)
