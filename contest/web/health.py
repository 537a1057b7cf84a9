"""Is the process alive, and may it take traffic?"""

from flask import Blueprint, Response, jsonify, make_response

from contest import clock
from contest.i18n import iso
from contest.services import health
from contest.web.gate import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    return jsonify(ok=True)


@blueprint.get("/readyz")
@public
def ready() -> Response:
    """Answer 503 with the reason while this node should get no traffic."""
    problems = health.skew_problems() if health.is_reachable() else ("The database does not answer.",)
    if problems:
        return make_response(jsonify(ok=False, problems=problems), 503)
    return jsonify(ok=True)


@blueprint.get("/clock")
@public
def tell_time() -> Response:
    """Say what time it is here, by which pages count down that a cache may have kept."""
    return jsonify(ok=True, now=iso(clock.now()))
