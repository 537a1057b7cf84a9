"""How several rounds make one standing: the way, the rounds and the criteria, read out and tried while they are chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from contest.errors import Conflict, Invalid
from contest.forms.overall import OverallForm
from contest.rules import overall_orders
from contest.rules.labels import LABELS
from contest.rules.overall import Rule
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.permissions import manage_contests
from contest.rules.refusals import Refusal
from contest.services.contests import overall, rounds, setup
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.contests import seen
from contest.web.manage.desk import page

blueprint = Blueprint("overall_setup", __name__, url_prefix="/manage/contests/<slug>/overall")
CRITERIA = 6  # lines offered at least; two are always left to add to
FIRST = (OverallCriterion.CORRECT, OverallCriterion.PREDICTION, OverallCriterion.DURATION)


@blueprint.route("", methods=["GET", "POST"])
@policy(manage_contests)
def edit(slug: str) -> Response:
    row = setup.get_contest(slug, by=current_actor())
    form, stored = _form(row)
    criteria, status = list(stored), 200
    if request.method == "POST":
        criteria, status = [c for c in filled.given("criteria") if c], 422
        try:
            if filled.is_valid(form):
                overall.choose(slug, _rule(form, criteria), _codes(form), seen=seen(), by=current_actor())
                return make_response(redirect(url_for("setup.show", slug=slug), 303))
        except (Conflict, Invalid) as refused:
            filled.refuse(form, refused, "")
            status = status_of(refused)
    return page(
        "overall/edit.html",
        "setup",
        contest=row,
        form=form,
        criteria=[*criteria, *[""] * max(2, CRITERIA - len(criteria))],
        criteria_choices=[("", "–"), *((c.value, speech().text(LABELS[c])) for c in OverallCriterion)],
        ranking=_preview(row, form, criteria),
        status=status,
    )


@blueprint.post("/preview")
@policy(manage_contests)
def preview(slug: str) -> str:
    """Say, while it is being chosen, what an overall standing means, what contradicts itself, and whom it puts where."""
    row = setup.get_contest(slug, by=current_actor())
    form, _ = _form(row)
    filled.is_valid(form)
    return render_template("overall/_preview.html", ranking=_preview(row, form, filled.given("criteria")))


def _form(row: Any) -> tuple[OverallForm, Sequence[str]]:
    """Return the form as it is stored or was filled in, and the criteria that are stored."""
    rule, own = overall.find_rule(row.id), rounds.list_rounds(row.id)
    counted = [r.code for r in overall.list_counted(row.id)] if rule else [r.code for r in own]
    is_one = rule is not None and rule.way is OverallWay.CHOSEN
    form = filled.read(
        OverallForm,
        way=rule.way.value if rule else "",
        rounds=[r.code for r in own] if is_one else counted,
        best=rule.best if rule else None,
        chosen=counted[0] if is_one and counted else "",
    )
    form.rounds.choices = [(r.code, r.title) for r in own]
    form.chosen.choices = [("", speech().text("Chọn vòng")), *((r.code, r.title) for r in own)]
    return form, rule.criteria if rule else _usual(own)


def _usual(own: Sequence[Any]) -> tuple[OverallCriterion, ...]:
    """Return the criteria to begin with: those of the rounds as they mostly are, without a guess where none is asked."""
    asked = any(r.prediction is not None for r in own)
    return tuple(c for c in FIRST if asked or c is not OverallCriterion.PREDICTION)


def _rule(form: OverallForm, criteria: Sequence[str]) -> Rule | None:
    if not form.way.data:
        return None
    way = OverallWay(form.way.data)
    if any(c not in set(OverallCriterion) for c in criteria):
        raise Invalid(Refusal("not-a-choice", field="criteria"))
    best = form.best.data if way is OverallWay.BEST_K else None
    return Rule(way, tuple(OverallCriterion(c) for c in criteria), best)


def _codes(form: OverallForm) -> list[str]:
    if form.way.data == OverallWay.CHOSEN:
        return [form.chosen.data] if form.chosen.data else []
    return list(form.rounds.data or [])


@dataclass(frozen=True, slots=True)
class OverallPreview:
    """What an overall standing would be; `rule` is None where there is none, or where the form says nothing yet."""

    rule: Rule | None
    titles: tuple[str, ...]
    refusals: tuple[Refusal, ...]
    tried: tuple[overall_orders.TriedOverall, ...]


def _preview(row: Any, form: OverallForm, criteria: Sequence[str]) -> OverallPreview:
    known = [c for c in criteria if c in set(OverallCriterion)]
    rule = _rule(form, known) if not form.way.data or form.way.data in set(OverallWay) else None
    if rule is None:
        return OverallPreview(None, (), (), ())
    codes = _codes(form)
    found = overall.refusals(row.id, rule, codes)
    titles = tuple(r.title for r in rounds.list_rounds(row.id) if r.code in codes)
    return OverallPreview(rule, titles, found, () if found else overall_orders.try_out(rule))
