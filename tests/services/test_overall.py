"""The overall standing of a contest of three rounds: settled one by one, corrected, recounted, shown and explained."""

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db, transaction
from contest.errors import Conflict, Invalid, NotFound
from contest.models.attempts import Attempt
from contest.models.contests import Contest, Round
from contest.models.overall import OverallResult, OverallStanding
from contest.models.results import Standing
from contest.rules.overall import Rule
from contest.rules.overall_terms import OverallCriterion, OverallWay
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.result_terms import AwardState, EdgeTie, Publication, Verification
from contest.services.attempts import voiding
from contest.services.awards import announced, lists, verification, winners
from contest.services.contests import overall as setup_overall
from contest.services.contests import rounds, views
from contest.services.results import overall, overall_board, proof, settlement
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take

SLUG = "cuoc-thi"
C, W = OverallCriterion, OverallWay
USUAL = (C.CORRECT, C.PREDICTION, C.DURATION)
CROWD = 9


@pytest.fixture
def weeks(app: Flask, database: str, clock: Clock) -> Iterator[list[str]]:
    """Return the rounds of a contest that nine people have taken, some of them not every round."""
    with app.app_context():
        people.organisation()
        codes = people.contest(rounds=[{"title": f"Tuần {n}"} for n in (1, 2, 3)])
        rng = random.Random(7)
        found = [people.member(f"p{n}", "A1" if n % 2 else "B1") for n in range(CROWD)]
        for code in codes:
            for who in found if code == codes[0] else rng.sample(found, 6):
                for _ in range(rng.choice([1, 1, 2])):
                    take(
                        code,
                        who,
                        clock,
                        rng.choice([1, 2, 3, 3]),
                        rng.choice([None, 1, 2, 4]),
                        rng.randrange(30, 300, 30),
                    )
        yield codes


def version() -> int:
    return db.session.scalars(sa.select(Contest.version).where(Contest.slug == SLUG)).one()


def choose(rule: Rule | None, codes: list[str]) -> None:
    db.session.rollback()
    setup_overall.choose(SLUG, rule, codes, seen=version(), by=SYSTEM)


def settle(code: str, clock: Clock) -> None:
    row = people.round_row(code)
    clock.at = max(clock.at, row.closes_at + timedelta(minutes=30))
    settlement.settle(row.id)
    overall.compute_due()


def differences() -> list[proof.Difference]:
    return [d for p in proof.verify(SLUG, None, by=SYSTEM) for d in p.differences]


def standings() -> list[OverallStanding]:
    query = sa.select(OverallStanding).order_by(OverallStanding.place, OverallStanding.member_id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def result() -> OverallResult:
    return db.session.scalars(sa.select(OverallResult).execution_options(populate_existing=True)).one()


@pytest.mark.parametrize(
    "rule",
    [
        Rule(W.SUM, USUAL),
        Rule(W.BEST, USUAL),
        Rule(W.BEST_K, USUAL, 2),
        Rule(W.BEST_K, (C.FULL_MARKS, C.POINTS, C.SUBMITTED_AT), 2),
        Rule(W.SUM, (C.ROUNDS_TAKEN, C.ATTEMPTS_USED, C.CORRECT, C.REGISTERED_AT)),
        Rule(W.SUM, (C.CORRECT,)),
    ],
)
def test_what_is_stored_is_what_is_recounted(weeks: list[str], clock: Clock, rule: Rule) -> None:
    choose(rule, weeks)
    for n, code in enumerate(weeks, 1):
        settle(code, clock)
        assert differences() == []
        head = overall_board.get_head(SLUG)
        assert (head.shown_count, len(head.rounds), head.status) == (n, 3, "partial" if n < 3 else "provisional")
        assert head.participants == CROWD
    assert [p.title for p in proof.verify(SLUG, None, by=SYSTEM)][-1] == "Xếp hạng chung cuộc"


def test_one_round_alone_is_that_round(weeks: list[str], clock: Clock) -> None:
    choose(Rule(W.CHOSEN, USUAL), [weeks[1]])
    for code in weeks:
        settle(code, clock)
    own = sa.select(Standing.member_id, Standing.place, Standing.points).where(
        Standing.round_id == people.round_row(weeks[1]).id
    )
    assert {tuple(r) for r in db.session.execute(own)} == {(s.member_id, s.place, s.points) for s in standings()}
    assert differences() == []


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "a place": ({"place": 1}, "place"),
    "a score": ({"correct": Decimal(99)}, "correct"),
    "a unit": ({"unit_id": 1}, "unit_id"),
    "an error": ({"prediction_error": 77}, "prediction_error"),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_whatever_is_changed_is_named(weeks: list[str], clock: Clock, name: str) -> None:
    choose(Rule(W.SUM, USUAL), weeks)
    settle(weeks[0], clock)
    last = standings()[-1].member_id
    values, field = CHANGES[name]
    with transaction():
        db.session.execute(sa.update(OverallStanding).where(OverallStanding.member_id == last).values(**values))
    assert [(d.kind, d.field) for d in differences()] == [("overall", field)]


def test_a_person_left_out_is_named(weeks: list[str], clock: Clock) -> None:
    choose(Rule(W.SUM, USUAL), weeks)
    settle(weeks[0], clock)
    with transaction():
        db.session.execute(sa.delete(OverallStanding).where(OverallStanding.member_id == standings()[-1].member_id))
    assert [(d.kind, d.field) for d in differences()] == [("overall", "exists")]


def test_the_background_computes_when_a_round_has_another_result_and_only_then(
    app: Flask, weeks: list[str], clock: Clock
) -> None:
    choose(Rule(W.SUM, USUAL), weeks)
    assert overall.due() == []
    clock.at = people.round_row(weeks[0]).closes_at + timedelta(minutes=30)
    worker.run_once(app)  # settles all three and computes them together
    assert (result().version, overall_board.get_head(SLUG).shown_count, overall.due()) == (1, 3, [])
    before = result().basis
    overall.compute(people.contest_id())  # the same once more is the same version
    assert (result().version, result().basis) == (1, before)
    first = people.round_row(weeks[0])
    receipt = db.session.scalars(
        sa.select(Attempt.receipt).where(Attempt.round_id == first.id, Attempt.member_id == standings()[0].member_id)
    ).first()
    voiding.void(SLUG, weeks[0], receipt=receipt or "", reason="Thi hộ", by=SYSTEM)
    assert overall.due() == [people.contest_id()]
    worker.run_once(app)
    assert (overall.due(), result().version) == ([], 2)
    assert differences() == []


def test_only_what_everybody_sees_is_counted(weeks: list[str], clock: Clock) -> None:
    with transaction():
        db.session.execute(sa.update(Contest).values(publication=Publication.APPROVED))
    choose(Rule(W.SUM, USUAL), weeks)
    settle(weeks[0], clock)
    assert overall_board.get_head(SLUG).status == "waiting"
    assert overall_board.people(SLUG, actor=None).rows == ()
    people.publish_result(SLUG, weeks[0])
    overall.compute_due()
    head = overall_board.get_head(SLUG)
    assert (head.status, head.shown_count, head.participants) == ("partial", 1, CROWD)
    for code in weeks[1:]:
        settle(code, clock)
        people.publish_result(SLUG, code)
        overall.compute_due()
    assert overall_board.get_head(SLUG).status == "final"
    assert differences() == []


def refused(rule: Rule | None, codes: list[str]) -> list[tuple[str, str | None]]:
    with pytest.raises((Invalid, Conflict)) as no:
        choose(rule, codes)
    return [(r.slug, r.field) for r in no.value.refusals]


def test_contradictions_are_refused_and_nothing_is_stored(weeks: list[str], clock: Clock) -> None:
    assert refused(Rule(W.SUM, USUAL), []) == [("overall-no-rounds", "rounds")]
    assert refused(Rule(W.CHOSEN, USUAL), ["khong-co"]) == [("not-a-choice", "chosen")]
    assert refused(Rule(W.BEST_K, USUAL, 4), weeks) == [("overall-best-too-many", "best")]
    assert refused(Rule(W.SUM, ()), weeks) == [("criteria-empty", "criteria")]
    with transaction():
        db.session.execute(sa.update(Round).values(prediction=None))
    assert refused(Rule(W.SUM, USUAL), weeks) == [("overall-prediction-nowhere", "criteria")]
    assert setup_overall.find_rule(people.contest_id()) is None


def test_once_a_round_is_out_the_rule_stays(weeks: list[str], clock: Clock) -> None:
    choose(Rule(W.SUM, USUAL), weeks[:2])
    settle(weeks[0], clock)
    assert refused(Rule(W.BEST, USUAL), weeks[:2]) == [("overall-settled", "way")]
    assert refused(Rule(W.SUM, USUAL), weeks[1:]) == [("overall-settled", "way")]
    assert refused(None, []) == [("overall-settled", "way")]
    choose(Rule(W.SUM, USUAL), weeks)  # a further round is in from now on
    assert [r.code for r in setup_overall.list_counted(people.contest_id())] == weeks


def test_a_round_that_counts_is_not_removed(app: Flask, weeks: list[str], clock: Clock) -> None:
    values = people.round_values(people.round_row(weeks[0]).bank_id, title="Chung kết")
    added = rounds.add_round(SLUG, values, [], seen=version(), by=SYSTEM)
    choose(Rule(W.SUM, USUAL), [*weeks, added])
    with pytest.raises(Invalid) as no:
        rounds.remove_round(SLUG, added, seen=version(), by=SYSTEM)
    assert no.value.refusal.slug == "round-counts-overall"
    choose(Rule(W.SUM, USUAL), weeks)
    rounds.remove_round(SLUG, added, seen=version(), by=SYSTEM)
    assert len(rounds.list_rounds(people.contest_id())) == 3


def test_a_contest_without_one_has_no_such_board(weeks: list[str], clock: Clock) -> None:
    with pytest.raises(NotFound):
        overall_board.get_head(SLUG)
    assert not views.get_contest(SLUG, actor=None).has_overall


def test_pages_follow_each_other_and_ones_own_place_is_always_there(
    weeks: list[str], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(Rule(W.SUM, (C.CORRECT,)), weeks)
    for code in weeks:
        settle(code, clock)
    whole = [s.member_id for s in sorted(standings(), key=lambda s: (s.key, s.member_id))]
    last = people.actor(
        db.session.execute(sa.text("SELECT code FROM members WHERE id = :i"), {"i": whole[-1]}).scalar_one()
    )
    monkeypatch.setattr(overall_board, "PAGE", 4)
    places, after = [], ""
    while True:
        view = overall_board.people(SLUG, actor=last, after=after)
        places += [r.place for r in view.rows]
        assert view.mine is not None
        assert (view.mine.place, view.mine.is_me) == (standings()[-1].place, True)
        assert view.gap == max(0, len(whole) - len(places) - 1)
        if view.next is None:
            break
        after = view.next
    assert places == [s.place for s in standings()]
    assert len(places) == CROWD
    with pytest.raises(NotFound):
        overall_board.people(SLUG, actor=last, after="nothing")


def test_visitors_read_the_names_of_those_who_agreed_where_rounds_show_names(weeks: list[str], clock: Clock) -> None:
    choose(Rule(W.SUM, USUAL), weeks)
    settle(weeks[0], clock)
    assert all(r.name for r in overall_board.people(SLUG, actor=None).rows)
    with transaction():
        db.session.execute(sa.text("DELETE FROM consents WHERE member_id = :i"), {"i": standings()[0].member_id})
    assert [bool(r.name) for r in overall_board.people(SLUG, actor=None).rows].count(False) == 1
    with transaction():
        db.session.execute(sa.update(Round).values(names_public=False))
    assert not any(r.name for r in overall_board.people(SLUG, actor=None).rows)
    assert all(r.name for r in overall_board.people(SLUG, actor=people.actor("p1")).rows)


def test_a_place_is_explained_by_its_rounds(weeks: list[str], clock: Clock) -> None:
    choose(Rule(W.BEST_K, USUAL, 1), weeks)
    for code in weeks:
        settle(code, clock)
    for n in range(CROWD):
        who = people.actor(f"p{n}")
        why = overall_board.why(SLUG, actor=who)
        mine = next(s for s in standings() if s.member_id == who.member_id)
        assert (why.place, len(why.rounds), why.merit.correct) == (mine.place, mine.rounds_taken, mine.correct)
        assert [r.is_counted for r in why.rounds].count(True) == 1
    with pytest.raises(NotFound):
        overall_board.why(SLUG, actor=people.member("khach"))


# Prizes over the overall standing


def prizes(round_code: str = lists.OVERALL, **more: Any) -> int:
    given = {
        "round": round_code,
        "title": "Giải chung cuộc",
        "for_units": False,
        "edge": EdgeTie.ALL,
        "cap": None,
        **more,
    }
    lines = [{"name": "Nhất", "count": 1, "special": None}, {"name": "Nhì", "count": 2, "special": None}]
    return lists.create(SLUG, given, lines, by=SYSTEM)


def test_prizes_go_by_the_overall_standing(weeks: list[str], clock: Clock) -> None:
    with pytest.raises(Invalid) as no:
        prizes()
    assert (no.value.refusal.slug, no.value.refusal.field) == ("overall-none", "round")
    choose(Rule(W.SUM, (C.CORRECT, C.PREDICTION, C.DURATION, C.SUBMITTED_AT)), weeks)
    number = prizes()
    settle(weeks[0], clock)
    with pytest.raises(Conflict) as early:
        verification.proceed(SLUG, number, to=AwardState.VERIFICATION, by=SYSTEM)
    assert early.value.refusal.slug == "overall-incomplete"
    for code in weeks[1:]:
        settle(code, clock)
    contest, found = lists.get_list(SLUG, number, by=SYSTEM)
    won = winners.outcome(contest, found).winners
    assert [w.subject.id for w in won] == [s.member_id for s in standings()[:3]]
    assert all(w.subject.receipt for w in won)
    verification.proceed(SLUG, number, to=AwardState.VERIFICATION, by=SYSTEM)
    for w in won:
        verification.judge(SLUG, number, w.subject.id, Verification.VERIFIED, "", by=SYSTEM)
    verification.proceed(SLUG, number, to=AwardState.OFFICIAL, by=SYSTEM)
    for code in weeks[:2]:
        people.publish_result(SLUG, code)
    with pytest.raises(Conflict) as unpublished:
        verification.proceed(SLUG, number, to=AwardState.ANNOUNCED, by=SYSTEM)
    assert unpublished.value.refusal.slug == "award-before-result"
    people.publish_result(SLUG, weeks[2])
    verification.proceed(SLUG, number, to=AwardState.ANNOUNCED, by=SYSTEM)
    (listed,) = announced.announced(SLUG, names_shown=False)
    assert (listed.round_title, [w.place for w in listed.winners]) == ("", [s.place for s in standings()[:3]])
    assert refused(None, []) == [("overall-settled", "way")]


def test_units_win_over_all_rounds(weeks: list[str], clock: Clock) -> None:
    choose(Rule(W.SUM, USUAL), weeks)
    number = prizes(for_units=True)
    assert winners.outcome(*lists.get_list(SLUG, number, by=SYSTEM)).winners == ()
    for code in weeks:
        settle(code, clock)
    won = winners.outcome(*lists.get_list(SLUG, number, by=SYSTEM)).winners
    assert sorted(w.subject.code for w in won) == ["A", "B"]


def test_a_standing_with_prizes_is_not_given_up(weeks: list[str], clock: Clock) -> None:
    choose(Rule(W.SUM, USUAL), weeks)
    prizes()
    assert refused(None, []) == [("overall-has-prizes", "way")]


def test_organisers_of_other_branches_do_not_know_of_it(weeks: list[str], clock: Clock) -> None:
    stranger: Actor = people.organiser("tob", unit="B")
    with pytest.raises(NotFound):
        setup_overall.choose(SLUG, Rule(W.SUM, USUAL), weeks, seen=version(), by=stranger)
