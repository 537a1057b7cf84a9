"""Boards of people and of units; JSON with the public fields alone for whoever asks for it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    get_template_attribute,
    jsonify,
    make_response,
    render_template,
    request,
)

from contest.i18n import iso
from contest.rules.permissions import take_part
from contest.rules.scoring import as_text, whole
from contest.rules.unit_terms import UnitCriterion
from contest.services.results import board_rows, boards, reasons, unit_boards, unit_reasons, unit_scopes
from contest.services.results.unit_scopes import Scope
from contest.web import pages
from contest.web.context import speech
from contest.web.errors import wants_json
from contest.web.gate import current_actor, find_actor, policy, public
from contest.web.slots import slot

blueprint = Blueprint("standings", __name__, url_prefix="/rounds/<code>/standings")


@blueprint.get("")
@public
def people(code: str) -> Response:
    board = boards.people(
        code,
        actor=find_actor(),
        after=request.args.get("after", ""),
        unit=request.args.get("unit", ""),
        search=request.args.get("q", "")[:100],
        cache=current_app.extensions["cache"],
    )
    if wants_json():
        rows = [_public(row, board.is_settled) for row in board.rows]
        return jsonify({"rows": rows, "next": board.next, "as_of": iso(board.as_of), "status": board.status})
    return make_response(_page(board))


_MACROS = "standings/_people.html"


def _page(board: boards.BoardView) -> str:
    """Return the page of a board: the same for all who see the same rows, but for its moment and the reader's own places."""
    place, row = (get_template_attribute(_MACROS, name)(board) for name in ("my_place", "my_row"))
    at, is_live = board.as_of, board.status == "live"
    live = speech().text("Tính đến %(time)s, %(day)s.", time=speech().hour_second(at), day=speech().day(at))
    return pages.page(
        "standings/people.html",
        slots={"own_place": place, "own_row": row, "live": live},
        board=replace(board, mine=None, as_of=pages.NO_TIME if is_live else at),
        own_place=slot("own_place"),
        own_row=slot("own_row"),
        live=slot("live"),
        continues="after" in request.args,
    )


def number(value: Decimal) -> int | str:
    """Return a count for machines: whole, or an exact decimal where it is a mean."""
    found = whole(value)
    return found if isinstance(found, int) else as_text(found)


def _public(row: board_rows.BoardRow, is_final: bool) -> dict[str, Any]:
    """Return the public schema of a row: these fields and no others."""
    shown: dict[str, Any] = {
        "place": row.place,
        "name": row.name,
        "unit": row.unit,
        "correct_count": number(row.correct),
        "question_count": row.total,
        "points": as_text(row.points),
        "duration_seconds": int(row.duration.total_seconds()),
    }
    if is_final:
        shown |= {"prediction": row.prediction, "prediction_error": row.prediction_error}
    return shown


@blueprint.get("/why")
@policy(take_part)
def why(code: str) -> str:
    return render_template("standings/why.html", why=reasons.why(code, actor=current_actor()))


@blueprint.get("/units")
@public
def units(code: str) -> Response:
    return make_response(unit_board(unit_scopes.of_round(code)))


def unit_board(scope: Scope) -> str:
    """Return the page of a board of units, as the reader asks for it."""
    parent, cache = request.args.get("unit", ""), current_app.extensions["cache"]
    board = unit_boards.board(**_asked(scope), actor=find_actor(), parent=parent, cache=cache)
    return render_template("standings/units.html", board=board)


def unit_reason(scope: Scope, unit: str) -> str:
    """Return the page that explains a unit's place on a board."""
    below = request.args.get("below", "")
    return render_template(
        "standings/unit_why.html",
        why=unit_reasons.why(**_asked(scope), unit_code=unit, actor=find_actor(), parent=below),
    )


def _asked(scope: Scope) -> dict[str, Any]:
    """Return what the reader asks of a board: in which tree, and by what units are compared, if that is anything."""
    chosen = request.args.get("by", "")
    by = UnitCriterion(chosen) if chosen in set(UnitCriterion) else None
    return {"scope": scope.in_tree_of(today=request.args.get("tree", "") == "now"), "by": by}


@blueprint.get("/units/<unit>/why")
@public
def unit_why(code: str, unit: str) -> str:
    return unit_reason(unit_scopes.of_round(code), unit)
