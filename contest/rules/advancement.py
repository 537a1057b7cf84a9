"""Advancing to a later round: who of a ranking is in, who waits in reserve, and who comes up when somebody withdraws.

Whoever is not considered for prizes, or takes no part, is left out and the next moves up. Equals at the edge all advance,
and so do equals at the edge of the reserve wait together. Where units have their own numbers, each has its own reserve.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType

from contest.rules.advancement_terms import AdvanceBy
from contest.rules.refusals import Refusal

MOST = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How people advance; `quotas` maps units to how many, `reserve` is how many wait (of each unit, where units count)."""

    by: AdvanceBy
    count: int = 0
    least_score: Decimal = Decimal()
    quotas: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    reserve: int = 0

    @property
    def is_per_unit(self) -> bool:
        return self.by in {AdvanceBy.TOP_PER_UNIT, AdvanceBy.QUOTA}


@dataclass(frozen=True, slots=True)
class Runner:
    """Somebody in the ranking that people advance from; `unit` is the one that counts for them, None for none."""

    member_id: int
    place: int
    points: Decimal
    unit: str | None
    may_advance: bool = True


@dataclass(frozen=True, slots=True)
class Advancing:
    """Who advances and who waits, each in the order of the ranking."""

    advancing: tuple[Runner, ...]
    reserve: tuple[Runner, ...]


def check_plan(plan: Plan) -> tuple[Refusal, ...]:
    """Return everything that a plan lacks."""
    found = list[Refusal]()
    if plan.by in {AdvanceBy.TOP, AdvanceBy.TOP_PER_UNIT} and not 1 <= plan.count <= MOST:
        found.append(Refusal("advance-count", {"low": 1}, "count"))
    if plan.by is AdvanceBy.LEAST_SCORE and plan.least_score <= 0:
        found.append(Refusal("least-score-missing", field="least_score"))
    if plan.by is AdvanceBy.QUOTA and not any(plan.quotas.values()):
        found.append(Refusal("advance-quotas-missing", field="quotas"))
    if not 0 <= plan.reserve <= MOST:
        found.append(Refusal("advance-reserve", {"low": 0}, "reserve"))
    return tuple(found)


def check_source(target: int, sources: Sequence[int]) -> Refusal | None:
    """Refuse to advance from no round, from the round itself or from a later one: rounds are given by their numbers."""
    if not sources or any(number >= target for number in sources):
        return Refusal("advance-from-later", field="source")
    return None


def advance(runners: Iterable[Runner], plan: Plan) -> Advancing:
    """Return who advances by a plan and who waits in reserve."""
    able = sorted((r for r in runners if r.may_advance), key=lambda r: (r.place, r.member_id))
    if not plan.is_per_unit:
        return _cut(able, plan, plan.count)
    groups: dict[str, list[Runner]] = {}
    for runner in able:
        if runner.unit is not None:
            groups.setdefault(runner.unit, []).append(runner)
    cuts = [
        _cut(own, plan, plan.quotas.get(unit, 0) if plan.by is AdvanceBy.QUOTA else plan.count)
        for unit, own in groups.items()
    ]
    parts = ([r for cut in cuts for r in cut.advancing], [r for cut in cuts for r in cut.reserve])
    ordered = [tuple(sorted(part, key=lambda r: (r.place, r.member_id))) for part in parts]
    return Advancing(*ordered)


def _cut(own: Sequence[Runner], plan: Plan, count: int) -> Advancing:
    if plan.by is AdvanceBy.LEAST_SCORE:
        count = sum(r.points >= plan.least_score for r in own)
        advancing = [r for r in own if r.points >= plan.least_score]
    else:
        advancing = _first(own, count)
    inside = {r.member_id for r in advancing}
    rest = [r for r in own if r.member_id not in inside]
    reserve = _first(rest, plan.reserve) if count else []  # a unit that sends nobody has no reserve either
    return Advancing(tuple(advancing), tuple(reserve))


def _first(own: Sequence[Runner], count: int) -> list[Runner]:
    """Return the first so many, with all who are equal to the last of them."""
    found: list[Runner] = []
    for _, equals in groupby(own, key=lambda r: r.place):
        if len(found) >= count:
            break
        found += equals
    return found


def next_up(reserve: Iterable[Runner], unit: str | None, plan: Plan) -> tuple[int, ...]:
    """Return who of the reserve may be called up for somebody of a unit: the highest, of the same unit where units count."""
    able = [r for r in reserve if not plan.is_per_unit or r.unit == unit]
    best = min((r.place for r in able), default=None)
    return tuple(r.member_id for r in able if r.place == best)
