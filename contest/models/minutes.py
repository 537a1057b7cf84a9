"""What each process of the server did in each minute; kept for days, for whoever watches a round."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class ServedMinute(Model):
    """One minute of one process: how many saves it answered, how long they took (`rules.latency`), how often it failed."""

    __tablename__ = "served_minutes"

    minute: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    process: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    buckets: Mapped[list[int]] = mapped_column(sa.JSON)
    errors: Mapped[int]
