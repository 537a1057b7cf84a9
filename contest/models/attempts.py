"""Attempts and their responses, which are appended and never changed."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime, only, unique
from contest.rules.steps import EVERYTHING
from contest.rules.steps import PREDICTION as PREDICTION


def references(*, to_result: bool = False) -> tuple[sa.ForeignKeyConstraint, ...]:
    """Return what lets `attempt_id` of a table refer to the attempt; on PostgreSQL with the member, whose key spreads it.

    That is looked up in a plan of its own for each row. A table of closed attempts alone refers there to the result,
    which refers to the attempt.
    """
    plain = sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"])
    if to_result:
        spread = sa.ForeignKeyConstraint(["attempt_id"], ["results.attempt_id"])
    else:
        spread = sa.ForeignKeyConstraint(["attempt_id", "member_id"], ["attempts.id", "attempts.member_id"])
    return only("sqlite", plain), only("postgresql", spread)


def of_attempt(row: Any, attempt: Any = None) -> sa.ColumnElement[bool]:
    """Return the condition that joins a table to its attempt, by the member too, so that one partition is looked into."""
    attempt = Attempt if attempt is None else attempt
    return sa.and_(attempt.id == row.attempt_id, attempt.member_id == row.member_id)


class Attempt(Model):
    """One sitting of a person; `paper` is [[version id, [option ids in order]], …] and never changes.

    An item that is not plain has a third element, which says what it is worth: `rules.papers.Item` reads and writes it.

    `ends_at` holds the extra time already. What `void_id` names makes the attempt count no more;
    no foreign key, since a void refers to its attempt and is never removed. `is_sealed` says what the seals say, for an
    index alone: by it the worker finds what waits without looking at all there ever was.

    `step`, the positions that are open and the step's end say where one stands in a paper that one is led through; in
    any other everything is open all the time.

    On PostgreSQL it is spread over partitions by the member, and so are its responses: whoever knows the member says it.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        *unique("code"),
        *unique("receipt"),
        sa.UniqueConstraint("round_id", "member_id", "number"),
        sa.Index(
            "uq_attempts_open",
            "round_id",
            "member_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(
            "ix_attempts_due",
            "accepts_until",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(
            "ix_attempts_unsealed",
            "round_id",
            "id",
            sqlite_where=sa.text("state <> 'open' AND is_sealed = 0"),
            postgresql_where=sa.text("state <> 'open' AND NOT is_sealed"),
        ),
        sa.Index("ix_attempts_member", "member_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(24))
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("members.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(12), default="open")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepts_until: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt: Mapped[str | None] = mapped_column(sa.String(24))
    paper: Mapped[list[Any]] = mapped_column(sa.JSON)
    extra_seconds: Mapped[int] = mapped_column(default=0)
    void_id: Mapped[int | None]
    is_sealed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    step: Mapped[int] = mapped_column(default=0, server_default="0")
    first_open: Mapped[int] = mapped_column(default=EVERYTHING[0], server_default=str(EVERYTHING[0]))
    last_open: Mapped[int] = mapped_column(default=EVERYTHING[1], server_default=str(EVERYTHING[1]))
    step_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    step_accepts_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_walked(self) -> bool:
        """One is led through its paper step by step."""
        return self.last_open != EVERYTHING[1]


class AttemptStep(Model):
    """When a step of a paper was entered; the last of them is where the attempt stands."""

    __tablename__ = "attempt_steps"
    __table_args__ = references()

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    member_id: Mapped[int]


class Response(Model):
    """One save; the current value of a position is the one of its highest revision.

    No foreign key: every insert selects from the attempt's own row, attempts are never deleted, and this is the
    statement that everybody waits for. On PostgreSQL the member, by whom it is spread, is in the primary key too.
    """

    __tablename__ = "responses"
    __table_args__ = ({"sqlite_with_rowid": False},)

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str | None] = mapped_column(sa.Text)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    member_id: Mapped[int]


class LateResponse(Model):
    """A save that does not count: kept as evidence, never scored.

    `verdict` says why, as it stood then (`rules.attempts.missed`); `seconds`, of what came after the time was over, how
    long after.
    """

    __tablename__ = "late_responses"
    __table_args__ = references()

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(index=True)
    position: Mapped[int]
    revision: Mapped[int]
    value: Mapped[str | None] = mapped_column(sa.Text)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[str] = mapped_column(sa.String(8), default="late", server_default="late")
    seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    member_id: Mapped[int]
