"""The day of a round over HTTP: each act shown first, then confirmed; what a running paper hears of it."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.i18n import iso
from contest.models.attempts import Attempt
from contest.models.audit import AuditEntry
from contest.models.members import ExtraTime
from contest.rules.permissions import SYSTEM
from contest.rules.windows import Window
from contest.services.contests import setup
from contest.services.members import sessions
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.formats.archives import workbook
from tests.services.crowd import take
from tests.tables import snapshot
from tests.web.test_attempts import Taker
from tests.web.test_people import Desk, figures

MINUTE = timedelta(minutes=1)
SECRET = "Khiếm thị mức độ nặng"


@pytest.fixture
def code(app: Flask, database: str, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        return people.contest()[0]


@pytest.fixture
def desk(app: Flask, code: str) -> Desk:
    with app.app_context():
        return Desk(app, people.organiser())


def here(code: str) -> str:
    return f"/manage/contests/cuoc-thi/rounds/{code}/conduct"


def hidden(page: str) -> dict[str, str]:
    """Return what a page of confirmation carries, with the words of the announcement as they were drafted."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    text = re.search(r'<textarea[^>]*name="announcement"[^>]*>\r?\n(.*?)</textarea>', page, re.S)
    found = {name: html.unescape(value) for name, value in fields if name != "csrf_token"}
    return found | ({"announcement": html.unescape(text[1])} if text else {})


def confirm(app: Flask, desk: Desk, path: str, **form: Any) -> dict[str, str]:
    """Fill in an act, see that nothing has been done yet, confirm it, and return what was confirmed."""
    before = snapshot(app)
    shown = desk.post(path, **form)
    assert shown.status_code == 200, shown.text
    assert snapshot(app) == before
    carried = hidden(shown.text)
    assert carried["confirm"] == "1"
    assert desk.post(path, **carried).status_code == 303
    return carried


def news(taker: Taker) -> Any:
    return taker.client.get(f"{taker.url}/news").json


def heard(page: str) -> tuple[str, ...]:
    """Return the key and the text of the one notice that a paper shows from the start."""
    found = re.search(r'(data-key="news-\d+").*?</strong>\s*(.*?)\s*</div>', page, re.S)
    return found.groups() if found else ()


def test_extra_time_is_shown_confirmed_and_heard_by_the_paper(app: Flask, code: str, desk: Desk, clock: Clock) -> None:
    taker = Taker(app, "m1", code)
    taker.start()
    before = news(taker)
    assert before == {
        "ok": True,
        "open": True,
        "ends_at": iso(clock.at + 20 * MINUTE),
        "now": iso(clock.at),
        "news": [],
    }
    clock.advance(minutes=1)
    carried = confirm(app, desk, f"{here(code)}/extra-time", minutes="7", whom="all", target="", reason="Mất mạng")
    told = "Tuần 1: mọi người dự thi được cộng thêm 7 phút làm bài."
    assert carried["announcement"] == told
    after = news(taker)
    assert after["ends_at"] == iso(clock.at + 26 * MINUTE)
    assert [(n["text"], n["at"]) for n in after["news"]] == [(told, iso(clock.at))]
    assert taker.save(1, taker.paper()[0][0]).json["ends_at"] == after["ends_at"]
    for tail in ("", "/submission"):  # without a script too
        assert (f'data-key="news-{after["news"][0]["id"]}"', told) == heard(taker.client.get(f"{taker.url}{tail}").text)
    for page in ("/contests/cuoc-thi", f"/rounds/{code}"):
        assert told in taker.client.get(page).text
    assert "Mất mạng" not in taker.client.get("/contests/cuoc-thi").text
    shown = desk.get(here(code)).text
    assert "Mất mạng" in shown
    assert told in shown


def test_extra_time_of_one_person_is_announced_to_nobody(app: Flask, code: str, desk: Desk, clock: Clock) -> None:
    taker = Taker(app, "m1", code)
    taker.start()
    form = {"minutes": "5", "whom": "member", "target": "m1", "reason": SECRET}
    carried = confirm(app, desk, f"{here(code)}/extra-time", **form)
    assert "announcement" not in carried
    assert desk.post(f"{here(code)}/extra-time", **carried, announcement="Riêng m1").status_code == 303
    assert news(taker) == {
        "ok": True, "open": True, "ends_at": iso(clock.at + 30 * MINUTE), "now": iso(clock.at), "news": [],
    }  # fmt: skip
    assert "Riêng m1" not in taker.client.get("/contests/cuoc-thi").text


def test_news_ask_the_database_once_and_belong_to_their_person(app: Flask, code: str, clock: Clock) -> None:
    taker, other = Taker(app, "m1", code), Taker(app, "m2", code)
    taker.start()
    with counted(app) as found:
        assert news(taker)["open"]
    assert len(found) == 1
    assert other.client.get(f"{taker.url}/news").status_code == 404
    data = {"Accept": "application/json"}
    assert app.test_client().get(f"{taker.url}/news", headers=data).status_code == 401
    with app.app_context():
        sessions.end_everywhere(people.actor("m1"))
    assert taker.client.get(f"{taker.url}/news", headers=data).status_code == 404  # the statement judges the session


def test_pulse_moves_with_whatever_a_running_paper_must_hear(app: Flask, code: str, desk: Desk, clock: Clock) -> None:
    visitor, taker, path = app.test_client(), Taker(app, "m1", code), f"/rounds/{code}/pulse"
    taker.start()
    assert f'data-pulse-url="{path}"' in taker.client.get(taker.url).text
    first = visitor.get(path)
    assert (first.headers["Cache-Control"], "Set-Cookie" in first.headers) == ("public, max-age=2", False)
    with counted(app) as found:
        assert visitor.get(path).json == first.json
    assert found == []  # kept, whoever asks
    span = re.search(r'<option value="(2026[^"]+)"', desk.get(here(code)).text)
    assert span
    acts: list[Callable[[], Any]] = [
        lambda: desk.post(f"{here(code)}/announcements", text="Riêng vòng này", whole=""),
        lambda: desk.post(f"{here(code)}/announcements", text="Cả cuộc thi", whole="1"),
        lambda: confirm(app, desk, f"{here(code)}/extra-time", minutes="5", whom="member", target="m1", reason="x"),
        lambda: confirm(app, desk, f"{here(code)}/voids", span=html.unescape(span[1]), receipt="", reason="x"),
    ]
    seen, told = [first.json["revision"]], ("Riêng vòng này", "Cả cuộc thi")
    for number, act in enumerate(acts):
        page = taker.client.get(taker.url).text  # says up to where it has heard, and holds all of that
        assert (f'data-revision="{seen[-1]}"' in page, [text in page for text in told]) == (
            True, [number > 0, number > 1],
        )  # fmt: skip
        act()
        app.extensions["cache"].clear()  # as two seconds later
        seen.append(visitor.get(path).json["revision"])
    assert seen == sorted(set(seen))


def test_pulse_is_of_published_rounds_alone(app: Flask, code: str) -> None:
    with app.app_context():
        drafts = people.draft_contest("nhap")
    for unknown in ("ko-co", *drafts):
        assert app.test_client().get(f"/rounds/{unknown}/pulse").status_code == 404


def test_extension_is_shown_confirmed_and_announced(app: Flask, code: str, desk: Desk, clock: Clock) -> None:
    with app.app_context():
        closes_at = people.round_row(code).closes_at
    clock.set(closes_at - 5 * MINUTE)
    taker = Taker(app, "m1", code)
    taker.start()
    later = closes_at + 30 * MINUTE
    form = {"window": "1", "closes_at": f"{later.astimezone(people.at('0:00').tzinfo):%Y-%m-%dT%H:%M}", "reason": "Bão"}
    carried = confirm(app, desk, f"{here(code)}/extension", **form)
    assert "14:30" in carried["announcement"]
    assert news(taker)["ends_at"] == iso(clock.at + 20 * MINUTE)
    assert "14:30" in taker.client.get("/contests/cuoc-thi").text


@pytest.mark.parametrize(
    ("path", "form", "field", "words"),
    [
        (
            "extension",
            {"window": "1", "closes_at": "2026-05-20T13:00", "reason": "x"},
            "extension-closes_at",
            "phải sau",
        ),
        ("extension", {"window": "1", "closes_at": "", "reason": ""}, "extension-reason", "trống"),
        ("extra-time", {"minutes": "0", "whom": "all", "reason": "x"}, "extra_time-minutes", "240"),
        ("extra-time", {"minutes": "5", "whom": "unit", "target": "", "reason": "x"}, "extra_time-target", "trống"),
        ("extra-time", {"minutes": "5", "whom": "unit", "target": "KO", "reason": "x"}, "extra_time-target", "đơn vị"),
        ("voids", {"span": "", "receipt": "", "reason": "x"}, "voiding-span", "Chọn khung giờ"),
        ("voids", {"span": "", "receipt": "HT-KHONG-CO", "reason": "x"}, "voiding-receipt", "biên nhận"),
        ("announcements", {"text": "", "whole": ""}, "announcement-text", "trống"),
    ],
)
def test_what_is_refused_is_said_beside_its_field(
    app: Flask, code: str, desk: Desk, path: str, form: dict[str, str], field: str, words: str
) -> None:
    before = snapshot(app)
    for more in ({}, {"confirm": "1"}):
        answer = desk.post(f"{here(code)}/{path}", **form, **more)
        assert answer.status_code == 422
        found = re.search(rf'id="{field}-error"[^>]*>(.*?)</p>', answer.text, re.S)
        assert found, f"nothing is said of {field}"
        assert words in found[1]
    assert snapshot(app) == before


def test_void_says_its_effect_then_its_person_sees_it(app: Flask, code: str, desk: Desk, clock: Clock) -> None:
    with app.app_context():
        me = people.member("m1")
        take(code, me, clock, 3, 1, 60)
        receipt, attempt = db.session.execute(sa.select(Attempt.receipt, Attempt.code)).one()
    path = f"{here(code)}/voids"
    shown = desk.post(path, span="", receipt=receipt, reason="Thi hộ")
    assert figures(shown) == {
        "Lượt thi bị hủy": 1, "Số người": 1, "Người không còn kết quả": 1, "Đang làm, dừng ngay": 0,
        "Người được trả lại lượt": 1,
    }  # fmt: skip
    confirm(app, desk, path, span="", receipt=receipt, reason="Thi hộ")
    client = people.enter(app.test_client(), me)
    page = client.get(f"/attempts/{attempt}/receipt").text
    assert "Lượt thi đã bị hủy" in page
    assert "Thi hộ" in page
    assert f"/attempts/{attempt}/receipt" in client.get(f"/rounds/{code}").text
    assert client.get(f"/rounds/{code}/standings", headers={"Accept": "application/json"}).json["rows"] == []
    assert "bị hủy" not in client.get("/contests/cuoc-thi").text  # one person's matter
    void = re.search(r'name="void" value="(\d+)"', desk.get(here(code)).text)
    assert void
    confirm(app, desk, f"{here(code)}/restoration", void=void[1])
    rows = client.get(f"/rounds/{code}/standings", headers={"Accept": "application/json"}).json["rows"]
    assert [row["correct_count"] for row in rows] == [3]
    assert "Lượt thi đã bị hủy" not in client.get(f"/attempts/{attempt}/receipt").text
    assert desk.post(f"{here(code)}/restoration", void=void[1]).status_code == 409


def test_void_of_a_day_ends_running_papers_and_is_announced(app: Flask, code: str, desk: Desk, clock: Clock) -> None:
    taker = Taker(app, "m1", code)
    taker.start()
    span = re.search(r'<option value="(2026[^"]+)"', desk.get(here(code)).text)
    assert span
    carried = confirm(app, desk, f"{here(code)}/voids", span=html.unescape(span[1]), receipt="", reason="Quá tải")
    assert "Lượt thi được trả lại." in carried["announcement"]
    assert news(taker)["open"] is False
    assert taker.client.get(taker.url).status_code == 303
    assert "Lượt thi đã bị hủy" in taker.client.get(f"{taker.url}/receipt").text
    assert taker.start().status_code == 409


def test_announcement_by_hand_for_the_round_or_the_whole_contest(
    app: Flask, code: str, desk: Desk, clock: Clock
) -> None:
    for text, whole in (("Riêng <vòng> này", ""), ("Cả cuộc thi", "1")):
        assert desk.post(f"{here(code)}/announcements", text=text, whole=whole).status_code == 303
    page = app.test_client().get("/contests/cuoc-thi").text
    assert page.index("Cả cuộc thi") < page.index("Riêng &lt;vòng&gt; này")
    with app.app_context():
        actions = list(db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action == "announced")))
    assert len(actions) == 2


def test_page_between_windows_waits_for_the_next(app: Flask, database: str, clock: Clock) -> None:
    now = clock.at
    windows = (Window(now - 60 * MINUTE, now), Window(now + 10 * MINUTE, now + 60 * MINUTE))
    with app.app_context():
        people.organisation()
        given = {"windows": windows, "opens_at": windows[0].opens_at, "closes_at": windows[1].closes_at}
        (code,) = people.contest(rounds=[given])
    taker = Taker(app, "m1", code)
    answer = taker.client.get(f"/rounds/{code}")
    assert f'data-at="{iso(windows[1].opens_at)}"' in answer.text
    assert 601 <= int(answer.headers["Refresh"]) <= 605
    assert "<form" not in re.sub(r"(?s)<header.*?</header>", "", answer.text) or "/attempts" not in answer.text
    for page in ("/", "/contests/cuoc-thi"):
        assert "Khung giờ tiếp theo mở lúc 12:10" in taker.client.get(page).text
        assert "Khung giờ tiếp theo mở lúc 12:10" in app.test_client().get(page).text
    drawn = re.findall(r'calendar__span figures">(.*?)<', taker.client.get("/contests/cuoc-thi").text)
    assert drawn == ["11:00–12:00", "12:10–13:00"]
    assert taker.start().status_code == 409
    clock.set(windows[1].opens_at)
    assert taker.start().status_code == 303


# A person's own extra time


def test_own_extra_time_is_set_shown_before_the_start_and_removed(
    app: Flask, code: str, desk: Desk, clock: Clock
) -> None:
    taker = Taker(app, "m1", code)
    form = {"amount": "50", "unit": "percent", "reason": SECRET, "valid_until": "31/12/2026"}
    assert desk.post("/manage/members/m1/extra-time", **form).status_code == 303
    assert SECRET in desk.get("/manage/members/m1").text
    assert "20 + 10 phút" in taker.client.get(f"/rounds/{code}").text
    taker.start()
    assert news(taker)["ends_at"] == iso(clock.at + 30 * MINUTE)
    for page in ("/me", f"/rounds/{code}", "/contests/cuoc-thi", taker.url):
        assert SECRET not in taker.client.get(page).text
    assert SECRET not in desk.get("/manage/audit").text
    with app.app_context():
        assert SECRET not in str(list(db.session.scalars(sa.select(AuditEntry.details))))
    assert desk.post("/manage/members/m1/extra-time/removal").status_code == 303
    taker.submit()
    assert "20 + 10 phút" not in taker.client.get(f"/rounds/{code}").text


def test_own_extra_time_is_for_those_who_manage_the_person(app: Flask, code: str, desk: Desk, clock: Clock) -> None:
    with app.app_context():
        people.member("m1", "A1")
        stranger = Desk(app, people.organiser("tob", unit="B"))
    with app.app_context():  # one context each: the token is kept in it
        own = Desk(app, people.organiser("toa", unit="A"))
    form = {"amount": "10", "unit": "minutes", "reason": SECRET, "valid_until": ""}
    before = snapshot(app)
    for path in ("extra-time", "extra-time/removal"):
        assert stranger.post(f"/manage/members/m1/{path}", **form).status_code == 404
    assert own.post("/manage/members/toa/extra-time", **form).status_code == 422  # nobody sets their own
    assert own.post("/manage/members/m1/extra-time", **{**form, "amount": "241"}).status_code == 422
    assert snapshot(app) == before
    assert own.post("/manage/members/m1/extra-time", **form).status_code == 303


def test_extra_times_come_from_a_file_with_problems_by_cell(app: Flask, code: str, desk: Desk, clock: Clock) -> None:
    with app.app_context():
        for name in ("m1", "m2", "m3", "m4", "m5"):
            people.member(name)
    heads = ["Mã đoàn viên", "Số phút", "Phần trăm", "Lý do", "Đến hết ngày"]
    rows = [
        ["m1", 10, "", SECRET, "31/12/2026"],
        ["M2", "", 25, "Tay đau", ""],
        ["m3", 10, 25, "Cả hai", ""],
        ["m4", "", "", "Không có gì", ""],
        ["la", 5, "", "Không quen", ""],
        ["m5", "mười", "", "Chữ", ""],
        ["bantochuc", 5, "", "Cho mình", ""],
    ]
    job = desk.upload("/manage/members/extra-time/import", workbook([heads, *rows], "Cộng giờ"))
    page = desk.get(job)
    assert figures(page) == {
        "người được cộng thêm": 2,
        "người đổi thời gian": 0,
        "không đổi": 0,
        "có lỗi, không nhập": 5,
    }
    for place in ("dòng 4, cột Phần trăm", "dòng 5, cột Số phút", "dòng 6", "dòng 7, cột Số phút", "dòng 8"):
        assert place in page.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ExtraTime)) == 0
    done = desk.get(desk.confirm(job))
    assert "Đã nhập xong." in done.text
    with app.app_context():
        stored = sa.select(ExtraTime.minutes, ExtraTime.percent, ExtraTime.reason, ExtraTime.valid_until)
        found = sorted((m, p, r, str(v)) for m, p, r, v in db.session.execute(stored))
    assert found == [(0, 25, "Tay đau", "None"), (10, 0, SECRET, "2026-12-31")]
    assert desk.get("/manage/members/extra-time/template.xlsx").status_code == 200


# Windows on the form


WINDOWS = {
    "title": "Tuần 2", "opens_at": "2026-06-01T06:00", "closes_at": "2026-06-07T24:00", "minutes": "15",
    "attempts_allowed": "2", "attempts_per": "window", "counted": "best", "bank": "1", "prediction": "all_correct",
    "criteria": ["correct"], "reveal": "score", "reveal_after_close": "nothing", "board": "live",
    "network_allowance": "5", "line-topic": [""], "line-difficulty": [""], "line-count": ["2"],
    "many": "1", "weekday": ["0", "2", "6"], "from_hour": "7:30", "to_hour": "24:00",
}  # fmt: skip


def test_windows_are_laid_out_drawn_and_stored(app: Flask, code: str, desk: Desk) -> None:
    form = {**WINDOWS, "closes_at": "2026-06-08T00:00"}
    new = "/manage/contests/cuoc-thi/rounds/new"
    drawn = desk.post("/manage/contests/cuoc-thi/rounds/windows", **form).text
    assert re.findall(r"calendar__day\">(\S+)</span>\s*<span class=\"calendar__span figures\">(.*?)</span>", drawn) == [
        ("1/6", "07:30–24:00"), ("3/6", "07:30–24:00"), ("7/6", "07:30–24:00"),
    ]  # fmt: skip
    with app.app_context():
        seen = str(setup.get_contest("cuoc-thi", by=SYSTEM).version)
    laid = desk.post(new, **form, fill="list", version=seen)
    assert laid.status_code == 200
    assert re.findall(r'name="window-closes" value="([^"]+)"', laid.text)[0] == "2026-06-02T00:00"
    assert desk.post(new, **form, version=seen).status_code == 303
    with app.app_context():
        stored = db.session.execute(sa.text("SELECT number FROM round_windows ORDER BY number")).scalars()
        assert list(stored) == [1, 2, 3]
        row = db.session.execute(sa.text("SELECT code FROM rounds WHERE number = 2")).scalar_one()
    again = desk.get(f"/manage/contests/cuoc-thi/rounds/{row}").text
    assert re.findall(r'name="window-opens" value="([^"]+)"', again) == [f"2026-06-0{d}T07:30" for d in (1, 3, 7)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("2026-06-01T07:00", "2026-06-01T10:00"), ("2026-06-01T09:00", "2026-06-01T11:00")], "chồng lên nhau"),
        ([("2026-06-01T07:00", "")], "cả giờ mở và giờ đóng"),
        ([("2026-06-01T05:00", "2026-06-01T08:00")], "nằm ngoài"),
        ([("2026-06-01T09:00", "2026-06-01T08:00")], "giờ đóng phải sau"),
        ([("2026-06-01T25:00", "x")], "cả giờ mở và giờ đóng"),
    ],
)
def test_windows_that_cannot_be_are_refused_while_typing(
    app: Flask, code: str, desk: Desk, rows: list[tuple[str, str]], words: str
) -> None:
    listed = {"window-opens": [r[0] for r in rows], "window-closes": [r[1] for r in rows]}
    form = {**WINDOWS, "closes_at": "2026-06-08T00:00", **listed}
    assert words in desk.post("/manage/contests/cuoc-thi/rounds/windows", **form).text
    before = snapshot(app)
    answer = desk.post("/manage/contests/cuoc-thi/rounds/new", **form, version="3")
    assert (answer.status_code, words in answer.text) == (422, True)
    assert list(re.findall(r'name="window-opens" value="([^"]+)"', answer.text)) == listed["window-opens"]
    assert snapshot(app) == before


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"to_hour": "24:01"}, "24:00 là hết ngày"),
        ({"to_hour": "07:30"}, "Giờ đóng phải sau"),
        ({"weekday": []}, "ít nhất một ngày"),
        ({"weekday": ["6"], "closes_at": "2026-06-05T00:00"}, "Chưa có khung giờ nào"),
    ],
)
def test_pattern_that_gives_no_window_is_refused(
    app: Flask, code: str, desk: Desk, more: dict[str, Any], words: str
) -> None:
    form = {**WINDOWS, "closes_at": "2026-06-08T00:00", **more}
    answer = desk.post("/manage/contests/cuoc-thi/rounds/new", **form, version="3")
    assert (answer.status_code, words in answer.text) == (422, True)
