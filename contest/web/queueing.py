"""The queue before a start as a page and as JSON: the place, what it takes, and what happens then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Response, current_app, jsonify, make_response, render_template, url_for

from contest import clock
from contest.errors import NotFound
from contest.rules.permissions import Actor
from contest.rules.queueing import Pace, Stage
from contest.services.attempts import queueing
from contest.services.contests.round_views import RoundView
from contest.web.context import speech

OVER_A_CLOSE = {"round-closed", "between-windows", "no-window-left"}  # whoever asked before it may yet be let in


def pace() -> Pace | None:
    """Return how many may start within a minute by the settings; None is no limit."""
    per_minute: int = current_app.config["SETTINGS"].starts_per_minute
    return Pace(per_minute) if per_minute else None


def find(code: str, actor: Actor) -> queueing.Place | None:
    limit = pace()
    return queueing.find_place(code, limit, by=actor) if limit else None


def may_wait(chosen: RoundView) -> bool:
    """Say whether somebody may be waiting over a close of this round."""
    is_over = chosen.why_not is not None and chosen.why_not.slug in OVER_A_CLOSE
    return is_over and not chosen.is_settled and not chosen.open_attempt


def waits(code: str, actor: Actor) -> bool:
    place = find(code, actor)
    return place is not None and not is_over(place)


def is_over(place: queueing.Place) -> bool:
    return place.stage is Stage.OVER


def page(contest: Any, chosen: RoundView, place: queueing.Place, announced: Sequence[Any]) -> Response:
    """Show where somebody stands, how long their paper will be, and whether the round closes meanwhile."""
    now = clock.now()
    turn = now + place.wait
    ends_at = chosen.ends_at(turn, replace(place.ticket, seen_at=turn))  # of whoever stays until then
    closes_at = chosen.schedule.about(place.ticket.asked_at).closes_at
    shown = render_template(
        "rounds/queue.html", contest=contest, round=chosen, place=place, now=now, ends_at=ends_at, announced=announced,
        lasts=_lasting(ends_at - turn), is_whole=ends_at - turn == timedelta(minutes=chosen.minutes) + chosen.extra,
        closes_at=closes_at, closes_before=closes_at < turn + timedelta(minutes=chosen.minutes), wait=said(place.wait),
    )  # fmt: skip
    return make_response(shown)


def place_as_json(code: str, actor: Actor, status: int = 200) -> Response:
    """Answer with the place of somebody in the queue; raises NotFound for whoever has none."""
    place = find(code, actor)
    if place is None:
        raise NotFound
    again = round(place.again.total_seconds())
    body = {
        "ok": True,
        "code": "queue",
        "stage": place.stage,
        "place": place.number,
        "seconds": round(place.wait.total_seconds()),
        "again": again,
        "place_said": speech().number(place.number),
        "wait_said": said(place.wait),
        "queue": url_for("rounds.queue", code=code),
    }
    response = make_response(jsonify(body), status)
    if status == 202:
        response.headers["Retry-After"] = str(again)
    return response


def _lasting(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return speech().duration(span) if seconds else speech().text("%(minutes)s phút", minutes=minutes)


def said(wait: timedelta) -> str:
    """Return how long somebody waits in words, rounded up to the minute."""
    minutes = -(-int(wait.total_seconds()) // 60)
    if minutes <= 1:
        return speech().text("Chưa đầy một phút nữa")
    return speech().text("Khoảng %(minutes)s phút nữa", minutes=speech().number(minutes))
