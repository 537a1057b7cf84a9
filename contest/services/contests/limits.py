"""How many attempts a round allows within which time, by the organisation's clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from contest.models.contests import Round
from contest.rules.terms import LimitPer
from contest.rules.windows import Window, period
from contest.services import organisation

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def period_of(row: Round, at: datetime) -> Window | None:
    """Return the day or week within which a round limits attempts now; None is the whole round."""
    return period(LimitPer(row.attempts_per), at, ZoneInfo(organisation.speech().zone))


def since_of(row: Round, at: datetime) -> datetime:
    """Return from when on attempts count against the limit."""
    within = period_of(row, at)
    return within.opens_at if within else _BEGINNING
