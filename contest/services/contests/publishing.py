"""Publishing and archiving, the checklist of what is missing, and whether the approved bank fills each paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rowcount, transaction
from contest.errors import Conflict, Invalid
from contest.models.contests import Contest, ContestUnit, Round
from contest.rules.blueprints import Cell, Line, check_blueprint, fixed_in, shortfalls
from contest.rules.permissions import Actor
from contest.rules.ranking import check_criteria
from contest.rules.refusals import Refusal
from contest.rules.terms import ContestState, Criterion, Reveal
from contest.rules.worth import Negative, Worth, most_points
from contest.services import audit, organisation
from contest.services.banks import needs, sources
from contest.services.banks.blueprints import line_of, lines_of
from contest.services.banks.shelf import stock_of, undrawn_count
from contest.services.contests import blueprint_lines, registration_setup, rounds, setup


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to be done before publishing; `refusals` say what is missing, none means done."""

    section: str
    refusals: tuple[Refusal, ...]
    round_title: str | None = None

    @property
    def is_done(self) -> bool:
        return not self.refusals


def checklist(row: Contest) -> list[Check]:
    """Return everything a contest needs before it can be published, done or not."""
    own = rounds.list_rounds(row.id)
    has_units = db.session.scalar(sa.select(sa.exists().where(ContestUnit.contest_id == row.id)))
    checks = [
        Check("regulations", () if row.regulations.strip() else (Refusal("no-regulations"),)),
        Check("units", () if has_units else (Refusal("no-units"),)),
        Check("rounds", _rounds(own)),
    ]
    missing = registration_setup.missing_of(row.id, names_public=any(r.names_public for r in own))
    checks += [Check(section, refusals) for section, refusals in missing.items()]
    for r in own:
        checks.append(Check("ranking", _ranking(r), r.title))
        checks.append(Check("paper", paper_refusals(r), r.title))
    return checks


def early_keys(own: Sequence[Round]) -> list[str]:
    """Return the titles of rounds whose keys come out while a later round still draws from the same bank."""
    return [
        r.title
        for r in own
        if r.reveal_after_close == Reveal.REVIEW
        and any(o.bank_id == r.bank_id and o.closes_at > r.closes_at for o in own if r.bank_id is not None)
    ]


def doubtful_sources(own: Sequence[Round]) -> list[tuple[str, int]]:
    """Return (title, how many) of rounds that can still draw questions whose legal source was amended or repealed since."""
    at = clock.now()
    own = [r for r in own if r.closes_at > at]
    found = sources.doubtful_supply([r.bank_id for r in own if r.bank_id is not None])
    counts = [(r.title, _doubtful_in(lines_of(r.id), found[r.bank_id])) for r in own if r.bank_id in found]
    return [(title, n) for title, n in counts if n]


def _doubtful_in(lines: Sequence[Line], doubtful: Mapping[Cell, int]) -> int:
    """Count the doubtful questions that lines can draw, and those that are fixed beside them."""
    drawn = {cell for cell in doubtful if any(line.takes(*cell) for line in lines)}
    fixed = sources.doubtful_of(fixed_in(lines))
    return sum(doubtful[cell] for cell in drawn) + sum(cell not in drawn for cell in fixed)


def _rounds(own: Sequence[Round]) -> tuple[Refusal, ...]:
    """Refuse a contest without a round, or with none that anybody could still take."""
    if not own:
        return (Refusal("no-rounds"),)
    return () if any(r.closes_at > clock.now() for r in own) else (Refusal("closes-in-past"),)


def _ranking(row: Round) -> tuple[Refusal, ...]:
    refusal = check_criteria([Criterion(c) for c in row.criteria], has_prediction=row.prediction is not None)
    return (refusal,) if refusal else ()


def paper_refusals(row: Round) -> tuple[Refusal, ...]:
    """Return why the paper of a round cannot be drawn from the approved bank as it is now."""
    if row.bank_id is None:
        return (Refusal("no-bank"),)
    lines = lines_of(row.id)
    stock = stock_of(row.bank_id, fixed_in(lines))
    return check_blueprint(lines, stock.single, stock.groups)


def publish(slug: str, *, seen: int, by: Actor) -> None:
    """Publish a draft; raises Invalid naming what is missing."""
    at = clock.now()
    settings = organisation.find_organisation()
    with transaction():
        row = setup.get_contest(slug, by=by)
        needs.hold(*(r.bank_id for r in rounds.list_rounds(row.id) if r.bank_id is not None))
        missing = [r for c in checklist(row) for r in c.refusals]
        if missing:
            raise Invalid(Refusal("not-ready", {"count": len(missing)}), *missing)
        values = {"published_at": at, "four_eyes": settings.four_eyes if settings else True}
        _step(row, ContestState.DRAFT, ContestState.PUBLISHED, seen, values)
        audit.record("contest-published", "contest", row.id, by=by, at=at)


def archive(slug: str, *, seen: int, by: Actor) -> None:
    """Archive a published contest: results stay readable, nothing can be started any more."""
    at = clock.now()
    with transaction():
        row = setup.get_contest(slug, by=by)
        _step(row, ContestState.PUBLISHED, ContestState.ARCHIVED, seen, {})
        audit.record("contest-archived", "contest", row.id, by=by, at=at)


def _step(row: Contest, before: ContestState, after: ContestState, seen: int, values: dict[str, object]) -> None:
    mine = sa.update(Contest).where(Contest.id == row.id, Contest.version == seen, Contest.state == before)
    moved = mine.values(state=after, version=seen + 1, **values)
    if not rowcount(moved.execution_options(synchronize_session=False)):
        raise Conflict(Refusal("changed-meanwhile" if row.state == before else "wrong-state"))


@dataclass(frozen=True, slots=True)
class Supply:
    """How far the approved bank fills the lines of a blueprint: what is asked, and per line what is missing.

    `undrawn` are approved, but people have to mark them; `points` is what a paper is worth.
    """

    asked: int
    missing: tuple[int, ...]
    available: int
    undrawn: int = 0
    by_cell: Mapping[Cell, int] = field(default_factory=dict)
    points: Decimal = Decimal()

    @property
    def is_enough(self) -> bool:
        return self.asked > 0 and not any(self.missing)


def supply_for(bank_id: int | None, lines: Sequence[Mapping[str, Any]]) -> Supply:
    """Hold lines that are being filled in against the approved bank."""
    lines = [blueprint_lines.whole_line(line) for line in lines]
    asked = sum(line["count"] for line in lines)
    points = most_points((line["count"], Worth.read(line["worth"])) for line in lines)
    if bank_id is None:
        return Supply(asked, (), 0, points=points)
    read = [line_of(**line, negative=Negative.NONE) for line in lines]
    stock = stock_of(bank_id, fixed_in(read))
    supply, missing = stock.by_cell, shortfalls(read, stock.single, stock.groups)
    return Supply(asked, missing, sum(supply.values()), undrawn_count(bank_id), supply, points)
