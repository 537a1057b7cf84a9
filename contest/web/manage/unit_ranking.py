"""How a contest compares units: the formula tried out, which units, in which divisions, and with which headcounts."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from contest.errors import Conflict, Invalid, Refused
from contest.forms.contests import UnitRanking
from contest.forms.units import Acceptance, Divisions
from contest.rules import unit_orders
from contest.rules.awards import prize_key
from contest.rules.permissions import manage_contests
from contest.rules.refusals import Refusal
from contest.rules.unit_terms import ComparedUnits, UnitCriterion
from contest.rules.units import Formula, check_formula
from contest.services import organisation
from contest.services.contests import comparison, prize_names, setup
from contest.services.contests.setup import Compared
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.contests import seen
from contest.web.manage.desk import page

blueprint = Blueprint("unit_ranking", __name__, url_prefix="/manage/contests/<slug>")


@blueprint.route("/unit-ranking", methods=["GET", "POST"])
@policy(manage_contests)
def formula(slug: str) -> Response:
    actor = current_actor()
    row = setup.get_contest(slug, by=actor)
    form, status = _form(row), 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                setup.choose_unit_ranking(slug, _formula(form), _compared(form), seen=seen(), by=actor)
                return _to("setup.show", slug)
            except (Conflict, Invalid) as refused:
                filled.refuse(form, refused, "criterion")
                status = status_of(refused)
        shown: dict[str, Any] = _tried(row, form) if status == 422 else {}
    else:
        shown = {"formula": setup.formula_of(row), "refusals": _lacking(row, setup.formula_of(row), None)}
        shown["tried"] = unit_orders.try_out(shown["formula"])
    return page(
        "unit_ranking/formula.html",
        "setup",
        contest=row,
        form=form,
        points=form.prize_points.lines(prize_names.of_people(row.id), prize_key),
        ranking=shown or _tried(row, form),
        status=status,
    )


def _to(endpoint: str, slug: str) -> Response:
    return make_response(redirect(url_for(endpoint, slug=slug), 303))


def _form(row: Any) -> UnitRanking:
    stored, compared = setup.formula_of(row), setup.compared_of(row)
    form = filled.read(
        UnitRanking,
        criterion=stored.criterion,
        least_score=speech().points(stored.least_score) if stored.least_score else "",
        best=stored.best or None,
        prize_points=[(prize, speech().points(n)) for prize, n in stored.prize_points.items()],
        compared=compared.which,
        unit=compared.unit,
        level=compared.level,
    )
    units = organisation.list_units(by=current_actor())
    none = ("", speech().text("Chọn đơn vị"))
    form.unit.choices = [none, *((u.code, f"{'  ' * u.depth}{u.name}") for u in units)]
    levels = sorted({u.level for u in units if u.level} | ({compared.level} if compared.level else set()))
    form.level.choices = [("", speech().text("Chọn cấp")), *((name, name) for name in levels)]
    return form


def _formula(form: UnitRanking) -> Formula:
    criterion = UnitCriterion(form.criterion.data)
    return Formula(
        criterion, prize_points=form.prize_points.points, least_score=form.least_score.points, best=form.best.data or 0
    )


def _compared(form: UnitRanking) -> Compared:
    which = ComparedUnits(form.compared.data)
    is_below, is_level = which is ComparedUnits.BELOW, which is ComparedUnits.LEVEL
    return Compared(which, form.unit.data or "" if is_below else "", form.level.data or "" if is_level else "")


@blueprint.post("/unit-ranking/preview")
@policy(manage_contests)
def preview(slug: str) -> str:
    """Say what a formula means and whom it puts where among invented units, while it is being chosen."""
    row = setup.get_contest(slug, by=current_actor())
    form = _form(row)
    filled.is_valid(form)
    return render_template("unit_ranking/_tried.html", ranking=_tried(row, form))


def _tried(row: Any, form: UnitRanking) -> dict[str, Any]:
    """Return what the form says so far, as far as it says anything."""
    if form.criterion.errors or form.compared.errors or form.best.errors or form.least_score.errors:
        return {"formula": None, "tried": (), "refusals": ()}
    chosen = _formula(form)
    return {
        "formula": chosen,
        "tried": unit_orders.try_out(chosen) if check_formula(chosen) is None else (),
        "refusals": _lacking(row, chosen, _compared(form)),
    }


def _lacking(row: Any, chosen: Formula, compared: Compared | None) -> tuple[Refusal, ...]:
    """Return what speaks against a formula: what it lacks itself, units that are not there, a ratio of nothing."""
    own = check_formula(chosen)
    if own is not None:
        return (own,)
    try:
        how = None
        if compared is not None:
            how = comparison.How(compared.which, setup.compared_unit(compared), compared.level)
    except Refused as refused:
        return refused.refusals
    if chosen.criterion in unit_orders.OF_RATIO:
        listed = comparison.list_compared(row, how).rows
        if listed and not any(unit.counted for unit in listed):
            return (Refusal("no-headcount-anywhere"),)
    return ()


@blueprint.route("/divisions", methods=["GET", "POST"])
@policy(manage_contests)
def divisions(slug: str) -> Response:
    actor = current_actor()
    row = setup.get_contest(slug, by=actor)
    listed = comparison.list_compared(row)
    form, status = filled.read(Divisions), 200
    typed = {unit.code: unit.division for unit in listed.rows}
    if request.method == "POST":
        try:
            typed |= {u.code: n.strip() for u, n in zip(listed.rows, filled.given("division"), strict=False)}
            if any(len(name) > comparison.MOST_LETTERS for name in typed.values()):
                raise Invalid(Refusal("too-long", {"limit": comparison.MOST_LETTERS}, "pasted"))
            if filled.is_valid(form):
                chosen = typed | comparison.read_divisions(form.pasted.data or "")
                comparison.choose_divisions(slug, chosen, seen=seen(), by=actor)
                return _to("setup.show", slug)
            status = 422
        except (Conflict, Invalid) as refused:
            filled.refuse(form, refused, "pasted")
            status = status_of(refused)
    return page(
        "unit_ranking/divisions.html", "setup", contest=row, form=form, listed=listed, typed=typed, status=status
    )


@blueprint.route("/headcounts", methods=["GET", "POST"])
@policy(manage_contests)
def headcounts(slug: str) -> Response:
    actor = current_actor()
    row = setup.get_contest(slug, by=actor)
    listed = comparison.list_compared(row)
    form, status = filled.read(Acceptance), 200
    form.unit.choices = [("", speech().text("Chọn đơn vị")), *((u.code, u.name) for u in listed.rows)]
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                figure, reason = form.figure.data or 0, form.reason.data or ""
                comparison.accept_headcount(slug, form.unit.data or "", figure, reason, by=actor)
                flash(speech().text("Đã ghi số đoàn viên cho cuộc thi này, cùng lý do."), "ok")
                return _to("unit_ranking.headcounts", slug)
            except (Conflict, Invalid) as refused:
                filled.refuse(form, refused, "figure")
                status = status_of(refused)
    return page("unit_ranking/headcounts.html", "setup", contest=row, form=form, listed=listed, status=status)
