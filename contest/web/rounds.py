"""The page before the start, and the start itself: it uses up a try and is never one careless click away."""

import secrets

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, url_for

from contest import clock
from contest.rules.permissions import take_part
from contest.services.attempts import news, starting
from contest.services.contests import announcements, scoring, views
from contest.web.gate import current_actor, policy, public_cache

blueprint = Blueprint("rounds", __name__)
LONGEST_WAIT = 1800  # seconds before the opening from which the page waits by itself


@blueprint.get("/rounds/<code>")
@policy(take_part)
def before(code: str) -> Response:
    now = clock.now()
    contest, chosen = views.get_round(code, actor=current_actor())
    opens_next = None if chosen.kept_out else chosen.opens_next(now)
    page = render_template(
        "rounds/before.html", contest=contest, round=chosen, ends_at=chosen.ends_at(now), opens_next=opens_next,
        announced=announcements.list_public(contest.slug, code), now=now,
        scoring=scoring.scoring_of(code) if chosen.possible is not None else None,
    )  # fmt: skip
    response = make_response(page)
    wait = (opens_next - now).total_seconds() if opens_next else 0
    if 0 < wait <= LONGEST_WAIT:  # opens by itself without a script too, spread over seconds
        response.headers["Refresh"] = str(int(wait) + 1 + secrets.randbelow(5))
    return response


@blueprint.get("/rounds/<code>/pulse")
@public_cache
def pulse(code: str) -> Response:
    """Answer every running paper of a round alike whether there is anything to hear; what stands in front may keep it."""
    response = jsonify({"ok": True, "revision": news.pulse(code, current_app.extensions["cache"])})
    response.headers["Cache-Control"] = f"public, max-age={int(news.PULSE_SECONDS)}"
    return response


@blueprint.get("/rounds/<code>/registration")
@policy(take_part)
def register(code: str) -> Response:
    """Lead from a round to the registration of its contest."""
    contest, _ = views.get_round(code, actor=current_actor())
    return make_response(redirect(url_for("registrations.register", slug=contest.slug), 303))


@blueprint.post("/rounds/<code>/attempts")
@policy(take_part)
def start(code: str) -> Response:
    attempt = starting.start(code, by=current_actor())
    return make_response(redirect(url_for("attempts.show", code=attempt), 303))
