"""The overall standing as it is stored: computed by the background as soon as a round of it has another result."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, rows, transaction
from contest.models.contests import Round
from contest.models.overall import OverallResult, OverallRound, OverallRule, OverallStanding
from contest.models.results import Result, Settlement, Standing
from contest.rules.overall import RoundMerit, Rule, counted_rounds, overall_key, overall_merit
from contest.rules.overall_terms import OverallCriterion
from contest.rules.permissions import SYSTEM
from contest.rules.ranking import places
from contest.services import audit
from contest.services.contests.overall import rule_of
from contest.services.results import versions
from contest.services.results.standings import registrations

CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Taken:
    """What a round recognises of a person, with the unit and the attempt it belongs to."""

    merit: RoundMerit
    unit_id: int
    attempt_id: int


def shown_versions(contest_ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Return contest → (round, version) of those rounds in its overall standing whose results everybody sees, by number."""
    latest = (
        sa.select(sa.func.max(Settlement.version))
        .where(Settlement.round_id == Round.id, versions.is_shown())
        .correlate(Round)
        .scalar_subquery()
    )
    query = (
        sa.select(OverallRound.contest_id, Round.id, latest)
        .join(Round, Round.id == OverallRound.round_id)
        .where(OverallRound.contest_id.in_(contest_ids), Round.shown_at.is_not(None))
        .order_by(Round.number)
    )
    found: dict[int, list[tuple[int, int]]] = {contest_id: [] for contest_id in contest_ids}
    for contest_id, round_id, version in rows(query):
        found[contest_id].append((round_id, version))
    return found


def basis_of(rule: Rule, shown: Sequence[tuple[int, int]]) -> str:
    """Return what tells one state of a rule and its rounds' versions from any other."""
    told = f"{rule.way}:{rule.best}:{','.join(rule.criteria)}|{shown}"
    return hashlib.sha256(told.encode()).hexdigest()


def due() -> list[int]:
    """Return the contests whose overall standing is not that of the results everybody sees."""
    query = sa.select(OverallRule, OverallResult.basis).outerjoin(
        OverallResult, OverallResult.contest_id == OverallRule.contest_id
    )
    found = [(row, basis) for row, basis in rows(query.execution_options(populate_existing=True))]
    if not found:
        return []
    shown = shown_versions([row.contest_id for row, _ in found])
    return [
        row.contest_id
        for row, basis in found
        if (own := shown[row.contest_id]) and basis != basis_of(rule_of(row), own)
    ]


def compute_due() -> None:
    """Compute every overall standing that is due."""
    for contest_id in due():
        compute(contest_id)


def compute(contest_id: int) -> None:
    """Compute and store the overall standing of a contest over the rounds whose results everybody sees."""
    at = clock.now()
    with transaction():
        query = sa.select(OverallRule).where(OverallRule.contest_id == contest_id).with_for_update()
        row = db.session.scalar(query.execution_options(populate_existing=True))
        if row is None:
            return  # taken back meanwhile
        rule, shown = rule_of(row), shown_versions([contest_id])[contest_id]
        standings = standings_of(contest_id, rule, [round_id for round_id, _ in shown])
        digest = _digest(standings)
        before = db.session.get(OverallResult, contest_id, populate_existing=True)
        version = 1 if before is None else before.version + (before.digest != digest)
        if before is None or before.digest != digest:
            _replace(contest_id, standings)
        stored: Mapping[str, Any] = {
            "version": version,
            "basis": basis_of(rule, shown),
            "digest": digest,
            "participants": len(standings),
            "computed_at": at,
        }
        statement = insert(OverallResult).values(contest_id=contest_id, **stored)
        db.session.execute(statement.on_conflict_do_update(index_elements=["contest_id"], set_=stored))
        audit.record("overall-computed", "contest", contest_id, by=SYSTEM, at=at, version=version, rounds=len(shown))


def _replace(contest_id: int, standings: Sequence[Mapping[str, Any]]) -> None:
    gone = sa.delete(OverallStanding).where(OverallStanding.contest_id == contest_id)
    db.session.execute(gone.execution_options(synchronize_session=False))
    for start in range(0, len(standings), CHUNK):
        db.session.execute(sa.insert(OverallStanding), list(standings[start : start + CHUNK]))


def _digest(standings: Sequence[Mapping[str, Any]]) -> str:
    digest = hashlib.sha256()
    for s in standings:  # all of it: what leaves every place as it is may still change what stands there
        digest.update(";".join(f"{name}={s[name]}" for name in sorted(s)).encode())
    return digest.hexdigest()


def standings_of(contest_id: int, rule: Rule, round_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return everybody's standing over these rounds, in order, as it is stored."""
    everybody = sa.select(Standing.member_id).where(Standing.round_id.in_(round_ids))
    joined, found = registered(rule, round_ids, everybody), []
    for member_id, own in taken(round_ids):
        merits = [t.merit for t in own]
        last = _last_counted(own, rule)
        merit = overall_merit(merits, rule, joined.get(member_id))
        values = asdict(merit)
        values.pop("registered_at")
        values |= {"contest_id": contest_id, "member_id": member_id, "key": overall_key(merit, rule.criteria)}
        found.append({**values, "unit_id": own[-1].unit_id, "attempt_id": last.attempt_id})
    found.sort(key=lambda s: (s["key"], s["member_id"]))
    for standing, place in zip(found, places([s["key"] for s in found]), strict=True):
        standing["place"] = place
    return found


def _last_counted(own: Sequence[Taken], rule: Rule) -> Taken:
    number = counted_rounds([t.merit for t in own], rule)[-1].number
    return next(t for t in own if t.merit.number == number)


def registered(
    rule: Rule, round_ids: Sequence[int], member_ids: sa.Select[tuple[int]] | Sequence[int]
) -> Mapping[int, datetime]:
    """Return when people registered for the contest of these rounds, where a rule asks for it."""
    if OverallCriterion.REGISTERED_AT not in rule.criteria or not round_ids:
        return {}
    return registrations(round_ids[0], member_ids)


def taken(round_ids: Sequence[int], member_id: int | None = None) -> Iterator[tuple[int, list[Taken]]]:
    """Yield each person, or the one asked for, with what these rounds recognise of them, by number of the round."""
    query = (
        sa.select(
            Standing.member_id, Standing.unit_id, Standing.attempt_id, Round.number, Standing.correct, Standing.points,
            Round.prediction.is_not(None), Standing.prediction_error, Result.duration_seconds, Result.finished_at,
            Standing.attempts_used, Standing.full_marks,
        )
        .join(Round, Round.id == Standing.round_id)
        .join(Result, Result.attempt_id == Standing.attempt_id)
        .where(Standing.round_id.in_(round_ids))
        .order_by(Standing.member_id, Round.number)
    )  # fmt: skip
    if member_id is None:
        query = query.execution_options(yield_per=CHUNK)  # inside a transaction, as many as there are
    else:
        query = query.where(Standing.member_id == member_id)
    found = db.session.execute(query)
    for own_id, group in groupby(found, key=lambda row: row[0]):
        yield own_id, [Taken(RoundMerit(*r[3:]), r[1], r[2]) for r in group]
