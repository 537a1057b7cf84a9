"""The rows of one board in the order of its index: pages by key, names searched, one's own places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from contest.db import Frozen, ask, db, read_cursor, rows
from contest.errors import NotFound
from contest.models.members import Member
from contest.models.organisation import Unit
from contest.models.results import Result, Standing, StandingUnit
from contest.rules.permissions import Actor
from contest.services.contests import consents
from contest.services.results import counts
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


def _table(of_unit: bool) -> Any:
    return StandingUnit if of_unit else Standing


def _on_board(table: Any) -> list[Any]:
    """Return the conditions of a row of one board, for `:round` and, of a unit's, `:ancestor`."""
    of_unit = [StandingUnit.ancestor_id == sa.bindparam("ancestor")] if table is StandingUnit else []
    return [table.round_id == sa.bindparam("round"), table.board_key.is_not(None), *of_unit]


def _is_named(table: Any, *, is_public: bool) -> sa.ColumnElement[bool]:
    """Visitors read the names of those who consented to that; members read each other's."""
    return consents.may_be_named(sa.bindparam("contest"), table.member_id) if is_public else sa.true()


def _query(table: Any, *, is_public: bool, more: Sequence[Any] = ()) -> sa.Select[Any]:
    query = (
        sa.select(
            table.board_key,
            table.member_id,
            Standing.unit_id,
            Member.full_name,
            sa.func.coalesce(sa.func.nullif(Unit.short_name, ""), Unit.name).label("unit"),
            Standing.board_correct,
            Result.question_count,
            Standing.board_points,
            Result.prediction,
            Standing.prediction_error,
            Result.duration_seconds,
            _is_named(table, is_public=is_public).label("is_named"),
            *more,
        )
        .select_from(table)
        .join(Member, Member.id == table.member_id)
    )
    if table is StandingUnit:
        same = sa.and_(Standing.round_id == StandingUnit.round_id, Standing.member_id == StandingUnit.member_id)
        query = query.join(Standing, same)
    query = query.join(Unit, Unit.id == Standing.unit_id).join(Result, Result.attempt_id == Standing.board_attempt_id)
    return query.where(*_on_board(table))


@cache
def _page(of_unit: bool, is_public: bool, continues: bool) -> Frozen:
    """The rows of a page, from the top or behind `:key` and `:member`, and one more, by which it is known if there are any."""

    def build() -> Any:
        table = _table(of_unit)
        query = _query(table, is_public=is_public)
        if continues:
            cursor = sa.tuple_(sa.bindparam("key", type_=sa.LargeBinary), sa.bindparam("member", type_=sa.Integer))
            query = query.where(sa.tuple_(table.board_key, table.member_id) > cursor)
        return query.order_by(table.board_key, table.member_id).limit(sa.bindparam("most", type_=sa.Integer))

    return Frozen(build)


@cache
def _mine(of_unit: bool) -> Frozen:
    """The row of `:member` with how many stand higher on the board and in their own unit, and how many are on it there."""

    def build() -> Any:
        table, other, near = _table(of_unit), sa.orm.aliased(_table(of_unit)), sa.orm.aliased(StandingUnit)
        same = [other.ancestor_id == sa.bindparam("ancestor")] if of_unit else []
        higher: Any
        if of_unit:
            higher = sa.select(sa.func.count()).where(
                other.round_id == sa.bindparam("round"), *same, other.board_key < table.board_key
            )
            higher = higher.scalar_subquery()
        else:
            counted = counts.above(sa.bindparam("round"), Standing.board_key)
            higher = sa.case((Standing.place.is_not(None), Standing.place - 1), else_=counted)
        equal = sa.select(sa.func.count()).where(
            other.round_id == sa.bindparam("round"),
            *same,
            other.board_key == table.board_key,
            other.member_id < table.member_id,
        )
        there = (near.round_id == sa.bindparam("round"), near.ancestor_id == Standing.unit_id)
        within = sa.select(sa.func.count()).where(*there, near.board_key < Standing.board_key)
        people = sa.select(sa.func.count()).where(*there, near.board_key.is_not(None))
        counted_too = (("equal", equal), ("within", within), ("people", people))
        more = [higher.label("higher"), *(query.scalar_subquery().label(name) for name, query in counted_too)]
        return _query(table, is_public=False, more=more).where(table.member_id == sa.bindparam("member"))

    return Frozen(build)


class BoardRows:
    """The rows of one board in the order of its index: of everybody, or of a unit with all below it."""

    def __init__(self, head: Head, actor: Actor | None, unit_id: int | None, names_shown: bool) -> None:
        self._head, self._actor, self._unit_id, self._names_shown = head, actor, unit_id, names_shown
        self._table: Any = _table(unit_id is not None)
        self._own: tuple[bytes, int] | None = None  # where the actor stands, once that is known
        self._shown_until = 0  # how many rows of the board stand up to the last of the page
        self._params = {"round": head.row.id, "ancestor": unit_id, "contest": head.row.contest_id}

    def page(self, after: str) -> tuple[list[tuple[BoardRow, Any]], str | None]:
        """Return the rows after a cursor with their sources, and the next cursor."""
        key, member_id = _parse_cursor(after) if after else (b"", 0)
        params = {**self._params, "key": key, "member": member_id, "most": PAGE + 1}
        page, following = _cut(ask(_page(self._unit_id is not None, self._actor is None, bool(after)), params))
        if not page:
            return [], None
        before = self._before(page[0].board_key) if after else 0
        first = before + 1
        position = before + (self._equals_before(page[0]) if after else 0)
        self._shown_until = position + len(page)
        out, place, key = [], first, page[0].board_key
        for offset, row in enumerate(page, 1):
            if row.board_key != key:
                place, key = position + offset, row.board_key
            out.append((self._row(row, place), row))
        return out, following

    def search(self, wanted: str, after: str) -> tuple[list[tuple[BoardRow, Any]], str | None]:
        """Return the rows of people whose folded name holds `wanted`, each with its place on the whole board."""
        is_public = self._actor is None
        query = _query(self._table, is_public=is_public)
        query = query.where(
            Member.search.contains(wanted, autoescape=True), _is_named(self._table, is_public=is_public)
        )
        if after:
            key, member_id = _parse_cursor(after)
            cursor = sa.tuple_(sa.literal(key, sa.LargeBinary), sa.literal(member_id))
            query = query.where(sa.tuple_(self._table.board_key, self._table.member_id) > cursor)
        query = query.order_by(self._table.board_key, self._table.member_id).limit(PAGE + 1)
        page, following = _cut(rows(query, self._params))
        higher = self._higher([row.board_key for row in page])
        return [(self._row(row, n + 1), row) for row, n in zip(page, higher, strict=True)], following

    def _higher(self, keys: Sequence[bytes]) -> list[int]:
        """Count who stands higher than each of ascending keys, going over the index once for all of them."""
        counts, lower = [], None
        for key in keys:
            between = [self._table.board_key < key, *([] if lower is None else [self._table.board_key >= lower])]
            one = sa.select(sa.func.count()).select_from(self._table).where(*_on_board(self._table), *between)
            counts.append(one.scalar_subquery())
            lower = key
        return list(accumulate(db.session.execute(sa.select(*counts), self._params).one())) if counts else []

    def mine(self, shown: Sequence[tuple[BoardRow, Any]]) -> OwnPlace | None:
        """Return the actor's own row with its places; the gap is counted from the last row shown."""
        if self._actor is None or self._actor.member_id is None:
            return None
        found = ask(_mine(self._unit_id is not None), {**self._params, "member": self._actor.member_id})
        if not found:
            return None
        row, gap = found[0], 0
        self._own = row.board_key, row.member_id
        if shown and (row.board_key, row.member_id) > (shown[-1][1].board_key, shown[-1][1].member_id):
            gap = max(0, row.higher + row.equal - self._shown_until)  # a page may be of a moment before
        return OwnPlace(self._row(row, row.higher + 1), gap, row.within + 1, row.people)

    def misses_me(self, shown: Sequence[tuple[BoardRow, Any]], after: str, following: str | None) -> bool:
        """Say whether a page that was read elsewhere has the actor elsewhere than they stand, or not at all."""
        if self._own is None:
            return False
        begins = _parse_cursor(after) if after else (b"", 0)
        is_due = begins < self._own and (following is None or self._own <= _parse_cursor(following))
        there = [(row.board_key, row.member_id) for _, row in shown if row.member_id == self._own[1]]
        return there != ([self._own] if is_due else [])

    def _before(self, key: bytes) -> int:
        """Count who stands higher; answered from the index."""
        return int(ask(_higher_than(self._unit_id is not None), {**self._params, "key": key})[0].n)

    def _equals_before(self, row: Any) -> int:
        params = {**self._params, "key": row.board_key, "member": row.member_id}
        return int(ask(_equal_before(self._unit_id is not None), params)[0].n)

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


@cache
def _higher_than(of_unit: bool) -> Frozen:
    """How many stand above a key that is on the board."""
    table = _table(of_unit)
    key: Any = sa.bindparam("key", type_=sa.LargeBinary)

    def build() -> Any:
        if of_unit:
            counted = sa.select(sa.func.count().label("n")).select_from(table)
            return counted.where(*_on_board(table), table.board_key < key)
        stored = sa.select(Standing.place - 1).where(*_on_board(Standing), Standing.board_key == key).limit(1)
        above = counts.above(sa.bindparam("round"), key)
        return sa.select(sa.func.coalesce(stored.scalar_subquery(), above).label("n"))

    return Frozen(build)


@cache
def _equal_before(of_unit: bool) -> Frozen:
    table = _table(of_unit)
    key, member = sa.bindparam("key", type_=sa.LargeBinary), sa.bindparam("member", type_=sa.Integer)
    counted = sa.select(sa.func.count().label("n")).select_from(table)
    return Frozen(lambda: counted.where(*_on_board(table), table.board_key == key, table.member_id < member))


def _cut(found: list[Any]) -> tuple[list[Any], str | None]:
    """Return the rows of a page, and the cursor behind which there are more."""
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], f"{last.board_key.hex()}.{last.member_id}" if last is not None else None


def _parse_cursor(cursor: str) -> tuple[bytes, int]:
    found = read_cursor(cursor)
    if found is None:
        raise NotFound
    return found
