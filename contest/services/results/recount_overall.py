"""The overall standing recounted from papers and responses, another way than it was counted: plain tuples, no keys."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from contest.db import db
from contest.models.contests import Round
from contest.models.overall import OverallRound, OverallRule
from contest.models.results import Settlement
from contest.services.results import recount

MORE_IS_BETTER = ("correct", "points", "full_marks", "rounds_taken")


@dataclass(frozen=True, slots=True)
class Part:
    """What one round recognises of a person, recounted."""

    number: int
    asks: bool
    person: recount.Person
    sitting: recount.Sitting


def rounds_shown(contest_id: int) -> list[Round]:
    """Return the rounds in the overall standing whose results everybody sees."""
    inside = sa.select(OverallRound.round_id).where(OverallRound.contest_id == contest_id)
    query = sa.select(Round).where(Round.id.in_(inside), Round.shown_at.is_not(None))
    return sorted(db.session.scalars(query), key=lambda r: r.number)


def standings(contest_id: int, versions: Mapping[int, int]) -> dict[int, dict[str, Any]]:
    """Return member → the figures of their overall standing, by these versions of the rounds' results."""
    rule = db.session.get_one(OverallRule, contest_id)
    parts = _parts(contest_id, versions)
    joined = recount.registrations(contest_id) if "registered_at" in rule.criteria else {}
    found = {m: _standing(own, rule, joined.get(m)) for m, own in parts.items()}
    strengths = sorted(_strength(f, rule.criteria) for f in found.values())
    for figures in found.values():
        figures["place"] = bisect_left(strengths, _strength(figures, rule.criteria)) + 1
    return found


def _parts(contest_id: int, versions: Mapping[int, int]) -> Mapping[int, list[Part]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for row in rounds_shown(contest_id):
        own = recount.by_person(recount.sittings(row.id, versions[row.id]))
        sittings = {s.attempt_id: s for tries in own for s in tries}
        for person in recount.people(row, own, settled_at=_settled_at(row.id, versions[row.id])):
            part = Part(row.number, row.prediction is not None, person, sittings[person.attempt_id])
            found[person.member_id].append(part)
    return found


def _settled_at(round_id: int, version: int) -> datetime | None:
    query = sa.select(Settlement.settled_at).where(Settlement.round_id == round_id, Settlement.version == version)
    return db.session.scalar(query)


def _standing(own: Sequence[Part], rule: OverallRule, joined: datetime | None) -> dict[str, Any]:
    """Return a person's figures: of all rounds, or of the strongest so many by the order itself."""
    most = {"best": 1, "best_k": rule.best}.get(rule.way)
    strongest = sorted(own, key=lambda p: (_strength(_added([p], 1, joined), rule.criteria), p.number))
    counted = sorted(strongest[:most], key=lambda p: p.number)
    last = {"unit_id": max(own, key=lambda p: p.number).person.unit_id, "attempt_id": counted[-1].person.attempt_id}
    return _added(counted, len(own), joined) | last


def _added(counted: Sequence[Part], rounds: int, joined: datetime | None) -> dict[str, Any]:
    errors = [p.person.error for p in counted if p.person.error is not None]
    return {
        "rounds_taken": rounds,
        "correct": sum((p.person.correct for p in counted), Fraction()),
        "points": sum((p.person.points for p in counted), Fraction()),
        "prediction_error": sum(errors) if errors else None,
        "missing_guesses": len([p for p in counted if p.asks and p.person.error is None]),
        "duration_seconds": sum(p.sitting.seconds for p in counted),
        "submitted_at": sorted(p.sitting.finished_at for p in counted)[-1],
        "attempts_used": sum(p.person.attempts_used for p in counted),
        "full_marks": sum(p.person.full_marks for p in counted),
        "registered_at": joined,
    }


def _strength(figures: Mapping[str, Any], criteria: Sequence[str]) -> tuple[Any, ...]:
    """Return what compares people, the smaller the stronger."""
    values = dict(figures)
    values["prediction"] = (figures["missing_guesses"], figures["prediction_error"] or 0)
    values["duration"] = figures["duration_seconds"]
    for name in ("submitted_at", "registered_at"):
        at = figures[name]
        values[name] = recount.NEVER if at is None else at.replace(microsecond=0).timestamp()
    return tuple(-values[c] if c in MORE_IS_BETTER else values[c] for c in criteria)
