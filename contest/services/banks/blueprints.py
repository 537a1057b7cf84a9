"""A round's blueprint as the rules read it: a topic stands for itself and all below it."""

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.banks import Topic
from contest.models.contests import BlueprintLine
from contest.rules.blueprints import Line
from contest.rules.question_terms import Difficulty


def lines_of(round_id: int) -> tuple[Line, ...]:
    """Return a round's blueprint."""
    found = rows(
        sa.select(BlueprintLine.count, BlueprintLine.topic_id, BlueprintLine.difficulty)
        .where(BlueprintLine.round_id == round_id)
        .order_by(BlueprintLine.number)
    )
    return tuple(Line(n, below(topic_id), Difficulty(d) if d else None) for n, topic_id, d in found)


def below(topic_id: int | None) -> frozenset[int] | None:
    """Return the ids of a topic and of all below it; None stands for any topic."""
    if topic_id is None:
        return None
    topic = db.session.get(Topic, topic_id)
    if topic is None:
        return frozenset()
    under = sa.or_(Topic.path == topic.path, Topic.path.startswith(topic.path + "/", autoescape=True))
    return frozenset(db.session.scalars(sa.select(Topic.id).where(Topic.bank_id == topic.bank_id, under)))
