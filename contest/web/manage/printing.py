"""Papers to be printed: sets of versions of a round's paper, and their files."""

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from contest.errors import Conflict, Invalid, NotFound
from contest.forms.printing import PrintingForm
from contest.rules.permissions import correct_keys
from contest.rules.printing_terms import Piece
from contest.services import printing
from contest.services.contests import rounds, setup
from contest.web import filled
from contest.web.context import speech
from contest.web.errors import status_of
from contest.web.gate import current_actor, policy
from contest.web.manage.bank_files import attachment
from contest.web.manage.desk import page

blueprint = Blueprint("printing", __name__, url_prefix="/manage/contests/<slug>/rounds/<code>/papers")


@blueprint.route("", methods=["GET", "POST"])
@policy(correct_keys)
def show(slug: str, code: str) -> Response:
    actor = current_actor()
    contest = setup.get_contest(slug, by=actor)
    form = filled.read(PrintingForm)
    status, problem = 200, ""
    if request.method == "POST":
        status = 422
        if filled.is_valid(form):
            try:
                number = printing.make(slug, code, form.versions.data or 1, form.first.data or 1, by=actor)
                flash(speech().text("Đã lập bộ đề %(number)s.", number=number), "ok")
                return make_response(redirect(url_for("printing.show", slug=slug, code=code), 303))
            except Invalid as refused:
                filled.refuse(form, refused, "versions")
            except Conflict as refused:
                status, problem = status_of(refused), speech().said(refused.refusal)
    return page(
        "printing/show.html",
        "contests",
        contest=contest,
        round=rounds.get_round(contest.id, code),
        sets=printing.list_sets(slug, code, by=actor),
        pieces=list(Piece),
        forms=printing.FORMATS,
        form=form,
        problem=problem,
        status=status,
    )


@blueprint.get("/<int:number>/<piece>.<form>")
@policy(correct_keys)
def download(slug: str, code: str, number: int, piece: str, form: str) -> Response:
    """Answer a file of a set; it is made anew each time from what was kept."""
    if piece not in set(Piece) or form not in printing.FORMATS:
        raise NotFound
    data, name = printing.file_of(slug, code, number, Piece(piece), form, by=current_actor(), speech=speech())
    return attachment(data, name, form)
