"""What is not taken, before anything else is asked: a request that no turn comes for, and whatever would be judged by its time
while this process does not know the time. Both are asked to come again; what is seen goes on being seen.
"""

from flask import Flask, Response, request

from contest.services import agreement
from contest.web.errors import unavailable

JUDGED = {"attempts", "rounds"}  # whose changes are judged by the time they arrive
_STUCK = "contest.stuck"  # as the server marks a request where the one before it does not come to an end


def register(app: Flask) -> None:
    """Refuse what is not taken now, without a statement."""
    own = agreement.of(app)

    def refuse() -> Response | None:
        if own.stops and request.blueprint in JUDGED and request.method not in {"GET", "HEAD", "OPTIONS"}:
            return unavailable()
        return unavailable() if _STUCK in request.environ else None

    app.before_request(refuse)
