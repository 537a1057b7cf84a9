"""Who takes part beside whole units, and who is not considered for prizes: lists, one person, suggestions."""

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Invalid
from contest.forms import entrants as forms
from contest.rules.entrants import Marks
from contest.rules.entry_terms import EntrantMark, EntrantReason
from contest.rules.permissions import manage_contests
from contest.rules.refusals import Refusal
from contest.services.contests import entrant_jobs, entrant_people, setup
from contest.services.contests.entrant_lists import Said
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.bank_files import UPLOAD_LIMIT
from contest.web.manage.desk import page

blueprint = Blueprint("entrants", __name__, url_prefix="/manage/contests")
_TAKES_PART = {"": None, "yes": True, "no": False}
_TAKES_PART_SAID = {value: said for said, value in _TAKES_PART.items()}


@blueprint.get("/<slug>/entrants")
@policy(manage_contests)
def index(slug: str) -> Response:
    return _shown(slug, filled.read(forms.EntrantList, said=(_mark() or EntrantMark.NO_PRIZE).value))


def _mark() -> EntrantMark | None:
    wanted = request.args.get("mark", "")
    return EntrantMark(wanted) if wanted in set(EntrantMark) else None


def _shown(slug: str, form: forms.EntrantList, status: int = 200) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    search, mark = request.args.get("q", "")[:100], _mark()
    return page(
        "entrants/index.html",
        "setup",
        contest=contest,
        found=entrant_people.list_people(contest, mark=mark, search=search, after=request.args.get("after", "")),
        suggested=entrant_people.suggest(contest, by=actor),
        wanted=search,
        mark=mark,
        marks=list(EntrantMark),
        form=form,
        status=status,
    )


@blueprint.post("/<slug>/entrants")
@policy(manage_contests, body_limit=UPLOAD_LIMIT)
def add(slug: str) -> Response:
    """Keep a list and lead to its preview."""
    actor, form = current_actor(), filled.read(forms.EntrantList)
    setup.get_contest(slug, by=actor)
    file, pasted = request.files.get("file"), form.codes.data or ""
    if filled.is_valid(form):
        reason = EntrantReason(form.reason.data) if form.reason.data else None
        said = Said(EntrantMark(form.said.data), reason, form.note.data or "")
        try:
            if file is not None and file.filename and pasted.strip():
                raise Invalid(Refusal("list-or-file", field="codes"))
            if file is not None and file.filename:
                job = entrant_jobs.ask_file(slug, file.filename, file.read(), said, by=actor)
            elif pasted.strip():
                job = entrant_jobs.ask_pasted(slug, pasted, said, by=actor)
            else:
                raise Invalid(Refusal("list-empty", field="codes"))
            return make_response(redirect(url_for("jobs.show", code=job), 303))
        except (Invalid, Conflict) as refused:
            filled.refuse(form, refused, "codes")
            return _shown(slug, form, status_of(refused))
    return _shown(slug, form, 422)


@blueprint.post("/<slug>/entrants/suggestions")
@policy(manage_contests)
def accept(slug: str) -> Response:
    """Leave one of those suggested out of the prizes."""
    entrant_people.accept(slug, "".join(filled.given("code")[:1]), by=current_actor())
    flash(speech().text("Đã ghi vào danh sách không xét giải."), "ok")
    return _to_list(slug)


def _to_list(slug: str) -> Response:
    return make_response(redirect(url_for("entrants.index", slug=slug), 303))


@blueprint.route("/<slug>/entrants/<code>", methods=["GET", "POST"])
@policy(manage_contests)
def edit(slug: str, code: str) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    person = entrant_people.get_person(slug, code, by=actor)
    form = filled.read(
        forms.EntrantPerson,
        takes_part=_TAKES_PART_SAID[person.marks.takes_part],
        no_prize=not person.marks.may_win,
        is_mandatory=person.marks.is_mandatory,
        reason=person.reason.value,
        note=person.note,
    )
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            marks = Marks(_TAKES_PART[form.takes_part.data], not form.no_prize.data, bool(form.is_mandatory.data))
            reason = EntrantReason(form.reason.data) if form.reason.data else None
            try:
                entrant_people.change(slug, code, marks, reason, form.note.data or "", by=actor)
                flash(speech().text("Đã lưu."), "ok")
                return _to_list(slug)
            except (Conflict, Invalid) as refused:
                filled.refuse(form, refused, "reason")
                status = status_of(refused)
    return page("entrants/edit.html", "setup", contest=contest, person=person, form=form, status=status)


@blueprint.post("/<slug>/entrants/<code>/removal")
@policy(manage_contests)
def remove(slug: str, code: str) -> Response:
    """Say nothing of a person any more: their unit alone decides, and they may win."""
    entrant_people.change(slug, code, Marks(), None, "", by=current_actor())
    return _to_list(slug)
