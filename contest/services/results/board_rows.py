"""The rows of one board in the order of its index: pages by key, names searched, one's own places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from contest.db import db, read_cursor, rows
from contest.errors import NotFound
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.models.results import Result, Standing, StandingUnit
from contest.rules.permissions import Actor
from contest.services.contests import consents
from contest.services.results.head import Head

PAGE = 50


@dataclass(frozen=True, slots=True)
class BoardRow:
    place: int
    name: str | None
    unit: str
    correct: Decimal
    total: int
    points: Decimal
    prediction: int | None
    prediction_error: int | None
    duration: timedelta
    is_me: bool


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """Where the reader stands: the row on this board, how many people stand between the page and it, and in the unit."""

    row: BoardRow
    gap: int
    unit_place: int
    unit_people: int


class BoardRows:
    """The rows of one board in the order of its index: of everybody, or of a unit with all below it."""

    def __init__(self, head: Head, actor: Actor | None, unit_id: int | None, names_shown: bool) -> None:
        self._head, self._actor, self._unit_id, self._names_shown = head, actor, unit_id, names_shown
        self._table: Any = Standing if unit_id is None else StandingUnit
        self._where = [self._table.round_id == head.row.id, self._table.board_key.is_not(None)]
        if unit_id is not None:
            self._where.append(StandingUnit.ancestor_id == unit_id)

    def page(self, after: str) -> tuple[list[tuple[BoardRow, Any]], str | None]:
        """Return the rows after a cursor with their sources, and the next cursor."""
        page, following = self._rows_after(after)
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
        return out, following

    def search(self, wanted: str, after: str) -> tuple[list[tuple[BoardRow, Any]], str | None]:
        """Return the rows of people whose folded name holds `wanted`, each with its place on the whole board."""
        page, following = self._rows_after(after, Member.search.contains(wanted, autoescape=True), self._is_named())
        higher = self._higher([row.board_key for row in page])
        return [(self._row(row, n + 1), row) for row, n in zip(page, higher, strict=True)], following

    def _rows_after(self, after: str, *conditions: Any) -> tuple[list[Any], str | None]:
        where = [*self._where, *conditions]
        if after:
            key, member_id = _parse_cursor(after)
            where.append(
                sa.tuple_(self._table.board_key, self._table.member_id)
                > sa.tuple_(sa.literal(key, sa.LargeBinary), sa.literal(member_id))
            )
        found = rows(self._query().where(*where).order_by(self._table.board_key, self._table.member_id).limit(PAGE + 1))
        last = found[PAGE - 1] if len(found) > PAGE else None
        return found[:PAGE], f"{last.board_key.hex()}.{last.member_id}" if last is not None else None

    def _higher(self, keys: Sequence[bytes]) -> list[int]:
        """Count who stands higher than each of ascending keys, going over the index once for all of them."""
        counts, lower = [], None
        for key in keys:
            between = [self._table.board_key < key, *([] if lower is None else [self._table.board_key >= lower])]
            one = sa.select(sa.func.count()).select_from(self._table).where(*self._where, *between)
            counts.append(one.scalar_subquery())
            lower = key
        return list(accumulate(db.session.execute(sa.select(*counts)).one())) if counts else []

    def mine(self, shown: Sequence[tuple[BoardRow, Any]]) -> OwnPlace | None:
        """Return the actor's own row with its places; the gap is counted from the last row shown."""
        if self._actor is None or self._actor.member_id is None:
            return None
        row = db.session.execute(
            self._query().where(*self._where, self._table.member_id == self._actor.member_id)
        ).first()
        if row is None:
            return None
        before, unit_before, unit_people = self._places_of(row)
        gap = 0
        if shown and (row.board_key, row.member_id) > (shown[-1][1].board_key, shown[-1][1].member_id):
            last = shown[-1][1]
            gap = before + self._equals_before(row) - self._before(last.board_key) - self._equals_before(last) - 1
        return OwnPlace(self._row(row, before + 1), gap, unit_before + 1, unit_people)

    def _places_of(self, row: Any) -> tuple[int, int, int]:
        """Count who stands higher on the board, who does in the person's own unit, and who is on the board there."""
        own = sa.select(sa.func.count()).select_from(StandingUnit)
        own = own.where(StandingUnit.round_id == self._head.row.id, StandingUnit.ancestor_id == row.unit_id)
        within = own.where(StandingUnit.board_key < row.board_key)
        there = own.where(StandingUnit.board_key.is_not(None))
        above = sa.select(sa.func.count()).select_from(self._table)
        above = above.where(*self._where, self._table.board_key < row.board_key)
        counted = (q.scalar_subquery() for q in (above, within, there))
        found = db.session.execute(sa.select(*counted)).one()
        return found[0], found[1], found[2]

    def _query(self) -> sa.Select[Any]:
        query = (
            sa.select(
                self._table.board_key,
                self._table.member_id,
                Standing.unit_id,
                Member.full_name,
                sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name).label("unit"),
                Standing.board_correct,
                Result.question_count,
                Standing.board_points,
                Result.prediction,
                Standing.prediction_error,
                Result.duration_seconds,
                self._is_named().label("is_named"),
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

    def _is_named(self) -> sa.ColumnElement[bool]:
        """Visitors read the names of those who consented to that; members read each other's."""
        if self._actor is not None:
            return sa.true()
        return consents.may_be_named(self._head.row.contest_id, self._table.member_id)

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
        sealed = not self._head.is_settled  # a guess is nobody's business while the target moves
        return BoardRow(
            place,
            row.full_name if (self._names_shown and row.is_named) or is_me else None,
            row.unit,
            row.board_correct,
            row.question_count,
            row.board_points,
            None if sealed and not is_me else row.prediction,
            None if sealed else row.prediction_error,
            timedelta(seconds=row.duration_seconds),
            is_me,
        )


def _parse_cursor(cursor: str) -> tuple[bytes, int]:
    found = read_cursor(cursor)
    if found is None:
        raise NotFound
    return found
