"""The number by which processes tell whether what they keep of what is shared is still as it was."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from contest.db import Model


class Edition(Model):
    """The one row that every command moves which changes what many people's pages share; see `contest.db.editions`."""

    __tablename__ = "editions"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)
