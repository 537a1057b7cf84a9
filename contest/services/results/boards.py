"""Boards as the public sees them: pages by key, one's own place always, and nothing a round hides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from contest.db import behind, db, elsewhere
from contest.db.editions import Kept, apart
from contest.gateways.cache import Cache
from contest.models.attempts import Attempt, of_attempt
from contest.models.contests import ContestUnit, Void
from contest.models.organisation import Unit, UnitAncestor
from contest.models.results import Result, StandingUnit
from contest.rules.permissions import Actor
from contest.rules.terms import Counted, Criterion, PredictionTarget
from contest.rules.text import fold
from contest.services.results import counts
from contest.services.results.board_rows import BoardRow, BoardRows, OwnPlace
from contest.services.results.head import COUNT_SECONDS, SETTLED, Head, find_unit_id, get_head


@dataclass(frozen=True, slots=True)
class BoardView:
    round_code: str
    round_title: str
    contest_slug: str
    contest_title: str
    status: str
    as_of: datetime
    version: int | None
    reason: str
    four_eyes: bool
    rows: tuple[BoardRow, ...]
    mine: OwnPlace | None
    participants: int
    attempts: int
    target: int | None
    target_kind: PredictionTarget | None
    criteria: tuple[Criterion, ...]
    counted: Counted
    next: str | None
    unit: str | None
    search: str
    units: tuple[tuple[str, str], ...]
    names_shown: bool
    possible: Decimal | None
    lacks_marks: bool

    @property
    def shows_points(self) -> bool:
        """Say whether points are something else than the number of right answers, or rank people."""
        return self.possible is not None or Criterion.POINTS in self.criteria

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED


def people(
    code: str, *, actor: Actor | None, after: str = "", unit: str = "", search: str = "", cache: Cache
) -> BoardView:
    """Return one page of a round's board of people; after `after`, under `unit` with all below it, of names like `search`.

    Whoever sees no names searches none.
    """
    head = get_head(code)
    names_shown = actor is not None or head.row.names_public
    chosen = find_unit_id(unit)
    shown, mine = NOTHING, None
    wanted = fold(search) if names_shown else ""
    participants = attempts = 0
    if not head.is_hidden:
        board = BoardRows(head, actor, chosen, names_shown)
        shown, mine = _shown(board, wanted, after, head.since)
        participants, attempts = _counts(head, chosen, cache)
    final = head.settlement if head.is_settled else None
    return BoardView(
        head.row.code,
        head.row.title,
        head.slug,
        head.title,
        head.status,
        head.as_of - timedelta(seconds=shown.behind) if head.status == "live" else head.as_of,
        final.version if final else None,
        final.reason if final else "",
        head.four_eyes,
        tuple(row for row, _ in shown.rows),
        mine,
        participants,
        attempts,
        final.target if final else None,
        PredictionTarget(head.row.prediction) if head.row.prediction else None,
        tuple(Criterion(c) for c in head.row.criteria),
        Counted(head.row.counted),
        shown.following,
        unit or None,
        search if names_shown else "",
        _CHOICES.get(head.row.contest_id, _unit_choices),
        names_shown,
        head.row.possible,
        head.row.marked and not head.is_settled,
    )


class Shown(NamedTuple):
    """The rows of a page with what they were read from, where it continues, and by how many seconds it may be behind."""

    rows: list[tuple[BoardRow, Any]]
    following: str | None
    behind: float


NOTHING = Shown([], None, 0.0)


def _shown(board: BoardRows, wanted: str, after: str, since: float | None) -> tuple[Shown, OwnPlace | None]:
    """Return a page, read elsewhere, and the reader's own place, as it is now: what they have just handed in is in both."""

    def read() -> Shown:
        return Shown(*(board.search(wanted, after) if wanted else board.page(after)), behind())

    shown = elsewhere(read, since=since)
    mine = board.mine([] if wanted else shown.rows)
    if shown.behind and not wanted and board.misses_me(shown.rows, after, shown.following):
        shown = read()
        mine = board.mine(shown.rows)
    return shown, mine


def _counts(head: Head, unit_id: int | None, cache: Cache) -> tuple[int, int]:
    """Return people and attempts on a board: from the settlement, else counted every few seconds, over a million less often."""
    if unit_id is None and head.is_settled and head.settlement:
        return head.settlement.participants, head.settlement.attempts
    key = f"{head.row.id}:{head.settlement.version if head.settlement else 0}:{unit_id}:{head.status}"

    def number(of: Callable[[Head, int | None], sa.Select[tuple[int]]]) -> int:
        return elsewhere(lambda: int(db.session.scalar(of(head, unit_id)) or 0), since=head.since)

    participants = cache.counted(f"board-people:{key}", COUNT_SECONDS, lambda: number(_people_on))
    return participants, cache.counted(f"board-attempts:{key}", COUNT_SECONDS, lambda: number(_attempts_on))


def _people_on(head: Head, unit_id: int | None) -> sa.Select[tuple[int]]:
    """Return the count of people on a board: those of all units are added up already where no places are stored."""
    if unit_id is None:
        return sa.select(counts.all_on(head.row.id))
    under = (StandingUnit.round_id == head.row.id, StandingUnit.ancestor_id == unit_id)
    return sa.select(sa.func.count()).select_from(StandingUnit).where(*under, StandingUnit.board_key.is_not(None))


def _attempts_on(head: Head, unit_id: int | None) -> sa.Select[tuple[int]]:
    """Return the count of a board's attempts; of a frozen one, of those scored before it was frozen."""
    found = sa.select(sa.func.count()).select_from(Result).where(Result.round_id == head.row.id)
    if unit_id is not None:
        own = sa.and_(StandingUnit.round_id == Result.round_id, StandingUnit.member_id == Result.member_id)
        found = found.join(StandingUnit, own).where(StandingUnit.ancestor_id == unit_id)
    if head.status == "frozen":
        found = found.where(Result.graded_at < head.row.freezes_at)
    valid = found.join(Attempt, of_attempt(Result)).where(Attempt.void_id.is_(None))
    is_any_void = sa.exists().where(Void.round_id == head.row.id, Void.restored_at.is_(None))
    # Where none is, which is most rounds, a million results are counted by an index and their attempts are not read.
    return sa.select(sa.case((is_any_void, valid.scalar_subquery()), else_=found.scalar_subquery()))


_CHOICES: Kept[int, tuple[tuple[str, str], ...]] = Kept()


def _unit_choices(contest_id: int) -> tuple[tuple[str, str], ...]:
    """Return the units one may filter by: those taking part and the ones right below them."""
    near = (
        sa.select(Unit.code, sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name))
        .join(UnitAncestor, sa.and_(UnitAncestor.unit_id == Unit.id, UnitAncestor.valid_to.is_(None)))
        .join(ContestUnit, ContestUnit.unit_id == UnitAncestor.ancestor_id)
        .where(ContestUnit.contest_id == contest_id, UnitAncestor.depth <= 1)
        .order_by(UnitAncestor.depth, Unit.code)
    )
    return tuple(dict(tuple(row) for row in apart(near)).items())
