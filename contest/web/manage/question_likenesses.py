"""Questions of a bank that are alike: side by side, to be retired or told apart."""

from flask import Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Refused
from contest.rules.permissions import review_questions, see_bank
from contest.services import exchange
from contest.services.attempts.previews import keyed
from contest.services.banks import likenesses, reviewing, shelf
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.banks import LETTERS, blueprint
from contest.web.manage.desk import page


@blueprint.get("/<bank>/alike")
@policy(see_bank)
def alike(bank: str) -> Response:
    return _alike(bank)


def _alike(bank: str, refused: Refused | None = None) -> Response:
    actor = current_actor()
    row = shelf.get_bank(bank, by=actor)
    found = likenesses.get_search(bank, by=actor)
    last = max(1, -(-found.count // likenesses.PAGE))
    number = min(filled.whole(request.values.get("page", "")) or 1, last)
    return page(
        "banks/alike.html",
        "banks",
        bank=row,
        found=found,
        most=likenesses.MOST,
        pairs=[(p, keyed(p.first)) for p in likenesses.list_pairs(bank, number, by=actor)],
        number=number,
        last=last,
        distinct=likenesses.list_distinct(bank, by=actor),
        letters=LETTERS,
        may_review=review_questions(actor),
        problems=[speech().said(r) for r in refused.refusals] if refused else [],
        status=status_of(refused) if refused else 200,
    )


@blueprint.post("/<bank>/alike/searches")
@policy(see_bank)
def search_alike(bank: str) -> Response:
    """Search a small bank at once; a large one is a job."""
    actor = current_actor()
    if likenesses.get_search(bank, by=actor).is_small:
        likenesses.search(bank, by=actor)
        return _back(bank)
    code = exchange.ask_export("questions-likeness", {"bank": bank}, by=actor)
    return make_response(redirect(url_for("jobs.show", code=code), 303))


@blueprint.post("/<bank>/alike/distinctions")
@policy(see_bank)
def tell_apart(bank: str) -> Response:
    first, second = ("".join(filled.given(name)) for name in ("first", "second"))
    likenesses.tell_apart(bank, first, second, by=current_actor())
    flash(speech().text("Đã ghi: %(first)s và %(second)s không phải một câu.", first=first, second=second), "ok")
    return _back(bank)


@blueprint.post("/<bank>/alike/retirements")
@policy(review_questions)
def retire_alike(bank: str) -> Response:
    codes = filled.given("question")[:1]
    try:
        reviewing.retire(bank, codes, by=current_actor())
    except Conflict as refused:
        return _alike(bank, refused)
    flash(speech().text("Đã ngừng dùng câu %(code)s.", code="".join(codes)), "ok")
    return _back(bank)


def _back(bank: str) -> Response:
    number = filled.whole(request.form.get("page", ""))
    return make_response(redirect(url_for("banks.alike", bank=bank, page=number), 303))
