"""The database: one session, one way to change things, and the column types that keep instants and points exact."""

from contest.db.connecting import prepare
from contest.db.cursors import read_cursor
from contest.db.frozen import Frozen, Row, insertion
from contest.db.gathering import gathered, instant
from contest.db.migrating import dangling, migrating
from contest.db.session import (
    Base,
    Model,
    after_commit,
    append,
    ask,
    autocommit,
    change,
    db,
    insert,
    is_sqlite,
    is_writing,
    put,
    release,
    rowcount,
    rows,
    tell,
    transaction,
)
from contest.db.spreading import PARTITIONS, SPREAD, compared, is_partition, only, unique
from contest.db.types import POINT_PLACES, Points, UtcDateTime

__all__ = [
    "PARTITIONS",
    "POINT_PLACES",
    "SPREAD",
    "Base",
    "Frozen",
    "Model",
    "Points",
    "Row",
    "UtcDateTime",
    "after_commit",
    "append",
    "ask",
    "autocommit",
    "change",
    "compared",
    "dangling",
    "db",
    "gathered",
    "insert",
    "insertion",
    "instant",
    "is_partition",
    "is_sqlite",
    "is_writing",
    "migrating",
    "only",
    "prepare",
    "put",
    "read_cursor",
    "release",
    "rowcount",
    "rows",
    "tell",
    "transaction",
    "unique",
]
