"""Advancing to a final: proposed, confirmed by a second person, kept by the start, and filled up from the reserve."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.models.contests import Contest
from contest.models.members import Member
from contest.models.results import Standing
from contest.rules.advancement import Plan
from contest.rules.advancement_terms import AdvanceBy
from contest.rules.entry_terms import EntrantMark
from contest.rules.overall import Rule
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.permissions import SYSTEM, Actor
from contest.services.attempts import starting
from contest.services.contests import overall as setup_overall
from contest.services.contests import rounds, views
from contest.services.results import advancement, advancement_list, overall, settlement
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take

SLUG = "cuoc-thi"
B = AdvanceBy
SIX = 6


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> Iterator[list[str]]:
    """Return a settled first round in which p0 to p5 stand in that order, and a final that opens after it."""
    with app.app_context():
        people.organisation()
        later = {"opens_at": clock.at + timedelta(hours=5), "closes_at": clock.at + timedelta(hours=9)}
        codes = people.contest(
            rounds=[{"title": "Tuần 1", "criteria": ["correct", "duration"]}, {"title": "Chung kết", **later}]
        )
        for n in range(SIX):
            take(codes[0], people.member(f"p{n}", "A1" if n % 2 else "B1"), clock, 3, None, 60 + n)
        clock.at = people.round_row(codes[0]).closes_at + timedelta(minutes=30)
        settlement.settle(people.round_row(codes[0]).id)
        yield codes


@pytest.fixture
def hands(house: list[str]) -> list[Actor]:
    return [people.organiser("btc1"), people.organiser("btc2")]


def choose(house: list[str], plan: Plan | None, source: str | None = None, target: int = 1, units: bool = True) -> None:
    seen = db.session.scalars(sa.select(Contest.version).where(Contest.slug == SLUG)).one()
    chosen = house[0] if source is None else source
    advancement.choose(SLUG, house[target], plan, source=chosen, compared_units=units, seen=seen, by=SYSTEM)


def listed(house: list[str]) -> dict[str, list[str]]:
    view = advancement_list.get_view(people.round_row(house[1]))
    assert view is not None
    return {s: [r.code for r in view.of(s)] for s in ("in", "reserve", "withdrawn")}


def confirmed(house: list[str], hands: list[Actor], plan: Plan) -> None:
    choose(house, plan)
    advancement.propose(SLUG, house[1], by=hands[0])
    advancement.confirm(SLUG, house[1], by=hands[1])


def test_the_first_advance_once_a_second_person_confirms(house: list[str], hands: list[Actor], clock: Clock) -> None:
    clock.at = people.round_row(house[1]).opens_at
    choose(house, Plan(B.TOP, 2, reserve=2))
    first = people.actor("p0")
    with pytest.raises(Forbidden) as unlisted:
        starting.start(house[1], by=first)
    assert unlisted.value.refusal.slug == "not-advanced"
    advancement.propose(SLUG, house[1], by=hands[0])
    assert listed(house) == {"in": ["p0", "p1"], "reserve": ["p2", "p3"], "withdrawn": []}
    with pytest.raises(Forbidden):
        starting.start(house[1], by=first)  # proposed is not confirmed
    with pytest.raises(Forbidden) as same:
        advancement.confirm(SLUG, house[1], by=hands[0])
    assert same.value.refusal.slug == "second-person-advancement"
    advancement.confirm(SLUG, house[1], by=hands[1])
    assert starting.start(house[1], by=first)
    with pytest.raises(Forbidden):
        starting.start(house[1], by=people.actor("p2"))
    seen = {code: views.get_round(house[1], actor=people.actor(code))[1] for code in ("p0", "p1", "p2")}
    assert {c: (v.has_advanced, v.may_start, v.why_not.slug if v.why_not else None) for c, v in seen.items()} == {
        "p0": (True, False, None), "p1": (True, True, None), "p2": (False, False, "not-advanced"),
    }  # fmt: skip


def test_a_round_without_a_rule_is_open_to_all(house: list[str], clock: Clock) -> None:
    clock.at = people.round_row(house[1]).opens_at
    choose(house, Plan(B.TOP, 1))
    choose(house, None)
    assert starting.start(house[1], by=people.actor("p5"))


def test_one_who_withdraws_makes_room_for_the_next_in_reserve(house: list[str], hands: list[Actor]) -> None:
    confirmed(house, hands, Plan(B.TOP, 2, reserve=3))

    def refused(step: str, code: str, reason: str = "Bận việc") -> str:
        with pytest.raises((Conflict, Invalid)) as no:
            getattr(advancement, step)(SLUG, house[1], code, reason, by=hands[0])
        return str(no.value.refusal.slug)

    assert refused("call_up", "p2") == "advance-not-next"  # nobody has withdrawn
    assert refused("withdraw", "p1", " ") == "required"
    assert refused("withdraw", "p9") == "person-not-listed"
    assert refused("withdraw", "p3") == "advance-begun"  # still in reserve
    advancement.withdraw(SLUG, house[1], "P1", "Đi công tác", by=hands[0])
    assert refused("withdraw", "p1") == "advance-begun"
    assert refused("call_up", "p3") == "advance-not-next"
    advancement.call_up(SLUG, house[1], "p2", "Thay p1", by=hands[0])
    assert listed(house) == {"in": ["p0", "p2"], "reserve": ["p3", "p4"], "withdrawn": ["p1"]}
    assert refused("call_up", "p3") == "advance-not-next"  # the one free place is taken
    advancement.withdraw(SLUG, house[1], "p2", "Từ chối", by=hands[0])
    advancement.call_up(SLUG, house[1], "p3", "Thay p2", by=hands[0])
    assert listed(house) == {"in": ["p0", "p3"], "reserve": ["p4"], "withdrawn": ["p1", "p2"]}


def test_whoever_is_not_considered_is_left_out(house: list[str], hands: list[Actor]) -> None:
    people.mark(SLUG, people.actor("p0"), EntrantMark.NO_PRIZE)
    people.mark(SLUG, people.actor("p1"), EntrantMark.STAYS_OUT)
    choose(house, Plan(B.TOP, 2))
    advancement.propose(SLUG, house[1], by=hands[0])
    assert listed(house)["in"] == ["p2", "p3"]


@pytest.mark.parametrize(
    ("plan", "units", "inside", "reserve"),
    [
        (Plan(B.TOP_PER_UNIT, 1, reserve=1), True, ["p0", "p1"], ["p2", "p3"]),
        (Plan(B.QUOTA, quotas={"A1": 2}), False, ["p1", "p3"], []),
        (Plan(B.QUOTA, quotas={"A": 1, "B": 2}), True, ["p0", "p1", "p2"], []),
        (Plan(B.LEAST_SCORE, least_score=Decimal(3)), True, [f"p{n}" for n in range(SIX)], []),
    ],
)
def test_each_rule(
    house: list[str], hands: list[Actor], plan: Plan, units: bool, inside: list[str], reserve: list[str]
) -> None:
    choose(house, plan, units=units)
    advancement.propose(SLUG, house[1], by=hands[0])
    assert (listed(house)["in"], listed(house)["reserve"]) == (inside, reserve)


def test_people_advance_from_the_overall_standing(house: list[str], hands: list[Actor]) -> None:
    seen = db.session.scalars(sa.select(Contest.version).where(Contest.slug == SLUG)).one()
    rule = Rule(OverallWay.SUM, (OverallCriterion.CORRECT, OverallCriterion.DURATION))
    setup_overall.choose(SLUG, rule, house[:1], seen=seen, by=SYSTEM)
    choose(house, Plan(B.TOP, 3), source=advancement.OVERALL)
    with pytest.raises(Conflict) as early:
        advancement.propose(SLUG, house[1], by=hands[0])
    assert early.value.refusal.slug == "advance-source-unsettled"
    overall.compute_due()
    advancement.propose(SLUG, house[1], by=hands[0])
    assert listed(house)["in"] == ["p0", "p1", "p2"]


def test_cycles_and_unknown_sources_are_refused(house: list[str]) -> None:
    for source, target in ((house[1], 1), (house[1], 0), ("khong-co", 1), (advancement.OVERALL, 1)):
        with pytest.raises((Invalid, Conflict)) as no:
            choose(house, Plan(B.TOP, 1), source=source, target=target)
        assert no.value.refusal.slug in {"advance-from-later", "advancement-confirmed"}
    with pytest.raises(Invalid) as unknown:
        choose(house, Plan(B.QUOTA, quotas={"ZZ": 1}))
    assert (unknown.value.refusal.slug, unknown.value.refusal.field) == ("unit-unknown", "quotas")


def test_a_ranking_that_changed_is_proposed_anew_and_a_confirmed_list_stays(
    house: list[str], hands: list[Actor]
) -> None:
    choose(house, Plan(B.TOP, 2))
    advancement.propose(SLUG, house[1], by=hands[0])
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE advancements SET source_version = 9"))
    with pytest.raises(Conflict) as no:
        advancement.confirm(SLUG, house[1], by=hands[1])
    assert no.value.refusal.slug == "advance-source-changed"
    advancement.propose(SLUG, house[1], by=hands[0])
    advancement.confirm(SLUG, house[1], by=hands[1])
    for step in (lambda: choose(house, None), lambda: advancement.propose(SLUG, house[1], by=hands[0])):
        with pytest.raises(Conflict) as fixed:
            step()
        assert fixed.value.refusal.slug == "advancement-confirmed"


def test_a_source_is_not_removed_and_strangers_find_nothing(house: list[str], hands: list[Actor]) -> None:
    choose(house, Plan(B.TOP, 2))
    with pytest.raises(NotFound):
        advancement.propose(SLUG, house[1], by=people.organiser("tob", unit="B"))
    with pytest.raises(NotFound):
        advancement.propose(SLUG, house[0], by=hands[0])  # a round without a rule
    seen = db.session.scalars(sa.select(Contest.version).where(Contest.slug == SLUG)).one()
    rounds.remove_round(SLUG, house[1], seen=seen, by=SYSTEM)  # with its rule
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Standing)) == SIX
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Member)) == SIX + 3
