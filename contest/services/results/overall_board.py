"""The overall standing as the public sees it: pages by key, one's own place always, and why one stands there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest.db import db, elsewhere, read_cursor, rows
from contest.errors import NotFound
from contest.models.contests import Contest, Round
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.models.overall import OverallResult, OverallRound, OverallRule, OverallStanding
from contest.models.results import Result, Settlement, SettlementStep, Standing
from contest.rules.overall import OverallMerit, RoundMerit, Rule, counted_rounds, overall_merit
from contest.rules.permissions import Actor
from contest.rules.result_terms import Step
from contest.rules.terms import ContestState
from contest.services.contests import consents
from contest.services.contests.overall import rule_of
from contest.services.results import overall, versions

PAGE = 50


@dataclass(frozen=True, slots=True)
class CountedRound:
    """A round that is in the overall standing, and whether its result is out, and published."""

    code: str
    title: str
    is_shown: bool
    is_published: bool
    names_public: bool
    asks_prediction: bool


@dataclass(frozen=True, slots=True)
class OverallHead:
    """A contest with what its overall standing is headed by."""

    contest_id: int
    contest_slug: str
    contest_title: str
    rule: Rule
    rounds: tuple[CountedRound, ...]
    version: int | None
    computed_at: datetime | None
    participants: int

    @property
    def shown_count(self) -> int:
        return sum(r.is_shown for r in self.rounds)

    @property
    def status(self) -> str:
        """What the board shows: `waiting` for a first round, `partial`, `provisional` or `final`."""
        if self.version is None:
            return "waiting"
        if self.shown_count < len(self.rounds):
            return "partial"
        return "final" if all(r.is_published for r in self.rounds) else "provisional"

    @property
    def asks_prediction(self) -> bool:
        return any(r.asks_prediction for r in self.rounds)


@dataclass(frozen=True, slots=True)
class OverallRow:
    place: int
    name: str | None
    unit: str
    rounds_taken: int
    correct: Decimal
    points: Decimal
    prediction_error: int | None
    duration: timedelta
    is_me: bool


@dataclass(frozen=True, slots=True)
class OverallView:
    """One page of an overall standing; `gap` is how many people stand between the page and the reader's own row."""

    head: OverallHead
    rows: tuple[OverallRow, ...]
    mine: OverallRow | None
    gap: int
    next: str | None
    names_shown: bool


@dataclass(frozen=True, slots=True)
class WhyRound:
    """A round in which the person stands, with what it gives and whether that counts."""

    title: str
    total: int
    merit: RoundMerit
    is_counted: bool

    @property
    def duration(self) -> timedelta:
        return timedelta(seconds=self.merit.duration_seconds)


@dataclass(frozen=True, slots=True)
class OverallWhy:
    """A place explained: every round of the person, and what the counted ones come to (`merit`)."""

    head: OverallHead
    place: int
    tied: int
    rounds: tuple[WhyRound, ...]
    merit: OverallMerit


def get_head(slug: str) -> OverallHead:
    """Return the head of a contest's overall standing; raises NotFound for a draft, and where there is none."""
    query = (
        sa.select(Contest, OverallRule, OverallResult)
        .join(OverallRule, OverallRule.contest_id == Contest.id)
        .outerjoin(OverallResult, OverallResult.contest_id == Contest.id)
        .where(Contest.slug == slug, Contest.state != ContestState.DRAFT)
    )
    found = db.session.execute(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    contest, rule, result = found
    return OverallHead(
        contest.id,
        contest.slug,
        contest.title,
        rule_of(rule),
        rounds_in(contest.id),
        result.version if result else None,
        result.computed_at if result else None,
        result.participants if result else 0,
    )


def rounds_in(contest_id: int) -> tuple[CountedRound, ...]:
    """Return the rounds that are in the overall standing of a contest, by number."""
    latest = (
        sa.select(Settlement.id)
        .where(Settlement.round_id == Round.id, versions.is_shown())
        .order_by(Settlement.version.desc())
        .limit(1)
        .correlate(Round)
        .scalar_subquery()
    )
    published = sa.exists().where(
        SettlementStep.settlement_id == latest, SettlementStep.step == Step.PUBLISHED, Round.shown_at.is_not(None)
    )
    query = (
        sa.select(
            Round.code, Round.title, Round.shown_at.is_not(None), published, Round.names_public,
            Round.prediction.is_not(None),
        )
        .join(OverallRound, OverallRound.round_id == Round.id)
        .where(OverallRound.contest_id == contest_id)
        .order_by(Round.number)
    )  # fmt: skip
    return tuple(CountedRound(r[0], r[1], *(bool(v) for v in r[2:])) for r in rows(query))


def people(slug: str, *, actor: Actor | None, after: str = "") -> OverallView:
    """Return one page of a contest's overall standing, behind the cursor `after`."""
    head = get_head(slug)
    names_shown = actor is not None or all(r.names_public for r in head.rounds if r.is_shown)
    of_contest = OverallStanding.contest_id == head.contest_id
    query = _query(head.contest_id, actor).where(of_contest)
    page = query.order_by(OverallStanding.key, OverallStanding.member_id).limit(PAGE + 1)
    if after:
        page = page.where(_position() > _cursor(after))
    found = elsewhere(lambda: rows(page))
    last = found[PAGE - 1] if len(found) > PAGE else None
    shown = found[:PAGE]
    mine, gap = None, 0
    if actor is not None and actor.member_id is not None:
        own = db.session.execute(query.where(OverallStanding.member_id == actor.member_id)).first()
        if own is not None:
            mine, gap = _row(own, actor, names_shown), _between(head.contest_id, shown, own)
    return OverallView(
        head,
        tuple(_row(r, actor, names_shown) for r in shown),
        mine,
        gap,
        f"{last.key.hex()}.{last.member_id}" if last is not None else None,
        names_shown,
    )


def _position() -> Any:
    return sa.tuple_(OverallStanding.key, OverallStanding.member_id)


def _cursor(after: str) -> Any:
    found = read_cursor(after)
    if found is None:
        raise NotFound
    return sa.tuple_(sa.literal(found[0], sa.LargeBinary), sa.literal(found[1]))


def _query(contest_id: int, actor: Actor | None) -> sa.Select[Any]:
    """Return the rows of a board; visitors read the names of those who consented to that."""
    named = sa.true() if actor is not None else consents.may_be_named(contest_id, OverallStanding.member_id)
    table = OverallStanding
    return (
        sa.select(
            table.key, table.member_id, table.place, Member.full_name, named.label("is_named"),
            sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name).label("unit"),
            table.rounds_taken, table.correct, table.points, table.prediction_error, table.duration_seconds,
        )
        .join(Member, Member.id == table.member_id)
        .join(Unit, Unit.id == table.unit_id)
    )  # fmt: skip


def _row(r: Any, actor: Actor | None, names_shown: bool) -> OverallRow:
    is_me = actor is not None and r.member_id == actor.member_id
    name = r.full_name if (names_shown and r.is_named) or is_me else None
    span = timedelta(seconds=r.duration_seconds)
    return OverallRow(r.place, name, r.unit, r.rounds_taken, r.correct, r.points, r.prediction_error, span, is_me)


def _between(contest_id: int, shown: list[Any], own: Any) -> int:
    """Count who stands between the last row shown and the reader's own, when that comes after it."""
    if not shown or (own.key, own.member_id) <= (shown[-1].key, shown[-1].member_id):
        return 0
    low, high = (sa.tuple_(sa.literal(r.key, sa.LargeBinary), sa.literal(r.member_id)) for r in (shown[-1], own))
    inside = sa.select(sa.func.count()).select_from(OverallStanding).where(OverallStanding.contest_id == contest_id)
    return int(db.session.scalar(inside.where(_position() > low, _position() < high)) or 0)


def why(slug: str, *, actor: Actor) -> OverallWhy:
    """Explain the reader's own overall place; raises NotFound for who has none."""
    head = get_head(slug)
    mine = OverallStanding.contest_id == head.contest_id, OverallStanding.member_id == actor.member_id
    standing = db.session.scalar(sa.select(OverallStanding).where(*mine).execution_options(populate_existing=True))
    if standing is None or actor.member_id is None:
        raise NotFound
    same = OverallStanding.contest_id == head.contest_id, OverallStanding.place == standing.place
    tied = int(db.session.scalar(sa.select(sa.func.count()).select_from(OverallStanding).where(*same)) or 1) - 1
    own, merit = _why_rounds(head, actor.member_id)
    return OverallWhy(head, standing.place, tied, own, merit)


def _why_rounds(head: OverallHead, member_id: int) -> tuple[tuple[WhyRound, ...], OverallMerit]:
    """Return every round of a person, and what those that count come to."""
    ids = [i for i, _ in overall.shown_versions([head.contest_id])[head.contest_id]]
    named = (
        sa.select(Round.number, Round.title, Result.question_count)
        .join(Standing, Standing.round_id == Round.id)
        .join(Result, Result.attempt_id == Standing.attempt_id)
        .where(Round.id.in_(ids), Standing.member_id == member_id)
    )
    titles = {r[0]: (r[1], r[2]) for r in rows(named)}
    registered = overall.registered(head.rule, ids, [member_id]).get(member_id)
    own = [t.merit for _, found in overall.taken(ids, member_id) for t in found]
    counted = {r.number for r in counted_rounds(own, head.rule)}
    told = tuple(WhyRound(*titles[m.number], m, m.number in counted) for m in own)
    return told, overall_merit(own, head.rule, registered)
