"""Results for judges and organisers: the table, one result with its paper, exports."""

from flask import Blueprint, Response, make_response, redirect, request, url_for

from contest.errors import NotFound
from contest.rules.permissions import manage_contests, mark_responses, see_papers_of_others, see_results
from contest.services import exchange
from contest.services.attempts import reviews
from contest.services.contests import rounds, setup
from contest.services.results import reasons, tables, versions
from contest.services.results.settlement import unmarked_count
from contest.web import filled
from contest.web.context import speech
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

blueprint = Blueprint("results", __name__, url_prefix="/manage/contests/<slug>/results")
FORMATS = ("xlsx", "csv", "json")
CONTENTS: dict[str, tuple[str, dict[str, bool]]] = {
    "people": ("results-export", {}),
    "units": ("units-export", {"today": False}),
    "units-today": ("units-export", {"today": True}),
}


@blueprint.get("")
@policy(see_results)
def show(slug: str) -> Response:
    actor = current_actor()
    contest = tables.get_contest(slug, by=actor)
    own = rounds.list_rounds(contest.id)
    if not own:
        return page("results/empty.html", "results", contest=contest)
    wanted = request.args.get("round") or next((r.code for r in reversed(own) if r.settled_at), own[0].code)
    chosen = next((r for r in own if r.code == wanted), None)
    if chosen is None:
        raise NotFound
    unit, search = request.args.get("unit", ""), request.args.get("q", "")[:100]
    after = request.args.get("after", "")
    settlement = versions.shown(chosen.id)
    found = tables.list_results(slug, chosen.code, unit=unit, search=search, after=after, by=actor)
    return page(
        "results/show.html",
        "results",
        contest=contest,
        rounds=own,
        chosen=chosen,
        settlement=settlement,
        published=settlement is not None and versions.is_published(settlement.id),
        may_approve=manage_contests(actor),
        found=found,
        units=tables.unit_choices(contest, by=actor),
        may_open=see_papers_of_others(actor),
        unmarked=unmarked_count(chosen.id) if chosen.marked else 0,
        may_mark=chosen.marked and mark_responses(actor),
        unit=unit,
        wanted=search,
    )


@blueprint.post("/evidence")
@policy(manage_contests)
def export_evidence(slug: str) -> Response:
    """Order all that the result of a round follows from, for whoever recomputes it without this program."""
    actor = current_actor()
    row = rounds.get_round(setup.get_contest(slug, by=actor).id, "".join(filled.given("round")))
    payload = {"contest": slug, "round": row.code}
    return make_response(
        redirect(url_for("jobs.show", code=exchange.ask_export("results-evidence", payload, by=actor)), 303)
    )


@blueprint.get("/<attempt>")
@policy(see_papers_of_others)
def paper(slug: str, attempt: str) -> Response:
    row, round_row, contest, member = tables.find_attempt(slug, attempt, by=current_actor())
    review = reviews.review_of(row, round_row, contest.slug, contest.title)
    why = reasons.why(round_row.code, actor=current_actor(), member_id=member.id)
    return page(
        "results/paper.html",
        "results",
        contest=contest,
        review=review,
        member=member,
        attempt=row,
        round=round_row,
        why=why,
        may_void=manage_contests(current_actor()),
    )


@blueprint.post("/exports")
@policy(see_results)
def export(slug: str) -> Response:
    """Order people's results, or the comparison of units, of one round or of all."""
    actor = current_actor()
    contest = tables.get_contest(slug, by=actor)
    form, wanted = request.form.get("format", ""), "".join(filled.given("round")) or None
    content = request.form.get("content", "people")
    if form not in FORMATS or content not in CONTENTS:
        raise NotFound
    if wanted is not None:
        rounds.get_round(contest.id, wanted)
    kind, more = CONTENTS[content]
    payload = {"contest": slug, "round": wanted, "format": form, "locale": speech().locale, **more}
    return make_response(redirect(url_for("jobs.show", code=exchange.ask_export(kind, payload, by=actor)), 303))
