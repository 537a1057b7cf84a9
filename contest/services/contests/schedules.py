"""The windows of rounds with what of them is voided: stored, and kept by each process until a round's revision moves."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from contest.db import db, rows
from contest.errors import Conflict
from contest.models.contests import Round, RoundWindow, Void
from contest.rules.refusals import Refusal
from contest.rules.windows import Schedule, Window

Spans = tuple[tuple[Window, ...], tuple[Window, ...]]  # several windows, none for one long; and what is voided
_kept: dict[int, tuple[int, Spans]] = {}
MOST_KEPT = 2000  # rounds


def schedules_of(found: Sequence[Round]) -> Mapping[int, Schedule]:
    """Return round id → schedule, asking once for those that are not kept or have changed; not for inside a change."""
    kept = {r.id: _kept[r.id][1] for r in found if _kept.get(r.id, (0,))[0] == r.revision}
    stale = [r for r in found if r.id not in kept]
    fresh = _read([r.id for r in stale]) if stale else {}
    if len(_kept) > MOST_KEPT:
        _kept.clear()
    _kept.update({r.id: (r.revision, fresh[r.id]) for r in stale})
    return {r.id: _schedule(r, (kept | fresh)[r.id]) for r in found}


def schedule_of(row: Round) -> Schedule:
    """Return the schedule of one round."""
    return schedules_of([row])[row.id]


def read(row: Round) -> Schedule:
    """Return the schedule of a round as it is stored now."""
    return _schedule(row, _read([row.id])[row.id])


def _schedule(row: Round, spans: Spans) -> Schedule:
    return Schedule(spans[0] or (Window(row.opens_at, row.closes_at),), spans[1])


def _read(round_ids: Sequence[int]) -> dict[int, Spans]:
    windows = sa.select(sa.literal(0), RoundWindow.round_id, RoundWindow.opens_at, RoundWindow.closes_at).where(
        RoundWindow.round_id.in_(round_ids)
    )
    voided = sa.select(sa.literal(1), Void.round_id, Void.opens_at, Void.closes_at).where(
        Void.round_id.in_(round_ids), Void.attempt_id.is_(None), Void.restored_at.is_(None)
    )
    found: dict[int, tuple[list[Window], list[Window]]] = {i: ([], []) for i in round_ids}
    for which, round_id, opens_at, closes_at in sorted(tuple(r) for r in rows(windows.union_all(voided))):
        found[round_id][which].append(Window(opens_at, closes_at))
    return {i: (tuple(several), tuple(spans)) for i, (several, spans) in found.items()}


def store(row: Round, windows: Sequence[Window]) -> None:
    """Give a round several windows, or none for its one long window, inside the caller's transaction."""
    db.session.execute(sa.delete(RoundWindow).where(RoundWindow.round_id == row.id))
    in_order = sorted(windows, key=lambda w: w.opens_at)
    stored = [
        {"round_id": row.id, "number": n, "opens_at": w.opens_at, "closes_at": w.closes_at}
        for n, w in enumerate(in_order, 1)
    ]
    if stored:
        db.session.execute(sa.insert(RoundWindow), stored)


def several(row: Round) -> tuple[Window, ...]:
    """Return the windows of a round that has several; none for one long window."""
    query = sa.select(RoundWindow.opens_at, RoundWindow.closes_at).where(RoundWindow.round_id == row.id)
    return tuple(Window(r[0], r[1]) for r in rows(query.order_by(RoundWindow.number)))


def lock(row: Round) -> Round:
    """Hold a round for a command that moves its times: starts wait for it, and read it anew when it is done.

    Whoever also touches open attempts locks those first: whoever hands in holds an attempt and then asks for the round.
    """
    held = db.session.get_one(Round, row.id, populate_existing=True, with_for_update=True)
    held.revision += 1
    db.session.flush()
    return held


def refuse_settled(row: Round) -> None:
    if row.settled_at is not None:
        raise Conflict(Refusal("round-settled"))


def forget() -> None:
    """Drop what this process keeps; for tests that change the database under it."""
    _kept.clear()
