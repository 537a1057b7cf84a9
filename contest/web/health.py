"""Is the process alive, may it take traffic, and how is it doing?"""

import hmac
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, make_response, request

from contest import clock
from contest.config import Settings
from contest.errors import NotFound
from contest.i18n import iso
from contest.services import gauges, readiness
from contest.web.gate import public

blueprint = Blueprint("health", __name__)
PROBED = {"/healthz", "/readyz", "/metrics"}


def register(app: Flask) -> None:
    """Let whoever probes a node ask it by its own address; such an answer says nothing that depends on a host."""
    host, inside = app.config["SETTINGS"].base_host, app.wsgi_app

    def probed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] in PROBED:
            environ["HTTP_HOST"] = host
        return inside(environ, start_response)

    if app.config["TRUSTED_HOSTS"]:
        app.wsgi_app = probed  # type: ignore[method-assign]


@blueprint.get("/healthz")
@public
def alive() -> Response:
    return jsonify(ok=True)


@blueprint.get("/readyz")
@public
def ready() -> Response:
    """Answer 503 with the reason while this node should get no traffic."""
    if problems := readiness.current().problems():
        return make_response(jsonify(ok=False, problems=problems), 503)
    return jsonify(ok=True)


@blueprint.get("/metrics")
@public
def measure() -> Response:
    """Answer whoever knows the token in the words of Prometheus; without a token in the settings there is no such page."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.metrics_token:
        raise NotFound
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {settings.metrics_token}".encode()):
        return Response("A token is needed.\n", 401, {"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    said = gauges.current().exposition(is_ready=not readiness.current().problems())
    return Response(said, content_type="text/plain; version=0.0.4; charset=utf-8")


@blueprint.get("/clock")
@public
def tell_time() -> Response:
    """Say what time it is here, by which pages count down that a cache may have kept."""
    return jsonify(ok=True, now=iso(clock.now()))
