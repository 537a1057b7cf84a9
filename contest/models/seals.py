"""Seals over submissions: batches of a round in a chain, and which batch holds which attempt. Both are only ever added to."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime
from contest.models.attempts import references


class SubmissionSeal(Model):
    """One batch of submissions of a round; `digest` takes in the digest of the batch before it."""

    __tablename__ = "submission_seals"
    __table_args__ = (sa.UniqueConstraint("round_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("rounds.id"))
    number: Mapped[int]
    count: Mapped[int]
    root: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SealedSubmission(Model):
    """An attempt in its batch, in the order of attempts, with the leaf that stands for it."""

    __tablename__ = "sealed_submissions"
    __table_args__ = (*references(to_result=True), sa.Index("ix_sealed_submissions_seal", "seal_id", "attempt_id"))

    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seal_id: Mapped[int] = mapped_column(sa.ForeignKey("submission_seals.id"))
    leaf: Mapped[str] = mapped_column(sa.String(64))
