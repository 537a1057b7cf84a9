"""From a computed version to a public one: checked by recount, approved by a second person, published, or withdrawn."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict, Forbidden, NotFound
from contest.models.contests import Contest, Round
from contest.models.jobs import Job
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.models.results import ScoreChange, SettledStanding, Settlement, SettlementStep, Standing
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.result_terms import Step
from contest.rules.versions import Version, why_not
from contest.services import audit, jobs
from contest.services.contests import rounds, setup
from contest.services.jobs import Done
from contest.services.results import proof, settlement, versions

MOVERS = 50  # people listed in the preview of a version, those highest up first


@dataclass(frozen=True, slots=True)
class Taken:
    """A step with who took it (None is the system) and when."""

    step: Step
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version as its organisers see it, with the step that may come now and why the reader may not take it."""

    number: int
    settled_at: datetime
    target: int | None
    participants: int
    attempts: int
    digest: str
    reason: str
    is_shown: bool
    waits: bool
    taken: tuple[Taken, ...]
    next_step: Step | None
    why_not: Refusal | None
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Mover:
    """A person whose place or score a version changes; None where they have none."""

    name: str
    unit: str
    place_before: int | None
    place_after: int | None
    points_before: Decimal | None
    points_after: Decimal | None


@dataclass(frozen=True, slots=True)
class Moves:
    """What a version that waits would change: attempts with another score, people up and down, T, the first movers."""

    scores: int
    up: int
    down: int
    target_before: int | None
    target_after: int | None
    movers: tuple[Mover, ...]


def list_versions(contest: Contest, row: Round, *, by: Actor) -> list[VersionView]:
    """Return the versions of a round's result, the newest first."""
    found = list(
        db.session.scalars(
            sa.select(Settlement).where(Settlement.round_id == row.id).order_by(Settlement.version.desc())
        )
    )
    taken = _taken([s.id for s in found])
    current = versions.shown(row.id)
    return [
        _view(s, _version(s, taken[s.id], contest, is_last=i == 0), taken[s.id], s is current, by)
        for i, s in enumerate(found)
    ]


def _taken(ids: list[int]) -> Mapping[int, list[tuple[SettlementStep, str | None]]]:
    found: Mapping[int, list[tuple[SettlementStep, str | None]]] = {i: [] for i in ids}
    query = sa.select(SettlementStep, Member.full_name).outerjoin(Member, Member.id == SettlementStep.by_id)
    ordered = query.where(SettlementStep.settlement_id.in_(ids)).order_by(SettlementStep.at, SettlementStep.step)
    for step, name in rows(ordered):
        found[step.settlement_id].append((step, name))
    return found


def _version(
    s: Settlement, taken: list[tuple[SettlementStep, str | None]], contest: Contest, *, is_last: bool
) -> Version:
    steps = {Step(step.step): step.by_id for step, _ in taken}
    return Version(steps, waits=s.waits, is_last=is_last, four_eyes=contest.four_eyes)


def _view(
    s: Settlement, version: Version, taken: list[tuple[SettlementStep, str | None]], is_shown: bool, by: Actor
) -> VersionView:
    following = version.next_step
    return VersionView(
        s.version,
        s.settled_at,
        s.target,
        s.participants,
        s.attempts,
        s.digest,
        s.reason,
        is_shown,
        s.waits and not is_shown,
        tuple(Taken(Step(step.step), name, step.at) for step, name in taken),
        following,
        why_not(following, version, by.member_id) if following else None,
        why_not(Step.WITHDRAWN, version, by.member_id) is None,
    )


def check(slug: str, round_code: str, number: int, *, by: Actor) -> list[proof.Difference]:
    """Recount a version and, when nothing differs, write its check down; return what differs."""
    contest, row, found = _find(slug, round_code, number, by)
    _refuse(Step.CHECKED, contest, found, by)
    differences = proof.verify_version(row, found)
    if not differences:
        _take(Step.CHECKED, slug, round_code, number, by)
    return differences


def approve(slug: str, round_code: str, number: int, *, by: Actor) -> None:
    """Approve a version that has been checked; raises Conflict with the reason why this person may not."""
    _take(Step.APPROVED, slug, round_code, number, by)


def withdraw(slug: str, round_code: str, number: int, *, by: Actor) -> None:
    """End a version that waits and has not been approved."""
    _take(Step.WITHDRAWN, slug, round_code, number, by)


def publish(slug: str, round_code: str, number: int, *, by: Actor) -> None:
    """Make an approved version the one that everybody sees; the one before it is kept as it was."""
    _take(Step.PUBLISHED, slug, round_code, number, by)


def _take(step: Step, slug: str, round_code: str, number: int, by: Actor) -> None:
    at = clock.now()
    with transaction():
        contest, row, found = _find(slug, round_code, number, by)
        db.session.execute(sa.select(Round.id).where(Round.id == row.id).with_for_update())
        _refuse(step, contest, found, by)
        current = versions.shown(row.id)
        if step is Step.WITHDRAWN:
            versions.withdraw(found.id, by, at)
        else:
            versions.take(found.id, step, by, at)
        if step is Step.PUBLISHED:
            if found.waits and current is not None:
                versions.exchange(row.id, current.id, found.id)
                settlement.put_under_units(row.id)
            row.shown_at = row.shown_at or at
        audit.record(f"result-{step.value}", "round", row.id, by=by, at=at, version=number)


def _find(slug: str, round_code: str, number: int, by: Actor) -> tuple[Contest, Round, Settlement]:
    contest = setup.get_contest(slug, by=by)
    row = rounds.get_round(contest.id, round_code)
    found = db.session.scalar(sa.select(Settlement).where(Settlement.round_id == row.id, Settlement.version == number))
    if found is None:
        raise NotFound
    return contest, row, found


def _refuse(step: Step, contest: Contest, found: Settlement, by: Actor) -> None:
    is_last = versions.next_number(found.round_id) == found.version + 1
    refusal = why_not(step, _version(found, _taken([found.id])[found.id], contest, is_last=is_last), by.member_id)
    if refusal is not None:
        raise (Forbidden if refusal.slug == "second-person" else Conflict)(refusal)


def moves(row: Round, number: int) -> Moves:
    """Return what a version that waits would change against the one that is shown."""
    current, pending = versions.shown(row.id), versions.waiting(row.id)
    if current is None or pending is None or pending.version != number:
        raise NotFound
    old = sa.select(Standing.member_id, Standing.unit_id, Standing.place, Standing.points)
    new = sa.select(SettledStanding.member_id, SettledStanding.unit_id, SettledStanding.place, SettledStanding.points)
    before = old.where(Standing.round_id == row.id).subquery()
    after = new.where(SettledStanding.settlement_id == pending.id).subquery()
    joined = before.outerjoin(after, after.c.member_id == before.c.member_id, full=True)
    place, then = before.c.place, after.c.place
    up, down = sa.or_(place.is_(None), then < place), sa.or_(then.is_(None), then > place)
    counts = db.session.execute(
        sa.select(sa.func.count().filter(up), sa.func.count().filter(down)).select_from(joined)
    ).one()
    scores = sa.select(sa.func.count()).where(ScoreChange.settlement_id == pending.id)
    differs = sa.or_(place.is_distinct_from(then), before.c.points.is_distinct_from(after.c.points))
    listed: sa.Select[Any] = (
        sa.select(Member.full_name, Unit.name, place, then, before.c.points, after.c.points)
        .select_from(joined)
        .join(Member, Member.id == sa.func.coalesce(after.c.member_id, before.c.member_id))
        .join(Unit, Unit.id == sa.func.coalesce(after.c.unit_id, before.c.unit_id))
        .where(differs)
        .order_by(sa.func.coalesce(then, place), Member.id)
        .limit(MOVERS)
    )
    return Moves(
        int(db.session.scalar(scores) or 0),
        counts[0],
        counts[1],
        current.target,
        pending.target,
        tuple(Mover(*r) for r in rows(listed)),
    )


def ask_check(slug: str, round_code: str, number: int, *, by: Actor) -> str:
    """Ask for the recount of a version, which may take long; returns the job's code."""
    contest, _, found = _find(slug, round_code, number, by)
    _refuse(Step.CHECKED, contest, found, by)
    payload = {"contest": slug, "round": round_code, "version": number}
    with transaction():
        return jobs.ask("results-check", payload, by=by, at=clock.now())


def run_check(job: Job, by: Actor) -> Done:
    """Carry out the job `results-check`: the step is taken when nothing differs, else the differences are named."""
    p = job.payload
    differences = check(p["contest"], p["round"], p["version"], by=by)
    if not differences:
        return Done({"version": p["version"]})
    refusal = {"slug": "version-differs", "params": {"count": len(differences)}, "field": None}
    return Done({"refusals": [refusal], "differences": [asdict(d) for d in differences[:MOVERS]]})
