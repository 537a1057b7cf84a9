"""Refusals and failures as answers: the one place that knows status codes. A page, or JSON for whoever asks for it."""

import secrets
from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from contest import errors
from contest.rules.refusals import Refusal
from contest.web.context import speech, stand_apart

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
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _bug)


def answer(status: int, refusal: Refusal, request_id: str | None = None) -> Response:
    """Return a refusal as JSON or as a page."""
    if status >= 500:
        stand_apart()
    message = speech().said(refusal)
    if wants_json():
        body: dict[str, Any] = {"ok": False, "code": refusal.slug, "message": message}
        if refusal.field:
            body["field"] = refusal.field
        if request_id:
            body["request_id"] = request_id
        return make_response(jsonify(body), status)
    page = render_template(
        "errors/error.html", status=status, title=message, message="", request_id=request_id, refusal=refusal
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


def _database(error: OperationalError) -> Response:
    """The database is away: what was acknowledged is safe, so ask to come again."""
    request_id = secrets.token_hex(4)
    log.error("database away", request_id=request_id, error=type(error.orig).__name__)
    response = answer(503, Refusal("unavailable"), request_id)
    response.headers["Retry-After"] = "5"
    return response


def _bug(error: Exception) -> Response:
    request_id = secrets.token_hex(4)
    log.exception("server error", request_id=request_id, path=request.path, exc_info=error)
    return answer(500, Refusal("server-error"), request_id)
