"""Setting up a contest: its facts, who takes part, its rounds and papers. Two who edit at once: the second is told."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rowcount, rows, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.models.attempts import Attempt
from contest.models.banks import Bank, Topic
from contest.models.contests import BlueprintLine, Contest, ContestUnit, Round
from contest.models.organisation import Unit
from contest.rules.permissions import Actor
from contest.rules.ranking import check_criteria
from contest.rules.refusals import Refusal
from contest.rules.terms import Board, ContestState, Criterion, Reveal, Role, UnitCriterion
from contest.rules.units import Formula, check_formula
from contest.rules.windows import check_window
from contest.services import audit, organisation

_PAPER = (
    "bank_id",
    "minutes",
    "attempts_allowed",
    "attempts_per",
    "counted",
    "shuffle_questions",
    "shuffle_options",
    "prediction",
)
_NOT_SLUGS = frozenset({"new"})  # words that stand in the same place of an address


@dataclass(frozen=True, slots=True)
class ContestRow:
    slug: str
    title: str
    state: ContestState
    organiser: str
    round_count: int
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class LineView:
    topic_id: int | None
    topic: str
    difficulty: str | None
    count: int


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


def list_rounds(contest_id: int) -> list[Round]:
    query = sa.select(Round).where(Round.contest_id == contest_id).order_by(Round.number)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def list_lines(round_id: int) -> list[LineView]:
    """Return the lines of a round's blueprint with their topics' names."""
    query = (
        sa.select(BlueprintLine.topic_id, Topic.path, BlueprintLine.difficulty, BlueprintLine.count)
        .outerjoin(Topic, Topic.id == BlueprintLine.topic_id)
        .where(BlueprintLine.round_id == round_id)
        .order_by(BlueprintLine.number)
    )
    return [LineView(r[0], r[1] or "", r[2], r[3]) for r in rows(query)]


def list_units(contest_id: int) -> list[tuple[str, str]]:
    """Return the participating units as (code, name)."""
    query = sa.select(Unit.code, Unit.name).join(ContestUnit, ContestUnit.unit_id == Unit.id)
    return [(r[0], r[1]) for r in rows(query.where(ContestUnit.contest_id == contest_id).order_by(Unit.code))]


def create(values: Mapping[str, Any], *, organiser: str, by: Actor) -> str:
    """Make a draft of a contest under an organising unit in the actor's scope and return its slug."""
    at = clock.now()
    with transaction():
        unit = organisation.get_unit(organiser, by=by)
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


def _begin(slug: str, seen: int, by: Actor) -> Contest:
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
        row = _begin(slug, seen, by)
        changed = sorted(k for k, v in values.items() if getattr(row, k) != v)
        for name, value in values.items():
            setattr(row, name, value)
        audit.record("contest-changed", "contest", row.id, by=by, at=at, fields=changed)


def choose_unit_ranking(slug: str, formula: Formula, *, seen: int, by: Actor) -> None:
    """Say by which formula units are compared; raises Invalid for one that lacks something, Conflict once results are out."""
    refusal = check_formula(formula)
    if refusal is not None:
        raise Invalid(refusal)
    at = clock.now()
    with transaction():
        row = _begin(slug, seen, by)
        settled = sa.exists().where(Round.contest_id == row.id, Round.settled_at.is_not(None))
        if db.session.scalar(sa.select(settled)):
            raise Conflict(Refusal("unit-ranking-settled"))
        row.unit_criterion = formula.criterion
        row.unit_least_score = formula.least_score if formula.criterion is UnitCriterion.AT_LEAST else None
        row.unit_best = formula.best if formula.criterion is UnitCriterion.MEAN_OF_BEST else None
        audit.record("contest-changed", "contest", row.id, by=by, at=at, fields=["unit_criterion"])


def formula_of(row: Contest) -> Formula:
    """Return the formula by which a contest compares its units."""
    return Formula(
        UnitCriterion(row.unit_criterion), least_score=row.unit_least_score or Decimal(), best=row.unit_best or 0
    )


def choose_units(slug: str, codes: Sequence[str], *, seen: int, by: Actor) -> None:
    """Say which units take part, each with all below it; units of another branch may."""
    at = clock.now()
    with transaction():
        row = _begin(slug, seen, by)
        found = {r[0]: r[1] for r in rows(sa.select(Unit.code, Unit.id).where(Unit.code.in_(codes)))}
        unknown = [code for code in codes if code not in found]
        if unknown:
            raise Invalid(Refusal("unit-unknown", {"code": unknown[0]}, "units"))
        db.session.execute(sa.delete(ContestUnit).where(ContestUnit.contest_id == row.id))
        if found:
            chosen = [{"contest_id": row.id, "unit_id": unit_id} for unit_id in found.values()]
            db.session.execute(sa.insert(ContestUnit), chosen)
        audit.record("contest-units-chosen", "contest", row.id, by=by, at=at, units=sorted(found))


def add_round(slug: str, values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], *, seen: int, by: Actor) -> str:
    """Add a round behind the others and return its code."""
    at = clock.now()
    _check_round(values)
    with transaction():
        row = _begin(slug, seen, by)
        last = db.session.scalar(sa.select(sa.func.max(Round.number)).where(Round.contest_id == row.id)) or 0
        added = Round(code=secrets.token_urlsafe(6), contest_id=row.id, number=last + 1, **values)
        db.session.add(added)
        db.session.flush()
        _store_lines(added, lines)
        audit.record("round-added", "round", added.id, by=by, at=at, number=added.number)
    return added.code


def change_round(
    slug: str, code: str, values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], *, seen: int, by: Actor
) -> None:
    """Change a round; once somebody has started, its paper and what counts stay as they are."""
    at = clock.now()
    _check_round(values)
    with transaction():
        row = _begin(slug, seen, by)
        changed = get_round(row.id, code)
        _refuse_frozen(changed, values, lines, at)
        fields = {k: [str(getattr(changed, k)), str(v)] for k, v in values.items() if getattr(changed, k) != v}
        for name, value in values.items():
            setattr(changed, name, value)
        if lines_of(changed.id) != [dict(line) for line in lines]:
            db.session.execute(sa.delete(BlueprintLine).where(BlueprintLine.round_id == changed.id))
            _store_lines(changed, lines)
        audit.record("round-changed", "round", changed.id, by=by, at=at, fields=fields)


def get_round(contest_id: int, code: str) -> Round:
    found = db.session.scalar(
        sa.select(Round)
        .where(Round.contest_id == contest_id, Round.code == code)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def lines_of(round_id: int) -> list[dict[str, Any]]:
    """Return the blueprint as it is stored: topic, difficulty, count."""
    return [{"topic_id": x.topic_id, "difficulty": x.difficulty, "count": x.count} for x in list_lines(round_id)]


def _refuse_frozen(row: Round, values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], at: datetime) -> None:
    started = db.session.scalar(sa.select(sa.exists().where(Attempt.round_id == row.id)))
    differs = any(name in values and getattr(row, name) != values[name] for name in _PAPER)
    if started and (differs or lines_of(row.id) != [dict(line) for line in lines]):
        raise Invalid(Refusal("round-has-attempts", field="blueprint"))
    if row.settled_at is not None and any(getattr(row, k) != values[k] for k in ("opens_at", "closes_at", "criteria")):
        raise Invalid(Refusal("round-settled", field="closes_at"))
    if started and row.opens_at != values["opens_at"]:
        raise Invalid(Refusal("round-started", field="opens_at"))
    if row.closes_at != values["closes_at"] and values["closes_at"] <= at:
        raise Invalid(Refusal("closes-in-past", field="closes_at"))


def _check_round(values: Mapping[str, Any]) -> None:
    """Refuse what no round could be, naming every field at once."""
    refusals = [check_window(values["opens_at"], values["closes_at"])]
    criteria = [Criterion(c) for c in values["criteria"]]
    refusals.append(check_criteria(criteria, has_prediction=values["prediction"] is not None))
    if values["reveal"] == Reveal.NOTHING and values["board"] != Board.HIDDEN:
        refusals.append(Refusal("board-tells-scores", field="board"))
    if values["board"] == Board.FROZEN:
        freezes_at = values.get("freezes_at")
        if freezes_at is None or not values["opens_at"] <= freezes_at <= values["closes_at"]:
            refusals.append(Refusal("freeze-outside-window", field="freezes_at"))
    found = [r for r in refusals if r is not None]
    if found:
        raise Invalid(*found)


def _store_lines(row: Round, lines: Sequence[Mapping[str, Any]]) -> None:
    known = sa.select(Topic.id).where(Topic.bank_id == row.bank_id)
    topics = set(db.session.scalars(known))
    for line in lines:
        if line["topic_id"] is not None and line["topic_id"] not in topics:
            raise Invalid(Refusal("not-a-choice", field="blueprint"))
    stored = [{"round_id": row.id, "number": i, **line} for i, line in enumerate(lines, 1)]
    if stored:
        db.session.execute(sa.insert(BlueprintLine), stored)


def remove_round(slug: str, code: str, *, seen: int, by: Actor) -> None:
    """Remove a round in which nobody has started."""
    at = clock.now()
    with transaction():
        row = _begin(slug, seen, by)
        removed = get_round(row.id, code)
        if db.session.scalar(sa.select(sa.exists().where(Attempt.round_id == removed.id))):
            raise Invalid(Refusal("round-has-attempts"))
        db.session.execute(sa.delete(BlueprintLine).where(BlueprintLine.round_id == removed.id))
        db.session.delete(removed)
        audit.record("round-removed", "round", removed.id, by=by, at=at, number=removed.number)


def list_banks() -> list[tuple[int, str, str]]:
    """Return the banks papers may be drawn from as (id, code, name): names alone, no content."""
    return [(r[0], r[1], r[2]) for r in rows(sa.select(Bank.id, Bank.code, Bank.name).order_by(Bank.name))]


def list_topics() -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the topics of every bank: (bank's name, [(id, path)]), so that a bank may be chosen without asking again."""
    query = sa.select(Bank.name, Topic.id, Topic.path).join(Topic, Topic.bank_id == Bank.id)
    found: dict[str, list[tuple[int, str]]] = {}
    for name, topic_id, path in rows(query.order_by(Bank.name, Topic.path)):
        found.setdefault(name, []).append((topic_id, path))
    return list(found.items())
