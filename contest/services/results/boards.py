"""Boards as the public sees them: pages by key, one's own place always, and nothing a round hides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.errors import NotFound
from contest.gateways.cache import Cache
from contest.models.contests import ContestUnit
from contest.models.members import Member
from contest.models.organisation import Unit, UnitAncestor
from contest.models.results import Result, Standing, StandingUnit
from contest.rules.permissions import Actor
from contest.rules.terms import Criterion, PredictionTarget
from contest.services.results.head import COUNT_SECONDS, Head, find_unit_id, get_head

PAGE = 50


@dataclass(frozen=True, slots=True)
class BoardRow:
    place: int
    name: str | None
    unit: str
    correct: int
    total: int
    points: Decimal
    prediction: int | None
    prediction_error: int | None
    duration: timedelta
    is_me: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    round_code: str
    round_title: str
    contest_slug: str
    contest_title: str
    status: str
    as_of: datetime
    version: int | None
    four_eyes: bool
    rows: tuple[BoardRow, ...]
    mine: BoardRow | None
    gap: int
    participants: int
    attempts: int
    target: int | None
    target_kind: PredictionTarget | None
    criteria: tuple[Criterion, ...]
    next: str | None
    unit: str | None
    units: tuple[tuple[str, str], ...]
    names_shown: bool


def people(code: str, *, actor: Actor | None, after: str = "", unit: str = "", cache: Cache) -> BoardView:
    """Return one page of a round's board of people; after `after`, under `unit` with all below it."""
    head = get_head(code)
    names_shown = actor is not None or head.row.names_public
    chosen = find_unit_id(unit)
    found: list[tuple[BoardRow, Any]] = []
    mine, gap, following = None, 0, None
    participants = attempts = 0
    if not head.is_hidden:
        board = _Board(head, actor, chosen, names_shown)
        found, following = board.page(after)
        mine, gap = board.mine(found)
        participants, attempts = _counts(head, chosen, cache)
    final = head.settlement if head.status == "final" else None
    return BoardView(
        head.row.code,
        head.row.title,
        head.slug,
        head.title,
        head.status,
        head.as_of,
        final.version if final else None,
        head.four_eyes,
        tuple(row for row, _ in found),
        mine,
        gap,
        participants,
        attempts,
        final.target if final else None,
        PredictionTarget(head.row.prediction) if head.row.prediction else None,
        tuple(Criterion(c) for c in head.row.criteria),
        following,
        unit or None,
        _unit_choices(head.row.contest_id, cache),
        names_shown,
    )


class _Board:
    """The rows of one board in the order of its index: of everybody, or of a unit with all below it."""

    def __init__(self, head: Head, actor: Actor | None, unit_id: int | None, names_shown: bool) -> None:
        self._head, self._actor, self._unit_id, self._names_shown = head, actor, unit_id, names_shown
        self._table: Any = Standing if unit_id is None else StandingUnit
        self._where = [self._table.round_id == head.row.id, self._table.board_key.is_not(None)]
        if unit_id is not None:
            self._where.append(StandingUnit.ancestor_id == unit_id)

    def page(self, after: str) -> tuple[list[tuple[BoardRow, Any]], str | None]:
        """Return the rows after a cursor with their sources, and the next cursor."""
        where = list(self._where)
        if after:
            key, member_id = _parse_cursor(after)
            where.append(
                sa.tuple_(self._table.board_key, self._table.member_id)
                > sa.tuple_(sa.literal(key, sa.LargeBinary), sa.literal(member_id))
            )
        found = rows(self._query().where(*where).order_by(self._table.board_key, self._table.member_id).limit(PAGE + 1))
        page = found[:PAGE]
        if not page:
            return [], None
        before = self._before(page[0].board_key)
        first = before + 1
        position = before + (self._equals_before(page[0]) if after else 0)
        out, place, key = [], first, page[0].board_key
        for offset, row in enumerate(page, 1):
            if row.board_key != key:
                place, key = position + offset, row.board_key
            out.append((self._row(row, place), row))
        last = page[-1]
        return out, f"{last.board_key.hex()}.{last.member_id}" if len(found) > PAGE else None

    def mine(self, shown: Sequence[tuple[BoardRow, Any]]) -> tuple[BoardRow | None, int]:
        """Return the actor's own row with its place, and how many people stand between the page and it."""
        if self._actor is None or self._actor.member_id is None:
            return None, 0
        row = db.session.execute(
            self._query().where(*self._where, self._table.member_id == self._actor.member_id)
        ).first()
        if row is None:
            return None, 0
        before = self._before(row.board_key)
        gap = 0
        if shown and (row.board_key, row.member_id) > (shown[-1][1].board_key, shown[-1][1].member_id):
            last = shown[-1][1]
            gap = before + self._equals_before(row) - self._before(last.board_key) - self._equals_before(last) - 1
        return self._row(row, before + 1), gap

    def _query(self) -> sa.Select[Any]:
        query = (
            sa.select(
                self._table.board_key,
                self._table.member_id,
                Member.full_name,
                sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name).label("unit"),
                Result.correct_count,
                Result.question_count,
                Result.points,
                Result.prediction,
                Standing.prediction_error,
                Result.duration_seconds,
            )
            .select_from(self._table)
            .join(Member, Member.id == self._table.member_id)
        )
        if self._unit_id is not None:
            same = sa.and_(Standing.round_id == StandingUnit.round_id, Standing.member_id == StandingUnit.member_id)
            query = query.join(Standing, same)
        return query.join(Unit, Unit.id == Standing.unit_id).join(
            Result, Result.attempt_id == Standing.board_attempt_id
        )

    def _before(self, key: bytes) -> int:
        """Count who stands higher; answered from the index."""
        higher = sa.select(sa.func.count()).select_from(self._table).where(*self._where, self._table.board_key < key)
        return int(db.session.scalar(higher) or 0)

    def _equals_before(self, row: Any) -> int:
        equal = sa.select(sa.func.count()).select_from(self._table)
        equal = equal.where(*self._where, self._table.board_key == row.board_key, self._table.member_id < row.member_id)
        return int(db.session.scalar(equal) or 0)

    def _row(self, row: Any, place: int) -> BoardRow:
        is_me = self._actor is not None and row.member_id == self._actor.member_id
        sealed = self._head.status != "final"  # a guess is nobody's business while the target moves
        return BoardRow(
            place,
            row.full_name if self._names_shown or is_me else None,
            row.unit,
            row.correct_count,
            row.question_count,
            row.points,
            None if sealed and not is_me else row.prediction,
            None if sealed else row.prediction_error,
            timedelta(seconds=row.duration_seconds),
            is_me,
        )


def _parse_cursor(cursor: str) -> tuple[bytes, int]:
    key, _, member_id = cursor.partition(".")
    try:
        return bytes.fromhex(key), int(member_id)
    except ValueError:
        raise NotFound from None


def _counts(head: Head, unit_id: int | None, cache: Cache) -> tuple[int, int]:
    """Return people and attempts on a board: from the settlement, else counted every few seconds."""
    if unit_id is None and head.status == "final" and head.settlement:
        return head.settlement.participants, head.settlement.attempts

    def count() -> list[int]:
        table: Any = Standing if unit_id is None else StandingUnit
        where = [table.round_id == head.row.id, table.board_key.is_not(None)]
        if unit_id is not None:
            where.append(StandingUnit.ancestor_id == unit_id)
        on_board = sa.select(sa.func.count()).select_from(table).where(*where)
        results = sa.select(sa.func.count()).select_from(Result).where(Result.round_id == head.row.id)
        return [int(db.session.scalar(on_board) or 0), int(db.session.scalar(results) or 0)]

    version = head.settlement.version if head.settlement else 0
    participants, attempts = cache.get_or(
        f"board:{head.row.id}:{version}:{unit_id}:{head.status}", COUNT_SECONDS, count
    )
    return participants, attempts


def _unit_choices(contest_id: int, cache: Cache) -> tuple[tuple[str, str], ...]:
    """Return the units one may filter by: those taking part and the ones right below them."""

    def read() -> list[list[str]]:
        near = (
            sa.select(Unit.code, sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name))
            .join(UnitAncestor, sa.and_(UnitAncestor.unit_id == Unit.id, UnitAncestor.valid_to.is_(None)))
            .join(ContestUnit, ContestUnit.unit_id == UnitAncestor.ancestor_id)
            .where(ContestUnit.contest_id == contest_id, UnitAncestor.depth <= 1)
            .order_by(UnitAncestor.depth, Unit.code)
        )
        return [list(row) for row in rows(near)]

    return tuple(
        (code, name)
        for code, name in dict(map(tuple, cache.get_or(f"choices:{contest_id}", COUNT_SECONDS, read))).items()
    )
