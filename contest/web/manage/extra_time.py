"""Extra time of people: on a person's page, and from a file."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from contest.errors import Invalid
from contest.forms.conduct import OwnExtraTime
from contest.rules.permissions import manage_people
from contest.rules.refusals import Refusal
from contest.services import exchange
from contest.services.members import extra_time, extra_time_lists, people
from contest.web import filled
from contest.web.context import speech
from contest.web.gate import current_actor, policy
from contest.web.manage.bank_files import UPLOAD_LIMIT, attachment
from contest.web.manage.desk import page

blueprint = Blueprint("extra_time", __name__, url_prefix="/manage/members")


def blank(own: extra_time.ExtraTimeView | None) -> OwnExtraTime:
    """Return the form with what is set now, not what another form of the page sent."""
    values: dict[str, Any] = {}
    if own is not None:
        until = f"{own.valid_until:%d/%m/%Y}" if own.valid_until else ""
        unit = "percent" if own.percent else "minutes"
        values = {"amount": own.minutes or own.percent, "unit": unit, "reason": own.reason, "valid_until": until}
    form = OwnExtraTime(data=values)
    for field in form:
        field.label.text = speech().text(field.label.text)
    choosing: Any = form.unit
    choosing.choices = [(value, speech().text(text)) for value, text in choosing.choices]
    return _apart(form)


def _apart(form: OwnExtraTime) -> OwnExtraTime:
    """Give the fields ids of their own: the page holds another form with a unit."""
    for field in form:
        field.id = f"extra-{field.name}"
    return form


@blueprint.post("/<code>/extra-time")
@policy(manage_people)
def put(code: str) -> Response:
    people.get_member(code, by=current_actor())
    form = filled.read(OwnExtraTime)
    if filled.is_valid(form):
        amount = {"minutes": 0, "percent": 0, form.unit.data: form.amount.data or 0}
        until = form.valid_until.day
        try:
            extra_time.put(code, amount, reason=form.reason.data or "", valid_until=until, by=current_actor())
            flash(speech().text("Đã lưu."), "ok")
            return _back(code)
        except Invalid as refused:
            filled.refuse(form, refused, "amount")
    member = people.get_member(code, by=current_actor())
    return page("members/extra_time.html", "people", member=member, extra=_apart(form), own=None, status=422)


@blueprint.post("/<code>/extra-time/removal")
@policy(manage_people)
def remove(code: str) -> Response:
    extra_time.remove(code, by=current_actor())
    return _back(code)


def _back(code: str) -> Response:
    return make_response(redirect(url_for("members.edit", code=code) + "#extra-time", 303))


@blueprint.route("/extra-time/import", methods=["GET", "POST"])
@policy(manage_people, body_limit=UPLOAD_LIMIT)
def upload() -> Response:
    if request.method != "POST":
        return page("members/extra_time_import.html", "people")
    file = request.files.get("file")
    if file is None or not file.filename:
        problem = speech().said(Refusal("no-file"))
        return page("members/extra_time_import.html", "people", problem=problem, status=422)
    upload_ = exchange.Upload(file.filename, file.read())
    code = exchange.ask_preview("extra-times-preview", upload_, by=current_actor())
    return make_response(redirect(url_for("jobs.show", code=code), 303))


@blueprint.get("/extra-time/template.xlsx")
@policy(manage_people)
def template() -> Response:
    return attachment(extra_time_lists.template(), "mau-thoi-gian-cong-them.xlsx", "xlsx")
