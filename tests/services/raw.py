"""Raw rows of either database, read by SQL alone."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from contest.db import db


def read(sql: str, **params: Any) -> list[Any]:
    return list(db.session.execute(sa.text(sql), params).all())


def instant(value: Any) -> datetime:
    """Return an instant that a raw row holds: SQLite gives text, PostgreSQL a moment with its zone."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
