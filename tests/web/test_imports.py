"""Imports over HTTP: every question of a file can be seen and chosen without a script, and an import is undone in two steps."""

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from contest.formats.aiken import write_aiken
from contest.formats.old_codes import OldCode
from contest.formats.tables import write_questions
from contest.rules.import_terms import Fate
from contest.services.banks import likenesses, previews
from tests import people
from tests.conftest import Clock
from tests.formats.test_old_codes import old
from tests.services.test_imports import FILE, FIRST, SECOND, said
from tests.services.test_likenesses import DRAFTS
from tests.web.test_banks import stored
from tests.web.test_people import Desk, figures

BANK = "/manage/banks/nganhang"


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> Flask:
    with app.app_context():
        people.organisation()
        people.bank("nganhang", [FIRST, SECOND])
    return app


@pytest.fixture
def author(house: Flask) -> Desk:
    with house.app_context():
        return Desk(house, people.author())


@pytest.fixture
def reviewer(house: Flask) -> Desk:
    with house.app_context():
        return Desk(house, people.reviewer())


def uploaded(desk: Desk, drafts: Any = FILE) -> str:
    return desk.upload(f"{BANK}/import", write_questions(drafts, format="xlsx"), "cau-hoi.xlsx")


def ticks(page: Any) -> dict[int, bool]:
    """Return position → whether it is ticked, of the questions of a page."""
    boxes = re.findall(r'name="take" value="(\d+)"( checked)?', page.text)
    return {int(position): bool(checked) for position, checked in boxes}


def hidden(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return found[1]


# Choosing


def test_groups_come_in_the_order_to_look_at_them_and_what_contradicts_is_not_ticked(author: Desk) -> None:
    job = uploaded(author)
    page = author.get(job)
    assert re.findall(r'name="to" value="(\w+)\.1"', page.text) == [fate.value for fate in Fate]
    assert ticks(page) == {3: False}
    assert "So với câu đã có" in page.text
    assert f'href="{BANK}/questions/C-0001"' in page.text
    assert ticks(author.get(f"{job}?group=near")) == {4: True}
    assert ticks(author.get(f"{job}?group=unchanged")) == {}
    assert figures(page)["trái đáp án"] == 1


def test_question_is_shown_as_members_see_it_with_its_key_marked(author: Desk) -> None:
    page = author.get(f"{uploaded(author)}?group=new").text
    assert FILE[4].text in page
    assert len(re.findall(r'class="option is-right"', page)) == 1
    assert len(re.findall(r'class="option"', page)) == 3


def test_change_is_shown_with_what_was_put_in(author: Desk) -> None:
    page = author.get(f"{uploaded(author)}?group=changed").text
    assert re.search(r"<ins[^>]*>.*Rõ hơn", page, re.S)


def test_every_question_can_be_seen_and_ticks_hold_across_pages(
    author: Desk, house: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "PAGE", 3)
    new = [said(100 + n, f"{'ABCDEFGHIJ'[n]}{n} nghĩa là gì trong {'xyzuvwstrq'[n]} {n * 7}?") for n in range(7)]
    job = uploaded(author, new)
    assert [list(ticks(author.get(f"{job}?page={n}"))) for n in (1, 2, 3, 4)] == [[1, 2, 3], [4, 5, 6], [7], [7]]
    form = {"group": "new", "page": "1", "shown": ["1", "2", "3"], "take": ["2"], "to": "new.2"}
    answer = author.post(f"{job}/choices", **form)
    assert answer.headers["Location"] == f"{job}?group=new&page=2"
    assert ticks(author.get(job)) == {1: False, 2: True, 3: False}
    assert ticks(author.get(f"{job}?page=2")) == {4: True, 5: True, 6: True}
    # what is confirmed is what is ticked on the page that is sent, and on the others as they were left
    done = author.post(f"{job}/confirmation", shown=["4", "5", "6"], take=["6"])
    from contest import worker

    worker.run_once(house)
    page = author.get(done.headers["Location"])
    assert (figures(page)["câu mới"], "Đã nhập xong." in page.text) == (3, True)
    assert [code for code, *_ in stored(house)] == ["C-0001", "C-0002", "C-0101", "C-0105", "C-0106"]


def test_group_is_taken_and_left_as_a_whole(author: Desk) -> None:
    job = uploaded(author)
    author.post(f"{job}/choices", group="contradicting", page="1", shown="3", all="contradicting.1")
    author.post(f"{job}/choices", group="new", page="1", shown="5", take="5", all="new.0")
    assert (ticks(author.get(job)), ticks(author.get(f"{job}?group=new"))) == ({3: True}, {5: False})
    assert author.post(f"{job}/choices", all="khong-co.1").status_code == 422


def test_nothing_chosen_is_said_and_imports_nothing(author: Desk, house: Flask) -> None:
    job = uploaded(author, FILE[4:])
    answer = author.post(f"{job}/confirmation", shown="1")
    assert (answer.status_code, "Chưa chọn câu nào để nhập." in answer.text) == (422, True)
    assert ticks(answer) == {1: False}
    assert len(stored(house)) == 2


def test_preview_and_its_choices_are_their_owners_alone(author: Desk, house: Flask) -> None:
    job = uploaded(author)
    with house.app_context():
        other = Desk(house, people.author("khac"))
    assert other.get(job).status_code == 404
    for path in ("choices", "confirmation", "conversion"):
        assert other.post(f"{job}/{path}", shown="3", take="3").status_code == 404
    assert ticks(author.get(job)) == {3: False}


# Old code pages


@pytest.mark.parametrize("code", OldCode)
def test_file_in_an_old_code_page_is_converted_once_somebody_agrees(author: Desk, code: OldCode) -> None:
    text = FILE[4].text.replace("2024", "mới")
    plain = [replace(o, text=f"Mức {n}") for n, o in enumerate(FILE[4].options)]
    data, _ = write_aiken([replace(FILE[4], code=None, text=text, options=tuple(plain))])
    job = author.upload(f"{BANK}/import", old(data.decode(), code).encode("latin-1"), "cau-hoi.txt")
    page = author.get(job)
    assert figures(page)["câu mới"] == 0
    assert f"Sau khi chuyển: {text}" in page.text
    again = author.order(f"{job}/conversion")
    page = author.get(again)
    assert (figures(page)["câu mới"], text in page.text) == (1, True)
    assert "Đã chuyển chữ từ bảng mã cũ" in page.text
    assert author.post(f"{again}/conversion").status_code == 404  # there is nothing left to convert


# Undoing


def test_import_is_undone_after_naming_what_stays(author: Desk, reviewer: Desk, house: Flask) -> None:
    author.confirm(uploaded(author))
    reviewer.post(f"{BANK}/approvals", question="C-0009")
    assert "cau-hoi.xlsx" in author.get(f"{BANK}/imports").text
    page = author.get(f"{BANK}/imports/1")
    assert "1 câu sẽ để nguyên nếu hoàn tác" in page.text
    assert re.search(r"C-0009</a>.*?Đã được duyệt", page.text, re.S)
    assert "1 câu sẽ trở lại bản trước" in page.text
    answer = author.post(f"{BANK}/imports/1/undoing", seen=hidden(page, "seen"))
    assert answer.status_code == 303
    page = author.get(f"{BANK}/imports/1").text
    assert "Đã bỏ 1 câu, trả lại bản trước của 1 câu, để nguyên 1 câu." in page
    assert 'name="seen"' not in page
    assert [code for code, *_ in stored(house) if code.startswith("M")] == ["M-2"]  # the version stays in the history
    assert author.get(f"{BANK}/questions/M-2").status_code == 404
    assert "M-2" not in author.get(BANK).text


def test_undoing_what_was_not_seen_is_refused_with_what_there_is_now(author: Desk) -> None:
    author.confirm(uploaded(author))
    answer = author.post(f"{BANK}/imports/1/undoing", seen="cũ")
    assert (answer.status_code, "Có người vừa sửa mục này." in answer.text) == (409, True)
    assert 'name="seen"' in answer.text


def test_reviewer_sees_imports_and_undoes_none(author: Desk, reviewer: Desk) -> None:
    author.confirm(uploaded(author))
    page = reviewer.get(f"{BANK}/imports/1")
    assert (page.status_code, 'name="seen"' in page.text) == (200, False)
    assert reviewer.post(f"{BANK}/imports/1/undoing", seen="x").status_code == 403
    assert author.get(f"{BANK}/imports/2").status_code == 404


# Alike questions


@pytest.fixture
def alike(house: Flask) -> str:
    with house.app_context():
        people.bank("giong", DRAFTS)
    return "/manage/banks/giong"


def test_pairs_are_searched_told_apart_and_retired(alike: str, author: Desk, reviewer: Desk) -> None:
    assert "Chưa tìm lần nào." in author.get(f"{alike}/alike").text
    assert author.post(f"{alike}/alike/searches").headers["Location"] == f"{alike}/alike"
    page = author.get(f"{alike}/alike").text
    assert "Còn 4 cặp" in page
    assert "Trùng lời, khác đáp án" in page
    assert "Ngừng dùng C-0001" not in page  # that is for reviewers
    assert "(4)" in author.get(alike).text
    author.post(f"{alike}/alike/distinctions", first="C-0002", second="C-0004", page="1")
    assert reviewer.post(f"{alike}/alike/retirements", question="C-0003", page="1").status_code == 303
    page = reviewer.get(f"{alike}/alike").text
    assert ("Còn 1 cặp" in page, "Ngân hàng đã thay đổi" in page, "C-0002, C-0004" in page) == (True, True, True)
    assert author.post(f"{alike}/alike/retirements", question="C-0001").status_code == 403


def test_large_bank_is_searched_by_a_job(alike: str, author: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likenesses, "AT_ONCE", 3)
    job = author.order(f"{alike}/alike/searches")
    assert "Tìm được 4 cặp câu." in author.get(job).text
    assert "Còn 4 cặp" in author.get(f"{alike}/alike").text


def test_question_that_a_running_round_needs_is_not_retired_from_here(
    alike: str, author: Desk, reviewer: Desk, house: Flask
) -> None:
    author.post(f"{alike}/alike/searches")
    with house.app_context():
        from contest.services.banks import exchange

        people.contest("cuoc-thi", bank_id=exchange.find_bank("giong"))
    answers = [reviewer.post(f"{alike}/alike/retirements", question=f"C-000{n}") for n in range(1, 7)]
    assert answers[-1].status_code == 409
    assert "sẽ thiếu" in answers[-1].text
