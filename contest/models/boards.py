"""How many stand where on a board that moves, so that a place is known without counting everybody above it."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model


class BoardMove(Model):
    """One key that came onto a round's board (+1) or left it (−1), and is not in the counts yet.

    Written by triggers of `standings`, whoever changes those: while no place is stored, and for the board alone.
    """

    __tablename__ = "board_moves"
    __table_args__ = (sa.Index("ix_board_moves_board", "round_id", "board_key", "delta"),)

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    round_id: Mapped[int]
    board_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    delta: Mapped[int]


class BoardCount(Model):
    """How many keys of a round's board begin with a prefix; a level is a length of prefixes (`services.results.counts`)."""

    __tablename__ = "board_counts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    round_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prefix: Mapped[bytes] = mapped_column(sa.LargeBinary, primary_key=True)
    people: Mapped[int]
