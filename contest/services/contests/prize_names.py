"""The names of the prizes that a contest's lists for people have."""

import sqlalchemy as sa

from contest.db import rows
from contest.models.awards import Prize, PrizeList
from contest.rules.awards import prize_key


def of_people(contest_id: int) -> list[str]:
    """Return each prize once, by the name under which it came first."""
    query = sa.select(Prize.name).join(PrizeList, PrizeList.id == Prize.list_id)
    own = query.where(PrizeList.contest_id == contest_id, PrizeList.for_units.is_(False))
    found: dict[str, str] = {}
    for row in rows(own.order_by(Prize.list_id, Prize.number)):
        found.setdefault(prize_key(row[0]), row[0])
    return list(found.values())
