"""Rich questions over HTTP: written with pictures, shown to those who may see them, and never an opening for anything else."""

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, url_for

from contest.db import db
from contest.formats.rich.screen import ROAD
from contest.models.banks import QuestionVersion
from contest.models.media import Medium
from contest.rules.permissions import SYSTEM
from contest.rules.terms import Role
from contest.services.attempts import closing, content
from contest.services.banks import browsing, editing, media, reviewing
from contest.services.results import settlement
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.formats.test_media import CANARY, HOSTILE, a_wave, picture, told
from tests.tables import snapshot
from tests.web.test_people import Desk, bare

BANK = "/manage/banks/cuoc-thi-bank"
NEW = f"{BANK}/questions/new"
SHOWN = re.compile(r"\(media:([^)]+)\)")


@pytest.fixture
def house(app: Flask, clock: Clock) -> Flask:
    with app.app_context():
        people.organisation()
        people.contest()
    return app


@pytest.fixture
def author(house: Flask) -> Desk:
    with house.app_context():
        return Desk(house, people.author())


def form(**values: Any) -> dict[str, Any]:
    given = {"kind": "single_choice", "rich": "y", "text": "Câu **hỏi**", "option": ["một", "hai"], "right": "0"}
    return {**given, **values}


def insert(desk: Desk, data: bytes, words: str = "Sơ đồ", path: str = NEW, **values: Any) -> Any:
    more = {"go": "insert", "media_words": words, "media": (BytesIO(data), "dap_an_B.png")}
    return desk.post(path, **form(**more, **values))


def name_in(answer: Any) -> str:
    found = SHOWN.search(answer.text)
    assert found, answer.text
    return found[1]


def make_rich(app: Flask, text: str = "Xem **hình**:\n\n{}\n\n| a | b |\n| --- | --- |\n| $x^2$ | 2 |") -> str:
    """Let every question of the contest's bank show one picture, approved, and return the picture's name."""
    with app.app_context():
        shown = media.add("cuoc-thi-bank", picture("PNG"), "Sơ đồ", by=SYSTEM)
        for number in range(1, 5):
            code = f"C-{number:04d}"
            draft = browsing.get_question("cuoc-thi-bank", code, by=SYSTEM).draft
            rich = replace(draft, text=f"{text.format(shown)}\n\nsố {number}", rich=True)
            editing.save("cuoc-thi-bank", rich, question=code, submit=True, by=SYSTEM)
            reviewing.approve("cuoc-thi-bank", [code], by=SYSTEM)
        return SHOWN.search(shown)[1]


def test_picture_is_stored_and_put_into_the_text_that_was_chosen(house: Flask, author: Desk) -> None:
    answer = insert(author, told("PNG"), "Sơ đồ [1]", media_place="text")
    assert answer.status_code == 200
    assert "Câu **hỏi**\n\n![Sơ đồ \\[1\\]](media:" in answer.text
    again = insert(author, told("PNG"), media_place="option-2")
    assert re.search(r"\nhai !\[Sơ đồ\]\(media:[^)]+-30x40\.png\)</textarea>", again.text)
    assert name_in(again) == name_in(answer)
    with house.app_context():
        (stored,) = db.session.scalars(sa.select(Medium))
        assert CANARY not in stored.content


def test_picture_makes_a_plain_question_rich_and_keeps_its_words(author: Desk) -> None:
    answer = insert(author, picture("PNG"), rich="", text="2 * 3 * 4", option=["a_b", "[x]"], media_place="explanation")
    assert re.search(r'<input[^>]* checked [^>]*name="rich"', answer.text)
    assert "2 \\* 3 \\* 4</textarea>" in answer.text
    assert "\na_b</textarea>" in answer.text


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in ("too many bytes", "large wave")])
def test_hostile_file_is_refused_beside_its_field(house: Flask, author: Desk, name: str) -> None:
    with house.app_context():
        before = snapshot(house)
    answer = insert(author, HOSTILE[name][0])
    assert (answer.status_code, 'id="media-error"' in answer.text) == (422, True)
    assert "Câu **hỏi**</textarea>" in answer.text
    with house.app_context():
        assert snapshot(house) == before


@pytest.mark.parametrize("words", ["", " ", "x" * 301])
def test_words_for_a_picture_are_demanded(author: Desk, words: str) -> None:
    answer = insert(author, picture("PNG"), words)
    assert (answer.status_code, 'id="media_words-error"' in answer.text) == (422, True)


def test_nothing_is_inserted_without_a_file_or_at_no_place(author: Desk) -> None:
    assert author.post(NEW, **form(go="insert", media_words="x")).status_code == 422
    assert insert(author, picture("PNG"), media_place="code").status_code == 422


def test_rich_question_is_kept_in_one_form_and_found_by_its_words(house: Flask, author: Desk) -> None:
    text = "Câu **về** số:\r\n\r\n* một\r\n  * hai"
    assert author.post(NEW, **form(text=text)).status_code == 303
    with house.app_context():
        version = db.session.scalars(sa.select(QuestionVersion).order_by(QuestionVersion.id.desc())).first()
        assert (version.rich, version.text) == (True, "Câu **về** số:\n\n- một\n  - hai")
        assert version.fingerprint == "cau ve so mot hai"
    found = author.get(f"{BANK}?q=về+số").text
    assert "Câu về số:" in found
    assert "**" not in found


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "$\\foo$"}, "dùng lệnh \\foo"),
        ({"text": "![](media:a.png)"}, "cần lời mô tả"),
        ({"text": "![a](media:a.png)"}, "không có trong ngân hàng này"),
        ({"option": ["$\\frac{1}$", "b"]}, "chưa đúng LaTeX"),
    ],
)
def test_text_that_cannot_be_shown_is_refused_with_what_was_typed(
    author: Desk, typed: dict[str, Any], said: str
) -> None:
    answer = author.post(NEW, **form(**typed))
    assert (answer.status_code, said in answer.text) == (422, True)


def test_picture_of_another_bank_is_refused(house: Flask, author: Desk) -> None:
    with house.app_context():
        people.bank("khac")
        foreign = media.add("khac", picture("PNG"), "Hình", by=SYSTEM)
    assert "không có trong ngân hàng này" in author.post(NEW, **form(text=foreign)).text


def test_plain_question_stays_to_the_letter(house: Flask, author: Desk) -> None:
    text = "2 * 3 * 4 = $x$ **không** <b>đậm</b>"
    assert author.post(NEW, **form(rich="", text=text)).status_code == 303
    with house.app_context():
        assert browsing.get_question("cuoc-thi-bank", "C-0005", by=SYSTEM).draft.text == text


def test_preview_shows_what_members_will_see(author: Desk) -> None:
    answer = author.post(f"{BANK}/questions/preview", **form(text="**a** <script>alert(1)</script> $x^2$"))
    assert "<strong>a</strong> &lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in answer.text


def test_paper_shows_rich_questions_and_asks_no_more_for_them(house: Flask) -> None:
    name = make_rich(house)
    with house.app_context():
        taker = people.member("m1")
        code = people.attempt(people_round(), taker)
        desk = Desk(house, taker)
    page = desk.get(f"/attempts/{code}").text
    assert page.count(f'src="{ROAD}{name}"') == 3
    assert page.count('<div class="rich-scroll" tabindex="0"><table>') == 3
    assert "**" not in page
    with counted(house) as first:
        desk.get(f"/attempts/{code}")
    content.forget()
    with counted(house) as cold:
        desk.get(f"/attempts/{code}")
    assert len(cold) - len(first) == 1
    assert "Xem hình:" in desk.get(f"/attempts/{code}/submission").text


def people_round() -> str:
    return str(db.session.scalar(sa.text("SELECT code FROM rounds")))


def test_picture_is_seen_by_those_of_its_bank_and_of_its_papers_alone(house: Flask, author: Desk) -> None:
    name = make_rich(house)
    path = f"/media/{name}"
    with house.app_context():
        taker, other = people.member("m1"), people.member("m2")
        people.bank("khac")
        elsewhere = Desk(house, people.staff("tacgia2", Role.AUTHOR, bank_id=bank_id("khac")))
        judge, reader, stranger = Desk(house, people.judge()), Desk(house, taker), Desk(house, other)
    assert [desk.get(path).status_code for desk in (author, judge)] == [200, 200]
    for desk in (reader, stranger, elsewhere):
        answer = desk.get(path)
        assert (
            answer.status_code,
            bare(answer) == bare(desk.get("/media/" + "q" * len(name))),
        ) == (404, True)
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert house.test_client().get(path).status_code in (302, 401)
    with house.app_context():
        people.attempt(people_round(), taker)
    assert (reader.get(path).status_code, stranger.get(path).status_code) == (200, 404)


def bank_id(code: str) -> int:
    return int(db.session.scalar(sa.text("SELECT id FROM banks WHERE code = :code"), {"code": code}))


def test_picture_is_served_as_nothing_but_a_picture(house: Flask, author: Desk) -> None:
    name = name_in(insert(author, told("JPEG")))
    answer = author.get(f"/media/{name}")
    assert {
        header: answer.headers[header]
        for header in ("Content-Type", "Cache-Control", "X-Content-Type-Options", "Content-Security-Policy")
    } == {
        "Content-Type": "image/jpeg",
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert b"dap_an" not in answer.data
    assert "dap_an" not in name
    again = author.client.get(f"/media/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_recording_is_played_from_anywhere_in_it(author: Desk) -> None:
    name = name_in(insert(author, a_wave()))
    part = author.client.get(f"/media/{name}", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data, part.headers["Content-Type"]) == (206, b"RIFF", "audio/wav")


def test_review_and_those_who_correct_see_it_as_members_did(house: Flask, clock: Clock) -> None:
    make_rich(house)
    with house.app_context():
        taker = people.member("m1")
        round_code = people_round()
        code = people.attempt(round_code, taker)
        closing.submit(code, {}, by=taker, arrived=clock.at)
        clock.advance(hours=4)
        settlement.settle(people.round_row(round_code).id)
        organiser, member = Desk(house, people.organiser()), Desk(house, taker)
        version = db.session.scalar(sa.select(QuestionVersion.id).where(QuestionVersion.rich).limit(1))
    with house.test_request_context():
        judged = url_for("results.paper", slug="cuoc-thi", attempt=code)
        corrected = url_for("versions.correct", slug="cuoc-thi", code=round_code, question=version)
    for desk, path in ((organiser, judged), (organiser, corrected), (member, f"/attempts/{code}/review")):
        page = desk.get(path)
        assert page.status_code == 200, path
        assert '<div class="rich">' in page.text
        assert '<div class="rich-scroll" tabindex="0"><table>' in page.text
        assert "**" not in page.text
