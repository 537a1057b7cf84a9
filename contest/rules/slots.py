"""Mixed slots: prizes for units, each with a criterion of its own, given in their order, a unit winning once.

First prize to most participants; two seconds to no. 2 by number and no. 1 by ratio; two thirds to no. 3 by number and
no. 2 by ratio: whoever has won is passed over, so that each line goes to the best of those who are left.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from contest.rules.awards import Awards, Candidate, Prize, award, most_winners
from contest.rules.result_terms import EdgeTie
from contest.rules.terms import mark
from contest.rules.unit_terms import UnitCriterion
from contest.rules.units import Formula, Turnout, rank_units

# What a prize may ask for that needs nothing but itself, with how a list of prizes says it.
BEST_BY: Mapping[UnitCriterion, str] = {
    UnitCriterion.PARTICIPANTS: mark("Đơn vị đông người tham gia nhất"),
    UnitCriterion.RATIO: mark("Đơn vị có tỷ lệ tham gia cao nhất"),
    UnitCriterion.WINNERS: mark("Đơn vị có nhiều người được giải nhất"),
    UnitCriterion.MEAN: mark("Đơn vị có điểm trung bình cao nhất"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """So many of a prize, for the best by a formula among the units that have won nothing yet."""

    prize: str
    by: Formula
    count: int = 1


def fill_slots(
    turnouts: Sequence[Turnout],
    slots: Sequence[Slot],
    *,
    edge: EdgeTie = EdgeTie.LOT,
    refused: Collection[str] = (),
    lots: Mapping[str, Mapping[str, int]] = {},  # read only
    cap: Fraction | None = None,
) -> Awards:
    """Give the slots out in their order; stops at a tie that a lot has yet to settle, for what follows depends on it.

    `lots` holds prize → unit → its lot. All units are compared together; one in which nobody took part wins nothing.
    """
    able = {t.unit: t for t in turnouts if t.participants}
    most = None if cap is None else most_winners(cap, len(turnouts))
    winners: list[tuple[str, str]] = []
    for slot in slots:
        left = [t for unit, t in able.items() if unit not in dict(winners)]
        lot = lots.get(slot.prize, {})
        ranking = [
            Candidate(p.turnout.unit, p.place, is_refused=p.turnout.unit in refused, lot=lot.get(p.turnout.unit))
            for p in rank_units(left, slot.by)
            if p.place is not None
        ]
        count = slot.count if most is None else min(slot.count, most - len(winners))
        spare = None if most is None else most - len(winners)
        within = None if spare is None else Fraction(spare, len(turnouts) or 1)
        given = award(ranking, [Prize(slot.prize, count)], edge=edge, cap=within, contestants=len(turnouts))
        winners += given.winners
        if given.tie is not None:
            return Awards(tuple(winners), given.tie)
    return Awards(tuple(winners))
