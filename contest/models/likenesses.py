"""Questions of a bank that are alike: what the last search found, and which pairs somebody told apart."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model, UtcDateTime


class PairSearch(Model):
    """The last search through a bank; `signature` says of which questions, `is_whole` whether all pairs were kept."""

    __tablename__ = "pair_searches"

    bank_id: Mapped[int] = mapped_column(sa.ForeignKey("banks.id"), primary_key=True, autoincrement=False)
    signature: Mapped[str] = mapped_column(sa.String(64))
    is_whole: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class AlikePair(Model):
    """Two questions that the last search found alike; `digest` says by which words and keys."""

    __tablename__ = "alike_pairs"
    __table_args__ = (sa.Index("ix_alike_pairs_place", "bank_id", "place"),)

    first_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"), primary_key=True)
    second_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"), primary_key=True)
    bank_id: Mapped[int] = mapped_column(sa.ForeignKey("banks.id"))
    place: Mapped[int]
    alikeness: Mapped[str] = mapped_column(sa.String(20))
    percent: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(64))


class DistinctPair(Model):
    """Two questions of which somebody said that they are not the same; holds while their words and keys stay."""

    __tablename__ = "distinct_pairs"

    first_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"), primary_key=True)
    second_id: Mapped[int] = mapped_column(sa.ForeignKey("questions.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("members.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
