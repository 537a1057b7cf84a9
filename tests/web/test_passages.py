"""Passages on pages: above the first of their questions, folded up before the others, and named in the editor."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contest.formats.drafts import QuestionDraft
from contest.rules.question_terms import Kind
from contest.services import tryouts
from contest.services.banks import browsing
from tests import people
from tests.conftest import Clock

PASSAGE = QuestionDraft("P-1", Kind.PASSAGE, "Đoạn *nghiêng* chung.", (), rich=True)
WORDS = "Đoạn <em>nghiêng</em> chung."
LINE = {"topic_id": None, "difficulty": None, "count": 4}


@pytest.fixture
def bank(app: Flask, database: str, clock: Clock) -> int:
    with app.app_context():
        people.organisation()
        own = [replace(people.question(n), passage="P-1") for n in (2, 3)]
        return people.bank("so-mot", [PASSAGE, people.question(1), *own, people.question(4)])


def test_paper_shows_a_passage_above_its_questions(app: Flask, bank: int) -> None:
    with app.app_context():
        code = people.contest(bank_id=bank, lines=(LINE,))[0]
        who = people.member("m1")
        attempt = people.attempt(code, who)
        client = people.enter(app.test_client(), who)
        page = client.get(f"/attempts/{attempt}").text
    assert (page.count('<div class="passage">'), page.count('<details class="passage passage--again">')) == (1, 1)
    assert page.count(WORDS) == 2
    assert page.index('<div class="passage">') < page.index(people.question(2).text)
    assert page.index(people.question(2).text) < page.index("<details") < page.index(people.question(3).text)


def test_editor_names_the_passages_and_refuses_what_is_none(app: Flask, bank: int) -> None:
    with app.app_context():
        client: FlaskClient = people.enter(app.test_client(), people.author())
    form = {"csrf_token": people.csrf(client), "kind": "single_choice", "text": "Hỏi gì?", "option": ["a", "b"]}
    form |= {"right": "0", "code": "MOI"}
    refused = client.post("/manage/banks/so-mot/questions/new", data={**form, "passage": "C-0001"})
    assert refused.status_code == 422
    assert "Ngân hàng này không có đoạn dẫn mã C-0001." in refused.text
    assert 'value="C-0001"' in refused.text
    assert '<option value="P-1">Đoạn nghiêng chung.</option>' in refused.text
    assert client.post("/manage/banks/so-mot/questions/new", data={**form, "passage": "P-1"}).status_code == 303
    with app.app_context():
        assert browsing.get_question("so-mot", "MOI", by=people.actor("soanthao")).draft.passage == "P-1"
    assert 'value="P-1"' in client.get("/manage/banks/so-mot/questions/MOI").text


def test_try_and_its_review_show_the_passage(app: Flask, bank: int) -> None:
    with app.app_context():
        code = people.draft_contest(bank_id=bank, lines=(LINE,))[0]
        who = people.organiser()
        attempt = tryouts.start("cuoc-thi", code, by=who)
        client = people.enter(app.test_client(), who)
        assert client.get(f"/manage/tryouts/{attempt}").text.count(WORDS) == 2
        tryouts.save_form(attempt, {}, by=who, finish=True)
        assert client.get(f"/manage/tryouts/{attempt}/review").text.count(WORDS) == 1
