"""The seals of a round as everybody sees them: its batches, where a receipt is in them, and the leaves for a recomputation."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from contest.i18n import iso
from contest.services import seals
from contest.web.gate import public

blueprint = Blueprint("seals", __name__, url_prefix="/rounds/<code>/seals")
RECEIPT_LIMIT = 40


@blueprint.get("")
@public
def show(code: str) -> str:
    found = seals.get_round(code)
    receipt = request.args.get("receipt", "")[:RECEIPT_LIMIT].strip()
    proof = seals.find(found, receipt) if receipt else None
    return render_template("seals/show.html", seals=found, receipt=receipt, proof=proof, data=_proof(proof))


@blueprint.get("/<int:number>.json")
@public
def data(code: str, number: int) -> Response:
    batch, leaves = seals.leaves_of(code, number)
    return jsonify({"round": code, **_batch(batch), "leaves": leaves})


def _batch(batch: seals.Batch) -> dict[str, Any]:
    return {**asdict(batch), "sealed_at": iso(batch.sealed_at)}


def _proof(proof: seals.Proof | None) -> dict[str, Any] | None:
    """Return what a browser needs to climb from a receipt to the root; nothing that was answered."""
    if proof is None:
        return None
    shown = {"receipt": proof.receipt, "state": proof.state, "responses": proof.responses, "root": proof.batch.root}
    return {**shown, "path": [asdict(step) for step in proof.path]}
