"""Places from counts: the same as counting everybody above, at every moment, whatever moved and whatever is added up."""

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.gateways.cache import Cache
from contest.models.boards import BoardCount, BoardMove
from contest.models.results import Standing
from contest.services.results import boards, counts, settlement
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take

ROUND = 7


@pytest.fixture(autouse=True)
def house(context: Flask, database: str) -> None:
    people.organisation()


def key(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "big") for number in numbers)


def stand(member_id: int, found: bytes | None, *, place: int | None = None) -> None:
    """Put a standing on the board of a round, or move the one that is there."""
    values = {"unit_id": 1, "attempt_id": attempt_id(), "attempts_used": 1, "full_marks": 0}
    values |= {"correct": Decimal(1), "points": Decimal(1)}
    values |= {"key": found or b"", "board_key": found, "place": place}
    with transaction(shared=False):
        row = db.session.get(Standing, (ROUND, member_id), populate_existing=True)
        if row is None:
            db.session.add(Standing(round_id=ROUND, member_id=member_id, **values))
        else:
            row.board_key, row.place = found, place


def attempt_id() -> int:
    """Return an attempt with a result: standings refer to one."""
    found: int | None = db.session.scalar(sa.text("SELECT min(attempt_id) FROM results"))
    if found is None:
        people.attempt(people.contest()[0], people.member("who"))
        own = "id, round_id, member_id, number, 0, 3, 0, 0, started_at, started_at, started_at"
        names = "attempt_id, round_id, member_id, number, correct_count, question_count, points, duration_seconds"
        with transaction():
            begun = f"INSERT INTO results ({names}, started_at, finished_at, graded_at) SELECT {own} FROM attempts"
            db.session.execute(sa.text(begun))
        return attempt_id()
    return found


def leave(member_id: int) -> None:
    with transaction(shared=False):
        db.session.execute(sa.delete(Standing).where(Standing.round_id == ROUND, Standing.member_id == member_id))


def above_all() -> dict[bytes, int]:
    keys = db.session.scalars(sa.select(Standing.board_key).where(Standing.round_id == ROUND)).all()
    counted = {}
    for each in {k for k in keys if k is not None}:
        counted[each] = db.session.scalar(sa.select(counts.above(ROUND, sa.literal(each, sa.LargeBinary))))
    return counted


def expected() -> dict[bytes, int]:
    keys = db.session.scalars(sa.select(Standing.board_key).where(Standing.round_id == ROUND)).all()
    shown = [k for k in keys if k is not None]
    return {each: sum(other < each for other in shown) for each in shown}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("width", [1, 2, 3])
def test_count_is_that_of_everybody_above_at_every_moment(database: str, seed: int, width: int) -> None:
    rng = Random(seed)

    def any_key() -> bytes:
        numbers = (2**63 - rng.randrange(4) * 10**6, rng.randrange(600), rng.randrange(3))
        return key(*numbers[:width])

    for _ in range(40):
        who = rng.randrange(1, 15)
        choice = rng.random()
        if choice < 0.7:
            stand(who, any_key())
        elif choice < 0.8:
            stand(who, None)
        elif choice < 0.9:
            leave(who)
        else:
            counts.add_up(batch=rng.choice([1, 3, 5000]))
        assert above_all() == expected()
    while counts.add_up():
        pass
    assert above_all() == expected()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BoardMove)) == 0
    with transaction():
        counts.count_anew(ROUND)
    assert above_all() == expected()


def test_standing_that_stays_as_it_is_moves_nothing(database: str) -> None:
    stand(1, key(5, 5))
    counts.add_up()
    stand(1, key(5, 5))
    assert counts.add_up() == 0


def test_stored_places_are_no_moves(database: str) -> None:
    stand(1, key(5, 5), place=1)
    stand(1, key(6, 5), place=2)
    leave(1)
    assert counts.add_up() == 0


def test_counts_add_up_to_all_who_are_on_the_board_on_every_level(database: str) -> None:
    for n in range(6):
        stand(n + 1, key(2**63 - n % 2, n * 100))
    stand(1, key(2**63, 1))
    while counts.add_up(batch=2):
        pass
    sums = sa.select(BoardCount.level, sa.func.sum(BoardCount.people)).group_by(BoardCount.level)
    assert dict(tuple(r) for r in db.session.execute(sums.order_by(BoardCount.level))) == {0: 6, 1: 6, 2: 6}


def test_places_of_a_round_are_the_same_live_rebuilt_and_settled(database: str, clock: Clock) -> None:
    (code,) = people.contest(rounds=[{"attempts_allowed": None}])
    who = [people.member(f"p{n}") for n in range(4)]
    for n, one in enumerate((*who, who[0])):
        take(code, one, clock, n % 3, n, 30 * (n + 1))
    row = people.round_row(code)

    def places() -> list[int]:
        found = []
        for one in who:
            mine = boards.people(code, actor=one, cache=Cache()).mine
            assert mine is not None
            found.append(mine.row.place)
        return found

    live = places()
    while counts.add_up():
        pass
    assert places() == live
    settlement.rebuild(row.id)
    assert places() == live
    clock.set(row.closes_at + timedelta(minutes=1))
    settlement.settle(row.id)
    assert sorted(places()) == sorted(live)
    left = [db.session.scalar(sa.select(sa.func.count()).select_from(t)) for t in (BoardMove, BoardCount)]
    assert left == [0, 0]
