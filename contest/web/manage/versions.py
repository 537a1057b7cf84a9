"""Versions of a round's result and their steps, and corrections of questions that turned out to be wrong."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from contest.errors import Conflict, Forbidden, Invalid, Refused
from contest.rules.corrections import WITH_KEY
from contest.rules.labels import LABELS
from contest.rules.permissions import correct_keys, manage_contests
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Remedy
from contest.services.awards import draws
from contest.services.contests import rounds, setup
from contest.services.corrections import proposing, questions
from contest.services.results import approval, lots, reveal
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

MOST_IN_HALL = 50
ANSWERS_LIMIT = 5000  # letters of the answers of one part, one a line
blueprint = Blueprint("versions", __name__, url_prefix="/manage/contests/<slug>/results/<code>")


@blueprint.get("/versions")
@policy(manage_contests)
def show(slug: str, code: str) -> Response:
    return _show(slug, code)


def _show(slug: str, code: str, *, problem: str = "", status: int = 200) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    row = rounds.get_round(contest.id, code)
    found = approval.list_versions(contest, row, by=actor)
    pending = next((v for v in found if v.waits and v.next_step is not None), None)
    return page(
        "results/versions.html",
        "results",
        contest=contest,
        round=row,
        versions=found,
        pending=pending,
        moves=approval.moves(row, pending.number) if pending else None,
        corrections=questions.list_corrections(slug, code, by=actor),
        may_correct=correct_keys(actor),
        equals=lots.open_equals(row),
        draws=[d for d in draws.list_draws(slug, by=actor) if d.round_code == code],
        problem=problem,
        status=status,
    )


@blueprint.get("/reveal")
@policy(manage_contests)
def in_hall(slug: str, code: str) -> str:
    """Show the best of a round from the bottom up for a hall: `shown` of them are revealed, the next by one press."""
    contest = setup.get_contest(slug, by=current_actor())
    row = rounds.get_round(contest.id, code)
    top = min(max(filled.whole(request.args.get("top", "")) or 10, 1), MOST_IN_HALL)
    people = reveal.best(row, top)
    shown = min(filled.whole(request.args.get("shown", "")) or 0, len(people))
    return render_template(
        "results/reveal.html", contest=contest, round=row, top=top, people=people, shown=shown, left=len(people) - shown
    )


@blueprint.post("/versions/<int:number>/check")
@policy(manage_contests)
def check(slug: str, code: str, number: int) -> Response:
    try:
        job = approval.ask_check(slug, code, number, by=current_actor())
    except (Conflict, Forbidden) as refused:
        return _refused(slug, code, refused)
    return make_response(redirect(url_for("jobs.show", code=job), 303))


@blueprint.post("/versions/<int:number>/approval")
@policy(manage_contests)
def approve(slug: str, code: str, number: int) -> Response:
    return _step(approval.approve, slug, code, number, speech().text("Đã phê duyệt kết quả."))


@blueprint.post("/versions/<int:number>/publication")
@policy(manage_contests)
def publish(slug: str, code: str, number: int) -> Response:
    return _step(approval.publish, slug, code, number, speech().text("Đã công bố kết quả. Mọi người thấy từ bây giờ."))


@blueprint.post("/versions/<int:number>/withdrawal")
@policy(manage_contests)
def withdraw(slug: str, code: str, number: int) -> Response:
    return _step(
        approval.withdraw, slug, code, number, speech().text("Đã rút lại phiên bản. Kết quả đang hiện giữ nguyên.")
    )


def _step(step: Callable[..., None], slug: str, code: str, number: int, done: str) -> Response:
    try:
        step(slug, code, number, by=current_actor())
    except (Conflict, Forbidden) as refused:
        return _refused(slug, code, refused)
    flash(done, "ok")
    return make_response(redirect(url_for("versions.show", slug=slug, code=code), 303))


def _refused(slug: str, code: str, refused: Refused) -> Response:
    return _show(slug, code, problem=speech().said(refused.refusal), status=status_of(refused))


@blueprint.post("/versions/draws")
@policy(manage_contests)
def prepare(slug: str, code: str) -> Response:
    """Publish the list of those who are equal, with the commitment, before lots are drawn."""
    try:
        text = "".join(filled.given("randomness_from"))[:1000]
        draw = draws.prepare_for_round(slug, code, text, by=current_actor())
    except (Invalid, Conflict) as refused:
        return _refused(slug, code, refused)
    return make_response(redirect(url_for("awards.lots", slug=slug, code=draw), 303))


@blueprint.get("/corrections")
@policy(correct_keys)
def find(slug: str, code: str) -> Response:
    """Look for the question that turned out to be wrong."""
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    wanted = request.args.get("q", "")[:200]
    found = questions.search(slug, code, wanted, by=actor) if wanted.strip() else []
    row = rounds.get_round(contest.id, code)
    return page("results/find_question.html", "results", contest=contest, round=row, wanted=wanted, found=found)


@blueprint.route("/corrections/<int:question>", methods=["GET", "POST"])
@policy(correct_keys)
def correct(slug: str, code: str, question: int) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    row = rounds.get_round(contest.id, code)
    asked = questions.get_question(slug, code, question, by=actor)
    typed, errors, status = _typed(asked), dict[str, str](), 200
    if request.method == "POST":
        try:
            what = (_remedy(typed["remedy"]), typed["key"], typed["reason"], typed["answers"])
            job = proposing.ask(slug, code, question, *what, by=actor)
            return make_response(redirect(url_for("jobs.show", code=job), 303))
        except (Invalid, Conflict) as refused:
            errors = {r.field or "remedy": speech().said(r) for r in refused.refusals}
            status = status_of(refused)
    remedies = [(r.value, speech().text(LABELS[r])) for r in Remedy if r is not Remedy.AS_WRITTEN or asked.correction]
    return page(
        "results/correction.html",
        "results",
        contest=contest,
        round=row,
        question=asked,
        remedies=remedies,
        with_key=[r.value for r in WITH_KEY],
        typed=typed,
        errors=errors,
        status=status,
    )


def _typed(question: questions.QuestionView) -> dict[str, Any]:
    """Return what was typed; before that, the key as it is, so that only what is wrong is changed."""
    form = request.form
    answers = {p.id: p.right for p in question.parts} | {o.id: str(o.place) for o in question.options if o.place}
    for name in answers if request.method == "POST" else ():
        answers[name] = next(iter(filled.given(f"answer-{name}")), "")[:ANSWERS_LIMIT]
    key = filled.given("key") if request.method == "POST" else []
    return {"remedy": form.get("remedy", ""), "key": key, "answers": answers, "reason": form.get("reason", "")[:1000]}


def _remedy(value: str) -> Remedy:
    try:
        return Remedy(value)
    except ValueError:
        raise Invalid(Refusal("not-a-choice", field="remedy")) from None
