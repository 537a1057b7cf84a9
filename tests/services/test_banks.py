"""Banks: versions that never change, a second person who approves, papers that keep theirs, files in and out."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.formats.drafts import OptionDraft, QuestionDraft, Reading
from contest.models.attempts import Attempt
from contest.models.audit import AuditEntry
from contest.models.banks import Question, QuestionVersion, VersionComment
from contest.models.contests import Round
from contest.models.keys import AnswerKey
from contest.models.results import Result
from contest.models.uses import VersionUse
from contest.rules.differences import Change, joined
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import Difficulty, Kind, VersionState
from contest.rules.questions.bodies import Limits
from contest.rules.terms import Role
from contest.services import exchange
from contest.services import organisation as organisations
from contest.services.attempts import closing, saving
from contest.services.banks import (
    browsing,
    comparing,
    drafting,
    editing,
    history,
    imports,
    needs,
    reviewing,
    shelf,
    tallying,
    uses,
)
from contest.services.banks import exchange as bank_exchange
from contest.services.banks.drafting import Written
from tests import people
from tests.conftest import Clock
from tests.kinds import sample

BANK = "nganhang"


@pytest.fixture
def house(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    shelf.create_bank(BANK, "Ngân hàng", by=SYSTEM)


@pytest.fixture
def author(house: None) -> Actor:
    return people.author()


@pytest.fixture
def reviewer(house: None) -> Actor:
    return people.reviewer()


def versions(code: str = "C-0001") -> list[tuple[int, str, str]]:
    query = (
        sa.select(QuestionVersion.number, QuestionVersion.state, QuestionVersion.text)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.code == code)
        .order_by(QuestionVersion.number)
    )
    return [tuple(r) for r in db.session.execute(query)]


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_every_save_is_a_version_and_the_second_person_approves(author: Actor, reviewer: Actor, clock: Clock) -> None:
    code = editing.save(BANK, people.question(1), by=author)
    editing.save(BANK, people.question(1, explanation="Rõ hơn"), question=code, seen=1, submit=True, by=author)
    assert [v[:2] for v in versions()] == [(1, "draft"), (2, "in_review")]
    with pytest.raises(Forbidden):
        reviewing.approve(BANK, [code], by=author)
    assert reviewing.approve(BANK, [code], by=reviewer) == 1
    assert reviewing.approve(BANK, [code], by=reviewer) == 0
    assert [v[:2] for v in versions()] == [(1, "draft"), (2, "approved")]
    assert actions()[-3:] == ["question-saved", "question-saved", "question-approved"]


def test_nobody_approves_their_own_while_four_eyes_are_asked_for(house: None) -> None:
    organiser = people.organiser()
    code = editing.save(BANK, people.question(1), submit=True, by=organiser)
    with pytest.raises(Forbidden) as refused:
        reviewing.approve(BANK, [code], by=organiser)
    assert refused.value.refusal.slug == "own-question"
    assert [v[1] for v in versions()] == ["in_review"]
    settings = organisations.find_organisation()
    assert settings
    organisations.change({**people.SETTINGS, "four_eyes": False}, settings.version, by=SYSTEM)
    assert reviewing.approve(BANK, [code], by=organiser) == 1
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "question-approved")).one()
    assert (entry.actor_id, entry.details["alone"]) == (organiser.member_id, True)
    switched = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "organisation-changed")).one()
    assert switched.details["changed"]["four_eyes"] == [True, False]


def test_own_question_holds_up_none_of_a_batch_halfway(author: Actor) -> None:
    organiser = people.organiser()
    mine = editing.save(BANK, people.question(1), submit=True, by=organiser)
    theirs = editing.save(BANK, people.question(2), submit=True, by=author)
    with pytest.raises(Forbidden):
        reviewing.approve(BANK, [theirs, mine], by=organiser)
    assert (versions("C-0001")[0][1], versions("C-0002")[0][1]) == ("in_review", "in_review")


def test_second_of_two_editors_is_told(author: Actor) -> None:
    code = editing.save(BANK, people.question(1), by=author)
    editing.save(BANK, people.question(1, source="Điều 1"), question=code, seen=1, by=author)
    with pytest.raises(Conflict) as refused:
        editing.save(BANK, people.question(1, source="Điều 2"), question=code, seen=1, by=author)
    assert refused.value.refusal.slug == "changed-meanwhile"
    assert [v[0] for v in versions()] == [1, 2]


@pytest.mark.parametrize(
    ("verb", "state", "allowed"),
    [("submit", "draft", "author"), ("return", "in_review", "reviewer")],
)
def test_steps_are_taken_once_and_by_whom_they_are_for(
    author: Actor, reviewer: Actor, verb: str, state: str, allowed: str
) -> None:
    code = editing.save(BANK, people.question(1), submit=state == "in_review", by=SYSTEM)
    may, may_not = (author, reviewer) if allowed == "author" else (reviewer, author)
    with pytest.raises(Forbidden):
        reviewing.step(BANK, code, verb, by=may_not)
    reviewing.step(BANK, code, verb, remark="Thiếu căn cứ", by=may)
    with pytest.raises(Conflict):
        reviewing.step(BANK, code, verb, by=may)
    assert browsing.get_question(BANK, code, by=may).remark == "Thiếu căn cứ"


def test_comments_stay_with_the_version_they_were_made_on(author: Actor, reviewer: Actor, clock: Clock) -> None:
    code = editing.save(BANK, people.question(1), submit=True, by=author)
    history.comment(BANK, code, 1, "Căn cứ nào?\n\n\n\nXin ghi rõ.", by=reviewer)
    first = clock.at
    clock.advance(minutes=5)
    history.comment(BANK, code, 1, "Điều 5.", by=author)
    reviewing.step(BANK, code, "return", remark="Ghi vào câu", by=reviewer)
    editing.save(BANK, people.question(1, source="Điều 5"), question=code, submit=True, by=author)
    history.comment(BANK, code, 2, "Được rồi.", by=reviewer)
    history.comment(BANK, code, 1, "Đã sửa ở bản sau.", by=author)
    reviewing.approve(BANK, [code], by=reviewer)
    newest, oldest = history.list_versions(BANK, code, by=author)
    assert [(c.author, c.at, c.text) for c in oldest.comments] == [
        (reviewer.name, first, "Căn cứ nào?\n\nXin ghi rõ."),
        (author.name, clock.at, "Điều 5."),
        (reviewer.name, clock.at, "Ghi vào câu"),
        (author.name, clock.at, "Đã sửa ở bản sau."),
    ]
    assert [c.text for c in newest.comments] == ["Được rồi."]
    assert (newest.number, newest.state, newest.author, newest.approver) == (2, "approved", author.name, reviewer.name)
    assert (oldest.number, oldest.state, oldest.approver, oldest.approved_at) == (1, "draft", "", None)
    assert actions().count("question-commented") == 4


@pytest.mark.parametrize(
    ("text", "slug"), [("", "required"), (" \n ", "required"), ("x" * 2001, "too-long"), ("a\x07", "bad-text")]
)
def test_comment_that_says_nothing_or_too_much_is_refused(author: Actor, text: str, slug: str) -> None:
    code = editing.save(BANK, people.question(1), by=author)
    history.comment(BANK, code, 1, "x" * 2000, by=author)
    with pytest.raises(Invalid) as refused:
        history.comment(BANK, code, 1, text, by=author)
    assert (refused.value.refusal.slug, refused.value.refusal.field) == (slug, "comment")
    assert len(history.list_versions(BANK, code, by=author)[0].comments) == 1


def test_comments_are_for_those_who_see_the_bank_on_versions_there_are(author: Actor) -> None:
    code = editing.save(BANK, people.question(1), by=author)
    stranger = people.staff("rieng1", Role.REVIEWER, bank_id=people.bank("rieng"))
    for who, bank, question, number, error in (
        (people.judge(), BANK, code, 1, Forbidden),
        (stranger, BANK, code, 1, NotFound),
        (author, BANK, code, 2, NotFound),
        (author, BANK, "C-9999", 1, NotFound),
    ):
        with pytest.raises(error):
            history.comment(bank, question, number, "Gì vậy?", by=who)
    with pytest.raises(NotFound):
        history.list_versions(BANK, code, by=stranger)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(VersionComment)) == 0


def test_comments_are_never_changed_nor_removed(author: Actor) -> None:
    code = editing.save(BANK, people.question(1), by=author)
    history.comment(BANK, code, 1, "Đúng vậy.", by=author)
    for statement in (sa.update(VersionComment).values(text="Khác"), sa.delete(VersionComment)):
        with pytest.raises(sa.exc.DBAPIError), transaction():
            db.session.execute(statement)


def test_two_versions_are_compared_in_all_they_hold(author: Actor) -> None:
    former = people.question(1, topic=("Luật",), source="Điều 5", difficulty=Difficulty.RECALL)
    options = (former.options[1], replace(former.options[0], weight=Decimal(0)), *former.options[2:])
    options = (replace(options[0], weight=Decimal(1)), *options[1:])
    later = replace(former, text="Nội dung mới của câu hỏi số 1?", options=options, topic=("Luật", "Công đoàn"))
    later = replace(later, source="Điều 6", effective_on=date(2025, 7, 1), difficulty=None, explanation="")
    code = editing.save(BANK, former, by=author)
    editing.save(BANK, later, question=code, by=author)
    found = comparing.compare(BANK, code, 1, 2, by=author)
    texts = (found.text, found.topic, found.source, found.effective_on, found.explanation)
    assert [(joined(t, Change.PUT_IN), joined(t, Change.TAKEN_OUT)) for t in texts] == [
        (former.text, later.text),
        ("Luật", "Luật / Công đoàn"),
        ("Điều 5", "Điều 6"),
        ("", "01/07/2025"),
        ("Vì sao câu 1", ""),
    ]
    assert found.difficulty == (Difficulty.RECALL, None)
    assert [(o.before, o.after, o.weight_before, o.weight_after) for o in found.options[:2]] == [
        (1, 0, 0, 1),
        (0, 1, 1, 0),
    ]
    assert (found.is_same, comparing.compare(BANK, code, 2, 2, by=author).is_same) == (False, True)


def test_limits_of_a_response_are_compared(author: Actor) -> None:
    code = editing.save(BANK, sample(Kind.ESSAY, "VIET", least_words=100, most_words=300), by=author)
    editing.save(BANK, sample(Kind.ESSAY, "VIET", least_words=100, most_words=500), question=code, by=author)
    found = comparing.compare(BANK, code, 1, 2, by=author)
    assert (found.limits, found.is_same) == ((Limits(100, 300), Limits(100, 500)), False)


def test_only_versions_there_are_and_only_for_those_who_see_keys_are_compared(author: Actor) -> None:
    code = editing.save(BANK, people.question(1), by=author)
    stranger = people.staff("rieng1", Role.REVIEWER, bank_id=people.bank("rieng"))
    for before, after, who in ((1, 2, author), (0, 1, author), (1, 1, stranger), (1, 1, people.judge())):
        with pytest.raises(NotFound):
            comparing.compare(BANK, code, before, after, by=who)


def test_papers_are_drawn_by_the_topic_and_difficulty_of_the_approved_version(author: Actor, reviewer: Actor) -> None:
    code = editing.save(BANK, people.question(1, topic=("Luật",)), submit=True, by=author)
    bank_id = bank_exchange.find_bank(BANK) or 0
    law, history_topic = (editing.get_topic(bank_id, (name,)) for name in ("Luật", "Lịch sử"))
    reviewing.approve(BANK, [code], by=reviewer)
    revision = shelf.get_bank(BANK, by=SYSTEM).revision
    moved = people.question(1, topic=("Lịch sử",), difficulty=Difficulty.APPLICATION)
    editing.save(BANK, moved, question=code, submit=True, by=author)
    assert shelf.stock_of(bank_id).by_cell == {(law, "recall"): 1}
    assert shelf.get_bank(BANK, by=SYSTEM).revision == revision
    assert browsing.get_question(BANK, code, by=author).draft.topic == ("Lịch sử",)
    assert browsing.list_questions(BANK, browsing.Filters(topic="Lịch sử"), by=author).total == 1
    reviewing.approve(BANK, [code], by=reviewer)
    assert shelf.stock_of(bank_id).by_cell == {(history_topic, "application"): 1}
    db.session.expire_all()
    assert shelf.get_bank(BANK, by=SYSTEM).revision == revision + 1


def test_topic_and_difficulty_of_a_version_never_change(author: Actor) -> None:
    editing.save(BANK, people.question(1, topic=("Luật",)), by=author)
    for values in ({"topic_id": None}, {"difficulty": "application"}):
        with pytest.raises(sa.exc.DBAPIError), transaction():
            db.session.execute(sa.update(QuestionVersion).values(values))


def test_retired_question_leaves_future_papers(reviewer: Actor) -> None:
    people.bank("khac", [people.question(n) for n in (1, 2)])
    bank_id = bank_exchange.find_bank("khac") or 0
    assert sum(shelf.stock_of(bank_id).by_cell.values()) == 2
    reviewing.retire("khac", ["C-0001"], by=reviewer)
    assert sum(shelf.stock_of(bank_id).by_cell.values()) == 1


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.REVIEWER])
def test_role_for_one_bank_sees_no_other(house: None, role: Role) -> None:
    own = people.bank("rieng")
    who = people.staff("rieng1", role, bank_id=own)
    assert [b.code for b in shelf.list_banks(by=who)] == ["rieng"]
    for call in (shelf.get_bank, browsing.versions_for_export, browsing.list_topics):
        with pytest.raises(NotFound):
            call(BANK, by=who)  # type: ignore[operator]


@pytest.mark.parametrize("unit", ["A", "GOC"])
def test_organiser_of_units_sees_no_bank(house: None, unit: str) -> None:
    who = people.organiser("tochuc", unit=unit)
    assert shelf.list_banks(by=who) == []
    with pytest.raises(NotFound):
        browsing.versions_for_export(BANK, by=who)
    for call in (lambda: editing.save(BANK, people.question(1), by=who), lambda: reviewing.approve(BANK, [], by=who)):
        with pytest.raises(Forbidden):
            call()


def test_running_attempt_keeps_the_version_it_was_drawn_with(house: None, clock: Clock) -> None:
    code = people.contest()[0]
    who = people.member("m1")
    attempt = people.attempt(code, who)
    paper = db.session.scalars(sa.select(Attempt.paper)).one()
    keys = {k.version_id: k.weights for k in db.session.scalars(sa.select(AnswerKey))}
    for position, (version_id, _) in enumerate(paper, 1):
        right = next(o for o, w in keys[version_id].items() if Decimal(w) > 0)
        saving.save(attempt, str(position), 1, right, by=who, at=clock.at, arrived=clock.at)
    for number in range(1, 5):  # every key is turned round, and the new versions approved
        draft = people.question(number)
        turned = (replace(draft.options[0], weight=Decimal(0)), replace(draft.options[1], weight=Decimal(1)))
        changed = replace(draft, options=(*turned, *draft.options[2:]), text=f"Bản mới của câu {number}?")
        editing.save("cuoc-thi-bank", changed, question=f"C-{number:04d}", submit=True, by=SYSTEM)
        reviewing.approve("cuoc-thi-bank", [f"C-{number:04d}"], by=SYSTEM)
    assert db.session.scalars(sa.select(Attempt.paper)).one() == paper
    closing.submit(attempt, {}, by=who, arrived=clock.at)
    assert db.session.scalars(sa.select(Result.correct_count)).one() == 3
    next_paper = db.session.scalars(
        sa.select(Attempt.paper).where(Attempt.code == people.attempt(code, people.member("m2")))
    ).one()
    assert not {v for v, _ in next_paper} & {v for v, _ in paper}


def test_options_have_new_random_ids_in_every_version(author: Actor) -> None:
    code = editing.save(BANK, people.question(1), by=author)
    editing.save(BANK, people.question(1), question=code, by=author)
    ids = [o["id"] for options in db.session.scalars(sa.select(QuestionVersion.options)) for o in options]
    assert (len(ids), len(set(ids))) == (8, 8)


# What running rounds need


LAW = people.question(1, topic=("Luật",)), people.question(2, topic=("Luật",)), people.question(3, topic=("Sử",))


def needing(slug: str, count: int, topic: str | None = "Luật", **values: Any) -> int:
    """Publish a contest whose one round takes questions from the bank `kho` and return the bank's id."""
    bank_id = bank_exchange.find_bank("kho") or people.bank("kho", LAW)
    topic_id = editing.get_topic(bank_id, (topic,)) if topic else None
    lines = [{"topic_id": topic_id, "difficulty": None, "count": count}]
    people.contest(slug, bank_id=bank_id, lines=lines, rounds=[values])
    return bank_id


def test_question_is_retired_as_long_as_running_rounds_have_enough(reviewer: Actor, clock: Clock) -> None:
    bank_id = needing("du", 1)
    needing("thieu", 2, title="Chung kết", closes_at=clock.at + timedelta(hours=1))
    supply = shelf.stock_of(bank_id).by_cell
    for codes in (["C-0001"], ["C-0003", "C-0002"]):
        with pytest.raises(Conflict) as refused:
            reviewing.retire("kho", codes, by=reviewer)
        assert [(r.slug, r.params) for r in refused.value.refusals] == [
            ("question-needed", {"contest": "Cuộc thi thieu", "round": "Chung kết", "missing": 1})
        ]
    assert (shelf.stock_of(bank_id).by_cell, actions().count("question-retired")) == (supply, 0)
    reviewing.retire("kho", ["C-0003"], by=reviewer)  # nobody needs it
    clock.advance(minutes=59, seconds=59)
    with pytest.raises(Conflict):
        reviewing.retire("kho", ["C-0001"], by=reviewer)
    clock.advance(seconds=1)  # the one that needed two has closed
    reviewing.retire("kho", ["C-0001"], by=reviewer)
    with pytest.raises(Conflict) as refused:
        reviewing.retire("kho", ["C-0002"], by=reviewer)
    assert refused.value.refusal.params["contest"] == "Cuộc thi du"


def test_two_who_retire_at_once_leave_a_running_round_enough(
    context: Flask, reviewer: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    needing("chay", 1)
    both, look = Barrier(2), needs._missing

    def looked(bank_id: int, at: datetime) -> list[tuple[str, str, int]]:
        found = look(bank_id, at)
        with suppress(BrokenBarrierError):  # without the hold both would have looked before either retires
            both.wait(timeout=0.5)
        return found

    def retire(code: str) -> str:
        with context.app_context():
            try:
                reviewing.retire("kho", [code], by=reviewer)
            except Conflict:
                return "refused"
            return "retired"

    monkeypatch.setattr(needs, "_missing", looked)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(retire, ["C-0001", "C-0002"])) == ["refused", "retired"]


def test_draft_contest_and_one_that_is_short_already_hold_up_no_retirement(reviewer: Actor, clock: Clock) -> None:
    bank_id = needing("ngan", 2)
    people.draft_contest("nhap", bank_id=bank_id, lines=[{"topic_id": None, "difficulty": None, "count": 3}])
    reviewing.retire("kho", ["C-0003"], by=reviewer)
    with transaction():  # as if questions had gone before there was this rule
        db.session.execute(sa.update(Question).where(Question.code == "C-0002").values(approved_id=None))
    editing.save("kho", people.question(4), submit=True, by=SYSTEM)
    reviewing.approve("kho", ["C-0004"], by=reviewer)
    reviewing.retire("kho", ["C-0004"], by=reviewer)  # it makes nothing worse
    with pytest.raises(Conflict):
        reviewing.retire("kho", ["C-0001"], by=reviewer)


def test_running_round_draws_the_approved_version_until_the_new_one_is_approved(reviewer: Actor, clock: Clock) -> None:
    needing("chay", 2)
    code = db.session.scalars(sa.select(Round.code)).one()
    former = set(drawn_with(code, 1))
    for code_of in ("C-0001", "C-0002"):
        editing.save(
            "kho", people.question(int(code_of[-1]), topic=("Luật",), source="Mới"), question=code_of, by=SYSTEM
        )
    assert set(drawn_with(code, 1, first=1)) == former
    for code_of in ("C-0001", "C-0002"):
        reviewing.step("kho", code_of, "submit", by=SYSTEM)
    assert set(drawn_with(code, 1, first=2)) == former
    reviewing.approve("kho", ["C-0001", "C-0002"], by=reviewer)
    assert len(set(drawn_with(code, 1, first=3)) - former) == 2


def test_version_that_moves_a_question_away_is_approved_only_where_enough_remain(reviewer: Actor, clock: Clock) -> None:
    needing("chay", 2)
    editing.save("kho", people.question(1, topic=("Sử",)), question="C-0001", submit=True, by=SYSTEM)
    with pytest.raises(Conflict) as refused:
        reviewing.approve("kho", ["C-0001"], by=reviewer)
    assert refused.value.refusal.slug == "question-needed"
    editing.save("kho", people.question(3, topic=("Luật",)), question="C-0003", submit=True, by=SYSTEM)
    assert reviewing.approve("kho", ["C-0001", "C-0003"], by=reviewer) == 2  # one takes the place of the other


# Where questions are used


def drawn_with(code: str, takers: int, first: int = 0) -> list[int]:
    """Let people take papers of a round and return the versions on all of them."""
    for n in range(first, first + takers):
        people.attempt(code, people.member(f"m{n}"))
    papers = db.session.scalars(
        sa.select(Attempt.paper).join(Round, Round.id == Attempt.round_id).where(Round.code == code)
    )
    return [version_id for paper in papers for version_id, _ in paper]


def stored_uses() -> dict[int, int]:
    query = sa.select(VersionUse.version_id, sa.func.sum(VersionUse.paper_count)).group_by(VersionUse.version_id)
    return {version_id: int(n) for version_id, n in db.session.execute(query)}


def test_every_paper_is_counted_once_a_batch_at_a_time(
    house: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallying, "BATCH", 2)
    (code,) = people.contest()
    drawn = Counter(drawn_with(code, 5))
    assert tallying.tally(clock.at) == 0  # sees how many there are
    clock.advance(seconds=59)
    assert (tallying.tally(clock.at), stored_uses()) == (0, {})
    clock.advance(seconds=1)
    assert [tallying.tally(clock.at) for _ in range(4)] == [2, 2, 1, 0]
    assert stored_uses() == drawn
    more = Counter(drawn_with(code, 1, first=5))
    for _ in range(3):
        tallying.tally(clock.at)
        clock.advance(minutes=1)
    assert stored_uses() == more
    assert sum(more.values()) == 6 * 3


def test_two_workers_count_no_paper_twice(house: None, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = people.contest()
    drawn = Counter(drawn_with(code, 2))
    tallying.tally(clock.at)
    clock.advance(minutes=1)
    add_up, raced = tallying.rows, []

    def while_another_counts(query: Any) -> Any:
        found = add_up(query)
        if not raced and len(found) == 2:  # the papers are read, and another worker is faster
            raced.append(1)
            assert tallying.tally(clock.at) == 2
        return found

    monkeypatch.setattr(tallying, "rows", while_another_counts)
    assert tallying.tally(clock.at) == 0
    assert (raced, stored_uses()) == ([1], drawn)


def test_question_says_who_can_draw_it_and_who_did(house: None, author: Actor, clock: Clock) -> None:
    drafts = [people.question(n, topic=("Luật", f"Chương {n % 2}")) for n in range(1, 5)]
    bank_id = people.bank("kho", drafts)
    law = editing.get_topic(bank_id, ("Luật",))
    chapter = editing.get_topic(bank_id, ("Luật", "Chương 1"))
    lines = {
        "ca-luat": {"topic_id": law, "difficulty": None, "count": 4},
        "chuong-1": {"topic_id": chapter, "difficulty": Difficulty.RECALL, "count": 1},
    }
    codes = {slug: people.contest(slug, bank_id=bank_id, lines=[line])[0] for slug, line in lines.items()}
    people.draft_contest("nhap", bank_id=bank_id)
    people.draft_contest("kho-hon", bank_id=bank_id, lines=[{**lines["ca-luat"], "difficulty": "application"}])
    found = {code: uses.uses_of("kho", code, by=author) for code in ("C-0001", "C-0002")}
    assert {code: {(d.contest, d.is_published) for d in u.drawing} for code, u in found.items()} == {
        "C-0001": {("Cuộc thi ca-luat", True), ("Cuộc thi chuong-1", True), ("Cuộc thi nhap", False)},
        "C-0002": {("Cuộc thi ca-luat", True), ("Cuộc thi nhap", False)},
    }
    begun = clock.at
    drawn_with(codes["ca-luat"], 2)
    for _ in range(2):
        tallying.tally(clock.at)
        clock.advance(minutes=1)
    editing.save("kho", people.question(1, topic=("Luật", "Chương 1"), source="Mới"), question="C-0001", by=author)
    found = {code: uses.uses_of("kho", code, by=author) for code in ("C-0001", "C-0002")}
    assert [(d.contest, d.round, d.paper_count, d.last_at) for d in found["C-0001"].drawn] == [
        ("Cuộc thi ca-luat", "Tuần 1", 2, begun)
    ]
    assert (found["C-0001"].paper_count, found["C-0001"].last_at) == (2, begun)
    assert [r.paper_count for r in browsing.list_questions("kho", browsing.Filters(), by=author).rows] == [2, 2, 2, 2]
    clock.advance(hours=2)
    assert uses.uses_of("kho", "C-0001", by=author).running == ()  # closed
    stranger = people.staff("rieng1", Role.REVIEWER, bank_id=people.bank("rieng"))
    for bank, code, who in (("kho", "C-0001", stranger), ("kho", "C-0001", people.judge()), ("kho", "C-9999", author)):
        with pytest.raises(NotFound):
            uses.uses_of(bank, code, by=who)


# The editor


def written(**values: object) -> Written:
    options = (("Một", True), ("Hai", False), ("Ba", True), ("", False))
    return Written(**{"code": None, "kind": Kind.MULTIPLE_CHOICE, "text": "Câu hỏi?", "options": options, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "options", "weights"),
    [
        (Kind.MULTIPLE_CHOICE, (("A", True), ("B", False), ("C", True)), ["0.5", "0", "0.5"]),
        (Kind.SINGLE_CHOICE, (("A", False), ("B", True)), ["0", "1"]),
        (Kind.TRUE_FALSE, (("Đúng", True),), ["1", "0"]),
        (Kind.TRUE_FALSE, (("Đúng", False), ("Sai", True)), ["0", "1"]),
        (Kind.TRUE_FALSE, (), ["0", "1"]),
    ],
)
def test_editor_shares_the_mark_out(kind: Kind, options: tuple[tuple[str, bool], ...], weights: list[str]) -> None:
    made = drafting.draft_of(written(kind=kind, options=options)).options
    assert [o.weight for o in made] == [Decimal(w) for w in weights]


FORMER = QuestionDraft(
    "C-0001",
    Kind.MULTIPLE_CHOICE,
    "Câu hỏi?",
    (
        OptionDraft("Một", Decimal("0.7"), "đúng một phần"),
        OptionDraft("Hai", Decimal("-0.5"), "không phải"),
        OptionDraft("Ba", Decimal("0.3")),
    ),
)


@pytest.mark.parametrize(
    ("options", "weights", "feedback"),
    [
        ((("Một", True), ("Hai", False), ("Ba", True)), ["0.7", "-0.5", "0.3"], ["đúng một phần", "không phải", ""]),
        ((("Ba", True), ("Một", True), ("Hai", False)), ["0.3", "0.7", "-0.5"], ["", "đúng một phần", "không phải"]),
        ((("Một", True), ("Hai", True), ("Ba", False)), ["0.5", "0.5", "0"], ["đúng một phần", "không phải", ""]),
        ((("Một", True), ("Hai", False), ("Bốn", True)), ["0.5", "0", "0.5"], ["đúng một phần", "không phải", ""]),
    ],
)
def test_editor_keeps_what_it_does_not_show(
    options: tuple[tuple[str, bool], ...], weights: list[str], feedback: list[str]
) -> None:
    draft = drafting.draft_of(written(options=options), FORMER)
    assert [o.weight for o in draft.options] == [Decimal(w) for w in weights]
    assert [o.feedback for o in draft.options] == feedback


# Files


RICH = [
    people.question(
        1,
        topic=("Công đoàn", "Lịch sử"),
        difficulty=Difficulty.APPLICATION,
        source="Điều 3, Luật Công đoàn",
        effective_on=date(2025, 7, 1),
        tags=("lịch sử", "luật"),
    ),
    people.question(2, Kind.MULTIPLE_CHOICE),
    people.question(3, Kind.TRUE_FALSE),
    replace(FORMER, code="C-0004", text="=1+1 {{7*7}} <script>alert(1)</script>?", explanation="vì ~ = # { }"),
]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_export_read_again_changes_nothing(house: None, form: str) -> None:
    bank_id = people.bank("giau", RICH)
    data, problems = exchange.questions_file("giau", form, by=SYSTEM)
    plan = bank_exchange.plan(bank_id, exchange.read_questions(data))
    assert problems == ()
    assert (plan.new, plan.changed, len(plan.unchanged), plan.problems) == ((), (), 4, ())


@pytest.mark.parametrize("form", ["gift", "moodle"])
def test_formats_of_moodle_carry_all_but_what_they_say_they_cannot(house: None, form: str) -> None:
    plain = [replace(d, difficulty=None, source="", effective_on=None) for d in RICH]
    bank_id = people.bank("giau", plain)
    data, problems = exchange.questions_file("giau", form, by=SYSTEM)
    plan = bank_exchange.plan(bank_id, exchange.read_questions(data))
    assert problems == ()
    assert (plan.new, plan.changed, len(plan.unchanged), plan.problems) == ((), (), 4, ())
    people.bank("giau2", RICH)
    _, problems = exchange.questions_file("giau2", form, by=SYSTEM)
    assert {p.refusal.slug for p in problems} == {"lost-difficulty", "lost-source", "lost-effective-date"}


def test_import_of_a_changed_file_revises_and_waits_for_approval(house: None) -> None:
    bank_id = people.bank("giau", RICH)
    drafts = tuple(replace(d, text=f"{d.text} (sửa)") if d.code == "C-0002" else d for d in RICH)
    plan = bank_exchange.plan(bank_id, Reading((*drafts, people.question(9)), ()))
    assert [d.code for d in plan.new] == ["C-0009"]
    assert [d.code for d in plan.changed] == ["C-0002"]
    imports.apply("giau", plan.items, by=SYSTEM, file="cau-hoi.xlsx")
    assert [v[:2] for v in versions("C-0002")] == [(1, "approved"), (2, "in_review")]
    assert sum(shelf.stock_of(bank_id).by_cell.values()) == 4  # papers go on with what was approved
    assert bank_exchange.plan(bank_id, Reading((*drafts, people.question(9)), ())).changed == ()


def test_two_questions_of_one_file_with_one_text_and_two_keys_contradict_each_other(house: None) -> None:
    bank_id = people.bank("giau", [people.question(1)])
    first = replace(people.question(7), text="Công đoàn Việt Nam được thành lập ngày tháng năm nào?")
    turned = (replace(first.options[0], weight=Decimal(0)), replace(first.options[1], weight=Decimal(1)))
    other = replace(first, code="M-2", options=(*turned, *first.options[2:]))
    again = replace(first, code="M-3")
    plan = bank_exchange.plan(bank_id, Reading((first, other, again), ()))
    assert [(p.refusal.slug, p.refusal.params["code"]) for p in plan.problems] == [
        ("same-text-other-key", "C-0007"),
        ("near-duplicate", "M-2"),
    ]


def test_warnings_of_an_import_name_the_question_they_are_near_to(house: None) -> None:
    first = replace(people.question(1), text="Công đoàn Việt Nam được thành lập ngày tháng năm nào?")
    bank_id = people.bank("giau", [first])
    turned = (replace(first.options[0], weight=Decimal(0)), replace(first.options[1], weight=Decimal(1)))
    other = replace(first, code="M-1", options=(*turned, *first.options[2:]))
    twice = people.question(8)
    plan = bank_exchange.plan(bank_id, Reading((other, twice, twice), ()))
    assert [(p.refusal.slug, p.severity) for p in plan.problems] == [
        ("same-text-other-key", "warning"),
        ("question-twice-in-file", "error"),
        ("question-twice-in-file", "error"),
    ]


def test_malformed_question_is_refused_whole(author: Actor) -> None:
    draft = people.question(1)
    for options in ((), draft.options[:1], tuple(replace(o, weight=Decimal(0)) for o in draft.options)):
        with pytest.raises(Invalid):
            editing.save(BANK, replace(draft, options=options), by=author)
    assert versions() == []


def test_lists_are_filtered_searched_and_paged(house: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "PAGE", 3)
    drafts = [people.question(n, topic=("Luật", f"Chương {n % 2}")) for n in range(1, 8)]
    people.bank("giau", drafts)

    def codes(filters: browsing.Filters, after: str = "") -> tuple[list[str], str | None, int]:
        page = browsing.list_questions("giau", filters, after=after, by=SYSTEM)
        return [r.code for r in page.rows], page.next, page.total

    assert codes(browsing.Filters()) == (["C-0001", "C-0002", "C-0003"], "C-0003", 7)
    assert codes(browsing.Filters(), "C-0006") == (["C-0007"], None, 7)
    assert codes(browsing.Filters(search="NOI DUNG cua cau hoi so 5")) == (["C-0005"], None, 1)
    assert codes(browsing.Filters(topic="Luật/Chương 0")) == (["C-0002", "C-0004", "C-0006"], None, 3)
    assert codes(browsing.Filters(topic="Luật"))[2] == 7
    assert codes(browsing.Filters(search="%"))[2] == 0
    assert codes(browsing.Filters(state=VersionState.DRAFT))[2] == 0
    assert codes(browsing.Filters(difficulty="khong-co"))[2] == 7  # what is no choice filters nothing
    assert codes(browsing.Filters(order="khong-co"))[1] == "C-0003"  # nor does it order anything


def test_list_stands_by_how_often_questions_were_drawn(
    house: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank_id = people.bank("ra-de", [people.question(n) for n in range(1, 8)])
    code = people.contest("ra-de", bank_id=bank_id)[0]
    round_id = db.session.scalar(sa.select(Round.id).where(Round.code == code))
    editing.save("ra-de", people.question(5, source="Mới"), question="C-0005", by=SYSTEM)  # in both of its versions
    versions = sa.select(QuestionVersion.id, Question.code).join(Question, Question.id == QuestionVersion.question_id)
    drawn = {"C-0002": 3, "C-0003": 10, "C-0005": 5, "C-0007": 3}
    with transaction():
        for version_id, question in db.session.execute(versions.where(Question.bank_id == bank_id)).all():
            if question in drawn:
                use = {"version_id": version_id, "round_id": round_id, "last_at": clock.at}
                db.session.add(VersionUse(paper_count=drawn[question], **use))

    def pages(order: str) -> list[list[tuple[str, int]]]:
        found: list[list[tuple[str, int]]] = []
        after: str | None = ""
        while after is not None:
            page = browsing.list_questions("ra-de", browsing.Filters(order=order), after=after, by=SYSTEM)
            found.append([(row.code[-1], row.paper_count) for row in page.rows])
            after = page.next
        return found

    monkeypatch.setattr(browsing, "PAGE", 3)
    assert pages(browsing.MOST_DRAWN) == [
        [("3", 10), ("5", 10), ("2", 3)],
        [("7", 3), ("1", 0), ("4", 0)],
        [("6", 0)],
    ]
    assert pages(browsing.LEAST_DRAWN) == [
        [("1", 0), ("4", 0), ("6", 0)],
        [("2", 3), ("7", 3), ("3", 10)],
        [("5", 10)],
    ]


@pytest.mark.parametrize("after", ["x", "C-0001", "3", "3:", ":C-0001", "-1:C-0001", "²:C-0001", f"{'9' * 13}:C-0001"])
def test_cursor_of_another_order_is_not_found(house: None, after: str) -> None:
    with pytest.raises(NotFound):
        browsing.list_questions(BANK, browsing.Filters(order=browsing.MOST_DRAWN), after=after, by=SYSTEM)
