"""Counting in the background which versions papers were drawn with: every paper once, a batch at a time."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from contest.db import db, insert, rowcount, rows, transaction
from contest.models.attempts import Attempt
from contest.models.uses import PaperTally, VersionUse
from contest.rules.papers import read_paper, versions_shown

BATCH = 2000  # papers a transaction
# How long papers are left alone: a start that took its number earlier has committed by then, so that none is passed over.
SETTLES = timedelta(minutes=1)


def tally(at: datetime) -> int:
    """Count at most a batch of the papers not counted yet and return how many; several at once count none twice."""
    mark = rows(sa.select(PaperTally.counted_id, PaperTally.seen_id, PaperTally.seen_at))
    counted, seen, seen_at = mark[0] if mark else (0, 0, at)
    if counted == seen:
        _look(seen, at)
        return 0
    if at - seen_at < SETTLES:
        return 0
    query = sa.select(Attempt.id, Attempt.round_id, Attempt.started_at, Attempt.paper)
    found = rows(query.where(Attempt.id > counted, Attempt.id <= seen).order_by(Attempt.id).limit(BATCH))
    reached = found[-1].id if len(found) == BATCH else seen
    with transaction(shared=False):
        moved = sa.update(PaperTally).where(PaperTally.counted_id == counted).values(counted_id=reached)
        if not rowcount(moved.execution_options(synchronize_session=False)):
            return 0
        if found:
            db.session.execute(_addition(), _uses(found))
    return len(found)


def _look(seen: int, at: datetime) -> None:
    """Note up to which paper there are any, when there are new ones."""
    newest = db.session.scalar(sa.select(sa.func.max(Attempt.id))) or 0
    if newest == seen:
        return
    with transaction(shared=False):
        statement = insert(PaperTally).values(id=1, counted_id=0, seen_id=newest, seen_at=at)
        values = {"seen_id": statement.excluded.seen_id, "seen_at": statement.excluded.seen_at}
        here = PaperTally.counted_id == PaperTally.seen_id
        db.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values, where=here))


def _uses(found: list[sa.Row[Any]]) -> list[dict[str, Any]]:
    counts: Counter[tuple[int, int]] = Counter()
    last: dict[tuple[int, int], datetime] = {}
    for _, round_id, started_at, paper in found:
        for version in versions_shown(read_paper(paper)):
            use = (version, round_id)
            counts[use] += 1
            last[use] = max(started_at, last.get(use, started_at))
    return [{"version_id": v, "round_id": r, "paper_count": n, "last_at": last[v, r]} for (v, r), n in counts.items()]


def _addition() -> Any:
    statement = insert(VersionUse)
    new = statement.excluded
    later = sa.case((new.last_at > VersionUse.last_at, new.last_at), else_=VersionUse.last_at)
    values = {"paper_count": VersionUse.paper_count + new.paper_count, "last_at": later}
    return statement.on_conflict_do_update(index_elements=["version_id", "round_id"], set_=values)
