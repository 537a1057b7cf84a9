"""Trying a paper: the pages of a member's attempt over a try, which counts nowhere."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from contest.errors import Invalid, Refused
from contest.rules.attempts import Verdict
from contest.rules.permissions import correct_keys
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState
from contest.services import tryouts
from contest.services.attempts.paper import PaperView
from contest.web import filled, handed, papers
from contest.web.attempts import acknowledge, before_submission, json_body, step_of, warn_of
from contest.web.context import speech
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

blueprint = Blueprint("tryouts", __name__, url_prefix="/manage")


@blueprint.post("/contests/<slug>/rounds/<code>/tryouts")
@policy(correct_keys)
def start(slug: str, code: str) -> Response:
    try:
        found = tryouts.start(slug, code, by=current_actor())
    except Refused as refused:
        if refused.refusal.slug != "paper-unavailable":
            raise
        flash(speech().said(refused.refusal), "warn")
        return make_response(redirect(url_for("setup_rounds.edit", slug=slug, code=code), 303))
    return make_response(redirect(url_for("tryouts.show", code=found), 303))


@blueprint.get("/tryouts/<code>")
@policy(correct_keys)
def show(code: str) -> Response:
    return _paper(code, papers.page_of)


@blueprint.get("/tryouts/<code>/submission")
@policy(correct_keys)
def review_submission(code: str) -> Response:
    return _paper(code, before_submission)


def _paper(code: str, template: Callable[[PaperView], str]) -> Response:
    view = tryouts.get_paper(code, by=current_actor())
    if view.state is not AttemptState.OPEN:
        return _to_review(code)
    home = url_for("setup_rounds.edit", slug=view.contest_slug, code=view.round_code)
    values: dict[str, Any] = {
        "paper": view,
        "times": papers.times_of(view),
        "unanswered": view.unanswered,
        "taking": "tryouts",
        "home": home,
    }
    return make_response(render_template(template(view), **values))


@blueprint.put("/tryouts/<code>/responses/<position>")
@policy(correct_keys)
def save(code: str, position: str) -> Response:
    body = json_body()
    if not isinstance(body, dict) or "value" not in body:
        raise Invalid(Refusal("bad-response", field="value"))
    return acknowledge(tryouts.save(code, position, body.get("revision"), body["value"], by=current_actor()))


@blueprint.post("/tryouts/<code>/files/<position>")
@policy(correct_keys, body_limit=handed.FILE_LIMIT)
def hand_in(code: str, position: str) -> Response:
    return handed.acknowledge(tryouts.hand_in(code, position, handed.sent_file(), by=current_actor()))


@blueprint.post("/tryouts/<code>/responses")
@policy(correct_keys, body_limit=handed.FORM_LIMIT)
def save_form(code: str) -> Response:
    form, wrong = handed.take_form(partial(tryouts.hand_in, code, by=current_actor()))
    verdict = tryouts.save_form(code, form, by=current_actor())
    if verdict is Verdict.LATE:
        return _to_review(code)
    if not warn_of(verdict) and wrong is None and request.form.get("go") == "review":
        return make_response(redirect(url_for("tryouts.review_submission", code=code), 303))
    return make_response(redirect(url_for("tryouts.show", code=code, _anchor=handed.place_of(wrong)), 303))


@blueprint.post("/tryouts/<code>/step")
@policy(correct_keys, body_limit=handed.FORM_LIMIT)
def go_on(code: str) -> Response:
    number = step_of(filled.whole(request.form.get("step", "")))
    form, wrong = handed.take_form(partial(tryouts.hand_in, code, by=current_actor()))
    verdict = tryouts.save_form(code, form, by=current_actor())
    if verdict is Verdict.LATE:
        return _to_review(code)
    warn_of(verdict)
    if wrong is None:
        place = tryouts.go_on(code, number, only_when_over="over" in request.form, by=current_actor())
        if place.is_last and place.step == number:
            return make_response(redirect(url_for("tryouts.review_submission", code=code), 303))
    return make_response(redirect(url_for("tryouts.show", code=code), 303))


@blueprint.post("/tryouts/<code>/submission")
@policy(correct_keys)
def submit(code: str) -> Response:
    tryouts.save_form(code, request.form.to_dict(flat=False), by=current_actor(), finish=True)
    return _to_review(code)


@blueprint.get("/tryouts/<code>/review")
@policy(correct_keys)
def receipt(code: str) -> Response:
    """Show the try with what is right: what a member reads once keys are released."""
    found = tryouts.get_review(code, by=current_actor())
    home = url_for("setup_rounds.edit", slug=found.contest_slug, code=found.round_code)
    return page("attempts/review.html", "setup", review=found, home=home)


def _to_review(code: str) -> Response:
    return make_response(redirect(url_for("tryouts.receipt", code=code), 303))
