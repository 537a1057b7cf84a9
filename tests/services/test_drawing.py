"""Papers of a round: points and scoring that are pinned, questions that everybody gets, and what comes again last."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from contest import worker
from contest.db import db
from contest.errors import Conflict, Invalid
from contest.formats.drafts import QuestionDraft
from contest.models.attempts import Attempt
from contest.models.banks import Question, QuestionVersion
from contest.models.contests import Round
from contest.models.results import Result
from contest.rules.import_terms import JobState
from contest.rules.marking import Scoring, Way
from contest.rules.papers import Item, read_paper
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import Kind, SourceChange
from contest.rules.terms import LimitPer
from contest.rules.worth import Negative, Worth
from contest.services import grading, jobs
from contest.services.attempts import afterwards, closing, drawing, reviews, saving, simulating
from contest.services.banks import editing, reviewing, sources, tallying, uses
from contest.services.contests import blueprint_lines, publishing, rounds, scoring, setup
from contest.services.results import proof, settlement
from tests import people
from tests.conftest import Clock

PENALTY = Worth(Decimal(4), Scoring(penalty=Fraction(1, 4)))
ANY = {"topic_id": None, "difficulty": None}


def line(count: int, worth: Worth = Worth(), **values: Any) -> dict[str, Any]:  # noqa: B008
    return {**ANY, "count": count, "worth": worth.stored(), **values}


def question_id(code: str) -> int:
    return db.session.scalars(sa.select(Question.id).where(Question.code == code)).one()


def papers() -> list[tuple[Item, ...]]:
    return [read_paper(p) for p in db.session.scalars(sa.select(Attempt.paper).order_by(Attempt.id))]


def codes_of(paper: tuple[Item, ...]) -> list[str]:
    query = sa.select(QuestionVersion.id, Question.code).join(Question, Question.id == QuestionVersion.question_id)
    known = dict(db.session.execute(query).all())
    return [known[item.version_id] for item in paper]


def answer(attempt: str, who: Actor, clock: Clock, right: list[bool | None]) -> None:
    """Answer a paper of single choices rightly, wrongly, or not at all where None stands."""
    paper = read_paper(db.session.scalars(sa.select(Attempt.paper).where(Attempt.code == attempt)).one())
    keys = grading.keys_of([item.version_id for item in paper])
    for position, (item, wanted) in enumerate(zip(paper, right, strict=True), 1):
        if wanted is not None:
            weights = keys[item.version_id].key.weights
            option = next(o for o in item.options if (weights[o] > 0) == wanted)
            saving.save(attempt, str(position), 1, option, by=who, at=clock.at, arrived=clock.at)


def hand_in(attempt: str, who: Actor, clock: Clock) -> None:
    closing.submit(attempt, {}, by=who, arrived=clock.at)


def edited(number: int) -> QuestionDraft:
    return replace(people.question(number), text=f"Câu {number} viết lại?")


@pytest.fixture
def house(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    people.bank("kho", [people.question(n) for n in range(1, 9)])


def opened(**values: Any) -> str:
    bank_id = db.session.scalars(sa.select(Question.bank_id)).first()
    return people.contest(bank_id=bank_id, **values)[0]


def test_plain_paper_is_stored_as_it_always_was(house: None) -> None:
    code = opened()
    people.attempt(code, people.member())
    (stored,) = db.session.scalars(sa.select(Attempt.paper))
    assert all(len(item) == 2 for item in stored)
    assert db.session.scalars(sa.select(Round.possible)).one() is None
    assert scoring.scoring_of(code) is None


def test_score_is_weighed_by_what_the_paper_pins(house: None, clock: Clock) -> None:
    code = opened(lines=[line(2, Worth(Decimal("2.5"))), line(1, Worth(Decimal(5)))])
    who = people.member()
    attempt = people.attempt(code, who)
    (paper,) = papers()
    assert sorted(item.worth.points for item in paper) == [Decimal("2.5"), Decimal("2.5"), 5]
    answer(attempt, who, clock, [item.worth.points != 5 for item in paper])
    hand_in(attempt, who, clock)
    (result,) = db.session.scalars(sa.select(Result))
    assert (result.correct_count, result.question_count, result.points) == (2, 3, 5)
    receipt = afterwards.get_receipt(attempt, by=who)
    assert (receipt.correct, receipt.total, receipt.points, receipt.possible) == (2, 3, 5, 10)


@pytest.mark.parametrize(("negative", "points"), [(Negative.OPEN, -2), (Negative.FLOORED, 0)])
def test_wrong_answers_cost_what_the_paper_says(house: None, clock: Clock, negative: Negative, points: int) -> None:
    code = opened(lines=[line(3, PENALTY)], rounds=[{"negative": negative}])
    who = people.member()
    attempt = people.attempt(code, who)
    answer(attempt, who, clock, [False, None, False])
    hand_in(attempt, who, clock)
    assert db.session.scalars(sa.select(Result.points)).one() == points
    view = scoring.scoring_of(code)
    assert view is not None
    assert (view.possible, view.points, view.negative) == (12, ((3, 4),), negative)
    clock.advance(hours=3)
    settlement.settle(db.session.scalars(sa.select(Round.id)).one())
    assert proof.verify("cuoc-thi", 1, by=SYSTEM)[0].differences == ()
    row = db.session.scalars(sa.select(Attempt)).one()
    review = reviews.review_of(row, db.session.scalars(sa.select(Round)).one(), "cuoc-thi", "")
    assert (review.points, review.possible) == (points, 12)
    assert [q.earned for q in review.questions] == [-1, 0, -1]


def test_worth_of_a_paper_stays_when_the_scoring_of_later_ones_would_be_another(house: None, clock: Clock) -> None:
    code = opened(lines=[line(3, Worth(Decimal(2)))])
    who = people.member()
    attempt = people.attempt(code, who)
    with pytest.raises(Invalid, match="round-has-attempts"):
        change(code, [line(3, Worth(Decimal(7)))])
    answer(attempt, who, clock, [True] * 3)
    hand_in(attempt, who, clock)
    assert db.session.scalars(sa.select(Result.points)).one() == 6


def change(code: str, lines: list[dict[str, Any]], **values: Any) -> None:
    row = rounds.get_round(people.contest_id("cuoc-thi"), code)
    stored = people.round_values(row.bank_id, **{"opens_at": row.opens_at, "closes_at": row.closes_at, **values})
    seen = setup.get_contest("cuoc-thi", by=SYSTEM).version
    rounds.change_round("cuoc-thi", code, stored, lines, seen=seen, by=SYSTEM)


@pytest.mark.parametrize(
    ("lines", "slug"),
    [
        ([line(1, Worth(Decimal(0)))], "line-refused"),
        ([line(1, PENALTY)], "line-refused"),
        ([line(1, Worth(scoring=Scoring(Way.LADDER)))], "line-refused"),
        ([line(1, question_id=999)], "not-a-choice"),
    ],
)
def test_line_that_cannot_be_is_refused_whole(house: None, lines: list[dict[str, Any]], slug: str) -> None:
    code = opened()
    before = blueprint_lines.lines_of(1)
    with pytest.raises(Invalid, match=slug):
        change(code, [line(1), *lines])
    assert blueprint_lines.lines_of(1) == before


def test_round_does_not_stop_allowing_what_its_lines_cost(house: None) -> None:
    lines = [line(3, PENALTY)]
    code = opened(lines=lines, rounds=[{"negative": Negative.OPEN}])
    with pytest.raises(Invalid, match="line-refused"):
        change(code, lines, negative=Negative.NONE)
    change(code, lines, negative=Negative.FLOORED)


def test_fixed_question_is_in_every_paper_by_its_approved_version(house: None) -> None:
    code = opened(lines=[line(1, question_id=question_id("C-0003")), line(2)], rounds=[{"attempts_allowed": None}])
    for n in range(6):
        people.attempt(code, people.member(f"m{n}"))
    editing.save("kho", edited(3), question="C-0003", submit=True, by=SYSTEM)
    people.attempt(code, people.member("m6"))
    reviewing.approve("kho", ["C-0003"], by=SYSTEM)
    people.attempt(code, people.member("m7"))
    found = papers()
    assert all(codes_of(paper).count("C-0003") == 1 for paper in found)
    assert all(len(set(codes_of(paper))) == 3 for paper in found)
    fixed = [next(i.version_id for i, c in zip(p, codes_of(p), strict=True) if c == "C-0003") for p in found]
    assert len(set(fixed[:7])) == 1
    assert fixed[7] != fixed[0]


def test_fixed_question_is_not_retired_under_a_published_round(house: None) -> None:
    opened(lines=[line(1, question_id=question_id("C-0003"))])
    with pytest.raises(Conflict, match="question-needed"):
        reviewing.retire("kho", ["C-0003"], by=SYSTEM)
    reviewing.retire("kho", ["C-0004"], by=SYSTEM)


def test_the_same_question_is_not_fixed_twice(house: None) -> None:
    code = opened()
    fixed = line(1, question_id=question_id("C-0003"))
    with pytest.raises(Invalid, match="question-fixed-twice"):
        change(code, [fixed, fixed])


@pytest.mark.parametrize("per", [LimitPer.ROUND, LimitPer.DAY])
def test_nobody_meets_a_question_again_while_the_bank_has_others(house: None, clock: Clock, per: LimitPer) -> None:
    values = {"attempts_allowed": 9, "attempts_per": per, "no_repeat": True, "closes_at": clock.at + timedelta(days=9)}
    code = opened(lines=[line(2)], rounds=[values])
    who = people.member()
    for _ in range(8):
        hand_in(people.attempt(code, who), who, clock)
        clock.advance(days=1)
    met = [codes_of(paper) for paper in papers()]
    assert Counter(c for codes in met[:4] for c in codes) == Counter(f"C-{n:04d}" for n in range(1, 9))
    assert Counter(c for codes in met for c in codes) == Counter(2 * [f"C-{n:04d}" for n in range(1, 9)])


def test_question_in_a_new_version_is_still_the_one_that_was_met(house: None, clock: Clock) -> None:
    code = opened(lines=[line(4)], rounds=[{"attempts_allowed": 2, "no_repeat": True}])
    who = people.member()
    hand_in(people.attempt(code, who), who, clock)
    met = codes_of(papers()[0])
    for n in range(1, 9):
        editing.save("kho", edited(n), question=f"C-{n:04d}", submit=True, by=SYSTEM)
    reviewing.approve("kho", [f"C-{n:04d}" for n in range(1, 9)], by=SYSTEM)
    people.attempt(code, who)
    assert not set(met) & set(codes_of(papers()[1]))


def test_round_that_does_not_ask_for_it_may_repeat(house: None, clock: Clock) -> None:
    code = opened(lines=[line(7)], rounds=[{"attempts_allowed": 2}])
    who = people.member()
    for _ in range(2):
        hand_in(people.attempt(code, who), who, clock)
    assert drawing._questions == {}


def test_what_was_drawn_least_is_drawn_first(house: None, clock: Clock) -> None:
    code = opened(lines=[line(4)], rounds=[{"least_used": True, "attempts_allowed": None}])
    people.attempt(code, people.member("m0"))
    first = set(codes_of(papers()[0]))
    for _ in range(2):
        tallying.tally(clock.at)
        clock.advance(minutes=2)
    for n in range(1, 6):
        people.attempt(code, people.member(f"m{n}"))
    assert all(not set(codes_of(paper)) & first for paper in papers()[1:])


def test_what_people_mark_is_neither_drawn_nor_counted(house: None) -> None:
    essay = QuestionDraft("C-0020", Kind.ESSAY, "Viết về một tấm gương?", ())
    editing.save("kho", essay, submit=True, by=SYSTEM)
    reviewing.approve("kho", ["C-0020"], by=SYSTEM)
    found = publishing.supply_for(1, [line(8)])
    assert (found.available, found.undrawn, found.missing) == (8, 1, (0,))
    assert publishing.supply_for(1, [line(9)]).missing == (1,)


def trial(seed: int = 1, **values: Any) -> dict[str, Any]:
    code = opened(**values)
    owner = people.administrator()
    job = simulating.ask("cuoc-thi", code, seed, by=owner)
    worker.run_once(current_app._get_current_object())  # type: ignore[attr-defined]
    found = jobs.get_job(job, of=owner)
    assert found.state is JobState.DONE
    return dict(found.outcome)


def test_ten_thousand_papers_say_what_comes_too_often(house: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "PAPERS", 400)
    fixed = line(1, question_id=question_id("C-0003"))
    out = trial(lines=[fixed, line(5, difficulty="recall")])
    assert (out["papers"], out["size"], out["never"], sum(out["exposure"])) == (400, 6, 0, 8)
    assert out["most"][0] == ["C-0003", "1", True]
    assert (
        out["often_count"] == 7
    )  # five of seven: each in about seven papers of ten, but for the one that is meant to be
    assert "C-0003" not in [code for code, _ in out["often"]]
    assert out["narrow"] == {"topic": "", "level": "recall", "count": 5, "available": 7}
    assert out["shared"]
    assert float(out["overlap"]["least"]) >= 4
    assert (out["levels"]["least"], out["levels"]["most"], out["uneven_levels"]) == ("1", "1", False)
    assert out["scores"] is None


def test_trial_is_the_same_for_the_same_seed(house: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "PAPERS", 50)
    code = opened(rounds=[{"least_used": True}])
    owner = people.administrator()
    out = []
    for seed in (7, 7, 8):
        job = simulating.ask("cuoc-thi", code, seed, by=owner)
        worker.run_once(current_app._get_current_object())  # type: ignore[attr-defined]
        out.append(jobs.get_job(job, of=owner).outcome)
    assert out[0] == out[1] != out[2]


def test_papers_that_cannot_be_drawn_are_not_tried(house: None) -> None:
    code = opened()
    change(code, [line(9)])
    with pytest.raises(Invalid, match="blueprint-short"):
        simulating.ask("cuoc-thi", code, 1, by=people.administrator())


def test_facility_is_known_of_what_was_answered_often_enough(
    house: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulating, "ANSWERS", 2)
    code = opened(lines=[line(8)])
    for n, right in enumerate((True, False)):
        who = people.member(f"m{n}")
        attempt = people.attempt(code, who)
        answer(attempt, who, clock, [right] * 8)
        hand_in(attempt, who, clock)
    assert simulating.facilities(1) == {}  # nothing is told of questions before the result
    clock.advance(hours=3)
    settlement.settle(db.session.scalars(sa.select(Round.id)).one())
    assert set(simulating.facilities(1).values()) == {Fraction(1, 2)}
    assert len(simulating.facilities(1)) == 8


def test_question_knows_the_rounds_that_fix_it_and_those_that_draw_it(house: None) -> None:
    bank_id = db.session.scalars(sa.select(Question.bank_id)).first()
    lines = [line(1, question_id=question_id("C-0003")), line(2, difficulty="understanding")]
    people.draft_contest(bank_id=bank_id, lines=lines)
    found = {code: len(uses.uses_of("kho", code, by=SYSTEM).drawing) for code in ("C-0003", "C-0004")}
    assert found == {"C-0003": 1, "C-0004": 0}


@pytest.mark.parametrize(("level", "count"), [("understanding", 1), ("recall", 2)])
def test_fixed_question_in_doubt_is_counted_once(
    context: Flask, database: str, clock: Clock, level: str, count: int
) -> None:
    people.organisation()
    doubted = [replace(people.question(n), source="Điều 3", effective_on=date(2020, 1, 1)) for n in (1, 2)]
    bank_id = people.bank("kho", [*doubted, people.question(3)])
    sources.mark("kho", ["Điều 3"], SourceChange.AMENDED, changed_on=date(2026, 1, 1), by=SYSTEM)
    fixed = line(1, question_id=question_id("C-0001"))
    people.draft_contest(bank_id=bank_id, lines=[fixed, line(1, difficulty=level)])
    own = list(db.session.scalars(sa.select(Round)))
    assert publishing.doubtful_sources(own) == [("Tuần 1", count)]
