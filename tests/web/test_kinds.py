"""Every kind of question from the editor to the review: written, asked, saved by script and by plain form, scored, shown."""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from contest.clock import now
from contest.db import db, transaction
from contest.models.attempts import Attempt
from contest.models.contests import Round
from contest.models.results import Result
from contest.rules.permissions import SYSTEM
from contest.rules.question_terms import Kind
from contest.services.attempts import closing, paper, reviews, saving
from contest.services.banks import browsing, media
from tests import people
from tests.conftest import Clock
from tests.kinds import AUTOMATIC, PARTLY, RIGHT, response, sample


def contest_of(kinds: Sequence[Kind]) -> str:
    people.organisation()
    bank = people.bank("loai-cau", [sample(kind) for kind in kinds])
    line = {"topic_id": None, "difficulty": None, "count": len(kinds)}
    codes = people.contest(bank_id=bank, lines=(line,), rounds=({"reveal_after_close": "review"},))
    return codes[0]


def test_all_kinds_are_saved_resumed_scored_and_reviewed(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        code = contest_of(AUTOMATIC)
        who = people.member("m1")
        attempt = people.attempt(code, who)
        view = paper.get_paper(attempt, by=who)
        assert {q.kind for q in view.questions} == set(AUTOMATIC)
        for q in view.questions:
            at = now()
            saving.save(attempt, str(q.position), 1, response(q, RIGHT[q.kind]), by=who, at=at, arrived=at)
        again = paper.get_paper(attempt, by=who)
        assert again.unanswered == ()
        closing.submit(attempt, {}, by=who, arrived=now())
        result = db.session.scalars(sa.select(Result)).one()
        assert (result.correct_count, result.question_count) == (len(AUTOMATIC), len(AUTOMATIC))
        row = db.session.scalars(sa.select(Attempt)).one()
        found = reviews.review_of(row, people.round_row(code), "cuoc-thi", "Cuộc thi")
        assert all(q.is_correct and q.is_answered for q in found.questions)
        assert all(part.mark == 1 for q in found.questions for part in q.parts)
        ordered = next(q for q in found.questions if q.kind is Kind.ORDERING)
        assert [part.given for part in ordered.parts] == RIGHT[Kind.ORDERING]


def test_parts_count_by_share_and_whoever_left_some_out_sees_which(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        code = contest_of([Kind.CLOZE])
        who = people.member("m1")
        attempt = people.attempt(code, who)
        (q,) = paper.get_paper(attempt, by=who).questions
        at = now()
        saving.save(attempt, "1", 1, response(q, PARTLY[Kind.CLOZE][0]), by=who, at=at, arrived=at)
        closing.submit(attempt, {}, by=who, arrived=now())
        result = db.session.scalars(sa.select(Result)).one()
        assert (result.correct_count, f"{result.points:f}") == (0, "0.333333")
        row = db.session.scalars(sa.select(Attempt)).one()
        (seen,) = reviews.review_of(row, people.round_row(code), "cuoc-thi", "Cuộc thi").questions
        assert [(p.given, p.right, p.mark) for p in seen.parts] == [
            ("Hà Nội", ("Hà Nội",), 1),
            (None, ("126",), 0),
            ("Hậu", ("Hồng",), 0),
        ]


def test_kinds_are_answered_by_a_plain_form(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        code = contest_of(AUTOMATIC)
        who = people.member("m1")
        attempt = people.attempt(code, who)
        client = people.enter(app.test_client(), who)
        form: dict[str, Any] = {"csrf_token": people.csrf(client)}
        for q in paper.get_paper(attempt, by=who).questions:
            form[f"revision-{q.position}"] = "0"
            given = response(q, RIGHT[q.kind])
            if q.kind is Kind.ORDERING:
                form |= {f"response-{q.position}-{o}": str(n) for n, o in enumerate(given, 1)}
            elif isinstance(given, dict):
                form |= {f"response-{q.position}-{part}": value for part, value in given.items()}
            else:
                form[f"response-{q.position}"] = given
        assert client.post(f"/attempts/{attempt}/responses", data=form).status_code == 303
        assert paper.get_paper(attempt, by=who).unanswered == ()
        page = client.get(f"/attempts/{attempt}").text
        assert page.count(" selected>") >= 5
        assert 'value="2,34"' in page
        assert (
            client.post(f"/attempts/{attempt}/submission", data={"csrf_token": form["csrf_token"]}).status_code == 303
        )
        assert db.session.scalars(sa.select(Result)).one().correct_count == len(AUTOMATIC)


def test_review_page_shows_every_kind_with_its_key(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        code = contest_of(AUTOMATIC)
        who = people.member("m1")
        attempt = people.attempt(code, who)
        closing.submit(attempt, {}, by=who, arrived=now())
        clock.advance(hours=3)
        with transaction():
            db.session.execute(sa.update(Round).values(settled_at=clock.at))
        client = people.enter(app.test_client(), who)
        page = client.get(f"/attempts/{attempt}/review")
        assert page.status_code == 200
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
        for said in ("Viêng Chăn", "2,34 triệu đồng", "* Hồ Chí Minh", "_____", "Vị trí 4", "không trả lời"):
            assert said in words
        assert "[[" not in words


@pytest.mark.parametrize("position", ["1"])
@pytest.mark.parametrize(
    ("kind", "value", "slug"),
    [
        (Kind.STATEMENTS, {"nothing": "true"}, "Phương án này không có trong đề thi."),
        (Kind.NUMERIC, "mười hai", "Mời bạn ghi một số"),
        (Kind.ORDERING, ["x"], "Phương án này không có trong đề thi."),
        (Kind.MATCHING, {"a": 7}, "Phương án này không có trong đề thi."),
        (Kind.SHORT_TEXT, "x" * 501, "Dài quá 500 ký tự."),
        (Kind.CLOZE, ["a", "b"], "Câu trả lời không đúng dạng."),
    ],
)
def test_response_that_cannot_be_is_told_so(
    app: Flask, database: str, clock: Clock, kind: Kind, value: Any, slug: str, position: str
) -> None:
    with app.app_context():
        who_code = contest_of([kind])
        who = people.member("m1")
        attempt = people.attempt(who_code, who)
        client = people.enter(app.test_client(), who)
        headers = {"X-CSRFToken": people.csrf(client), "Accept": "application/json"}
        body = {"revision": 1, "value": value}
        answer = client.put(f"/attempts/{attempt}/responses/{position}", json=body, headers=headers)
        assert answer.status_code == 422
        assert slug in answer.json["message"]


FORMS: dict[Kind, dict[str, Any]] = {
    Kind.STATEMENTS: {"statements-text": ["Ý một", "Ý hai", ""], "statements-right": ["true", "false", ""]},
    Kind.MATCHING: {
        "matching-text": ["Lào", "Thái"],
        "matching-right": ["Viêng Chăn", "Băng Cốc"],
        "distractors": "Huế\nVinh",
    },
    Kind.ORDERING: {"option": ["một", "hai", "ba"]},
    Kind.NUMERIC: {"numeric-right": "12,5 ± 0,1\n50%: 10 – 12", "numeric-unit": "kg"},
    Kind.SHORT_TEXT: {"short_text-right": "Hà Nội\n30%: Thăng Long", "short_text-any-accents": "1"},
    Kind.CLOZE: {
        "text": "Một [[1]] hai [[2]].",
        "cloze-type": ["choice", "number"],
        "cloze-right": ["a", "3"],
        "cloze-wrong": ["b\nc", ""],
    },
    Kind.DROPDOWN: {"text": "Một [[1]].", "dropdown-right": ["a"], "dropdown-wrong": ["b"]},
    Kind.ESSAY: {"least_words": "10", "most_words": "20"},
    Kind.UPLOAD: {"most_files": "2", "file_kinds": ["word", "picture"]},
    Kind.PASSAGE: {},
    Kind.DESCRIPTION: {},
}


@pytest.fixture
def author(app: Flask, database: str, clock: Clock) -> FlaskClient:
    with app.app_context():
        people.organisation()
        people.bank("so-mot")
        return people.enter(app.test_client(), people.author())


@pytest.mark.parametrize("kind", FORMS)
def test_kind_is_written_in_the_editor_and_saving_it_again_changes_nothing(
    app: Flask, author: FlaskClient, kind: Kind
) -> None:
    form = {"csrf_token": people.csrf(author), "code": "MOI", "kind": kind.value, "text": "Hỏi gì?", **FORMS[kind]}
    assert author.post("/manage/banks/so-mot/questions/new", data=form).status_code == 303
    with app.app_context():
        before = browsing.get_question("so-mot", "MOI", by=people.actor("soanthao")).draft
        assert before.kind is kind
    page = author.get("/manage/banks/so-mot/questions/MOI").text
    again = {**form, "version": "1", "own": "MOI"}
    if kind is not Kind.ORDERING:
        again |= _shown(page, kind)
    assert author.post("/manage/banks/so-mot/questions/MOI", data=again).status_code == 303
    with app.app_context():
        assert browsing.get_question("so-mot", "MOI", by=people.actor("soanthao")).draft == before


def _shown(page: str, kind: Kind) -> dict[str, Any]:
    """Return what the page holds in the text areas of a kind."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.S):
        if name.startswith(kind.value) or name == "distractors":
            found.setdefault(name, []).append(value)
    return found


def test_what_is_wrong_with_a_part_stands_beside_it_and_what_was_typed_stays(author: FlaskClient) -> None:
    form = {"csrf_token": people.csrf(author), "kind": "statements", "text": "Hỏi?"}
    form |= {"statements-text": ["Ý một", "Ý hai"], "statements-right": ["true", ""]}
    answer = author.post("/manage/banks/so-mot/questions/new", data=form)
    assert answer.status_code == 422
    assert 'id="part-2-error"' in answer.text
    assert "Ý này chưa có đáp án đúng." in answer.text
    assert 'value="Ý hai"' in answer.text


def test_preview_shows_the_question_as_a_paper_does(author: FlaskClient) -> None:
    form = {"csrf_token": people.csrf(author), "kind": "dropdown", **FORMS[Kind.DROPDOWN]}
    page = author.post("/manage/banks/so-mot/questions/preview", data=form).text
    assert "<select" in page
    assert "Chỗ trống 1" in page
    assert "[[1]]" not in page


def test_areas_of_a_picture_are_written_shown_and_chosen(app: Flask, author: FlaskClient) -> None:
    picture = BytesIO()
    Image.new("RGB", (200, 100), "blue").save(picture, "PNG")
    with app.app_context():
        shown = media.add("so-mot", picture.getvalue(), "Bản đồ", by=SYSTEM)
    form: dict[str, Any] = {"csrf_token": people.csrf(author), "code": "VUNG", "kind": "hotspot", "rich": "y"}
    form |= {"text": f"Ở đâu?\n\n{shown}", "option": ["Bắc", "Nam"], "area": ["10 5 20 20", "10 70 20"], "right": ["0"]}
    refused = author.post("/manage/banks/so-mot/questions/new", data=form)
    assert refused.status_code == 422
    assert "bốn số phần trăm" in refused.text
    assert 'value="10 70 20"' in refused.text
    form["area"] = ["10 5 20 20", "10 70 20 20"]
    assert author.post("/manage/banks/so-mot/questions/new", data=form).status_code == 303
    page = author.get("/manage/banks/so-mot/questions/VUNG").text
    assert '<rect x="20.0" y="5.0" width="40.0" height="20.0"' in page
    assert 'viewBox="0 0 200 100"' in page
    with app.app_context():
        draft = browsing.get_question("so-mot", "VUNG", by=people.actor("soanthao")).draft
        assert [o.area for o in draft.options] == ["10 5 20 20", "10 70 20 20"]


def test_areas_need_a_picture(author: FlaskClient) -> None:
    form = {"csrf_token": people.csrf(author), "kind": "hotspot", "text": "Ở đâu?", "option": ["Bắc", "Nam"]}
    answer = author.post(
        "/manage/banks/so-mot/questions/new", data=form | {"area": ["1 1 2 2", "5 5 2 2"], "right": ["0"]}
    )
    assert answer.status_code == 422
    assert "Câu này cần một hình" in answer.text
