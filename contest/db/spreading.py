"""Tables that are spread over partitions by the member, on PostgreSQL alone; and what differs between the two databases for it.

A statement that everybody waits for names the member's partition itself: PostgreSQL would plan it anew each time it is asked,
or lock every partition for a plan that it keeps, and either costs more than the statement.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa

SPREAD = ("attempts", "responses")
PARTITIONS = 16  # a power of two, and what the migration has made

Item = TypeVar("Item", bound=sa.Constraint)
_NAMED = re.compile(rf"\b({'|'.join(SPREAD)})\b")
_PARTITION = re.compile(rf"({'|'.join(SPREAD)})_\d\d")

_SEED, _COMBINED, _32 = 0x7A5B22367996DCFD, 0x15E5A8E3, 0xFFFFFFFF
_MIXED = ((0, 2, 4, 1), (1, 0, 6, 2), (2, 1, 8, 0), (0, 2, 16, 1), (1, 0, 19, 2), (2, 1, 4, 0))
_FINAL = ((2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24))


def _turned(value: int, bits: int) -> int:
    return (value << bits | value >> (32 - bits)) & _32


def _begun() -> tuple[int, int, int]:
    """Return what PostgreSQL's hash of a number is begun with when it chooses a partition."""
    start = (0x9E3779B9 + 4 + 3923095) & _32
    kept = [(start + (_SEED >> 32)) & _32, (start + _SEED) & _32, start]
    for one, other, bits, third in _MIXED:
        kept[one] = (kept[one] - kept[other] & _32) ^ _turned(kept[other], bits)
        kept[other] = kept[other] + kept[third] & _32
    return kept[0], kept[1], kept[2]


_BEGUN = _begun()


@lru_cache(maxsize=20_000)
def partition_of(member_id: int) -> int:
    """Return in which partition PostgreSQL keeps a member's rows: by its own hash, which its stored tables hold it to."""
    a, b, c = _BEGUN
    kept = [(a + member_id) & _32, b, c]
    for one, other, bits in _FINAL:
        kept[one] = (kept[one] ^ kept[other]) - _turned(kept[other], bits) & _32
    return (kept[2] + _COMBINED) % PARTITIONS


def in_partitions(sql: str) -> tuple[str, ...]:
    """Return a statement over spread tables as it is for each partition."""
    return tuple(_NAMED.sub(rf"\1_{n:02d}", sql) for n in range(PARTITIONS))


def is_partition(table: str) -> bool:
    return _PARTITION.fullmatch(table) is not None


def only(dialect: str, item: Item) -> Item:
    """Let a constraint be one database's alone."""
    item.info["only"] = dialect
    item.ddl_if(dialect=dialect)
    return item


def unique(*columns: str) -> tuple[sa.UniqueConstraint, sa.UniqueConstraint]:
    """Let columns of a spread table be unique: on PostgreSQL within a member, which is for what is random."""
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
