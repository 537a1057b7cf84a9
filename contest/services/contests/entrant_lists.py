"""Lists of people by member code: looked at first, each problem by its line, then marked in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, insert, rows, transaction
from contest.errors import Conflict, Invalid
from contest.formats import tables
from contest.formats.drafts import EntrantDraft, Place, Problem, Reading
from contest.gateways import airlock
from contest.models.contests import Contest, ContestUnit
from contest.models.entrants import ContestPerson
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.rules.entrants import Marks, marked
from contest.rules.entry_terms import EntrantMark, EntrantReason
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import ContestState
from contest.rules.text import canonical, fold
from contest.services import audit, organisation
from contest.services.contests import setup

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What a list says of everybody on it; the reason is read by the person, the note by organisers alone."""

    mark: EntrantMark
    reason: EntrantReason | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a list, with what the contest said of them before."""

    member_id: int
    code: str
    full_name: str
    unit: str
    before: Marks
    note: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list would change, and every problem with its place."""

    changed: tuple[Person, ...]
    unchanged: int
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "error")

    def counts(self) -> dict[str, int]:
        return {"marked_people": len(self.changed), "unchanged": self.unchanged, "errors": len(self.errors)}


def get_open_contest(slug: str, by: Actor) -> Contest:
    """Return a contest in the actor's scope whose entrants may still change; raises NotFound or Conflict."""
    row = setup.get_contest(slug, by=by)
    if row.state == ContestState.ARCHIVED:
        raise Conflict(Refusal("wrong-state"))
    return row


def within_reach(contest: Contest, by: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which a person may be put on a contest's list by an organiser.

    Those whom the organiser looks after, and those of the units that take part; of anybody else not even the name is told.
    """
    scope = organisation.units_of(by)
    if scope is None:
        return sa.true()
    taking_part = list(db.session.scalars(sa.select(ContestUnit.unit_id).where(ContestUnit.contest_id == contest.id)))
    return sa.or_(Member.unit_id.in_(scope), Member.unit_id.in_(organisation.below(taking_part)))


def read(data: bytes, *, pasted: bool) -> Reading[EntrantDraft]:
    """Return the people of a list: pasted codes, or a file that is read behind the airlock."""
    return tables.read_pasted(data.decode(errors="replace")) if pasted else airlock.read("entrants", data)


def plan(slug: str, reading: Reading[EntrantDraft], said: Said, *, by: Actor) -> Plan:
    """Compare a list with what is known, without changing anything."""
    contest = get_open_contest(slug, by)
    problems = list(reading.problems)
    found = _found(contest, [canonical(d.code) for d in reading.drafts], by)
    seen: dict[str, Place] = {}
    changed: list[Person] = []
    unchanged = 0
    for draft in reading.drafts:
        key = canonical(draft.code)
        person = found.get(key)
        if (first := seen.setdefault(key, draft.place)) != draft.place:
            twice = Refusal("member-twice-in-list", {"code": draft.code, "first": first.number})
            problems.append(Problem(twice, draft.place, draft.code, "warning"))
        elif person is None:
            problems.append(Problem(Refusal("member-out-of-reach", {"code": draft.code}), draft.place, draft.code))
        else:
            if draft.full_name and fold(draft.full_name) != fold(person.full_name):
                other = Refusal("name-differs", {"name": person.full_name})
                problems.append(Problem(other, draft.place, draft.full_name, "warning"))
            if marked(person.before, said.mark) == person.before:
                unchanged += 1
            else:
                note = draft.note or said.note
                changed.append(
                    Person(person.member_id, person.code, person.full_name, person.unit, person.before, note)
                )
    if not reading.drafts and not problems:
        raise Invalid(Refusal("list-empty", field="codes"))
    return Plan(tuple(changed), unchanged, tuple(problems))


def _found(contest: Contest, keys: Sequence[str], by: Actor) -> Mapping[str, Person]:
    """Return key → the person of a code within reach, with a fixed number of queries per 500 codes."""
    mine = sa.and_(ContestPerson.member_id == Member.id, ContestPerson.contest_id == contest.id)
    name = sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name)
    query = (
        sa.select(Member, name, ContestPerson)
        .join(Unit, Unit.id == Member.unit_id)
        .outerjoin(ContestPerson, mine)
        .where(within_reach(contest, by))
        .execution_options(populate_existing=True)
    )
    found: dict[str, Person] = {}
    unique = sorted(set(keys))
    for start in range(0, len(unique), CHUNK):
        for m, unit, row in rows(query.where(Member.code_key.in_(unique[start : start + CHUNK]))):
            found[m.code_key] = Person(m.id, m.code, m.full_name, unit, marks_of(row), row.note if row else "")
    return found


def marks_of(row: ContestPerson | None) -> Marks:
    """Return what a contest has marked of a person."""
    return Marks(row.takes_part, row.may_win, row.is_mandatory) if row else Marks()


def apply(slug: str, found: Plan, said: Said, *, by: Actor) -> None:
    """Mark everybody of a plan."""
    at = clock.now()
    with transaction():
        contest = get_open_contest(slug, by)
        after = [(p.member_id, marked(p.before, said.mark), p.note) for p in found.changed]
        store(contest.id, after, said.reason or EntrantReason.REGULATIONS, by=by)
        audit.record(
            "entrants-marked", "contest", contest.id, by=by, at=at, mark=said.mark.value, count=len(found.changed)
        )


def store(contest_id: int, people: Iterable[tuple[int, Marks, str]], reason: EntrantReason, *, by: Actor) -> None:
    """Write marks inside the caller's transaction; who is left without any has no row."""
    at, values, bare = clock.now(), [], []
    for member_id, marks, note in people:
        if marks.are_none:
            bare.append(member_id)
            continue
        given: dict[str, Any] = {"contest_id": contest_id, "member_id": member_id, "takes_part": marks.takes_part}
        given |= {"may_win": marks.may_win, "is_mandatory": marks.is_mandatory, "reason": reason.value, "note": note}
        values.append(given | {"by_id": by.member_id, "at": at})
    statement = insert(ContestPerson)
    kept = ("contest_id", "member_id")
    changing = {name: statement.excluded[name] for name in (values[0] if values else {}) if name not in kept}
    if values:
        db.session.execute(statement.on_conflict_do_update(index_elements=kept, set_=changing), values)
    for start in range(0, len(bare), CHUNK):
        gone = sa.delete(ContestPerson).where(
            ContestPerson.contest_id == contest_id, ContestPerson.member_id.in_(bare[start : start + CHUNK])
        )
        db.session.execute(gone.execution_options(synchronize_session=False))
