"""Units compared by prizes and by who had to take part: counted where the result was made, and recounted another way."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa

from contest.db import db, transaction
from contest.errors import Invalid
from contest.gateways.cache import Cache
from contest.models.contests import Contest
from contest.models.members import Member
from contest.models.organisation import HeadcountDeclaration
from contest.models.results import Standing
from contest.rules.entrants import Marks
from contest.rules.entry_terms import EntrantReason
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.result_terms import AwardState, EdgeTie, Verification
from contest.rules.unit_terms import UnitChangeKind, UnitCriterion, Unplaced
from contest.rules.units import Formula, UnitPlace
from contest.services.awards import lists, verification, winners
from contest.services.contests import entrant_lists, setup
from contest.services.results import proof, settlement, unit_boards, unit_reasons, unit_scopes
from contest.services.units import changes
from contest.services.units.changes import Wish
from tests import people
from tests.conftest import Clock

SLUG = "cuoc-thi"
POINTS = {"nhất": Decimal(10), "Giải  NHÌ": Decimal("8.5")}
BY = UnitCriterion
FORMULAS = {
    BY.PERCENT_AND_PRIZES: Formula(BY.PERCENT_AND_PRIZES, prize_points=POINTS),
    BY.GATED_RATIO: Formula(BY.GATED_RATIO),
    BY.WINNERS: Formula(BY.WINNERS),
}


@pytest.fixture
def house(contest: str, crowd: list[Actor], clock: Clock) -> str:
    """Let the crowd, eight people under A and four under B, come to its result; each unit has ten members."""
    with transaction():
        db.session.execute(sa.update(HeadcountDeclaration).values(figure=10))
    return contest


def settle(code: str, clock: Clock) -> None:
    row = people.round_row(code)
    clock.set(row.closes_at + timedelta(minutes=30))
    settlement.settle(row.id)


def choose(formula: Formula) -> None:
    version = db.session.scalars(sa.select(Contest.version)).one()
    setup.choose_unit_ranking(SLUG, formula, seen=version, by=SYSTEM)


def recognise(code: str, *ladder: tuple[str, int], for_units: bool = False) -> int:
    given = {"round": code, "title": "Giải", "for_units": for_units, "edge": EdgeTie.ALL, "cap": None}
    lines = [{"name": name, "count": count, "special": None} for name, count in ladder]
    number = lists.create(SLUG, given, lines, by=SYSTEM)
    verification.proceed(SLUG, number, to=AwardState.VERIFICATION, by=SYSTEM)
    for w in winners.outcome(*lists.get_list(SLUG, number, by=SYSTEM)).winners:
        verification.judge(SLUG, number, w.subject.id, Verification.VERIFIED, "", by=SYSTEM)
    verification.proceed(SLUG, number, to=AwardState.OFFICIAL, by=SYSTEM)
    return number


def board(code: str, by: UnitCriterion) -> dict[str, UnitPlace]:
    contest = db.session.scalars(sa.select(Contest)).one()
    return {p.turnout.unit: p for p in unit_boards.compare(contest, people.round_row(code), FORMULAS[by])}


def units_of(number: int) -> list[str]:
    """Return the compared unit of each winner, by the names of the units that they belong to."""
    found = winners.outcome(*lists.get_list(SLUG, number, by=SYSTEM)).winners
    return ["A" if w.subject.unit.endswith("An Một") else "B" for w in found]


def mark(who: Sequence[Actor]) -> None:
    marked = [(a.member_id or 0, Marks(is_mandatory=True), "") for a in who]
    with transaction():
        entrant_lists.store(people.contest_id(), marked, EntrantReason.REGULATIONS, by=SYSTEM)


def differences() -> tuple[Any, ...]:
    return proof.verify(SLUG, 1, by=SYSTEM)[0].differences


def test_prizes_count_from_their_recognition_on_and_not_before(house: str, clock: Clock) -> None:
    choose(FORMULAS[BY.WINNERS])
    settle(house, clock)
    view = unit_boards.board(unit_scopes.of_round(house), actor=None, cache=Cache())
    assert (view.awaits_prizes, {row.measure for row in view.rows}) == (True, {Decimal()})
    given = {"round": house, "title": "Giải", "for_units": False, "edge": EdgeTie.ALL, "cap": None}
    lists.create(SLUG, given, [{"name": "Nhất", "count": 3, "special": None}], by=SYSTEM)
    assert {p.measure for p in board(house, BY.WINNERS).values()} == {0}
    number = recognise(house, ("Nhất", 3))
    own = units_of(number)
    found = board(house, BY.WINNERS)
    assert {u: found[u].measure for u in ("A", "B")} == {u: own.count(u) for u in ("A", "B")}
    view = unit_boards.board(unit_scopes.of_round(house), actor=None, cache=Cache())
    assert not view.awaits_prizes
    assert differences() == ()


def test_percent_and_prizes_match_by_name_whatever_the_case(house: str, clock: Clock) -> None:
    choose(FORMULAS[BY.PERCENT_AND_PRIZES])
    settle(house, clock)
    number = recognise(house, ("Giải Nhất", 1), ("giải nhì", 2), ("Khuyến khích", 3))
    found, own = board(house, BY.PERCENT_AND_PRIZES), units_of(number)
    names = [w.prize for w in winners.outcome(*lists.get_list(SLUG, number, by=SYSTEM)).winners]
    worth = {"Giải Nhất": Fraction(10), "giải nhì": Fraction(17, 2), "Khuyến khích": Fraction()}
    for unit in ("A", "B"):
        prizes = sum(worth[name] for name, of in zip(names, own, strict=True) if of == unit)
        assert found[unit].measure == Fraction(found[unit].turnout.participants, 10) * 100 + prizes
    assert differences() == ()


def test_somebody_with_two_prizes_is_one_winner(house: str, clock: Clock) -> None:
    choose(FORMULAS[BY.WINNERS])
    settle(house, clock)
    first, second = recognise(house, ("Nhất", 1)), recognise(house, ("Lan tỏa", 1))
    assert units_of(first) == units_of(second)
    unit = board(house, BY.WINNERS)[units_of(first)[0]]
    assert (unit.measure, sum(unit.turnout.winners.values())) == (1, 2)
    assert differences() == ()


def test_lists_of_units_make_no_winners(house: str, clock: Clock) -> None:
    choose(FORMULAS[BY.WINNERS])
    settle(house, clock)
    recognise(house, ("Nhất", 1), for_units=True)
    assert {p.measure for p in board(house, BY.WINNERS).values()} == {0}
    assert differences() == ()


def test_gates_ask_for_every_mandatory_person_and_a_winner(house: str, crowd: list[Actor], clock: Clock) -> None:
    choose(FORMULAS[BY.GATED_RATIO])
    mark([crowd[0], crowd[1], people.member("vang", "A1")])
    settle(house, clock)
    assert {u: p.why_none for u, p in board(house, BY.GATED_RATIO).items()} == {
        "A": Unplaced.MANDATORY_MISSING,
        "B": Unplaced.NO_WINNER,
    }
    assert differences() == ()
    recognise(house, ("Nhất", 12))
    found = board(house, BY.GATED_RATIO)
    assert (found["A"].why_none, found["B"].measure) == (Unplaced.MANDATORY_MISSING, Fraction(4, 10))
    assert (found["A"].turnout.mandatory, found["A"].turnout.mandatory_present) == (2, 1)
    why = unit_reasons.why(unit_scopes.of_round(house), "A", actor=crowd[0])
    assert (why.turnout.mandatory, why.turnout.mandatory_present, why.why_none) == (2, 1, Unplaced.MANDATORY_MISSING)
    assert differences() == ()


def test_result_stays_with_its_unit_when_its_winner_moves_on(house: str, crowd: list[Actor], clock: Clock) -> None:
    choose(FORMULAS[BY.WINNERS])
    mark(crowd)
    settle(house, clock)
    recognise(house, ("Nhất", 12))
    with transaction():
        db.session.execute(sa.update(Member).values(unit_id=people.unit_id("B1")))
    found = board(house, BY.WINNERS)
    assert {u: p.measure for u, p in found.items()} == {"A": 8, "B": 4}
    gated = board(house, BY.GATED_RATIO)
    assert {u: p.turnout.mandatory for u, p in gated.items()} == {"A": 8, "B": 4}
    assert differences() == ()


def test_who_stayed_away_counts_where_the_unit_was_before_a_split(house: str, crowd: list[Actor], clock: Clock) -> None:
    choose(FORMULAS[BY.GATED_RATIO])
    away = people.member("vang", "A1")
    mark([away])
    settle(house, clock)
    recognise(house, ("Nhất", 12))
    clock.advance(days=1)
    with transaction():
        wish = Wish(UnitChangeKind.SPLIT, new_code="A9", new_name="Tách ra", units=[], people=["vang"])
        changes.carry_out("A1", wish, by=SYSTEM)
    assert db.session.get_one(Member, away.member_id).unit_id == people.unit_id("A9")
    assert board(house, BY.GATED_RATIO)["A"].why_none is Unplaced.MANDATORY_MISSING
    assert differences() == ()


@pytest.mark.parametrize("by", list(FORMULAS))
@pytest.mark.parametrize("headcount", [None, 0, 3, 40])
def test_every_formula_of_prizes_is_recounted(
    house: str, database: str, crowd: list[Actor], clock: Clock, by: UnitCriterion, headcount: int | None
) -> None:
    choose(FORMULAS[by])
    with transaction():
        own = people.unit_id("A"), people.unit_id("B")
        db.session.execute(
            sa.update(HeadcountDeclaration).where(HeadcountDeclaration.unit_id.in_(own)).values(figure=headcount)
        )
    mark([crowd[0], crowd[3]])
    settle(house, clock)
    assert differences() == ()
    recognise(house, ("Nhất", 1), ("Nhì", 2), ("Khác", 2))
    assert differences() == ()


def test_prize_counted_under_another_unit_is_named_by_the_recount(house: str, clock: Clock) -> None:
    choose(FORMULAS[BY.WINNERS])
    settle(house, clock)
    recognise(house, ("Nhất", 1))
    with transaction():
        db.session.execute(sa.update(Standing).where(Standing.place == 1).values(unit_id=people.unit_id("GOC")))
    assert ("unit", "compared by") in {(d.kind, d.field) for d in differences()}


def test_board_of_the_contest_counts_the_prizes_of_every_round(house: str, clock: Clock) -> None:
    choose(FORMULAS[BY.WINNERS])
    settle(house, clock)
    people.publish_result(SLUG, house)
    recognise(house, ("Nhất", 12))
    view = unit_boards.board(unit_scopes.of_contest(SLUG), actor=None, cache=Cache())
    assert {row.code: row.measure for row in view.rows} == {"A": 8, "B": 4}


@pytest.mark.parametrize(
    ("points", "slug"),
    [
        ({}, "prize-points-missing"),
        ({"Nhất": 10}, "points-of-prize-missing"),
        ({"Nhất": 10, "giải nhất": 8, "nhì": 1}, "prize-twice"),
        ({"giải nhất": 10, "NHÌ": 0}, None),
    ],
)
def test_points_are_asked_for_every_prize_of_the_contest(house: str, points: dict[str, int], slug: str | None) -> None:
    given = {"round": house, "title": "Giải", "for_units": False, "edge": EdgeTie.ALL, "cap": None}
    lists.create(SLUG, given, [{"name": n, "count": 1, "special": None} for n in ("Giải Nhất", "Giải Nhì")], by=SYSTEM)
    formula = Formula(BY.PERCENT_AND_PRIZES, prize_points={name: Decimal(n) for name, n in points.items()})
    if slug is None:
        choose(formula)
        return
    with pytest.raises(Invalid, match=slug):
        choose(formula)
