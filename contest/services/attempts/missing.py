"""What came to a paper and does not count: kept as evidence, with why as it stood then."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from contest.db import db
from contest.models.attempts import Attempt, LateResponse
from contest.rules.attempts import Verdict, missed

Given = tuple[int, int, str | None]  # position, revision, value as stored


def keep(attempt: Attempt, verdict: Verdict, given: Iterable[Given], arrived: datetime) -> None:
    """Keep responses judged LATE or LEFT, inside the caller's transaction, which holds the attempt."""
    if verdict is Verdict.LATE:
        verdict = missed(arrived_at=arrived, accepts_until=attempt.accepts_until, closed_at=attempt.closed_at)
    seconds = int((arrived - attempt.ends_at).total_seconds()) if verdict is Verdict.LATE else 0
    why = {"attempt_id": attempt.id, "arrived_at": arrived, "verdict": verdict.value, "seconds": seconds}
    kept = [{**why, "position": position, "revision": revision, "value": value} for position, revision, value in given]
    if kept:
        db.session.execute(sa.insert(LateResponse), kept)
