"""Long work: a table of jobs, worked off by the worker; and by what it is seen that a worker lives."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class Job(Model):
    """One piece of long work; `payload` says what is asked, `outcome` what came of it, `stage` what it is at."""

    __tablename__ = "jobs"
    __table_args__ = (sa.Index("ix_jobs_waiting", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    state: Mapped[str] = mapped_column(sa.String(12), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    stage: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")
    outcome: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("files.id"))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WorkerBeat(Model):
    """A worker, the machine it runs on, and when it last went through everything that is due."""

    __tablename__ = "worker_beats"

    process: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    node: Mapped[str] = mapped_column(sa.String(64))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)
