"""Banks and questions: the list with filters, the editor with its live preview, the review, files in and out."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from contest.errors import Conflict, Forbidden, Invalid, Refused
from contest.forms.banks import BankForm, CommentForm, OptionRow, QuestionForm, options_of
from contest.rules.permissions import author_questions, review_questions, see_bank
from contest.rules.question_terms import Difficulty, Kind, VersionState
from contest.rules.questions.choices import MOST_OPTIONS, option_field
from contest.rules.refusals import Refusal
from contest.services.banks import browsing, drafting, editing, history, likenesses, reviewing, shelf, sources, uses
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

blueprint = Blueprint("banks", __name__, url_prefix="/manage/banks")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:MOST_OPTIONS]
ROWS = 5  # rows for options that an empty editor offers


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


@blueprint.route("/<bank>/questions/new", methods=["GET", "POST"])
@policy(author_questions)
def new(bank: str) -> Response:
    return _edit(bank, None)


@blueprint.route("/<bank>/questions/<code>", methods=["GET", "POST"])
@policy(see_bank)
def edit(bank: str, code: str) -> Response:
    return _edit(bank, browsing.get_question(bank, code, by=current_actor()))


def _edit(bank: str, question: browsing.FullQuestion | None) -> Response:
    form = filled.read(QuestionForm, **_values(question))
    options = options_of(request.form) if request.method == "POST" else _options(question)
    status, problems, errors = 200, list[str](), dict[str, str]()
    if request.method == "POST":
        shelf.get_bank(bank, by=current_actor())
        if not author_questions(current_actor()):
            raise Forbidden
        status = 422
        errors = {option_field(n): speech().said(o.error) for n, o in enumerate(options, 1) if o.error}
        if filled.is_valid(form) and not errors:
            try:
                code = _save(bank, question, form, options)
                flash(speech().text("Đã lưu câu %(code)s.", code=code), "ok")
                return make_response(redirect(url_for("banks.edit", bank=bank, code=code), 303))
            except (Invalid, Conflict) as refused:
                status = status_of(refused)
                problems, errors = _place(form, options, refused)
    return _editor(bank, question, form, options, problems=problems, errors=errors, status=status)


def commented(bank: str, question: browsing.FullQuestion, comment: CommentForm) -> Response:
    """Show a question as it is stored, with a comment that was refused."""
    form = filled.shown(QuestionForm, **_values(question))
    return _editor(bank, question, form, _options(question), comment=comment, status=422)


def _editor(
    bank: str, question: browsing.FullQuestion | None, form: QuestionForm, options: list[OptionRow], **more: Any
) -> Response:
    actor = current_actor()
    values = {"problems": [], "errors": {}, "comment": filled.shown(CommentForm), **more}
    return page(
        "banks/edit.html",
        "banks",
        bank=shelf.get_bank(bank, by=actor),
        question=question,
        form=form,
        options=_rows(options),
        preview=_preview(form, options),
        topics=browsing.list_topics(bank, by=actor),
        versions=history.list_versions(bank, question.code, by=actor) if question else (),
        doubt=sources.find_doubt(bank, question.code, by=actor) if question else None,
        used=uses.uses_of(bank, question.code, by=actor) if question else None,
        may_write=author_questions(actor),
        may_review=review_questions(actor),
        **values,
    )


def _values(question: browsing.FullQuestion | None) -> dict[str, Any]:
    if question is None:
        return {"kind": Kind.SINGLE_CHOICE, "difficulty": Difficulty.RECALL}
    d = question.draft
    return {
        "code": d.code,
        "kind": d.kind,
        "text": d.text,
        "topic": "/".join(d.topic),
        "difficulty": d.difficulty or "",
        "source": d.source,
        "effective_on": f"{d.effective_on:%d/%m/%Y}" if d.effective_on else "",
        "explanation": d.explanation,
        "tags": ", ".join(d.tags),
    }


def _options(question: browsing.FullQuestion | None) -> list[OptionRow]:
    return [OptionRow(o.text, o.weight > 0) for o in question.draft.options] if question else []


def _rows(options: list[OptionRow]) -> list[tuple[str, OptionRow]]:
    """Return the rows an editor shows, lettered: what there is, and at least one to add to."""
    rows = [*options, *[OptionRow("", False)] * max(1, ROWS - len(options))]
    return list(zip([*LETTERS, *map(str, range(len(LETTERS) + 1, len(rows) + 1))], rows, strict=False))


def _place(form: QuestionForm, options: list[OptionRow], refused: Refused) -> tuple[list[str], dict[str, str]]:
    """Put each refusal beside its field; return the sentences for the head of the page and those beside an option."""
    beside = {option_field(n) for n in range(1, len(options) + 1)}
    head, errors = [], {}
    for refusal in refused.refusals:
        said = speech().said(refusal)
        if refusal.field in beside:
            errors[refusal.field] = said
        elif refusal.field and refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, said]
        else:
            head.append(said)
    return head, errors


def _written(form: QuestionForm, options: list[OptionRow], code: str | None) -> drafting.Written:
    plain = ("text", "topic", "source", "explanation", "tags")
    return drafting.Written(
        code=code or form.code.data or None,
        kind=Kind(form.kind.data),
        difficulty=Difficulty(form.difficulty.data) if form.difficulty.data else None,
        effective_on=form.effective_on.day,
        options=tuple((o.text, o.is_right) for o in options),
        **{name: form[name].data or "" for name in plain},
    )


def _save(bank: str, question: browsing.FullQuestion | None, form: QuestionForm, options: list[OptionRow]) -> str:
    code = question.code if question else None
    return editing.save(
        bank,
        drafting.draft_of(_written(form, options, code), question.draft if question else None),
        question=code,
        seen=filled.whole(request.form.get("version", "")),
        submit=request.form.get("go") == "submit",
        by=current_actor(),
    )


@blueprint.post("/<bank>/questions/preview")
@policy(author_questions)
def preview(bank: str) -> str:
    """Answer, while a question is being written, how members will see it, and what it is near to."""
    actor = current_actor()
    shelf.get_bank(bank, by=actor)
    form = filled.read(QuestionForm)
    filled.is_valid(form)
    but = "".join(filled.given("own")) or None
    near = browsing.find_near(bank, form.text.data or "", but=but, by=actor) if form.text.data else None
    return render_template(
        "banks/_preview.html", preview=_preview(form, options_of(request.form)), near=near, bank=bank
    )


def _preview(form: QuestionForm, options: list[OptionRow]) -> dict[str, Any]:
    kind = form.kind.data or Kind.SINGLE_CHOICE
    shown = ["Đúng", "Sai"] if kind == Kind.TRUE_FALSE else [o.text for o in options if o.text]
    return {
        "text": form.text.data or "",
        "options": list(zip(LETTERS, shown, strict=False)),
        "type": "checkbox" if kind == Kind.MULTIPLE_CHOICE else "radio",
    }


@blueprint.post("/<bank>/questions/<code>/steps")
@policy(see_bank)
def step(bank: str, code: str) -> Response:
    verb = request.form.get("verb", "")
    if verb not in {"submit", "return"}:
        raise Invalid(Refusal("not-a-choice"))
    reviewing.step(bank, code, verb, remark="\n".join(filled.given("remark"))[:1000], by=current_actor())
    return make_response(redirect(url_for("banks.edit", bank=bank, code=code), 303))
