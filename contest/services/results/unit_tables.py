"""The comparison of units as its organisers take it along: every unit in their scope with all figures behind its place."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from contest import clock
from contest.db import db
from contest.models.contests import Contest
from contest.rules.permissions import Actor
from contest.rules.scoring import rounded
from contest.rules.unit_terms import UnitCriterion
from contest.rules.units import Formula, UnitPlace
from contest.services.contests import rounds, setup
from contest.services.results import prizewinners, tables, turnouts, unit_boards, unit_scopes
from contest.services.results.turnouts import Counting

PERCENT = {UnitCriterion.RATIO, UnitCriterion.GATED_RATIO}  # measured by a ratio, which is told in percent


def export_rows(contest: Contest, round_code: str | None, *, today: bool, by: Actor) -> Iterator[dict[str, Any]]:
    """Yield the compared units in order, division by division, of one round or over all rounds that show a board.

    A round is told whether its board shows or not, since its results are the actor's to see; `today` sums up by the tree
    of today rather than that of the close. Ratios are percentages, and figures are rounded to the millionth.
    """
    title, counting = _counting(contest, round_code, clock.now())
    if today:
        counting = turnouts.by_today(counting)
    formula = setup.formula_of(contest)
    if not counting.round_ids:
        return
    found = prizewinners.measured(contest, counting, formula)
    scope = tables.units_seen(contest, by)
    seen = None if scope is None else set(db.session.scalars(scope))
    known = {s.turnout.unit: s for s in found}
    for place in unit_boards.places(found, formula):
        unit = known[place.turnout.unit]
        if seen is None or unit.unit_id in seen:
            yield _row(title, unit.name, place, formula)


def _counting(contest: Contest, round_code: str | None, at: datetime) -> tuple[str, Counting]:
    if round_code is None:
        _, counting, _ = unit_scopes.whole(contest, at)
        return "", counting
    row = rounds.get_round(contest.id, round_code)
    return row.title, turnouts.of_round(row, at)


def _row(title: str, name: str, place: UnitPlace, formula: Formula) -> dict[str, Any]:
    t = place.turnout
    return {
        "round": title,
        "division": t.division,
        "place": place.place,
        "unit_code": t.unit,
        "unit_name": name,
        "headcount": t.headcount,
        "participants": t.participants,
        "ratio": _figure(t.ratio, 100),
        "compared_by": formula.criterion,
        "measure": _figure(place.measure, 100 if formula.criterion in PERCENT else 1),
        "over_headcount": t.is_over,
        "why_none": place.why_none,
    }


def _figure(value: Fraction | None, times: int) -> Decimal | None:
    return None if value is None else rounded(value * times)
