"""How many stand above a key on a board that moves: read from counts by prefixes, never by going over everybody.

Every change of a board is a move, which triggers write beside it, in the same transaction; the worker adds moves up into
counts. Whoever asks reads counts and moves by one statement: what is counted together is of one moment. A key is a row of
numbers of eight bytes each; the levels are the first number, all of the second but its last byte, and the whole second. So
a few hundred counts are added up, and of the people themselves only those are gone over who agree in both numbers.
"""

from collections import Counter
from typing import Any

import sqlalchemy as sa

from contest.db import db, insert, transaction
from contest.models.boards import BoardCount, BoardMove
from contest.models.results import Standing

LEVELS = (8, 15, 16)  # bytes
BATCH = 5000  # moves that are added up at once


def above(round_id: Any, key: Any) -> sa.ColumnElement[int]:
    """Return the number of people above a key on a round's board while no places are stored, as an expression."""
    parts, lower = [], None
    for number, length in enumerate(LEVELS):
        prefix = sa.func.substr(key, 1, length, type_=sa.LargeBinary)
        within = [BoardCount.round_id == round_id, BoardCount.level == number, BoardCount.prefix < prefix]
        counted = sa.select(sa.func.coalesce(sa.func.sum(BoardCount.people), 0))
        parts.append(counted.where(*within, *([] if lower is None else [BoardCount.prefix >= lower])).scalar_subquery())
        lower = prefix
    moved = sa.select(sa.func.coalesce(sa.func.sum(BoardMove.delta), 0))
    parts.append(moved.where(BoardMove.round_id == round_id, BoardMove.board_key < lower).scalar_subquery())
    other = sa.orm.aliased(Standing)
    near = sa.select(sa.func.count()).where(other.round_id == round_id, other.board_key >= lower, other.board_key < key)
    return sum(parts[1:], parts[0]) + near.scalar_subquery()


def all_on(round_id: int) -> sa.ColumnElement[int]:
    """Return the number of people on a round's board while no places are stored, as an expression."""
    counted = sa.select(sa.func.coalesce(sa.func.sum(BoardCount.people), 0))
    moved = sa.select(sa.func.coalesce(sa.func.sum(BoardMove.delta), 0)).where(BoardMove.round_id == round_id)
    counted = counted.where(BoardCount.round_id == round_id, BoardCount.level == 0)
    return counted.scalar_subquery() + moved.scalar_subquery()


def add_up(*, batch: int = BATCH) -> int:
    """Add moves up into counts and return how many there were; what the worker does."""
    with transaction(shared=False):
        some = sa.select(BoardMove.id).order_by(BoardMove.id).limit(batch).with_for_update(skip_locked=True)
        ids = list(db.session.scalars(some))
        if not ids:
            return 0
        table: Any = BoardMove.__table__
        gone = sa.delete(table).where(table.c.id.in_(ids)).returning(table.c.round_id, table.c.board_key, table.c.delta)
        sums = Counter[tuple[int, int, bytes]]()
        for round_id, key, delta in db.session.execute(gone):
            for level, length in enumerate(LEVELS):
                sums[round_id, level, bytes(key)[:length]] += delta
        names = ("round_id", "level", "prefix", "people")
        given = [dict(zip(names, (*where, n), strict=True)) for where, n in sorted(sums.items()) if n]
        if given:
            adding = insert(BoardCount)
            more = {"people": BoardCount.people + adding.excluded.people}
            db.session.execute(adding.on_conflict_do_update(index_elements=list(names[:3]), set_=more), given)
    return len(ids)


def drop(round_id: int) -> None:
    """Drop what is counted of a round whose places are stored now, inside the caller's transaction."""
    for table in (BoardMove, BoardCount):
        gone = sa.delete(table).where(table.round_id == round_id)
        db.session.execute(gone.execution_options(synchronize_session=False))


def count_anew(round_id: int) -> None:
    """Count a round's board anew from its standings, inside the caller's transaction."""
    drop(round_id)
    for level, length in enumerate(LEVELS):
        prefix = sa.func.substr(Standing.board_key, 1, length, type_=sa.LargeBinary)
        on_board = (Standing.round_id == round_id, Standing.board_key.is_not(None), Standing.place.is_(None))
        found = sa.select(sa.literal(round_id), sa.literal(level), prefix, sa.func.count()).where(*on_board)
        names = ["round_id", "level", "prefix", "people"]
        db.session.execute(sa.insert(BoardCount).from_select(names, found.group_by(prefix)))
