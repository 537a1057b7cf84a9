"""Results and places recounted from papers, responses, keys and the tree, another way than they were counted.

Nothing of the rules that rank people and units takes part: people are compared by tuples of plain values, a place is one
more than those who stand better, and units are walked by their parents. Only what a single answer earns is the same rule.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.attempts import PREDICTION, Attempt, of_attempt
from contest.models.contests import Round
from contest.models.entrants import Registration
from contest.models.members import Member
from contest.models.results import Result
from contest.rules.marking import Scoring, Way, earned
from contest.rules.questions.bodies import Key
from contest.rules.result_terms import Remedy
from contest.rules.terms import AttemptState, Counted, Criterion, PredictionTarget
from contest.rules.unit_terms import UnitCriterion
from contest.services.results import recount_evidence as evidence
from contest.services.results import recount_lots
from contest.services.results.recount_evidence import Known

Strength = tuple[Any, ...]  # the smaller stands higher
NEVER = float("inf")  # what an empty prediction, or an unknown registration, compares as
MILLION = 10**6
_SECOND = timedelta(seconds=1)
AT_A_TIME = 2000


@dataclass(frozen=True, slots=True)
class Sitting:
    """A closed attempt, scored anew."""

    attempt_id: int
    member_id: int
    unit_id: int
    number: int
    correct: int
    questions: int
    points: Fraction
    prediction: int | None
    seconds: int
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Where a person stands, with what counts of them; `place` and `error` are None before the round is settled."""

    member_id: int
    unit_id: int
    attempt_id: int
    attempts_used: int
    full_marks: int
    correct: Fraction
    points: Fraction
    error: int | None
    place: int | None


def sittings(round_id: int, version: int | None = None) -> Iterator[Sitting]:
    """Score every closed attempt of a round, so many at a time: nothing is locked and little is held.

    Questions are corrected as a version of the result has them; without one as they were written. What people mark earns
    nothing until their marks are taken in, and no version has an attempt that still waits for them.
    """
    keys, remedies, last = evidence.keys(), evidence.remedies(round_id, version), 0
    closed = sa.select(
        Attempt.id, Attempt.member_id, Attempt.unit_id, Attempt.number, Attempt.paper, Attempt.started_at,
        Attempt.finished_at, Attempt.ends_at, Result.unmarked,
    ).outerjoin(Result, of_attempt(Result)).where(
        Attempt.round_id == round_id, Attempt.state != AttemptState.OPEN, Attempt.void_id.is_(None)
    ).order_by(Attempt.id).limit(AT_A_TIME)  # fmt: skip
    if version is not None:
        closed = closed.where(sa.func.coalesce(Result.unmarked, 0) == 0)
    while found := rows(closed.where(Attempt.id > last)):
        values = evidence.values_of([attempt.id for attempt in found])
        marks = evidence.marks_of([attempt.id for attempt in found if attempt.unmarked == 0])
        for attempt in found:
            yield _scored(attempt, values[attempt.id], marks.get(attempt.id, {}), keys, remedies)
        last = found[-1].id


def _earned(
    known: Known,
    value: Any,
    given_by_people: Decimal | None,
    remedy: tuple[Remedy, Key] | None,
    said: Mapping[str, Any],
) -> Fraction | None:
    """Return what a response earns by what the paper says of its scoring; None for a question that was dropped."""
    kind, body, key = known
    given = tuple(value) if isinstance(value, list) else value
    what, other = remedy or (Remedy.AS_WRITTEN, Key())
    if what is Remedy.DROPPED:
        return None
    if what is Remedy.FULL_CREDIT:
        return Fraction(1)
    if given_by_people is not None:
        return Fraction(given_by_people) / Fraction(said.get("points", 1))
    ladder = tuple(map(Fraction, said.get("ladder", ())))
    scoring = Scoring(Way(said.get("way", "as_kind")), ladder, Fraction(said.get("penalty", 0)))
    by_old = earned(kind, body, key, given, scoring)
    by_new = earned(kind, body, other, given, scoring) if other != Key() else by_old
    return {Remedy.NEW_KEY: by_new, Remedy.BOTH_KEYS: max(by_old, by_new)}.get(what, by_old)


def _scored(
    attempt: Any,
    values: Mapping[int, Any],
    given: Mapping[int, Decimal],
    keys: Mapping[int, Known],
    remedies: Mapping[int, tuple[Remedy, Key]],
) -> Sitting:
    paper = [(v, more[0] if more else {}) for v, _, *more in attempt.paper]
    marks = [
        _earned(keys[v], values.get(n), given.get(n), remedies.get(v), said) for n, (v, said) in enumerate(paper, 1)
    ]
    counted = [mark for mark in marks if mark is not None]
    points = Fraction()
    for mark, (_, said) in zip(marks, paper, strict=True):
        points += (mark or 0) * Fraction(said.get("points", 1))
    if points < 0 and any(said.get("floored") for _, said in paper):
        points = Fraction()
    finished_at = min(attempt.finished_at or attempt.ends_at, attempt.ends_at)
    return Sitting(
        attempt.id,
        attempt.member_id,
        attempt.unit_id,
        attempt.number,
        sum(mark == 1 for mark in counted),
        len(counted),
        _to_the_millionth(points),
        values.get(PREDICTION),
        (finished_at - attempt.started_at) // _SECOND,
        attempt.started_at,
        finished_at,
    )


def _to_the_millionth(value: Fraction) -> Fraction:
    return Fraction(round(value * MILLION), MILLION)


def target_of(row: Round, own: Iterable[Sequence[Sitting]]) -> int | None:
    """Return T, counting people: all who took part, or those of whom an attempt that could count is all correct."""
    if row.prediction is None:
        return None
    counts = {Counted.FIRST: slice(0, 1), Counted.LAST: slice(-1, None)}.get(Counted(row.counted), slice(None))
    everybody = row.prediction == PredictionTarget.PARTICIPANTS
    return sum(everybody or any(0 < s.questions == s.correct for s in tries[counts]) for tries in own)


def by_person(scored: Iterable[Sitting]) -> list[list[Sitting]]:
    """Return each person's sittings by number."""
    own: dict[int, list[Sitting]] = defaultdict(list)
    for sitting in scored:
        own[sitting.member_id].append(sitting)
    return [sorted(tries, key=lambda s: s.number) for tries in own.values()]


def people(row: Round, own: Sequence[Sequence[Sitting]], *, settled_at: datetime | None) -> list[Person]:
    """Return where everybody stands; before the round is settled without place and without what a guess is worth.

    Lots count that were drawn by the time of the settlement.
    """
    is_final = settled_at is not None
    target = target_of(row, own) if is_final else None
    joined = registrations(row.contest_id) if Criterion.REGISTERED_AT in row.criteria else {}
    found = [_recognised(row, tries, target, joined.get(tries[0].member_id)) for tries in own]
    if settled_at is not None and row.criteria[-1] == Criterion.LOT:
        alike = {values["member_id"]: strength for strength, values in found}
        lots = recount_lots.positions(alike, row.id, settled_at)
        found = [((*strength[:-1], lots.get(values["member_id"], 0)), values) for strength, values in found]
    strengths = sorted(strength for strength, _ in found)
    for strength, values in found:
        values["place"] = bisect_left(strengths, strength) + 1 if is_final else None
    return [Person(**values) for _, values in found]


def registrations(contest_id: int) -> dict[int, datetime]:
    """Return when each person was entered, overwritten by when they registered, for those who did."""
    entered = {row[0]: row[1] for row in db.session.execute(sa.select(Member.id, Member.created_at))}
    own = sa.select(Registration.member_id, Registration.registered_at).where(Registration.contest_id == contest_id)
    return entered | {row[0]: row[1] for row in db.session.execute(own)}


def _recognised(
    row: Round, tries: Sequence[Sitting], target: int | None, joined: datetime | None
) -> tuple[Strength, dict[str, Any]]:
    full = sum(0 < s.questions == s.correct for s in tries)

    def strength(s: Sitting, correct: Fraction, points: Fraction) -> Strength:
        far = 0 if target is None else NEVER if s.prediction is None else abs(s.prediction - target)
        values = {
            Criterion.CORRECT: -correct,
            Criterion.POINTS: -points,
            Criterion.PREDICTION: far,
            Criterion.DURATION: s.seconds,
            Criterion.SUBMITTED_AT: s.finished_at.replace(microsecond=0).timestamp(),
            Criterion.STARTED_AT: s.started_at.replace(microsecond=0).timestamp(),
            Criterion.REGISTERED_AT: NEVER if joined is None else joined.replace(microsecond=0).timestamp(),
            Criterion.ATTEMPTS_USED: len(tries),
            Criterion.FULL_MARKS: -full,
            Criterion.LOT: 0,  # put in once it is known who is equal
        }
        return tuple(values[Criterion(name)] for name in row.criteria)

    counted = Counted(row.counted)
    best = min(tries, key=lambda s: (strength(s, Fraction(s.correct), s.points), s.number))
    chosen = {Counted.FIRST: tries[0], Counted.LAST: tries[-1]}.get(counted, best)
    correct, points = Fraction(chosen.correct), chosen.points
    if counted is Counted.AVERAGE:
        correct = _to_the_millionth(Fraction(sum(s.correct for s in tries), len(tries)))
        points = _to_the_millionth(sum((s.points for s in tries), Fraction()) / len(tries))
    error = None if target is None or chosen.prediction is None else abs(chosen.prediction - target)
    return strength(chosen, correct, points), {
        "member_id": chosen.member_id, "unit_id": tries[-1].unit_id, "attempt_id": chosen.attempt_id,
        "attempts_used": len(tries), "full_marks": full, "correct": correct, "points": points, "error": error,
    }  # fmt: skip


def under_units(found: Iterable[Person], parent: Mapping[int, int | None]) -> dict[int, list[Fraction]]:
    """Return unit → the points of its people with all below it, each person once; the tree is walked by its parents."""
    scores: dict[int, list[Fraction]] = defaultdict(list)
    for person in found:
        unit: int | None = person.unit_id
        while unit is not None:
            scores[unit].append(person.points)
            unit = parent.get(unit)
    return scores


def worth(
    by: UnitCriterion, scores: Sequence[Fraction], members: int | None, least: Decimal | int, best: int
) -> Fraction | None:
    """Return what a unit is compared by, more is better; None where it cannot be compared."""
    n = len(scores)
    if by is UnitCriterion.PARTICIPANTS:
        return Fraction(n)
    if by is UnitCriterion.AT_LEAST:
        return Fraction(len([s for s in scores if s >= least]))
    if by is UnitCriterion.RATIO:
        return Fraction(n, members) if members and n <= members else None
    if by is UnitCriterion.MEAN:
        return sum(scores, Fraction()) / n if n else None
    if by is UnitCriterion.MEAN_OF_BEST:
        return sum(sorted(scores)[n - best :], Fraction()) / best if n >= best else None
    raise NotImplementedError(by)
