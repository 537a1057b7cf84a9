"""Setting up a contest: its facts, who takes part, how units are compared. Two who edit at once: the second is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rowcount, rows, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.models.contests import Contest, ContestUnit, Round
from contest.models.entrants import ExcludedUnit
from contest.models.organisation import Unit
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import ContestState, Role
from contest.rules.unit_terms import ComparedUnits, UnitCriterion
from contest.rules.units import Formula, check_formula, check_points
from contest.services import audit, organisation
from contest.services.contests import prize_names

_NOT_SLUGS = frozenset({"new"})  # words that stand in the same place of an address


@dataclass(frozen=True, slots=True)
class Compared:
    """Which units a contest compares: the unit below which, or the level of which, where the choice needs one."""

    which: ComparedUnits
    unit: str = ""
    level: str = ""


TAKING_PART = Compared(ComparedUnits.TAKING_PART)


@dataclass(frozen=True, slots=True)
class ContestRow:
    slug: str
    title: str
    state: ContestState
    organiser: str
    round_count: int
    starts_at: datetime | None
    ends_at: datetime | None


def contests_of(actor: Actor, *roles: Role) -> sa.ColumnElement[bool]:
    """Return the condition under which a contest is the actor's in one of these roles (organiser when none is named)."""
    wanted = (Role.ADMINISTRATOR, *(roles or (Role.ORGANISER,)))
    if actor.holds_whole(*wanted):
        return sa.true()
    grants = actor.scopes(*wanted)
    units = [g.unit_id for g in grants if g.unit_id is not None]
    contests = [g.contest_id for g in grants if g.contest_id is not None]
    return sa.or_(Contest.id.in_(contests), Contest.organiser_id.in_(organisation.below(units)))


def list_contests(*, by: Actor, roles: Sequence[Role] = ()) -> list[ContestRow]:
    """Return the contests in the actor's scope, drafts included, the newest first."""
    query = (
        sa.select(
            Contest.slug,
            Contest.title,
            Contest.state,
            Unit.name,
            sa.func.count(Round.id),
            sa.func.min(Round.opens_at),
            sa.func.max(Round.closes_at),
        )
        .join(Unit, Unit.id == Contest.organiser_id)
        .outerjoin(Round, Round.contest_id == Contest.id)
        .where(contests_of(by, *roles))
        .group_by(Contest.id, Unit.name)
        .order_by(Contest.created_at.desc())
    )
    return [ContestRow(r[0], r[1], ContestState(r[2]), *r[3:]) for r in rows(query)]


def get_contest(slug: str, *, by: Actor, roles: Sequence[Role] = ()) -> Contest:
    """Return a contest in the actor's scope; raises NotFound."""
    row = db.session.scalar(
        sa.select(Contest)
        .where(Contest.slug == slug, contests_of(by, *roles))
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """Which units take part, as (code, name): with all below them, alone, and taken out again."""

    whole: list[tuple[str, str]]
    alone: list[tuple[str, str]]
    excluded: list[tuple[str, str]]


def unit_choice(contest_id: int) -> UnitChoice:
    """Return what has been said of units."""
    chosen = sa.select(Unit.code, Unit.name, ContestUnit.with_below).join(ContestUnit, ContestUnit.unit_id == Unit.id)
    found = rows(chosen.where(ContestUnit.contest_id == contest_id).order_by(Unit.code))
    out = sa.select(Unit.code, Unit.name).join(ExcludedUnit, ExcludedUnit.unit_id == Unit.id)
    left = rows(out.where(ExcludedUnit.contest_id == contest_id).order_by(Unit.code))
    parts = [[(r[0], r[1]) for r in found if r[2] is with_below] for with_below in (True, False)]
    return UnitChoice(parts[0], parts[1], [(r[0], r[1]) for r in left])


def create(values: Mapping[str, Any], *, organiser: str, by: Actor) -> str:
    """Make a draft of a contest under an organising unit in the actor's scope and return its slug."""
    at = clock.now()
    with transaction():
        unit = organisation.get_living_unit(organiser, by=by, field="organiser")
        _check_slug(values["slug"], None)
        row = Contest(**values, organiser_id=unit.id, state=ContestState.DRAFT, created_at=at)
        db.session.add(row)
        db.session.flush()
        audit.record("contest-created", "contest", row.id, by=by, at=at, slug=row.slug)
    return row.slug


def _check_slug(slug: str, own_id: int | None) -> None:
    taken = sa.select(Contest.id).where(Contest.slug == slug, Contest.id != (own_id or 0))
    if slug in _NOT_SLUGS or db.session.scalar(taken) is not None:
        raise Invalid(Refusal("slug-taken", field="slug"))


def begin(slug: str, seen: int, by: Actor) -> Contest:
    """Return the contest with its version moved; raises Conflict when somebody saved in between."""
    row = get_contest(slug, by=by)
    moved = sa.update(Contest).where(Contest.id == row.id, Contest.version == seen).values(version=seen + 1)
    if not rowcount(moved.execution_options(synchronize_session=False)):
        raise Conflict(Refusal("changed-meanwhile"))
    if row.state == ContestState.ARCHIVED:
        raise Conflict(Refusal("wrong-state"))
    sa.orm.attributes.set_committed_value(row, "version", seen + 1)
    return row


def change(slug: str, values: Mapping[str, Any], *, seen: int, by: Actor) -> None:
    """Change title, theme or regulations of a contest."""
    at = clock.now()
    with transaction():
        row = begin(slug, seen, by)
        changed = sorted(k for k, v in values.items() if getattr(row, k) != v)
        for name, value in values.items():
            setattr(row, name, value)
        audit.record("contest-changed", "contest", row.id, by=by, at=at, fields=changed)


def choose_unit_ranking(slug: str, formula: Formula, compared: Compared = TAKING_PART, *, seen: int, by: Actor) -> None:
    """Say by which formula which units are compared.

    Raises Invalid for a formula that lacks something or units that are not there, Conflict once results are out.
    """
    refusal = check_formula(formula)
    if refusal is not None:
        raise Invalid(refusal)
    at = clock.now()
    unit_id = compared_unit(compared)
    with transaction():
        row = begin(slug, seen, by)
        refuse_once_settled(row)
        if formula.criterion is UnitCriterion.PERCENT_AND_PRIZES:
            refusal = check_points(formula, prize_names.of_people(row.id))
            if refusal is not None:
                raise Invalid(refusal)
        row.unit_criterion = formula.criterion
        row.unit_least_score = formula.least_score if formula.criterion is UnitCriterion.AT_LEAST else None
        row.unit_best = formula.best if formula.criterion is UnitCriterion.MEAN_OF_BEST else None
        row.unit_prize_points = {prize: str(points) for prize, points in formula.prize_points.items()}
        row.compared, row.compared_unit_id, row.compared_level = compared.which, unit_id, compared.level
        audit.record("contest-changed", "contest", row.id, by=by, at=at, fields=["unit_criterion", "compared"])


def refuse_once_settled(row: Contest) -> None:
    """Raise Conflict for a change of how units are compared once a round's result stands."""
    settled = sa.exists().where(Round.contest_id == row.id, Round.settled_at.is_not(None))
    if db.session.scalar(sa.select(settled)):
        raise Conflict(Refusal("unit-ranking-settled"))


def compared_unit(compared: Compared) -> int | None:
    """Return the unit below which units are compared; raises Invalid for one, or a level, that is not there."""
    living = Unit.valid_to.is_(None)
    on_level = sa.select(sa.exists().where(Unit.level == compared.level, living))
    if compared.which is ComparedUnits.LEVEL and not (compared.level and db.session.scalar(on_level)):
        raise Invalid(Refusal("level-unknown", field="level"))
    if compared.which is not ComparedUnits.BELOW:
        return None
    if not compared.unit:
        raise Invalid(Refusal("required", field="unit"))
    unit_id: int | None = db.session.scalar(sa.select(Unit.id).where(Unit.code == compared.unit, living))
    if unit_id is None:
        raise Invalid(Refusal("unit-unknown", {"code": compared.unit}, "unit"))
    return unit_id


def compared_of(row: Contest) -> Compared:
    """Return which units a contest compares."""
    unit = db.session.get(Unit, row.compared_unit_id) if row.compared_unit_id else None
    return Compared(ComparedUnits(row.compared), unit.code if unit else "", row.compared_level)


def formula_of(row: Contest) -> Formula:
    """Return the formula by which a contest compares its units."""
    return Formula(
        UnitCriterion(row.unit_criterion),
        prize_points={prize: Decimal(points) for prize, points in row.unit_prize_points.items()},
        least_score=row.unit_least_score or Decimal(),
        best=row.unit_best or 0,
    )


def choose_units(
    slug: str,
    codes: Sequence[str],
    *,
    alone: Sequence[str] = (),
    excluded: Sequence[str] = (),
    seen: int,
    by: Actor,
) -> None:
    """Say which units take part: each with all below it, or the unit `alone`; `excluded` ones are taken out again.

    Units of another branch may take part.
    """
    at = clock.now()
    with transaction():
        row = begin(slug, seen, by)
        wanted = [*codes, *alone, *excluded]
        found = {r[0]: r[1] for r in rows(sa.select(Unit.code, Unit.id).where(Unit.code.in_(wanted)))}
        _check_units(codes, alone, excluded, found)
        for table in (ContestUnit, ExcludedUnit):
            db.session.execute(sa.delete(table).where(table.contest_id == row.id))
        chosen = [
            {"contest_id": row.id, "unit_id": found[c], "with_below": c not in alone}
            for c in dict.fromkeys((*codes, *alone))
        ]
        if chosen:
            db.session.execute(sa.insert(ContestUnit), chosen)
        if excluded:
            out = [{"contest_id": row.id, "unit_id": found[c]} for c in dict.fromkeys(excluded)]
            db.session.execute(sa.insert(ExcludedUnit), out)
        told = {"units": sorted(codes), "alone": sorted(alone), "excluded": sorted(excluded)}
        audit.record("contest-units-chosen", "contest", row.id, by=by, at=at, **told)


def _check_units(codes: Sequence[str], alone: Sequence[str], excluded: Sequence[str], found: Mapping[str, int]) -> None:
    """Refuse units that are unknown, said two things of, or taken out of what does not take part."""
    for name, given in (("units", codes), ("alone", alone), ("excluded", excluded)):
        unknown = [code for code in given if code not in found]
        if unknown:
            raise Invalid(Refusal("unit-unknown", {"code": unknown[0]}, name))
    for name, first, second in (("alone", codes, alone), ("excluded", [*codes, *alone], excluded)):
        both = [code for code in second if code in first]
        if both:
            raise Invalid(Refusal("unit-both-ways", {"code": both[0]}, name))
    inside = set(db.session.scalars(organisation.below([found[code] for code in codes])))
    outside = [code for code in excluded if found[code] not in inside]
    if outside:
        raise Invalid(Refusal("exclusion-outside", {"code": outside[0]}, "excluded"))
