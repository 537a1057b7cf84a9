"""The banks themselves: which are the actor's, what they hold, what papers may be drawn from them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Forbidden, Invalid, NotFound
from contest.models.banks import Bank, Question, QuestionVersion
from contest.rules.blueprints import Cell
from contest.rules.permissions import Actor
from contest.rules.question_terms import VersionState
from contest.rules.questions import MARKED_BY_PEOPLE
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


def may(permission: Callable[[Actor], bool], by: Actor) -> None:
    """Raise Forbidden unless the actor has the permission."""
    if not by.is_system and not permission(by):
        raise Forbidden


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


def supply_of(bank_id: int, fixed: Collection[int] = ()) -> dict[Cell, int]:
    """Return how many questions papers may draw of each (topic, difficulty); those that are fixed stand alone."""
    alone = (sa.case((Question.id.in_(fixed), Question.id)) if fixed else sa.null()).label("alone")
    found = rows(
        sa.select(Question.topic_id, Question.difficulty, alone, sa.func.count())
        .join(QuestionVersion, QuestionVersion.id == Question.approved_id)
        .where(Question.bank_id == bank_id, is_drawn())
        .group_by(Question.topic_id, Question.difficulty, *([alone] if fixed else []))
    )
    return {(topic, level) if question is None else (topic, level, question): n for topic, level, question, n in found}


def is_drawn() -> sa.ColumnElement[bool]:
    """Return the condition under which papers draw an approved version: not what people have to mark."""
    return QuestionVersion.kind.not_in(sorted(MARKED_BY_PEOPLE))


def undrawn_count(bank_id: int) -> int:
    """Return how many approved questions papers do not draw, since people have to mark them."""
    query = sa.select(sa.func.count(Question.id)).join(QuestionVersion, QuestionVersion.id == Question.approved_id)
    return int(db.session.scalar(query.where(Question.bank_id == bank_id, sa.not_(is_drawn()))) or 0)
