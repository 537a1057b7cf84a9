"""The banks themselves: which are the actor's, what they hold, what papers may be drawn from them."""

from dataclasses import dataclass

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.errors import Invalid, NotFound
from contest.models.banks import Bank, Question, QuestionVersion
from contest.rules.permissions import Actor
from contest.rules.question_terms import VersionState
from contest.rules.refusals import Refusal
from contest.rules.terms import Role
from contest.services import audit


@dataclass(frozen=True, slots=True)
class BankView:
    code: str
    name: str
    question_count: int
    approved_count: int
    waiting_count: int


def banks_of(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition under which a bank is the actor's to see."""
    if actor.holds_whole(Role.ADMINISTRATOR, Role.ORGANISER, Role.AUTHOR, Role.REVIEWER):
        return sa.true()
    ids = [g.bank_id for g in actor.scopes(Role.AUTHOR, Role.REVIEWER) if g.bank_id is not None]
    return Bank.id.in_(ids)


def list_banks(*, by: Actor) -> list[BankView]:
    """Return the banks in the actor's scope with their counts."""
    waiting = sa.func.count(sa.case((QuestionVersion.state == VersionState.IN_REVIEW, 1)))
    query = (
        sa.select(
            Bank.code, Bank.name, sa.func.count(Question.current_id), sa.func.count(Question.approved_id), waiting
        )
        .outerjoin(Question, Question.bank_id == Bank.id)
        .outerjoin(QuestionVersion, QuestionVersion.id == Question.current_id)
        .where(banks_of(by))
        .group_by(Bank.id)
        .order_by(Bank.name)
    )
    return [BankView(*row) for row in db.session.execute(query)]


def get_bank(code: str, *, by: Actor) -> Bank:
    """Return a bank in the actor's scope; raises NotFound."""
    bank = db.session.scalar(sa.select(Bank).where(Bank.code == code, banks_of(by)))
    if bank is None:
        raise NotFound
    return bank


def create_bank(code: str, name: str, *, by: Actor) -> None:
    """Make an empty bank; raises Invalid when the code is taken."""
    at = clock.now()
    with transaction():
        if db.session.scalar(sa.select(Bank.id).where(Bank.code == code)):
            raise Invalid(Refusal("bank-code-taken", field="code"))
        bank = Bank(code=code, name=name)
        db.session.add(bank)
        db.session.flush()
        audit.record("bank-created", "bank", bank.id, by=by, at=at)


def touch(bank_id: int) -> None:
    """Tell every process that papers are drawn from something else now."""
    db.session.execute(sa.update(Bank).where(Bank.id == bank_id).values(revision=Bank.revision + 1))


def supply_of(bank_id: int) -> dict[tuple[int | None, str | None], int]:
    """Return how many approved questions there are of each (topic, difficulty)."""
    found = db.session.execute(
        sa.select(Question.topic_id, Question.difficulty, sa.func.count())
        .where(Question.bank_id == bank_id, Question.approved_id.is_not(None))
        .group_by(Question.topic_id, Question.difficulty)
    )
    return {(topic, difficulty): n for topic, difficulty, n in found}
