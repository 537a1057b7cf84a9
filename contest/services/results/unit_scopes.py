"""What a board of units is about: a round or a whole contest, summed up in which tree, and what may be shown of it now."""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows
from contest.errors import NotFound
from contest.models.contests import Contest, Round
from contest.models.results import Settlement
from contest.rules.terms import ContestState
from contest.rules.unit_terms import UnitCriterion
from contest.rules.units import Formula
from contest.services.contests import setup
from contest.services.results import turnouts, versions
from contest.services.results.head import SETTLED, get_head, status_of
from contest.services.results.turnouts import Counting

ALWAYS = (UnitCriterion.RATIO, UnitCriterion.PARTICIPANTS)  # what a reader may choose beside the contest's own formula


@dataclass(frozen=True, slots=True)
class Scope:
    """`row` is None for the whole contest; `closes_at` is when the last round that is counted closes, None without any.

    `since` is since when a replica has to be up to show it.
    """

    contest: Contest
    row: Round | None
    counting: Counting
    status: str
    as_of: datetime
    closes_at: datetime | None
    settlement: Settlement | None = None
    since: float | None = None

    @property
    def is_hidden(self) -> bool:
        return self.status in {"hidden", "waiting"}

    @property
    def final(self) -> Settlement | None:
        """Return the version of the result that is shown, None while none is, or for a whole contest."""
        return self.settlement if self.status in SETTLED else None

    @property
    def key(self) -> str:
        """Return what a kept count of this board is called; another result has another name."""
        if self.row is not None:
            return f"units:{self.row.id}:{self.settlement.version if self.settlement else 0}:{self.status}"
        settled = self.as_of.isoformat() if self.status in SETTLED else ""
        return f"contest-units:{self.contest.id}:{self.status}:{settled}:{'-'.join(map(str, self.counting.round_ids))}"

    def in_tree_of(self, *, today: bool) -> "Scope":
        """Return the same board summed up in the tree of today, where it has another one of its own."""
        return replace(self, counting=turnouts.by_today(self.counting)) if today else self

    def formula(self, by: UnitCriterion | None) -> tuple[Formula, tuple[UnitCriterion, ...]]:
        """Return the formula that a reader asks for, where it may be asked for, and what may be."""
        own = setup.formula_of(self.contest)
        choices = tuple(dict.fromkeys((own.criterion, *ALWAYS)))
        return (own if by is None or by not in choices or by is own.criterion else Formula(by)), choices


def of_round(code: str) -> Scope:
    """Return what a round's board of units is about; raises NotFound for a round of a draft."""
    head = get_head(code)
    contest = db.session.get_one(Contest, head.row.contest_id)
    counting = turnouts.of_round(head.row, head.at)
    return Scope(contest, head.row, counting, head.status, head.as_of, head.row.closes_at, head.settlement, head.since)


def of_contest(slug: str) -> Scope:
    """Return what the board over all rounds is about; raises NotFound for a draft."""
    query = sa.select(Contest).where(Contest.slug == slug, Contest.state != ContestState.DRAFT)
    contest = db.session.scalar(query.execution_options(populate_existing=True))
    if contest is None:
        raise NotFound
    at = clock.now()
    shown, counting, status = whole(contest, at)
    settled = [row.settled_at for row in shown if row.settled_at is not None]
    closes_at = max((row.closes_at for row in shown), default=None)
    return Scope(contest, None, counting, status, max(settled) if status in SETTLED else at, closes_at)


def whole(contest: Contest, at: datetime) -> tuple[list[Round], Counting, str]:
    """Return the rounds of a contest that show a board, their counting, and what the whole board shows now."""
    own = rows(sa.select(Round).where(Round.contest_id == contest.id).order_by(Round.number))
    begun = [row for (row,) in own if at >= row.opens_at]
    states = {row.id: status_of(row, at, published=_is_published(row)) for row in begun}
    shown = [row for row in begun if states[row.id] not in {"hidden", "waiting"}]
    is_over = bool(own) and all(at >= row.closes_at for (row,) in own)
    tree = max(row.closes_at for row in shown) if is_over and shown else None
    status = "live" if shown else "hidden"
    if is_over and set(states.values()) <= SETTLED and len(states) == len(own):
        status = "final" if set(states.values()) == {"final"} else "provisional"
    return shown, Counting(tuple(row.id for row in shown), tree, is_whole=True), status


def _is_published(row: Round) -> bool:
    current = versions.shown(row.id) if row.shown_at is not None else None
    return current is not None and versions.is_published(current.id)
