"""Extra time of many people brought in from a file: a plan to look at first, then one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Forbidden
from contest.formats import tables
from contest.formats.drafts import ExtraTimeDraft, Problem
from contest.gateways import airlock
from contest.models.members import ExtraTime, Member
from contest.rules.permissions import Actor, manage_people
from contest.rules.refusals import Refusal
from contest.rules.text import canonical
from contest.services import audit, organisation
from contest.services.members import extra_time
from contest.services.members.unit_lists import problem

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list would set, by person; what is wrong with it, each with its place."""

    new: Mapping[int, ExtraTimeDraft]
    changed: Mapping[int, ExtraTimeDraft]
    unchanged: int
    problems: tuple[Problem, ...]

    @property
    def counts(self) -> dict[str, int]:
        errors = sum(p.severity == "error" for p in self.problems)
        return {"new": len(self.new), "changed": len(self.changed), "unchanged": self.unchanged, "errors": errors}


def template() -> bytes:
    """Return the workbook that organisers fill in with extra time."""
    return tables.extra_times_template()


def read(data: bytes, *, by: Actor) -> Plan:
    """Return what a list would do to people in the actor's scope, read behind the airlock; raises Forbidden."""
    if not by.is_system and not manage_people(by):
        raise Forbidden
    reading = airlock.read("extra-times", data)
    problems = list(reading.problems)
    known = _known([canonical(d.code) for d in reading.drafts], by)
    new: dict[int, ExtraTimeDraft] = {}
    changed: dict[int, ExtraTimeDraft] = {}
    unchanged = 0
    for draft in reading.drafts:
        member_id, stored = known.get(canonical(draft.code), (None, None))
        if member_id is None:
            problems.append(problem(Refusal("member-unknown", field="code"), draft.place, draft.code))
        elif member_id == by.member_id:
            problems.append(problem(Refusal("own-extra-time", field="code"), draft.place, draft.code))
        elif stored is None:
            new[member_id] = draft
        elif any(getattr(stored, name) != value for name, value in _values(draft).items()):
            changed[member_id] = draft
        else:
            unchanged += 1
    return Plan(new, changed, unchanged, tuple(problems))


def _values(draft: ExtraTimeDraft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in ("minutes", "percent", "reason", "valid_until")}


def _known(keys: list[str], by: Actor) -> dict[str, tuple[int, ExtraTime | None]]:
    """Return code → (id, extra time there is) of people in the actor's scope; who is outside it is not known."""
    query = sa.select(Member.code_key, Member.id, ExtraTime).outerjoin(ExtraTime, ExtraTime.member_id == Member.id)
    scope = organisation.units_of(by)
    if scope is not None:
        query = query.where(Member.unit_id.in_(scope))
    found: dict[str, tuple[int, ExtraTime | None]] = {}
    for start in range(0, len(keys), CHUNK):
        chunk = query.where(Member.code_key.in_(keys[start : start + CHUNK]))
        found |= {key: (i, stored) for key, i, stored in rows(chunk.execution_options(populate_existing=True))}
    return found


def apply(plan: Plan, *, by: Actor) -> None:
    """Carry a plan out in one transaction; each person has an entry in the audit, and no reason stands there."""
    at = clock.now()
    with transaction():
        for member_id, draft in {**plan.new, **plan.changed}.items():
            extra_time.store(member_id, _values(draft), by=by)
            details = {"minutes": draft.minutes, "percent": draft.percent, "valid_until": str(draft.valid_until or "")}
            audit.record("extra-time-set", "member", member_id, by=by, at=at, **details)
        counts = {k: v for k, v in plan.counts.items() if k in {"new", "changed"}}
        audit.record("extra-times-imported", "organisation", 1, by=by, at=at, **counts)
        db.session.flush()
