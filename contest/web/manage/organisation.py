"""The organisation's settings, roles and the audit; for administrators and auditors."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Invalid, NotFound
from contest.forms.accounts import OrganisationSettings
from contest.forms.people import RoleForm
from contest.rules.permissions import administer, see_audit
from contest.rules.question_terms import VersionState
from contest.rules.refusals import Refusal
from contest.rules.terms import Role, mark
from contest.services import audit, organisation
from contest.services.contests import setup
from contest.services.members import people
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.contests import seen
from contest.web.manage.desk import page

blueprint = Blueprint("organisation", __name__, url_prefix="/manage")
_NAMES = ("name_vi", "name_en", "short_name", "anniversary", "time_zone", "address")
LOGO_LIMIT = 5_000_000


@blueprint.route("/organisation", methods=["GET", "POST"])
@policy(administer, body_limit=LOGO_LIMIT)
def settings() -> Response:
    current = organisation.find_organisation()
    if current is None:
        raise NotFound
    form = filled.read(OrganisationSettings, **{n: getattr(current, n) or "" for n in _NAMES})
    status, four_eyes = 200, current.four_eyes
    if request.method == "POST":
        status, four_eyes = 422, request.form.get("four_eyes") == "y"
        if filled.is_valid(form):
            logo = request.files.get("logo")
            values = {**{n: form[n].data for n in _NAMES}, "four_eyes": four_eyes}
            try:
                data = logo.read() if logo and logo.filename else None
                organisation.change(values, seen(), logo=data, by=current_actor())
                flash(speech().text("Đã lưu."), "ok")
                return make_response(redirect(url_for("organisation.settings"), 303))
            except (Invalid, Conflict) as refused:
                filled.refuse(form, refused, "name_vi")
                status = status_of(refused)
    return page(
        "organisation/settings.html",
        "organisation",
        form=form,
        version=current.version,
        four_eyes=four_eyes,
        status=status,
    )


@blueprint.route("/roles", methods=["GET", "POST"])
@policy(administer)
def roles() -> Response:
    form = filled.read(RoleForm)
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                _give(form)
                return make_response(redirect(url_for("organisation.roles"), 303))
            except (Invalid, NotFound) as refused:
                filled.refuse(form, refused, "code")
    return page("organisation/roles.html", "organisation", form=form, grants=people.list_grants(), status=status)


def _give(form: RoleForm) -> None:
    actor, unit_id, contest_id = current_actor(), None, None
    try:
        if form.unit.data:
            unit_id = organisation.get_unit(form.unit.data, by=actor).id
    except NotFound:
        raise Invalid(Refusal("unit-unknown", {"code": form.unit.data or ""}, "unit")) from None
    try:
        if form.contest.data:
            contest_id = setup.get_contest(form.contest.data, by=actor).id
    except NotFound:
        raise Invalid(Refusal("contest-unknown", field="contest")) from None
    try:
        people.give_role(form.code.data or "", Role(form.role.data), by=actor, unit_id=unit_id, contest_id=contest_id)
    except NotFound:
        raise Invalid(Refusal("member-unknown", field="code")) from None


@blueprint.post("/roles/<int:grant>/removal")
@policy(administer)
def take_role(grant: int) -> Response:
    try:
        people.take_role(grant, by=current_actor())
    except Invalid as refused:
        flash(speech().said(refused.refusal), "error")
    return make_response(redirect(url_for("organisation.roles"), 303))


@blueprint.get("/audit")
@policy(see_audit)
def show_audit() -> Response:
    entries = audit.list_newest(filled.whole(request.args.get("before", "")))
    told = [(e, speech().text(audit.ACTIONS[e.action]), "; ".join(_details(e.details))) for e in entries]
    return page("organisation/audit.html", "audit", entries=told)


DETAILS: dict[str, str] = {
    "alone": mark("không qua người thứ hai"),
    "remark": mark("ghi chú: %(value)s"),
    "version": mark("phiên bản %(value)s"),
    "target": mark("đáp số %(value)s"),
    "number": mark("vòng số %(value)s"),
    "count": mark("%(value)s người"),
    "fields": mark("mục %(value)s"),
    "units": mark("đơn vị %(value)s"),
    "name": mark("%(value)s"),
    "role": mark("vai trò %(value)s"),
    "state": mark("%(value)s"),
    "new": mark("%(value)s mới"),
    "changed": mark("%(value)s thay đổi"),
    "of_import": mark("lần nhập %(value)s"),
    "removed": mark("bỏ %(value)s"),
    "restored": mark("trả lại bản trước của %(value)s"),
    "kept": mark("để nguyên %(value)s"),
    "first": mark("%(value)s"),
    "second": mark("%(value)s"),
    "new_units": mark("%(value)s đơn vị mới"),
    "changed_units": mark("%(value)s đơn vị thay đổi"),
    "new_people": mark("%(value)s người mới"),
    "changed_people": mark("%(value)s người thay đổi"),
    "errors": mark("%(value)s dòng có lỗi"),
}


def _details(details: Mapping[str, Any]) -> Iterator[str]:
    """Yield the details of an entry that mean something to a reader; codes and ids are for machines."""
    for name, value in details.items():
        if isinstance(value, dict):
            yield from (f"{field}: {before} → {after}" for field, (before, after) in value.items())
        elif name in DETAILS and value not in (None, "", False, 0, []):
            yield speech().text(DETAILS[name], value=_plain(name, value))


def _plain(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    kinds: dict[str, Any] = {"role": Role, "state": VersionState}
    return speech().label(kinds[name](value)) if name in kinds else str(value)
