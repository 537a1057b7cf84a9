"""Rows of another table gathered into one column of a row, so that one statement brings both."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from contest.db.session import is_sqlite


def gathered(*columns: Any, where: Any) -> sa.Label[list[list[Any]]]:
    """Return a column that holds the rows of a table as lists of the named columns, in no order.

    Instants come as text, for `instant` to read.
    """
    if is_sqlite():
        rows = sa.func.json_group_array(sa.func.json_array(*columns))
    else:
        rows = sa.func.coalesce(sa.func.json_agg(sa.func.json_build_array(*columns)), sa.literal_column("'[]'::json"))
    return sa.type_coerce(sa.select(rows).where(*where).scalar_subquery(), sa.JSON).label("gathered")


def instant(said: str) -> datetime:
    """Return an instant as it was gathered."""
    at = datetime.fromisoformat(said)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
