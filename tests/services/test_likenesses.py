"""Alike questions of a bank: found among all, kept until the bank changes, told apart for as long as they stay as they are."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.errors import Forbidden, NotFound
from contest.models.audit import AuditEntry
from contest.models.likenesses import DistinctPair
from contest.rules.import_terms import Alikeness
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import Role
from contest.services.banks import editing, likenesses, reviewing
from tests import people
from tests.conftest import Clock
from tests.services.test_imports import FIRST, SECOND, said, turned

BANK = "nganhang"
NEAR = replace(SECOND, code="C-0004", text=f"{SECOND.text} Chọn một.")
DRAFTS = [
    FIRST,
    SECOND,
    turned(replace(FIRST, code="C-0003")),
    NEAR,
    replace(FIRST, code="C-0005", explanation="Khác", text=FIRST.text.upper()),
    said(6, "Luật Công đoàn năm 2024 có bao nhiêu chương và bao nhiêu điều?"),
]
CONTRADICTING, SAME = Alikeness.CONTRADICTING, Alikeness.SAME
ALL = [
    ("C-0001", "C-0003", CONTRADICTING, 100),
    ("C-0003", "C-0005", CONTRADICTING, 100),
    ("C-0001", "C-0005", SAME, 100),
    ("C-0002", "C-0004", Alikeness.NEAR, 86),
]


@pytest.fixture
def author(context: Flask, database: str, clock: Clock) -> Actor:
    people.organisation()
    people.bank(BANK, DRAFTS)
    return people.author()


def pairs(by: Actor, number: int = 1) -> list[tuple[str | None, str | None, Alikeness, int]]:
    return [(p.first.code, p.second.code, p.alikeness, p.percent) for p in likenesses.list_pairs(BANK, number, by=by)]


def searched(by: Actor) -> list[tuple[str | None, str | None, Alikeness, int]]:
    likenesses.search(BANK, by=by)
    return pairs(by)


def test_pairs_are_found_with_the_gravest_first(author: Actor) -> None:
    assert likenesses.get_search(BANK, by=author) == likenesses.Search(None, False, True, 0, True)
    assert searched(author) == ALL
    (first, *_) = likenesses.list_pairs(BANK, 1, by=author)
    assert [o.is_changed for o in first.comparison.options] == [True, True, False, False]
    search = likenesses.get_search(BANK, by=author)
    assert (search.is_current, search.is_whole, search.count) == (True, True, 4)


def test_pages_hold_every_pair_once(author: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    likenesses.search(BANK, by=author)
    monkeypatch.setattr(likenesses, "PAGE", 3)
    assert pairs(author) + pairs(author, 2) == ALL
    assert pairs(author, 3) == []


def test_drafts_and_versions_in_review_are_searched_and_retired_ones_are_not(author: Actor) -> None:
    editing.save(BANK, replace(DRAFTS[5], text=SECOND.text), question="C-0006", by=author)
    reviewing.retire(BANK, ["C-0003", "C-0004"], by=SYSTEM)
    assert searched(author) == [("C-0002", "C-0006", CONTRADICTING, 100), ("C-0001", "C-0005", SAME, 100)]


def test_every_change_of_the_bank_makes_the_search_old(author: Actor, clock: Clock) -> None:
    likenesses.search(BANK, by=author)

    def is_current() -> bool:
        clock.advance(seconds=1)
        return likenesses.get_search(BANK, by=author).is_current

    for change in (
        lambda: editing.save(BANK, said(7, "Câu mới?"), by=author),
        lambda: editing.save(BANK, said(7, "Câu khác?"), question="C-0007", by=author),
        lambda: reviewing.retire(BANK, ["C-0007"], by=SYSTEM),
    ):
        likenesses.search(BANK, by=author)
        assert is_current()
        change()
        assert not is_current()


def test_retired_question_leaves_the_list_before_the_next_search(author: Actor) -> None:
    likenesses.search(BANK, by=author)
    reviewing.retire(BANK, ["C-0003"], by=SYSTEM)
    assert pairs(author) == [ALL[2], ALL[3]]
    assert likenesses.count_pairs(1) == 2


def test_pair_that_was_told_apart_stays_away_until_its_words_or_key_change(author: Actor, clock: Clock) -> None:
    likenesses.search(BANK, by=author)
    likenesses.tell_apart(BANK, "C-0002", "C-0004", by=author)
    likenesses.tell_apart(BANK, "C-0002", "C-0004", by=author)
    assert pairs(author) == ALL[:3]
    (told,) = likenesses.list_distinct(BANK, by=author)
    assert (told.first_code, told.second_code, told.by, told.at) == (
        "C-0002",
        "C-0004",
        "Nguyễn Thị SOANTHAO",
        clock.at,
    )
    actions = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action == "questions-told-apart")).all()
    assert len(actions) == 1
    editing.save(BANK, replace(NEAR, explanation="Khác"), question="C-0004", by=author)
    assert searched(author) == ALL[:3]
    editing.save(BANK, turned(NEAR), question="C-0004", by=author)
    assert searched(author) == ALL


def test_only_found_pairs_can_be_told_apart(author: Actor) -> None:
    likenesses.search(BANK, by=author)
    for pair in (("C-0001", "C-0006"), ("C-0004", "C-0002"), ("C-0001", "khong-co")):
        with pytest.raises(NotFound):
            likenesses.tell_apart(BANK, *pair, by=author)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DistinctPair)) == 0


def test_search_ends_where_there_are_too_many_and_says_so(author: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likenesses, "MOST", 3)
    assert len(searched(author)) == 3
    assert not likenesses.get_search(BANK, by=author).is_whole
    monkeypatch.setattr(likenesses, "MOST", 4)
    assert searched(author) == ALL
    assert likenesses.get_search(BANK, by=author).is_whole


def test_pairs_are_for_whoever_may_see_the_bank(author: Actor) -> None:
    likenesses.search(BANK, by=author)
    other = people.staff("rieng", Role.AUTHOR, bank_id=people.bank("rieng"))
    for call in (likenesses.get_search, likenesses.search, likenesses.list_distinct):
        with pytest.raises(NotFound):
            call(BANK, by=other)
    with pytest.raises(Forbidden):
        likenesses.search(BANK, by=people.organiser("don-vi", "A"))
    with pytest.raises(NotFound):
        likenesses.tell_apart("rieng", "C-0002", "C-0004", by=other)
