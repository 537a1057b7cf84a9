"""The people a contest says something of, as its organisers see them: listed, searched, changed one by one, suggested."""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, read_cursor, rows, transaction
from contest.errors import Invalid, NotFound
from contest.models.banks import Question, QuestionVersion
from contest.models.contests import Contest, Round
from contest.models.entrants import ContestPerson
from contest.models.members import Member, RoleGrant
from contest.models.organisation import Unit, UnitAncestor
from contest.rules.entrants import Marks, marked
from contest.rules.entry_terms import EntrantMark, EntrantReason
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import Role
from contest.rules.text import canonical, fold
from contest.services import audit
from contest.services.contests import entrant_lists, setup

PAGE = 50
MOST_SUGGESTED = 50


@dataclass(frozen=True, slots=True)
class MarkedPerson:
    code: str
    full_name: str
    unit: str
    marks: Marks
    reason: EntrantReason
    note: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of people with how many there are of each mark; `next` continues after the last one."""

    people: tuple[MarkedPerson, ...]
    next: str | None
    total: int
    counts: dict[EntrantMark, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody whom organisers may want to leave out of the prizes; nothing is done until they say so."""

    code: str
    full_name: str
    unit: str
    reason: EntrantReason


_UNIT = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)
_WITH: dict[EntrantMark, sa.ColumnElement[bool]] = {
    EntrantMark.TAKES_PART: ContestPerson.takes_part.is_(True),
    EntrantMark.STAYS_OUT: ContestPerson.takes_part.is_(False),
    EntrantMark.NO_PRIZE: ContestPerson.may_win.is_(False),
    EntrantMark.MANDATORY: ContestPerson.is_mandatory.is_(True),
}


def list_people(contest: Contest, *, mark: EntrantMark | None = None, search: str = "", after: str = "") -> Page:
    """Return the people a contest says something of, by given name, a page at a time by key."""
    counted = [sa.func.count(sa.case((condition, 1))) for condition in _WITH.values()]
    figures = rows(sa.select(*counted).where(ContestPerson.contest_id == contest.id))[0]
    where: list[Any] = [ContestPerson.contest_id == contest.id]
    if mark is not None:
        where.append(_WITH[mark])
    if search:
        named = Member.search.contains(fold(search), autoescape=True)
        where.append(sa.or_(named, Member.code_key == canonical(search)))
    joined = sa.select(ContestPerson, Member, _UNIT).join(Member, Member.id == ContestPerson.member_id)
    query = joined.join(Unit, Unit.id == Member.unit_id).where(*where)
    total = int(db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0)
    if after:
        cursor = read_cursor(after)
        if cursor is None:
            raise NotFound
        query = query.where(sa.tuple_(Member.name_key, Member.id) > cursor)
    found = rows(query.order_by(Member.name_key, Member.id).limit(PAGE + 1))
    last = found[PAGE - 1][1] if len(found) > PAGE else None
    people = tuple(_view(*row) for row in found[:PAGE])
    following = f"{last.name_key.hex()}.{last.id}" if last else None
    return Page(people, following, total, dict(zip(_WITH, map(int, figures), strict=True)))


def _view(row: ContestPerson, member: Member, unit: str) -> MarkedPerson:
    marks = entrant_lists.marks_of(row)
    return MarkedPerson(member.code, member.full_name, unit, marks, EntrantReason(row.reason), row.note)


def get_person(slug: str, code: str, *, by: Actor) -> MarkedPerson:
    """Return one person whom a contest says something of; raises NotFound."""
    return _view(*_get(setup.get_contest(slug, by=by), code))


def _get(contest: Contest, code: str) -> tuple[ContestPerson, Member, str]:
    query = (
        sa.select(ContestPerson, Member, _UNIT)
        .join(Member, Member.id == ContestPerson.member_id)
        .join(Unit, Unit.id == Member.unit_id)
        .where(ContestPerson.contest_id == contest.id, Member.code_key == canonical(code))
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound
    return found[0], found[1], found[2]


def change(slug: str, code: str, marks: Marks, reason: EntrantReason | None, note: str, *, by: Actor) -> None:
    """Change what a contest says of one person; raises Invalid where a reason is lacking."""
    at = clock.now()
    if marks.need_reason and reason is None:
        raise Invalid(Refusal("reason-missing", field="reason"))
    marks = replace(marks, is_mandatory=marks.is_mandatory and marks.takes_part is not False)
    with transaction():
        contest = entrant_lists.get_open_contest(slug, by)
        row, member, _ = _get(contest, code)
        before = entrant_lists.marks_of(row)
        entrant_lists.store(contest.id, [(member.id, marks, note)], reason or EntrantReason.REGULATIONS, by=by)
        said = {"before": _plain(before), "after": _plain(marks)}
        audit.record("entrant-changed", "member", member.id, by=by, at=at, contest=contest.slug, **said)


def _plain(marks: Marks) -> dict[str, bool | None]:
    return {"takes_part": marks.takes_part, "may_win": marks.may_win, "is_mandatory": marks.is_mandatory}


def suggest(contest: Contest, *, by: Actor) -> list[Suggestion]:
    """Return who wrote or approved questions of the contest's banks, and who organises it, and may still win."""
    banks = sa.select(Round.bank_id).where(Round.contest_id == contest.id, Round.bank_id.is_not(None))
    versions = sa.select(QuestionVersion).join(Question, Question.id == QuestionVersion.question_id)
    of_banks = versions.where(Question.bank_id.in_(banks)).subquery()
    above = sa.select(UnitAncestor.ancestor_id).where(
        UnitAncestor.unit_id == contest.organiser_id, UnitAncestor.valid_to.is_(None)
    )
    whole = sa.and_(RoleGrant.unit_id.is_(None), RoleGrant.contest_id.is_(None), RoleGrant.bank_id.is_(None))
    over = sa.or_(RoleGrant.contest_id == contest.id, RoleGrant.unit_id.in_(above), whole)
    organises = sa.select(RoleGrant.member_id).where(RoleGrant.role == Role.ORGANISER, over)
    writes = sa.union(sa.select(of_banks.c.author_id), sa.select(of_banks.c.approved_by_id)).subquery()
    in_writers = Member.id.in_(sa.select(writes.c[0]))
    settled = sa.exists().where(
        ContestPerson.contest_id == contest.id, ContestPerson.member_id == Member.id, ContestPerson.may_win.is_(False)
    )
    query = (
        sa.select(Member.code, Member.full_name, _UNIT, in_writers)
        .join(Unit, Unit.id == Member.unit_id)
        .where(sa.or_(in_writers, Member.id.in_(organises)), ~settled, entrant_lists.within_reach(contest, by))
        .order_by(Member.name_key, Member.id)
        .limit(MOST_SUGGESTED)
    )
    return [
        Suggestion(code, name, unit, EntrantReason.QUESTIONS if is_writer else EntrantReason.COMMITTEE)
        for code, name, unit, is_writer in rows(query)
    ]


def accept(slug: str, code: str, *, by: Actor) -> None:
    """Leave somebody who was suggested out of the prizes; raises NotFound for anybody else."""
    at = clock.now()
    with transaction():
        contest = entrant_lists.get_open_contest(slug, by)
        found = next((s for s in suggest(contest, by=by) if canonical(s.code) == canonical(code)), None)
        if found is None:
            raise NotFound
        member_id = db.session.scalars(sa.select(Member.id).where(Member.code_key == canonical(code))).one()
        row = db.session.get(ContestPerson, (contest.id, member_id))
        marks = marked(entrant_lists.marks_of(row), EntrantMark.NO_PRIZE)
        entrant_lists.store(contest.id, [(member_id, marks, row.note if row else "")], found.reason, by=by)
        audit.record("entrants-marked", "contest", contest.id, by=by, at=at, mark=EntrantMark.NO_PRIZE.value, count=1)
