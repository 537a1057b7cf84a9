"""Files handed in as answers: taken with a plain form or one by one, sent to those who may see them."""

from collections.abc import Callable
from io import BytesIO

from flask import Blueprint, Response, flash, jsonify, make_response, request, send_file

from contest import clock
from contest.errors import Invalid
from contest.i18n import iso
from contest.rules.attempts import Verdict
from contest.rules.permissions import take_part
from contest.rules.refusals import Refusal
from contest.services.attempts import handed
from contest.services.attempts.handing import HandedIn, Sent, hand_in_all
from contest.web.context import speech
from contest.web.gate import current_actor, policy

blueprint = Blueprint("handed", __name__, url_prefix="/handed")

FILE_LIMIT = 10 * 2**20 + 2**16  # bytes of a request with one file, which may have ten MB
FORM_LIMIT = 30 * 2**20  # of a plain form, which may carry the files of several questions
_FIELD = "file-"


@blueprint.get("/<name>")
@policy(take_part)
def show(name: str) -> Response:
    """Send a file. Pictures were drawn anew and may be looked at in the page; anything else is only ever kept."""
    found = handed.get_file(name, by=current_actor())
    is_picture = found.media_type.startswith("image/")
    response = make_response(
        send_file(
            BytesIO(found.content),
            found.media_type,
            as_attachment=not is_picture,
            download_name=found.title,
            etag=False,
        )
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def sent_file() -> Sent:
    """Return the one file of a request; raises Invalid without one."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid(Refusal("no-file", field="file"))
    return Sent(file.filename, file.read())


def acknowledge(done: HandedIn) -> Response:
    """Answer a file that was handed in alone, in the words of the contract."""
    if done.verdict is Verdict.SAVED and done.file is not None:
        size = done.file.size
        file = {"name": done.file.name, "title": done.file.title, "size": size, "said": speech().size(size)}
        return jsonify({"ok": True, "file": file, "ends_at": iso(done.ends_at), "now": iso(clock.now())})
    refusal = Refusal(f"attempt-{done.verdict.value}")
    kept = {"kept": True} if done.verdict in {Verdict.LATE, Verdict.LEFT} else {}
    answer = {"ok": False, "code": done.verdict.value, "message": speech().said(refusal)}
    return make_response(jsonify(answer | kept), 409)


def take_form(hand: Callable[[str, Sent], HandedIn]) -> tuple[dict[str, list[str]], str | None]:
    """Hand in the files of a plain form; return the form with them, and the first position whose file does not count."""
    form = request.form.to_dict(flat=False)
    sent = {
        field.removeprefix(_FIELD): Sent(file.filename or "", file.read())
        for field, file in request.files.items()
        if field.startswith(_FIELD) and file.filename
    }
    if not sent:
        return form, None
    taken, refused = hand_in_all(form, sent, hand)
    for position, refusal in refused.items():
        flash(speech().text("Câu %(n)s: %(reason)s", n=position, reason=speech().said(refusal)), "warn")
    return taken, next(iter(refused), None)


def place_of(wrong: str | None) -> str | None:
    """Return where on the paper a plain form leads back to: the question of its file, or the head, which says why not."""
    going = request.form.get("go", "")
    return going if wrong is None and going[:1] == "q" and going[1:].isdigit() else None
