"""How a contest makes one standing of several rounds: chosen while it is set up, and fixed once a round of it is out."""

from collections.abc import Sequence

import sqlalchemy as sa

from contest import clock
from contest.db import db, transaction
from contest.errors import Conflict, Invalid
from contest.models.awards import PrizeList
from contest.models.contests import Contest, Round
from contest.models.overall import OverallResult, OverallRound, OverallRule, OverallStanding
from contest.rules.overall import Rule, check_rule
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.services import audit
from contest.services.contests import rounds, setup


def find_rule(contest_id: int) -> Rule | None:
    """Return how a contest makes its overall standing, or None where it makes none."""
    query = sa.select(OverallRule).where(OverallRule.contest_id == contest_id)
    row = db.session.scalar(query.execution_options(populate_existing=True))
    return None if row is None else rule_of(row)


def rule_of(row: OverallRule) -> Rule:
    return Rule(OverallWay(row.way), tuple(OverallCriterion(c) for c in row.criteria), row.best)


def list_counted(contest_id: int) -> list[Round]:
    """Return the rounds that are in the overall standing, by number."""
    query = sa.select(Round).join(OverallRound, OverallRound.round_id == Round.id)
    ordered = query.where(OverallRound.contest_id == contest_id).order_by(Round.number)
    return list(db.session.scalars(ordered.execution_options(populate_existing=True)))


def refusals(contest_id: int, rule: Rule, codes: Sequence[str]) -> tuple[Refusal, ...]:
    """Return everything that speaks against a rule over these rounds of a contest."""
    chosen = [r for r in rounds.list_rounds(contest_id) if r.code in codes]
    if len(chosen) < len(set(codes)):
        return (Refusal("not-a-choice", field="chosen" if rule.way is OverallWay.CHOSEN else "rounds"),)
    return check_rule(rule, [r.prediction is not None for r in chosen])


def choose(slug: str, rule: Rule | None, codes: Sequence[str], *, seen: int, by: Actor) -> None:
    """Say how the rounds count together, None for not at all; raises Invalid naming every contradiction.

    Once the result of a round that is in stands, neither the rule nor that round's part in it changes (Conflict).
    """
    at = clock.now()
    with transaction():
        row = setup.begin(slug, seen, by)
        found = () if rule is None else refusals(row.id, rule, codes)
        if found:
            raise Invalid(*found)
        _refuse_settled(row, rule, codes)
        prizes = sa.exists().where(PrizeList.contest_id == row.id, PrizeList.round_id.is_(None))
        if rule is None and db.session.scalar(sa.select(prizes)):
            raise Conflict(Refusal("overall-has-prizes", field="way"))
        for table in (OverallRound, OverallRule):
            db.session.execute(sa.delete(table).where(table.contest_id == row.id))
        if rule is None:
            for stored in (OverallStanding, OverallResult):
                db.session.execute(sa.delete(stored).where(stored.contest_id == row.id))
        else:
            criteria = [c.value for c in rule.criteria]
            values = {"contest_id": row.id, "way": rule.way.value, "best": rule.best, "criteria": criteria}
            db.session.execute(sa.insert(OverallRule), values)
            ids = db.session.scalars(sa.select(Round.id).where(Round.contest_id == row.id, Round.code.in_(codes)))
            db.session.execute(sa.insert(OverallRound), [{"contest_id": row.id, "round_id": i} for i in ids])
        told = {"way": rule.way.value if rule else None, "rounds": len(set(codes)), "best": rule.best if rule else None}
        audit.record("overall-chosen", "contest", row.id, by=by, at=at, **told)


def _refuse_settled(row: Contest, rule: Rule | None, codes: Sequence[str]) -> None:
    before, was_in = find_rule(row.id), list_counted(row.id)
    settled = {r.code for r in was_in if r.settled_at is not None}
    if before is not None and settled and (rule != before or not settled <= set(codes)):
        raise Conflict(Refusal("overall-settled", field="way"))
