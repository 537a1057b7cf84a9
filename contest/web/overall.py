"""The overall standing of a contest; JSON with the public fields alone for whoever asks for it."""

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from contest.i18n import iso
from contest.rules.overall_orders import value_of
from contest.rules.permissions import take_part
from contest.rules.scoring import as_text
from contest.services.results import overall_board
from contest.web.errors import wants_json
from contest.web.gate import current_actor, find_actor, policy, public
from contest.web.standings import number

blueprint = Blueprint("overall", __name__, url_prefix="/contests/<slug>/standings")


@blueprint.get("")
@public
def people(slug: str) -> Response:
    board = overall_board.people(slug, actor=find_actor(), after=request.args.get("after", ""))
    if wants_json():
        head = board.head
        told: dict[str, Any] = {"as_of": iso(head.computed_at) if head.computed_at else None, "status": head.status}
        told |= {"rounds_settled": head.shown_count, "rounds_counted": len(head.rounds)}
        return jsonify({"rows": [_public(row) for row in board.rows], "next": board.next, **told})
    return make_response(render_template("overall/people.html", board=board, head=board.head))


def _public(row: overall_board.OverallRow) -> dict[str, Any]:
    """Return the public schema of a row: these fields and no others."""
    return {
        "place": row.place,
        "name": row.name,
        "unit": row.unit,
        "rounds_taken": row.rounds_taken,
        "correct_count": number(row.correct),
        "points": as_text(row.points),
        "prediction_error": row.prediction_error,
        "duration_seconds": int(row.duration.total_seconds()),
    }


@blueprint.get("/why")
@policy(take_part)
def why(slug: str) -> str:
    found = overall_board.why(slug, actor=current_actor())
    return render_template("overall/why.html", why=found, head=found.head, values=_values(found))


def _values(found: overall_board.OverallWhy) -> list[tuple[Any, Any]]:
    """Return every criterion of the order with what the person has for it."""
    return [(c, value_of(c, found.merit)) for c in found.head.rule.criteria]
