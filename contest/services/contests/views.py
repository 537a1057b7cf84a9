"""Contests and rounds as members and visitors see them. A draft does not exist here, but for its organisers' preview."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows
from contest.errors import NotFound
from contest.models.awards import Draw, PrizeList
from contest.models.contests import Contest, ContestUnit, Round
from contest.models.entrants import ConsentText, RegistrationSettings
from contest.models.organisation import Unit
from contest.models.overall import OverallResult
from contest.rules.permissions import Actor
from contest.rules.result_terms import AwardState
from contest.rules.terms import ContestState, Phase
from contest.services.contests import entrants
from contest.services.contests.figures import figures_of, mine_in, rounds_of
from contest.services.contests.limits import since_of
from contest.services.contests.round_views import RoundView, round_view
from contest.services.contests.schedules import schedules_of


@dataclass(frozen=True, slots=True)
class ContestView:
    slug: str
    title: str
    theme: str
    organiser_name: str
    regulations: str
    starts_at: datetime | None
    ends_at: datetime | None
    unit_count: int
    phase: Phase
    state: ContestState
    four_eyes: bool
    rounds: tuple[RoundView, ...]
    registers: bool = False
    asks_consent: bool = False
    has_prizes: bool = False
    has_overall: bool = False
    known: entrants.Known = entrants.NOBODY
    is_preview: bool = False

    @property
    def current(self) -> RoundView | None:
        """The round that matters now: the open one, else the next, else the last."""
        by_phase = {phase: [r for r in self.rounds if r.phase is phase] for phase in Phase}
        for phase in (Phase.OPEN, Phase.BEFORE):
            if by_phase[phase]:
                return by_phase[phase][0]
        return self.rounds[-1] if self.rounds else None


def list_contests(*, actor: Actor | None) -> list[ContestView]:
    """Return the published and archived contests with their rounds, the latest first."""
    query = sa.select(Contest).where(Contest.state.in_([ContestState.PUBLISHED, ContestState.ARCHIVED]))
    return _views(list(db.session.scalars(query.order_by(Contest.published_at.desc()))), actor)


def get_contest(slug: str, *, actor: Actor | None) -> ContestView:
    """Return a contest that members may see; raises NotFound for a draft as for none."""
    row = db.session.scalar(sa.select(Contest).where(Contest.slug == slug, Contest.state != ContestState.DRAFT))
    if row is None:
        raise NotFound
    return _views([row], actor)[0]


def preview(row: Contest, *, actor: Actor) -> ContestView:
    """Return a contest as members would see it, whatever its state; its organiser has already been found to be one."""
    return replace(_views([row], actor)[0], is_preview=True)


def get_round(code: str, *, actor: Actor | None) -> tuple[ContestView, RoundView]:
    """Return a round with its contest; raises NotFound for one of a draft."""
    own = sa.select(Round.contest_id).where(Round.code == code).scalar_subquery()
    row = db.session.scalar(sa.select(Contest).where(Contest.id == own, Contest.state != ContestState.DRAFT))
    if row is None:
        raise NotFound
    contest = _views([row], actor)[0]
    return contest, next(r for r in contest.rounds if r.code == code)


def _views(found: Sequence[Contest], actor: Actor | None) -> list[ContestView]:
    """Make the views of several contests with a fixed number of queries."""
    at, ids = clock.now(), [c.id for c in found]
    if not ids:
        return []
    counted = rounds_of(ids, actor, at)
    rounds, figures = [r[0] for r in counted], {r[0].id: figures_of(*r) for r in counted}
    schedules = schedules_of(rounds)
    mine = mine_in({r.id: since_of(r, at) for r in rounds}, actor)
    known = entrants.of_contests(ids, actor)
    facts = {row[0]: row[1:] for row in _contest_facts(ids)}
    views = []
    for contest in found:
        own = tuple(
            round_view(
                r,
                contest,
                mine.get(r.id),
                known[contest.id].barred,
                actor,
                at,
                figures=figures[r.id],
                schedule=schedules[r.id],
            )
            for r in rounds
            if r.contest_id == contest.id
        )
        views.append(_contest_view(contest, own, known[contest.id], *facts[contest.id]))
    return views


def _contest_facts(ids: Sequence[int]) -> list[sa.Row[Any]]:
    units = (
        sa.select(sa.func.count())
        .select_from(ContestUnit)
        .where(ContestUnit.contest_id == Contest.id)
        .correlate(Contest)
        .scalar_subquery()
    )
    registers = sa.exists().where(RegistrationSettings.contest_id == Contest.id)
    asks = sa.exists().where(ConsentText.contest_id == Contest.id)
    announced = sa.exists().where(PrizeList.contest_id == Contest.id, PrizeList.state == AwardState.ANNOUNCED)
    prizes = sa.or_(announced, sa.exists().where(Draw.contest_id == Contest.id))
    overall = sa.exists().where(OverallResult.contest_id == Contest.id)
    query = sa.select(Contest.id, Unit.name, units, registers, asks, prizes, overall).join(
        Unit, Unit.id == Contest.organiser_id
    )
    return rows(query.where(Contest.id.in_(ids)))


def _contest_view(
    row: Contest,
    rounds: tuple[RoundView, ...],
    known: entrants.Known,
    organiser: str,
    unit_count: int,
    registers: bool,
    asks_consent: bool,
    has_prizes: bool,
    has_overall: bool,
) -> ContestView:
    starts = min((r.opens_at for r in rounds), default=None)
    ends = max((r.closes_at for r in rounds), default=None)
    phases = {r.phase for r in rounds}
    phase = Phase.OPEN if Phase.OPEN in phases else Phase.BEFORE if Phase.BEFORE in phases else Phase.CLOSED
    return ContestView(
        slug=row.slug,
        title=row.title,
        theme=row.theme,
        organiser_name=organiser,
        regulations=row.regulations,
        starts_at=starts,
        ends_at=ends,
        unit_count=unit_count,
        phase=phase,
        state=ContestState(row.state),
        four_eyes=row.four_eyes,
        rounds=rounds,
        registers=registers,
        asks_consent=asks_consent,
        has_prizes=has_prizes,
        has_overall=has_overall,
        known=known,
    )
