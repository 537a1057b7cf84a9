"""People and units inside one's scope: lists, one person, lists from a file, activation codes."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Invalid
from contest.forms.people import MemberForm, UnitForm
from contest.rules.permissions import manage_people
from contest.rules.refusals import Refusal
from contest.rules.text import phone_as_said
from contest.services import exchange, organisation
from contest.services.members import extra_time, people
from contest.services.units import changes, headcounts, previews
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.bank_files import UPLOAD_LIMIT, attachment
from contest.web.manage.desk import page
from contest.web.manage.extra_time import blank

blueprint = Blueprint("members", __name__, url_prefix="/manage")


@blueprint.get("/members")
@policy(manage_people)
def index() -> Response:
    actor = current_actor()
    search, unit = request.args.get("q", "")[:100], request.args.get("unit", "")
    found = people.list_members(by=actor, search=search, unit=unit, after=request.args.get("after", ""))
    return page(
        "members/index.html",
        "people",
        found=found,
        wanted=search,
        unit=unit,
        units=[(u.code, u.short_name) for u in organisation.list_units(by=actor) if u.depth <= 1],
    )


@blueprint.route("/members/new", methods=["GET", "POST"])
@policy(manage_people)
def new() -> Response:
    form = filled.read(MemberForm, unit=request.args.get("unit", ""))
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                code = people.enter(_values(form), unit=form.unit.data or "", by=current_actor())
                return _to_member(code)
            except Invalid as refused:
                filled.refuse(form, refused, "code")
    return page("members/edit.html", "people", member=None, form=form, status=status)


def _values(form: MemberForm) -> dict[str, Any]:
    return {
        "code": form.code.data or None,
        "full_name": form.full_name.data,
        "birth_date": form.birth_date.day,
        "phone": form.phone.number,
        "email": form.email.address,
        "identity_number": form.identity_number.data or None,
    }


def _to_member(code: str) -> Response:
    return make_response(redirect(url_for("members.edit", code=code), 303))


@blueprint.route("/members/<code>", methods=["GET", "POST"])
@policy(manage_people)
def edit(code: str) -> Response:
    actor = current_actor()
    member = people.get_member(code, by=actor)
    form = filled.read(
        MemberForm,
        code=member.code,
        full_name=member.full_name,
        birth_date=f"{member.birth_date:%d/%m/%Y}" if member.birth_date else "",
        phone=phone_as_said(member.phone) if member.phone else "",
        email=member.email or "",
        unit=member.unit_code,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            values = {k: v for k, v in _values(form).items() if k not in {"code", "identity_number"}}
            try:
                people.change(code, values, unit=form.unit.data or "", by=actor)
                flash(speech().text("Đã lưu."), "ok")
                return _to_member(code)
            except Invalid as refused:
                filled.refuse(form, refused, "full_name")
    own = extra_time.find(code, by=actor)
    return page("members/edit.html", "people", member=member, form=form, own=own, extra=blank(own), status=status)


@blueprint.post("/members/<code>/suspension")
@policy(manage_people)
def suspend(code: str) -> Response:
    people.suspend(code, suspended=request.form.get("suspended") == "1", by=current_actor())
    return _to_member(code)


@blueprint.route("/members/import", methods=["GET", "POST"])
@policy(manage_people, body_limit=UPLOAD_LIMIT)
def upload() -> Response:
    if request.method != "POST":
        return page("members/import.html", "people")
    file = request.files.get("file")
    if file is None or not file.filename:
        return page("members/import.html", "people", problem=speech().said(Refusal("no-file")), status=422)
    code = exchange.ask_preview("people-preview", exchange.Upload(file.filename, file.read()), by=current_actor())
    return make_response(redirect(url_for("jobs.show", code=code), 303))


@blueprint.get("/members/template.xlsx")
@policy(manage_people)
def template() -> Response:
    return attachment(exchange.people_template(), "mau-doan-vien.xlsx", "xlsx")


@blueprint.get("/units")
@policy(manage_people)
def units() -> Response:
    actor = current_actor()
    declared = headcounts.declared_last()
    return page("units/index.html", "units", units=organisation.list_units(by=actor), declared=declared)


@blueprint.route("/units/<code>", methods=["GET", "POST"])
@policy(manage_people)
def unit(code: str) -> Response:
    actor = current_actor()
    row = organisation.get_unit(code, by=actor)
    form = filled.read(UnitForm, name=row.name, short_name=row.short_name, level=row.level, headcount=row.headcount)
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                changes.describe(code, dict(form.data), by=actor)
                flash(speech().text("Đã lưu."), "ok")
                return make_response(redirect(url_for("members.unit", code=code), 303))
            except Conflict as refused:
                filled.refuse(form, refused, "name")
                status = status_of(refused)
    declared = headcounts.history(row.id)
    return page(
        "units/edit.html",
        "units",
        unit=row,
        form=form,
        declared=declared,
        freezes=previews.freezes(row.id, declared),
        history=previews.history(row.id),
        successor=previews.successor(row),
        has_mail=_has_mail(),
        status=status,
    )


def _has_mail() -> bool:
    return bool(current_app.config["SETTINGS"].smtp_url)


@blueprint.post("/units/<code>/invitations")
@policy(manage_people)
def invite(code: str) -> Response:
    """Ask for activation codes for everybody of the unit without a password."""
    actor = current_actor()
    organisation.get_unit(code, by=actor)
    payload = {
        "unit": code,
        "by_mail": request.form.get("by_mail") == "1" and _has_mail(),
        "base_url": current_app.config["SETTINGS"].base_url,
        "locale": speech().locale,
    }
    job = exchange.ask_export("invitations", payload, by=actor)
    return make_response(redirect(url_for("jobs.show", code=job), 303))
