"""Files of banks, in and out: an upload that is looked at first, the template, exports."""

from flask import Response, make_response, redirect, request, url_for

from contest.errors import NotFound
from contest.rules.permissions import author_questions, see_bank
from contest.rules.refusals import Refusal
from contest.services import exchange
from contest.services.banks import shelf
from contest.web.context import speech
from contest.web.gate import current_actor, policy
from contest.web.manage.banks import blueprint
from contest.web.manage.desk import page

UPLOAD_LIMIT = 30_000_000


@blueprint.route("/<bank>/import", methods=["GET", "POST"])
@policy(author_questions, body_limit=UPLOAD_LIMIT)
def upload(bank: str) -> Response:
    actor = current_actor()
    row = shelf.get_bank(bank, by=actor)
    if request.method != "POST":
        return page("banks/import.html", "banks", bank=row)
    file = request.files.get("file")
    if file is None or not file.filename:
        problem = speech().said(Refusal("no-file"))
        return page("banks/import.html", "banks", bank=row, problem=problem, status=422)
    found = exchange.Upload(file.filename, file.read())
    code = exchange.ask_preview("questions-preview", found, by=actor, bank=bank)
    return make_response(redirect(url_for("jobs.show", code=code), 303))


@blueprint.get("/<bank>/template.xlsx")
@policy(author_questions)
def template(bank: str) -> Response:
    shelf.get_bank(bank, by=current_actor())
    return attachment(exchange.questions_template(), "mau-cau-hoi.xlsx", "xlsx")


def attachment(data: bytes, name: str, form: str) -> Response:
    """Return bytes as a download."""
    response = make_response(data)
    response.headers["Content-Type"] = exchange.MEDIA[form]
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.post("/<bank>/exports")
@policy(see_bank)
def export(bank: str) -> Response:
    actor = current_actor()
    shelf.get_bank(bank, by=actor)
    form = request.form.get("format", "")
    if form not in {"xlsx", "csv", "docx", "gift"}:
        raise NotFound
    code = exchange.ask_export("questions-export", {"bank": bank, "format": form}, by=actor)
    return make_response(redirect(url_for("jobs.show", code=code), 303))
