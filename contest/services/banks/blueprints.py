"""A round's blueprint as the rules read it: a topic stands for itself and all below it."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.banks import Topic
from contest.models.contests import BlueprintLine, Round
from contest.rules.blueprints import Line
from contest.rules.question_terms import Difficulty
from contest.rules.worth import Negative, Worth


def lines_of(round_id: int) -> tuple[Line, ...]:
    """Return a round's blueprint."""
    found = rows(
        sa.select(
            BlueprintLine.count,
            BlueprintLine.topic_id,
            BlueprintLine.difficulty,
            BlueprintLine.worth,
            Round.negative,
            BlueprintLine.question_id,
            BlueprintLine.marked,
            BlueprintLine.section,
            Round.sections,
        )
        .join(Round, Round.id == BlueprintLine.round_id)
        .where(BlueprintLine.round_id == round_id)
        .order_by(BlueprintLine.number)
    )
    return tuple(line_of(*row) for row in found)


def line_of(
    count: int,
    topic_id: int | None,
    difficulty: str | None,
    worth: Mapping[str, Any],
    negative: str,
    question_id: int | None,
    marked: bool,
    section: int,
    sections: Sequence[Mapping[str, Any]] = (),
) -> Line:
    """Return a line of a blueprint as it is kept, or about to be; without the round's sections by a number for a title."""
    level = Difficulty(difficulty) if difficulty else None
    title = sections[section - 1]["title"] if 0 < section <= len(sections) else str(section or "")
    worth_of = Worth.read(worth).under(Negative(negative))
    return Line(count, below(topic_id), level, worth_of, question_id, marked, title)


def below(topic_id: int | None) -> frozenset[int] | None:
    """Return the ids of a topic and of all below it; None stands for any topic."""
    if topic_id is None:
        return None
    topic = db.session.get(Topic, topic_id)
    if topic is None:
        return frozenset()
    under = sa.or_(Topic.path == topic.path, Topic.path.startswith(topic.path + "/", autoescape=True))
    return frozenset(db.session.scalars(sa.select(Topic.id).where(Topic.bank_id == topic.bank_id, under)))
