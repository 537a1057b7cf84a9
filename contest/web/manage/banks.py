"""Banks and questions: the list with filters, approving and retiring many at once."""

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Forbidden, Invalid, Refused
from contest.forms.banks import BankForm
from contest.rules.permissions import author_questions, review_questions, see_bank
from contest.rules.question_terms import Difficulty, VersionState
from contest.rules.questions.choices import MOST_OPTIONS
from contest.services.banks import browsing, likenesses, reviewing, shelf
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

blueprint = Blueprint("banks", __name__, url_prefix="/manage/banks")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:MOST_OPTIONS]


@blueprint.route("", methods=["GET", "POST"])
@policy(see_bank)
def index() -> Response:
    actor = current_actor()
    form = filled.read(BankForm)
    status = 200
    if request.method == "POST":
        if not author_questions(actor):
            raise Forbidden
        status = 422
        if filled.is_valid(form):
            try:
                shelf.create_bank(form.code.data or "", form.name.data or "", by=actor)
                return _to_bank(form.code.data or "")
            except Invalid as refused:
                filled.refuse(form, refused, "code")
    return page(
        "banks/index.html",
        "banks",
        banks=shelf.list_banks(by=actor),
        form=form,
        may_write=author_questions(actor),
        status=status,
    )


def _to_bank(bank: str) -> Response:
    return make_response(redirect(url_for("banks.show", bank=bank), 303))


@blueprint.get("/<bank>")
@policy(see_bank)
def show(bank: str) -> Response:
    return _list(bank)


def _list(bank: str, refused: Refused | None = None) -> Response:
    """Show the list, after a refusal with its reasons and with what was ticked."""
    actor = current_actor()
    filters = browsing.Filters(
        request.args.get("q", "")[:100],
        request.args.get("topic", ""),
        request.args.get("difficulty", ""),
        request.args.get("state", ""),
        request.args.get("order", ""),
    )
    row = shelf.get_bank(bank, by=actor)
    return page(
        "banks/show.html",
        "banks",
        bank=row,
        found=browsing.list_questions(bank, filters, after=request.args.get("after", ""), by=actor),
        filters=filters,
        topics=browsing.list_topics(bank, by=actor),
        difficulties=list(Difficulty),
        states=list(VersionState),
        doubtful=browsing.DOUBTFUL,
        orders=(browsing.MOST_DRAWN, browsing.LEAST_DRAWN),
        alike_count=likenesses.count_pairs(row.id),
        may_write=author_questions(actor),
        may_review=review_questions(actor),
        problems=[(r.slug, speech().said(r)) for r in refused.refusals] if refused else [],
        ticked=set(filled.given("question")) if refused else set(),
        status=status_of(refused) if refused else 200,
    )


@blueprint.post("/<bank>/approvals")
@policy(review_questions)
def approve(bank: str) -> Response:
    try:
        count = reviewing.approve(bank, filled.given("question"), by=current_actor())
    except (Forbidden, Conflict) as refused:
        if refused.refusal.slug not in {"own-question", "question-needed"}:
            raise
        return _list(bank, refused)
    flash(speech().plural("Đã duyệt %(num)s câu.", "Đã duyệt %(num)s câu.", count), "ok")
    return _back(bank)


@blueprint.post("/<bank>/retirements")
@policy(review_questions)
def retire(bank: str) -> Response:
    try:
        reviewing.retire(bank, filled.given("question"), by=current_actor())
    except Conflict as refused:
        return _list(bank, refused)
    flash(speech().text("Đã ngừng dùng các câu đã chọn."), "ok")
    return _back(bank)


def _back(bank: str) -> Response:
    one = request.form.get("back")
    url = url_for("banks.edit", bank=bank, code=one) if one else url_for("banks.show", bank=bank)
    return make_response(redirect(url, 303))
