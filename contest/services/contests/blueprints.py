"""A round's blueprint as the rules read it: a topic stands for itself and all below it."""

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.banks import Topic
from contest.models.contests import BlueprintLine
from contest.rules.blueprints import Line
from contest.rules.terms import Difficulty


def lines_of(round_id: int) -> tuple[Line, ...]:
    """Return a round's blueprint; a topic stands for itself and all below it."""
    found = rows(
        sa.select(BlueprintLine.count, Topic.bank_id, Topic.path, BlueprintLine.difficulty)
        .outerjoin(Topic, Topic.id == BlueprintLine.topic_id)
        .where(BlueprintLine.round_id == round_id)
        .order_by(BlueprintLine.number)
    )
    return tuple(Line(n, _below(bank, path), Difficulty(d) if d else None) for n, bank, path, d in found)


def _below(bank_id: int | None, path: str | None) -> frozenset[int] | None:
    if path is None:
        return None
    under = sa.or_(Topic.path == path, Topic.path.startswith(path + "/", autoescape=True))
    return frozenset(db.session.scalars(sa.select(Topic.id).where(Topic.bank_id == bank_id, under)))
