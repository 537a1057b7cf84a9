"""What is said to whoever finds too many waiting: to come again, by itself where it is a page. It is rendered once."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask, render_template
from markupsafe import escape

from contest import clock
from contest.i18n import LOCALES
from contest.rules.refusals import Refusal
from contest.services import gauges
from contest.web.context import speech, stand_apart
from contest.web.headers import Headed
from contest.web.pages import Kept
from contest.web.slots import slot

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# As the server marks a request: in how many seconds it is to come again, and when it came.
_AGAIN, _BEGAN = "contest.again", "contest.began"
ROUTE = "busy"  # what it is called in the metrics
_STATUS = "503 SERVICE UNAVAILABLE"


def of(app: Flask) -> "WSGIApplication":
    """Return the application that answers for an application, with the headers of the house."""
    return Headed(_Busy(app), is_https=app.config["SETTINGS"].is_https)


class _Busy:
    def __init__(self, app: Flask) -> None:
        self._said = {locale: _rendered(app, locale) for locale in LOCALES}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        page, data = self._said["en" if "lang=en" in environ.get("HTTP_COOKIE", "") else "vi"]
        is_page, is_look = "json" not in environ.get("HTTP_ACCEPT", ""), environ["REQUEST_METHOD"] == "GET"
        kind, body = "application/json", data
        if is_page:
            kind, body = "text/html", page.filled({"place": _place(environ) if is_look else ""}).encode()
        again = str(environ[_AGAIN])
        headers = [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(body)))]
        headers += [("Retry-After", again), ("Cache-Control", "no-store")]
        if is_page and is_look:
            headers.append(("Refresh", again))
        gauges.count_request(ROUTE, environ["REQUEST_METHOD"], _STATUS, clock.ticks() - environ[_BEGAN])
        start_response(_STATUS, headers)
        return [body]


def _place(environ: "WSGIEnvironment") -> str:
    """Return where the page that was asked for is, behind the first stroke, as an address within a page."""
    query = environ.get("QUERY_STRING", "")
    return quote(environ["PATH_INFO"].lstrip("/").encode("latin-1")) + (f"?{escape(query)}" if query else "")


def _rendered(app: Flask, locale: str) -> tuple[Kept, bytes]:
    """Return the page, with a slot where it leads back to what was asked for, and the same for programs."""
    refusal, place, base = Refusal("busy"), slot("place"), app.config["SETTINGS"].base_url
    with app.test_request_context(
        f"/{place}", base, headers={"Cookie": f"lang={locale}"}
    ):  # links of no other host are built
        stand_apart()
        said = speech().said(refusal)
        # Nothing has failed: it is said as where somebody has tried too often.
        told = {"status": 429, "title": said, "message": "", "request_id": None, "refusal": refusal}
        page = Kept.cut(render_template("errors/error.html", **told).replace(f"{place}?", place))
    return page, json.dumps({"ok": False, "code": refusal.slug, "message": said}, ensure_ascii=False).encode()
