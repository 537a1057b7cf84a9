"""Prizes of a contest: lists with their quotas, winners one by one verified, and the lots that settle ties."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Forbidden, Invalid, Refused
from contest.rules.awards import next_state
from contest.rules.labels import LABELS
from contest.rules.permissions import manage_contests
from contest.rules.refusals import Refusal
from contest.rules.result_terms import AwardState, EdgeTie, Special, Verification
from contest.rules.slots import BEST_BY
from contest.services.awards import draws, lists, verification, winners
from contest.services.contests import overall, rounds, setup
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.contests import seen
from contest.web.manage.desk import page

blueprint = Blueprint("awards", __name__, url_prefix="/manage/contests/<slug>/awards")
LINES = 6  # lines offered at least; two are always left to add to
USUAL = (("Giải Nhất", 1), ("Giải Nhì", 2), ("Giải Ba", 3), ("Giải Khuyến khích", 10))


@blueprint.get("")
@policy(manage_contests)
def index(slug: str) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    return page(
        "awards/index.html",
        "awards",
        contest=contest,
        lists=lists.list_lists(contest),
        draws=draws.list_draws(slug, by=actor),
        has_rounds=bool(rounds.list_rounds(contest.id)),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@policy(manage_contests)
def new(slug: str) -> Response:
    contest = setup.get_contest(slug, by=current_actor())
    first = {"round": "", "title": "", "for_units": "", "edge": EdgeTie.LOT.value, "cap": ""}
    usual = [{"name": name, "count": str(count), "special": ""} for name, count in USUAL]
    return _edit(contest, None, first, usual)


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
@policy(manage_contests)
def edit(slug: str, number: int) -> Response:
    contest, found = lists.get_list(slug, number, by=current_actor())
    cap = "" if found.cap is None else speech().points(Decimal(found.cap.numerator * 100) / found.cap.denominator)
    stored = {"round": found.round_code, "title": found.title, "for_units": "y" if found.for_units else ""}
    stored |= {"edge": found.edge.value, "cap": cap}
    lines = [{"name": p.name, "count": str(p.count), "special": p.special or p.by or ""} for p in found.prizes]
    return _edit(contest, found, stored, lines)


def _edit(
    contest: Any, found: lists.ListView | None, values: Mapping[str, str], lines: list[dict[str, str]]
) -> Response:
    errors, status = dict[str, str](), 200
    if request.method == "POST":
        values = {name: request.form.get(name, "").strip()[:120] for name in values}
        lines = list(_typed())
        try:
            number = _save(contest.slug, found, values, lines)
            return make_response(redirect(url_for("awards.show", slug=contest.slug, number=number), 303))
        except (Invalid, Conflict) as refused:
            status = status_of(refused)
            for refusal in refused.refusals:
                name = refusal.field or ""
                errors[name] = f"{errors.get(name, '')} {speech().said(refusal)}".strip()
    empty = {"name": "", "count": "", "special": ""}
    return page(
        "awards/edit.html",
        "awards",
        contest=contest,
        found=found,
        values=values,
        lines=[*lines, *[empty] * max(2, LINES - len(lines))],
        rounds=_rankings(contest),
        edges=[(e.value, speech().text(LABELS[e])) for e in EdgeTie],
        specials=[
            ("", speech().text("Theo bảng xếp hạng")),
            *((c.value, speech().text(text)) for c, text in BEST_BY.items()),
            *((s.value, speech().text(LABELS[s])) for s in Special),
        ],
        errors=errors,
        status=status,
    )


def _rankings(contest: Any) -> list[tuple[str, str]]:
    """Return what prizes may go by: the rounds, and the overall standing where there is one."""
    own = [(r.code, r.title) for r in rounds.list_rounds(contest.id)]
    return own if overall.find_rule(contest.id) is None else [*own, (lists.OVERALL, speech().text("Chung cuộc"))]


def _typed() -> Iterator[dict[str, str]]:
    columns = (filled.given(f"prize-{name}") for name in ("name", "count", "special"))
    for name, count, special in zip(*columns, strict=False):
        if name.strip() or count.strip():
            yield {"name": name.strip()[:120], "count": count.strip(), "special": special}


def _save(slug: str, found: lists.ListView | None, typed: Mapping[str, str], lines: list[dict[str, str]]) -> int:
    values = {
        "round": typed["round"],
        "title": typed["title"],
        "for_units": typed["for_units"] == "y",
        "edge": _member(EdgeTie, typed["edge"], "edge"),
        "cap": _cap(typed["cap"]),
    }
    if not values["title"]:
        raise Invalid(Refusal("required", field="title"))
    if values["round"] not in {code for code, _ in _rankings(setup.get_contest(slug, by=current_actor()))}:
        raise Invalid(Refusal("not-a-choice", field="round"))
    prizes = [_prize(line) for line in lines]
    if found is None:
        return lists.create(slug, values, prizes, by=current_actor())
    lists.change(slug, found.id, values, prizes, seen=seen(), by=current_actor())
    return found.id


def _prize(line: Mapping[str, str]) -> dict[str, Any]:
    to, by = line["special"], {c.value: c for c in BEST_BY}
    special = _member(Special, to, "prizes") if to and to not in by else None
    return {"name": line["name"], "count": filled.whole(line["count"]) or 0, "special": special, "by": by.get(to)}


def _member(kind: Any, value: str, name: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise Invalid(Refusal("not-a-choice", field=name)) from None


def _cap(typed: str) -> Decimal | None:
    """Read a share in percent as people write it; nothing means that there is no cap."""
    if not typed:
        return None
    try:
        share = Decimal(typed.rstrip("% ").replace(",", ".")) / 100
    except InvalidOperation:
        raise Invalid(Refusal("not-a-number", field="cap")) from None
    if not share.is_finite() or share != round(share, 6):
        raise Invalid(Refusal("cap-range", field="cap"))
    return share


@blueprint.get("/<int:number>")
@policy(manage_contests)
def show(slug: str, number: int) -> Response:
    return _show(slug, number)


def _show(slug: str, number: int, *, problem: str = "", status: int = 200) -> Response:
    actor = current_actor()
    contest, found = lists.get_list(slug, number, by=actor)
    outcome = winners.outcome(contest, found)
    following = next_state(found.state)
    return page(
        "awards/show.html",
        "awards",
        contest=contest,
        found=found,
        outcome=outcome,
        following=following,
        is_outdated=verification.is_outdated(found),
        why_not=verification.why_not(contest, found, outcome, actor) if following else None,
        problem=problem,
        status=status,
    )


@blueprint.post("/<int:number>/state")
@policy(manage_contests)
def proceed(slug: str, number: int) -> Response:
    def step() -> None:
        to = _member(AwardState, request.form.get("to", ""), "to")
        verification.proceed(slug, number, to=to, by=current_actor())

    return _then(slug, number, step, speech().text("Đã chuyển sang bước tiếp theo."))


@blueprint.post("/<int:number>/verdicts")
@policy(manage_contests)
def judge(slug: str, number: int) -> Response:
    def step() -> None:
        subject = filled.whole(request.form.get("subject", "")) or 0
        verdict = _member(Verification, request.form.get("verdict", ""), "verdict")
        reason = "".join(filled.given("reason"))[:1000]
        verification.judge(slug, number, subject, verdict, reason, by=current_actor())

    return _then(slug, number, step, speech().text("Đã ghi kết quả xác minh."))


@blueprint.post("/<int:number>/draws")
@policy(manage_contests)
def prepare(slug: str, number: int) -> Response:
    try:
        text = "".join(filled.given("randomness_from"))[:1000]
        code = draws.prepare(slug, number, text, by=current_actor())
    except (Invalid, Conflict) as refused:
        return _refused(slug, number, refused)
    return make_response(redirect(url_for("awards.lots", slug=slug, code=code), 303))


def _then(slug: str, number: int, step: Any, done: str) -> Response:
    try:
        step()
    except (Invalid, Conflict, Forbidden) as refused:
        return _refused(slug, number, refused)
    flash(done, "ok")
    return make_response(redirect(url_for("awards.show", slug=slug, number=number), 303))


def _refused(slug: str, number: int, refused: Refused) -> Response:
    return _show(slug, number, problem=speech().said(refused.refusal), status=status_of(refused))


@blueprint.route("/draws/<code>", methods=["GET", "POST"])
@policy(manage_contests)
def lots(slug: str, code: str) -> Response:
    """Show a draw to those who hold it, and draw the lots."""
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    typed = {name: "".join(filled.given(name))[:1000] for name in ("randomness", "witnesses")}
    errors, status = dict[str, str](), 200
    if request.method == "POST":
        try:
            reason = speech().text("Bốc thăm giữa những người bằng nhau theo mọi tiêu chí khác.")
            draws.draw(slug, code, typed["randomness"], typed["witnesses"], by=actor, reason=reason)
            return make_response(redirect(url_for("draws.show", code=code), 303))
        except (Invalid, Conflict) as refused:
            errors = {r.field or "": speech().said(r) for r in refused.refusals}
            status = status_of(refused)
    found = draws.get_own(slug, code, by=actor)
    return page("awards/draw.html", "awards", contest=contest, draw=found, typed=typed, errors=errors, status=status)
