"""Marking what contestants wrote, blind: the questions of a round, their responses by code, one response at a time."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Invalid, NotFound
from contest.forms.marking import MarkForm
from contest.rules.marks import STEP, said
from contest.rules.permissions import correct_keys, mark_responses
from contest.services import exchange
from contest.services.marking import giving, scripts
from contest.services.results import settlement
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

FORMATS = ("xlsx", "csv")
blueprint = Blueprint("marking", __name__, url_prefix="/manage/contests/<slug>/rounds/<code>/marking")


@blueprint.get("")
@policy(mark_responses)
def show(slug: str, code: str) -> Response:
    return _show(slug, code)


def _show(slug: str, code: str, *, problem: str = "", status: int = 200) -> Response:
    actor = current_actor()
    contest, row = scripts.find_round(slug, code, by=actor)
    return page(
        "marking/show.html",
        "results",
        contest=contest,
        round=row,
        questions=scripts.list_questions(row, by=actor),
        waiting=scripts.waiting_count(row),
        untaken=settlement.unmarked_count(row.id),
        may_finish=scripts.organises(contest, by=actor),
        problem=problem,
        status=status,
    )


@blueprint.post("/closure")
@policy(correct_keys)
def finish(slug: str, code: str) -> Response:
    """Take the marks of the round into its results."""
    try:
        giving.finish(slug, code, by=current_actor())
    except Conflict as refused:
        return _show(slug, code, problem=speech().said(refused.refusal), status=status_of(refused))
    flash(speech().text("Đã chốt điểm chấm. Kết quả vòng thi được tính ngay sau đây."), "ok")
    return make_response(redirect(url_for("marking.show", slug=slug, code=code), 303))


@blueprint.post("/exports")
@policy(mark_responses)
def export(slug: str, code: str) -> Response:
    """Order the marks as a file."""
    actor, form = current_actor(), request.form.get("format", "")
    scripts.find_round(slug, code, by=actor)
    if form not in FORMATS:
        raise NotFound
    payload = {"contest": slug, "round": code, "format": form, "locale": speech().locale}
    return make_response(
        redirect(url_for("jobs.show", code=exchange.ask_export("marks-export", payload, by=actor)), 303)
    )


@blueprint.get("/<int:version>")
@policy(mark_responses)
def question(slug: str, code: str, version: int) -> Response:
    actor, after = current_actor(), request.args.get("after", "")[:12]
    contest, row = scripts.find_round(slug, code, by=actor)
    asked = scripts.get_question(row, version, by=actor)
    found, following = scripts.list_scripts(row, version, after=after, by=actor)
    return page(
        "marking/question.html",
        "results",
        contest=contest,
        round=row,
        asked=asked,
        scripts=found,
        following=following,
        after=after,
    )


@blueprint.get("/<int:version>/next")
@policy(mark_responses)
def following(slug: str, code: str, version: int) -> Response:
    """Lead to the next response that nobody has marked, or back to the questions when there is none."""
    actor = current_actor()
    _, row = scripts.find_round(slug, code, by=actor)
    asked = scripts.get_question(row, version, by=actor)
    blind = scripts.next_waiting(row, version, request.args.get("after", "")[:12] or None, by=actor)
    if blind is None:
        flash(speech().text("Câu %(code)s đã chấm hết.", code=asked.code), "ok")
        return make_response(redirect(url_for("marking.show", slug=slug, code=code), 303))
    return make_response(redirect(url_for("marking.script", slug=slug, code=code, version=version, blind=blind), 303))


@blueprint.route("/<int:version>/<blind>", methods=["GET", "POST"])
@policy(mark_responses)
def script(slug: str, code: str, version: int, blind: str) -> Response:
    actor = current_actor()
    contest, row = scripts.find_round(slug, code, by=actor)
    kept = scripts.find(row, version, blind, by=actor)
    found, locked = scripts.view(kept), giving.why_locked(contest, row, kept, by=actor)
    given = found.given
    points = "" if given.points is None else said(given.points)
    form = filled.read(MarkForm, points=points, comment=given.comment, seen=str(given.version))
    status, problem = 200, ""
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            typed = giving.Typed(
                form.points.data or "", form.comment.data or "", filled.whole(form.seen.data or "") or 0
            )
            try:
                giving.give(slug, code, version, blind, typed, by=actor)
                return _done(slug, code, version, blind)
            except (Invalid, Conflict) as refused:
                status = status_of(refused)
                problem = speech().said(refused.refusal) if status == 409 else ""
                filled.refuse(form, refused, "points")
                if refused.refusal.slug == "mark-changed":  # who saves once more has seen what it is now
                    found = scripts.view(scripts.find(row, version, blind, by=actor))
                    form.seen.data = str(found.given.version)
    return page(
        "marking/script.html",
        "results",
        contest=contest,
        round=row,
        asked=scripts.get_question(row, version, by=actor),
        script=found,
        form=form,
        step=said(STEP),
        example=said(found.most - STEP if found.most > 2 * STEP else STEP),
        locked=speech().said(locked) if locked else "",
        problem=problem,
        status=status,
    )


def _done(slug: str, code: str, version: int, blind: str) -> Response:
    flash(speech().text("Đã lưu điểm bài %(code)s.", code=blind), "ok")
    place: dict[str, Any] = {"slug": slug, "code": code, "version": version}
    if request.form.get("go") == "stay":
        return make_response(redirect(url_for("marking.script", **place, blind=blind), 303))
    return make_response(redirect(url_for("marking.following", **place, after=blind), 303))
