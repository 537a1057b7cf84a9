"""People who take papers of three questions, each as wished."""

from decimal import Decimal

import sqlalchemy as sa

from contest.db import db
from contest.models.attempts import Attempt
from contest.models.keys import AnswerKey
from contest.rules.permissions import Actor
from contest.services.attempts import closing, saving
from tests import people
from tests.conftest import Clock

CROWD = 12


def take(code: str, who: Actor, clock: Clock, right: int, guess: int | None, seconds: int) -> None:
    """Take a paper of three: the first `right` of them rightly."""
    attempt = people.attempt(code, who)
    paper = db.session.scalars(sa.select(Attempt.paper).where(Attempt.code == attempt)).one()
    for position, (version_id, options) in enumerate(paper, 1):
        weights = db.session.scalars(sa.select(AnswerKey.weights).where(AnswerKey.version_id == version_id)).one()
        wanted = [o for o in options if (Decimal(weights[o]) > 0) == (position <= right)]
        saving.save(attempt, str(position), 1, wanted[0], by=who, at=clock.at, arrived=clock.at)
    if guess is not None:
        saving.save(attempt, "prediction", 1, guess, by=who, at=clock.at, arrived=clock.at)
    clock.advance(seconds=seconds)
    closing.submit(attempt, {}, by=who, arrived=clock.at)
