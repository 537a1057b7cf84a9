"""The page before the start, and the start itself: it uses up a try and is never one careless click away."""

import secrets
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, url_for

from contest import clock
from contest.errors import Unauthenticated
from contest.rules.permissions import take_part
from contest.rules.refusals import Refusal
from contest.services.attempts import news, starting
from contest.services.contests import announcements, scoring, views
from contest.web import own, pages, queueing
from contest.web.errors import wants_json
from contest.web.gate import current_actor, find_actor, judged, keep, policy, public, public_cache, same_for_all, seen

blueprint = Blueprint("rounds", __name__)
LONGEST_WAIT = 1800  # seconds before the opening from which the page waits by itself
KEPT = 10  # seconds for which caches keep what visitors see before the opening


@blueprint.get("/rounds/<code>")
@public
def before(code: str) -> Response:
    """Show the page before the start; visitors who are not signed in see it until the round opens."""
    contest, chosen = seen(partial(views.open_round, code))
    actor, now = find_actor(), clock.now()
    opens_next = None if chosen.kept_out else chosen.opens_next(now)
    if actor is None and opens_next is None:
        raise Unauthenticated(Refusal("sign-in-needed"))
    if actor is not None and queueing.may_wait(chosen) and queueing.waits(code, actor):
        return make_response(redirect(url_for("rounds.queue", code=code), 303))
    is_kept = actor is None and same_for_all()
    ends_at, is_cut = chosen.ends_at(now), chosen.is_cut(now)
    context: dict[str, Any] = {
        "ends_at": ends_at.replace(second=0, microsecond=0),  # said to the minute
        "opens_next": opens_next,
        "closes_at": chosen.schedule.about(now).closes_at,
        "lasts": ends_at - now if is_cut else None,
        "announced": announcements.list_public(contest.slug, code),
        "now": None if is_kept or opens_next is None else now,
        "scoring": scoring.scoring_of(code) if chosen.possible is not None else None,
    }
    if is_kept or (opens_next is None and not is_cut):
        shown, values = own.apart(contest)
        chosen = next(r for r in shown.rounds if r.code == code)
        page = pages.page("rounds/before.html", values, contest=shown, round=chosen, **context)
    else:  # a countdown is of its moment
        page = render_template("rounds/before.html", contest=contest, round=chosen, **context)
    response = make_response(page)
    wait = (opens_next - now).total_seconds() if opens_next else 0
    if actor is not None and 0 < wait <= LONGEST_WAIT:  # opens by itself without a script too, spread over seconds
        response.headers["Refresh"] = str(int(wait) + 1 + secrets.randbelow(5))
    return keep_until(response, opens_next, now) if is_kept else response


def keep_until(response: Response, opens_at: datetime | None, now: datetime) -> Response:
    """Let caches keep a page for a moment, but never past the opening that it waits for."""
    left = int((opens_at - now).total_seconds()) if opens_at else KEPT
    return keep(response, max(0, min(KEPT, left)))


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
@policy(take_part, by_cookie=True)
def start(code: str) -> Response:
    """Start an attempt, or take a place in the queue where more want to start than may."""
    attempt = judged(partial(starting.begin, code, queueing.pace()))
    if attempt is not None:
        return make_response(redirect(url_for("attempts.show", code=attempt), 303))
    if wants_json():
        return queueing.place_as_json(code, current_actor(), status=202)
    return make_response(redirect(url_for("rounds.queue", code=code), 303))


@blueprint.get("/rounds/<code>/queue")
@policy(take_part)
def queue(code: str) -> Response:
    """Show one's place in the queue, or that one's turn has come; whoever has neither is led on."""
    actor = current_actor()
    contest, chosen = views.get_round(code, actor=actor)
    if chosen.open_attempt:
        return make_response(redirect(url_for("attempts.show", code=chosen.open_attempt), 303))
    place = queueing.find(code, actor)
    if place is None or (queueing.is_over(place) and not chosen.may_start):
        return make_response(redirect(url_for("rounds.before", code=code), 303))
    return queueing.page(contest, chosen, place, announcements.list_public(contest.slug, code))


@blueprint.get("/rounds/<code>/queue/place")
@policy(take_part, by_cookie=True)
def show_place(code: str) -> Response:
    """Say one's place in the queue; asked by the page as often as the last answer said."""
    return queueing.place_as_json(code, current_actor())
