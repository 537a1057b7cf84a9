"""Contests and rounds as members and visitors see them. A draft does not exist here, but for its organisers' preview."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db.editions import Kept, apart, presuming
from contest.errors import NotFound
from contest.models.awards import Draw, PrizeList
from contest.models.contests import Contest, ContestUnit, Round
from contest.models.entrants import ConsentText, RegistrationSettings
from contest.models.organisation import Unit
from contest.models.overall import OverallResult
from contest.rules.permissions import Actor
from contest.rules.result_terms import AwardState
from contest.rules.terms import ContestState, Phase
from contest.rules.windows import Schedule
from contest.services import organisation
from contest.services.contests import entrants, shared
from contest.services.contests.figures import (
    LISTED,
    NOBODY,
    NOTHING,
    Figures,
    Own,
    figures_of,
    own_in,
    own_listed,
    rounds_query,
)
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
    at = clock.now()
    owned = own_listed(actor, _today(at)) if actor else {}
    return [_view(_SHARED.get(i, _read), owned.get(i, NOTHING), actor, at) for i in _LISTED.get(None, _listed)]


def _listed(_: None) -> tuple[int, ...]:
    listed = sa.select(Contest.id).where(Contest.state.in_(LISTED)).order_by(Contest.published_at.desc())
    return tuple(row[0] for row in apart(listed))


def open_contest(slug: str, *, by: Actor | None) -> tuple[Actor | None, ContestView]:
    """Return who is signed in, by the one statement that reads what they have of a contest, and the contest.

    Raises NotFound for a draft as for none. Where the session has ended it is what visitors see.
    """
    return _open(lambda: _BY_SLUG.get(slug, _find_by_slug), by)


def get_contest(slug: str, *, actor: Actor | None) -> ContestView:
    """Return a contest that members may see; raises NotFound for a draft as for none."""
    return open_contest(slug, by=actor)[1]


def preview(row: Contest, *, actor: Actor) -> ContestView:
    """Return a contest as members would see it, whatever its state; its organiser has already been found to be one."""
    return replace(_open(lambda: row.id, actor)[1], is_preview=True)


def open_round(code: str, *, by: Actor | None) -> tuple[Actor | None, tuple[ContestView, RoundView]]:
    """Return who is signed in as `open_contest` does, and a round with its contest; raises NotFound for one of a draft."""

    def find() -> int | None:
        found = shared.find_round(code)
        return found.contest.id if found else None

    actor, contest = _open(find, by)
    return actor, (contest, next(r for r in contest.rounds if r.code == code))


def get_round(code: str, *, actor: Actor | None) -> tuple[ContestView, RoundView]:
    """Return a round with its contest; raises NotFound for one of a draft."""
    return open_round(code, by=actor)[1]


def _open(find: Callable[[], int | None], by: Actor | None) -> tuple[Actor | None, ContestView]:
    at = clock.now()

    def own() -> tuple[Actor | None, Own]:
        contest_id = find()
        return own_in(contest_id, by, _today(at)) if by and contest_id is not None else (None, NOTHING)

    actor, mine = presuming(own) if by else (None, NOTHING)
    contest_id = find()
    if contest_id is None:
        raise NotFound
    return actor, _view(_SHARED.get(contest_id, _read), mine, actor, at)


def _today(at: datetime) -> date:
    return organisation.speech().local(at).date()


@dataclass(frozen=True, slots=True)
class _Shared:
    """What of a contest is the same for all who see it."""

    row: Contest
    rounds: tuple[tuple[Round, Figures, Schedule], ...]
    facts: tuple[Any, ...]


_SHARED: Kept[int, _Shared] = Kept()
_LISTED: Kept[None, tuple[int, ...]] = Kept()
_BY_SLUG: Kept[str, int | None] = Kept()


def _find_by_slug(slug: str) -> int | None:
    found = apart(sa.select(Contest.id).where(Contest.slug == slug, Contest.state != ContestState.DRAFT))
    return found[0][0] if found else None


def _read(contest_id: int) -> _Shared:
    (row,) = apart(sa.select(Contest).where(Contest.id == contest_id))[0]
    rounds = apart(rounds_query().where(Round.contest_id == contest_id).order_by(Round.number))
    schedules = schedules_of([r[0] for r in rounds])
    together = tuple((r[0], figures_of(*r[1:]), schedules[r[0].id]) for r in rounds)
    return _Shared(row, together, tuple(_contest_facts(contest_id)))


def _view(shared: _Shared, own: Own, actor: Actor | None, at: datetime) -> ContestView:
    rounds = tuple(
        round_view(
            row, shared.row, own.rounds.get(row.id, NOBODY), own.known.barred, actor, at, figures=figures, schedule=schedule
        )
        for row, figures, schedule in shared.rounds
    )  # fmt: skip
    return _contest_view(shared.row, rounds, own.known, *shared.facts)


def _contest_facts(contest_id: int) -> sa.Row[Any]:
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
    query = sa.select(Unit.name, units, registers, asks, prizes, overall).select_from(Contest)
    query = query.join(Unit, Unit.id == Contest.organiser_id)
    return apart(query.where(Contest.id == contest_id))[0]


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
