"""How many attempts a round allows within which time, by the organisation's clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from contest.models.contests import Round
from contest.rules.terms import LimitPer
from contest.rules.windows import Window, period
from contest.services import organisation
from contest.services.contests.schedules import schedule_of

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def period_of(row: Round, at: datetime) -> Window | None:
    """Return the window, day or week within which a round limits attempts now; None is the whole round."""
    per = LimitPer(row.attempts_per)
    schedule = schedule_of(row) if per is LimitPer.WINDOW else None
    return period(per, at, ZoneInfo(organisation.speech().zone), schedule)


def since_of(row: Round, at: datetime) -> datetime:
    """Return from when on attempts count against the limit."""
    within = period_of(row, at)
    return within.opens_at if within else _BEGINNING
