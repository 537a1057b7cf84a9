"""The database: one session, one way to change things, and the column types that keep instants and points exact."""

from contest.db.alone import append, ask, change, release, tell
from contest.db.base import Base
from contest.db.connecting import prepare
from contest.db.cursors import read_cursor
from contest.db.frozen import Frozen, Row, insertion
from contest.db.gathering import gathered, instant
from contest.db.migrating import add_index, dangling, migrating
from contest.db.putting import put
from contest.db.reading import behind
from contest.db.replica import elsewhere, follow
from contest.db.session import (
    Model,
    after_commit,
    autocommit,
    breathe,
    db,
    insert,
    is_sqlite,
    is_writing,
    rowcount,
    rows,
    transaction,
)
from contest.db.spreading import PARTITIONS, SPREAD, compared, is_partition, only, unique
from contest.db.together import append_together
from contest.db.types import POINT_PLACES, Points, UtcDateTime
from contest.db.waiting import crowd

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
    "add_index",
    "after_commit",
    "append",
    "append_together",
    "ask",
    "autocommit",
    "behind",
    "breathe",
    "change",
    "compared",
    "crowd",
    "dangling",
    "db",
    "elsewhere",
    "follow",
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
