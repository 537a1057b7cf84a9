"""What came to a paper and does not count: kept as evidence, with why as it stood then."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from contest.db import db
from contest.models.attempts import Attempt, LateResponse
from contest.rules.attempts import Verdict, missed

Given = tuple[int, int, str | None]  # position, revision, value as stored


def why(attempt: Attempt, arrived: datetime) -> Verdict:
    """Return why an attempt takes nothing any more: LATE or CLOSED."""
    return missed(arrived_at=arrived, accepts_until=attempt.accepts_until, closed_at=attempt.closed_at)


def keep(attempt: Attempt, verdict: Verdict, given: Iterable[Given], arrived: datetime) -> None:
    """Keep responses that do not count, inside the caller's transaction, which holds the attempt."""
    verdict = why(attempt, arrived) if verdict is Verdict.LATE else verdict
    seconds = int((arrived - attempt.ends_at).total_seconds()) if verdict is Verdict.LATE else 0
    own = {"attempt_id": attempt.id, "member_id": attempt.member_id}
    said = {**own, "arrived_at": arrived, "verdict": verdict.value, "seconds": seconds}
    kept = [{**said, "position": position, "revision": revision, "value": value} for position, revision, value in given]
    if kept:
        db.session.execute(sa.insert(LateResponse), kept)
