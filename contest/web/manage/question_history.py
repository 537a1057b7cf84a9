"""The versions of a question: what was said about each, and what changed from one to another."""

from flask import Response, make_response, redirect, request, url_for

from contest.errors import NotFound
from contest.forms.banks import CommentForm
from contest.rules.permissions import see_bank
from contest.services.banks import browsing, comparing, history, shelf
from contest.web import filled
from contest.web.gate import current_actor, policy
from contest.web.manage.banks import LETTERS, blueprint
from contest.web.manage.desk import page
from contest.web.manage.questions import commented


@blueprint.post("/<bank>/questions/<code>/versions/<int:number>/comments")
@policy(see_bank)
def comment(bank: str, code: str, number: int) -> Response:
    actor = current_actor()
    question = browsing.get_question(bank, code, by=actor)
    form = filled.read(CommentForm)
    if not filled.is_valid(form):
        return commented(bank, question, form)
    history.comment(bank, code, number, form.comment.data or "", by=actor)
    return make_response(redirect(url_for("banks.edit", bank=bank, code=code, _anchor=f"version-{number}"), 303))


@blueprint.get("/<bank>/questions/<code>/differences")
@policy(see_bank)
def differences(bank: str, code: str) -> Response:
    """Show what changed between two versions: those asked for, or the last two."""
    actor = current_actor()
    versions = history.list_versions(bank, code, by=actor)
    after = _number("after", versions[0].number)
    before = _number("before", max(after - 1, 1))
    return page(
        "banks/differences.html",
        "banks",
        bank=shelf.get_bank(bank, by=actor),
        code=code,
        numbers=[v.number for v in versions],
        before=before,
        after=after,
        found=comparing.compare(bank, code, before, after, by=actor),
        letters=LETTERS,
    )


def _number(name: str, otherwise: int) -> int:
    given = request.args.get(name, "")
    number = filled.whole(given) if given else otherwise
    if number is None:
        raise NotFound
    return number
