"""Who may take a later round: the rule, the list proposed by it, its confirmation, withdrawals and calls from the reserve."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.forms.advancement import AdvanceForm
from contest.rules.advancement import Plan
from contest.rules.advancement_terms import AdvanceBy
from contest.rules.permissions import manage_contests
from contest.services import exchange
from contest.services.contests import overall, rounds, setup
from contest.services.results import advancement, advancement_list
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.contests import seen
from contest.web.manage.desk import page

blueprint = Blueprint("advancement", __name__, url_prefix="/manage/contests/<slug>/rounds/<code>/advancement")
FORMATS = ("xlsx", "csv", "json")


@blueprint.get("")
@policy(manage_contests)
def show(slug: str, code: str) -> Response:
    return _show(slug, code)


def _show(slug: str, code: str, *, problem: str = "", status: int = 200) -> Response:
    contest = setup.get_contest(slug, by=current_actor())
    row = rounds.get_round(contest.id, code)
    view = advancement_list.get_view(row)
    template = "advancement/show.html" if view is not None else "advancement/open.html"
    return page(template, "setup", contest=contest, round=row, view=view, problem=problem, status=status)


@blueprint.post("/exports")
@policy(manage_contests)
def export(slug: str, code: str) -> Response:
    """Order the confirmed list as a file, or show that it is not confirmed."""
    actor = current_actor()
    row = rounds.get_round(setup.get_contest(slug, by=actor).id, code)
    form = request.form.get("format", "")
    if form not in FORMATS:
        raise NotFound
    try:
        advancement_list.get_confirmed(row)
    except Conflict as refused:
        return _show(slug, code, problem=speech().said(refused.refusal), status=status_of(refused))
    payload = {"contest": slug, "round": code, "format": form, "locale": speech().locale}
    job = exchange.ask_export("advanced-export", payload, by=actor)
    return make_response(redirect(url_for("jobs.show", code=job), 303))


@blueprint.route("/rule", methods=["GET", "POST"])
@policy(manage_contests)
def edit(slug: str, code: str) -> Response:
    contest = setup.get_contest(slug, by=current_actor())
    row = rounds.get_round(contest.id, code)
    form, status = _form(contest, row), 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                advancement.choose(
                    slug,
                    code,
                    _plan(form),
                    source=form.source.data or "",
                    compared_units=form.units.data == "compared",
                    seen=seen(),
                    by=current_actor(),
                )
                listed = url_for("advancement.show", slug=slug, code=code)
                return make_response(redirect(listed if form.rule.data else url_for("setup.show", slug=slug), 303))
            except (Conflict, Invalid) as refused:
                filled.refuse(form, refused, "rule")
                status = status_of(refused)
    return page("advancement/edit.html", "setup", contest=contest, round=row, form=form, status=status)


def _form(contest: Any, row: Any) -> AdvanceForm:
    view = advancement_list.get_view(row)
    first: dict[str, Any] = {"rule": "", "units": "compared", "reserve": 0, "source": ""}
    if view is not None:
        plan = view.plan
        first |= {"rule": plan.by.value, "count": plan.count or None, "reserve": plan.reserve}
        first["source"] = view.source.code if view.source else advancement.OVERALL
        first["units"] = "compared" if view.compared_units else "own"
        first["least_score"] = speech().points(plan.least_score) if plan.least_score else ""
        first["quotas"] = "\n".join(f"{unit} = {n}" for unit, n in sorted(plan.quotas.items()))
    form = filled.read(AdvanceForm, **first)
    earlier = [(r.code, r.title) for r in rounds.list_rounds(contest.id) if r.number < row.number]
    if overall.find_rule(contest.id) is not None:
        earlier.append((advancement.OVERALL, speech().text("Chung cuộc")))
    form.source.choices = [("", speech().text("Chọn bảng xếp hạng")), *earlier]
    return form


def _plan(form: AdvanceForm) -> Plan | None:
    if not form.rule.data:
        return None
    by = AdvanceBy(form.rule.data)
    return Plan(
        by,
        count=(form.count.data or 0) if by in {AdvanceBy.TOP, AdvanceBy.TOP_PER_UNIT} else 0,
        least_score=form.least_score.points,
        quotas=form.numbers if by is AdvanceBy.QUOTA else {},
        reserve=form.reserve.data or 0,
    )


@blueprint.post("/steps")
@policy(manage_contests)
def step(slug: str, code: str) -> Response:
    """Take the step that was asked for, or show why not."""
    verb, person = request.form.get("verb", ""), "".join(filled.given("person"))[:100].strip()
    reason, actor = "".join(filled.given("reason"))[:1000], current_actor()
    _ = speech().text
    try:
        if verb == "propose":
            advancement.propose(slug, code, by=actor)
            done = _("Đã lập danh sách dự kiến.")
        elif verb == "confirm":
            advancement.confirm(slug, code, by=actor)
            done = _("Đã xác nhận danh sách được vào vòng.")
        elif verb == "withdraw":
            advancement.withdraw(slug, code, person, reason, by=actor)
            done = _("Đã ghi người rút tên, cùng lý do.")
        elif verb == "call":
            advancement.call_up(slug, code, person, reason, by=actor)
            done = _("Đã gọi người dự bị, cùng lý do.")
        else:
            raise NotFound
    except (Conflict, Forbidden, Invalid) as refused:
        return _show(slug, code, problem=speech().said(refused.refusal), status=status_of(refused))
    flash(done, "ok")
    return make_response(redirect(url_for("advancement.show", slug=slug, code=code), 303))
