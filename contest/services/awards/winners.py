"""Who wins the prizes of a list by the ranking as it is now, or has won them, with what verification came to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.attempts import Attempt, of_attempt
from contest.models.awards import Award, AwardCheck, Draw, DrawOutcome
from contest.models.contests import Contest
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.rules.awards import Awards, Candidate, OpenTie, Prize, award
from contest.rules.entry_terms import EntrantReason
from contest.rules.result_terms import AwardState, Special, Verification
from contest.services.awards import mixed, rankings
from contest.services.awards.lists import ListView, PrizeView
from contest.services.contests import entrants, setup
from contest.services.results import unit_boards

MORE = 40  # places looked at beyond the prizes, before looking at all


@dataclass(frozen=True, slots=True)
class Subject:
    """A person or a unit in a ranking, with what a verification needs; `receipt` stands for a person in public lists."""

    id: int
    place: int | None
    code: str
    name: str
    unit: str
    born: date | None
    receipt: str
    barred: EntrantReason | None

    @property
    def may_win(self) -> bool:
        return self.barred is None


@dataclass(frozen=True, slots=True)
class Winner:
    """Who has a prize, or would have it, and what the verification found."""

    prize: str
    prize_number: int
    subject: Subject
    verdict: Verification | None
    reason: str


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody within the prizes who is passed over: refused for a reason, or not considered from the beginning."""

    subject: Subject
    reason: str


@dataclass(frozen=True, slots=True)
class Tie:
    """Equals of whom not all can have a prize, with the draw that is to settle it once there is one."""

    prize: str
    left: int
    subjects: tuple[Subject, ...]
    draw_code: str | None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    winners: tuple[Winner, ...]
    passed: tuple[Passed, ...]
    tie: Tie | None

    @property
    def verdicts(self) -> list[Verification | None]:
        return [w.verdict for w in self.winners]


def outcome(contest: Contest, found: ListView) -> Outcome:
    """Return who wins: as recognised, or before that by the ranking, the refusals and the lots there are now."""
    if found.state in {AwardState.OFFICIAL, AwardState.ANNOUNCED}:
        return _recognised(contest, found)
    checks = _checks(found.id)
    lots = lots_of(found.id, {p.name for p in found.prizes if p.special is None})
    subjects, contestants = _ranking(contest, found, refused=len(checks))
    if found.is_mixed:
        given = mixed.fill(contest, found, {s.code: s.id for s in subjects}, _refused(checks))
    else:
        candidates = [_candidate(s, checks.get(s.id), lots.get(s.id)) for s in subjects if s.place is not None]
        given = award(candidates, found.quotas, edge=found.edge, cap=found.cap, contestants=contestants)
    by_id = {str(s.id): s for s in subjects}
    names = {str(p.number): p.name for p in found.prizes}
    winners = [_winner(names[number], int(number), by_id[code], checks) for code, number in given.winners]
    tie = _tie(found, given.tie, by_id, names)
    for special in found.specials:
        own, undecided = _special(contest, found, special, checks)
        winners += own
        tie = tie or undecided
    return Outcome(tuple(winners), _passed(subjects, given, checks), tie)


def _refused(checks: Mapping[int, AwardCheck]) -> set[int]:
    return {i for i, c in checks.items() if c.verdict == Verification.REFUSED}


def _candidate(s: Subject, check: AwardCheck | None, lot: int | None) -> Candidate:
    refused = check is not None and check.verdict == Verification.REFUSED
    return Candidate(str(s.id), s.place or 0, may_win=s.may_win, is_refused=refused, lot=lot)


def _winner(prize: str, number: int, subject: Subject, checks: Mapping[int, AwardCheck]) -> Winner:
    check = checks.get(subject.id)
    return Winner(prize, number, subject, Verification(check.verdict) if check else None, check.reason if check else "")


def _passed(subjects: Sequence[Subject], given: Awards, checks: Mapping[int, AwardCheck]) -> tuple[Passed, ...]:
    """Return who stands above the last winner and has nothing, with the reason."""
    won = {code for code, _ in given.winners}
    last = max((s.place or 0 for s in subjects if str(s.id) in won), default=0)
    out = []
    for s in subjects:
        check = checks.get(s.id)
        if check is not None and check.verdict == Verification.REFUSED:
            out.append(Passed(s, check.reason))
        elif not s.may_win and s.place is not None and s.place <= last:
            out.append(Passed(s, ""))
    return tuple(out)


def _tie(found: ListView, tie: OpenTie | None, by_id: Mapping[str, Subject], names: Mapping[str, str]) -> Tie | None:
    if tie is None:
        return None
    tied = tuple(by_id[code] for code in tie.codes)
    waiting = sa.select(Draw.code).where(Draw.list_id == found.id, ~sa.exists().where(DrawOutcome.draw_id == Draw.id))
    code = db.session.scalar(waiting.order_by(Draw.id.desc()).limit(1))
    return Tie(names[tie.prize], tie.left, tied, code, int(tie.prize))


def _checks(list_id: int) -> dict[int, AwardCheck]:
    query = sa.select(AwardCheck).where(AwardCheck.list_id == list_id).execution_options(populate_existing=True)
    return {c.subject_id: c for c in db.session.scalars(query)}


def lots_of(list_id: int, prizes: Collection[str]) -> dict[int, int]:
    """Return subject → where the draws for these prizes put it; a later draw only orders those still equal."""
    lots: dict[int, int] = {}
    query = sa.select(Draw.prize, Draw.codes, Draw.subjects, DrawOutcome.drawn)
    joined = query.join(DrawOutcome, DrawOutcome.draw_id == Draw.id)
    for prize, codes, subjects, drawn in rows(joined.where(Draw.list_id == list_id).order_by(Draw.id)):
        if prize in prizes:
            subject = dict(zip(codes, subjects, strict=True))
            lots.update({subject[code]: n for n, code in enumerate(drawn, 1)})
    return lots


def _ranking(contest: Contest, found: ListView, *, refused: int) -> tuple[list[Subject], int]:
    """Return the upper part of the ranking, whole groups of equals, and how many contestants there are."""
    if found.for_units:
        units = _units(contest, found)
        return units, len(units)
    table, placed = rankings.people_of(found)
    own = sa.select(table.place).where(placed)
    contestants = int(db.session.scalar(sa.select(sa.func.count()).select_from(own.subquery())) or 0)
    wanted = sum(p.count for p in found.quotas) + refused
    while True:
        deepest = db.session.scalar(own.order_by(table.place).offset(wanted + MORE).limit(1))
        people = _people(contest, found, deepest)
        if deepest is None or sum(s.may_win for s in people) >= sum(p.count for p in found.quotas) + refused:
            return people, contestants
        wanted = wanted * 2 + MORE


def _people(contest: Contest, found: ListView, deepest: int | None) -> list[Subject]:
    table, placed = rankings.people_of(found)
    query = _person(table).where(placed)
    if deepest is not None:
        query = query.where(table.place <= deepest)
    return _subjects(contest, rows(query.order_by(table.place, table.member_id)))


def _person(table: Any) -> sa.Select[Any]:
    name = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)
    return (
        sa.select(
            Member.id, table.place, Member.code, Member.full_name, name.label("unit"), Member.birth_date,
            Attempt.receipt,
        )
        .join(table, table.member_id == Member.id)
        .join(Unit, Unit.id == table.unit_id)
        .join(Attempt, of_attempt(table))
    )  # fmt: skip


def _subjects(contest: Contest, found: Sequence[Any]) -> list[Subject]:
    barred = entrants.may_win_of(contest.id, [r.id for r in found])
    return [
        Subject(r.id, r.place, r.code, r.full_name, r.unit, r.birth_date, r.receipt or "", barred.get(r.id))
        for r in found
    ]  # fmt: skip


def _units(contest: Contest, found: ListView) -> list[Subject]:
    ranked = rankings.units_of(contest, found, setup.formula_of(contest))
    named = {r.code: r for r in rows(sa.select(Unit.id, Unit.code, Unit.name))}
    return [_unit(named[p.turnout.unit], p.place) for p in ranked]


def _unit(r: Any, place: int | None) -> Subject:
    return Subject(r.id, place, r.code, r.name, "", None, "", barred=None)


def _special(
    contest: Contest, found: ListView, prize: PrizeView, checks: Mapping[int, AwardCheck]
) -> tuple[list[Winner], Tie | None]:
    """Return who has a special prize, the oldest, the youngest or the unit with most people, or the tie for it."""
    refused = _refused(checks)
    if prize.special is Special.WIDEST:
        best = _widest(contest, found, refused)
    else:
        best = _by_age(contest, found, refused, oldest=prize.special is Special.OLDEST)
    lots = lots_of(found.id, {prize.name})
    equals = [Candidate(str(s.id), 1, lot=lots.get(s.id)) for s in best]
    given = award(equals, [Prize(str(prize.number), prize.count)], edge=found.edge)
    by_id = {str(s.id): s for s in best}
    won = [_winner(prize.name, prize.number, by_id[code], checks) for code, _ in given.winners]
    return won, _tie(found, given.tie, by_id, {str(prize.number): prize.name})


def _widest(contest: Contest, found: ListView, refused: set[int]) -> list[Subject]:
    named = {r.code: r for r in rows(sa.select(Unit.id, Unit.code, Unit.name))}
    ranked = rankings.units_of(contest, found, unit_boards.MOST_PEOPLE)
    able = [(p.turnout.participants, _unit(named[p.turnout.unit], p.place)) for p in ranked if p.turnout.participants]
    able = [(n, s) for n, s in able if s.id not in refused]
    return [s for n, s in able if n == max(m for m, _ in able)]


def _by_age(contest: Contest, found: ListView, refused: set[int], *, oldest: bool) -> list[Subject]:
    """Return the oldest or youngest who took part and may win; those of the same day share it."""
    table, placed = rankings.people_of(found)
    query = _person(table).where(placed, Member.birth_date.is_not(None))
    born = Member.birth_date if oldest else Member.birth_date.desc()
    start = 0
    while page := rows(query.order_by(born, Member.id).offset(start).limit(MORE)):
        able = [s for s in _subjects(contest, page) if s.may_win and s.id not in refused]
        if able:
            return [s for s in able if s.born == able[0].born]
        start += MORE
    return []


def _recognised(contest: Contest, found: ListView) -> Outcome:
    """Return the winners as they were recognised, whatever the ranking says by now."""
    stored = rows(sa.select(Award).where(Award.list_id == found.id).order_by(Award.prize_number, Award.place))
    ids = [a.subject_id for (a,) in stored]
    if found.for_units:
        subjects = {
            r.id: _unit(r, None) for r in rows(sa.select(Unit.id, Unit.code, Unit.name).where(Unit.id.in_(ids)))
        }
    else:
        table, placed = rankings.people_of(found)
        people = _person(table).where(placed, Member.id.in_(ids))
        subjects = {s.id: s for s in _subjects(contest, rows(people))}
    names = {p.number: p.name for p in found.prizes}
    checks = _checks(found.id)
    winners = [
        _winner(names[a.prize_number], a.prize_number, replace(subjects[a.subject_id], place=a.place), checks)
        for (a,) in stored
    ]
    return Outcome(tuple(winners), (), None)
