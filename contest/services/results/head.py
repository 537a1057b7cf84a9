"""What every board is headed by: the round, what it may show now, and as of when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from contest import clock
from contest.db import db
from contest.db.editions import Kept, apart
from contest.errors import NotFound
from contest.models.contests import Round
from contest.models.organisation import Unit
from contest.models.results import Settlement, SettlementStep
from contest.rules.result_terms import Step
from contest.rules.terms import Board
from contest.rules.units import Formula
from contest.services.contests import setup, shared
from contest.services.results import versions

SETTLED = frozenset({"provisional", "final"})
UNDER_WAY = timedelta(seconds=10)  # for as long may what was handed in before an instant still be on its way
COUNT_SECONDS = 5.0  # how old a count of a moving board may be; its table says as of when


@dataclass(frozen=True, slots=True)
class Head:
    """A round with what its boards are headed by."""

    row: Round
    slug: str
    title: str
    formula: Formula
    four_eyes: bool
    status: str
    settlement: Settlement | None
    published_at: datetime | None
    at: datetime

    @property
    def is_hidden(self) -> bool:
        return self.status in {"hidden", "waiting"}

    @property
    def is_settled(self) -> bool:
        """Places are computed and shown, whether somebody has approved them yet or not."""
        return self.status in SETTLED

    @property
    def as_of(self) -> datetime:
        if self.is_settled and self.settlement:
            return self.settlement.settled_at
        return self.row.freezes_at if self.status == "frozen" and self.row.freezes_at else self.at

    @property
    def since(self) -> float | None:
        """Since when, by the ticks, a replica has to be up to show this board; None leaves that to how far any may be behind."""
        return frozen_since(self.row, self.at) if self.status == "frozen" else None


def status_of(row: Round, at: datetime, *, published: bool) -> str:
    """Return what a board shows now: `hidden`, `live`, `frozen`, `waiting` for its result, `provisional` or `final`.

    A result that is not to be seen yet hides the board, however it was while the round was open.
    """
    if row.shown_at is not None:
        return "final" if published else "provisional"
    if row.settled_at is not None or (row.board == Board.HIDDEN and at >= row.closes_at):
        return "waiting"
    if row.board == Board.HIDDEN:
        return "hidden"
    if row.board == Board.FROZEN and row.freezes_at is not None and at >= row.freezes_at:
        return "frozen"
    return "live"


def frozen_since(row: Round, at: datetime) -> float | None:
    """Return when, by the ticks, everything that a frozen board shows was committed; None for a round that freezes nothing."""
    if row.freezes_at is None:
        return None
    return clock.ticks() - (at - row.freezes_at - UNDER_WAY).total_seconds()


def get_head(code: str) -> Head:
    """Return the head of a round's boards; raises NotFound for a round of a draft."""
    found = shared.find_round(code)
    if found is None:
        raise NotFound
    at, contest = clock.now(), found.contest
    settlement, published = _SHOWN.get(found.row.id, _read_shown)
    status = status_of(found.row, at, published=published is not None)
    formula = setup.formula_of(contest)
    return Head(found.row, contest.slug, contest.title, formula, contest.four_eyes, status, settlement, published, at)


_Shown = tuple[Settlement | None, datetime | None]  # the version that is shown, and since when it is official
_SHOWN: Kept[int, _Shown] = Kept()


def _read_shown(round_id: int) -> _Shown:
    published_at = (
        sa.select(SettlementStep.at)
        .where(SettlementStep.settlement_id == Settlement.id, SettlementStep.step == Step.PUBLISHED)
        .correlate(Settlement)
        .scalar_subquery()
    )
    shown = sa.select(Settlement, published_at).where(Settlement.round_id == round_id, versions.is_shown())
    found = apart(shown.order_by(Settlement.version.desc()).limit(1))
    return (found[0][0], found[0][1]) if found else (None, None)


def find_unit_id(code: str) -> int | None:
    """Return a unit's id, None for no code; raises NotFound for an unknown one."""
    if not code:
        return None
    unit_id = db.session.scalar(sa.select(Unit.id).where(Unit.code == code))
    if unit_id is None:
        raise NotFound
    return unit_id
