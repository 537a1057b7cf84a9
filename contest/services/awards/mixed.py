"""Lists of units whose prizes have criteria of their own: who wins each, with the lots that were drawn for it."""

from collections import defaultdict
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from contest.db import rows
from contest.models.awards import Draw, DrawOutcome
from contest.models.contests import Contest
from contest.rules.awards import Awards, OpenTie
from contest.rules.slots import Slot, fill_slots
from contest.rules.units import Formula, Turnout
from contest.services.awards import rankings
from contest.services.awards.lists import ListView
from contest.services.contests import setup
from contest.services.results import prizewinners


def fill(contest: Contest, found: ListView, ids: Mapping[str, int], refused: Collection[int]) -> Awards:
    """Return who wins the prizes of a mixed list, units and prizes by their numbers.

    A prize without a criterion of its own goes by the formula of the contest.
    """
    own = setup.formula_of(contest)
    slots = [Slot(str(p.number), Formula(p.by) if p.by else own, p.count) for p in found.prizes if p.special is None]
    code = {unit_id: unit for unit, unit_id in ids.items()}
    given = fill_slots(
        _turnouts(contest, found, {slot.by.criterion: slot.by for slot in slots}.values()),
        slots,
        edge=found.edge,
        refused={code[i] for i in refused if i in code},
        lots=_lots(found.id, code),
        cap=found.cap,
    )
    tie = given.tie
    return Awards(
        tuple((str(ids[unit]), prize) for unit, prize in given.winners),
        OpenTie(tie.prize, tie.left, tuple(str(ids[unit]) for unit in tie.codes)) if tie else None,
    )


def _turnouts(contest: Contest, found: ListView, formulas: Collection[Formula]) -> list[Turnout]:
    """Return the compared units with all that any of the formulas asks of them."""
    counting = rankings.counting_of(contest, found)
    if counting is None:
        return []
    return [s.turnout for s in prizewinners.measured_by_all(contest, counting, formulas)]


def _lots(list_id: int, code: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """Return prize → unit → its lot, of the draws for each prize; a later draw only orders those still equal."""
    query = sa.select(Draw.prize_number, Draw.codes, Draw.subjects, DrawOutcome.drawn)
    joined = query.join(DrawOutcome, DrawOutcome.draw_id == Draw.id).where(Draw.list_id == list_id)
    lots: dict[str, dict[str, int]] = defaultdict(dict)
    for number, codes, subjects, drawn in rows(joined.order_by(Draw.id)):
        subject = dict(zip(codes, subjects, strict=True))
        lots[str(number)].update({code[subject[c]]: n for n, c in enumerate(drawn, 1) if subject[c] in code})
    return lots
