"""What each request leaves behind: one id in its lines and its answer, how long it took, and a line where that is worth one.

It stands around the application, outside of everything else that goes with a request, and costs each of them microseconds.
"""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from flask import Flask, has_request_context, request
from structlog.contextvars import bind_contextvars

from contest import clock
from contest.config import Settings
from contest.rules.attempts import Verdict
from contest.services import gauges

SLOW = 1.0  # seconds from which an answer is worth a line
_KEY = "contest.request_id"
_BEGAN = "contest.began"  # where the server takes turns: by the ticks, when a request came to it
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_SIGN_INS = {"303": "accepted", "422": "refused", "429": "held-off"}
log = structlog.get_logger()


def register(app: Flask) -> None:
    """Put the id, the measure and the line around the application as it stands."""
    settings: Settings = app.config["SETTINGS"]
    trusts, says_all, inside = settings.trusted_proxies > 0, settings.log_requests == "all", app.wsgi_app

    def around(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, own = environ.get(_BEGAN) or clock.ticks(), environ.get("HTTP_X_REQUEST_ID", "") if trusts else ""
        environ[_KEY] = own = own if own and _ID.fullmatch(own) else os.urandom(4).hex()
        bind_contextvars(request_id=own)

        def answer(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            took, route = clock.ticks() - began, request.endpoint if has_request_context() else "static"
            gauges.count_request(route, environ["REQUEST_METHOD"], status, took)
            if route == "accounts.sign_in_now":
                gauges.count_sign_in(_SIGN_INS.get(status[:3], "failed"))
            if says_all or took >= SLOW or (status[0] == "5" and route != "health.ready"):
                _say(route, environ["REQUEST_METHOD"], int(status[:3]), took)
            return start_response(status, [*headers, ("X-Request-ID", own)], *more)

        return inside(environ, answer)

    app.wsgi_app = around  # type: ignore[method-assign]


def _say(route: str | None, method: str, status: int, took: float) -> None:
    """Say what was asked for by its route alone: addresses hold codes that open things."""
    level = "error" if status >= 500 else "warning" if took >= SLOW else "info"
    getattr(log, level)("request", route=route, method=method, status=status, ms=round(took * 1000))


def request_id() -> str:
    """Return the id of this request, by which its lines in the log are found."""
    own: str = request.environ.get(_KEY) or os.urandom(4).hex()
    return own


def count_save(verdict: Verdict) -> None:
    """Count what became of a save."""
    gauges.count_save(verdict.value)
