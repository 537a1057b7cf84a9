"""Banks over HTTP: write, review, approve, two editors at once, files in and out; nobody else sees a key."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db, transaction
from contest.formats.aiken import write_aiken
from contest.formats.drafts import Problem, QuestionDraft
from contest.formats.gift import write_gift
from contest.formats.moodle import write_moodle
from contest.formats.tables import write_questions
from contest.models.banks import Bank, Question, QuestionVersion
from contest.models.keys import AnswerKey
from contest.models.organisation import Organisation
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import Kind
from contest.services.banks import browsing
from tests import people
from tests.conftest import Clock
from tests.formats.documents import document, question
from tests.tables import snapshot
from tests.web.test_people import Desk, bare, figures

# What an upload leaves whatever is in it: the file, the job, and what the log says of them.
UPLOADED = frozenset({"audit_entries", "audit_sealed", "audit_seals", "file_parts", "files", "jobs"})
Writer = Callable[[Sequence[QuestionDraft]], tuple[bytes, tuple[Problem, ...]]]

BANK = "/manage/banks/nganhang"
CANARY = "chim-hoang-yen-trong-dap-an"


@pytest.fixture
def house(app: Flask, clock: Clock) -> Flask:
    with app.app_context():
        people.organisation()
        people.bank("nganhang", [people.question(n, explanation=CANARY) for n in (1, 2)])
    return app


@pytest.fixture
def author(house: Flask) -> Desk:
    with house.app_context():
        return Desk(house, people.author())


@pytest.fixture
def reviewer(house: Flask) -> Desk:
    with house.app_context():
        return Desk(house, people.reviewer())


def form(**values: Any) -> dict[str, Any]:
    given = {
        "kind": "single_choice",
        "text": "Ai là tác giả của bài ca này?",
        "option": ["Người thứ nhất", "Người thứ hai", "", ""],
        "right": "1",
        "topic": "Lịch sử / Công đoàn",
        "difficulty": "recall",
        "source": "Điều 5",
        "effective_on": "01/07/2025",
        "explanation": "Vì vậy",
        "tags": "một, hai",
    }
    return {**given, **values}


def stored(app: Flask) -> list[tuple[str, int, str]]:
    query = sa.select(Question.code, QuestionVersion.number, QuestionVersion.state).join(
        QuestionVersion, QuestionVersion.question_id == Question.id
    )
    with app.app_context():
        return [tuple(r) for r in db.session.execute(query.order_by(Question.code, QuestionVersion.number))]


def test_question_is_written_reviewed_and_approved_by_another(
    house: Flask, database: str, author: Desk, reviewer: Desk
) -> None:
    answer = author.post(f"{BANK}/questions/new", **form(go="submit"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BANK}/questions/C-0003")
    assert author.post(f"{BANK}/approvals", question="C-0003").status_code == 403
    assert reviewer.post(f"{BANK}/questions/C-0003/steps", verb="return", remark="Thiếu căn cứ").status_code == 303
    assert "Thiếu căn cứ" in author.get(f"{BANK}/questions/C-0003").text
    assert author.post(f"{BANK}/questions/C-0003/steps", verb="submit").status_code == 303
    assert reviewer.post(f"{BANK}/approvals", question="C-0003").status_code == 303
    assert stored(house)[-1] == ("C-0003", 1, "approved")
    with house.app_context():
        draft = browsing.get_question("nganhang", "C-0003", by=SYSTEM).draft
    assert (draft.topic, draft.tags, str(draft.effective_on)) == (
        ("Lịch sử", "Công đoàn"),
        ("một", "hai"),
        "2025-07-01",
    )
    assert [(o.text, int(o.weight)) for o in draft.options] == [("Người thứ nhất", 0), ("Người thứ hai", 1)]


@pytest.mark.parametrize(("four_eyes", "status"), [(True, 403), (False, 303)])
def test_own_question_is_approved_only_where_one_pair_of_eyes_is_enough(
    house: Flask, four_eyes: bool, status: int
) -> None:
    with house.app_context():
        organiser = Desk(house, people.organiser())
        with transaction():
            db.session.execute(sa.update(Organisation).values(four_eyes=four_eyes))
    organiser.post(f"{BANK}/questions/new", **form(go="submit"))
    answer = organiser.post(f"{BANK}/approvals", question="C-0003")
    assert answer.status_code == status
    assert ("Câu hỏi cần người thứ hai duyệt" in answer.text) == four_eyes


def test_second_of_two_editors_keeps_what_was_typed(house: Flask, author: Desk) -> None:
    page = author.get(f"{BANK}/questions/C-0001").text
    assert 'name="version" value="1"' in page
    assert author.post(f"{BANK}/questions/C-0001", **form(version="1", source="Bản thứ nhất")).status_code == 303
    late = author.post(f"{BANK}/questions/C-0001", **form(version="1", source="Bản thứ hai"))
    assert late.status_code == 409
    assert "Có người vừa sửa mục này." in late.text
    assert 'value="Bản thứ hai"' in late.text
    assert 'value="Người thứ nhất"' in late.text
    assert [s[:2] for s in stored(house)] == [("C-0001", 1), ("C-0001", 2), ("C-0002", 1)]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"text": ""}, "Mục này còn để trống."),
        ({"right": ""}, "Chưa chọn phương án đúng."),
        ({"right": ["0", "1"]}, "Câu hỏi này cần đúng một phương án đúng, hiện có 2."),
        ({"option": ["Một mình"], "right": "0"}, "Câu hỏi cần ít nhất 2 phương án."),
        ({"option": ["Giống", "Giống"], "right": "0"}, "Phương án này giống phương án thứ 1."),
        ({"option": ["Một", "Hai", ""], "right": "2"}, "Mục này còn để trống."),
        ({"effective_on": "31/02/2025"}, "Ngày không có thật"),
        ({"code": "C-0001"}, "Mã câu này đã có trong ngân hàng."),
        ({"option": ["Ngắn", "x" * 1001], "right": "0"}, "Dài quá 1.000 ký tự."),
        ({"option": ["Ngắn", "có\x07chuông"], "right": "0"}, "ký tự"),
        ({"option": [f"Phương án {n}" for n in range(27)], "right": "0"}, "Một câu hỏi có nhiều nhất 26 phương án."),
    ],
)
def test_malformed_question_is_refused_and_kept_as_typed(
    house: Flask, author: Desk, values: dict[str, Any], said: str
) -> None:
    answer = author.post(f"{BANK}/questions/new", **form(**values))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert 'value="Điều 5"' in answer.text
    typed = [o for o in form(**values)["option"] if o]
    assert [o for o in re.findall(r'name="option" value="([^"]*)"', answer.text) if o] == typed
    assert len(stored(house)) == 2


def test_question_of_many_options_is_edited_whole(house: Flask, author: Desk) -> None:
    texts = [f"Phương án {n}" for n in range(12)]
    author.post(f"{BANK}/questions/new", **form(option=texts, right="11"))
    page = author.get(f"{BANK}/questions/C-0003").text
    assert re.findall(r'name="option" value="([^"]*)"', page) == [*texts, ""]
    assert re.findall(r'name="right" value="(\d+)"[^>]*checked', page) == ["11"]


def test_saving_a_question_untouched_keeps_its_options(house: Flask, author: Desk) -> None:
    page = author.get(f"{BANK}/questions/C-0001").text
    options = re.findall(r'name="option" value="([^"]*)"', page)
    right = re.findall(r'name="right" value="(\d)"[^>]*checked', page)
    assert ([o for o in options if o], right) == ([f"Phương án {x} của câu 1" for x in "ABCD"], ["0"])
    author.post(f"{BANK}/questions/C-0001", **form(option=options, right=right, version="1"))
    with house.app_context():
        weights = [
            list(k.weights.values()) for k in db.session.scalars(sa.select(AnswerKey).order_by(AnswerKey.version_id))
        ]
    assert weights[0] == weights[-1] == ["1", "0", "0", "0"]


def test_preview_warns_of_a_likeness_and_stores_nothing(house: Flask, author: Desk) -> None:
    before = stored(house)
    answer = author.post(f"{BANK}/questions/preview", **form(text="Nội dung của câu hỏi số 1?", own="C-0002"))
    assert (answer.status_code, "C-0001" in answer.text) == (200, True)
    assert stored(house) == before


def test_comment_is_shown_beside_its_version(house: Flask, database: str, author: Desk, reviewer: Desk) -> None:
    path = f"{BANK}/questions/C-0001"
    answer = reviewer.post(f"{path}/versions/1/comments", comment="Căn cứ <b>nào</b>?")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}#version-1")
    author.post(path, **form(version="1"))
    page = author.get(path).text
    newer, older = page.split('id="version-1"')
    assert ("Căn cứ &lt;b&gt;nào&lt;/b&gt;?" in newer, "Căn cứ &lt;b&gt;nào&lt;/b&gt;?" in older) == (False, True)
    assert "versions/2/comments" in newer


@pytest.mark.parametrize(("typed", "said"), [("", "Mục này còn để trống."), ("dài " * 600, "Dài quá 2.000 ký tự.")])
def test_refused_comment_is_kept_as_typed(house: Flask, author: Desk, typed: str, said: str) -> None:
    path = f"{BANK}/questions/C-0001"
    answer = author.post(f"{path}/versions/1/comments", comment=typed)
    assert (answer.status_code, said in answer.text, typed.strip() in answer.text) == (422, True, True)
    assert "Nội dung của câu hỏi số 1?" in answer.text  # the question is there as it is stored


def test_two_versions_are_shown_with_what_changed(house: Flask, database: str, author: Desk) -> None:
    path = f"{BANK}/questions/C-0001"
    author.post(path, **form(version="1", text="Nội dung <mới> của câu hỏi số 1?"))
    page = author.get(f"{path}/differences").text
    assert re.search(r"Nội dung<ins[^>]*><span[^>]*>\[thêm\] </span> &lt;mới&gt;<span", page)
    assert re.search(r"<del[^>]*><span[^>]*>\[bỏ\] </span>Phương án A của câu 1<span", page)
    assert bare(author.get(f"{path}/differences?before=1&after=2")) == bare(author.get(f"{path}/differences"))
    assert '<del class="taken-out"><span' not in author.get(f"{path}/differences?before=2&after=2").text
    assert "Hai phiên bản này giống hệt nhau." in author.get(f"{path}/differences?before=2&after=2").text
    for bad in ("before=0", "after=9", "after=x", "before=-1", "after=%00", "before=99999999999999"):
        assert author.get(f"{path}/differences?{bad}").status_code == 404


def test_how_often_a_question_was_drawn_is_for_those_who_see_keys(
    house: Flask, database: str, clock: Clock, author: Desk
) -> None:
    with house.app_context():
        lines = [{"topic_id": None, "difficulty": None, "count": 2}]
        bank_id = db.session.scalars(sa.select(Bank.id)).one()
        (code,) = people.contest(bank_id=bank_id, lines=lines)
        takers = [people.member(f"m{n}") for n in range(3)]
        for who in takers:
            people.attempt(code, who)
        others = [Desk(house, people.judge()), Desk(house, people.auditor()), Desk(house, takers[0])]
    assert "Chưa có trong đề nào." in author.get(f"{BANK}/questions/C-0001").text
    for _ in range(2):
        worker.run_once(house)
        clock.advance(minutes=1)
    assert "Đã có trong 3 đề" in author.get(f"{BANK}/questions/C-0001").text
    assert author.get(BANK).text.count('<td data-label="Số đề" class="table__number">3</td>') == 2
    for desk in others:
        assert {desk.get(path).status_code for path in (BANK, f"{BANK}/questions/C-0001")} == {403}


def test_question_that_a_running_round_needs_is_not_retired(house: Flask, reviewer: Desk) -> None:
    with house.app_context():
        bank_id = db.session.scalars(sa.select(Bank.id)).one()
        people.contest(bank_id=bank_id, lines=[{"topic_id": None, "difficulty": None, "count": 2}])
    answer = reviewer.post(f"{BANK}/retirements", question="C-0002")
    assert answer.status_code == 409
    assert "Tuần 1 (Cuộc thi cuoc-thi) chưa đóng và sẽ thiếu 1 câu để ra đề." in answer.text
    assert re.findall(r'name="question" value="(C-\d+)"[^>]*checked', answer.text) == ["C-0002"]
    page = reviewer.get(f"{BANK}/questions/C-0002").text
    assert "Đề thi đang lấy phiên bản 1 của câu này:" in page
    assert "Tuần 1 (Cuộc thi cuoc-thi). " in page


def test_amended_source_shows_on_question_list_and_contest_until_confirmed(
    house: Flask, database: str, author: Desk, reviewer: Desk
) -> None:
    with house.app_context():
        bank_id = people.bank("luat", [people.question(n, source="Điều 5 <Luật>") for n in range(1, 4)])
        people.contest(bank_id=bank_id)
        organiser = Desk(house, people.organiser())
    luat, question = "/manage/banks/luat", "/manage/banks/luat/questions/C-0002"
    sent = {"source": "Điều 5 <Luật>", "change": "amended", "changed_on": "01/07/2025", "note": "Luật mới"}
    refused = author.post(f"{luat}/sources", **{**sent, "changed_on": ""})
    assert (refused.status_code, 'value="Luật mới"' in refused.text) == (422, True)
    assert re.findall(r'name="source" value="([^"]*)"[^>]*checked', refused.text) == ["Điều 5 &lt;Luật&gt;"]
    assert author.post(f"{luat}/sources", **{**sent, "change": "x"}).status_code == 422
    assert "Chưa đánh dấu căn cứ nào." in author.post(f"{luat}/sources", **{**sent, "source": []}).text
    assert 'action="/manage/banks/luat/sources?q=dieu"' in author.get(f"{luat}/sources?q=dieu").text
    assert author.post(f"{luat}/sources", **sent).status_code == 303
    page = author.get(question).text
    assert "Căn cứ của câu này: đã được sửa đổi từ" in page
    assert "source-confirmation" not in page  # confirming is the reviewer's
    assert author.post(f"{question}/source-confirmation", mark="1").status_code == 403
    contest = organiser.get("/manage/contests/cuoc-thi").text
    assert "Đề có thể lấy câu có căn cứ đã sửa đổi hoặc bãi bỏ." in contest
    assert "Tuần 1: 3 câu. " in contest
    listed = re.findall(r'questions/(C-\d+)"', author.get(f"{luat}?state=doubtful").text)
    assert listed == ["C-0001", "C-0002", "C-0003"]
    (mark,) = re.findall(r'name="mark" value="(\d+)"', reviewer.get(question).text)
    assert reviewer.post(f"{question}/source-confirmation", mark=mark).status_code == 303
    assert "Căn cứ của câu này" not in reviewer.get(question).text
    listed = re.findall(r'questions/(C-\d+)"', author.get(f"{luat}?state=doubtful").text)
    assert listed == ["C-0001", "C-0003"]
    assert "2 câu cần xem lại" in author.get(f"{luat}/sources").text


PAYLOAD = "<img src=x onerror=alert(1)>\"'{{7*7}}${7*7}"


def test_content_is_shown_literally(house: Flask, author: Desk, reviewer: Desk) -> None:
    values = form(text=PAYLOAD, option=[PAYLOAD, "Khác"], right="0", source=PAYLOAD, explanation=PAYLOAD, go="submit")
    location = author.post(f"{BANK}/questions/new", **{**values, "tags": PAYLOAD, "topic": "Chủ đề"}).headers[
        "Location"
    ]
    pages = [author.get(location).text, author.get(BANK).text, reviewer.get(location).text]
    pages.append(author.post(f"{BANK}/questions/preview", **values).text)
    for page in pages:
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        assert "{{7*7}}" in page


# Who sees a bank


ROLES: dict[str, Callable[[], Actor]] = {
    "member": lambda: people.member("tv"),
    "judge": people.judge,
    "auditor": people.auditor,
    "organiser_of_a_unit": lambda: people.organiser("toa", unit="A"),
}
ROUTES = (
    ("GET", "/manage/banks"),
    ("GET", BANK),
    ("GET", f"{BANK}/questions/C-0001"),
    ("POST", f"{BANK}/questions/C-0001"),
    ("POST", f"{BANK}/questions/C-0001/versions/1/comments"),
    ("GET", f"{BANK}/questions/C-0001/differences"),
    ("GET", f"{BANK}/sources"),
    ("POST", f"{BANK}/sources"),
    ("POST", f"{BANK}/questions/C-0001/source-confirmation"),
    ("POST", f"{BANK}/questions/preview"),
    ("POST", f"{BANK}/approvals"),
    ("POST", f"{BANK}/retirements"),
    ("POST", f"{BANK}/exports"),
    ("POST", f"{BANK}/import"),
)


@pytest.mark.parametrize("role", ROLES)
def test_bank_is_closed_to_whoever_neither_writes_nor_reviews(house: Flask, role: str) -> None:
    with house.app_context():
        desk = Desk(house, ROLES[role]())
    before = stored(house)
    sent = {"csrf_token": desk.token, **form(question="C-0001", format="xlsx")}
    answers = [desk.client.open(path, method=method, data=sent) for method, path in ROUTES]
    assert {a.status_code for a in answers} == {403}
    assert [a for a in answers if CANARY in a.text] == []
    assert stored(house) == before


def test_other_bank_does_not_exist_for_whoever_has_one(house: Flask) -> None:
    with house.app_context():
        own = people.bank("rieng")
        from contest.rules.terms import Role

        desk = Desk(house, people.staff("rieng1", Role.AUTHOR, bank_id=own))
    for method, path in (*ROUTES[1:5], ("POST", f"{BANK}/exports"), ("GET", f"{BANK}/import")):
        sent = {"csrf_token": desk.token, **form(format="xlsx")}
        there, missing = (
            desk.client.open(p, method=method, data=sent) for p in (path, path.replace("nganhang", "khong-co"))
        )
        assert (there.status_code, bare(there) == bare(missing)) == (404, True), path
    assert "nganhang" not in desk.get("/manage/banks").text


# Files

NOTHING = dict.fromkeys(
    ("câu mới", "câu thay đổi", "không đổi", "gần giống", "trái đáp án", "cần xem", "có lỗi, không nhập"), 0
)


def test_questions_come_in_by_a_workbook_and_a_second_time_change_nothing(
    house: Flask, database: str, author: Desk
) -> None:
    bad = replace(people.question(9), options=())
    data = write_questions([*(people.question(n) for n in (7, 8)), bad], format="xlsx")
    job = author.upload(f"{BANK}/import", data, "cau-hoi.xlsx")
    page = author.get(job)
    assert figures(page) == {**NOTHING, "câu mới": 2, "có lỗi, không nhập": 1}
    assert "dòng 4" in page.text
    assert len(stored(house)) == 2
    assert "Đã nhập xong." in author.get(author.confirm(job)).text
    assert stored(house)[2:] == [("C-0007", 1, "in_review"), ("C-0008", 1, "in_review")]
    again = figures(author.get(author.upload(f"{BANK}/import", data, "cau-hoi.xlsx")))
    assert (again["câu mới"], again["câu thay đổi"], again["không đổi"]) == (0, 0, 2)


def test_questions_come_in_by_gift(house: Flask, author: Desk) -> None:
    drafts = [people.question(7), people.question(8, Kind.MULTIPLE_CHOICE)]
    data, _ = write_gift([replace(d, difficulty=None) for d in drafts])
    job = author.upload(f"{BANK}/import", data, "cau-hoi.txt")
    assert figures(author.get(job))["câu mới"] == 2
    author.confirm(job)
    assert [s[0] for s in stored(house)] == ["C-0001", "C-0002", "C-0007", "C-0008"]


@pytest.mark.parametrize("write", [write_aiken, write_moodle])
def test_questions_come_in_by_their_content_whatever_the_name(house: Flask, author: Desk, write: Writer) -> None:
    data, _ = write([people.question(7), people.question(8)])
    job = author.upload(f"{BANK}/import", data, "cau-hoi.csv")
    assert figures(author.get(job))["câu mới"] == 2
    author.confirm(job)
    assert len(stored(house)) == 4


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 \x00", "Word (.docx), CSV có dòng tiêu đề, GIFT, Aiken, Moodle XML và QTI (.xml, .zip)"),
        (b"<!DOCTYPE quiz><quiz/>", "Tệp có khai báo XML không an toàn."),
        (b"<quiz>\n<question>", "Dòng 2"),
    ],
)
def test_file_that_is_refused_as_a_whole_changes_nothing(house: Flask, author: Desk, data: bytes, said: str) -> None:
    before = snapshot(house, without=UPLOADED)
    job = author.upload(f"{BANK}/import", data, "cau-hoi.txt")
    page = author.get(job)
    assert said in page.text
    assert (figures(page)["câu mới"], figures(page)["có lỗi, không nhập"]) == (0, 1)
    assert snapshot(house, without=UPLOADED) == before


def test_export_to_aiken_says_what_it_left(house: Flask, author: Desk) -> None:
    with house.app_context():
        people.bank("xuat", [people.question(1), people.question(2, Kind.MULTIPLE_CHOICE)])
    job = author.order("/manage/banks/xuat/exports", format="aiken")
    assert "Aiken không có câu nhiều đáp án: 1 câu không được ghi ra tệp." in author.get(job).text
    file = author.fetch(job)
    assert file.headers["Content-Disposition"] == "attachment; filename=xuat.aiken.txt"
    assert file.data.decode().count("ANSWER: ") == 1


def test_broken_gift_is_told_by_its_line_and_changes_nothing(house: Flask, author: Desk) -> None:
    data = "Câu thứ nhất? {=đúng ~sai}\n\nCâu thứ hai? {=đúng ~sai\n".encode()
    job = author.upload(f"{BANK}/import", data, "cau-hoi.gift")
    page = author.get(job).text
    assert "Dòng 3" in page
    assert "Thiếu dấu { hoặc dấu }." in page
    assert len(stored(house)) == 2


def test_word_list_is_told_by_its_content_and_its_problems_by_paragraph(house: Flask, author: Desk) -> None:
    data = document(*question("B"), *question(number=2))
    for name in ("cau-hoi.docx", "cau-hoi"):
        page = author.get(author.upload(f"{BANK}/import", data, name))
        found = figures(page)
        assert (found["câu mới"], found["có lỗi, không nhập"]) == (1, 1)
        assert "Đoạn 7" in page.text
        assert "Không tìm thấy đáp án." in page.text
    assert len(stored(house)) == 2


def test_old_word_file_is_refused_in_clear_words(author: Desk) -> None:
    page = author.get(
        author.upload(
            f"{BANK}/import", b"\xd0\xcf\x11\xe0" + bytes(600) + "WordDocument".encode("utf-16-le"), "cau-hoi.doc"
        )
    ).text
    assert "lưu lại dạng .docx" in page


@pytest.mark.parametrize("name", ["xlsx", "csv", "gift", "moodle", "docx", "qti21", "qti22", "qti3"])
def test_export_read_again_changes_nothing(house: Flask, author: Desk, name: str) -> None:
    with house.app_context():
        people.bank("xuat", [replace(people.question(n), difficulty=None) for n in range(1, 6)])
    job = author.order("/manage/banks/xuat/exports", format=name)
    file = author.fetch(job)
    assert file.headers["Content-Disposition"].startswith("attachment; filename=xuat.")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    found = figures(author.get(author.upload("/manage/banks/xuat/import", file.data, "lai.txt")))
    assert found == {**NOTHING, "không đổi": 5}


def test_unknown_format_is_not_found(author: Desk) -> None:
    assert author.post(f"{BANK}/exports", format="odt").status_code == 404
