"""Pictures and recordings of questions, for those who may see a question that shows them."""

from flask import Blueprint, Response, make_response, request

from contest.rules.permissions import take_part
from contest.services.attempts import media
from contest.web.gate import current_actor, policy

blueprint = Blueprint("media", __name__, url_prefix="/media")


@blueprint.get("/<name>")
@policy(take_part, is_kept=True)
def show(name: str) -> Response:
    found = media.get_medium(name, by=current_actor())
    response = make_response(found.content)
    response.headers["Content-Type"] = found.media_type
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(found.sha256)
    response.make_conditional(request, accept_ranges=True, complete_length=len(found.content))
    return response
