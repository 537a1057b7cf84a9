"""Imports of questions: what a file would do, question by question and to be chosen from; what was imported, and undoing it."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Invalid, NotFound, Refused
from contest.rules.import_terms import Fate
from contest.rules.permissions import author_questions, see_bank, see_management
from contest.rules.refusals import TEXTS, Refusal
from contest.services import exchange, jobs
from contest.services.attempts.previews import keyed
from contest.services.banks import imports, previews, shelf, undoing
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.banks import LETTERS
from contest.web.manage.desk import page

blueprint = Blueprint("imports", __name__, url_prefix="/manage")


def problem(p: dict[str, Any]) -> dict[str, Any]:
    """Return a problem of a file as its page says it."""
    said = speech().said(Refusal(p["slug"], p["params"])) if p["slug"] in TEXTS else p["slug"]
    return {**p, "said": said, "place": place(p["place"])}


def place(where: dict[str, Any]) -> str:
    """Return where in a file something stands: sheet, row and column, or line, or paragraph."""
    _ = speech().text
    parts = []
    if where.get("sheet"):
        parts.append(_("trang %(sheet)s", sheet=where["sheet"]))
    if where.get("row"):
        parts.append(_("dòng %(row)s", row=where["row"]))
    if where.get("line"):
        parts.append(_("dòng %(row)s", row=where["line"]))
    if where.get("paragraph"):
        parts.append(_("đoạn %(paragraph)s", paragraph=where["paragraph"]))
    if where.get("column"):
        parts.append(_("cột %(column)s", column=where["column"]))
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def is_preview(job: jobs.JobView) -> bool:
    """Say whether a job is a preview of questions that can be looked at."""
    return job.kind == "questions-preview" and "counts" in job.outcome


def preview(job: jobs.JobView, refused: Refused | None = None) -> Response:
    """Show a page of a group of what a file holds, by default of the first group that has any."""
    actor = current_actor()
    groups = previews.groups(job.code, of=actor)
    asked = request.values.get("group", "")
    group = Fate(asked) if asked in groups else next(iter(groups), None)
    last = -(-groups[group].count // previews.PAGE) if group else 1
    number = min(filled.whole(request.values.get("page", "")) or 1, last)
    items = previews.list_items(job.code, group, number, of=actor) if group else []
    return page(
        "imports/preview.html",
        "banks",
        job=job,
        bank=shelf.get_bank(job.payload["bank"], by=actor),
        groups=groups,
        group=group,
        number=number,
        last=last,
        items=[(i, place(_where(i.draft.place)), keyed(i.draft, i.position)) for i in items],
        chosen=sum(g.chosen for g in groups.values()),
        problems=[problem(p) for p in job.outcome["problems"]],
        refusals=[speech().said(r) for r in refused.refusals] if refused else [],
        letters=LETTERS,
        status=status_of(refused) if refused else 200,
    )


def _where(where: Any) -> dict[str, Any]:
    return {name: getattr(where, name) for name in ("sheet", "row", "line", "paragraph", "column")}


def _save_ticks(code: str) -> None:
    """Keep what is ticked on the page that was sent; what stands on other pages stays as it is."""
    shown, taken = (
        [n for n in map(filled.whole, filled.given(name)[: previews.PAGE]) if n] for name in ("shown", "take")
    )
    previews.choose(code, shown, taken, of=current_actor())


@blueprint.post("/jobs/<code>/choices")
@policy(see_management)
def choose(code: str) -> Response:
    """Keep the ticks of a page, or tick a whole group or none of it, and lead on to the page asked for."""
    actor = current_actor()
    if not is_preview(jobs.get_job(code, of=actor)):
        raise NotFound
    _save_ticks(code)
    given = request.form.get("all", "")
    if given:
        fate, _, taken = given.partition(".")
        if fate not in set(Fate) or taken not in {"0", "1"}:
            raise Invalid(Refusal("not-a-choice"))
        previews.choose_all(code, Fate(fate), taken=taken == "1", of=actor)
    group, _, number = request.form.get("to", "").partition(".")
    if not group:
        group, number = request.form.get("group", ""), request.form.get("page", "")
    return make_response(redirect(url_for("jobs.show", code=code, group=group or None, page=number or None), 303))


def carry_out(job: jobs.JobView) -> Response:
    """Ask for the questions to be imported that are ticked, on this page and on others."""
    try:
        _save_ticks(job.code)
        code = exchange.ask_apply(job, by=current_actor())
    except Invalid as refused:
        return preview(job, refused)
    return make_response(redirect(url_for("jobs.show", code=code), 303))


@blueprint.post("/jobs/<code>/conversion")
@policy(see_management)
def convert(code: str) -> Response:
    """Look at a file anew, converted from the old code page that it was found to be in."""
    actor = current_actor()
    job = jobs.get_job(code, of=actor)
    if not is_preview(job):
        raise NotFound
    return make_response(redirect(url_for("jobs.show", code=exchange.ask_conversion(job, by=actor)), 303))


@blueprint.get("/banks/<bank>/imports")
@policy(see_bank)
def index(bank: str) -> Response:
    actor = current_actor()
    row = shelf.get_bank(bank, by=actor)
    return page("imports/index.html", "banks", bank=row, imports=imports.list_imports(bank, by=actor))


@blueprint.get("/banks/<bank>/imports/<int:number>")
@policy(see_bank)
def show(bank: str, number: int) -> Response:
    return _import(bank, number)


def _import(bank: str, number: int, refused: Refused | None = None) -> Response:
    actor = current_actor()
    return page(
        "imports/show.html",
        "banks",
        bank=shelf.get_bank(bank, by=actor),
        made=imports.get_import(bank, number, by=actor),
        found=undoing.look(bank, number, by=actor),
        may_write=author_questions(actor),
        refusals=[speech().said(r) for r in refused.refusals] if refused else [],
        status=status_of(refused) if refused else 200,
    )


@blueprint.post("/banks/<bank>/imports/<int:number>/undoing")
@policy(author_questions)
def undo(bank: str, number: int) -> Response:
    try:
        done = undoing.undo(bank, number, seen="".join(filled.given("seen")), by=current_actor())
    except Conflict as refused:
        return _import(bank, number, refused)
    counts = {name: len(done[name]) for name in ("removed", "restored")}
    flash(speech().text("Đã hoàn tác: bỏ %(removed)s câu, trả lại %(restored)s câu.", **counts), "ok")
    return make_response(redirect(url_for("imports.show", bank=bank, number=number), 303))
