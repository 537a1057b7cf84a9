"""A round's form: window, attempts, paper by blueprint checked against the bank, ranking, and what is shown."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from wtforms.validators import StopValidation

from contest.errors import Conflict, Invalid, Refused
from contest.forms.contests import RoundForm
from contest.rules import orders
from contest.rules.labels import LABELS
from contest.rules.permissions import correct_keys, manage_contests
from contest.rules.question_terms import Difficulty
from contest.rules.ranking import check_criteria
from contest.rules.refusals import Refusal
from contest.rules.terms import Counted, Criterion
from contest.rules.windows import Window
from contest.services.attempts import simulating
from contest.services.contests import blueprint_lines, rounds, schedules, setup
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage import blueprints, round_values, sections, windows
from contest.web.manage.contests import seen, set_up
from contest.web.manage.desk import page

blueprint = Blueprint("setup_rounds", __name__, url_prefix="/manage/contests/<slug>/rounds")
READY = {ready.code: ready for ready in orders.READY_ORDERS}
FIRST_SEED = 1
CRITERIA = 6  # lines offered at least; two are always left to add to


@blueprint.route("/new", methods=["GET", "POST"])
@policy(manage_contests)
def new(slug: str) -> Response:
    row = setup.get_contest(slug, by=current_actor())
    earlier = rounds.list_rounds(row.id)
    if not earlier:
        return _edit(
            row, None, round_values.first(), criteria=[Criterion.CORRECT, Criterion.PREDICTION, Criterion.DURATION]
        )
    last = earlier[-1]
    lines = blueprint_lines.list_lines(last.id)
    return _edit(row, None, round_values.following(earlier), lines, last.criteria, parts=last.sections)


@blueprint.route("/<code>", methods=["GET", "POST"])
@policy(manage_contests)
def edit(slug: str, code: str) -> Response:
    row = setup.get_contest(slug, by=current_actor())
    round_row = rounds.get_round(row.id, code)
    lines = blueprint_lines.list_lines(round_row.id)
    several = schedules.several(round_row)
    values = round_values.stored(round_row)
    return _edit(row, code, values, lines, round_row.criteria, several, round_row.sections)


@blueprint.post("/<code>/removal")
@policy(manage_contests)
def remove(slug: str, code: str) -> Response:
    try:
        rounds.remove_round(slug, code, seen=seen(), by=current_actor())
    except (Conflict, Invalid) as refused:
        status = status_of(refused)
        return set_up(slug, status=status, problem=speech().said(refused.refusal))
    return make_response(redirect(url_for("setup.show", slug=slug), 303))


@blueprint.post("/<code>/simulation")
@policy(manage_contests)
def simulate(slug: str, code: str) -> Response:
    """Try the stored blueprint out on ten thousand papers that nobody takes."""
    actor = current_actor()
    seed = filled.whole(request.form.get("seed", "").strip() or str(FIRST_SEED))
    try:
        if seed is None:
            raise Invalid(Refusal("not-a-number"))
        job = simulating.ask(slug, code, seed, by=actor)
    except Invalid as refused:
        problem = " ".join(speech().said(r) for r in refused.refusals)
        return set_up(slug, status=status_of(refused), problem=problem)
    return make_response(redirect(url_for("jobs.show", code=job), 303))


@blueprint.post("/supply")
@policy(manage_contests)
def supply(slug: str) -> str:
    """Answer, while the form is being filled in, what the approved bank can give for each line."""
    setup.get_contest(slug, by=current_actor())
    bank_id = filled.whole(request.form.get("bank", ""))
    said, form = blueprints.typed(), filled.read(RoundForm)
    lines = _lines_or_none(said, bank_id, form)
    return render_template("setup_rounds/_supply.html", paper=blueprints.laid_out(said, bank_id, lines))


@blueprint.post("/ranking")
@policy(manage_contests)
def ranking(slug: str) -> str:
    """Answer, while criteria are being put in order, what the order means and whom it would put where."""
    setup.get_contest(slug, by=current_actor())
    shown = _ranking(
        request.form.getlist("criteria"), request.form.get("counted", ""), request.form.get("prediction", "")
    )
    return render_template("setup_rounds/_ranking.html", ranking=shown)


@blueprint.post("/windows")
@policy(manage_contests)
def preview_windows(slug: str) -> str:
    """Answer, while windows are being filled in, how they lie in the calendar and which of them cannot be."""
    setup.get_contest(slug, by=current_actor())
    form = filled.read(RoundForm)
    _read_moments(form)
    return render_template("setup_rounds/_calendar.html", windows=windows.typed(_within(form)))


@dataclass(frozen=True, slots=True)
class RankingView:
    """What an order of criteria means; `refusal` says what contradicts itself."""

    criteria: tuple[Criterion, ...]
    counted: Counted | None
    refusal: Refusal | None
    tried: tuple[orders.Tried, ...]
    target: int = orders.INVENTED_TARGET


def _ranking(criteria: Sequence[str], counted: str, prediction: str) -> RankingView:
    chosen = tuple(Criterion(c) for c in criteria if c in set(Criterion))
    refusal = check_criteria(chosen, has_prediction=bool(prediction))
    tried = orders.try_out(chosen) if chosen else ()
    return RankingView(chosen, Counted(counted) if counted in set(Counted) else None, refusal, tried)


def _edit(
    row: Any,
    code: str | None,
    values: Mapping[str, Any],
    kept: Sequence[blueprint_lines.LineView] = (),
    criteria: list[str] | None = None,
    several: Sequence[Window] = (),
    parts: Sequence[Mapping[str, Any]] = (),
) -> Response:
    banks = blueprint_lines.list_banks()
    bank_id = filled.whole(
        request.form.get("bank", str(values.get("bank") or (banks[0][0] if len(banks) == 1 else "")))
    )
    said, scored = (blueprints.typed(), {}) if request.method == "POST" else blueprints.stored(kept, bank_id)
    form = filled.read(RoundForm, **values, **scored)
    form.bank.choices = [("", speech().text("Chưa chọn")), *((str(b[0]), b[2]) for b in banks)]
    if request.method != "POST":
        form.bank.data = str(bank_id or "")
    status, lines, ready = 200, _lines_or_none(said, bank_id, form), READY.get(request.form.get("ready", ""))
    if request.method == "POST":
        criteria = [c for c in request.form.getlist("criteria") if c]
    if ready is not None:  # a ready order is put into the form, and nothing is stored yet
        criteria = list(ready.criteria)
        form.prediction.data = ready.prediction or ""
    elif (
        request.method == "POST" and "fill" not in request.form
    ):  # which lays out windows or the matrix and stores nothing
        status = _take(form, row.slug, code, criteria or [], said, bank_id)
        if status == 303:
            return make_response(redirect(url_for("setup.show", slug=row.slug), 303))
    return page(
        "setup_rounds/edit.html",
        "setup",
        contest=row,
        code=code,
        form=form,
        windows=_windows(form, several),
        sections=sections.laid_out(sections.typed() if request.method == "POST" else sections.stored(parts)),
        paper=blueprints.laid_out(said, bank_id, lines),
        topics=blueprint_lines.list_topics(),
        difficulties=[("", speech().text("Mọi mức độ")), *((d.value, speech().label(d)) for d in Difficulty)],
        criteria=[*(criteria or []), *[""] * max(2, CRITERIA - len(criteria or []))],
        ranking=_ranking(criteria or [], form.counted.data or "", form.prediction.data or ""),
        ready_orders=orders.READY_ORDERS,
        criteria_choices=[("", "–"), *((c.value, speech().text(LABELS[c])) for c in Criterion)],
        may_print=correct_keys(current_actor()),
        status=status,
    )


def _within(form: RoundForm) -> Window | None:
    """Return the whole round as the form has it; None while it cannot be."""
    opens_at, closes_at = windows.instant(form.opens_at.moment), windows.instant(form.closes_at.moment)
    return Window(opens_at, closes_at) if opens_at and closes_at and opens_at < closes_at else None


def _read_moments(form: RoundForm) -> None:
    """Read the round's times out of a form that is still being filled in, without complaint of any."""
    for field in (form.opens_at, form.closes_at):
        with suppress(StopValidation):
            field.pre_validate(form)


def _windows(form: RoundForm, several: Sequence[Window]) -> windows.WindowsView:
    _read_moments(form)
    if request.method != "POST":
        return windows.stored(several, _within(form))
    return windows.typed(_within(form), fill=request.form.get("fill") == "list")


def _lines_or_none(said: blueprints.Typed, bank_id: int | None, form: RoundForm) -> list[dict[str, Any]]:
    try:
        return _lines(said, bank_id, form)
    except Refused:
        return []


def _lines(said: blueprints.Typed, bank_id: int | None, form: RoundForm) -> list[dict[str, Any]]:
    scoring = {name: form[name].data or "" for name in ("way", "ladder", "penalty")}
    return blueprints.read(said, bank_id, scoring, form.negative.data or "")


def _take(
    form: RoundForm, slug: str, code: str | None, criteria: list[str], said: blueprints.Typed, bank_id: int | None
) -> int:
    """Save what was filled in and return 303, or what it is refused with, every reason in its place."""
    is_valid = filled.is_valid(form)
    try:
        lines = _lines(said, bank_id, form)
        if not is_valid:
            return 422
        _save(slug, code, form, criteria, lines)
    except (Invalid, Conflict) as refused:
        _place(form, refused)
        return status_of(refused)
    return 303


def _place(form: RoundForm, refused: Refused) -> None:
    """Put each refusal beside its field; those about lines and criteria stand at the head of their parts."""
    for refusal in refused.refusals:
        if refusal.field and refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, speech().said(refusal)]
        else:
            form.form_errors.append(speech().said(refusal))


def _save(slug: str, code: str | None, form: RoundForm, criteria: list[str], lines: list[dict[str, Any]]) -> None:
    values, chosen = _values(form, criteria), windows.typed(_within(form))
    if chosen.is_many and chosen.refusals:
        raise Invalid(*chosen.refusals)
    if code is None:
        rounds.add_round(slug, values, lines, chosen.stored, seen=seen(), by=current_actor())
    else:
        rounds.change_round(slug, code, values, lines, chosen.stored, seen=seen(), by=current_actor())


def _values(form: RoundForm, criteria: list[str]) -> dict[str, Any]:
    unknown = [c for c in criteria if c not in set(Criterion)]
    if unknown:
        raise Invalid(Refusal("not-a-choice", field="criteria"))
    return {
        **{name: form[name].data for name in round_values.PLAIN},
        "sections": sections.read(sections.typed()),
        "opens_at": windows.instant(form.opens_at.moment),
        "closes_at": windows.instant(form.closes_at.moment),
        "freezes_at": windows.instant(form.freezes_at.moment),
        "bank_id": filled.whole(form.bank.data or ""),
        "prediction": form.prediction.data or None,
        "criteria": criteria,
    }
