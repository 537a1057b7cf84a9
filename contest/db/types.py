"""Column types that keep instants and points exact on both databases."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

POINT_PLACES = 6  # points are stored as whole millionths


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; a naive value is refused, because SQLite would silently drop an offset."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is no instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Points(TypeDecorator[Decimal]):
    """Exact points with up to six places, stored as whole millionths on both databases."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return _millionths(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else _points(value)


@lru_cache(maxsize=4096)
def _millionths(points: Decimal) -> int:
    scaled = points.scaleb(POINT_PLACES)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"points carry at most {POINT_PLACES} places: {points}")
    return int(scaled)


@lru_cache(maxsize=4096)
def _points(millionths: int) -> Decimal:
    """Return points, the same object for the same number: a million results have few different ones."""
    return Decimal(millionths).scaleb(-POINT_PLACES)
