"""A contest's page, and the list of results."""

from flask import Blueprint, render_template

from contest import clock
from contest.services.contests import announcements, views
from contest.web.gate import find_actor, public
from contest.web.markup import regulations

blueprint = Blueprint("contests", __name__)


@blueprint.get("/contests/<slug>")
@public
def show(slug: str) -> str:
    contest = views.get_contest(slug, actor=find_actor())
    return render_template(
        "contests_public/show.html",
        contest=contest,
        regulations=regulations(contest.regulations),
        announced=announcements.list_public(slug),
        now=clock.now(),
    )


@blueprint.get("/results")
@public
def results() -> str:
    return render_template("contests_public/results.html", contests=views.list_contests(actor=find_actor()))
