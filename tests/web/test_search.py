"""One search box: each finds what they may see, with or without diacritics, and nothing else."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.formats.drafts import Reading, UnitDraft
from contest.models.banks import Bank
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import Role
from contest.services.members import lists
from tests import people
from tests.conftest import Clock
from tests.web.test_people import Desk

WORD = "Hải Đăng"


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> Flask:
    """Name a person and a unit of each branch, a question of each bank and a contest of each unit by the same word."""
    with app.app_context():
        people.organisation()
        people.member("a1", "A1", full_name=f"Trần {WORD}")
        people.member("b1", "B1", full_name=f"Lê {WORD}")
        for code, parent in (("AX", "A"), ("BX", "B")):
            draft = UnitDraft(code, f"Tổ {WORD} {code}", parent=parent)
            lists.apply(lists.plan(Reading((draft,), ()), Reading((), ()), by=SYSTEM), by=SYSTEM)
        for code in ("mot", "hai"):
            people.bank(code, [replace(people.question(1), text=f"Ngọn {WORD} ở {code}?")])
        for unit in ("A", "B"):
            people.draft_contest(f"hai-dang-{unit.lower()}", organiser=unit, units=(unit,))
    return app


def found(house: Flask, who: Callable[[], Actor], words: str = WORD) -> set[str]:
    """Return where the hits lead."""
    with house.app_context():
        desk = Desk(house, who())
    answer = desk.client.get("/manage/search", query_string={"q": words})
    assert answer.status_code == 200
    return set(re.findall(r'class="link-row" href="([^"]+)"', answer.text))


CONTESTS = {"/manage/contests/hai-dang-a", "/manage/contests/hai-dang-b"}
QUESTIONS = {"/manage/banks/mot/questions/C-0001", "/manage/banks/hai/questions/C-0001"}
PEOPLE = {"/manage/members/a1", "/manage/members/b1"}
UNITS = {"/manage/units/AX", "/manage/units/BX"}


@pytest.mark.parametrize("words", [WORD, "hai dang", "  HAI   ĐĂNG "])
def test_administrator_finds_every_kind(house: Flask, words: str) -> None:
    assert found(house, people.administrator, words) == CONTESTS | QUESTIONS | PEOPLE | UNITS


def test_organiser_of_a_unit_finds_their_own_alone(house: Flask) -> None:
    assert found(house, lambda: people.organiser("toa", unit="A")) == {
        "/manage/contests/hai-dang-a",
        "/manage/members/a1",
        "/manage/units/AX",
    }


def test_author_finds_questions_of_their_bank_alone(house: Flask) -> None:
    def author() -> Actor:
        bank = db.session.scalars(sa.select(Bank.id).where(Bank.code == "mot")).one()
        return people.staff("soan1", Role.AUTHOR, bank_id=bank)

    assert found(house, author) == {"/manage/banks/mot/questions/C-0001"}


def test_judge_finds_contests_and_their_results(house: Flask) -> None:
    assert found(house, people.judge) == {f"{url}/results" for url in CONTESTS}


@pytest.mark.parametrize("words", ["", "   ", "%", "_", "'", "không có ai tên thế"])
def test_what_is_nowhere_finds_nothing(house: Flask, words: str) -> None:
    assert found(house, people.administrator, words) == set()


def test_words_are_shown_as_typed_and_never_run(house: Flask) -> None:
    with house.app_context():
        desk = Desk(house, people.administrator())
    page = desk.client.get("/manage/search", query_string={"q": "<b>x</b>{{7*7}}"}).text
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;{{7*7}}" in page
