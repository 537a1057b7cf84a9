"""Lists of prizes as they are set up: over which ranking, which prizes, how many may win, what a tie at an edge leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from contest import clock
from contest.db import db, rowcount, rows, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.models.awards import Prize, PrizeList
from contest.models.contests import Contest, Round
from contest.models.overall import OverallResult
from contest.models.results import Standing
from contest.rules import awards as rules
from contest.rules.permissions import Actor
from contest.rules.refusals import Refusal
from contest.rules.result_terms import AwardState, EdgeTie, Special
from contest.rules.slots import BEST_BY
from contest.rules.unit_terms import UnitCriterion
from contest.services import audit
from contest.services.contests import overall, rounds, setup
from contest.services.results import overall_board, tables

OVERALL = "overall"  # stands where a round's code would, for the overall standing


@dataclass(frozen=True, slots=True)
class PrizeView:
    number: int
    name: str
    count: int
    special: Special | None
    by: UnitCriterion | None = None


@dataclass(frozen=True, slots=True)
class ListView:
    """A list with its prizes, from the highest down; without a round it goes by the overall standing."""

    id: int
    contest_id: int
    round_id: int | None
    round_code: str
    round_title: str
    for_units: bool
    title: str
    edge: EdgeTie
    cap: Fraction | None
    state: AwardState
    version: int
    begun_by_id: int | None
    result_version: int | None
    prizes: tuple[PrizeView, ...]

    @property
    def quotas(self) -> tuple[rules.Prize, ...]:
        """The prizes that walk the ranking, by their numbers."""
        return tuple(rules.Prize(str(p.number), p.count) for p in self.prizes if p.special is None)

    @property
    def is_mixed(self) -> bool:
        """A prize has a criterion of its own, so that each line goes to the best of those who are left."""
        return any(p.by is not None for p in self.prizes)

    @property
    def specials(self) -> tuple[PrizeView, ...]:
        return tuple(p for p in self.prizes if p.special is not None)


def list_lists(contest: Contest) -> list[ListView]:
    """Return a contest's lists of prizes in the order in which they were made."""
    return _views(PrizeList.contest_id == contest.id)


def get_list(slug: str, list_id: int, *, by: Actor) -> tuple[Contest, ListView]:
    """Return a list of a contest in the actor's scope; raises NotFound."""
    contest = tables.get_contest(slug, by=by)
    found = _views(PrizeList.contest_id == contest.id, PrizeList.id == list_id)
    if not found:
        raise NotFound
    return contest, found[0]


def lock(list_id: int) -> None:
    """Let one command at a time move a list on: what one decides by, another may not change meanwhile."""
    db.session.execute(sa.select(PrizeList.id).where(PrizeList.id == list_id).with_for_update())


def _views(*conditions: Any) -> list[ListView]:
    query = sa.select(PrizeList, Round.code, Round.title).outerjoin(Round, Round.id == PrizeList.round_id)
    found = rows(query.where(*conditions).order_by(PrizeList.id).execution_options(populate_existing=True))
    prizes: dict[int, list[PrizeView]] = {row.id: [] for row, _, _ in found}
    lines = sa.select(Prize).where(Prize.list_id.in_(prizes)).order_by(Prize.number)
    for p in db.session.scalars(lines.execution_options(populate_existing=True)):
        special, by = Special(p.special) if p.special else None, UnitCriterion(p.by) if p.by else None
        prizes[p.list_id].append(PrizeView(p.number, p.name, p.count, special, by))
    return [_view(row, code or OVERALL, title or "", prizes[row.id]) for row, code, title in found]


def _view(row: PrizeList, code: str, title: str, prizes: Sequence[PrizeView]) -> ListView:
    return ListView(
        row.id,
        row.contest_id,
        row.round_id,
        code,
        title,
        row.for_units,
        row.title,
        EdgeTie(row.edge),
        None if row.cap is None else Fraction(row.cap),
        AwardState(row.state),
        row.version,
        row.begun_by_id,
        row.result_version,
        tuple(prizes),
    )


def create(slug: str, values: Mapping[str, Any], prizes: Sequence[Mapping[str, Any]], *, by: Actor) -> int:
    """Make a list of prizes and return its id; raises Invalid naming what contradicts itself."""
    at = clock.now()
    with transaction():
        contest = setup.get_contest(slug, by=by)
        stored = _checked(contest, values, prizes)
        row = PrizeList(contest_id=contest.id, state=AwardState.PROVISIONAL, version=1, **stored)
        db.session.add(row)
        db.session.flush()
        _store(row.id, prizes)
        audit.record("prizes-set-up", "contest", contest.id, by=by, at=at, list=row.id, prizes=len(prizes))
    return row.id


def change(
    slug: str, list_id: int, values: Mapping[str, Any], prizes: Sequence[Mapping[str, Any]], *, seen: int, by: Actor
) -> None:
    """Change a list that is provisional; raises Conflict when somebody saved in between or verification has begun."""
    at = clock.now()
    with transaction():
        contest = setup.get_contest(slug, by=by)
        stored = _checked(contest, values, prizes)
        mine = sa.update(PrizeList).where(PrizeList.id == list_id, PrizeList.contest_id == contest.id)
        free = mine.where(PrizeList.version == seen, PrizeList.state == AwardState.PROVISIONAL)
        if not rowcount(free.values(version=seen + 1, **stored).execution_options(synchronize_session=False)):
            _, found = get_list(slug, list_id, by=by)
            provisional = found.state is AwardState.PROVISIONAL
            raise Conflict(Refusal("changed-meanwhile" if provisional else "award-wrong-state"))
        db.session.execute(sa.delete(Prize).where(Prize.list_id == list_id))
        _store(list_id, prizes)
        audit.record("prizes-set-up", "contest", contest.id, by=by, at=at, list=list_id, prizes=len(prizes))


def _checked(contest: Contest, values: Mapping[str, Any], prizes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    round_id = None if values["round"] == OVERALL else rounds.get_round(contest.id, values["round"]).id
    if round_id is None and overall.find_rule(contest.id) is None:
        raise Invalid(Refusal("overall-none", field="round"))
    cap: Decimal | None = values["cap"]
    quotas = [rules.Prize(str(n), p["count"]) for n, p in enumerate(prizes) if p["special"] is None]
    contestants = None if values["for_units"] else _contestants(contest.id, round_id)
    share = None if cap is None else Fraction(cap)
    refusals = [rules.check_prizes(quotas, cap=share, contestants=contestants)] if quotas or not prizes else []
    for line, prize in enumerate(prizes, 1):
        if not prize["name"] or prize["count"] < 1:
            refusals.append(Refusal("prize-line", {"line": line}, "prizes"))
        refusals.append(rules.check_special(prize["special"], for_units=values["for_units"]))
        if prize.get("by") is not None and not values["for_units"]:
            refusals.append(Refusal("special-for-units", field="prizes"))
        if prize.get("by") is not None and (prize["by"] not in BEST_BY or prize["special"] is not None):
            refusals.append(Refusal("not-a-choice", field="prizes"))
    found = [r for r in refusals if r is not None]
    if found:
        raise Invalid(*found)
    plain = {name: values[name] for name in ("title", "edge", "for_units")}
    return {**plain, "round_id": round_id, "cap": cap}


def _contestants(contest_id: int, round_id: int | None) -> int | None:
    """Return how many people a ranking places; None while it has no result, or not yet of all its rounds."""
    if round_id is not None:
        placed = sa.select(sa.func.count()).select_from(Standing)
        return db.session.scalar(placed.where(Standing.round_id == round_id, Standing.place.is_not(None))) or None
    if not all(r.is_shown for r in overall_board.rounds_in(contest_id)):
        return None
    return db.session.scalar(sa.select(OverallResult.participants).where(OverallResult.contest_id == contest_id))


def _store(list_id: int, prizes: Sequence[Mapping[str, Any]]) -> None:
    db.session.execute(sa.insert(Prize), [{"list_id": list_id, "number": n, **p} for n, p in enumerate(prizes, 1)])
