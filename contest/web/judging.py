"""While this process does not know the time it judges nothing: saves, starts and submissions are asked to come again."""

from flask import Flask, Response, request

from contest.services import agreement
from contest.web.errors import unavailable

JUDGED = {"attempts", "rounds"}  # whose changes are judged by the time they arrive


def register(app: Flask) -> None:
    """Refuse what would be judged, before anything else is asked; what is seen goes on being seen."""
    own = agreement.of(app)

    def refuse() -> Response | None:
        if own.stops and request.blueprint in JUDGED and request.method not in {"GET", "HEAD", "OPTIONS"}:
            return unavailable()
        return None

    app.before_request(refuse)
