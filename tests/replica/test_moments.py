"""A replica that is behind: what is shown of it, to whom, and when the primary is read instead."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from contest import clock as clock_module
from contest.db import editions, replica, transaction
from contest.gateways.cache import Cache
from contest.rules.entry_terms import ConsentPurpose
from contest.rules.permissions import Actor
from contest.rules.terms import Board, Counted
from contest.services.contests import consents
from contest.services.results import board_rows, boards, head, settlement, unit_boards, unit_scopes
from tests import people
from tests.conftest import Clock
from tests.replica.conftest import Replicated
from tests.services.crowd import take

pytestmark = pytest.mark.postgres


def board(house: Replicated, actor: Actor | None = None, **more: Any) -> boards.BoardView:
    return boards.people(house.code, actor=actor, cache=Cache(), **more)


def names(found: boards.BoardView) -> list[str | None]:
    return [row.name for row in found.rows]


def late(house: Replicated, clock: Clock, code: str = "p9", right: int = 3, seconds: int = 30) -> Actor:
    """Let somebody hand in while the replica is held back; with the defaults they come first."""
    who = people.member(code)
    people.name_publicly(people.round_row(house.code).contest_id, who)
    house.catch_up()
    hand_in_late(house, who, clock, right, seconds)
    return who


def hand_in_late(house: Replicated, who: Actor, clock: Clock, right: int, seconds: int) -> None:
    """Let somebody hand in, which makes no edition, while the replica is held back."""
    before = editions.current()
    house.standby.hold_back()
    with patch.object(people, "name_publicly"):
        take(house.code, who, clock, right, 2, seconds)
    assert editions.current() == before
    house.look()


def test_board_shows_the_moment_of_the_replica_and_says_which(house: Replicated, clock: Clock) -> None:
    with house.app.app_context():
        before = names(board(house))
        late(house, clock)
        with patch.object(house.own, "_fresh_at", clock_module.ticks() - 4):
            found = board(house)
            units = unit_boards.board(unit_scopes.of_round(house.code), actor=None, cache=Cache())
        assert names(found) == before
        for shown in (found, units):
            assert clock.at - timedelta(seconds=5) < shown.as_of <= clock.at - timedelta(seconds=4)
        assert sum(row.participants for row in units.rows) == len(before)
        house.own.is_kept = False
        now = board(house)
        assert names(now) == ["Nguyễn Thị P9", *before]
        assert now.as_of == clock.at


def test_who_has_just_handed_in_finds_their_place_and_themselves(house: Replicated, clock: Clock) -> None:
    with house.app.app_context():
        before = names(board(house))
        who = late(house, clock)
        others = people.actor("p0")
        house.read_there()
        found = board(house, who)
        assert names(found) == ["Nguyễn Thị P9", *before]
        assert [row.is_me for row in found.rows] == [True, *[False] * len(before)]
        assert found.mine is not None
        assert (found.mine.row.place, found.mine.gap) == (1, 0)
        assert found.as_of == clock.at
        assert names(board(house, others)) == before  # who is on the page where they stand sees that of the replica
        assert len([said for said in house.read_there() if "standings" in said]) == 2  # a page each


def test_own_place_below_the_page_is_the_present_one(
    house: Replicated, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page may be of a moment before; the place is of now, and between the two nobody is counted below nothing."""
    monkeypatch.setattr(board_rows, "PAGE", 2)
    with house.app.app_context():
        last = people.actor("p3")
        before = board(house, last)
        late(house, clock)
        found = board(house, last)
        assert names(found) == names(before)
        assert found.mine is not None
        assert before.mine is not None
        assert (before.mine.row.place, found.mine.row.place) == (4, 5)
        assert (before.mine.gap, found.mine.gap) == (1, 2)


def test_gap_is_never_less_than_nobody(house: Replicated, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who still stands on the page may have fallen behind its reader, where the last attempt counts."""
    monkeypatch.setattr(board_rows, "PAGE", 2)
    with house.app.app_context():
        with transaction():
            people.round_row(house.code).counted = Counted.LAST
        house.catch_up()
        me, first = people.actor("p2"), people.actor("p0")
        before = board(house, me)
        hand_in_late(house, first, clock, 0, 500)
        found = board(house, me)
        assert names(found) == names(before)
        assert before.mine is not None
        assert found.mine is not None
        assert [(b.mine.row.place, b.mine.gap) for b in (before, found) if b.mine] == [(3, 0), (2, 0)]


def test_who_stood_on_a_page_and_has_risen_does_not_stand_on_it(
    house: Replicated, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second page of a reader who is first by now is read anew: they are on the first alone."""
    monkeypatch.setattr(board_rows, "PAGE", 2)
    with house.app.app_context():
        last = people.actor("p3")
        first = board(house)
        assert [row.is_me for row in board(house, last, after=first.next or "").rows] == [False, True]
        hand_in_late(house, last, clock, 3, 20)
        assert [row.is_me for row in board(house, last, after=first.next or "").rows] == [False]
        assert [row.is_me for row in board(house, last).rows] == [True, False]
        other = people.actor("p0")  # who stands on the first page on both: nothing is read anew for them
        assert board(house, other, after=first.next or "").as_of < clock.at


@pytest.mark.parametrize(("seconds", "is_used"), [(replica.MOST - 1, True), (replica.MOST, False)])
def test_replica_that_is_too_far_behind_is_not_read(
    house: Replicated, clock: Clock, seconds: float, is_used: bool
) -> None:
    with house.app.app_context():
        late(house, clock)
        with patch.object(house.own, "_fresh_at", clock_module.ticks() - seconds):
            assert house.own.is_used() is is_used
            assert ("Nguyễn Thị P9" in names(board(house))) is not is_used


def test_how_far_behind_it_is_grows_while_it_is_held_back_and_something_happens(
    house: Replicated, clock: Clock
) -> None:
    """While nothing happens a replica that shows nothing new is not behind."""
    house.standby.hold_back()
    for _ in range(3):
        at = clock_module.ticks()
        house.look()
        assert house.own.behind <= clock_module.ticks() - at
    with house.app.app_context():
        people.member("p9")
    at = clock_module.ticks()
    for _ in range(3):
        house.look()
        assert house.own.behind > clock_module.ticks() - at
    house.standby.let_on()
    house.catch_up()
    assert house.own.behind < clock_module.ticks() - at


def test_result_that_is_out_is_out_everywhere(house: Replicated, clock: Clock) -> None:
    """A replica that does not have the command yet is not asked; nor one that does not have a result taken back."""
    with house.app.app_context():
        house.standby.hold_back()
        row = people.round_row(house.code)
        clock.set(row.closes_at + timedelta(minutes=30))
        settlement.settle(row.id)
        people.publish_result("cuoc-thi", house.code)
        house.read_there()
        shown = board(house)
        assert (shown.status, [r.place for r in shown.rows]) == ("final", [1, 2, 3, 4])
        assert house.counts() == {"primary": 1}  # the counts are of the settlement
        assert [said for said in house.read_there() if "editions" not in said] == []
        house.standby.let_on()
        house.catch_up()
        assert board(house) == shown
        assert house.counts() == {"primary": 1, "replica": 1}


def test_who_takes_their_name_back_is_named_nowhere_from_then_on(house: Replicated) -> None:
    with house.app.app_context():
        assert "Nguyễn Thị P0" in names(board(house))
        house.standby.hold_back()
        consents.withdraw("cuoc-thi", ConsentPurpose.PUBLICATION, by=people.actor("p0"))
        assert "Nguyễn Thị P0" not in names(board(house))


@pytest.fixture
def frozen(house: Replicated, clock: Clock) -> Replicated:
    """Let the round's boards freeze in ten minutes."""
    with house.app.app_context(), transaction():
        row = people.round_row(house.code)
        row.board, row.freezes_at = Board.FROZEN, clock.at + timedelta(minutes=10)
    house.catch_up()
    return house


def test_frozen_board_is_the_same_from_both(frozen: Replicated, clock: Clock) -> None:
    """What came in before the freeze is on it at once, though the replica does not have it; what came later never is."""
    with frozen.app.app_context():
        row = people.round_row(frozen.code)
        late(frozen, clock)
        assert row.freezes_at is not None
        clock.set(row.freezes_at)
        first = board(frozen)
        assert (first.status, first.as_of) == ("frozen", row.freezes_at)
        assert names(first)[0] == "Nguyễn Thị P9"
        frozen.standby.let_on()
        clock.advance(minutes=1)
        take(frozen.code, people.member("p8"), clock, 3, 2, 10)
        frozen.catch_up()
        frozen.read_there()
        later = board(frozen)
        assert (later.rows, later.as_of) == (first.rows, first.as_of)
        assert any("standings" in said for said in frozen.read_there())


@pytest.mark.parametrize(("fresh", "at"), [(-1, "primary"), (0, "primary"), (1, "replica")])
def test_frozen_board_is_read_there_once_all_that_was_on_its_way_has_come(
    frozen: Replicated, clock: Clock, fresh: float, at: str
) -> None:
    """It has to have everything as of ten seconds after the freeze: a submission of before may commit until then."""
    with frozen.app.app_context():
        row = people.round_row(frozen.code)
        assert row.freezes_at is not None
        clock.set(row.freezes_at + timedelta(minutes=1))
        then = clock_module.ticks() - 60 + head.UNDER_WAY.total_seconds()
        with patch.object(frozen.own, "_fresh_at", then + fresh - 0.5), patch.object(replica, "MOST", 100.0):
            board(frozen)
        assert frozen.counts() == {at: 3}  # the page, its people, their attempts
