"""The life of a unit: renamed, moved, merged, split, each seen before it is done."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from contest.errors import Conflict, Invalid, NotFound
from contest.forms.units import Dated, Merging, Moving, Renaming, Splitting
from contest.rules.permissions import manage_people
from contest.rules.refusals import Refusal
from contest.rules.unit_terms import UnitChangeKind
from contest.services import organisation
from contest.services.units import changes, previews
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

blueprint = Blueprint("units", __name__, url_prefix="/manage/units/<code>/changes/<kind>")

FORMS: Mapping[str, tuple[UnitChangeKind, type[Dated]]] = {
    "name": (UnitChangeKind.RENAMED, Renaming),
    "parent": (UnitChangeKind.MOVED, Moving),
    "merger": (UnitChangeKind.MERGED, Merging),
    "split": (UnitChangeKind.SPLIT, Splitting),
}


def _form(kind: str) -> tuple[UnitChangeKind, Dated]:
    found = FORMS.get(kind)
    if found is None:
        raise NotFound
    return found[0], filled.read(found[1])


@blueprint.route("", methods=["GET", "POST"])
@policy(manage_people)
def change(code: str, kind: str) -> Response:
    actor = current_actor()
    unit = organisation.get_unit(code, by=actor)
    what, form = _form(kind)
    _offer(form, code)
    shown, status = None, 200
    if request.method == "POST":
        try:
            if filled.is_valid(form):
                wish = _wish(what, form)
                if request.form.get("step") == "confirm":
                    after = changes.carry_out(code, wish, by=actor)
                    flash(speech().text("Đã đổi. Lịch sử của đơn vị ghi lại việc này."), "ok")
                    return make_response(redirect(url_for("members.unit", code=after), 303))
                shown = previews.preview(code, wish, by=actor)
            else:
                status = 422
        except (Invalid, Conflict) as refused:
            filled.refuse(form, refused, "effective")
            status = status_of(refused)
    return page(
        "units/change.html",
        "units",
        unit=unit,
        kind=kind,
        what=what,
        form=form,
        children=previews.children(unit.id),
        chosen=set(filled.given("units")),
        preview=shown,
        refusals=tuple[Refusal, ...](),
        status=status,
    )


def _offer(form: Dated, code: str) -> None:
    """Put the units of the actor's scope into the lists to choose from."""
    choices = [(u.code, f"{' ' * u.depth}{u.name}") for u in organisation.list_units(by=current_actor())]
    others = [("", speech().text("Chọn đơn vị")), *(c for c in choices if c[0] != code)]
    if isinstance(form, Moving | Merging):
        form.target.choices = others
    if isinstance(form, Merging):
        form.people_to.choices = [("", speech().text("Đơn vị nhận sáp nhập")), *others[1:]]
    if isinstance(form, Splitting):
        form.target.choices = [("", speech().text("Như đơn vị cũ")), *others[1:]]


def _wish(what: UnitChangeKind, form: Dated) -> changes.Wish:
    given = {f.name: f.data or "" for f in form if f.name in {"target", "people_to", "new_code", "new_name"}}
    people = form["people"].data.replace(",", "\n").replace(";", "\n").split("\n") if "people" in form else ()
    return changes.Wish(
        what, effective=_moment(form), units=tuple(filled.given("units")), people=tuple(people), **given
    )


def _moment(form: Dated) -> datetime | None:
    """Return since when, on the organisation's clock; None is now."""
    moment = form.effective.moment
    return moment.replace(tzinfo=ZoneInfo(speech().zone)).astimezone(UTC) if moment else None


@blueprint.post("/preview")
@policy(manage_people)
def preview(code: str, kind: str) -> str:
    """Show what a change would touch, or why it may not be, while it is being filled in."""
    actor = current_actor()
    organisation.get_unit(code, by=actor)
    what, form = _form(kind)
    shown: previews.Preview | None = None
    refusals: tuple[Refusal, ...] = ()
    if filled.is_valid(form):
        try:
            shown = previews.preview(code, _wish(what, form), by=actor)
        except (Invalid, Conflict) as refused:
            refusals = tuple(r for r in refused.refusals if r.slug != "required")
    return render_template("units/_preview.html", preview=shown, refusals=refusals, what=what)
