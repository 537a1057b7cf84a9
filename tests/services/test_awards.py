"""Prizes over a settled round: verified one by one, the next moved up, ties drawn once, everything as recognised."""

import json
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contest.config import ROOT
from contest.db import db, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.models.awards import Draw, DrawOutcome, PrizeList
from contest.models.contests import Round
from contest.models.members import Member
from contest.models.organisation import HeadcountDeclaration
from contest.models.results import Standing
from contest.rules.entrants import Marks
from contest.rules.entry_terms import ConsentPurpose, EntrantReason
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.refusals import Refusal
from contest.rules.result_terms import AwardState, EdgeTie, Special, Verification
from contest.services.awards import announced, draws, lists, verification, winners
from contest.services.contests import consents, entrant_lists
from contest.services.results import settlement
from tests import people
from tests.conftest import Clock

SLUG = "cuoc-thi"
LADDER = [("Nhất", 1), ("Nhì", 2), ("Ba", 3)]
OK, NO = Verification.VERIFIED, Verification.REFUSED


@pytest.fixture
def settled(contest: str, crowd: list[Actor], clock: Clock) -> str:
    row = people.round_row(contest)
    clock.set(row.closes_at + timedelta(minutes=30))
    settlement.settle(row.id)
    return contest


def prizes(*ladder: tuple[str, int], special: Special | None = None) -> list[dict[str, Any]]:
    lines = [{"name": name, "count": count, "special": None} for name, count in ladder or LADDER]
    return [*lines, *([{"name": "Đặc biệt", "count": 1, "special": special}] if special else [])]


def make(code: str, *ladder: tuple[str, int], special: Special | None = None, **values: Any) -> int:
    given = {"round": code, "title": "Giải tuần 1", "for_units": False, "edge": EdgeTie.LOT, "cap": None, **values}
    return lists.create(SLUG, given, prizes(*ladder, special=special), by=SYSTEM)


def outcome(number: int) -> winners.Outcome:
    return winners.outcome(*lists.get_list(SLUG, number, by=SYSTEM))


def proceed(number: int, *states: AwardState, by: Actor = SYSTEM) -> None:
    for state in states:
        verification.proceed(SLUG, number, to=state, by=by)


def verify_all(number: int) -> None:
    for w in outcome(number).winners:
        verification.judge(SLUG, number, w.subject.id, OK, "", by=SYSTEM)


def tie_everybody() -> None:
    """Let all stand equal, as people do whom no criterion tells apart."""
    with transaction():
        db.session.execute(sa.update(Standing).values(place=1))


def test_nobody_reads_who_is_equal_before_the_result_is_shown(settled: str) -> None:
    number = make(settled, ("Nhất", 1))
    tie_everybody()
    with transaction():
        shown_at = people.round_row(settled).shown_at
        db.session.execute(sa.update(Round).values(shown_at=None))
    with pytest.raises(Conflict, match="draw-before-result"):
        draws.prepare(SLUG, number, "Giải đặc biệt ngày mai", by=SYSTEM)
    assert draws.draws_of(SLUG) == []
    with transaction():
        db.session.execute(sa.update(Round).values(shown_at=shown_at))
    assert draws.prepare(SLUG, number, "Giải đặc biệt ngày mai", by=SYSTEM)


def test_prizes_walk_the_ranking_of_the_round(settled: str) -> None:
    found = outcome(make(settled))
    places = [w.subject.place for w in found.winners]
    assert places == sorted(places)  # type: ignore[type-var]
    assert [w.prize for w in found.winners][:3] == ["Nhất", "Nhì", "Nhì"]


def test_refused_winner_makes_room_and_may_come_back(settled: str) -> None:
    number = make(settled)
    proceed(number, AwardState.VERIFICATION)
    first = outcome(number).winners
    verification.judge(SLUG, number, first[0].subject.id, NO, "Sai ngày sinh", by=SYSTEM)
    second = outcome(number)
    assert [w.subject.id for w in second.winners][:5] == [w.subject.id for w in first[1:]]
    assert [(p.subject.id, p.reason) for p in second.passed] == [(first[0].subject.id, "Sai ngày sinh")]
    verification.judge(SLUG, number, first[0].subject.id, OK, "", by=SYSTEM)
    assert [w.subject.id for w in outcome(number).winners] == [w.subject.id for w in first]


def test_refusal_needs_a_reason_and_a_winner(settled: str) -> None:
    number = make(settled)
    somebody = outcome(number).winners[0].subject.id
    with pytest.raises(Conflict, match="award-wrong-state"):
        verification.judge(SLUG, number, somebody, OK, "", by=SYSTEM)
    proceed(number, AwardState.VERIFICATION)
    with pytest.raises(Invalid, match="public-reason-missing"):
        verification.judge(SLUG, number, somebody, NO, " ", by=SYSTEM)
    with pytest.raises(NotFound):
        verification.judge(SLUG, number, 10**6, OK, "", by=SYSTEM)


def test_list_is_recognised_by_a_second_person_once_all_are_verified(settled: str) -> None:
    an, binh = people.organiser("an"), people.organiser("binh")
    number = make(settled)
    proceed(number, AwardState.VERIFICATION, by=an)
    with pytest.raises(Conflict, match="award-unverified"):
        proceed(number, AwardState.OFFICIAL, by=binh)
    verify_all(number)
    with pytest.raises(Forbidden, match="second-person-award"):
        proceed(number, AwardState.OFFICIAL, by=an)
    proceed(number, AwardState.OFFICIAL, by=binh)
    with pytest.raises(Conflict, match="award-before-result"):
        proceed(number, AwardState.ANNOUNCED, by=an)
    assert announced.announced(SLUG, names_shown=True) == []
    people.publish_result(SLUG, settled)
    proceed(number, AwardState.ANNOUNCED, by=an)
    (public,) = announced.announced(SLUG, names_shown=True)
    assert [w.name for w in public.winners] == [w.subject.name for w in outcome(number).winners]
    assert all(w.name for w in public.winners)


def test_visitors_read_the_names_of_winners_who_agreed(settled: str) -> None:
    number = make(settled)
    proceed(number, AwardState.VERIFICATION)
    verify_all(number)
    proceed(number, AwardState.OFFICIAL)
    people.publish_result(SLUG, settled)
    proceed(number, AwardState.ANNOUNCED)
    first, *others = outcome(number).winners
    code = db.session.scalars(sa.select(Member.code).where(Member.id == first.subject.id)).one()
    consents.withdraw(SLUG, ConsentPurpose.PUBLICATION, by=people.actor(code))
    for names_shown, shown in ((False, None), (True, first.subject.name)):
        (public,) = announced.announced(SLUG, names_shown=names_shown)
        assert [w.name for w in public.winners] == [shown, *(w.subject.name for w in others)]


def test_what_was_recognised_stays_whatever_the_ranking_says(settled: str) -> None:
    number = make(settled)
    proceed(number, AwardState.VERIFICATION)
    verify_all(number)
    proceed(number, AwardState.OFFICIAL)
    before = [(w.prize, w.subject.id, w.subject.place) for w in outcome(number).winners]
    tie_everybody()
    assert [(w.prize, w.subject.id, w.subject.place) for w in outcome(number).winners] == before


def test_list_says_when_its_result_has_a_newer_version(settled: str) -> None:
    people.publish_result(SLUG, settled)
    number = make(settled)
    proceed(number, AwardState.VERIFICATION)
    verify_all(number)
    proceed(number, AwardState.OFFICIAL)
    found = lists.get_list(SLUG, number, by=SYSTEM)[1]
    settlement.settle(people.round_row(settled).id, rescored={}, reason="Thử")
    assert not verification.is_outdated(found)  # it waits
    people.publish_result(SLUG, settled, 2)
    assert verification.is_outdated(found)


def test_who_may_not_win_is_passed_over_and_named(settled: str) -> None:
    number = make(settled)
    first, second = (w.subject for w in outcome(number).winners[:2])
    who = db.session.get_one(Member, first.id)
    with transaction():
        marked = [(who.id, Marks(may_win=False), "")]
        entrant_lists.store(people.contest_id(), marked, EntrantReason.QUESTIONS, by=SYSTEM)
    found = outcome(number)
    assert found.winners[0].subject.id == second.id
    assert [(p.subject.id, p.subject.barred) for p in found.passed] == [(first.id, EntrantReason.QUESTIONS)]


def test_steps_are_taken_in_order_and_once(settled: str) -> None:
    number = make(settled)
    for state in (AwardState.OFFICIAL, AwardState.ANNOUNCED, AwardState.PROVISIONAL):
        with pytest.raises(Conflict, match="award-wrong-state"):
            proceed(number, state)
    proceed(number, AwardState.VERIFICATION)
    with pytest.raises(Conflict, match="award-wrong-state"):
        lists.change(SLUG, number, {"round": settled, "title": "x", "for_units": False, "edge": "lot", "cap": None},
                     prizes(), seen=1, by=SYSTEM)  # fmt: skip


def test_cap_holds_for_all_contestants_not_for_the_part_that_was_read(settled: str, crowd: list[Actor]) -> None:
    number = make(settled, ("Nhất", 1), ("Nhì", 2), ("Ba", 2), edge=EdgeTie.ALL)
    with transaction():  # as of a list made while nobody knew how many there would be
        db.session.execute(sa.update(PrizeList).values(cap=Decimal("0.25")))
    assert len(outcome(number).winners) == len(crowd) // 4


def test_quotas_over_the_cap_are_refused_once_the_contestants_are_known(settled: str, crowd: list[Actor]) -> None:
    most = len(crowd) // 4
    with pytest.raises(Invalid) as refused:
        make(settled, ("Nhất", 1), ("Nhì", most), cap=Decimal("0.25"))
    assert refused.value.refusals == (Refusal("prizes-over-cap", {"most": most}, "prizes"),)
    make(settled, ("Nhất", 1), ("Nhì", most - 1), cap=Decimal("0.25"))


@pytest.mark.parametrize(("special", "year"), [(Special.OLDEST, 1960), (Special.YOUNGEST, 2001)])
def test_prizes_by_age_are_shared_by_those_of_one_day(
    settled: str, crowd: list[Actor], special: Special, year: int
) -> None:
    with transaction():
        for n, who in enumerate(crowd):
            born = date(1960, 1, 1) if n in {3, 4} else date(2001, 5, 5) if n == 5 else date(1980 + n % 9, 1, 1)
            db.session.execute(sa.update(Member).where(Member.id == who.member_id).values(birth_date=born))
    number = make(settled, special=special, edge=EdgeTie.ALL)
    special_ones = [w.subject for w in outcome(number).winners if w.prize == "Đặc biệt"]
    expected = {crowd[3].member_id, crowd[4].member_id} if special is Special.OLDEST else {crowd[5].member_id}
    assert {s.id for s in special_ones} == expected
    assert {s.born.year for s in special_ones if s.born} == {year}
    proceed(number, AwardState.VERIFICATION)
    for subject in special_ones:
        verification.judge(SLUG, number, subject.id, NO, "Không đúng người", by=SYSTEM)
    assert not {w.subject.id for w in outcome(number).winners if w.prize == "Đặc biệt"} & expected


def test_equals_for_a_prize_by_age_draw_lots_of_their_own(settled: str, crowd: list[Actor]) -> None:
    with transaction():
        db.session.execute(sa.update(Member).values(birth_date=date(1970, 1, 1)))
    number = make(settled, ("Nhất", 1), special=Special.OLDEST)
    before = outcome(number)
    assert before.tie is not None
    assert (before.tie.prize, before.tie.left, len(before.tie.subjects)) == ("Đặc biệt", 1, len(crowd))
    found = drawn(draws.prepare(SLUG, number, "Xổ số", by=SYSTEM))
    after = outcome(number)
    assert after.tie is None
    assert [w.subject.receipt for w in after.winners if w.prize == "Đặc biệt"] == [found.drawn[0]]
    assert [w.subject for w in after.winners if w.prize == "Nhất"] == [before.winners[0].subject]


def test_units_have_prizes_by_their_own_ranking(settled: str) -> None:
    number = make(settled, ("Nhất", 1), for_units=True, special=Special.WIDEST)
    found = outcome(number)
    assert [(w.prize, w.subject.code) for w in found.winners] == [("Nhất", "A"), ("Đặc biệt", "A")]


@pytest.mark.parametrize(
    ("ladder", "values", "slug"),
    [
        ([], {}, "prizes-empty"),
        ([{"name": "", "count": 1, "special": None}], {}, "prize-line"),
        ([{"name": "Nhất", "count": 0, "special": None}], {}, "prize-count"),
        ([{"name": "Nhất", "count": 1, "special": None}], {"cap": Decimal("1.1")}, "cap-range"),
        ([{"name": "x", "count": 1, "special": Special.WIDEST}], {}, "special-for-units"),
        ([{"name": "x", "count": 1, "special": Special.OLDEST}], {"for_units": True}, "special-for-people"),
    ],
)
def test_contradicting_prizes_are_refused(settled: str, ladder: list[Any], values: dict[str, Any], slug: str) -> None:
    given = {"round": settled, "title": "Giải", "for_units": False, "edge": EdgeTie.LOT, "cap": None, **values}
    with pytest.raises(Invalid) as refused:
        lists.create(SLUG, given, ladder, by=SYSTEM)
    assert slug in [r.slug for r in refused.value.refusals]
    assert lists.list_lists(db.session.scalars(sa.select(people.Contest)).one()) == []


# Lots


def drawn(code: str, randomness: str = "58213") -> draws.DrawView:
    draws.draw(SLUG, code, randomness, "Bà An, ông Bình", by=SYSTEM)
    return draws.get_draw(code)


def test_tie_at_the_edge_is_drawn_once_and_then_goes_on(settled: str, crowd: list[Actor]) -> None:
    tie_everybody()
    number = make(settled, ("Nhất", 1))
    with pytest.raises(Conflict, match="award-tie-open"):
        proceed(number, AwardState.VERIFICATION)
    code = draws.prepare(SLUG, number, "Xổ số miền Bắc ngày mai", by=SYSTEM)
    waiting = draws.get_draw(code)
    assert (waiting.secret, waiting.drawn, waiting.holds) == (None, (), None)
    assert len(waiting.codes) == len(crowd)
    with pytest.raises(Conflict, match="draw-not-needed"):
        draws.prepare(SLUG, number, "Lần nữa", by=SYSTEM)
    found = drawn(code)
    assert found.holds
    with pytest.raises(Conflict, match="already-drawn"):
        draws.draw(SLUG, code, "99999", "Ai đó", by=SYSTEM)
    assert draws.get_draw(code) == found
    (winner,) = outcome(number).winners
    assert winner.subject.receipt == found.drawn[0]
    proceed(number, AwardState.VERIFICATION)


def test_draw_is_neither_changed_nor_removed(settled: str) -> None:
    tie_everybody()
    code = draws.prepare(SLUG, make(settled, ("Nhất", 1)), "Xổ số", by=SYSTEM)
    drawn(code)
    for statement in (
        sa.update(Draw).values(secret="0" * 64), sa.delete(DrawOutcome), sa.update(DrawOutcome).values(randomness="1")
    ):  # fmt: skip
        with pytest.raises(sa.exc.DBAPIError), transaction():
            db.session.execute(statement)


def test_refused_winner_of_a_draw_gives_way_to_the_next_drawn(settled: str) -> None:
    tie_everybody()
    number = make(settled, ("Nhất", 1))
    found = drawn(draws.prepare(SLUG, number, "Xổ số", by=SYSTEM))
    proceed(number, AwardState.VERIFICATION)
    (winner,) = outcome(number).winners
    verification.judge(SLUG, number, winner.subject.id, NO, "Vắng mặt", by=SYSTEM)
    assert [w.subject.receipt for w in outcome(number).winners] == [found.drawn[1]]


def test_stand_alone_program_recomputes_the_draw(settled: str, tmp_path: Path, client: Any) -> None:
    tie_everybody()
    code = draws.prepare(SLUG, make(settled, ("Nhất", 1)), "Xổ số", by=SYSTEM)
    drawn(code)
    published = client.get(f"/draws/{code}.json").get_json()
    program = str(ROOT / "static" / "verify" / "draw.py")

    def run(data: dict[str, Any]) -> tuple[int, str]:
        (tmp_path / "draw.json").write_text(json.dumps(data), encoding="utf-8")
        done = subprocess.run([sys.executable, program, str(tmp_path / "draw.json")], capture_output=True, text=True)
        return done.returncode, done.stdout

    status, said = run(published)
    assert (status, said.splitlines()[-1]) == (0, "holds")
    assert said.splitlines()[0] == f"1 {published['drawn'][0]} wins"
    for name, value in (("randomness", "1"), ("codes", published["codes"][:-1]), ("drawn", published["drawn"][::-1]),
                        ("secret", "00" * 32), ("digest", "00" * 32)):  # fmt: skip
        status, said = run({**published, name: value})
        assert (status, said.splitlines()[-1]) == (1, "does not hold")


# Mixed slots


def mixed(code: str, *lines: tuple[str, str | None], **values: Any) -> int:
    given = {"round": code, "title": "Giải tập thể", "for_units": True, "edge": EdgeTie.LOT, "cap": None, **values}
    ladder = [{"name": name, "count": 1, "special": None, "by": by} for name, by in lines]
    return lists.create(SLUG, given, ladder, by=SYSTEM)


def test_prizes_of_units_have_criteria_of_their_own(settled: str, database: str) -> None:
    """A has eight people of many, B four of five: by number A is first, by ratio B."""
    with transaction():
        for unit, figure in (("A", 100), ("B", 5)):
            own = HeadcountDeclaration.unit_id == people.unit_id(unit)
            db.session.execute(sa.update(HeadcountDeclaration).where(own).values(figure=figure))
    number = mixed(settled, ("Nhất", "participants"), ("Nhì", "participants"), ("Nhì", "ratio"))
    assert [(w.prize, w.subject.code) for w in outcome(number).winners] == [("Nhất", "A"), ("Nhì", "B")]
    other = mixed(settled, ("Nhất", "ratio"), ("Nhì", "ratio"))
    assert [(w.prize, w.subject.code) for w in outcome(other).winners] == [("Nhất", "B"), ("Nhì", "A")]
    own = mixed(settled, ("Nhất", None), ("Nhì", "participants"))  # the contest's own formula is the ratio
    assert [(w.prize, w.subject.code) for w in outcome(own).winners] == [("Nhất", "B"), ("Nhì", "A")]
    proceed(number, AwardState.VERIFICATION)
    first = outcome(number).winners[0].subject.id
    verification.judge(SLUG, number, first, NO, "Khai sai", by=SYSTEM)
    assert [(w.prize, w.subject.code) for w in outcome(number).winners] == [("Nhất", "B")]


def test_equal_units_draw_for_their_slot_alone(settled: str) -> None:
    with transaction():
        for n, unit in enumerate(("A1", "B1")):
            ids = sa.select(Standing.member_id).order_by(Standing.member_id).offset(6 * n).limit(6)
            db.session.execute(
                sa.update(Standing).where(Standing.member_id.in_(ids)).values(unit_id=people.unit_id(unit))
            )
    settlement.put_under_units(people.round_row(settled).id)
    number = mixed(settled, ("Nhì", "participants"), ("Nhì", "participants"))
    before = outcome(number)
    assert before.tie is not None
    assert (before.tie.prize, before.tie.left, {s.code for s in before.tie.subjects}) == ("Nhì", 1, {"A", "B"})
    found = drawn(draws.prepare(SLUG, number, "Xổ số", by=SYSTEM))
    assert [w.subject.code for w in outcome(number).winners] == list(found.drawn)
    assert outcome(number).tie is None


@pytest.mark.parametrize(
    ("by", "values", "slug"),
    [
        ("participants", {"for_units": False}, "special-for-units"),
        ("mean_of_best", {"for_units": True}, "not-a-choice"),
    ],
)
def test_criterion_of_a_prize_is_one_that_is_offered_and_for_units(
    settled: str, by: str, values: dict[str, Any], slug: str
) -> None:
    with pytest.raises(Invalid, match=slug):
        mixed(settled, ("Nhất", by), **values)
