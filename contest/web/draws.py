"""Draws of lots as everybody sees them: the page on which a browser recomputes one, and the same as JSON."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from contest.i18n import iso
from contest.services.awards import draws
from contest.web.gate import public

blueprint = Blueprint("draws", __name__, url_prefix="/draws")
PUBLIC = ("code", "title", "prize", "count", "codes", "groups", "digest", "algorithm", "randomness_from", "secret", "randomness",
          "drawn", "witnesses")  # fmt: skip


@blueprint.get("/<code>")
@public
def show(code: str) -> str:
    found = draws.get_draw(code)
    return render_template("draws/show.html", draw=found, data=_public(found))


@blueprint.get("/<code>.json")
@public
def data(code: str) -> Response:
    return jsonify(_public(draws.get_draw(code)))


def _public(found: draws.DrawView) -> dict[str, Any]:
    """Return what a recomputation needs, and nothing else; the secret is there once lots were drawn."""
    shown = {name: value for name, value in asdict(found).items() if name in PUBLIC}
    drawn_at = iso(found.drawn_at) if found.drawn_at else None
    return {**shown, "committed_at": iso(found.committed_at), "drawn_at": drawn_at}
