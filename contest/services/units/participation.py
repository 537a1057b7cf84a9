"""Contests in which a unit takes part while it changes: nobody falls out of a contest that is running by a change of the tree."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from contest import clock
from contest.db import db, rows
from contest.models.contests import Contest, ContestUnit, Round
from contest.models.organisation import UnitAncestor
from contest.models.results import Standing, StandingUnit
from contest.rules.permissions import Actor
from contest.rules.terms import ContestState
from contest.services import audit
from contest.services.units import trees


def _unfinished() -> sa.Select[tuple[int]]:
    """Return the ids of contests that are not archived and have a round that has yet to close, or none yet."""
    ahead = sa.exists().where(Round.contest_id == Contest.id, Round.closes_at > clock.now())
    none = ~sa.exists().where(Round.contest_id == Contest.id)
    return sa.select(Contest.id).where(Contest.state != ContestState.ARCHIVED, sa.or_(ahead, none))


def contests_of(unit_ids: Collection[int]) -> dict[int, set[int]]:
    """Return unit → the unfinished contests in which it takes part, itself or by one above it."""
    query = (
        sa.select(UnitAncestor.unit_id, ContestUnit.contest_id)
        .join(ContestUnit, ContestUnit.unit_id == UnitAncestor.ancestor_id)
        .where(
            UnitAncestor.unit_id.in_(unit_ids),
            UnitAncestor.valid_to.is_(None),
            ContestUnit.contest_id.in_(_unfinished()),
        )
    )
    found: dict[int, set[int]] = {unit_id: set() for unit_id in unit_ids}
    for unit_id, contest_id in db.session.execute(query):
        found[unit_id].add(contest_id)
    return found


def keep(before: Mapping[int, set[int]], unit_id: int, heir_id: int, *, by: Actor, at: datetime) -> None:
    """Let whoever comes after a unit take part wherever it did, and units that went along stay in; on record."""
    others = [(unit, unit) for unit in before if unit != unit_id]
    for unit, heir in [(unit_id, heir_id), *others]:  # the heir first: others may then take part below it
        for contest_id in sorted(before[unit] - contests_of([heir])[heir]):
            db.session.execute(sa.insert(ContestUnit), {"contest_id": contest_id, "unit_id": heir})
            audit.record("contest-units-chosen", "contest", contest_id, by=by, at=at, added=[heir], after=unit_id)


def running(unit_ids: Collection[int]) -> list[tuple[str, str]]:
    """Return (slug, title) of the unfinished contests in which units take part."""
    contests = {c for had in contests_of(unit_ids).values() for c in had}
    query = sa.select(Contest.slug, Contest.title).where(Contest.id.in_(contests)).order_by(Contest.title)
    return [(r[0], r[1]) for r in rows(query)] if contests else []


def rehang(unit_ids: Sequence[int], since: datetime) -> None:
    """Put the running standings of people of units under those above them today; what closed before follows its own tree."""
    ongoing = sa.select(Round.id).where(
        Round.settled_at.is_(None), Round.closes_at > since, Round.opens_at <= clock.now()
    )
    own = sa.and_(Standing.round_id.in_(ongoing), Standing.unit_id.in_(unit_ids))
    who = sa.select(Standing.round_id, Standing.member_id).where(own)
    gone = sa.delete(StandingUnit).where(sa.tuple_(StandingUnit.round_id, StandingUnit.member_id).in_(who))
    db.session.execute(gone.execution_options(synchronize_session=False))
    under = (
        sa.select(Standing.round_id, Standing.member_id, UnitAncestor.ancestor_id, Standing.board_key)
        .join(UnitAncestor, UnitAncestor.unit_id == Standing.unit_id)
        .where(own, trees.held(UnitAncestor, None))
    )
    names = ["round_id", "member_id", "ancestor_id", "board_key"]
    db.session.execute(sa.insert(StandingUnit).from_select(names, under))
