"""Lots as the last criterion of a round: prepared, drawn once, put into a new version, and recounted."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from contest.db import db, transaction
from contest.errors import Conflict, Invalid
from contest.models.attempts import Attempt
from contest.models.awards import DrawOutcome
from contest.models.contests import Round, Void
from contest.models.results import SettledStanding, Settlement, Standing
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import Counted, Criterion, PredictionTarget
from contest.services.attempts import voiding
from contest.services.awards import draws
from contest.services.results import lots, proof, reasons, settlement, versions
from tests import people
from tests.conftest import Clock

SLUG = "cuoc-thi"
REASON = "Bốc thăm giữa những người bằng nhau."
C = Criterion


def settle(code: str, clock: Clock, criteria: Sequence[Criterion] = (C.CORRECT, C.LOT), **values: object) -> Round:
    with transaction():
        db.session.execute(sa.update(Round).values(criteria=[c.value for c in criteria], **values))
    row = people.round_row(code)
    clock.set(max(clock.at, row.closes_at + timedelta(minutes=30)))
    settlement.settle(row.id)
    clock.advance(minutes=1)
    return row


def standings(row: Round) -> dict[int, tuple[int | None, bytes]]:
    query = sa.select(Standing.member_id, Standing.place, Standing.key).where(Standing.round_id == row.id)
    return {r[0]: (r[1], r[2]) for r in db.session.execute(query)}


def drawn(code: str, clock: Clock, randomness: str = "58213") -> draws.DrawView:
    draw = draws.prepare_for_round(SLUG, code, "Xổ số ngày mai", by=SYSTEM)
    clock.advance(minutes=1)
    draws.draw(SLUG, draw, randomness, "Bà An, ông Bình", by=SYSTEM, reason=REASON)
    clock.advance(minutes=1)
    return draws.get_draw(draw)


def differences() -> tuple[proof.Difference, ...]:
    return proof.verify(SLUG, 1, by=SYSTEM)[0].differences


def test_drawing_orders_equals_and_moves_nobody_else(
    contest: str, database: str, crowd: list[Actor], clock: Clock
) -> None:
    row = settle(contest, clock)
    before = standings(row)
    equals = lots.open_equals(row)
    assert len(equals) > 2
    assert {e.place for e in equals} == {p for p, _ in before.values() if [q for q, _ in before.values()].count(p) > 1}
    found = drawn(contest, clock)
    assert (found.holds, sorted(found.codes), found.count) == (True, sorted(e.receipt for e in equals), 0)
    after = standings(row)
    assert sorted(p for p, _ in after.values() if p) == list(range(1, len(crowd) + 1))
    for one, (place, key) in before.items():
        for other, (_, other_key) in before.items():
            if key < other_key:
                assert (after[one][0] or 0) < (after[other][0] or 0)
        if place not in {e.place for e in equals}:
            assert after[one][0] == place
    by_receipt = {e.receipt: e.member_id for e in equals}
    for group in found.grouped:
        places = [after[by_receipt[code]][0] for code in group]
        assert places == sorted(places, key=lambda p: p or 0)
    assert lots.open_equals(row) == []
    assert differences() == ()


def test_every_way_of_counting_is_recounted_with_its_lots(
    contest: str, database: str, crowd: list[Actor], clock: Clock
) -> None:
    for counted in Counted:
        orders = ((C.CORRECT, C.LOT), (C.POINTS, C.PREDICTION, C.LOT), (C.FULL_MARKS, C.CORRECT, C.LOT))
        for criteria in orders:
            row = settle(contest, clock, criteria, counted=counted.value, prediction=PredictionTarget.ALL_CORRECT)
            if lots.open_equals(row):
                drawn(contest, clock, f"{counted}-{len(criteria)}")
            assert lots.open_equals(row) == []
            assert differences() == ()


def test_provisional_result_is_replaced_in_place_with_a_reason(contest: str, crowd: list[Actor], clock: Clock) -> None:
    row = settle(contest, clock)
    drawn(contest, clock)
    found = db.session.scalars(sa.select(Settlement).order_by(Settlement.version)).all()
    assert [(s.version, s.waits, s.reason) for s in found] == [(1, False, ""), (2, False, REASON)]
    assert versions.shown(row.id) is found[1]
    assert settlement.settle(row.id) is found[1]


def test_published_result_stays_until_the_lots_are_published_too(
    contest: str, crowd: list[Actor], clock: Clock
) -> None:
    row = settle(contest, clock)
    people.publish_result(SLUG, contest)
    clock.advance(minutes=1)
    before = standings(row)
    drawn(contest, clock)
    assert standings(row) == before
    waiting = versions.waiting(row.id)
    assert waiting is not None
    assert (waiting.version, waiting.reason) == (2, REASON)
    aside = sa.select(sa.func.count(sa.distinct(SettledStanding.place))).where(
        SettledStanding.settlement_id == waiting.id
    )
    assert db.session.scalar(aside) == len(crowd)
    assert lots.open_equals(row) == []
    assert differences() == ()  # what is shown was settled before
    people.publish_result(SLUG, contest, 2)
    assert {place for place, _ in standings(row).values()} == set(range(1, len(crowd) + 1))
    assert differences() == ()


def test_one_draw_waits_at_a_time_and_happens_once(contest: str, crowd: list[Actor], clock: Clock) -> None:
    row = settle(contest, clock)
    with pytest.raises(Invalid, match="randomness-missing"):
        draws.prepare_for_round(SLUG, contest, " ", by=SYSTEM)
    code = draws.prepare_for_round(SLUG, contest, "Xổ số", by=SYSTEM)
    assert lots.waiting_draw(row.id) == code
    with pytest.raises(Conflict, match="draw-not-needed"):
        draws.prepare_for_round(SLUG, contest, "Xổ số", by=SYSTEM)
    clock.advance(minutes=1)
    draws.draw(SLUG, code, "1", "Bà An", by=SYSTEM)
    before = standings(row)
    with pytest.raises(Conflict, match="already-drawn"):
        draws.draw(SLUG, code, "2", "Bà An", by=SYSTEM)
    with pytest.raises(Conflict, match="draw-not-needed"):
        draws.prepare_for_round(SLUG, contest, "Xổ số", by=SYSTEM)
    assert standings(row) == before
    assert db.session.scalar(sa.select(sa.func.count(DrawOutcome.draw_id))) == 1


@pytest.mark.parametrize("criteria", [(C.CORRECT,), (C.CORRECT, C.DURATION)])
def test_where_lots_do_not_decide_there_is_nothing_to_draw(
    contest: str, crowd: list[Actor], clock: Clock, criteria: tuple[Criterion, ...]
) -> None:
    row = settle(contest, clock, criteria)
    assert lots.open_equals(row) == []
    with pytest.raises(Conflict, match="draw-not-needed"):
        draws.prepare_for_round(SLUG, contest, "Xổ số", by=SYSTEM)


def test_nothing_is_drawn_before_the_result(contest: str, crowd: list[Actor]) -> None:
    with transaction():
        db.session.execute(sa.update(Round).values(criteria=["correct", "lot"]))
    assert lots.open_equals(people.round_row(contest)) == []


def test_who_joins_a_group_later_makes_it_draw_again(
    contest: str, database: str, crowd: list[Actor], clock: Clock
) -> None:
    single = sa.select(Attempt.member_id).group_by(Attempt.member_id).having(sa.func.count() == 1)
    who, receipt = db.session.execute(
        sa.select(Attempt.member_id, Attempt.receipt).where(Attempt.member_id.in_(single)).limit(1)
    ).one()
    voiding.void(SLUG, contest, receipt=receipt, reason="Sự cố", by=SYSTEM)
    row = settle(contest, clock, (C.ATTEMPTS_USED, C.LOT))
    first = drawn(contest, clock)
    assert (receipt in first.codes, lots.open_equals(row)) == (False, [])
    voiding.restore(SLUG, contest, db.session.scalars(sa.select(Void.id)).one(), by=SYSTEM)
    clock.advance(minutes=1)
    equals = lots.open_equals(row)
    assert who in {e.member_id for e in equals}
    assert {e.place for e in equals} == {1}  # the other group has its lots, and keeps them
    assert differences() == ()
    second = drawn(contest, clock, "khác")
    assert sorted(second.codes) == sorted(e.receipt for e in equals)
    assert lots.open_equals(row) == []
    assert differences() == ()


def test_recount_notices_an_order_that_was_not_drawn(contest: str, crowd: list[Actor], clock: Clock) -> None:
    row = settle(contest, clock)
    equals = lots.open_equals(row)
    drawn(contest, clock)
    one, other = [e.member_id for e in equals if e.place == equals[0].place][:2]
    places = {m: p for m, (p, _) in standings(row).items()}
    with transaction():
        for member_id, place in ((one, places[other]), (other, places[one])):
            db.session.execute(sa.update(Standing).where(Standing.member_id == member_id).values(place=place))
    assert {d.field for d in differences()} == {"place"}
    assert len(differences()) == 2


def test_reasons_say_who_drew_first(contest: str, crowd: list[Actor], clock: Clock) -> None:
    row = settle(contest, clock)
    lot = reasons.why(contest, actor=crowd[0]).reasons[-1]
    assert (lot.criterion, lot.is_considered, lot.mine) == (C.LOT, False, None)
    drawn(contest, clock)
    places = {m: p for m, (p, _) in standings(row).items()}
    ordered = sorted((p or 0, who) for who in crowd if (p := places[who.member_id or 0]))
    lot = reasons.why(contest, actor=ordered[1][1]).reasons[-1]
    assert lot.is_considered
    assert isinstance(lot.mine, int)
