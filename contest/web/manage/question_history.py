"""The versions of a question: what was said about each."""

from flask import Response, make_response, redirect, url_for

from contest.errors import Invalid
from contest.forms.banks import CommentForm
from contest.rules.permissions import see_bank
from contest.services.banks import browsing, history
from contest.web import filled
from contest.web.gate import current_actor, policy
from contest.web.manage.banks import blueprint, commented


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
