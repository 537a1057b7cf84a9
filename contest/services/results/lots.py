"""The lots of a round: what was drawn so far, and whom nothing tells apart yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contest.db import db, rows
from contest.models.attempts import Attempt, of_attempt
from contest.models.awards import Draw, DrawOutcome
from contest.models.contests import Round
from contest.models.results import SettledStanding, Standing
from contest.rules.terms import Criterion
from contest.services.results import versions


def decide(criteria: Sequence[str]) -> bool:
    """Say whether lots are the last criterion of a ranking."""
    return bool(criteria) and criteria[-1] == Criterion.LOT


def drawn(round_id: int) -> list[list[int]]:
    """Return the people of each draw of a round in the order in which they were drawn, the oldest draw first."""
    query = sa.select(Draw.codes, Draw.subjects, DrawOutcome.drawn).join(DrawOutcome, DrawOutcome.draw_id == Draw.id)
    found = []
    for codes, subjects, order in rows(query.where(Draw.round_id == round_id).order_by(Draw.id)):
        person = dict(zip(codes, subjects, strict=True))
        found.append([person[code] for code in order])
    return found


@dataclass(frozen=True, slots=True)
class Equal:
    """Somebody whom nothing tells apart from the others of the same place, known by the receipt that counts."""

    member_id: int
    place: int
    receipt: str


def open_equals(row: Round) -> list[Equal]:
    """Return who is to draw lots by the last version of a round's result, by place; nobody where lots do not decide."""
    current = versions.shown(row.id)
    if current is None or not decide(row.criteria):
        return []
    waiting = versions.waiting(row.id)
    table: Any = SettledStanding if waiting else Standing
    own = SettledStanding.settlement_id == waiting.id if waiting else Standing.round_id == row.id
    tied = sa.select(table.key).where(own).group_by(table.key).having(sa.func.count() > 1)
    query = (
        sa.select(table.member_id, table.place, Attempt.receipt)
        .join(Attempt, of_attempt(table))
        .where(own, table.key.in_(tied), table.place.is_not(None))
        .order_by(table.place, Attempt.receipt)
    )
    return [Equal(*r) for r in rows(query)]


def waiting_draw(round_id: int) -> str | None:
    """Return the code of a draw of a round whose list is public and whose lots are not drawn yet."""
    own = sa.select(Draw.code).where(Draw.round_id == round_id, ~sa.exists().where(DrawOutcome.draw_id == Draw.id))
    return db.session.scalar(own.order_by(Draw.id.desc()).limit(1))
