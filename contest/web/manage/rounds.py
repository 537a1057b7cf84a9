"""A round's form: window, attempts, paper by blueprint checked against the bank, ranking, and what is shown."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from contest import clock
from contest.errors import Conflict, Invalid, Refused
from contest.forms.contests import RoundForm
from contest.rules import orders
from contest.rules.permissions import manage_contests
from contest.rules.ranking import check_criteria
from contest.rules.refusals import Refusal
from contest.rules.terms import LABELS, Counted, Criterion, Difficulty
from contest.services.contests import publishing, rounds, setup
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.contests import seen, set_up
from contest.web.manage.desk import page

blueprint = Blueprint("setup_rounds", __name__, url_prefix="/manage/contests/<slug>/rounds")
# A lot is drawn outside of the product so far: a criterion that nothing fills is not offered.
OFFERED = tuple(c for c in Criterion if c is not Criterion.LOT)
READY = {ready.code: ready for ready in orders.READY_ORDERS}
LINES = 8  # empty lines offered beyond those there are come to this many
CRITERIA = 6  # lines offered at least; two are always left to add to
MOST_OF_A_LINE = 999


@blueprint.route("/new", methods=["GET", "POST"])
@policy(manage_contests)
def new(slug: str) -> Response:
    row = setup.get_contest(slug, by=current_actor())
    earlier = rounds.list_rounds(row.id)
    if not earlier:
        return _edit(row, None, _first(), criteria=[Criterion.CORRECT, Criterion.PREDICTION, Criterion.DURATION])
    lines = [vars_of(line) for line in rounds.list_lines(earlier[-1].id)]
    return _edit(row, None, _next(earlier), lines, earlier[-1].criteria)


@blueprint.route("/<code>", methods=["GET", "POST"])
@policy(manage_contests)
def edit(slug: str, code: str) -> Response:
    row = setup.get_contest(slug, by=current_actor())
    round_row = rounds.get_round(row.id, code)
    return _edit(
        row, code, _stored(round_row), [vars_of(line) for line in rounds.list_lines(round_row.id)], round_row.criteria
    )


@blueprint.post("/<code>/removal")
@policy(manage_contests)
def remove(slug: str, code: str) -> Response:
    try:
        rounds.remove_round(slug, code, seen=seen(), by=current_actor())
    except (Conflict, Invalid) as refused:
        status = status_of(refused)
        return set_up(slug, status=status, problem=speech().said(refused.refusal))
    return make_response(redirect(url_for("setup.show", slug=slug), 303))


@blueprint.post("/supply")
@policy(manage_contests)
def supply(slug: str) -> str:
    """Answer, while the form is being filled in, what the approved bank can give for each line."""
    setup.get_contest(slug, by=current_actor())
    return render_template("setup_rounds/_supply.html", check=_supply())


@blueprint.post("/ranking")
@policy(manage_contests)
def ranking(slug: str) -> str:
    """Answer, while criteria are being put in order, what the order means and whom it would put where."""
    setup.get_contest(slug, by=current_actor())
    shown = _ranking(
        request.form.getlist("criteria"), request.form.get("counted", ""), request.form.get("prediction", "")
    )
    return render_template("setup_rounds/_ranking.html", ranking=shown)


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


def _supply() -> publishing.Supply:
    return publishing.supply_for(filled.whole(request.form.get("bank", "")), _lines_or_none())


def vars_of(line: rounds.LineView) -> dict[str, Any]:
    return {"topic_id": line.topic_id, "difficulty": line.difficulty or "", "count": line.count}


def _edit(
    row: Any,
    code: str | None,
    values: Mapping[str, Any],
    lines: list[dict[str, Any]] | None = None,
    criteria: list[str] | None = None,
) -> Response:
    form = filled.read(RoundForm, **values)
    banks = rounds.list_banks()
    form.bank.choices = [("", speech().text("Chưa chọn")), *((str(b[0]), b[2]) for b in banks)]
    if request.method != "POST" and not form.bank.data and len(banks) == 1:
        form.bank.data = str(banks[0][0])
    status, typed, ready = 200, lines or [], READY.get(request.form.get("ready", ""))
    if request.method == "POST":
        typed, criteria = _typed(), [c for c in request.form.getlist("criteria") if c]
    if ready is not None:  # a ready order is put into the form, and nothing is stored yet
        criteria, lines = list(ready.criteria), _lines_or_none()
        form.prediction.data = ready.prediction or ""
    elif request.method == "POST":
        status, lines = _take(form, row.slug, code, criteria or [])
        if status == 303:
            return make_response(redirect(url_for("setup.show", slug=row.slug), 303))
    bank_id = filled.whole(form.bank.data or "")
    shown = [*typed, *({"topic_id": None, "difficulty": "", "count": ""} for _ in range(LINES))]
    return page(
        "setup_rounds/edit.html",
        "setup",
        contest=row,
        code=code,
        form=form,
        lines=shown[: max(LINES, len(typed) + 2)],
        topics=rounds.list_topics(),
        difficulties=[("", speech().text("Mọi mức độ")), *((d.value, speech().label(d)) for d in Difficulty)],
        criteria=[*(criteria or []), *[""] * max(2, CRITERIA - len(criteria or []))],
        ranking=_ranking(criteria or [], form.counted.data or "", form.prediction.data or ""),
        ready_orders=orders.READY_ORDERS,
        criteria_choices=[("", "–"), *((c.value, speech().text(LABELS[c])) for c in OFFERED)],
        check=publishing.supply_for(bank_id, lines or []),
        status=status,
    )


def _lines_or_none() -> list[dict[str, Any]]:
    try:
        return _lines()
    except Refused:
        return []


def _take(form: RoundForm, slug: str, code: str | None, criteria: list[str]) -> tuple[int, list[dict[str, Any]]]:
    """Save what was filled in and return 303, or what it is refused with, every reason in its place; and the lines."""
    lines: list[dict[str, Any]] = []
    is_valid = filled.is_valid(form)
    try:
        lines = _lines()
        if not is_valid:
            return 422, lines
        _save(slug, code, _values(form, criteria), lines)
    except (Invalid, Conflict) as refused:
        _place(form, refused)
        return status_of(refused), lines
    return 303, lines


def _place(form: RoundForm, refused: Refused) -> None:
    """Put each refusal beside its field; those about lines and criteria stand at the head of their parts."""
    for refusal in refused.refusals:
        if refusal.field and refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, speech().said(refusal)]
        else:
            form.form_errors.append(speech().said(refusal))


def _save(slug: str, code: str | None, values: Mapping[str, Any], lines: list[dict[str, Any]]) -> None:
    if code is None:
        rounds.add_round(slug, values, lines, seen=seen(), by=current_actor())
    else:
        rounds.change_round(slug, code, values, lines, seen=seen(), by=current_actor())


def _values(form: RoundForm, criteria: list[str]) -> dict[str, Any]:
    unknown = [c for c in criteria if c not in set(OFFERED)]
    if unknown:
        raise Invalid(Refusal("not-a-choice", field="criteria"))
    plain = ("title", "minutes", "attempts_allowed", "attempts_per", "counted", "shuffle_questions", "shuffle_options", "reveal",
             "reveal_after_close", "board", "names_public", "network_allowance")  # fmt: skip
    return {
        **{name: form[name].data for name in plain},
        "opens_at": _instant(form.opens_at.moment),
        "closes_at": _instant(form.closes_at.moment),
        "freezes_at": _instant(form.freezes_at.moment),
        "bank_id": filled.whole(form.bank.data or ""),
        "prediction": form.prediction.data or None,
        "criteria": criteria,
    }


def _instant(local: datetime | None) -> datetime | None:
    return None if local is None else local.replace(tzinfo=ZoneInfo(speech().zone)).astimezone(UTC)


def _local(at: datetime | None) -> str:
    return "" if at is None else f"{speech().local(at):%Y-%m-%dT%H:%M}"


def _columns() -> Iterator[tuple[str, str, str]]:
    """Yield the lines of the blueprint as they were typed: topic, difficulty, count."""
    columns = (request.form.getlist(f"line-{name}") for name in ("topic", "difficulty", "count"))
    yield from zip(*columns, strict=False)


def _typed() -> list[dict[str, Any]]:
    """Return the lines to be shown again, whatever was typed there."""
    return [{"topic_id": t, "difficulty": d, "count": n} for t, d, n in _columns() if t or d or n]


def _lines() -> list[dict[str, Any]]:
    """Return the lines of the blueprint that were filled in; raises Invalid naming the line."""
    out = []
    for number, (topic, difficulty, typed) in enumerate(_columns(), 1):
        if not typed.strip():
            continue
        topic_id, count = filled.whole(topic), filled.whole(typed.strip())
        if count is None or count > MOST_OF_A_LINE or (topic and topic_id is None):
            raise Invalid(Refusal("bad-line", {"line": number}, "blueprint"))
        if difficulty and difficulty not in set(Difficulty):
            raise Invalid(Refusal("not-a-choice", field="blueprint"))
        if count:
            out.append({"topic_id": topic_id, "difficulty": difficulty or None, "count": count})
    return out


def _next(earlier: Sequence[Any]) -> dict[str, Any]:
    """Return what a further round begins with: the time after the last one, set up alike."""
    last = earlier[-1]
    span = last.closes_at - last.opens_at
    opens = last.closes_at + (timedelta(hours=10) if span > timedelta(days=2) else timedelta())
    numbered = re.fullmatch(r"(.*?)(\d{1,4})", last.title)
    title = (
        f"{numbered[1]}{int(numbered[2]) + 1}"
        if numbered
        else speech().text("Vòng %(number)s", number=len(earlier) + 1)
    )
    times = {"opens_at": _local(opens), "closes_at": _local(opens + span), "freezes_at": ""}
    return {**_stored(last), "title": title, **times}


def _first() -> dict[str, Any]:
    """Return what a contest's first round begins with: a week from tomorrow 07:00 to 21:00 of the seventh day."""
    tomorrow = speech().local(clock.now()).replace(hour=7, minute=0) + timedelta(days=1)
    return {
        "title": speech().text("Tuần %(number)s", number=1),
        "opens_at": f"{tomorrow:%Y-%m-%dT%H:%M}",
        "closes_at": f"{tomorrow + timedelta(days=6, hours=14):%Y-%m-%dT%H:%M}",
        "minutes": 20,
        "attempts_allowed": 2,
        "attempts_per": "round",
        "counted": "best",
        "shuffle_questions": True,
        "shuffle_options": True,
        "prediction": "all_correct",
        "reveal": "score",
        "reveal_after_close": "review",
        "board": "live",
        "network_allowance": 5,
    }


def _stored(r: Any) -> dict[str, Any]:
    names = ("title", "minutes", "attempts_allowed", "attempts_per", "counted", "shuffle_questions", "shuffle_options", "reveal",
             "reveal_after_close", "board", "names_public", "network_allowance")  # fmt: skip
    return {
        **{name: getattr(r, name) for name in names},
        "prediction": r.prediction or "",
        "bank": str(r.bank_id or ""),
        "opens_at": _local(r.opens_at),
        "closes_at": _local(r.closes_at),
        "freezes_at": _local(r.freezes_at),
    }
