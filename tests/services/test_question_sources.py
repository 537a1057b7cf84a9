"""Legal sources: what was amended puts its questions in doubt until somebody looks at each, or its source is changed."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.errors import Conflict, Forbidden, Invalid, NotFound
from contest.formats.drafts import Reading
from contest.models.sources import SourceConfirmation, SourceMark
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import SourceChange
from contest.rules.terms import Role
from contest.services.banks import browsing, editing, exchange, imports, reviewing, shelf, sources
from contest.services.contests import publishing
from tests import people
from tests.conftest import Clock

BANK = "kho"
OLD, NEW = "Điều 5, Luật Công đoàn 2012", "Điều 5, Luật Công đoàn 2024"
DAY = date(2025, 7, 1)


@pytest.fixture
def author(context: Flask, database: str, clock: Clock) -> Actor:
    """Make a bank of two questions on the old law, one on the new, and one on none."""
    people.organisation()
    day = {"effective_on": date(2013, 1, 1)}
    drafts = [people.question(1, source=OLD, **day), people.question(2, source=OLD), people.question(3, source=NEW)]
    people.bank(BANK, [*drafts, people.question(4)])
    return people.author()


@pytest.fixture
def reviewer(author: Actor) -> Actor:
    return people.reviewer()


def amended(by: Actor, change: SourceChange = SourceChange.AMENDED, source: str = OLD) -> None:
    sources.mark(BANK, [source], change, changed_on=DAY, note="Thay bằng luật mới", by=by)


def doubtful(by: Actor) -> list[str]:
    """Return the questions in doubt, as every place that shows them does."""
    page = browsing.list_questions(BANK, browsing.Filters(state=browsing.DOUBTFUL), by=by)
    every = browsing.list_questions(BANK, browsing.Filters(), by=by).rows
    found = [r.code for r in page.rows]
    assert [r.code for r in every if r.is_doubtful and r.state != "retired"] == found
    assert [r.code for r in every if sources.find_doubt(BANK, r.code, by=by) and r.state != "retired"] == found
    assert sum(s.doubtful_count for s in sources.list_sources(BANK, by=by)) == len(found)
    return found


def mark_of(code: str, by: Actor) -> int | None:
    found = sources.find_doubt(BANK, code, by=by)
    return found.id if found else None


def test_sources_are_listed_with_their_questions(author: Actor) -> None:
    found = sources.list_sources(BANK, by=author)
    assert [(s.text, s.effective_on, s.question_count, s.doubtful_count, s.mark) for s in found] == [
        (OLD, (date(2013, 1, 1),), 2, 0, None),
        (NEW, (), 1, 0, None),
    ]
    assert doubtful(author) == []


@pytest.mark.parametrize("change", [SourceChange.AMENDED, SourceChange.REPEALED])
def test_marked_source_puts_its_questions_in_doubt_until_each_is_settled(
    author: Actor, reviewer: Actor, change: SourceChange
) -> None:
    amended(author, change)
    assert doubtful(author) == ["C-0001", "C-0002"]
    said = sources.find_doubt(BANK, "C-0001", by=author)
    assert said is not None
    assert (said.change, said.changed_on, said.note) == (change, DAY, "Thay bằng luật mới")
    sources.confirm(BANK, "C-0001", said.id, by=reviewer)
    assert doubtful(author) == ["C-0002"]
    editing.save(BANK, people.question(2, source=NEW), question="C-0002", submit=True, by=author)
    assert doubtful(author) == ["C-0002"]  # papers still draw the old version
    reviewing.approve(BANK, ["C-0002"], by=reviewer)
    assert doubtful(author) == []
    amended(author, change)  # marked once more: what was confirmed before is looked at again
    assert doubtful(author) == ["C-0001"]
    amended(author, SourceChange.IN_FORCE)
    assert doubtful(author) == []


def test_several_sources_are_marked_at_once_and_those_in_doubt_come_first(author: Actor, reviewer: Actor) -> None:
    amended(author, source=NEW)
    assert [s.text for s in sources.list_sources(BANK, by=author)] == [NEW, OLD]
    sources.mark(BANK, [OLD, NEW, OLD], SourceChange.REPEALED, changed_on=DAY, by=author)
    assert doubtful(author) == ["C-0001", "C-0002", "C-0003"]
    assert [s.text for s in sources.list_sources(BANK, "LUAT cong doan 2024", by=author)] == [NEW]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SourceMark)) == 3


def test_question_that_comes_to_rest_on_a_marked_source_is_in_doubt(author: Actor) -> None:
    amended(author)
    bank_id = exchange.find_bank(BANK)
    drafts = tuple(browsing.drafts_of(bank_id or 0))
    plan = exchange.plan(bank_id, Reading((*drafts, people.question(5, source=OLD)), ()))
    assert ([d.code for d in plan.new], plan.changed) == (["C-0005"], ())
    imports.apply(BANK, plan.items, by=SYSTEM, file="cau-hoi.xlsx")
    assert doubtful(author) == ["C-0001", "C-0002", "C-0005"]
    reviewing.retire(BANK, ["C-0001"], by=SYSTEM)
    assert doubtful(author) == ["C-0002", "C-0005"]


def test_mark_of_one_bank_says_nothing_of_another(author: Actor) -> None:
    people.bank("khac", [people.question(1, source=OLD)])
    amended(author)
    assert [s.doubtful_count for s in sources.list_sources("khac", by=author)] == [0]


def test_confirmation_is_of_the_mark_that_was_seen(author: Actor, reviewer: Actor) -> None:
    amended(author)
    seen = mark_of("C-0001", author)
    amended(author, SourceChange.REPEALED)
    with pytest.raises(Conflict):
        sources.confirm(BANK, "C-0001", seen, by=reviewer)
    sources.confirm(BANK, "C-0001", mark_of("C-0001", author), by=reviewer)
    with pytest.raises(Conflict):
        sources.confirm(BANK, "C-0001", seen, by=reviewer)
    with pytest.raises(NotFound):
        sources.confirm(BANK, "C-9999", seen, by=reviewer)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SourceConfirmation)) == 1


@pytest.mark.parametrize(
    ("source", "change", "day", "field"),
    [
        ([OLD, "Luật không ai dùng"], SourceChange.AMENDED, DAY, "source"),
        ([""], SourceChange.AMENDED, DAY, "source"),
        ([], SourceChange.AMENDED, DAY, "source"),
        ([OLD], SourceChange.AMENDED, None, "changed_on"),
        ([OLD], SourceChange.REPEALED, None, "changed_on"),
    ],
)
def test_mark_without_a_day_or_of_no_source_is_refused(
    author: Actor, source: list[str], change: SourceChange, day: date | None, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        sources.mark(BANK, source, change, changed_on=day, by=author)
    assert refused.value.refusal.field == field
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SourceMark)) == 0


def test_sources_are_for_those_who_write_and_review(author: Actor, reviewer: Actor) -> None:
    amended(author)
    seen = mark_of("C-0001", author)
    stranger = people.staff("rieng1", Role.REVIEWER, bank_id=people.bank("rieng"))
    calls: list[tuple[Callable[[], Any], type[Exception]]] = [
        (lambda: sources.list_sources(BANK, by=stranger), NotFound),
        (lambda: amended(stranger), NotFound),
        (lambda: sources.confirm(BANK, "C-0001", seen, by=stranger), NotFound),
        (lambda: amended(people.judge()), Forbidden),
        (lambda: sources.confirm(BANK, "C-0001", seen, by=author), Forbidden),
    ]
    for call, error in calls:
        with pytest.raises(error):
            call()


def test_marks_and_confirmations_are_never_changed_nor_removed(author: Actor, reviewer: Actor) -> None:
    amended(author)
    sources.confirm(BANK, "C-0001", mark_of("C-0001", author), by=reviewer)
    for table in (SourceMark, SourceConfirmation):
        for statement in (sa.update(table).values(by_id=None), sa.delete(table)):
            with pytest.raises(sa.exc.DBAPIError), transaction():
                db.session.execute(statement)


def test_contest_names_its_rounds_that_can_draw_questions_in_doubt(
    author: Actor, reviewer: Actor, clock: Clock
) -> None:
    bank_id = shelf.get_bank(BANK, by=SYSTEM).id
    editing.save(BANK, people.question(2, source=OLD, topic=("Sử",)), question="C-0002", submit=True, by=author)
    reviewing.approve(BANK, ["C-0002"], by=reviewer)
    line = {"topic_id": editing.get_topic(bank_id, ("Sử",)), "difficulty": None, "count": 1}
    codes = [*people.contest("moi", bank_id=bank_id), *people.contest("su", bank_id=bank_id, lines=[line])]
    own = [people.round_row(code) for code in codes]
    assert publishing.doubtful_sources(own) == []
    amended(author)
    assert publishing.doubtful_sources(own) == [("Tuần 1", 2), ("Tuần 1", 1)]
    sources.confirm(BANK, "C-0002", mark_of("C-0002", author), by=reviewer)
    assert publishing.doubtful_sources(own) == [("Tuần 1", 1)]
    clock.advance(hours=2)
    assert publishing.doubtful_sources(own) == []  # both have closed
