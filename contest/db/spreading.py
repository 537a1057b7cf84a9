"""Tables that are spread over partitions by the member, on PostgreSQL alone; and what differs between the two databases for it.

A unique key of a partitioned table has to hold the member, and so has what refers to it. SQLite has the plain ones.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

SPREAD = ("attempts", "responses")
PARTITIONS = 16

Item = TypeVar("Item", bound=sa.Constraint)
_PARTITION = re.compile(rf"({'|'.join(SPREAD)})_\d\d")


def only(dialect: str, item: Item) -> Item:
    """Let a constraint be one database's alone."""
    item.info["only"] = dialect
    item.ddl_if(dialect=dialect)
    return item


def unique(*columns: str) -> tuple[sa.UniqueConstraint, sa.UniqueConstraint]:
    """Let columns of a spread table be unique: on PostgreSQL within a member, for what is random."""
    return (
        only("sqlite", sa.UniqueConstraint(*columns)),
        only("postgresql", sa.UniqueConstraint(*columns, "member_id")),
    )


def compared(dialect: str) -> Callable[..., bool]:
    """Return what tells Alembic which tables and constraints of models and database to compare."""

    def is_compared(item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        if kind == "table":
            return not is_partition(name or "")
        if kind == "foreign_key_constraint" and is_partition(item.elements[0].target_fullname.partition(".")[0]):
            return False  # PostgreSQL keeps one of its own to each partition
        of = getattr(item, "info", {}).get("only", dialect)
        return bool(of == dialect)

    return is_compared


def is_partition(table: str) -> bool:
    return _PARTITION.fullmatch(table) is not None
