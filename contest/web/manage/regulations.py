"""Setting a contest up from regulations, ready ones or a file of one's own, seen before it is done; and the file of one."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from contest import config
from contest.errors import Conflict, Invalid
from contest.forms.regulations import FromRegulations, day_of
from contest.rules.permissions import manage_contests, manage_people
from contest.services import organisation
from contest.services.contests import blueprint_lines
from contest.services.regulations import loading, previews, ready, writing
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page

blueprint = Blueprint("regulations", __name__, url_prefix="/manage/contests")
FOLDER = config.ROOT / "docs" / "regulations"
BESIDE = ("slug", "organiser", "bank")  # fields that a refusal may name; of the regulations all are said at their head
OWN = "own"  # stands where the name of a ready one would
BODY_LIMIT = 800_000  # a file, what was typed, and the rest of the form


@blueprint.get("/new/regulations")
@policy(manage_people)
def index() -> Response:
    return page("regulations/index.html", "overview", ready=ready.list_ready(FOLDER))


@blueprint.route("/new/regulations/<name>", methods=["GET", "POST"])
@policy(manage_people, body_limit=BODY_LIMIT)
def start(name: str) -> Response:
    """Show what regulations would set up; set it up once it was seen and the rest is filled in."""
    said = None if name == OWN else ready.get_ready(FOLDER, name)
    form, problems, status = _form(), list[str](), 200
    is_new = _take_file(form)
    if name == OWN and request.method == "POST":
        said, problems = _read(form)
        status = 200 if said else 422
    if said is not None and (request.method == "GET" or name == OWN):
        _fill(form, said, is_own=name == OWN)
    if said is not None and request.method == "POST" and not is_new and "look" not in request.form:
        status = _load(form, said, problems)
        if status == 303:
            return make_response(redirect(url_for("setup.show", slug=form.slug.data), 303))
    shown = None if said is None else previews.preview(said, day_of(form.first_day.data))
    return page(
        "regulations/start.html", "overview", form=form, name=name, said=said, shown=shown, problems=problems,
        status=status,
    )  # fmt: skip


@blueprint.post("/new/regulations/<name>/preview")
@policy(manage_people, body_limit=BODY_LIMIT)
def look(name: str) -> str:
    """Answer, while the form is being filled in, what would be set up and when."""
    form = _form()
    said, problems = _read(form) if name == OWN else (ready.get_ready(FOLDER, name), [])
    shown = None if said is None else previews.preview(said, day_of(form.first_day.data))
    return render_template("regulations/_preview.html", shown=shown, problems=problems)


@blueprint.get("/<slug>/settings.toml")
@policy(manage_contests)
def settings(slug: str) -> Response:
    response = make_response(writing.file_of(slug, by=current_actor()))
    response.headers["Content-Type"] = "application/toml; charset=utf-8"
    response.headers.set("Content-Disposition", "attachment", filename=f"{slug}.toml")
    return response


def _form() -> FromRegulations:
    form = filled.read(FromRegulations)
    form.organiser.choices = [(u.code, u.name) for u in organisation.list_units(by=current_actor())]
    banks = [(code, name) for _, code, name in blueprint_lines.list_banks()]
    form.bank.choices = [*([("", speech().text("Chưa chọn"))] if len(banks) != 1 else []), *banks]
    return form


def _take_file(form: FromRegulations) -> bool:
    """Put a file that was sent into the form, to be seen and mended there; say whether there was one."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return False
    form.settings.data = file.read().decode("utf-8-sig", errors="replace")
    return True


def _read(form: FromRegulations) -> tuple[Any, list[str]]:
    """Read what stands in the form; None with everything that is wrong in it."""
    if not (form.settings.data or "").strip():
        return None, [speech().text("Chọn một tệp, hoặc dán nội dung tệp vào ô bên dưới.")]
    try:
        return loading.read((form.settings.data or "").encode()), []
    except Invalid as broken:
        return None, [speech().said(r) for r in broken.refusals]


def _fill(form: FromRegulations, said: Any, *, is_own: bool) -> None:
    """Fill what was left empty: the day, and of a file of one's own its title and address."""
    form.first_day.data = form.first_day.data or previews.suggested(said, organisation.today()).isoformat()
    if is_own:
        form.title.data, form.slug.data = form.title.data or said.title, form.slug.data or said.slug


def _load(form: FromRegulations, said: Any, problems: list[str]) -> int:
    """Set the contest up and return 303, or what it is refused with, every reason in its place."""
    if not filled.is_valid(form) or form.day is None:
        return 422
    found = said.named(form.title.data or "", form.slug.data or "").opening_on(form.day)
    try:
        bank, organiser = form.bank.data or "", form.organiser.data or ""
        loading.load(found, bank=bank, organiser=organiser, by=current_actor())
    except (Conflict, Invalid) as refused:
        for refusal in refused.refusals:
            if refusal.field in BESIDE:
                form[refusal.field].errors = [speech().said(refusal)]
            else:
                problems.append(speech().said(refusal))
        return status_of(refused)
    return 303
