"""Who advances to a later round: proposed by the ranking, confirmed by a second person, and called up from the reserve."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.models.advancement import AdvancedPerson, Advancement
from contest.models.attempts import Attempt
from contest.models.contests import Contest, Round
from contest.models.entrants import ContestPerson
from contest.models.members import Member
from contest.models.organisation import Unit, UnitAncestor
from contest.models.overall import OverallResult, OverallStanding
from contest.models.results import Standing
from contest.rules.advancement import Plan, Runner, advance, check_plan, check_source, next_up
from contest.rules.advancement_terms import AdvanceBy, AdvancedState
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.services import audit
from contest.services.contests import comparison, rounds, setup
from contest.services.contests import overall as overall_setup
from contest.services.results import overall, overall_board, versions
from contest.services.units import trees

CHUNK = 5000
OVERALL = "overall"  # stands where a round's code would, for the overall standing


def find(round_id: int) -> Advancement | None:
    """Return how people come into a round, or None where everybody may take it."""
    return db.session.get(Advancement, round_id, populate_existing=True)


def plan_of(row: Advancement) -> Plan:
    return Plan(AdvanceBy(row.by), row.count, row.least_score, row.quotas, row.reserve)


def choose(slug: str, code: str, plan: Plan | None, *, source: str, compared_units: bool, seen: int, by: Actor) -> None:
    """Say how people come into a round, None for everybody; `source` is a round's code, or OVERALL.

    What was proposed before is dropped. Raises Invalid naming every contradiction, Conflict once it is confirmed or begun.
    """
    at = clock.now()
    with transaction():
        contest = setup.begin(slug, seen, by)
        row = rounds.get_round(contest.id, code)
        _refuse_begun(row)
        source_id = _checked(contest, row, plan, source) if plan is not None else None
        db.session.execute(sa.delete(AdvancedPerson).where(AdvancedPerson.round_id == row.id))
        db.session.execute(sa.delete(Advancement).where(Advancement.round_id == row.id))
        if plan is not None:
            values: dict[str, Any] = {"by": plan.by.value, "count": plan.count, "least_score": plan.least_score}
            values |= {"quotas": dict(plan.quotas), "reserve": plan.reserve, "compared_units": compared_units}
            db.session.execute(sa.insert(Advancement), {"round_id": row.id, "source_id": source_id, **values})
        audit.record("advancement-chosen", "round", row.id, by=by, at=at, rule=plan.by.value if plan else None)


def _refuse_begun(row: Round) -> None:
    found = find(row.id)
    started = db.session.scalar(sa.select(sa.exists().where(Attempt.round_id == row.id)))
    if started or (found is not None and found.confirmed_at is not None):
        raise Conflict(Refusal("advancement-confirmed", field="rule"))


def _checked(contest: Contest, row: Round, plan: Plan, source: str) -> int | None:
    """Return the id of the round that people advance from, None for the overall standing; raises Invalid."""
    found = list(check_plan(plan))
    own = [r for r in rounds.list_rounds(contest.id) if r.code == source]
    counted = overall_setup.list_counted(contest.id) if source == OVERALL else own
    wrong = check_source(row.number, [r.number for r in counted])
    unknown = set(plan.quotas) - set(db.session.scalars(sa.select(Unit.code).where(Unit.code.in_(plan.quotas))))
    if unknown:
        found.append(Refusal("unit-unknown", {"code": min(unknown)}, "quotas"))
    if wrong is not None:
        found.append(wrong)
    if found:
        raise Invalid(*found)
    return own[0].id if source != OVERALL else None


def propose(slug: str, code: str, *, by: Actor) -> None:
    """Compute who advances by the ranking as it stands now, for a second person to confirm."""
    at = clock.now()
    with transaction():
        contest, row, found = _get(slug, code, by)
        if found.confirmed_at is not None:
            raise Conflict(Refusal("advancement-confirmed"))
        version = _version(contest, found)
        if version is None:
            raise Conflict(Refusal("advance-source-unsettled"))
        result = advance(_runners(contest, found), plan_of(found))
        listed = [(r, AdvancedState.IN) for r in result.advancing] + [
            (r, AdvancedState.RESERVE) for r in result.reserve
        ]
        db.session.execute(sa.delete(AdvancedPerson).where(AdvancedPerson.round_id == row.id))
        values = [
            {
                "round_id": row.id,
                "member_id": r.member_id,
                "place": r.place,
                "points": r.points,
                "unit": r.unit,
                "state": s.value,
            }
            for r, s in listed
        ]
        for start in range(0, len(values), CHUNK):
            db.session.execute(sa.insert(AdvancedPerson), values[start : start + CHUNK])
        found.proposed_at, found.proposed_by_id, found.source_version = at, by.member_id, version
        told = {"advancing": len(result.advancing), "reserve": len(result.reserve), "version": version}
        audit.record("advancement-proposed", "round", row.id, by=by, at=at, **told)


def confirm(slug: str, code: str, *, by: Actor) -> None:
    """Let the proposal take effect; raises Forbidden for whoever made it, Conflict when its ranking has changed since."""
    at = clock.now()
    with transaction():
        contest, row, found = _get(slug, code, by)
        if found.proposed_at is None or found.confirmed_at is not None:
            raise Conflict(Refusal("wrong-state"))
        if contest.four_eyes and by.member_id is not None and by.member_id == found.proposed_by_id:
            raise Forbidden(Refusal("second-person-advancement"))
        if _version(contest, found) != found.source_version:
            raise Conflict(Refusal("advance-source-changed"))
        found.confirmed_at, found.confirmed_by_id = at, by.member_id
        audit.record("advancement-confirmed", "round", row.id, by=by, at=at, version=found.source_version)


def withdraw(slug: str, code: str, member: str, reason: str, *, by: Actor) -> None:
    """Take somebody off the confirmed list, with the reason; whoever has begun the round stays on it."""
    _change(slug, code, member, AdvancedState.WITHDRAWN, reason, by=by)


def call_up(slug: str, code: str, member: str, reason: str, *, by: Actor) -> None:
    """Call somebody up from the reserve into a place that a withdrawal left free; the highest in reserve comes first."""
    _change(slug, code, member, AdvancedState.IN, reason, by=by)


def _change(slug: str, code: str, member: str, to: AdvancedState, reason: str, *, by: Actor) -> None:
    at = clock.now()
    if not reason.strip():
        raise Invalid(Refusal("required", field="reason"))
    with transaction():
        _, row, found = _get(slug, code, by)
        if found.confirmed_at is None:
            raise Conflict(Refusal("wrong-state"))
        own = sa.select(Member.id).where(sa.func.lower(Member.code) == member.strip().lower()).scalar_subquery()
        query = sa.select(AdvancedPerson).where(AdvancedPerson.round_id == row.id, AdvancedPerson.member_id == own)
        person = db.session.scalar(query.execution_options(populate_existing=True))
        if person is None:
            raise Invalid(Refusal("person-not-listed", field="person"))
        if to is AdvancedState.IN:
            if person.member_id not in callable_now(found, people_of(row.id)):
                raise Conflict(Refusal("advance-not-next"))
            person.was_called = True
        else:
            begun = sa.exists().where(Attempt.round_id == row.id, Attempt.member_id == person.member_id)
            if person.state != AdvancedState.IN or db.session.scalar(sa.select(begun)):
                raise Conflict(Refusal("advance-begun"))
        person.state, person.reason = to.value, reason.strip()
        action = "advanced-called-up" if to is AdvancedState.IN else "advanced-withdrawn"
        audit.record(action, "round", row.id, by=by, at=at, member=person.member_id, reason=reason.strip())


def _get(slug: str, code: str, by: Actor) -> tuple[Contest, Round, Advancement]:
    contest = setup.get_contest(slug, by=by)
    row = rounds.get_round(contest.id, code)
    query = sa.select(Advancement).where(Advancement.round_id == row.id).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return contest, row, found


def _version(contest: Contest, found: Advancement) -> int | None:
    """Return the version of the ranking that people advance from; None until it is whole and shown."""
    if found.source_id is not None:
        source = db.session.get_one(Round, found.source_id, populate_existing=True)
        shown = versions.shown(source.id) if source.shown_at is not None else None
        return shown.version if shown else None
    result = db.session.get(OverallResult, contest.id, populate_existing=True)
    is_whole = all(r.is_shown for r in overall_board.rounds_in(contest.id)) and contest.id not in overall.due()
    return result.version if result is not None and is_whole else None


def _runners(contest: Contest, found: Advancement) -> list[Runner]:
    """Return everybody in the ranking, with the unit that counts for them and whether they may advance."""
    table: Any = OverallStanding if found.source_id is None else Standing
    mine = table.contest_id == contest.id if found.source_id is None else table.round_id == found.source_id
    barred = sa.exists().where(
        ContestPerson.contest_id == contest.id,
        ContestPerson.member_id == table.member_id,
        sa.or_(ContestPerson.may_win.is_(False), ContestPerson.takes_part.is_(False)),
    )
    query = sa.select(table.member_id, table.place, table.points, table.unit_id, ~barred).where(
        mine, table.place.is_not(None)
    )
    units = _units(contest, found)
    return [Runner(r[0], r[1], r[2], units.get(r[3]), bool(r[4])) for r in db.session.execute(query)]


def _units(contest: Contest, found: Advancement) -> Mapping[int, str]:
    """Return unit → the code of the one that counts for its people: the compared unit above it, or itself."""
    if not found.compared_units:
        return {r[0]: r[1] for r in rows(sa.select(Unit.id, Unit.code))}
    compared = comparison.compared_units(contest.id, comparison.how_of(contest), None)
    query = (
        sa.select(UnitAncestor.unit_id, Unit.code)
        .join(Unit, Unit.id == UnitAncestor.ancestor_id)
        .where(UnitAncestor.ancestor_id.in_(compared), trees.held(UnitAncestor, None))
        .order_by(UnitAncestor.depth.desc())  # the nearest one comes last and stays
    )
    return {r[0]: r[1] for r in rows(query)}


def people_of(round_id: int) -> list[AdvancedPerson]:
    query = sa.select(AdvancedPerson).where(AdvancedPerson.round_id == round_id)
    ordered = query.order_by(AdvancedPerson.place, AdvancedPerson.member_id)
    return list(db.session.scalars(ordered.execution_options(populate_existing=True)))


def callable_now(found: Advancement, listed: Sequence[AdvancedPerson]) -> set[int]:
    """Return who of the reserve may be called up now: there must be more withdrawn than called up, by unit where units count."""
    plan = plan_of(found)
    reserve = [Runner(p.member_id, p.place, p.points, p.unit) for p in listed if p.state == AdvancedState.RESERVE]
    able: set[int] = set()
    for unit in {p.unit if plan.is_per_unit else None for p in listed}:
        own = [p for p in listed if not plan.is_per_unit or p.unit == unit]
        free = sum(p.state == AdvancedState.WITHDRAWN for p in own) - sum(p.was_called for p in own)
        if free > 0:
            able |= set(next_up(reserve, unit, plan))
    return able
