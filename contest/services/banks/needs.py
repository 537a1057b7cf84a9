"""What rounds that have been published need of a bank: what takes questions out of it may not leave them short."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa

from contest.db import db, rows
from contest.errors import Conflict
from contest.models.banks import Bank
from contest.models.contests import Contest, Round
from contest.rules.blueprints import fixed_in, shortfalls
from contest.rules.refusals import Refusal
from contest.rules.terms import ContestState
from contest.services.banks.blueprints import lines_of
from contest.services.banks.shelf import Stock, stock_of


def hold(*bank_ids: int) -> None:
    """Let nobody else take questions out of these banks, nor publish what draws from them, before this transaction ends."""
    query = sa.select(Bank.id).where(Bank.id.in_(bank_ids)).order_by(Bank.id)
    db.session.execute(query.with_for_update(key_share=True))


@contextmanager
def kept(bank_id: int, at: datetime) -> Iterator[None]:
    """Hold the bank for the caller's transaction while it is changed.

    Raises Conflict when a published round that has not closed would miss more questions than before, naming each.
    """
    hold(bank_id)
    before = _missing(bank_id, at)
    yield
    db.session.flush()
    worse = [(*names, n) for (*names, n), (*_, former) in zip(_missing(bank_id, at), before, strict=True) if n > former]
    if worse:
        raise Conflict(
            *(
                Refusal("question-needed", {"contest": contest, "round": title, "missing": n})
                for contest, title, n in worse
            )
        )


def _missing(bank_id: int, at: datetime) -> list[tuple[str, str, int]]:
    """Return (contest, round, how many questions its paper lacks) of every round that may still draw from the bank."""
    query = (
        sa.select(Round.id, Contest.title, Round.title)
        .join(Contest, Contest.id == Round.contest_id)
        .where(Round.bank_id == bank_id, Round.closes_at > at, Contest.state == ContestState.PUBLISHED)
        .order_by(Round.opens_at, Round.id)
    )
    stocks: dict[frozenset[int], Stock] = {}
    missing = []
    for round_id, contest, title in rows(query):
        lines = lines_of(round_id)
        fixed = fixed_in(lines)
        if fixed not in stocks:
            stocks[fixed] = stock_of(bank_id, fixed)
        stock = stocks[fixed]
        missing.append((contest, title, sum(shortfalls(lines, stock.single, stock.groups))))
    return missing
