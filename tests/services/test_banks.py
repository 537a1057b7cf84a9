"""Banks: versions that never change, a second person who approves, papers that keep theirs, files in and out."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.formats.drafts import OptionDraft, QuestionDraft, Reading
from contest.models.attempts import Attempt
from contest.models.audit import AuditEntry
from contest.models.banks import Question, QuestionVersion
from contest.models.keys import AnswerKey
from contest.models.results import Result
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import Difficulty, Kind, VersionState
from contest.rules.terms import Role
from contest.services import exchange
from contest.services import organisation as organisations
from contest.services.attempts import closing, saving
from contest.services.banks import browsing, drafting, editing, reviewing, shelf
from contest.services.banks import exchange as bank_exchange
from contest.services.banks.drafting import Written
from tests import people
from tests.conftest import Clock

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


def test_retired_question_leaves_future_papers(reviewer: Actor) -> None:
    people.bank("khac", [people.question(n) for n in (1, 2)])
    bank_id = bank_exchange.find_bank("khac") or 0
    assert sum(shelf.supply_of(bank_id).values()) == 2
    reviewing.retire("khac", ["C-0001"], by=reviewer)
    assert sum(shelf.supply_of(bank_id).values()) == 1


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
    bank_exchange.apply("giau", plan, by=SYSTEM)
    assert [v[:2] for v in versions("C-0002")] == [(1, "approved"), (2, "in_review")]
    assert sum(shelf.supply_of(bank_id).values()) == 4  # papers go on with what was approved
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
