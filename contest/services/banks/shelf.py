"""The banks themselves: which are the actor's, what they hold, what papers may be drawn from them."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from contest import clock
from contest.db import db, rows, transaction
from contest.errors import Forbidden, Invalid, NotFound
from contest.formats.rich.questions import words
from contest.models.banks import Bank, Question, QuestionVersion
from contest.rules.permissions import Actor
from contest.rules.question_terms import Kind, VersionState
from contest.rules.questions import MARKED_BY_PEOPLE, TOLD
from contest.rules.refusals import Refusal
from contest.rules.seats import MARKED, Cell, Group
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


@dataclass(frozen=True, slots=True)
class Stock:
    """What papers may draw of a bank: how many questions stand alone in each cell, and those of each passage together."""

    single: dict[Cell, int]
    groups: tuple[Group, ...]

    @property
    def by_cell(self) -> dict[Cell, int]:
        return dict(Counter(self.single) + Counter(cell for group in self.groups for cell in group))


def stock_of(bank_id: int, fixed: Collection[int] = ()) -> Stock:
    """Return what papers may draw by (topic, difficulty); questions that are fixed or marked by people are cells of their own."""
    alone = sa.case((Question.id.in_(fixed), Question.id), (is_marked(), MARKED)).label("alone")
    found = rows(
        sa.select(Question.topic_id, Question.difficulty, alone, Question.passage_id, sa.func.count())
        .join(QuestionVersion, QuestionVersion.id == Question.approved_id)
        .where(Question.bank_id == bank_id, is_drawn())
        .group_by(Question.topic_id, Question.difficulty, Question.passage_id, alone)
    )
    single, groups = dict[Cell, int](), dict[int, list[Cell]]()
    for topic, level, question, passage, count in found:
        cell: Cell = (topic, level) if question is None else (topic, level, question)
        if passage is None:
            single[cell] = count
        else:
            groups.setdefault(passage, []).extend([cell] * count)
    return Stock(single, tuple(map(tuple, groups.values())))


def is_drawn() -> sa.ColumnElement[bool]:
    """Return the condition under which papers draw an approved version.

    Not what is only read, nor a question whose passage nobody has approved.
    """
    passage, version = aliased(Question), aliased(QuestionVersion)
    approved = sa.select(passage.id).join(version, version.id == passage.approved_id)
    approved = approved.where(passage.id == Question.passage_id, version.kind == Kind.PASSAGE).correlate(Question)
    has_passage = sa.or_(Question.passage_id.is_(None), approved.exists())
    return sa.and_(QuestionVersion.kind.not_in(sorted(TOLD)), has_passage)


def is_marked() -> sa.ColumnElement[bool]:
    """Return the condition under which people mark a version."""
    return QuestionVersion.kind.in_(sorted(MARKED_BY_PEOPLE))


def marked_among(question_ids: Collection[int]) -> frozenset[int]:
    """Return which of these questions people mark, as they are approved or else as they are written."""
    if not question_ids:
        return frozenset()
    version = sa.func.coalesce(Question.approved_id, Question.current_id)
    query = sa.select(Question.id).join(QuestionVersion, QuestionVersion.id == version)
    return frozenset(db.session.scalars(query.where(Question.id.in_(question_ids), is_marked())))


def list_passages(bank_id: int) -> list[tuple[str, str]]:
    """Return (code, first words) of the passages of a bank that are not retired."""
    query = sa.select(Question.code, QuestionVersion.text, QuestionVersion.rich)
    query = query.join(QuestionVersion, QuestionVersion.id == Question.current_id)
    query = query.where(Question.bank_id == bank_id, QuestionVersion.kind == Kind.PASSAGE)
    found = rows(query.where(QuestionVersion.state != VersionState.RETIRED).order_by(Question.code))
    return [(r[0], words(r[1], rich=r[2])[:80]) for r in found]
