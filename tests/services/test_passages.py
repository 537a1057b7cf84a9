"""Passages: questions that name one, drawn together, shown with it, printed with it; what is only read is never drawn."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Conflict, Invalid, NotFound
from contest.formats.drafts import QuestionDraft, Reading
from contest.i18n import LOCALES
from contest.models.attempts import Attempt
from contest.models.banks import Question
from contest.models.media import Medium
from contest.models.printing import PaperSet
from contest.models.uses import VersionUse
from contest.rules.import_terms import Fate
from contest.rules.papers import blocks_of, read_paper
from contest.rules.permissions import SYSTEM
from contest.rules.printing_terms import Piece
from contest.rules.question_terms import Kind
from contest.services import organisation, printing
from contest.services.attempts import closing, media, paper, reviews
from contest.services.banks import browsing, editing, exchange, imports, reviewing, shelf, tallying
from contest.services.banks import media as bank_media
from contest.services.contests import publishing
from tests import people
from tests.conftest import Clock
from tests.formats.test_media import picture

BANK = "kho"
PASSAGE = QuestionDraft("P-1", Kind.PASSAGE, "Công đoàn thành lập **năm 1929**.", (), rich=True)
LINE = {"topic_id": None, "difficulty": None}


def belonging(number: int, passage: str | None = "P-1") -> QuestionDraft:
    return replace(people.question(number), passage=passage)


@pytest.fixture
def bank(context: Flask, database: str, clock: Clock) -> int:
    people.organisation()
    told = replace(PASSAGE, code="L-1", kind=Kind.DESCRIPTION, text="Phần hai.")
    alone = [people.question(n) for n in range(1, 4)]
    return people.bank(BANK, [PASSAGE, told, *alone, *(belonging(n) for n in (6, 4, 5))])


def drawn(bank_id: int, count: int = 6, **values: object) -> tuple[str, str]:
    """Return the codes of a round and of the attempt of `m1`."""
    code = people.contest(bank_id=bank_id, lines=[{**LINE, "count": count}], **values)[0]  # type: ignore[arg-type]
    return code, people.attempt(code, people.member("m1"))


def approve(draft: QuestionDraft, **values: object) -> None:
    editing.save(BANK, draft, submit=True, by=SYSTEM, **values)  # type: ignore[arg-type]
    reviewing.approve(BANK, [str(draft.code)], by=SYSTEM)


def test_what_is_only_read_is_neither_drawn_nor_counted(bank: int) -> None:
    found = publishing.supply_for(bank, [{**LINE, "count": 6, "question_id": None, "worth": {}}])
    assert (found.available, found.missing, found.undrawn) == (6, (0,), 0)
    stock = shelf.stock_of(bank)
    assert (sum(stock.single.values()), [len(group) for group in stock.groups]) == (3, [3])


def test_passage_stands_before_its_questions_in_the_order_of_their_codes(bank: int) -> None:
    _, attempt = drawn(bank)
    (stored,) = db.session.scalars(sa.select(Attempt.paper))
    passage = db.session.scalars(sa.select(Question.approved_id).where(Question.code == "P-1")).one()
    assert sorted(len(block) for block in blocks_of(read_paper(stored))) == [1, 1, 1, 3]
    assert [item[2] for item in stored if len(item) > 2] == [{"before": [passage], "together": 3}]
    questions = paper.get_paper(attempt, by=people.actor("m1")).questions
    own = [q for q in questions if q.passages]
    assert [q.words for q in own] == [people.question(n).text for n in (4, 5, 6)]
    assert [q.position for q in own] == list(range(own[0].position, own[0].position + 3))
    assert [q.begins for q in own] == [True, False, False]
    assert {str(text) for q in own for text in q.passages} == {"Công đoàn thành lập <strong>năm 1929</strong>."}
    assert not any(q.passages for q in questions if q not in own)


def test_review_shows_the_passage_once_and_counts_questions_alone(bank: int, clock: Clock) -> None:
    code, attempt = drawn(bank)
    who = people.actor("m1")
    closing.submit(attempt, {}, by=who, arrived=clock.at)
    row = db.session.scalars(sa.select(Attempt)).one()
    found = reviews.review_of(row, people.round_row(code), "cuoc-thi", "Cuộc thi")
    assert (found.total, len(found.questions)) == (6, 6)
    assert [len(q.passages) for q in found.questions if q.passages] == [1]


@pytest.mark.parametrize(("count", "missing"), [(1, 0), (2, 1), (5, 4), (6, 0), (7, 0), (8, 1)])
def test_passage_counts_whole_or_not_at_all(bank: int, count: int, missing: int) -> None:
    """Six questions of one passage and one that stands alone."""
    reviewing.retire(BANK, ["C-0001", "C-0002"], by=SYSTEM)
    for number in (7, 8, 9):
        approve(belonging(number))
    lines = [{**LINE, "count": count, "question_id": None, "worth": {}}]
    assert publishing.supply_for(bank, lines).missing == (missing,)


def test_question_is_not_drawn_while_its_passage_is_not_approved(bank: int) -> None:
    reviewing.retire(BANK, ["P-1"], by=SYSTEM)
    assert sum(shelf.stock_of(bank).by_cell.values()) == 3


def test_passage_that_a_running_round_needs_is_not_retired(bank: int) -> None:
    drawn(bank)
    with pytest.raises(Conflict, match="question-needed"):
        reviewing.retire(BANK, ["P-1"], by=SYSTEM)


def test_question_stays_with_the_passage_of_its_approved_version(bank: int) -> None:
    editing.save(BANK, belonging(4, None), question="C-0004", submit=True, by=SYSTEM)
    assert [len(group) for group in shelf.stock_of(bank).groups] == [3]
    reviewing.approve(BANK, ["C-0004"], by=SYSTEM)
    assert [len(group) for group in shelf.stock_of(bank).groups] == [2]
    assert browsing.get_question(BANK, "C-0005", by=SYSTEM).draft.passage == "P-1"


@pytest.mark.parametrize(
    ("draft", "slug"),
    [
        (belonging(9, "C-0001"), "no-such-passage"),
        (belonging(9, "P-2"), "no-such-passage"),
        (replace(PASSAGE, code="P-2", passage="P-1"), "passage-in-passage"),
    ],
)
def test_what_is_no_passage_is_refused_at_its_field(bank: int, draft: QuestionDraft, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        editing.save(BANK, draft, by=SYSTEM)
    assert [(r.slug, r.field) for r in refused.value.refusals] == [(slug, "passage")]


def test_passage_with_questions_stays_a_passage(bank: int) -> None:
    with pytest.raises(Invalid) as refused:
        editing.save(BANK, replace(people.question(1), code="P-1"), question="P-1", by=SYSTEM)
    assert [(r.slug, r.field) for r in refused.value.refusals] == [("passage-has-questions", "kind")]


def test_import_brings_passages_and_keeps_those_that_a_file_does_not_name(bank: int) -> None:
    coming = replace(PASSAGE, code="P-9", text="Đoạn mới.")
    drafts = (belonging(20, "P-9"), coming, people.question(4), belonging(21, "P-8"))
    found = exchange.plan(bank, Reading(drafts, ()))
    assert [(i.draft.code, i.fate) for i in found.items if i.fate is Fate.UNCHANGED] == [("C-0004", Fate.UNCHANGED)]
    assert [(p.refusal.slug, p.refusal.field) for p in found.errors] == [("no-such-passage", "passage")]
    imports.apply(BANK, found.items, by=SYSTEM, file="tep")
    assert browsing.get_question(BANK, "C-0020", by=SYSTEM).draft.passage == "P-9"
    assert exchange.as_data(browsing.get_question(BANK, "C-0020", by=SYSTEM).draft)["passage"] == "P-9"


def test_questions_of_a_passage_that_cannot_be_taken_are_not_taken_either(bank: int) -> None:
    twice = replace(PASSAGE, code="P-9", text="Đoạn mới.")
    unsound = replace(PASSAGE, code="P-8", text="")
    again = replace(PASSAGE, code="P-1", text="")  # while the bank has a sound one
    drafts = (twice, twice, unsound, again, *(belonging(20 + n, f"P-{n}") for n in (9, 8, 1)))
    found = exchange.plan(bank, Reading(drafts, ()))
    assert [item.draft.code for item in found.items] == ["C-0021"]
    assert [p.refusal.slug for p in found.errors if p.refusal.field == "passage"] == ["no-such-passage"] * 2
    imports.apply(BANK, found.items, by=SYSTEM, file="tep")


def test_picture_of_a_passage_is_seen_by_those_on_whose_paper_it_stands(bank: int) -> None:
    shown = bank_media.add(BANK, picture("PNG"), "Sơ đồ", by=SYSTEM)
    approve(replace(PASSAGE, text=f"Xem hình.\n\n{shown}"), question="P-1")
    name = db.session.scalars(sa.select(Medium.name)).one()
    with pytest.raises(NotFound):
        media.get_medium(name, by=people.member("m1"))
    code = people.contest(bank_id=bank, lines=[{**LINE, "count": 6}])[0]
    people.attempt(code, people.actor("m1"))
    assert media.get_medium(name, by=people.actor("m1")).name == name
    with pytest.raises(NotFound):
        media.get_medium(name, by=people.member("m2"))
    printing.make("cuoc-thi", code, 2, 101, by=SYSTEM)
    for form in printing.FORMATS:
        assert printing.file_of(
            "cuoc-thi", code, 1, Piece.PAPERS, form, by=SYSTEM, speech=organisation.speech(LOCALES[0])
        )


def test_printed_versions_keep_the_passage_above_its_questions(bank: int) -> None:
    code = people.contest(bank_id=bank, lines=[{**LINE, "count": 6}])[0]
    printing.make("cuoc-thi", code, 3, 101, by=SYSTEM)
    found = db.session.scalars(sa.select(PaperSet)).one()
    booklet = printing._booklet(people.round_row(code), "Cuộc thi", found, organisation.speech(LOCALES[0]))
    for made in booklet.papers:
        (first,) = [q for q in made.questions if q.passages]
        assert [p.hint for p in first.passages] == [
            f"Đọc đoạn dẫn sau và trả lời các câu từ {first.number} đến {first.number + 2}:"
        ]
        own = made.questions[first.number - 1 : first.number + 2]
        assert [q.text for q in own] == [people.question(n).text for n in (4, 5, 6)]


def test_passage_is_counted_where_it_was_shown(bank: int, clock: Clock) -> None:
    drawn(bank)
    for _ in range(2):
        tallying.tally(clock.at)
        clock.advance(minutes=2)
    passage = db.session.scalars(sa.select(Question.approved_id).where(Question.code == "P-1")).one()
    uses = sa.select(VersionUse.paper_count).where(VersionUse.version_id == passage)
    assert db.session.scalars(uses).all() == [1]
