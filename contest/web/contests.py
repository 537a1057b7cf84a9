"""A contest's page, and the list of results."""

from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template

from contest import clock
from contest.rules.calendars import Calendar, calendar
from contest.services.awards import announced as prizes
from contest.services.awards import draws
from contest.services.contests import announcements, views
from contest.services.results import unit_scopes
from contest.web import own, pages
from contest.web.context import speech
from contest.web.gate import find_actor, public, same_for_all, seen
from contest.web.markup import regulations
from contest.web.rounds import keep_until
from contest.web.standings import unit_board, unit_reason

blueprint = Blueprint("contests", __name__)


@blueprint.get("/contests/<slug>")
@public
def show(slug: str) -> Response:
    """Show a contest; before its opening visitors without a session get what caches may keep for a moment."""
    contest, now = seen(partial(views.open_contest, slug)), clock.now()
    current = contest.current
    opens_next = current.opens_next(now) if current and not current.kept_out else None
    is_kept = opens_next is not None and same_for_all()
    context: dict[str, Any] = {
        "regulations": regulations(contest.regulations),
        "announced": announcements.list_public(slug),
        "windows": windows_of(contest),
        "opens_next": opens_next,
        "now": None if is_kept or opens_next is None else now,
    }
    if is_kept or opens_next is None:
        shown, values = own.apart(contest)
        page = pages.page("contests_public/show.html", values, contest=shown, **context)
    else:  # a countdown is of its moment
        page = render_template("contests_public/show.html", contest=contest, **context)
    response = make_response(page)
    return keep_until(response, opens_next, now) if is_kept else response


@blueprint.get("/contests/<slug>/awards")
@public
def awards(slug: str) -> str:
    """Show the prizes that were announced, and every draw of lots."""
    contest = views.get_contest(slug, actor=find_actor())
    announced = prizes.announced(slug, names_shown=find_actor() is not None)
    return render_template("contests_public/awards.html", contest=contest, lists=announced, draws=draws.draws_of(slug))


def windows_of(contest: views.ContestView) -> Calendar | None:
    """Return the windows of the round that matters now as a calendar; None for one long window."""
    current = contest.current
    if current is None or len(current.schedule.windows) < 2:
        return None
    return calendar(current.schedule.windows, ZoneInfo(speech().zone))


@blueprint.get("/contests/<slug>/units")
@public
def units(slug: str) -> str:
    """Show the board of units over all rounds."""
    return unit_board(unit_scopes.of_contest(slug))


@blueprint.get("/contests/<slug>/units/<unit>/why")
@public
def unit_why(slug: str, unit: str) -> str:
    """Explain a unit's place on the board over all rounds."""
    return unit_reason(unit_scopes.of_contest(slug), unit)


@blueprint.get("/results")
@public
def results() -> str:
    return render_template("contests_public/results.html", contests=views.list_contests(actor=find_actor()))
