"""Files handed in over HTTP, with and without a script: kept with the paper, counted when named, shown to few."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from fpdf import FPDF
from PIL import Image

from contest.db import db
from contest.errors import Refused
from contest.gateways import airlock
from contest.models.attempts import Attempt, LateResponse, Response
from contest.models.handed import HandedFile
from contest.models.marking import Script
from contest.rules.permissions import Actor
from contest.rules.question_terms import FileKind, Kind
from contest.rules.questions import upload
from contest.services import tryouts
from contest.services.attempts import handing
from contest.services.members import limiter
from contest.web.handed import FILE_LIMIT
from tests import people
from tests.conftest import Clock
from tests.kinds import sample

TITLE = "Nguyễn Văn An – bài thu hoạch.pdf"
Where = tuple[FlaskClient, str, str]


def a_pdf(words: str = "bai lam") -> bytes:
    made = FPDF()
    made.add_page()
    made.set_font("helvetica")
    made.cell(text=words)
    return bytes(made.output())


def a_picture(colour: str = "white") -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def round_code(app: Flask, database: str, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        people.organiser()
        bank = people.bank("kho", [sample(Kind.UPLOAD, "NOP", most_files=2), people.question(1)])
        any_of = {"topic_id": None, "difficulty": None, "count": 1}
        return people.contest(bank_id=bank, lines=(any_of, any_of | {"marked": True}))[0]


def taker(app: Flask, round_code: str, code: str = "m1") -> Where:
    """Return a member's browser, the address of the paper, and the position of the question that takes files."""
    client = app.test_client()
    with app.app_context():
        people.enter(client, people.member(code))
    data = {"csrf_token": people.csrf(client)}
    url = client.post(f"/rounds/{round_code}/attempts", data=data).headers["location"]
    return client, url, position_in(client.get(url).text)


def position_in(page: str) -> str:
    found = re.search(r'data-position="(\d+)" data-kind="upload"', page)
    assert found
    return found[1]


def hand_in(where: Where, data: bytes, title: str = TITLE, place: str | None = None) -> Any:
    client, url, position = where
    sent = {"X-CSRFToken": people.csrf(client), "Accept": "application/json"}
    file = {"file": (BytesIO(data), title)}
    return client.post(f"{url}/files/{place or position}", data=file, headers=sent, content_type="multipart/form-data")


def save(where: Where, names: Any, revision: int = 1) -> Any:
    client, url, position = where
    sent = {"X-CSRFToken": people.csrf(client), "Accept": "application/json"}
    return client.put(f"{url}/responses/{position}", json={"revision": revision, "value": names}, headers=sent)


def plain(where: Where, url: str = "", **form: Any) -> Any:
    client, paper, position = where
    own = re.search(rf'name="revision-{position}" value="(\d+)"', client.get(paper).text)
    known = {"csrf_token": people.csrf(client), f"revision-{position}": own[1] if own else "0"}
    return client.post(url or f"{paper}/responses", data=known | form, content_type="multipart/form-data")


def count(app: Flask, table: Any) -> int:
    with app.app_context():
        return int(db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def ticked(page: str) -> list[tuple[str, bool]]:
    """Return what the paper lists: (title, counts)."""
    boxes = re.findall(r"data-file(?P<on> checked)?>\s*<span[^>]*><span data-title>([^<]+)</span>", page)
    return [(title, bool(on)) for on, title in boxes]


def test_file_is_kept_and_counts_once_a_response_names_it(app: Flask, round_code: str) -> None:
    where = taker(app, round_code)
    client, url, _ = where
    answer = hand_in(where, a_pdf())
    assert answer.status_code == 200
    file = answer.get_json()["file"]
    assert file["title"] == TITLE
    assert ticked(client.get(url).text) == [(TITLE, False)]
    assert save(where, [file["name"]]).get_json()["ok"]
    assert ticked(client.get(url).text) == [(TITLE, True)]
    assert save(where, None, 2).get_json()["ok"]
    assert ticked(client.get(url).text) == [(TITLE, False)]


def test_same_file_sent_again_is_the_same_file(app: Flask, round_code: str) -> None:
    where = taker(app, round_code)
    data = a_pdf()
    first, again = (hand_in(where, data).get_json()["file"]["name"] for _ in range(2))
    assert (first, count(app, HandedFile)) == (again, 1)


def test_owner_gets_the_file_back_by_its_title_and_only_ever_to_be_kept(app: Flask, round_code: str) -> None:
    where = taker(app, round_code)
    name = hand_in(where, a_pdf()).get_json()["file"]["name"]
    answer = where[0].get(f"/handed/{name}")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "b%C3%A0i%20thu%20ho%E1%BA%A1ch.pdf" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    picture = hand_in(where, a_picture(), "anh.jpg").get_json()["file"]["name"]
    shown = where[0].get(f"/handed/{picture}")
    assert (shown.headers["Content-Type"], shown.headers["Content-Disposition"][:6]) == ("image/jpeg", "inline")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (lambda: people.member("m2"), 404),
        (lambda: people.member("m3", "B"), 404),
        (people.author, 404),
        (lambda: people.organiser("bancap", "A1"), 404),
        (people.judge, 200),
        (lambda: people.actor("bantochuc"), 200),
        (people.auditor, 200),
    ],
)
def test_file_is_shown_to_its_owner_and_to_those_who_judge_papers(
    app: Flask, round_code: str, who: Callable[[], Actor], status: int
) -> None:
    name = hand_in(taker(app, round_code), a_pdf()).get_json()["file"]["name"]
    other = app.test_client()
    with app.app_context():
        people.enter(other, who())
    answer = other.get(f"/handed/{name}")
    assert answer.status_code == status
    told = answer.headers.get("Content-Disposition", "")
    assert told == (f"attachment; filename=bai-lam-{name[:8]}.pdf" if status == 200 else "")
    assert app.test_client().get(f"/handed/{name}").status_code == 302


def test_file_of_another_paper_is_never_shown_by_naming_it(app: Flask, round_code: str) -> None:
    theirs = hand_in(taker(app, round_code), a_pdf()).get_json()["file"]["name"]
    where = taker(app, round_code, "m2")
    assert save(where, [theirs]).status_code == 200
    assert ticked(where[0].get(where[1]).text) == []
    assert where[0].get(f"/handed/{theirs}").status_code == 404


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "file-empty"),
        (b"xin chao", "file-kind"),
        (b"%PDF-1.7 cut", "file-damaged"),
        (b"II*\0" + b"\0" * 60, "file-foreign"),
    ],
)
def test_file_that_is_not_taken_is_named_and_nothing_is_kept(
    app: Flask, round_code: str, data: bytes, slug: str
) -> None:
    answer = hand_in(taker(app, round_code), data)
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["field"]) == (422, slug, "file")
    assert count(app, HandedFile) == 0


def test_kind_that_is_not_asked_for_is_refused_with_those_that_are(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        people.organisation()
        asked = sample(Kind.UPLOAD, "NOP", file_kinds=(FileKind.WORD, FileKind.PICTURE))
        line = {"topic_id": None, "difficulty": None, "count": 1, "marked": True}
        code = people.contest(bank_id=people.bank("kho", [asked]), lines=(line,))[0]
    answer = hand_in(taker(app, code), a_pdf())
    assert (answer.status_code, answer.get_json()["code"]) == (422, "file-not-asked")
    assert "Word (.docx) và Ảnh" in answer.get_json()["message"]


@pytest.mark.parametrize("place", ["0", "99", "x", "prediction"])
def test_file_for_no_place_that_takes_one_is_refused(app: Flask, round_code: str, place: str) -> None:
    answer = hand_in(taker(app, round_code), a_pdf(), place=place)
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["field"]) == (
        422,
        "bad-position",
        "position",
    )


def test_question_that_takes_no_files_takes_none(app: Flask, round_code: str) -> None:
    client, url, position = taker(app, round_code)
    other = "1" if position == "2" else "2"
    assert hand_in((client, url, other), a_pdf()).status_code == 422
    assert count(app, HandedFile) == 0


def test_paper_of_another_is_not_found(app: Flask, round_code: str) -> None:
    _, url, position = taker(app, round_code)
    client, _, _ = taker(app, round_code, "m2")
    assert hand_in((client, url, position), a_pdf()).status_code == 404


def test_file_after_the_submission_is_not_kept(app: Flask, round_code: str) -> None:
    where = taker(app, round_code)
    where[0].post(f"{where[1]}/submission", data={"csrf_token": people.csrf(where[0])})
    answer = hand_in(where, a_pdf())
    assert (answer.status_code, answer.get_json()["code"], count(app, HandedFile)) == (409, "closed", 0)


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (1, 409)])
def test_late_file_is_kept_as_evidence_and_does_not_count(
    app: Flask, round_code: str, clock: Clock, seconds: int, status: int
) -> None:
    where = taker(app, round_code)
    with app.app_context():
        (until,) = db.session.scalars(sa.select(Attempt.accepts_until))
    clock.advance(seconds=int((until - clock.at).total_seconds()) + seconds)
    answer = hand_in(where, a_pdf())
    assert answer.status_code == status
    assert (count(app, HandedFile), count(app, LateResponse), count(app, Response)) == (1, seconds, 0)
    if status == 409:
        assert (answer.get_json()["code"], answer.get_json()["kept"]) == ("late", True)


@pytest.mark.parametrize("extra", [0, 1])
def test_place_keeps_so_many_files_and_no_more(app: Flask, round_code: str, extra: int) -> None:
    where = taker(app, round_code)
    answers = [hand_in(where, a_pdf(f"ban {n}")) for n in range(upload.MOST_KEPT + extra)]
    assert [a.status_code for a in answers] == [200] * upload.MOST_KEPT + [422] * extra
    assert count(app, HandedFile) == upload.MOST_KEPT


def test_files_are_looked_at_so_often_and_no_more(app: Flask, round_code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "FILES", limiter.RateLimitItemPerMinute(2, 5))
    where = taker(app, round_code)
    answers = [hand_in(where, b"xin chao") for _ in range(3)]
    assert [a.status_code for a in answers] == [422, 422, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_body_beyond_the_largest_file_is_refused_before_it_is_read(app: Flask, round_code: str) -> None:
    answer = hand_in(taker(app, round_code), b"%PDF-" + b"\0" * FILE_LIMIT)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too-large")


def test_without_a_script_the_form_hands_the_file_in_and_ticks_it(app: Flask, round_code: str) -> None:
    where = taker(app, round_code)
    client, url, position = where
    page = client.get(url).text
    assert 'enctype="multipart/form-data"' in page
    answer = plain(where, **{f"file-{position}": (BytesIO(a_pdf()), TITLE), "go": f"q{position}"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{url}#q{position}")
    assert ticked(client.get(url).text) == [(TITLE, True)]
    kept = re.findall(rf'name="response-{position}" value="([^"]+)"', client.get(url).text)
    more = {f"file-{position}": (BytesIO(a_picture()), "anh.jpg"), f"response-{position}": kept[0]}
    assert plain(where, **more).status_code == 303
    assert ticked(client.get(url).text) == [(TITLE, True), ("anh.jpg", True)]
    assert plain(where, **{f"response-{position}": kept[0]}).status_code == 303
    assert ticked(client.get(url).text) == [(TITLE, True), ("anh.jpg", False)]


def test_without_a_script_a_refused_file_is_named_and_the_rest_of_the_form_is_kept(app: Flask, round_code: str) -> None:
    where = taker(app, round_code)
    client, url, position = where
    other = "1" if position == "2" else "2"
    option = re.findall(rf'name="response-{other}" value="([^"]+)"', client.get(url).text)[0]
    form = {f"file-{position}": (BytesIO(b"xin chao"), "x.pdf"), f"response-{other}": option, f"revision-{other}": "0"}
    answer = plain(where, **form, go="review")
    assert answer.headers["location"] == url
    page = client.get(url).text
    assert f"Câu {position}: Tệp này không phải PDF" in page
    assert f'value="{option}" checked' in page


def test_without_a_script_one_file_too_many_is_kept_beside_and_does_not_count(app: Flask, round_code: str) -> None:
    where = taker(app, round_code)
    client, url, position = where
    names = [hand_in(where, a_pdf(f"ban {n}"), f"{n}.pdf").get_json()["file"]["name"] for n in range(2)]
    form = {f"file-{position}": (BytesIO(a_picture()), "anh.jpg"), f"response-{position}": names}
    plain(where, **form)
    page = client.get(url).text
    assert "Câu này nhận nhiều nhất 2 tệp." in page
    assert ticked(page) == [("0.pdf", True), ("1.pdf", True), ("anh.jpg", False)]


def test_file_belongs_to_a_try_as_to_an_attempt_and_goes_with_it(app: Flask, round_code: str) -> None:
    with app.app_context():
        who = people.actor("bantochuc")
        client = people.enter(app.test_client(), who)
        code = tryouts.start("cuoc-thi", round_code, by=who)
    url = f"/manage/tryouts/{code}"
    where = (client, url, position_in(client.get(url).text))
    name = hand_in(where, a_pdf()).get_json()["file"]["name"]
    assert save(where, [name]).status_code == 200
    assert ticked(client.get(url).text) == [(TITLE, True)]
    assert (
        plain(
            where, **{f"file-{where[2]}": (BytesIO(a_picture()), "anh.jpg"), f"response-{where[2]}": name}
        ).status_code
        == 303
    )
    assert ticked(client.get(url).text) == [(TITLE, True), ("anh.jpg", True)]
    client.post(f"{url}/submission", data={"csrf_token": people.csrf(client)})
    assert f"/handed/{name}" in client.get(f"{url}/review").text
    assert hand_in(where, a_pdf("moi")).status_code == 409
    stranger = app.test_client()
    with app.app_context():
        people.enter(stranger, people.administrator())
    assert stranger.get(f"/handed/{name}").status_code == 404
    with app.app_context():
        tryouts.start("cuoc-thi", round_code, by=who)
    assert count(app, HandedFile) == 0


def test_marker_opens_the_files_that_count_and_learns_nothing_of_whose_they_are(app: Flask, round_code: str) -> None:
    where = taker(app, round_code)
    names = [
        hand_in(where, data, TITLE).get_json()["file"]["name"] for data in (a_pdf(), a_picture(), a_picture("red"))
    ]
    assert save(where, names[:2]).status_code == 200
    where[0].post(f"{where[1]}/submission", data={"csrf_token": people.csrf(where[0])})
    judge = app.test_client()
    with app.app_context():
        people.enter(judge, people.judge())
        (version, blind) = db.session.execute(sa.select(Script.version_id, Script.code)).one()
    page = judge.get(f"/manage/contests/cuoc-thi/rounds/{round_code}/marking/{version}/{blind}")
    assert page.status_code == 200
    shown = re.findall(r'"/handed/([^"]+)"', page.text)
    assert [name in shown for name in names] == [True, True, False]
    main = page.text[page.text.index("<main") :]
    for told in (TITLE, "Nguyễn", "bài thu hoạch", where[1].rpartition("/")[2], "m1"):
        assert told not in main
    assert judge.get(f"/handed/{names[1]}").headers["Content-Type"] == "image/jpeg"


def test_file_on_which_the_reader_fails_leaves_the_rest_of_the_form_kept(
    app: Flask, round_code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise Refused(airlock.FAILED)

    where = taker(app, round_code)
    client, url, position = where
    kept = hand_in(where, a_pdf()).get_json()["file"]["name"]
    monkeypatch.setattr(handing.airlock, "read", fails)
    assert hand_in(where, a_pdf("khac")).get_json()["field"] == "file"
    plain(where, **{f"file-{position}": (BytesIO(a_picture()), "anh.jpg"), f"response-{position}": kept})
    page = client.get(url).text
    assert "Không đọc được tệp này" in page
    assert ticked(page) == [(TITLE, True)]
