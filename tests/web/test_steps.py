"""Pages of a paper that one is led through, with plain forms as without a script, and what never leaves the server."""

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.models.attempts import Attempt, LateResponse, Response
from contest.models.banks import QuestionVersion
from contest.models.contests import Round
from contest.models.tryouts import Tryout
from tests import people
from tests.conftest import Clock
from tests.web.test_people import Desk
from tests.web.test_setup import HERE, ROUND, desk_of, draft_code, drafted

SEQUENTIAL: dict[str, Any] = {"navigation": "sequential", "question_seconds": 30}
PARTS = {"sections": [{"title": "Phần I. Chung", "minutes": 5}, {"title": "Phần II. Luật", "minutes": 10}]}
THREE = ({"topic_id": None, "difficulty": None, "count": 3},)
LINES = tuple({"topic_id": None, "difficulty": None, "count": 2, "section": s} for s in (1, 2))


def begun(app: Flask, lines: Any = THREE, **values: Any) -> tuple[Desk, str, str]:
    """Set up a round and let m1 start in it; return their desk, the round's code, and the attempt's."""
    with app.app_context():
        people.organisation()
        round_code = people.contest(lines=lines, rounds=(values,))[0]
        people.name_publicly(people.contest_id(), people.member("m1"))
    desk = desk_of(app, lambda: people.actor("m1"))
    started = desk.post(f"/rounds/{round_code}/attempts")
    return desk, round_code, started.location.rsplit("/", 1)[1]


def paper_of(app: Flask, code: str) -> list[Any]:
    with app.app_context():
        return db.session.scalars(sa.select(Attempt.paper).where(Attempt.code == code)).one()


def texts(app: Flask, code: str) -> list[str]:
    """Return the text of each question of a paper in its order."""
    with app.app_context():
        found = dict(db.session.execute(sa.select(QuestionVersion.id, QuestionVersion.text)).tuples().all())
        return [found[item[0]] for item in paper_of(app, code)]


def put(desk: Desk, app: Flask, code: str, position: int, revision: int = 1) -> Any:
    option = paper_of(app, code)[position - 1][1][0]
    body = {"revision": revision, "value": option}
    return desk.client.put(f"/attempts/{code}/responses/{position}", json=body, headers={"X-CSRFToken": desk.token})


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_page_holds_the_open_question_and_nothing_of_any_other(app: Flask, clock: Clock) -> None:
    desk, _, code = begun(app, **SEQUENTIAL)
    words = texts(app, code)
    for number in range(3):
        for path in (f"/attempts/{code}", f"/attempts/{code}?step=2&page=3"):
            page = desk.get(path).text
            assert [text in page for text in words] == [n == number for n in range(3)]
            assert re.findall(r'data-position="(\w+)"', page) == [str(number + 1)]
        ending = desk.get(f"/attempts/{code}/submission").text
        assert not any(text in ending for text in words)
        assert desk.post(f"/attempts/{code}/step", step=str(number)).location == f"/attempts/{code}"
    page = desk.get(f"/attempts/{code}").text
    assert re.findall(r'data-position="(\w+)"', page) == ["prediction"]
    assert desk.post(f"/attempts/{code}/step", step="3").location == f"/attempts/{code}/submission"


def test_saves_ahead_and_behind_are_answered_by_their_own_codes(app: Flask, clock: Clock) -> None:
    desk, _, code = begun(app, **SEQUENTIAL)
    ahead = put(desk, app, code, 3)
    assert (ahead.status_code, ahead.json["code"], "kept" in ahead.json) == (409, "not-yet", False)
    assert put(desk, app, code, 1).status_code == 200
    desk.post(f"/attempts/{code}/step", step="0")
    clock.advance(seconds=1)
    left = put(desk, app, code, 1, revision=2)
    assert (left.status_code, left.json["code"], left.json["kept"]) == (409, "left", True)
    assert put(desk, app, code, 1).status_code == 200  # what was acknowledged is, again
    assert (count(app, Response), count(app, LateResponse)) == (1, 1)


def test_plain_form_saves_what_it_carries_and_goes_on(app: Flask, clock: Clock) -> None:
    desk, _, code = begun(app, **SEQUENTIAL)
    page = desk.get(f"/attempts/{code}").text
    assert f'formaction="/attempts/{code}/step"' in page
    given = {"revision-1": "0", "response-1": paper_of(app, code)[0][1][0], "step": "0"}
    for _ in range(2):  # twice clicked is once gone on
        assert desk.post(f"/attempts/{code}/step", **given).status_code == 303
    assert count(app, Response) == 1
    assert re.findall(r'data-position="(\w+)"', desk.get(f"/attempts/{code}").text) == ["2"]
    assert desk.post(f"/attempts/{code}/step", step="2").status_code == 409
    for wrong in ("", "x", "-1", "9"):
        assert desk.post(f"/attempts/{code}/step", step=wrong).status_code == 422


def test_step_as_json_says_where_one_stands(app: Flask, clock: Clock) -> None:
    desk, _, code = begun(app, **SEQUENTIAL)
    answer = desk.client.post(f"/attempts/{code}/step", json={"step": 0}, headers={"X-CSRFToken": desk.token})
    assert (answer.status_code, answer.json["step"], answer.json["steps"]) == (200, 1, 4)
    assert answer.json["step_ends_at"].startswith("2026-")
    for wrong in ({"step": "0"}, {"step": True}, {}, [], None):
        answer = desk.client.post(f"/attempts/{code}/step", json=wrong, headers={"X-CSRFToken": desk.token})
        assert answer.status_code == 422


def test_time_of_a_question_that_is_over_waits_before_the_next(app: Flask, clock: Clock) -> None:
    desk, _, code = begun(app, **SEQUENTIAL)
    words = texts(app, code)
    clock.advance(seconds=30)
    page = desk.get(f"/attempts/{code}").text
    assert "Hết giờ câu này" in page
    assert "Câu sau có 30 giây." in page
    assert not any(text in page for text in words)
    assert desk.post(f"/attempts/{code}/step", step="0", over="1").status_code == 303
    assert words[1] in desk.get(f"/attempts/{code}").text
    desk.post(f"/attempts/{code}/step", step="1", over="1")  # a clock that is ahead of the server's
    assert words[1] in desk.get(f"/attempts/{code}").text


def test_answer_that_comes_too_late_for_its_question_is_told(app: Flask, clock: Clock) -> None:
    desk, _, code = begun(app, **SEQUENTIAL)
    told = "Câu này đã qua"
    given = {"revision-1": "0", "response-1": paper_of(app, code)[0][1][0], "step": "0"}
    for _ in range(2):  # what was saved is left twice without a word
        desk.post(f"/attempts/{code}/step", **given)
        assert told not in desk.get(f"/attempts/{code}").text
    clock.advance(seconds=50)
    desk.post(f"/attempts/{code}/step", **{"revision-2": "0", "step": "1"})  # nothing was given, and nothing is lost
    assert told not in desk.get(f"/attempts/{code}").text
    clock.advance(seconds=50)
    late = {"revision-3": "0", "response-3": paper_of(app, code)[2][1][0], "step": "2"}
    answer = desk.post(f"/attempts/{code}/step", **late)
    page = desk.get(answer.location).text
    assert told in page
    assert re.findall(r'data-position="(\w+)"', page) == ["prediction"]  # told, and gone on
    assert (count(app, Response), count(app, LateResponse)) == (1, 1)


def test_try_tells_of_an_answer_that_comes_too_late_as_an_attempt_does(app: Flask, clock: Clock) -> None:
    with app.app_context():
        people.organisation()
        round_code = people.contest(lines=THREE, rounds=(SEQUENTIAL,))[0]
    desk = desk_of(app, people.organiser)
    tried = desk.post(f"/manage/contests/cuoc-thi/rounds/{round_code}/tryouts").location
    with app.app_context():
        first = db.session.scalars(sa.select(Tryout.paper)).one()[0]
    given = {"revision-1": "0", "response-1": first[1][0]}
    desk.post(f"{tried}/step", **given, step="0")
    assert "Câu này đã qua" not in desk.get(tried).text
    for path in ("step", "responses"):
        desk.post(f"{tried}/{path}", **given | {"revision-1": "1", "response-1": first[1][1]}, step="0")
        assert "Câu này đã qua" in desk.get(tried).text


def test_section_whose_time_is_over_is_the_last_for_page_and_step_alike(app: Flask, clock: Clock) -> None:
    one = {"sections": [{"title": "Phần I", "minutes": 5}], "navigation": "sequential"}
    lines = ({"topic_id": None, "difficulty": None, "count": 3, "section": 1},)
    desk, _, code = begun(app, lines, **one, prediction=None, criteria=["correct"])
    clock.advance(seconds=301)
    assert "data-last" in desk.get(f"/attempts/{code}").text
    assert desk.post(f"/attempts/{code}/step", step="0").location == f"/attempts/{code}/submission"


def test_sections_show_their_titles_their_numbers_and_their_time(app: Flask, clock: Clock) -> None:
    desk, _, code = begun(app, LINES, **PARTS)
    page = desk.get(f"/attempts/{code}").text
    assert re.findall(r'data-position="(\w+)"', page) == ["1", "2"]
    for told in ("Phần 1/2", "Phần I. Chung", "Phần này còn", "Sang phần 2"):
        assert told in page
    assert "Phần II. Luật" not in page
    desk.post(f"/attempts/{code}/step", step="0")
    page = desk.get(f"/attempts/{code}").text
    assert re.findall(r'data-position="(\w+)"', page) == ["3", "4"]
    assert ("Phần II. Luật" in page, "Phần I. Chung" in page) == (True, False)


def test_course_is_told_before_the_start(app: Flask, clock: Clock) -> None:
    with app.app_context():
        people.organisation()
        code = people.contest(lines=LINES, rounds=({**PARTS, **SEQUENTIAL, "least_minutes": 10},))[0]
        people.name_publicly(people.contest_id(), people.member("m1"))
    page = desk_of(app, lambda: people.actor("m1")).get(f"/rounds/{code}").text
    for told in (
        "Đề có 2 phần: Phần I. Chung (5 phút); Phần II. Luật (10 phút).",
        "Làm lần lượt từng câu, sang câu sau rồi thì không quay lại được.",
        "Mỗi câu có 30 giây, tính từ lúc câu ấy mở ra.",
        "Nộp bài sớm nhất sau 10 phút.",
    ):
        assert told in page
    assert "Được quay lại sửa" not in page


def test_submission_before_the_least_time_is_refused_with_the_time_from_which_it_may_be(
    app: Flask, clock: Clock
) -> None:
    desk, _, code = begun(app, least_minutes=10)
    page = desk.get(f"/attempts/{code}/submission").text
    assert "Vòng này cho nộp sớm nhất lúc" in page
    assert 'id="submission"' not in page
    early = desk.post(f"/attempts/{code}/submission")
    assert (early.status_code, "Vòng này cho nộp sớm nhất lúc" in early.text) == (409, True)
    clock.advance(minutes=10)
    assert 'id="submission"' in desk.get(f"/attempts/{code}/submission").text
    assert desk.post(f"/attempts/{code}/submission").location == f"/attempts/{code}/receipt"


@pytest.mark.parametrize(("layout", "offered"), [("choice", True), ("one", False), ("all", False)])
def test_round_may_say_how_questions_are_shown(app: Flask, clock: Clock, layout: str, offered: bool) -> None:
    desk, _, code = begun(app, layout=layout)
    page = desk.get(f"/attempts/{code}").text
    assert ("data-paper-views" in page) is offered
    assert (f'data-layout="{layout}"' in page) is not offered


def test_course_is_set_up_on_the_page_of_a_round_and_shown_again(app: Flask, clock: Clock) -> None:
    drafted(app)
    desk = desk_of(app, lambda: people.organiser("toa", unit="A"))
    code = draft_code(app)
    course = {"navigation": "sequential", "question_seconds": "45", "least_minutes": "2", "layout": "one"}
    parts = {"section-title": ["Phần I", "Phần II"], "section-minutes": ["5", ""]}
    lines = {"line-topic": ["", ""], "line-difficulty": ["", ""], "line-count": ["1", "2"], "line-section": ["2", "1"]}
    given = {**{k: v for k, v in ROUND.items() if not k.startswith("line")}, **course, **parts, **lines}
    assert desk.post(f"{HERE}/rounds/{code}", **given, version="3").status_code == 303
    with app.app_context():
        row = db.session.scalars(sa.select(Round)).one()
        assert (row.navigation, row.question_seconds, row.least_minutes, row.layout) == ("sequential", 45, 2, "one")
        assert row.sections == [{"title": "Phần I", "minutes": 5}, {"title": "Phần II"}]
    page = desk.get(f"{HERE}/rounds/{code}").text
    assert 'name="section-title" value="Phần II"' in page
    assert 'name="question_seconds"' in page


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"question_seconds": "30"}, "Chỉ giới hạn được thời gian mỗi câu khi làm lần lượt từng câu."),
        ({"least_minutes": "60"}, "Thời gian tối thiểu phải ít hơn"),
        (
            {"navigation": "sequential", "layout": "all"},
            "Làm lần lượt từng câu thì không hiện cả đề trên một trang được.",
        ),
        ({"section-title": ["Phần I"], "section-minutes": ["x"], "line-section": ["1"]}, "Số phút của phần 1"),
        (
            {"section-title": ["Phần I", "Phần I"], "section-minutes": ["", ""], "line-section": ["1"]},
            "Có hai phần cùng tên",
        ),
        ({"section-title": ["Phần I"], "section-minutes": [""], "line-section": [""]}, "chưa có câu nào"),
        (
            {"section-title": ["Phần I"], "section-minutes": ["90"], "line-section": ["1"]},
            "Các phần cộng lại là 90 phút",
        ),
    ],
)
def test_course_that_contradicts_itself_keeps_what_was_typed(app: Flask, clock: Clock, wrong: Any, told: str) -> None:
    drafted(app)
    desk = desk_of(app, lambda: people.organiser("toa", unit="A"))
    answer = desk.post(f"{HERE}/rounds/{draft_code(app)}", **{**ROUND, **wrong}, version="3")
    assert answer.status_code == 422
    assert told in html.unescape(answer.text)
    for name in ("question_seconds", "least_minutes"):
        if name in wrong:
            assert f'value="{wrong[name]}"' in answer.text
