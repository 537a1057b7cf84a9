"""A contest's page, and the list of results."""

from flask import Blueprint, current_app, render_template, request

from contest import clock
from contest.services.contests import views
from contest.services.results import unit_boards
from contest.web.gate import find_actor, public
from contest.web.markup import regulations
from contest.web.standings import chosen_criterion

blueprint = Blueprint("contests", __name__)


@blueprint.get("/contests/<slug>")
@public
def show(slug: str) -> str:
    contest = views.get_contest(slug, actor=find_actor())
    return render_template(
        "contests_public/show.html", contest=contest, regulations=regulations(contest.regulations), now=clock.now()
    )


@blueprint.get("/contests/<slug>/units")
@public
def units(slug: str) -> str:
    """Show the board of units over all rounds."""
    board = unit_boards.of_contest(
        slug,
        actor=find_actor(),
        by=chosen_criterion(),
        present_tree=request.args.get("tree", "") == "now",
        cache=current_app.extensions["cache"],
    )
    return render_template("standings/units.html", board=board)


@blueprint.get("/results")
@public
def results() -> str:
    return render_template("contests_public/results.html", contests=views.list_contests(actor=find_actor()))
