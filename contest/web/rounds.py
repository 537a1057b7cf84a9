"""The page before the start, and the start itself: it uses up a try and is never one careless click away."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for

from contest import clock
from contest.rules.permissions import take_part
from contest.services.attempts import starting
from contest.services.contests import views
from contest.web.gate import current_actor, policy

blueprint = Blueprint("rounds", __name__)


@blueprint.get("/rounds/<code>")
@policy(take_part)
def before(code: str) -> str:
    now = clock.now()
    contest, chosen = views.get_round(code, actor=current_actor())
    return render_template("rounds/before.html", contest=contest, round=chosen, ends_at=chosen.ends_at(now), now=now)


@blueprint.post("/rounds/<code>/attempts")
@policy(take_part)
def start(code: str) -> Response:
    attempt = starting.start(code, by=current_actor())
    return make_response(redirect(url_for("attempts.show", code=attempt), 303))
