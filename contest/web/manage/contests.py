"""Setting up a contest: one page of sections with a checklist, then publication; a preview as a member."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from contest import clock
from contest.errors import Conflict, Invalid
from contest.forms import contests as forms
from contest.rules.permissions import manage_contests, manage_people
from contest.rules.terms import ContestState
from contest.services import organisation
from contest.services.contests import announcements, entrant_people, overall, publishing, rounds, setup, views
from contest.web import filled
from contest.web.contests import windows_of
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.desk import page
from contest.web.markup import regulations

blueprint = Blueprint("setup", __name__, url_prefix="/manage/contests")


@blueprint.route("/new", methods=["GET", "POST"])
@policy(manage_people)
def new() -> Response:
    actor = current_actor()
    form = filled.read(forms.NewContest)
    form.organiser.choices = [(u.code, u.name) for u in organisation.list_units(by=actor)]
    if request.method == "POST" and filled.is_valid(form):
        values = {"title": form.title.data, "slug": form.slug.data, "theme": form.theme.data}
        try:
            slug = setup.create(values, organiser=form.organiser.data or "", by=actor)
            return _to(slug)
        except Invalid as refused:
            filled.refuse(form, refused, "title")
    return page("contests/new.html", "overview", form=form, status=422 if request.method == "POST" else 200)


def _to(slug: str) -> Response:
    return make_response(redirect(url_for("setup.show", slug=slug), 303))


@blueprint.get("/<slug>")
@policy(manage_contests)
def show(slug: str) -> Response:
    return set_up(slug)


def set_up(slug: str, *, status: int = 200, problem: str = "") -> Response:
    """Show the page of a contest's set-up, with what was just refused if anything was."""
    row = setup.get_contest(slug, by=current_actor())
    checks = publishing.checklist(row)
    own = rounds.list_rounds(row.id)
    return page(
        "contests/show.html",
        "setup",
        contest=row,
        state=ContestState(row.state),
        view=views.preview(row, actor=current_actor()),
        checks=checks,
        done=sum(c.is_done for c in checks),
        units=setup.unit_choice(row.id),
        people=entrant_people.list_people(row),
        formula=setup.formula_of(row),
        overall=overall.find_rule(row.id),
        early_keys=publishing.early_keys(own),
        doubtful_sources=publishing.doubtful_sources(own),
        problem=problem,
        status=status,
    )


def seen() -> int:
    """Return the version of the set-up that the form was made from."""
    return filled.whole(request.form.get("version", "")) or 0


@blueprint.route("/<slug>/details", methods=["GET", "POST"])
@policy(manage_contests)
def details(slug: str) -> Response:
    actor = current_actor()
    row = setup.get_contest(slug, by=actor)
    stored = {name: getattr(row, name) for name in ("title", "theme", "regulations", "publication")}
    form = filled.read(forms.Details, **stored)
    status = 200
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                setup.change(slug, dict(form.data), seen=seen(), by=actor)
                return _to(slug)
            except (Conflict, Invalid) as refused:
                filled.refuse(form, refused, "title")
                status = status_of(refused)
    shown = regulations(form.regulations.data or "")
    return page("contests/details.html", "setup", contest=row, form=form, preview=shown, status=status)


@blueprint.post("/<slug>/details/preview")
@policy(manage_contests)
def details_preview(slug: str) -> str:
    setup.get_contest(slug, by=current_actor())
    return render_template("contests/_regulations.html", html=regulations(request.form.get("regulations", "")[:50_000]))


@blueprint.route("/<slug>/units", methods=["GET", "POST"])
@policy(manage_contests)
def units(slug: str) -> Response:
    actor = current_actor()
    row = setup.get_contest(slug, by=actor)
    stored = setup.unit_choice(row.id)
    chosen = [code for code, _ in stored.whole]
    typed = {name: ", ".join(code for code, _ in getattr(stored, name)) for name in ("alone", "excluded")}
    problems: dict[str | None, str] = {}
    status = 200
    if request.method == "POST":
        chosen = list(dict.fromkeys([*filled.given("units"), *_codes("others")]))
        typed = {name: ", ".join(_codes(name)) for name in typed}
        try:
            setup.choose_units(slug, chosen, alone=_codes("alone"), excluded=_codes("excluded"), seen=seen(), by=actor)
            return _to(slug)
        except (Conflict, Invalid) as refused:
            problems = {refused.refusal.field: speech().said(refused.refusal)}
            status = status_of(refused)
    tree = [u for u in organisation.list_units(by=actor) if u.depth <= 1 or u.code in chosen]
    listed = {u.code for u in tree}
    return page(
        "contests/units.html",
        "setup",
        contest=row,
        tree=tree,
        chosen=set(chosen),
        others=", ".join(code for code in chosen if code not in listed),
        typed=typed,
        stored=stored,
        problems=problems,
        status=status,
    )


def _codes(name: str) -> list[str]:
    """Return unit codes typed with commas or on lines of their own, each once."""
    typed = ",".join(filled.given(name)).replace("\n", ",").split(",")
    return list(dict.fromkeys(c.strip() for c in typed if c.strip()))


@blueprint.get("/<slug>/preview")
@policy(manage_contests)
def preview(slug: str) -> Response:
    actor = current_actor()
    view = views.preview(setup.get_contest(slug, by=actor), actor=actor)
    html = render_template(
        "contests_public/show.html",
        contest=view,
        regulations=regulations(view.regulations),
        announced=announcements.list_public(slug),
        windows=windows_of(view),
        opens_next=None,
        now=clock.now(),
    )
    return make_response(html)


@blueprint.post("/<slug>/publication")
@policy(manage_contests)
def publish(slug: str) -> Response:
    return _step(slug, publishing.publish, speech().text("Cuộc thi đã công bố. Đoàn viên thấy được từ bây giờ."))


@blueprint.post("/<slug>/archive")
@policy(manage_contests)
def archive(slug: str) -> Response:
    return _step(slug, publishing.archive, speech().text("Cuộc thi đã lưu trữ. Kết quả vẫn xem được."))


def _step(slug: str, step: Any, done: str) -> Response:
    try:
        step(slug, seen=seen(), by=current_actor())
    except (Invalid, Conflict) as refused:
        status = status_of(refused)
        return set_up(slug, status=status, problem=speech().said(refused.refusal))
    flash(done, "ok")
    return _to(slug)
