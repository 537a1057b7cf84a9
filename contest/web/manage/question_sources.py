"""The legal sources of a bank: what rests on each, what became of it, and the questions that hold all the same."""

from flask import Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Invalid
from contest.forms.banks import SourceForm
from contest.rules.permissions import review_questions, see_bank
from contest.rules.question_terms import SourceChange
from contest.services.banks import shelf, sources
from contest.web import filled
from contest.web.context import speech
from contest.web.gate import current_actor, policy
from contest.web.manage.banks import blueprint
from contest.web.manage.desk import page


@blueprint.route("/<bank>/sources", methods=["GET", "POST"])
@policy(see_bank)
def legal(bank: str) -> Response:
    actor = current_actor()
    row = shelf.get_bank(bank, by=actor)
    form = filled.read(SourceForm, change=SourceChange.AMENDED)
    search, ticked = request.args.get("q", "")[:100], filled.given("source")
    if request.method == "POST" and filled.is_valid(form):
        try:
            sources.mark(
                bank,
                ticked,
                SourceChange(form.change.data),
                changed_on=form.changed_on.day,
                note=form.note.data or "",
                by=actor,
            )
            flash(speech().text("Đã ghi."), "ok")
            return make_response(redirect(url_for("banks.legal", bank=bank, q=search or None), 303))
        except Invalid as refused:
            filled.refuse(form, refused, "")
    return page(
        "banks/sources.html",
        "banks",
        bank=row,
        sources=sources.list_sources(bank, search, by=actor),
        words=search,
        ticked=set(ticked),
        form=form,
        status=422 if request.method == "POST" else 200,
    )


@blueprint.post("/<bank>/questions/<code>/source-confirmation")
@policy(review_questions)
def confirm_source(bank: str, code: str) -> Response:
    mark = filled.whole("".join(filled.given("mark")))
    try:
        sources.confirm(bank, code, mark, by=current_actor())
        flash(speech().text("Đã xác nhận câu %(code)s vẫn đúng.", code=code), "ok")
    except Conflict as refused:
        flash(speech().said(refused.refusal), "error")
    return make_response(redirect(url_for("banks.edit", bank=bank, code=code), 303))
