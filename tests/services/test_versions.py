"""Versions of a result and corrections of questions: what waits, what is shown, what stays, and that it can be proved."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.gateways.cache import Cache
from contest.models.attempts import Attempt, Response, of_attempt
from contest.models.contests import Contest
from contest.models.keys import AnswerKey
from contest.models.results import Result, ScoreChange, SettledStanding, Settlement, Standing, StandingUnit
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.result_terms import Publication, Remedy, Step
from contest.services.attempts import afterwards, reviews
from contest.services.contests import views
from contest.services.corrections import proposing, questions
from contest.services.results import approval, boards, proof, reasons, settlement, unit_boards, unit_scopes, versions
from tests import people
from tests.conftest import Clock

SLUG = "cuoc-thi"


@pytest.fixture
def settled(contest: str, crowd: list[Actor], clock: Clock) -> str:
    """Settle the round that the crowd took."""
    row = people.round_row(contest)
    clock.set(row.closes_at + timedelta(minutes=30))
    settlement.settle(row.id)
    return contest


@pytest.fixture
def hands(settled: str) -> list[Actor]:
    return [people.organiser(f"btc{n}") for n in range(3)]


def common_question() -> int:
    """Return the question that most papers have."""
    seen: dict[int, int] = {}
    for paper in db.session.scalars(sa.select(Attempt.paper)):
        for version_id, _ in paper:
            seen[version_id] = seen.get(version_id, 0) + 1
    return max(seen, key=lambda v: (seen[v], -v))


def wrongly_answered() -> tuple[int, list[str]]:
    """Return a question that somebody answered wrongly, with what they chose."""
    keys = {k.version_id: k.weights for k in db.session.scalars(sa.select(AnswerKey))}
    papers = {a.id: a.paper for a in db.session.scalars(sa.select(Attempt))}
    for row in db.session.scalars(sa.select(Response).where(Response.position > 0).order_by(Response.attempt_id)):
        version_id, chosen = papers[row.attempt_id][row.position - 1][0], json.loads(row.value or "null")
        if Decimal(keys[version_id][chosen]) == 0:
            return version_id, [chosen]
    raise AssertionError("nobody was wrong")


def propose(code: str, remedy: Remedy = Remedy.FULL_CREDIT, by: Actor = SYSTEM, question: int | None = None) -> int:
    asked, key = question or common_question(), list[str]()
    if remedy in {Remedy.BOTH_KEYS, Remedy.NEW_KEY}:
        asked, key = wrongly_answered()
    return proposing.propose(SLUG, code, asked, remedy, key, "Đề in sai", by=by)


def put_through(code: str, number: int) -> None:
    people.publish_result(SLUG, code, number)


def table(model: Any) -> list[tuple[Any, ...]]:
    columns = list(model.__table__.columns)
    return sorted((tuple(r) for r in db.session.execute(sa.select(*columns))), key=repr)


def seen_by_everybody(code: str) -> list[Any]:
    board = boards.people(code, actor=None, cache=Cache())
    units = unit_boards.board(unit_scopes.of_round(code), actor=None, cache=Cache())
    return [board.status, board.version, board.target, board.rows, units.rows]


def verified() -> list[Any]:
    """Return what differs in the round, once nothing does in the units of the whole contest."""
    of_round, *of_all = [p.differences for p in proof.verify(SLUG, None, by=SYSTEM)]
    assert of_all in ([], [()])
    return [of_round]


# Steps


def test_first_result_is_shown_as_provisional_until_it_is_published(settled: str, hands: list[Actor]) -> None:
    assert boards.people(settled, actor=None, cache=Cache()).status == "provisional"
    assert approval.check(SLUG, settled, 1, by=hands[0]) == []
    with pytest.raises(Forbidden, match="second-person"):
        approval.approve(SLUG, settled, 1, by=hands[0])
    with pytest.raises(Conflict, match="version-unapproved"):
        approval.publish(SLUG, settled, 1, by=hands[0])
    approval.approve(SLUG, settled, 1, by=hands[1])
    approval.publish(SLUG, settled, 1, by=hands[0])
    assert boards.people(settled, actor=None, cache=Cache()).status == "final"
    (view,) = approval.list_versions(
        db.session.scalars(sa.select(Contest)).one(), people.round_row(settled), by=hands[0]
    )
    assert [(t.step, t.by) for t in view.taken] == [
        (Step.APPROVED, hands[1].name), (Step.CHECKED, hands[0].name), (Step.COMPUTED, None),
        (Step.PUBLISHED, hands[0].name),
    ]  # fmt: skip
    assert view.next_step is None


def test_result_that_is_kept_back_is_seen_nowhere_before_its_publication(
    contest: str, crowd: list[Actor], clock: Clock
) -> None:
    with transaction():
        db.session.execute(sa.update(Contest).values(publication=Publication.APPROVED))
    row = people.round_row(contest)
    clock.set(row.closes_at + timedelta(minutes=30))
    settlement.settle(row.id)
    me = crowd[0]
    assert people.round_row(contest).shown_at is None
    board = boards.people(contest, actor=me, cache=Cache())
    assert (board.status, board.rows, board.mine, board.target) == ("waiting", (), None, None)
    assert unit_boards.board(unit_scopes.of_round(contest), actor=me, cache=Cache()).rows == ()
    with pytest.raises(NotFound):
        reasons.why(contest, actor=me)
    (shown,) = views.get_contest(SLUG, actor=me).rounds
    assert (shown.mine, shown.is_settled, shown.board_visible) == (None, False, False)
    put_through(contest, 1)
    assert boards.people(contest, actor=me, cache=Cache()).status == "final"
    (shown,) = views.get_contest(SLUG, actor=me).rounds
    assert (shown.mine is not None, shown.is_settled, shown.board_visible) == (True, True, True)


def test_check_that_finds_a_difference_takes_no_step(settled: str) -> None:
    with transaction():
        first = sa.select(sa.func.min(Standing.member_id)).scalar_subquery()
        db.session.execute(sa.update(Standing).where(Standing.member_id == first).values(place=9, correct=Decimal(7)))
    found = approval.check(SLUG, settled, 1, by=SYSTEM)
    assert {d.field for d in found} == {"place", "correct"}
    assert versions.steps_of(1).keys() == {Step.COMPUTED}
    with pytest.raises(Conflict, match="version-unchecked"):
        approval.approve(SLUG, settled, 1, by=SYSTEM)


# Corrections


@pytest.mark.parametrize("remedy", [Remedy.FULL_CREDIT, Remedy.BOTH_KEYS, Remedy.NEW_KEY, Remedy.DROPPED])
def test_correction_waits_unseen_is_proved_and_then_shown(settled: str, crowd: list[Actor], remedy: Remedy) -> None:
    put_through(settled, 1)
    before, results = seen_by_everybody(settled), table(Result)
    assert propose(settled, remedy) == 2
    assert (seen_by_everybody(settled), table(Result)) == (before, results)
    assert verified() == [()]
    row = people.round_row(settled)
    moves = approval.moves(row, 2)
    changes = table(ScoreChange)
    assert moves.scores == len(changes) > 0
    put_through(settled, 2)
    assert verified() == [()]
    after = seen_by_everybody(settled)
    assert after[:2] == ["final", 2]
    assert after[2] == moves.target_after
    assert {
        r.attempt_id: r.points for r in db.session.scalars(sa.select(Result)) if r.attempt_id in {c[1] for c in changes}
    } == {c[1]: c[7] for c in changes}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SettledStanding)) == len(crowd)  # of version 1


def test_full_credit_takes_from_nobody_and_dropping_leaves_a_shorter_paper(settled: str) -> None:
    propose(settled, Remedy.FULL_CREDIT)
    assert all(c.points_after == c.points_before + 1 for c in db.session.scalars(sa.select(ScoreChange)))
    propose(settled, Remedy.DROPPED)
    last = db.session.scalars(sa.select(sa.func.max(ScoreChange.settlement_id))).one()
    dropped = db.session.scalars(sa.select(ScoreChange).where(ScoreChange.settlement_id == last)).all()
    assert {c.questions_after - c.questions_before for c in dropped} == {-1}


def test_preview_says_who_moves_as_it_then_happens(settled: str) -> None:
    places = {r[0]: r[1] for r in db.session.execute(sa.select(Standing.member_id, Standing.place))}
    propose(settled)
    moves = approval.moves(people.round_row(settled), 2)
    put_through(settled, 2)
    now = {r[0]: r[1] for r in db.session.execute(sa.select(Standing.member_id, Standing.place))}
    assert (moves.up, moves.down) == (
        sum(now[m] < places[m] for m in now),
        sum(now[m] > places[m] for m in now),
    )
    assert all(m.place_before != m.place_after or m.points_before != m.points_after for m in moves.movers)


def test_withdrawn_correction_leaves_nothing_behind(settled: str) -> None:
    tables = (Standing, StandingUnit, Result, SettledStanding)
    before = [table(t) for t in tables]
    number = propose(settled)
    approval.withdraw(SLUG, settled, number, by=SYSTEM)
    assert [table(t) for t in tables] == before
    with pytest.raises(Conflict, match="version-over"):
        approval.check(SLUG, settled, number, by=SYSTEM)
    assert propose(settled) == number + 1


def test_second_correction_carries_the_first_that_waits(settled: str) -> None:
    first, second = sorted({v for p in db.session.scalars(sa.select(Attempt.paper)) for v, _ in p})[:2]
    propose(settled, question=first)
    propose(settled, question=second)
    put_through(settled, 3)
    assert verified() == [()]
    found = questions.list_corrections(SLUG, settled, by=SYSTEM)
    assert {n: len(own) for n, own in found.items()} == {2: 1, 3: 2}
    for attempt, result in db.session.execute(sa.select(Attempt, Result).join(Result, of_attempt(Result))):
        asked = [v for v, _ in attempt.paper]
        assert result.correct_count >= sum(v in asked for v in (first, second))


def test_correction_back_to_the_original_restores_every_score(settled: str) -> None:
    before = table(Result)
    asked = common_question()
    propose(settled, question=asked)
    put_through(settled, 2)
    assert table(Result) != before
    propose(settled, Remedy.AS_WRITTEN, question=asked)
    put_through(settled, 3)
    assert table(Result) == before
    assert verified() == [()]
    with pytest.raises(Invalid, match="correction-changes-nothing"):
        propose(settled, Remedy.AS_WRITTEN, question=asked)


def test_settling_again_beside_a_version_that_waits_changes_nothing(settled: str) -> None:
    row = people.round_row(settled)
    propose(settled)
    tables = (Settlement, SettledStanding, ScoreChange, Standing)
    before = [table(t) for t in tables]
    assert settlement.settle(row.id).version == 2
    assert [table(t) for t in tables] == before


def test_correction_by_one_is_approved_by_another(settled: str, hands: list[Actor]) -> None:
    number = propose(settled, by=hands[0])
    approval.check(SLUG, settled, number, by=hands[1])
    for hand in hands[:2]:
        with pytest.raises(Forbidden, match="second-person"):
            approval.approve(SLUG, settled, number, by=hand)
    approval.approve(SLUG, settled, number, by=hands[2])
    with pytest.raises(Conflict, match="version-approved"):
        approval.withdraw(SLUG, settled, number, by=hands[0])


@pytest.mark.parametrize(
    ("values", "slug", "field"),
    [
        ({"reason": "  "}, "public-reason-missing", "reason"),
        ({"remedy": Remedy.NEW_KEY, "key": []}, "new-key-missing", "key"),
        ({"remedy": Remedy.NEW_KEY, "key": ["zz"]}, "not-a-choice", "key"),
    ],
)
def test_correction_that_lacks_something_names_its_field(
    settled: str, values: dict[str, Any], slug: str, field: str
) -> None:
    given: dict[str, Any] = {"remedy": Remedy.FULL_CREDIT, "key": [], "reason": "Đề sai", **values}
    for call in (proposing.propose, proposing.ask):
        with pytest.raises(Invalid) as refused:
            call(SLUG, settled, common_question(), **given, by=SYSTEM)
        assert (refused.value.refusal.slug, refused.value.refusal.field) == (slug, field)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Settlement)) == 1


def test_question_of_no_paper_is_not_corrected(settled: str) -> None:
    with pytest.raises(NotFound):
        proposing.propose(SLUG, settled, 10**6, Remedy.FULL_CREDIT, [], "Đề sai", by=SYSTEM)


def test_person_sees_how_and_why_a_score_changed(settled: str, crowd: list[Actor]) -> None:
    put_through(settled, 1)
    propose(settled)
    attempt_id = db.session.scalars(sa.select(sa.func.min(ScoreChange.attempt_id))).one()
    attempt = db.session.get_one(Attempt, attempt_id)
    who = next(a for a in crowd if a.member_id == attempt.member_id)
    assert afterwards.get_receipt(attempt.code, by=who).changes == ()
    put_through(settled, 2)
    (change,) = afterwards.get_receipt(attempt.code, by=who).changes
    assert (change.after - change.before, change.reason) == (1, "Đề in sai")
    review = reviews.get_review(attempt.code, by=who)
    assert Remedy.FULL_CREDIT in {q.remedy for q in review.questions}
    assert review.correct == sum(q.is_correct for q in review.questions)


def test_changed_row_of_a_published_version_is_named(settled: str, app: Flask) -> None:
    propose(settled)
    put_through(settled, 2)
    with transaction():
        first = sa.select(sa.func.min(Result.attempt_id)).scalar_subquery()
        db.session.execute(sa.update(Result).where(Result.attempt_id == first).values(correct_count=0))
    ((difference,),) = verified()
    assert (difference.kind, difference.field) == ("result", "correct")
