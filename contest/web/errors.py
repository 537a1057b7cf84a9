"""Refusals and failures as answers: the one place that knows status codes. A page, or JSON for whoever asks for it."""

from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from contest import errors
from contest.rules.refusals import Refusal
from contest.web.context import speech, stand_apart
from contest.web.telemetry import request_id

log = structlog.get_logger()

_STATUS: dict[type[errors.Refused], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Unauthenticated: 401,
    errors.Invalid: 422,
    errors.Conflict: 409,
    errors.Closed: 409,
    errors.Gone: 410,
    errors.TooMany: 429,
}
_SLUGS = {400: "bad-request", 401: "sign-in-needed", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
          413: "too-large", 429: "too-many", 500: "server-error", 503: "unavailable"}  # fmt: skip


def wants_json() -> bool:
    """Say whether the client asked for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return request.is_json or best == "application/json"


def status_of(error: errors.Refused) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 409)


def register(app: Flask) -> None:
    app.register_error_handler(errors.Refused, _refused)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, _http)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(away, _database)
    app.register_error_handler(Exception, _bug)


def answer(status: int, refusal: Refusal) -> Response:
    """Return a refusal as JSON or as a page; with a failure of ours goes the id under which the log tells of it."""
    own = None
    if status >= 500:
        own = request_id()
        stand_apart()
    message = speech().said(refusal)
    if wants_json():
        body: dict[str, Any] = {"ok": False, "code": refusal.slug, "message": message}
        if refusal.field:
            body["field"] = refusal.field
        if own:
            body["request_id"] = own
        return make_response(jsonify(body), status)
    page = render_template(
        "errors/error.html", status=status, title=message, message="", request_id=own, refusal=refusal
    )
    return make_response(page, status)


def _refused(error: errors.Refused) -> Response:
    status = status_of(error)
    if status == 401 and not wants_json():
        going = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else None
        return make_response(redirect(url_for("accounts.sign_in", next=going), 302))
    response = answer(status, error.refusal)
    if status == 429:
        response.headers["Retry-After"] = str(error.refusal.params.get("seconds", 60))
    return response


def _csrf(_: CSRFError) -> Response:
    return answer(400, Refusal("csrf"))


def _foreign_host(_: SecurityError) -> Response:
    """Answer whoever asks for a host that is not ours in plain words: no link can be built here."""
    return Response("Bad request: unknown host.", 400, content_type="text/plain; charset=utf-8")


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None or code < 400:
        return make_response(error.get_response())
    slug = _SLUGS.get(code, "bad-request")
    response = answer(
        code, Refusal(slug, {"limit": f"{max(1, (request.max_content_length or 0) // 2**20)} MB", "minutes": 1})
    )
    if code == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
    return response


def _database(error: SQLAlchemyError) -> Response:
    """The database is away: what was acknowledged is safe, so ask to come again."""
    if isinstance(error, InterfaceError) and not error.connection_invalidated:
        return _bug(error)
    log.error("database away", error=type(getattr(error, "orig", None) or error).__name__)
    return unavailable()


def unavailable() -> Response:
    """Ask to come again soon; nothing of what was sent has been taken."""
    response = answer(503, Refusal("unavailable"))
    response.headers["Retry-After"] = "5"
    return response


def _bug(error: Exception) -> Response:
    log.error("server error", route=request.endpoint, exc_info=error)
    return answer(500, Refusal("server-error"))
