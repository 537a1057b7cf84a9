"""Contests and rounds as members and visitors see them. A draft does not exist here, but for its organisers' preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows
from contest.errors import NotFound
from contest.models.contests import Contest, ContestUnit, Round
from contest.models.organisation import Unit, UnitAncestor
from contest.rules.attempts import may_start
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import (
    Board,
    ContestState,
    Counted,
    Criterion,
    LimitPer,
    Phase,
    PredictionTarget,
)
from contest.rules.windows import Schedule, Window, deadline
from contest.services.contests.figures import extra_of, mine_in, rounds_of
from contest.services.contests.limits import period_of, since_of
from contest.services.contests.schedules import schedules_of


@dataclass(frozen=True, slots=True)
class MyPlace:
    """Where a person stands in a settled round, and what the attempt that counts achieved."""

    place: int
    correct: Decimal
    total: int


@dataclass(frozen=True, slots=True)
class RoundView:
    code: str
    number: int
    title: str
    phase: Phase
    opens_at: datetime
    closes_at: datetime
    minutes: int
    question_count: int
    prediction: PredictionTarget | None
    attempts_allowed: int | None
    attempts_per: LimitPer
    attempts_used: int
    attempts_left: int | None
    open_attempt: str | None
    may_start: bool
    why_not: Refusal | None
    counted: Counted
    criteria: tuple[Criterion, ...]
    board: Board
    board_visible: bool
    is_settled: bool
    names_public: bool
    schedule: Schedule
    extra: timedelta
    window_closes_at: datetime
    mine: MyPlace | None = None
    last_attempt: str | None = None
    voided_attempt: str | None = None

    def ends_at(self, at: datetime) -> datetime:
        """Return when an attempt would end that is started now."""
        return deadline(self.schedule.about(at), at, timedelta(minutes=self.minutes), self.extra)

    def is_cut(self, at: datetime) -> bool:
        """Say whether the close of the window would cut an attempt started now."""
        return self.schedule.about(at).closes_at < at + timedelta(minutes=self.minutes)

    @property
    def extra_minutes(self) -> int:
        return int(self.extra.total_seconds()) // 60

    def opens_next(self, at: datetime) -> datetime | None:
        """Return when one may start, where one has to wait for it: the opening of the round or of its next window."""
        again = self.schedule.opens_again(at)
        return None if again == at else again


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
    rounds, counts = [r[0] for r in counted], {r[0].id: int(r[1]) for r in counted}
    extra = {r[0].id: extra_of(*r) for r in counted}
    schedules = schedules_of(rounds)
    mine = mine_in({r.id: since_of(r, at) for r in rounds}, actor)
    taking_part = _taking_part(ids, actor)
    facts = {row[0]: row[1:] for row in _contest_facts(ids)}
    views = []
    for contest in found:
        own = tuple(
            _round_view(
                r,
                contest,
                counts.get(r.id, 0),
                mine.get(r.id),
                contest.id in taking_part,
                actor,
                at,
                schedule=schedules[r.id],
                extra=extra[r.id],
            )
            for r in rounds
            if r.contest_id == contest.id
        )
        views.append(_contest_view(contest, own, *facts[contest.id]))
    return views


def _contest_facts(ids: Sequence[int]) -> list[sa.Row[Any]]:
    units = (
        sa.select(sa.func.count())
        .select_from(ContestUnit)
        .where(ContestUnit.contest_id == Contest.id)
        .correlate(Contest)
        .scalar_subquery()
    )
    return rows(
        sa.select(Contest.id, Unit.name, units).join(Unit, Unit.id == Contest.organiser_id).where(Contest.id.in_(ids))
    )


def _taking_part(contest_ids: Sequence[int], actor: Actor | None) -> frozenset[int]:
    if actor is None or actor.unit_id is None:
        return frozenset()
    query = (
        sa.select(ContestUnit.contest_id)
        .join(UnitAncestor, UnitAncestor.ancestor_id == ContestUnit.unit_id)
        .where(
            ContestUnit.contest_id.in_(contest_ids),
            UnitAncestor.unit_id == actor.unit_id,
            UnitAncestor.valid_to.is_(None),
        )
    )
    return frozenset(db.session.scalars(query))


def _round_view(
    row: Round,
    contest: Contest,
    question_count: int,
    mine: Mapping[str, Any] | None,
    takes_part: bool,
    actor: Actor | None,
    at: datetime,
    *,
    schedule: Schedule,
    extra: timedelta,
) -> RoundView:
    window = Window(row.opens_at, row.closes_at)
    used, recent = (int(mine["used"]), int(mine["recent"])) if mine else (0, 0)
    open_attempt = mine["open"] if mine else None
    why_not = may_start(
        window,
        at,
        used=recent,
        allowed=row.attempts_allowed,
        has_open=open_attempt is not None,
        takes_part=takes_part or actor is None,
        within=period_of(row, at),
        schedule=schedule,
    )
    if contest.state == ContestState.ARCHIVED and why_not is None:
        why_not = Refusal("round-closed", {"closes_at": row.closes_at})
    settled = row.settled_at is not None
    placed = settled and mine is not None and mine["place"] is not None
    return RoundView(
        code=row.code,
        number=row.number,
        title=row.title,
        phase=window.phase(at),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        minutes=row.minutes,
        question_count=question_count,
        prediction=PredictionTarget(row.prediction) if row.prediction else None,
        attempts_allowed=row.attempts_allowed,
        attempts_per=LimitPer(row.attempts_per),
        attempts_used=used,
        attempts_left=None if row.attempts_allowed is None else max(0, row.attempts_allowed - recent),
        open_attempt=open_attempt,
        may_start=actor is not None and why_not is None and open_attempt is None,
        why_not=why_not,
        counted=Counted(row.counted),
        criteria=tuple(Criterion(c) for c in row.criteria),
        board=Board(row.board),
        board_visible=settled or (row.board != Board.HIDDEN and at >= row.opens_at),
        is_settled=settled,
        names_public=row.names_public,
        schedule=schedule,
        extra=extra,
        window_closes_at=schedule.about(at).closes_at,
        mine=MyPlace(mine["place"], mine["correct"], mine["question_count"]) if mine and placed else None,
        last_attempt=mine["counted"] if mine else None,
        voided_attempt=mine["voided"] if mine else None,
    )


def _contest_view(row: Contest, rounds: tuple[RoundView, ...], organiser: str, unit_count: int) -> ContestView:
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
    )
