"""The editor of a question: what is written, kept as typed when it is refused, and shown live as members will see it."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for

from contest.errors import Conflict, Forbidden, Invalid, Refused
from contest.forms.banks import CommentForm, OptionRow, QuestionForm, options_of
from contest.forms.parts import PART_OF, PartRow, distractors_of, parts_of
from contest.rules.permissions import author_questions, review_questions, see_bank
from contest.rules.question_terms import Difficulty, FileKind, Kind, PartKind
from contest.rules.questions.choices import option_field
from contest.rules.questions.lines import WrittenPart
from contest.rules.questions.parts import part_field
from contest.rules.questions.upload import USUAL
from contest.rules.refusals import Refusal
from contest.services.attempts.asked import QuestionView
from contest.services.attempts.previews import preview_of
from contest.services.banks import browsing, drafting, editing, history, reviewing, shelf, sources, uses
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage import question_media
from contest.web.manage.banks import LETTERS, blueprint
from contest.web.manage.desk import page

MEDIA_LIMIT = 12_000_000  # a picture or a recording beside the texts
ROWS, PART_ROWS = 5, 4  # rows for options and for parts that an empty editor offers


@blueprint.route("/<bank>/questions/new", methods=["GET", "POST"])
@policy(author_questions, body_limit=MEDIA_LIMIT)
def new(bank: str) -> Response:
    return _edit(bank, None)


@blueprint.route("/<bank>/questions/<code>", methods=["GET", "POST"])
@policy(see_bank, body_limit=MEDIA_LIMIT)
def edit(bank: str, code: str) -> Response:
    return _edit(bank, browsing.get_question(bank, code, by=current_actor()))


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the editor: the form, and the rows of options and parts beside it."""

    form: QuestionForm
    options: list[OptionRow]
    parts: list[PartRow]
    distractors: str

    @property
    def kind(self) -> Kind:
        found = self.form.kind.data
        return Kind(found) if found in set(Kind) else Kind.SINGLE_CHOICE

    def errors(self) -> dict[str, str]:
        """Return what cannot be kept of the rows, by field."""
        rows = [(option_field(n), o.error) for n, o in enumerate(self.options, 1)]
        rows += [(part_field(n), p.error) for n, p in enumerate(self.parts, 1)]
        return {name: speech().said(error) for name, error in rows if error}


def _typed(form: QuestionForm) -> Typed:
    found = Typed(form, options_of(request.form), [], distractors_of(request.form))
    return replace(found, parts=parts_of(request.form, found.kind))


def _stored(form: QuestionForm, question: browsing.FullQuestion | None) -> Typed:
    if question is None:
        return Typed(form, [], [], "")
    options = [OptionRow(o.text, o.weight > 0, area=o.area) for o in question.draft.options]
    parts = [PartRow(part) for part in drafting.written_parts(question.draft)]
    return Typed(form, options, parts, drafting.distractors(question.draft))


def _edit(bank: str, question: browsing.FullQuestion | None) -> Response:
    form = filled.read(QuestionForm, **_values(question))
    typed = _typed(form) if request.method == "POST" else _stored(form, question)
    status, problems, errors = 200, list[str](), dict[str, str]()
    if request.method == "POST":
        shelf.get_bank(bank, by=current_actor())
        if not author_questions(current_actor()):
            raise Forbidden
        if request.form.get("go") == "insert":
            return _insert(bank, question, typed)
        status = 422
        errors = typed.errors()
        if filled.is_valid(form) and not errors:
            try:
                code = _save(bank, question, typed)
                flash(speech().text("Đã lưu câu %(code)s.", code=code), "ok")
                return make_response(redirect(url_for("banks.edit", bank=bank, code=code), 303))
            except (Invalid, Conflict) as refused:
                status = status_of(refused)
                problems, errors = _place(typed, refused)
    return _editor(bank, question, typed, problems=problems, errors=errors, status=status)


def _insert(bank: str, question: browsing.FullQuestion | None, typed: Typed) -> Response:
    """Put a picture or a recording into what is being written; nothing else is stored."""
    was_rich = typed.form.rich.data
    done = question_media.insert(bank, typed.form, typed.options)
    parts = typed.parts
    if typed.form.rich.data and not was_rich:
        parts = [replace(row, part=drafting.enriched_part(row.part)) for row in parts]
    typed = replace(typed, options=done.options, parts=parts)
    return _editor(bank, question, typed, errors=done.errors, status=done.status)


def commented(bank: str, question: browsing.FullQuestion, comment: CommentForm) -> Response:
    """Show a question as it is stored, with a comment that was refused."""
    form = filled.shown(QuestionForm, **_values(question))
    return _editor(bank, question, _stored(form, question), comment=comment, status=422)


def _editor(bank: str, question: browsing.FullQuestion | None, typed: Typed, **more: Any) -> Response:
    actor = current_actor()
    values = {"problems": [], "errors": {}, "comment": filled.shown(CommentForm), **more}
    row = shelf.get_bank(bank, by=actor)
    return page(
        "banks/edit.html",
        "banks",
        bank=row,
        passages=shelf.list_passages(row.id),
        question=question,
        form=typed.form,
        options=_rows(typed.options),
        parts={kind: _part_rows(kind, typed) for kind in PART_OF},
        part_kinds=(PartKind.TEXT, PartKind.NUMBER, PartKind.CHOICE),
        distractors=typed.distractors,
        preview=_preview(typed),
        topics=browsing.topics_of(row.id),
        versions=history.list_versions(bank, question.code, by=actor) if question else (),
        doubt=sources.find_doubt(bank, question.code, by=actor) if question else None,
        used=uses.uses_of(bank, question.code, by=actor) if question else None,
        may_write=author_questions(actor),
        may_review=review_questions(actor),
        **values,
    )


def _values(question: browsing.FullQuestion | None) -> dict[str, Any]:
    if question is None:
        return {"kind": Kind.SINGLE_CHOICE, "difficulty": Difficulty.RECALL, "most_files": 1, "file_kinds": [*USUAL]}
    d = question.draft
    return {
        "code": d.code,
        "kind": d.kind,
        "rich": d.rich,
        "text": d.text,
        "topic": "/".join(d.topic),
        "difficulty": d.difficulty or "",
        "source": d.source,
        "effective_on": f"{d.effective_on:%d/%m/%Y}" if d.effective_on else "",
        "explanation": d.explanation,
        "guidance": d.guidance,
        "tags": ", ".join(d.tags),
        "passage": d.passage or "",
        "least_words": d.least_words or None,
        "most_words": d.most_words or None,
        "most_files": d.most_files or 1,
        "file_kinds": [*(d.file_kinds or USUAL)],
    }


def _rows(options: list[OptionRow]) -> list[tuple[str, OptionRow]]:
    """Return the rows an editor shows, lettered: what there is, and at least one to add to."""
    rows = [*options, *[OptionRow("", False)] * max(1, ROWS - len(options))]
    return list(zip([*LETTERS, *map(str, range(len(LETTERS) + 1, len(rows) + 1))], rows, strict=False))


def _part_rows(kind: Kind, typed: Typed) -> list[WrittenPart]:
    """Return the rows of a kind: its parts where it is the question's, and at least one to add to where there may be more."""
    rows = [row.part for row in typed.parts] if kind is typed.kind else []
    if kind in {Kind.NUMERIC, Kind.SHORT_TEXT}:
        return rows[:1] or [WrittenPart(PART_OF[kind])]
    return [*rows, *[WrittenPart(PART_OF[kind])] * max(1, PART_ROWS - len(rows))]


def _place(typed: Typed, refused: Refused) -> tuple[list[str], dict[str, str]]:
    """Put each refusal beside its field; return the sentences for the head of the page and those beside a row."""
    beside = {option_field(n) for n in range(1, len(typed.options) + 1)}
    beside |= {part_field(n) for n in range(1, len(typed.parts) + 1)}
    form, head, errors = typed.form, [], {}
    for refusal in refused.refusals:
        said = speech().said(refusal)
        if refusal.field in beside:
            errors[refusal.field] = said
        elif refusal.field and refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, said]
        else:
            head.append(said)
    return head, errors


def _written(typed: Typed, code: str | None) -> drafting.Written:
    form = typed.form
    return drafting.Written(
        code=code or form.code.data or None,
        kind=typed.kind,
        text=form.text.data or "",
        options=tuple((o.text, o.is_right) for o in typed.options),
        topic=form.topic.data or "",
        difficulty=Difficulty(form.difficulty.data) if form.difficulty.data in set(Difficulty) else None,
        source=form.source.data or "",
        effective_on=form.effective_on.day,
        explanation=form.explanation.data or "",
        guidance=form.guidance.data or "",
        tags=form.tags.data or "",
        parts=tuple(row.part for row in typed.parts),
        distractors=typed.distractors,
        least_words=form.least_words.data or 0,
        most_words=form.most_words.data or 0,
        **_files_asked(typed),
        rich=form.rich.data,
        areas=tuple(o.area for o in typed.options),
        passage=form.passage.data or "",
    )


def _files_asked(typed: Typed) -> dict[str, Any]:
    """Return what is asked of files, of a question that takes some."""
    if typed.kind is not Kind.UPLOAD:
        return {}
    ticked = set(typed.form.file_kinds.data or ())
    return {"most_files": typed.form.most_files.data or 0, "file_kinds": tuple(k for k in FileKind if k in ticked)}


def _save(bank: str, question: browsing.FullQuestion | None, typed: Typed) -> str:
    code = question.code if question else None
    return editing.save(
        bank,
        drafting.draft_of(_written(typed, code), question.draft if question else None),
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
    near = browsing.find_near(bank, form.text.data, rich=form.rich.data, but=but, by=actor) if form.text.data else None
    return render_template("banks/_preview.html", preview=_preview(_typed(form)), near=near, bank=bank)


def _preview(typed: Typed) -> QuestionView:
    return preview_of(drafting.draft_of(_written(typed, None)))


@blueprint.post("/<bank>/questions/<code>/steps")
@policy(see_bank)
def step(bank: str, code: str) -> Response:
    verb = request.form.get("verb", "")
    if verb not in {"submit", "return"}:
        raise Invalid(Refusal("not-a-choice"))
    reviewing.step(bank, code, verb, remark="\n".join(filled.given("remark"))[:1000], by=current_actor())
    return make_response(redirect(url_for("banks.edit", bank=bank, code=code), 303))
