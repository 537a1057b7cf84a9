"""Proof of a round: every stored figure held against the recount, and what differs named one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db
from contest.models.attempts import Attempt, of_attempt
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.models.overall import OverallResult, OverallStanding
from contest.models.results import Result, SettledStanding, Settlement, Standing
from contest.rules.permissions import Actor
from contest.services.contests import rounds, setup
from contest.services.results import overall, proof_units, recount, recount_overall, versions
from contest.services.results.proof_units import Named


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what the recount gives; a thing that is not there at all has the field `exists`."""

    kind: str  # result, standing, round, unit, overall
    name: str  # the attempt's, the member's, the round's or the unit's code
    field: str
    stored: str
    recounted: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What was held against each other of one round, or of a whole contest's units or overall standing (number 0).

    `version` is None while the round is not settled.
    """

    number: int
    title: str
    version: int | None
    attempts: int
    people: int
    units: int
    differences: tuple[Difference, ...]


def verify(slug: str, number: int | None, *, by: Actor) -> list[Proof]:
    """Recount a contest's rounds, and without a number what stands over all of them.

    Raises NotFound for a contest or a round that is not there, or not the actor's. Attempts that close meanwhile may look
    like differences: a round in progress is worth a second look.
    """
    contest = setup.get_contest(slug, by=by)
    own = rounds.of_number(contest.id, number)
    found = [_verify(contest, row) for row in own]
    proofs = [p for p, _ in found]
    if number is not None:
        return proofs
    shown = {row.id: people for row, (_, people) in zip(own, found, strict=True) if row.shown_at is not None}
    proofs += _verify_units(contest, shown)
    result = db.session.get(OverallResult, contest.id, populate_existing=True)
    return proofs if result is None else [*proofs, _verify_overall(contest, result)]


def _verify_overall(contest: Contest, result: OverallResult) -> Proof:
    """Recount the overall standing of a contest; its proof has the number 0, and counts rounds for attempts."""
    found = recount_overall.standings(contest.id, dict(overall.shown_versions([contest.id])[contest.id]))
    codes = _names(Member, set(found))
    recounted = {codes[i]: {name: figures[name] for name in OVERALL} for i, figures in found.items()}
    of_contest = OverallStanding.contest_id == contest.id
    stored = _stored(OVERALL, Member, Member.id == OverallStanding.member_id, of_contest)
    people = _compare("overall", {"people": {"number": result.participants}}, {"people": {"number": len(found)}})
    differences = [*_compare("overall", stored, recounted), *people]
    taken = sum(figures["rounds_taken"] for figures in found.values())
    return Proof(0, OVERALL_TITLE, result.version, taken, len(found), 0, tuple(differences))


def verify_version(row: Round, version: Settlement) -> list[Difference]:
    """Recount a round as a version has it, and hold people, T and turnout against what the version says."""
    own = recount.by_person(list(recount.sittings(row.id, version.version)))
    return list(_differences(row, version, own, recount.people(row, own, settled_at=version.settled_at)))


def _verify(contest: Contest, row: Round) -> tuple[Proof, list[recount.Person]]:
    """Recount a round; returns its proof and its people as they were recounted."""
    settled = versions.shown(row.id)
    sittings = list(recount.sittings(row.id, settled.version if settled else None))
    own = recount.by_person(sittings)
    people = recount.people(row, own, settled_at=settled.settled_at if settled else None)
    found = [*_compare("result", *_results(row.id, sittings, settled)), *_differences(row, settled, own, people)]
    units = 0
    if settled is not None:  # until then boards may be frozen behind what is true
        sums, compared = proof_units.of_round(contest, row, people, clock.now())
        found += [
            *_compare("unit", sums.stored, sums.recounted),
            *_compare("unit", compared.stored, compared.recounted),
        ]
        units = len(sums.recounted)
    version = settled.version if settled else None
    return Proof(row.number, row.title, version, len(sittings), len(people), units, tuple(found)), people


def _verify_units(contest: Contest, shown: Mapping[int, Sequence[recount.Person]]) -> list[Proof]:
    """Recount the board of units over the rounds whose results everybody sees; it counts rounds for attempts."""
    if not shown:
        return []
    pairs = proof_units.of_contest(contest, shown, clock.now())
    found = [d for pair in pairs for d in _compare("unit", pair.stored, pair.recounted)]
    units = {unit for pair in pairs for unit in pair.recounted}
    people = {p.member_id for own in shown.values() for p in own}
    return [Proof(0, UNITS_TITLE, None, sum(map(len, shown.values())), len(people), len(units), tuple(found))]


def _differences(
    row: Round, version: Settlement | None, own: Sequence[Sequence[recount.Sitting]], people: Sequence[recount.Person]
) -> Iterator[Difference]:
    """Yield what differs in people's standings, and in T and turnout once the round is settled."""
    yield from _compare("standing", *_standings(row.id, people, version))
    if version is not None:
        figures = {"target": recount.target_of(row, own), "participants": len(own), "attempts": sum(map(len, own))}
        yield from _compare("round", {row.code: _stored_figures(version)}, {row.code: figures})


def _compare(kind: str, stored: Named, recounted: Named) -> Iterator[Difference]:
    for name in sorted({*stored, *recounted}):
        if name not in stored or name not in recounted:
            yield Difference(kind, name, "exists", str(name in stored), str(name in recounted))
            continue
        for field, value in recounted[name].items():
            if stored[name][field] != value:
                yield Difference(kind, name, field, str(stored[name][field]), str(value))


OVERALL_TITLE = "Xếp hạng chung cuộc"
UNITS_TITLE = "Bảng xếp hạng đơn vị cả cuộc thi"

# What is held against the recount, by the recount's own names.
RESULT: Mapping[str, Any] = {
    "number": Result.number,
    "correct": Result.correct_count,
    "questions": Result.question_count,
    "points": Result.points,
    "prediction": Result.prediction,
    "seconds": Result.duration_seconds,
    "started_at": Result.started_at,
    "finished_at": Result.finished_at,
}
OVERALL: Mapping[str, Any] = {
    name: getattr(OverallStanding, name)
    for name in (
        "unit_id", "attempt_id", "rounds_taken", "correct", "points", "prediction_error", "missing_guesses",
        "duration_seconds", "submitted_at", "attempts_used", "full_marks", "place",
    )
}  # fmt: skip
STANDING: Mapping[str, str] = {
    "unit_id": "unit_id",
    "attempt_id": "attempt_id",
    "attempts_used": "attempts_used",
    "full_marks": "full_marks",
    "correct": "correct",
    "points": "points",
    "error": "prediction_error",
    "place": "place",
}


def _stored(columns: Mapping[str, Any], owner: type[Attempt] | type[Member], on: Any, round_id: Any) -> Named:
    """Return the stored figures of a round by the code of the attempt or the member whose they are."""
    found = db.session.execute(sa.select(owner.code, *columns.values()).join(owner, on).where(round_id))
    return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in found}


def _recounted(columns: Mapping[str, Any], codes: Mapping[int, str], found: Mapping[int, Any]) -> Named:
    return {codes[i]: {name: getattr(row, name) for name in columns} for i, row in found.items()}


def _results(round_id: int, sittings: Sequence[recount.Sitting], version: Settlement | None) -> tuple[Named, Named]:
    """Return the results that are stored, and those that are recounted; no version has one that waits to be marked."""
    found = {s.attempt_id: s for s in sittings}
    valid = sa.and_(Result.round_id == round_id, Attempt.void_id.is_(None))
    if version is not None:
        valid = sa.and_(valid, Result.unmarked == 0)
    stored = _stored(RESULT, Attempt, of_attempt(Result), valid)
    return stored, _recounted(RESULT, _names(Attempt, set(found)), found)


def _standings(round_id: int, people: Sequence[recount.Person], version: Settlement | None) -> tuple[Named, Named]:
    """Return the standings that are stored, beside the ones shown if the version waits, and those that are recounted."""
    found = {p.member_id: p for p in people}
    table: Any = Standing
    of_round = Standing.round_id == round_id
    if version is not None and version.waits and not versions.is_published(version.id):
        table, of_round = SettledStanding, SettledStanding.settlement_id == version.id
    columns = {name: getattr(table, column) for name, column in STANDING.items()}
    stored = _stored(columns, Member, Member.id == table.member_id, of_round)
    return stored, _recounted(STANDING, _names(Member, set(found)), found)


def _names(table: type[Attempt] | type[Member], ids: set[int]) -> dict[int, str]:
    """Return the codes of ids, read as a whole where there are many."""
    query = sa.select(table.id, table.code)
    if len(ids) <= recount.AT_A_TIME:
        query = query.where(table.id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(query)}


def _stored_figures(found: Settlement) -> dict[str, int | None]:
    return {"target": found.target, "participants": found.participants, "attempts": found.attempts}
