"""Responses that people mark: drawn by lines that ask for them, waiting for a mark, taken in, and proved afterwards."""

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.formats.drafts import QuestionDraft
from contest.models.attempts import Attempt
from contest.models.banks import Question, QuestionVersion
from contest.models.marking import Mark, Script
from contest.models.results import Result, Settlement, Standing
from contest.rules.papers import Item, read_paper
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import Kind
from contest.rules.questions import MARKED_BY_PEOPLE
from contest.rules.result_terms import Remedy
from contest.rules.terms import Criterion
from contest.rules.worth import Worth
from contest.services import exports, grading
from contest.services.attempts import afterwards, closing, reviews, saving, voiding
from contest.services.banks import uses
from contest.services.contests import publishing, scoring
from contest.services.corrections import proposing
from contest.services.marking import giving, marks, scripts
from contest.services.results import approval, proof, settlement, versions
from tests import people
from tests.conftest import Clock
from tests.tables import audit_actions

SLUG = "cuoc-thi"
FIVE = Worth(Decimal(5))
LINE = {"topic_id": None, "difficulty": None, "question_id": None}
PLAIN = {**LINE, "count": 2, "worth": {}, "marked": False}
MARKED = {**LINE, "count": 1, "worth": FIVE.stored(), "marked": True}
GUIDANCE = "Ý một 2 điểm, ý hai 3 điểm."


def essay(number: int, **values: Any) -> QuestionDraft:
    given: dict[str, Any] = {"guidance": GUIDANCE, **values}
    text = given.pop("text", f"Viết bài số {number}.")
    return QuestionDraft(f"V-{number:04d}", Kind.ESSAY, text, (), **given)


@pytest.fixture
def kho(context: Flask, database: str, clock: Clock) -> int:
    people.organisation()
    return people.bank("kho", [*(people.question(n) for n in range(1, 5)), essay(1), essay(2)])


@pytest.fixture
def code(kho: int) -> str:
    """Open a round of two questions and an essay of five points, ranked by points."""
    criteria = [Criterion.POINTS, Criterion.DURATION]
    return people.contest(
        bank_id=kho, lines=(PLAIN, MARKED), rounds=({"criteria": criteria, "prediction": None, "attempts_allowed": 2},)
    )[0]


def paper_of(attempt: str) -> tuple[Item, ...]:
    return read_paper(db.session.scalars(sa.select(Attempt.paper).where(Attempt.code == attempt)).one())


def kinds_of(attempt: str) -> list[Kind]:
    known = dict(db.session.execute(sa.select(QuestionVersion.id, QuestionVersion.kind)).tuples().all())
    return [Kind(known[item.version_id]) for item in paper_of(attempt)]


def write(code: str, who: Actor, clock: Clock, text: str | None, right: int = 2, seconds: int = 60) -> str:
    """Take a paper: so many plain questions rightly, and a text for what people mark."""
    attempt = people.attempt(code, who)
    items = paper_of(attempt)
    known, left = grading.keys_of([item.version_id for item in items]), right
    for position, item in enumerate(items, 1):
        of = known[item.version_id]
        value: Any = text
        if of.kind not in MARKED_BY_PEOPLE:
            value = next(o for o in item.options if (of.key.weights[o] > 0) == (left > 0))
            left -= 1
        if value is not None:
            saving.save(attempt, str(position), 1, value, by=who, at=clock.at, arrived=clock.at)
    clock.advance(seconds=seconds)
    closing.submit(attempt, {}, by=who, arrived=clock.at)
    return attempt


def script_of(attempt: str) -> Script:
    query = sa.select(Script).join(Attempt, Attempt.id == Script.attempt_id).where(Attempt.code == attempt)
    return db.session.scalars(query).one()


def give(code: str, attempt: str, points: str, comment: str = "", *, by: Actor, seen: int | None = None) -> None:
    found = script_of(attempt)
    last = seen if seen is not None else scripts.given_to(found).version
    giving.give(SLUG, code, found.version_id, found.code, giving.Typed(points, comment, last), by=by)


def result_of(attempt: str) -> Result:
    query = sa.select(Result).join(Attempt, Attempt.id == Result.attempt_id).where(Attempt.code == attempt)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def round_id(code: str) -> int:
    return people.round_row(code).id


def closed(clock: Clock) -> None:
    clock.advance(hours=3)


def differences() -> list[Any]:
    return [d for found in proof.verify(SLUG, None, by=SYSTEM) for d in found.differences]


def test_every_paper_has_as_many_to_be_marked_as_its_lines_ask_for(kho: int, code: str) -> None:
    for n in range(6):
        kinds = kinds_of(people.attempt(code, people.member(f"p{n}")))
        assert sorted(kinds) == [Kind.ESSAY, Kind.SINGLE_CHOICE, Kind.SINGLE_CHOICE]
    view = scoring.scoring_of(code)
    assert view is not None
    assert (view.possible, view.points, view.marked, [s.count for s in view.scored]) == (7, ((2, 1), (1, 5)), 1, [2])


def test_line_that_does_not_ask_for_them_draws_none_and_says_so(kho: int) -> None:
    found = publishing.supply_for(kho, [{**PLAIN, "count": 4}])
    assert (found.available, found.undrawn, found.missing) == (4, 2, (0,))
    assert publishing.supply_for(kho, [{**PLAIN, "count": 5}]).missing == (1,)
    both = publishing.supply_for(kho, [{**PLAIN, "count": 4}, {**MARKED, "count": 3}])
    assert (both.available, both.undrawn, both.missing) == (6, 0, (0, 1))


def test_essay_named_by_its_code_is_on_every_paper(kho: int) -> None:
    named = db.session.scalars(sa.select(Question.id).where(Question.code == "V-0002")).one()
    code = people.contest(bank_id=kho, lines=(PLAIN, {**LINE, "count": 1, "worth": {}, "question_id": named}))[0]
    assert people.round_row(code).marked
    for n in range(3):
        assert Kind.ESSAY in kinds_of(people.attempt(code, people.member(f"p{n}")))
    view = scoring.scoring_of(code)
    assert view is not None
    assert view.marked == 1


def test_passage_with_an_essay_comes_whole_or_not_at_all(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    passage = QuestionDraft("P-1", Kind.PASSAGE, "Đoạn dẫn.", ())
    own = [replace(people.question(9), passage="P-1"), essay(1, passage="P-1")]
    kho = people.bank("kho", [*(people.question(n) for n in range(1, 5)), passage, *own])
    without = people.contest("khong", bank_id=kho, lines=({**PLAIN, "count": 4},))[0]
    assert Kind.ESSAY not in kinds_of(people.attempt(without, people.member("m1")))
    assert publishing.supply_for(kho, [{**PLAIN, "count": 5}]).missing == (1,)
    whole = people.contest("co", bank_id=kho, lines=({**PLAIN, "count": 3}, MARKED))[0]
    found = paper_of(people.attempt(whole, people.member("m2")))
    assert [len(item.before) for item in found if item.together == 2] == [1]


def test_uses_of_an_essay_are_the_lines_that_ask_for_it(code: str) -> None:
    assert [d.round for d in uses.uses_of("kho", "V-0001", by=SYSTEM).drawing] == ["Tuần 1"]


def test_what_is_scored_at_once_is_scored_and_the_rest_waits(code: str, clock: Clock) -> None:
    who = people.member("m1")
    attempt = write(code, who, clock, "Bài viết của tôi.")
    found = result_of(attempt)
    assert (found.correct_count, found.points, found.unmarked) == (2, 2, 1)
    receipt = afterwards.get_receipt(attempt, by=who)
    assert (receipt.unmarked, receipt.points, receipt.possible) == (1, 2, 7)
    assert scripts.waiting_count(people.round_row(code)) == 1


def test_nothing_handed_in_is_nought_and_needs_no_mark(code: str, clock: Clock) -> None:
    attempt = write(code, people.member("m1"), clock, None)
    assert (result_of(attempt).points, result_of(attempt).unmarked) == (2, 0)
    assert db.session.scalars(sa.select(Script)).all() == []
    closed(clock)
    assert settlement.due(clock.at) == [round_id(code)]


def test_round_is_settled_only_when_all_that_counts_is_marked_and_taken_in(code: str, clock: Clock) -> None:
    owner, judge = people.organiser(), people.judge()
    first, second = (write(code, people.member(f"m{n}"), clock, f"Bài {n}") for n in (1, 2))
    give(code, first, "4", by=judge)
    with pytest.raises(Conflict, match="round-still-open"):
        giving.finish(SLUG, code, by=owner)
    closed(clock)
    assert settlement.due(clock.at) == []
    with pytest.raises(Conflict) as refused:
        settlement.settle(round_id(code))
    assert (refused.value.refusal.slug, refused.value.refusal.params) == ("round-unmarked", {"count": 2})
    with pytest.raises(Conflict, match="scripts-wait"):
        giving.finish(SLUG, code, by=owner)
    give(code, second, "2,75", by=judge)
    assert settlement.due(clock.at) == []  # marks are taken in by the organisers, all at once
    with pytest.raises(Forbidden):
        giving.finish(SLUG, code, by=judge)
    assert giving.finish(SLUG, code, by=owner) == 2
    worker._settle_due()
    assert [result_of(a).points for a in (first, second)] == [6, Decimal("4.75")]
    assert differences() == []
    assert audit_actions()[-3:] == ["mark-given", "marking-finished", "round-settled"]


def test_marks_move_no_board_before_they_are_taken_in(code: str, clock: Clock) -> None:
    attempt = write(code, people.member("m1"), clock, "Bài")
    give(code, attempt, "5", "Rất hay", by=people.judge())
    assert result_of(attempt).points == 2
    assert db.session.scalars(sa.select(Standing.points)).one() == 2
    settlement.rebuild(round_id(code))
    assert db.session.scalars(sa.select(Standing.points)).one() == 2
    assert differences() == []
    (shown,) = [q for q in review_of(attempt).questions if q.is_marked]
    assert (shown.waits, shown.earned, shown.comment) == (True, 0, "")


def review_of(attempt: str) -> reviews.ReviewView:
    row = db.session.scalars(sa.select(Attempt).where(Attempt.code == attempt)).one()
    return reviews.review_of(row, db.session.get_one(people.Round, row.round_id), SLUG, "")


def test_review_shows_mark_and_comment_once_they_count(code: str, clock: Clock) -> None:
    who = people.member("m1")
    attempt = write(code, who, clock, "Bài")
    give(code, attempt, "3,5", "Thiếu ý hai", by=people.judge())
    closed(clock)
    giving.finish(SLUG, code, by=people.organiser())
    worker._settle_due()
    (shown,) = [q for q in reviews.get_review(attempt, by=who).questions if q.is_marked]
    assert (shown.waits, shown.earned, shown.points, shown.comment) == (False, Decimal("3.5"), 5, "Thiếu ý hai")
    assert afterwards.get_receipt(attempt, by=who).points == Decimal("5.5")


def test_best_of_several_attempts_is_known_by_its_marks(code: str, clock: Clock) -> None:
    who, judge = people.member("m1"), people.judge()
    weak, strong = write(code, who, clock, "Bài một", right=2), write(code, who, clock, "Bài hai", right=1)
    give(code, weak, "1", by=judge)
    closed(clock)
    with pytest.raises(Conflict, match="scripts-wait"):
        giving.finish(SLUG, code, by=people.organiser())
    give(code, strong, "4", by=judge)
    giving.finish(SLUG, code, by=SYSTEM)
    worker._settle_due()
    standing = db.session.scalars(sa.select(Standing)).one()
    assert (standing.attempt_id, standing.points) == (result_of(strong).attempt_id, 5)


def test_void_attempt_needs_no_mark_until_it_counts_again(code: str, clock: Clock) -> None:
    owner, judge = people.organiser(), people.judge()
    kept, gone = (write(code, people.member(f"m{n}"), clock, f"Bài {n}") for n in (1, 2))
    give(code, kept, "3", by=judge)
    voiding.void(SLUG, code, receipt=gone, reason="Nhờ người làm hộ", by=owner)
    with pytest.raises(NotFound):
        give(code, gone, "3", by=judge)
    closed(clock)
    assert giving.finish(SLUG, code, by=owner) == 1
    worker._settle_due()
    assert db.session.scalars(sa.select(Standing)).one().points == 5
    people.publish_result(SLUG, code)
    void_id = db.session.scalars(sa.select(Attempt.void_id).where(Attempt.code == gone)).one()
    voiding.restore(SLUG, code, int(void_id or 0), by=owner)
    assert (len(db.session.scalars(sa.select(Settlement)).all()), differences()) == (1, [])
    give(code, gone, "5", by=judge)
    assert giving.finish(SLUG, code, by=owner) == 1
    waiting = versions.waiting(round_id(code))
    assert waiting is not None
    assert (waiting.version, waiting.attempts) == (2, 2)
    people.publish_result(SLUG, code, 2)
    assert differences() == []


@pytest.mark.parametrize("points", ["5,25", "-1", "NaN", "1e309", "ba", "", "0,3"])
def test_mark_that_cannot_be_is_refused_and_leaves_nothing(code: str, clock: Clock, points: str) -> None:
    attempt = write(code, people.member("m1"), clock, "Bài")
    with pytest.raises(Invalid, match="bad-mark"):
        give(code, attempt, points, by=people.judge())
    with pytest.raises(Invalid) as refused:
        give(code, attempt, "1", "x" * 2001, by=people.actor("giamkhao"))
    assert refused.value.refusal.field == "comment"
    assert db.session.scalars(sa.select(Mark)).all() == []


def test_second_mark_over_another_that_was_not_seen_is_refused_and_both_stay(code: str, clock: Clock) -> None:
    one, other = people.judge("gk1"), people.judge("gk2")
    attempt = write(code, people.member("m1"), clock, "Bài")
    give(code, attempt, "2", by=one, seen=0)
    with pytest.raises(Conflict) as refused:
        give(code, attempt, "4", by=other, seen=0)
    assert (refused.value.refusal.slug, refused.value.refusal.params) == ("mark-changed", {"points": "2"})
    give(code, attempt, "2", by=other, seen=0)  # what it is already changes nothing
    give(code, attempt, "4", by=other, seen=1)
    kept = db.session.execute(sa.select(Mark.version, Mark.points, Mark.marker_id).order_by(Mark.version)).all()
    assert [tuple(k) for k in kept] == [(1, 2, one.member_id), (2, 4, other.member_id)]
    assert audit_actions().count("mark-given") == 2


def test_marks_are_only_ever_added(code: str, clock: Clock) -> None:
    attempt = write(code, people.member("m1"), clock, "Bài")
    give(code, attempt, "2", by=people.judge())
    for statement in (sa.update(Mark).values(points=Decimal(5)), sa.delete(Mark), sa.delete(Script)):
        with pytest.raises(sa.exc.DatabaseError):
            db.session.execute(statement)
        db.session.rollback()


def test_marker_sees_what_was_written_and_nothing_of_whose_it_is(code: str, clock: Clock) -> None:
    attempt = write(code, people.member("m1", full_name="Zqten Zqho"), clock, "Bài viết\nhai dòng")
    judge, row = people.judge(), people.round_row(code)
    found = script_of(attempt)
    view = scripts.view(scripts.find(row, found.version_id, found.code, by=judge))
    assert (view.answer.text, view.answer.words, view.guidance, view.most) == ("Bài viết\nhai dòng", 4, GUIDANCE, 5)
    assert not {"zqten", attempt.lower()} & set(repr(view).lower().split())
    assert found.code not in attempt
    assert [q.waiting for q in scripts.list_questions(row, by=judge)] == [1]


def test_nobody_marks_their_own_response(code: str, clock: Clock) -> None:
    judge = people.judge()
    mine, theirs = write(code, judge, clock, "Bài của tôi"), write(code, people.member("m1"), clock, "Bài")
    with pytest.raises(NotFound):
        give(code, mine, "5", by=judge)
    row = people.round_row(code)
    assert sum(q.waiting for q in scripts.list_questions(row, by=judge)) == 1
    give(code, theirs, "5", by=judge)
    closed(clock)
    with pytest.raises(Conflict, match="scripts-wait"):
        giving.finish(SLUG, code, by=people.organiser())


@pytest.mark.parametrize("who", ["member", "auditor", "author", "organiser_of_a", "judge_of_another"])
def test_responses_are_nobody_elses_to_mark(code: str, clock: Clock, who: str) -> None:
    attempt = write(code, people.member("m1"), clock, "Bài")
    people.draft_contest("khac")
    other = people.contest_id("khac")
    enter = {
        "member": lambda: people.member("m2"),
        "auditor": people.auditor,
        "author": people.author,
        "organiser_of_a": lambda: people.organiser("toa", unit="A"),
        "judge_of_another": lambda: people.staff("gk", people.Role.JUDGE, contest_id=other),
    }
    stranger = enter[who]()
    with pytest.raises(NotFound):
        give(code, attempt, "5", by=stranger)
    for marker in (people.judge(), people.staff("gk1", people.Role.JUDGE, contest_id=people.contest_id())):
        assert scripts.find_round(SLUG, code, by=marker)[1].id == round_id(code)


def test_mark_is_past_changing_once_a_result_with_it_was_checked(code: str, clock: Clock) -> None:
    owner, judge = people.organiser(), people.judge()
    attempt = write(code, people.member("m1"), clock, "Bài")
    give(code, attempt, "2", by=judge)
    closed(clock)
    giving.finish(SLUG, code, by=owner)
    with pytest.raises(Conflict, match="marks-taken-in"):  # names stand beside scores now
        give(code, attempt, "5", by=judge)
    worker._settle_due()
    give(code, attempt, "3", by=owner)
    found = versions.shown(round_id(code))
    assert found is not None
    assert (found.version, db.session.scalars(sa.select(Standing.points)).one(), differences()) == (2, 5, [])
    assert approval.check(SLUG, code, 2, by=SYSTEM) == []
    with pytest.raises(Conflict, match="marks-locked"):
        give(code, attempt, "4", by=owner)
    give(code, attempt, "3", by=owner)
    assert result_of(attempt).points == 5


def test_mark_that_makes_nobody_move_still_makes_a_version_that_proves(code: str, clock: Clock) -> None:
    owner = people.organiser()
    attempt = write(code, people.member("m1"), clock, "Bài")
    give(code, attempt, "2", by=owner)
    closed(clock)
    giving.finish(SLUG, code, by=owner)
    worker._settle_due()
    give(code, attempt, "2", "Thêm nhận xét", by=owner)
    assert (result_of(attempt).points, differences()) == (4, [])
    assert giving.finish(SLUG, code, by=owner) == 0


@pytest.mark.parametrize(("remedy", "points", "total"), [(Remedy.FULL_CREDIT, 7, 3), (Remedy.DROPPED, 2, 2)])
def test_corrections_of_an_essay_stand_beside_its_marks(
    code: str, clock: Clock, remedy: Remedy, points: int, total: int
) -> None:
    attempt = write(code, people.member("m1"), clock, "Bài")
    give(code, attempt, "2", by=people.judge())
    closed(clock)
    giving.finish(SLUG, code, by=SYSTEM)
    worker._settle_due()
    people.publish_result(SLUG, code)
    proposing.propose(SLUG, code, script_of(attempt).version_id, remedy, [], "Đề in sai", by=SYSTEM)
    people.publish_result(SLUG, code, 2)
    found = result_of(attempt)
    assert (found.points, found.question_count, differences()) == (points, total, [])


def test_list_of_marks_goes_by_blind_code(code: str, clock: Clock) -> None:
    judge = people.judge()
    marked, waiting = (write(code, people.member(f"m{n}", full_name=f"Zqten {n}"), clock, f"Bài {n}") for n in (1, 2))
    give(code, marked, "4,5", "Hay", by=judge)
    found = {r["blind_code"]: r for r in marks.export_rows(people.round_row(code), by=judge)}
    mine, other = found[script_of(marked).code], found[script_of(waiting).code]
    assert (mine["points"], mine["out_of"], mine["comment"]) == (Decimal("4.5"), 5, "Hay")
    assert (other["points"], other["marker"], other["comment"]) == (None, "", "")
    text = exports.marks_file(SLUG, code, "csv", by=judge).read().decode()
    assert len(text.strip().splitlines()) == 3
    assert "Zqten" not in text


def test_list_of_marks_is_read_in_pieces(code: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "CHUNK", 2)
    for n in range(5):
        write(code, people.member(f"m{n}"), clock, f"Bài {n}")
    found = [(r["question"], r["blind_code"]) for r in marks.export_rows(people.round_row(code), by=people.judge())]
    assert (len(set(found)), found) == (5, sorted(found))


def test_next_one_to_mark_goes_round_past_what_is_marked(code: str, clock: Clock) -> None:
    judge, row = people.judge(), people.round_row(code)
    attempts = [write(code, people.member(f"m{n}"), clock, f"Bài {n}") for n in range(6)]
    for version in {script_of(a).version_id for a in attempts}:
        own = sorted(script_of(a).code for a in attempts if script_of(a).version_id == version)
        seen, after = [], scripts.next_waiting(row, version, None, by=judge)
        while after is not None and after not in seen:
            seen.append(after)
            after = scripts.next_waiting(row, version, after, by=judge)
        assert sorted(seen) == own


def test_mark_that_slips_past_the_service_is_named(code: str, clock: Clock) -> None:
    attempt = write(code, people.member("m1"), clock, "Bài")
    give(code, attempt, "2", by=people.judge())
    closed(clock)
    giving.finish(SLUG, code, by=SYSTEM)
    worker._settle_due()
    row = script_of(attempt)
    with transaction():
        new = {"version": 2, "points": Decimal(3), "comment": "", "at": clock.at}
        db.session.add(Mark(attempt_id=row.attempt_id, position=row.position, marker_id=None, **new))
    assert {(d.kind, d.field) for d in differences()} == {("result", "points"), ("standing", "points")}


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_a_function_of_the_last_marks_however_they_came(code: str, clock: Clock, seed: int) -> None:
    rng, owner = random.Random(seed), people.organiser()
    who = [people.member(f"m{n}") for n in range(4)]
    attempts = [write(code, w, clock, f"Bài {n}", right=n % 3) for n, w in enumerate([*who, *who])]
    last: dict[str, Decimal] = {}
    for attempt in [*attempts, *rng.choices(attempts, k=8)]:
        last[attempt] = Decimal(rng.randrange(21)) / 4
        give(code, attempt, str(last[attempt]), by=owner)
    closed(clock)
    giving.finish(SLUG, code, by=owner)
    worker._settle_due()
    for _ in range(2):  # the same as it is, and once marks were changed that had been taken in
        assert {a: result_of(a).points for a in attempts} == {a: n % 3 + last[a] for n, a in enumerate(attempts)}
        best = {w.member_id: max(result_of(a).points for a in attempts[n::4]) for n, w in enumerate(who)}
        assert dict(db.session.execute(sa.select(Standing.member_id, Standing.points)).tuples().all()) == best
        assert differences() == []
        for attempt in rng.sample(attempts, 3):
            last[attempt] = Decimal(rng.randrange(21)) / 4
            give(code, attempt, str(last[attempt]), by=owner)
