"""A round conducted on the day: windows, extensions, extra time, voids and announcements, on both databases."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Closed, Conflict, Invalid, NotFound
from contest.gateways.cache import Cache
from contest.models.attempts import Attempt
from contest.models.contests import Announcement, Round
from contest.models.results import Result, Settlement, Standing, StandingUnit
from contest.rules.attempts import Verdict
from contest.rules.entry_terms import EntrantMark
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.refusals import Refusal
from contest.rules.terms import AttemptState, Board, Counted, LimitPer, PredictionTarget
from contest.rules.windows import CLOSING_DELAY, Window
from contest.services.attempts import afterwards, closing, extending, saving, starting, voiding
from contest.services.contests import announcements, blueprint_lines, publishing, rounds, schedules, setup, views
from contest.services.members import extra_time
from contest.services.results import boards, proof, settlement, versions
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take

SLUG = "cuoc-thi"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> Iterator[Flask]:
    with app.app_context():
        people.organisation()
        yield app


def sittings(clock: Clock) -> tuple[Window, Window]:
    """Return two windows: one that opened an hour ago and closes in one, and the next three hours later."""
    now = clock.at
    return (
        Window(now - 60 * MINUTE, now + 60 * MINUTE),
        Window(now + 240 * MINUTE, now + 360 * MINUTE),
    )


def many(clock: Clock, **values: Any) -> str:
    first, second = sittings(clock)
    given = {"windows": (first, second), "opens_at": first.opens_at, "closes_at": second.closes_at, **values}
    return people.contest(rounds=[given])[0]


def attempt_row(code: str) -> Attempt:
    query = sa.select(Attempt).where(Attempt.code == code).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def standings(round_code: str) -> list[Any]:
    row = people.round_row(round_code)
    found = sa.select(*Standing.__table__.c).where(Standing.round_id == row.id).order_by(Standing.member_id)
    under = sa.select(*StandingUnit.__table__.c).where(StandingUnit.round_id == row.id)
    return [sorted(map(tuple, db.session.execute(query))) for query in (found, under)]


def attempts_on_board(code: str) -> int:
    return boards.people(code, actor=None, cache=Cache()).attempts


def extend(code: str, number: int, closes_at: datetime, by: Actor = SYSTEM) -> int:
    return extending.extend(SLUG, code, number, closes_at, reason="Mất điện", announcement="Gia hạn.", by=by)


# Windows


def test_round_of_several_windows_is_open_inside_them(house: Flask, clock: Clock) -> None:
    code, me = many(clock), people.member()
    first, second = sittings(clock)
    row = people.round_row(code)
    assert (row.opens_at, row.closes_at) == (first.opens_at, second.closes_at)
    clock.set(first.closes_at)
    with pytest.raises(Closed) as refused:
        starting.start(code, by=me)
    assert refused.value.refusal == Refusal("between-windows", {"opens_at": second.opens_at})
    view = views.get_round(code, actor=me)[1]
    assert (view.may_start, view.why_not, view.opens_next(clock.at)) == (False, refused.value.refusal, second.opens_at)
    clock.set(second.opens_at)
    assert views.get_round(code, actor=me)[1].may_start
    assert attempt_row(starting.start(code, by=me)).ends_at == second.opens_at + 20 * MINUTE


def test_attempt_ends_with_the_window_it_started_in(house: Flask, clock: Clock) -> None:
    code, me = many(clock), people.member()
    clock.set(sittings(clock)[0].closes_at - 5 * MINUTE)
    assert views.get_round(code, actor=me)[1].ends_at(clock.at) == clock.at + 5 * MINUTE
    assert attempt_row(starting.start(code, by=me)).ends_at == clock.at + 5 * MINUTE


def test_attempts_are_limited_in_each_window(house: Flask, clock: Clock) -> None:
    code, me = many(clock, attempts_allowed=1, attempts_per=LimitPer.WINDOW), people.member()
    second = sittings(clock)[1]
    closing.submit(starting.start(code, by=me), {}, by=me, arrived=clock.at)
    with pytest.raises(Closed) as refused:
        starting.start(code, by=me)
    assert refused.value.refusal == Refusal("attempts-used-up-for-now", {"allowed": 1, "again_at": second.opens_at})
    assert views.get_round(code, actor=me)[1].attempts_left == 0
    clock.set(second.opens_at - MINUTE)
    assert views.get_round(code, actor=me)[1].attempts_left == 1
    clock.set(second.opens_at)
    starting.start(code, by=me)


def test_window_begun_stays_once_somebody_has_started(house: Flask, clock: Clock) -> None:
    code, me = many(clock), people.member()
    first, second = sittings(clock)
    starting.start(code, by=me)
    row = people.round_row(code)
    values = {c: getattr(row, c) for c in people.round_values(None)}
    lines = blueprint_lines.lines_of(row.id)

    def change(*windows: Window) -> None:
        seen = setup.get_contest(SLUG, by=SYSTEM).version
        whole = {**values, "opens_at": windows[0].opens_at, "closes_at": windows[-1].closes_at}
        rounds.change_round(SLUG, code, whole, lines, windows, seen=seen, by=SYSTEM)

    with pytest.raises(Invalid) as refused:
        change(Window(first.opens_at, first.closes_at - MINUTE), second)
    assert refused.value.refusal.slug == "window-begun"
    later = Window(second.opens_at + MINUTE, second.closes_at)
    change(first, later)
    assert schedules.several(people.round_row(code)) == (first, later)


# Extensions


def test_extension_gives_attempts_cut_by_the_close_their_due(house: Flask, clock: Clock) -> None:
    code, early, late = many(clock), people.member("e1"), people.member("l1")
    first = sittings(clock)[0]
    whole = starting.start(code, by=early)  # 20 minutes, far from the close
    clock.set(first.closes_at - 5 * MINUTE)
    cut = starting.start(code, by=late)
    assert extend(code, 1, first.closes_at + 10 * MINUTE) == 1
    assert attempt_row(cut).ends_at == first.closes_at + 10 * MINUTE
    assert attempt_row(cut).accepts_until == first.closes_at + 10 * MINUTE + timedelta(seconds=5)
    assert attempt_row(whole).ends_at == first.opens_at + 80 * MINUTE
    assert extend(code, 1, first.closes_at + 60 * MINUTE) == 1
    assert attempt_row(cut).ends_at == first.closes_at + 15 * MINUTE  # the whole limit, and no more
    assert schedules.schedule_of(people.round_row(code)).windows[0].closes_at == first.closes_at + 60 * MINUTE
    clock.set(first.closes_at + 30 * MINUTE)
    starting.start(code, by=people.member("n1"))


def test_extension_of_the_one_long_window_moves_the_close_of_the_round(house: Flask, clock: Clock) -> None:
    (code,) = people.contest()
    closes_at = people.round_row(code).closes_at
    extend(code, 1, closes_at + 30 * MINUTE)
    assert people.round_row(code).closes_at == closes_at + 30 * MINUTE
    assert settlement.due(closes_at) == []
    told = announcements.list_public(SLUG, code)
    assert [(a.text, a.round_code) for a in told] == [("Gia hạn.", code)]


@pytest.mark.parametrize(
    ("number", "minutes", "slug"),
    [(1, 0, "extension-shortens"), (1, -1, "extension-shortens"), (1, 181, "extension-overlaps")],
)
def test_extension_that_cannot_be(house: Flask, clock: Clock, number: int, minutes: int, slug: str) -> None:
    code = many(clock)
    with pytest.raises(Invalid) as refused:
        extend(code, number, sittings(clock)[0].closes_at + minutes * MINUTE)
    assert refused.value.refusal.slug == slug
    with pytest.raises(NotFound):
        extend(code, 3, clock.at + 999 * MINUTE)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Announcement)) == 0


def test_conduct_is_for_the_organisers_of_the_contest_alone(house: Flask, clock: Clock) -> None:
    (code,) = people.contest(organiser="A")
    stranger, own = people.organiser("tob", unit="B"), people.organiser("toa", unit="A")
    closes_at = people.round_row(code).closes_at + MINUTE
    for act in (
        lambda by: extend(code, 1, closes_at, by),
        lambda by: extending.grant(SLUG, code, 5, reason="x", by=by),
        lambda by: voiding.void(SLUG, code, opens_at=people.round_row(code).opens_at.isoformat(), reason="x", by=by),
        lambda by: announcements.announce(SLUG, code, "Chào", by=by),
    ):
        with pytest.raises(NotFound):
            act(stranger)
        act(own)


# Extra time


@pytest.mark.parametrize(
    ("whom", "moved"), [({}, {"a", "b"}), ({"unit": "A"}, {"a"}), ({"member": "B"}, {"b"}), ({"unit": "B1"}, {"b"})]
)
def test_granted_minutes_reach_open_attempts_and_later_starts(
    house: Flask, clock: Clock, whom: dict[str, str], moved: set[str]
) -> None:
    (code,) = people.contest()
    who = {"a": people.member("a", "A1"), "b": people.member("b", "B1")}
    running = {name: starting.start(code, by=actor) for name, actor in who.items()}
    count = extending.grant(SLUG, code, 7, **whom, reason="Mất mạng", announcement="Cộng 7 phút.", by=SYSTEM)
    assert count == len(moved)
    due = {name: clock.at + (27 if name in moved else 20) * MINUTE for name in who}
    assert {name: attempt_row(code).ends_at for name, code in running.items()} == due
    for name, actor in who.items():
        closing.submit(running[name], {}, by=actor, arrived=clock.at)
        assert attempt_row(starting.start(code, by=actor)).ends_at == due[name]
        assert views.get_round(code, actor=actor)[1].ends_at(clock.at) == due[name]
    told = [] if "member" in whom else ["Cộng 7 phút."]
    assert [a.text for a in announcements.list_public(SLUG)] == told


def test_save_in_granted_time_is_taken_and_the_worker_waits(house: Flask, clock: Clock) -> None:
    (code,) = people.contest()
    me = people.member()
    attempt = starting.start(code, by=me)
    option = attempt_row(attempt).paper[0][1][0]
    clock.advance(minutes=20)
    extending.grant(SLUG, code, 5, member="m1", reason="Mất mạng", by=SYSTEM)
    clock.advance(minutes=3)
    assert closing.close_due() == 0
    assert saving.save(attempt, "1", 1, option, by=me, at=clock.at, arrived=clock.at).verdict is Verdict.SAVED
    clock.set(attempt_row(attempt).accepts_until + CLOSING_DELAY)
    assert closing.close_due() == 1
    assert extending.grant(SLUG, code, 5, member="m1", reason="Quá muộn", by=SYSTEM) == 0
    assert attempt_row(attempt).state == AttemptState.EXPIRED


def test_command_that_is_rolled_back_leaves_no_windows_of_its_own(
    house: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The revision that it had moved comes again with the next command, and must not be taken for the one that was."""
    (code,) = people.contest(rounds=[{"navigation": "sequential"}])
    people.attempt(code, people.member("m1"))

    def fail(*given: Any, **named: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(announcements, "store", fail)
        with pytest.raises(RuntimeError):
            extending.grant(SLUG, code, 5, reason="Mất điện", by=SYSTEM)
    opens_at = voiding.list_spans(people.round_row(code))[0].opens_at
    voiding.void(SLUG, code, opens_at=opens_at.isoformat(), reason="Lộ đề", by=SYSTEM)
    with pytest.raises(Closed):
        starting.start(code, by=people.member("m2"))


def test_who_takes_no_part_is_granted_nothing(house: Flask, clock: Clock) -> None:
    (code,) = people.contest(units=["A"])
    people.member("xa", "B1")
    for whom, slug in (({"member": "xa"}, "person-outside-contest"), ({"unit": "B"}, "unit-outside-contest")):
        with pytest.raises(Invalid) as refused:
            extending.grant(SLUG, code, 5, **whom, reason="x", by=SYSTEM)
        assert refused.value.refusal.slug == slug


def test_a_list_says_who_is_granted_time_whatever_the_unit(house: Flask, clock: Clock) -> None:
    (code,) = people.contest(units=["A"])
    row = people.round_row(code)
    contest = setup.get_contest(SLUG, by=SYSTEM)
    outsider, insider = people.member("xa", "B1"), people.member("m1")
    people.mark(SLUG, outsider, EntrantMark.TAKES_PART)
    people.mark(SLUG, insider, EntrantMark.STAYS_OUT)
    starting.start(code, by=outsider)
    assert extending.grant(SLUG, row.code, 5, member="xa", reason="x", by=SYSTEM) == 1
    with pytest.raises(Invalid, match="person-outside-contest"):
        extending.find_target(contest, member="m1")


@pytest.mark.parametrize(("own", "minutes"), [({"minutes": 10}, 30), ({"percent": 25}, 25), ({"percent": 1}, 21)])
def test_own_extra_time_is_fixed_at_the_start(house: Flask, clock: Clock, own: dict[str, int], minutes: int) -> None:
    (code,) = people.contest()
    me = people.member()
    extra_time.put("m1", {"minutes": 0, "percent": 0, **own}, reason="Mắt kém", valid_until=None, by=SYSTEM)
    assert views.get_round(code, actor=me)[1].extra == (minutes - 20) * MINUTE
    assert attempt_row(starting.start(code, by=me)).ends_at == clock.at + minutes * MINUTE


def test_own_extra_time_holds_to_the_end_of_its_last_day(house: Flask, clock: Clock) -> None:
    (code,) = people.contest(rounds=[{"closes_at": clock.at + timedelta(days=3)}])
    me = people.member()
    today = clock.at.date()
    extra_time.put("m1", {"minutes": 10, "percent": 0}, reason="Tay đau", valid_until=today, by=SYSTEM)
    assert views.get_round(code, actor=me)[1].extra == 10 * MINUTE
    clock.set(datetime.fromisoformat("2026-05-20T23:59:59+07:00"))
    assert views.get_round(code, actor=me)[1].extra == 10 * MINUTE
    clock.advance(seconds=1)
    assert views.get_round(code, actor=me)[1].extra == timedelta()


# Voids


def crowd(code: str, clock: Clock) -> list[Actor]:
    """Let four people take a paper each: two are all correct, with guesses that tie them apart."""
    who = [people.member(f"p{n}", "A1" if n % 2 else "B1") for n in range(4)]
    for actor, right, guess in zip(who, (3, 3, 2, 1), (1, 2, 2, None), strict=True):
        take(code, actor, clock, right, guess, 60)
    return who


def receipt_of(who: Actor) -> str:
    own = sa.select(Attempt.receipt).where(Attempt.member_id == who.member_id).order_by(Attempt.id).limit(1)
    return db.session.scalars(own).one() or ""


@pytest.mark.parametrize("settled", [False, True])
def test_void_of_one_full_mark_and_back(house: Flask, clock: Clock, settled: bool) -> None:
    (code,) = people.contest()
    who = crowd(code, clock)
    row = people.round_row(code)
    settlement.rebuild(row.id)
    if settled:
        clock.set(row.closes_at)
        settlement.settle(row.id)
    before, attempts = standings(code), attempts_on_board(code)
    chosen = voiding.choose(row, receipt=receipt_of(who[0]))
    effect = voiding.effect_of(people.round_row(code), chosen)
    assert (effect.attempts, effect.people, effect.without_result, effect.running) == (1, 1, 1, 0)
    assert (effect.target_before, effect.target_after) == ((2, 1) if settled else (None, None))
    assert effect.tries_back == (0 if settled else 1)
    voiding.void(SLUG, code, receipt=receipt_of(who[0]), reason="Thi hộ", by=SYSTEM)
    assert who[0].member_id not in {s[1] for s in standings(code)[0]}
    assert attempts_on_board(code) == attempts - 1
    assert [p.differences for p in proof.verify(SLUG, 1, by=SYSTEM)] == [()]
    if settled:
        last = versions.shown(row.id)
        assert last is not None
        assert (last.version, last.target, last.participants, last.attempts) == (2, 1, 3, 3)
        assert last.reason == "Hủy một lượt thi"  # "Thi hộ" is not for everybody
    (void_id,) = db.session.scalars(sa.select(Attempt.void_id).where(Attempt.void_id.is_not(None)))
    voiding.restore(SLUG, code, void_id, by=SYSTEM)
    assert (standings(code), attempts_on_board(code)) == (before, attempts)
    assert [p.differences for p in proof.verify(SLUG, 1, by=SYSTEM)] == [()]
    with pytest.raises(Conflict) as refused:
        voiding.restore(SLUG, code, void_id, by=SYSTEM)
    assert refused.value.refusal.slug == "void-restored"


@pytest.mark.parametrize("target", list(PredictionTarget))
@pytest.mark.parametrize("counted", list(Counted))
def test_effect_names_the_target_that_comes(
    house: Flask, clock: Clock, target: PredictionTarget, counted: Counted
) -> None:
    (code,) = people.contest(rounds=[{"prediction": target, "counted": counted}])
    who = crowd(code, clock)
    take(code, who[0], clock, 1, 3, 60)
    take(code, who[3], clock, 3, 3, 60)
    row = people.round_row(code)
    clock.set(row.closes_at)
    settlement.settle(row.id)
    effect = voiding.effect_of(people.round_row(code), voiding.choose(row, receipt=receipt_of(who[0])))
    first = versions.shown(row.id)
    voiding.void(SLUG, code, receipt=receipt_of(who[0]), reason="Thi hộ", by=SYSTEM)
    second = versions.shown(row.id)
    assert first is not None
    assert second is not None
    assert (effect.target_before, effect.target_after) == (first.target, second.target)
    assert [p.differences for p in proof.verify(SLUG, 1, by=SYSTEM)] == [()]


def test_void_of_a_window_gives_tries_back_and_ends_what_runs(house: Flask, clock: Clock) -> None:
    code, me, other = many(clock, attempts_allowed=1), people.member("m1"), people.member("m2")
    first, second = sittings(clock)
    take(code, me, clock, 3, 1, 60)
    running = starting.start(code, by=other)
    row = people.round_row(code)
    opens_at = first.opens_at.isoformat()
    effect = voiding.effect_of(row, voiding.choose(row, opens_at=opens_at))
    assert (effect.attempts, effect.people, effect.running, effect.tries_back) == (2, 2, 1, 2)
    assert voiding.void(SLUG, code, opens_at=opens_at, reason="Quá tải", announcement="Hủy buổi sáng.", by=SYSTEM) == 2
    assert attempt_row(running).state == AttemptState.EXPIRED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Result)) == 2  # kept as evidence
    assert standings(code) == [[], []]
    found = afterwards.get_receipt(running, by=other).void
    assert found is not None
    assert found.reason == "Quá tải"
    with pytest.raises(Closed) as refused:
        starting.start(code, by=me)
    assert refused.value.refusal == Refusal("between-windows", {"opens_at": second.opens_at})
    with pytest.raises(Invalid) as twice:
        voiding.void(SLUG, code, opens_at=opens_at, reason="Quá tải", by=SYSTEM)
    assert twice.value.refusal.slug == "void-twice"
    clock.set(second.opens_at)
    assert views.get_round(code, actor=me)[1].attempts_left == 1
    take(code, me, clock, 1, 1, 60)
    assert [s[1] for s in standings(code)[0]] == [me.member_id]


def test_attempt_void_twice_over_stays_void_until_both_are_taken_back(house: Flask, clock: Clock) -> None:
    code, me = many(clock), people.member("m1")
    take(code, me, clock, 3, 1, 60)
    before = standings(code)
    single = voiding.void(SLUG, code, receipt=receipt_of(me), reason="Thi hộ", by=SYSTEM)
    opens_at = sittings(clock)[0].opens_at - timedelta(seconds=60)
    span = voiding.void(SLUG, code, opens_at=opens_at.isoformat(), reason="Quá tải", by=SYSTEM)
    assert (single, span) == (1, 0)
    first, second = db.session.scalars(sa.text("SELECT id FROM voids ORDER BY id"))
    assert voiding.restore(SLUG, code, first, by=SYSTEM) == 0
    assert standings(code) == [[], []]
    assert voiding.restore(SLUG, code, second, by=SYSTEM) == 1
    assert standings(code) == before


def test_frozen_board_keeps_hiding_what_came_since(house: Flask, clock: Clock) -> None:
    freezes_at = clock.at + 30 * MINUTE
    (code,) = people.contest(rounds=[{"board": Board.FROZEN, "freezes_at": freezes_at, "attempts_allowed": 3}])
    me, other = people.member("m1"), people.member("m2")
    take(code, me, clock, 1, 1, 60)
    take(code, other, clock, 2, 1, 60)
    clock.set(freezes_at)
    take(code, me, clock, 3, 1, 60)
    late = people.member("m3")
    take(code, late, clock, 2, 1, 60)
    voiding.void(SLUG, code, receipt=receipt_of(other), reason="Thi hộ", by=SYSTEM)
    row = people.round_row(code)
    shown = sa.select(Standing.member_id, Standing.correct, Standing.board_correct).where(Standing.round_id == row.id)
    found = {m: (int(c), b if b is None else int(b)) for m, c, b in db.session.execute(shown)}
    assert found == {me.member_id: (3, 1), late.member_id: (2, None)}


def test_settled_round_is_not_extended(house: Flask, clock: Clock) -> None:
    (code,) = people.contest()
    row = people.round_row(code)
    clock.set(row.closes_at)
    settlement.settle(row.id)
    with pytest.raises(Conflict) as refused:
        extend(code, 1, row.closes_at + 60 * MINUTE)
    assert refused.value.refusal.slug == "round-settled"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Settlement)) == 1
    assert db.session.scalars(sa.select(Round.closes_at)).one() == row.closes_at


def test_archived_contest_is_moved_no_more(house: Flask, clock: Clock) -> None:
    (code,) = people.contest()
    closes_at = people.round_row(code).closes_at
    publishing.archive(SLUG, seen=setup.get_contest(SLUG, by=SYSTEM).version, by=SYSTEM)
    opens_at = voiding.list_spans(people.round_row(code))[0].opens_at.isoformat()
    for act in (
        lambda: extend(code, 1, closes_at + MINUTE),
        lambda: extending.grant(SLUG, code, 5, reason="x", by=SYSTEM),
        lambda: voiding.void(SLUG, code, opens_at=opens_at, reason="x", by=SYSTEM),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.refusal.slug == "wrong-state"
