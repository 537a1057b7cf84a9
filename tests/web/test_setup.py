"""Setting a contest up over HTTP: refused with every field's own words, kept as typed, published only when complete."""

import html
import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.models.contests import Contest, Round
from contest.rules.permissions import Actor
from tests import people
from tests.conftest import Clock
from tests.tables import snapshot
from tests.web.test_people import Desk

HERE = "/manage/contests/nhap"
NEW = {"title": "Tìm hiểu Nghị quyết", "slug": "tim-hieu", "organiser": "A", "theme": "Dành cho mọi đoàn viên."}
DETAILS = {"title": "Tên <mới> & “đẹp”", "theme": "Hai\ndòng", "regulations": "## Điều 1\n\n- Dự thi <một> lần."}
ROUND = {"title": "Tuần 1", "opens_at": "2026-06-01T07:00", "closes_at": "2026-06-07T21:00", "minutes": "15",
         "attempts_allowed": "2", "counted": "last", "bank": "1", "shuffle_options": "y", "prediction": "participants",
         "criteria": ["points", "prediction", "duration"], "reveal": "score", "reveal_after_close": "nothing",
         "board": "frozen", "freezes_at": "2026-06-07T12:00", "names_public": "y", "network_allowance": "7",
         "line-topic": ["", ""], "line-difficulty": ["recall", ""], "line-count": ["1", "2"]}  # fmt: skip


def desk_of(app: Flask, enter: Callable[[], Actor]) -> Desk:
    with app.app_context():
        return Desk(app, enter())


def drafted(app: Flask) -> Flask:
    """Make a draft of unit A with one round, which could be published, and a bank of four questions."""
    with app.app_context():
        people.organisation()
        people.draft_contest("nhap", organiser="A", units=("A",), bank_id=people.bank("kho"))
    return app


@pytest.fixture
def house(app: Flask, clock: Clock) -> Flask:
    return drafted(app)


@pytest.fixture
def desk(house: Flask) -> Desk:
    return desk_of(house, lambda: people.organiser("toa", unit="A"))


def draft_code(app: Flask) -> str:
    with app.app_context():
        return db.session.scalars(sa.select(Round.code)).one()


def said(page: str, field: str) -> str:
    """Return what is said beside a field, or in the notice at the head for a part that is no field."""
    beside = re.search(rf'id="{field}-error"[^>]*>(.*?)</p>', page, re.S)
    head = re.search(r'notice--error.*?<ul class="notice__list">(.*?)</ul>', page, re.S)
    found = beside or head
    assert found, f"nothing is said of {field}"
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", found[1]).split())).removeprefix("Cần sửa: ")


def typed(page: str, name: str) -> list[str]:
    """Return the values of a form's field as the page holds them: inputs, ticked boxes, texts and chosen options."""
    out = []
    for tag in re.findall(rf'<input[^>]*name="{name}"[^>]*>', page):
        value = re.search(r'value="([^"]*)"', tag)
        if 'type="checkbox"' not in tag or "checked" in tag:
            out.append(value[1] if value else "")
    out += re.findall(rf'<textarea[^>]*name="{name}"[^>]*>\r?\n(.*?)</textarea>', page, re.S)
    for select in re.findall(rf'<select[^>]*name="{name}".*?</select>', page, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"|<option value="([^"]*)" selected', select)
        out.append((chosen[1] or chosen[2] or "") if chosen else "")
    return [html.unescape(value).replace("\r\n", "\n") for value in out]


def kept(page: str, form: dict[str, Any]) -> dict[str, list[str]]:
    """Return what a page lost or changed of a filled-in form."""
    wanted = {name: value if isinstance(value, list) else [value] for name, value in form.items()}
    shown = {name: [v for v in typed(page, name) if v or "line" not in name] for name in wanted}
    padded = {name: values[: len(wanted[name])] if name == "criteria" else values for name, values in shown.items()}
    return {n: padded[n] for n, v in wanted.items() if padded[n] != [x for x in v if x or "line" not in n]}


# From nothing to the publication


def test_contest_is_set_up_from_nothing_and_published(house: Flask, database: str, desk: Desk, clock: Clock) -> None:
    here = "/manage/contests/tim-hieu"
    assert desk.post("/manage/contests/new", **NEW).headers["Location"] == here
    assert desk.get("/contests/tim-hieu").status_code == 404
    steps = [
        ("regulations", 0, f"{here}/details", DETAILS),
        ("units", 1, f"{here}/units", {"units": ["A1"], "others": " B1 ,\nB1"}),
        ("rounds", 2, f"{here}/rounds/new", ROUND),
    ]
    for version, (_, done, path, form) in enumerate(steps, 1):
        assert f"Đã xong {done} trên 3" in desk.get(here).text
        assert desk.post(f"{here}/publication", version=str(version)).status_code == 422
        assert desk.post(path, **form, version=str(version)).headers["Location"] == here
    assert "Đã xong 5 trên 6" in desk.get(here).text  # names that visitors see need a text to consent to
    assert desk.post(f"{here}/publication", version="4").status_code == 422
    assert desk.post(f"{here}/consent", **people.CONSENT, version="0").headers["Location"] == here
    assert "Đã xong 6 trên 6" in desk.get(here).text
    with house.app_context():
        row = db.session.scalars(sa.select(Contest).where(Contest.slug == "tim-hieu")).one()
        assert (row.title, row.theme, row.regulations, row.state, row.version) == (*DETAILS.values(), "draft", 4)
        stored = db.session.scalars(sa.select(Round).where(Round.contest_id == row.id)).one()
        assert (stored.opens_at.isoformat(), stored.closes_at.isoformat(), stored.freezes_at and stored.freezes_at.hour) == (
            "2026-06-01T00:00:00+00:00", "2026-06-07T14:00:00+00:00", 5,
        )  # fmt: skip
        assert (stored.minutes, stored.attempts_allowed, stored.counted, stored.prediction, stored.criteria) == (
            15, 2, "last", "participants", ["points", "prediction", "duration"],
        )  # fmt: skip
        assert (stored.shuffle_questions, stored.shuffle_options, stored.names_public) == (False, True, True)
        assert (stored.reveal, stored.reveal_after_close, stored.board, stored.network_allowance) == (
            "score", "nothing", "frozen", 7,
        )  # fmt: skip
        code = stored.code
    page = desk.get(f"{here}/rounds/{code}").text
    assert kept(page, {name: value for name, value in ROUND.items() if "line" not in name}) == {}
    assert [n for n in typed(page, "cell-count") if n] == ["2", "1"]  # any level, then recall, of any topic
    assert kept(desk.get(f"{here}/units").text, {"units": ["A1"], "others": "B1"}) == {}
    answer = desk.post(f"{here}/publication", version="4")
    assert (answer.status_code, "Cuộc thi đã công bố." in desk.get(here).text) == (303, True)
    member = desk_of(house, lambda: people.member("m1", "B1"))
    assert html.escape(DETAILS["title"], quote=False) in member.get("/contests/tim-hieu").text.replace("&#34;", '"')
    clock.set(people.at("07:00") + timedelta(days=12))  # the first of June
    assert member.post(f"/rounds/{code}/attempts").status_code == 303


def middle(page: Any) -> str:
    """Return a page's main part without what says that it is a preview, and without tokens and icons."""
    main = re.search(r"<main.*</main>", page.text, re.S)
    assert main
    return re.sub(
        r'<div class="notice notice--info".*?</div>\s*</div>|(?:content|value)="[\w.-]{60,}"|\s+',
        " ",
        main[0],
        flags=re.S,
    ).replace("  ", " ")


def test_preview_is_what_a_member_sees_after_the_publication(house: Flask, desk: Desk) -> None:
    desk.post(f"{HERE}/details", **DETAILS, version="3")
    preview = desk.get(f"{HERE}/preview")
    assert "Bản xem thử." in preview.text
    assert "<h2>Điều 1</h2>" in preview.text
    assert desk.post(f"{HERE}/publication", version="4").status_code == 303
    desk.get(HERE)  # says that it is published, once
    shown = desk.get("/contests/nhap")
    assert "Bản xem thử." not in shown.text
    assert middle(preview).split() == middle(shown).split()


# Refusals, each beside its field, with what was typed

LONG, NFD = "x" * 10_000, unicodedata.normalize("NFD", "Tuần lễ Nghị quyết")
REFUSED_NEW = [
    ("title", "", "Mục này còn để trống."),
    ("title", LONG, "Dài quá 200 ký tự."),
    ("title", "chuông\x07", "Có ký tự không dùng được."),
    ("title", "không\x00", "Có ký tự không dùng được."),
    ("slug", "", "Mục này còn để trống."),
    ("slug", "Tìm-Hiểu", "Địa chỉ chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối."),
    ("slug", "a/../b", "Địa chỉ chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối."),
    ("slug", "---", "Địa chỉ chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối."),
    ("slug", "a" * 81, "Dài quá 80 ký tự."),
    ("slug", "nhap", "Địa chỉ này đã dùng cho một cuộc thi khác."),
    ("slug", "new", "Địa chỉ này đã dùng cho một cuộc thi khác."),
    ("organiser", "B", "Lựa chọn này không có trong danh sách."),
    ("organiser", "ZZ\x00", "Lựa chọn này không có trong danh sách."),
    ("theme", "x" * 1001, "Dài quá 1.000 ký tự."),
]
PLAIN_CHOICE = "Lựa chọn này không có trong danh sách."
REFUSED_ROUND = [
    ({"title": ""}, "title", "Mục này còn để trống."),
    ({"title": LONG}, "title", "Dài quá 120 ký tự."),
    ({"title": "chuông\x07"}, "title", "Có ký tự không dùng được."),
    ({"opens_at": ""}, "opens_at", "Mục này còn để trống."),
    ({"opens_at": "sáng mai"}, "opens_at", "Thời điểm không đúng dạng."),
    ({"opens_at": "0001-01-01T00:00"}, "opens_at", "Thời điểm không đúng dạng."),
    ({"closes_at": "9999-12-31T23:59"}, "closes_at", "Thời điểm không đúng dạng."),
    ({"closes_at": "2026-06-07T21:00+02:00"}, "closes_at", "Thời điểm không đúng dạng."),
    ({"closes_at": "2026-06-01T06:59", "board": "live"}, "closes_at", "Giờ đóng phải sau giờ mở."),
    ({"closes_at": "2026-06-01T07:00", "board": "live"}, "closes_at", "Giờ đóng phải sau giờ mở."),
    ({"minutes": ""}, "minutes", "Mục này còn để trống."),
    ({"minutes": "hai mươi"}, "minutes", "Cần một số nguyên."),
    ({"minutes": "0"}, "minutes", "Cần một số từ 1 đến 600."),
    ({"minutes": "601"}, "minutes", "Cần một số từ 1 đến 600."),
    ({"attempts_allowed": "0"}, "attempts_allowed", "Cần một số từ 1 đến 1.000."),
    ({"attempts_allowed": "1e3"}, "attempts_allowed", "Cần một số nguyên."),
    ({"network_allowance": "61"}, "network_allowance", "Cần một số từ 0 đến 60."),
    *[({name: "zq"}, name, PLAIN_CHOICE) for name in ("counted", "reveal", "reveal_after_close", "board", "bank")],
    ({"reveal": "review"}, "reveal", PLAIN_CHOICE),
    ({"bank": "99"}, "bank", PLAIN_CHOICE),
    ({"bank": "²"}, "bank", PLAIN_CHOICE),
    ({"bank": "9" * 30}, "bank", PLAIN_CHOICE),
    ({"freezes_at": ""}, "freezes_at", "Giờ khóa bảng phải nằm trong thời gian mở vòng."),
    ({"freezes_at": "2026-06-07T21:01"}, "freezes_at", "Giờ khóa bảng phải nằm trong thời gian mở vòng."),
    ({"reveal": "nothing", "board": "live"}, "board",
     "Nộp bài xong chỉ thấy mã biên nhận thì bảng xếp hạng không hiện khi vòng còn mở."),
    ({"criteria": []}, "criteria", "Cần ít nhất một tiêu chí xếp hạng."),
    ({"criteria": ["zq"]}, "criteria", PLAIN_CHOICE),
    ({"criteria": ["correct", "correct"]}, "criteria", "Mỗi tiêu chí chỉ dùng một lần."),
    ({"criteria": ["prediction", "correct"]}, "criteria", "Độ lệch dự đoán phải đứng sau số câu đúng hoặc điểm."),
    ({"prediction": ""}, "criteria", "Vòng này không có câu dự đoán nên không xếp hạng theo dự đoán được."),
    ({"line-count": ["1", "hai"]}, "blueprint", "Dòng 2 của đề thi: số câu là một số nguyên."),
    ({"line-count": ["1", "²"]}, "blueprint", "Dòng 2 của đề thi: số câu là một số nguyên."),
    ({"line-count": ["-1", "2"]}, "blueprint", "Dòng 1 của đề thi: số câu là một số nguyên."),
    ({"line-count": ["1", "1000"]}, "blueprint", "Dòng 2 của đề thi: số câu là một số nguyên."),
    ({"line-topic": ["", "9" * 30]}, "blueprint", "Dòng 2 của đề thi: số câu là một số nguyên."),
    ({"line-topic": ["", "99"]}, "blueprint", PLAIN_CHOICE),
    ({"line-difficulty": ["zq", ""]}, "blueprint", PLAIN_CHOICE),
]  # fmt: skip
SELECTS = {
    "counted",
    "reveal",
    "reveal_after_close",
    "board",
    "bank",
    "prediction",
    "criteria",
    "line-topic",
    "line-difficulty",
}


@pytest.mark.parametrize(("field", "value", "message"), REFUSED_NEW)
def test_new_contest_is_refused_in_the_words_of_its_field(
    house: Flask, desk: Desk, field: str, value: str, message: str
) -> None:
    before, form = snapshot(house), {**NEW, field: value}
    answer = desk.post("/manage/contests/new", **form)
    assert (answer.status_code, said(answer.text, field)) == (422, message)
    assert kept(answer.text, form).keys() == {field} & {"organiser"}  # no choice of another scope stays chosen
    assert snapshot(house) == before


@pytest.mark.parametrize(("values", "field", "message"), REFUSED_ROUND)
def test_round_is_refused_in_the_words_of_its_field(
    house: Flask, desk: Desk, values: dict[str, Any], field: str, message: str
) -> None:
    before, form = snapshot(house), {**ROUND, **values}
    for path in (f"{HERE}/rounds/new", f"{HERE}/rounds/{draft_code(house)}"):
        answer = desk.post(path, **form, version="3")
        assert (answer.status_code, said(answer.text, field)) == (422, message)
        lost = {name for name in kept(answer.text, form) if not (name in SELECTS and name in values)}
        assert lost == set()  # what is not among the choices cannot stay chosen
    assert snapshot(house) == before


def test_every_field_says_its_own_at_once(house: Flask, desk: Desk) -> None:
    form = {**ROUND, "title": "", "minutes": "0", "closes_at": "zq", "line-count": ["zq", ""]}
    page = desk.post(f"{HERE}/rounds/new", **form, version="3").text
    assert [said(page, field) for field in ("title", "minutes", "closes_at")] == [
        "Mục này còn để trống.", "Cần một số từ 1 đến 600.", "Thời điểm không đúng dạng.",
    ]  # fmt: skip
    assert "Dòng 1 của đề thi: số câu là một số nguyên." in page
    assert "Có 4 chỗ cần sửa." in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "Mục này còn để trống."),
        ("title", LONG, "Dài quá 200 ký tự."),
        ("regulations", "x" * 50_001, "Dài quá 50.000 ký tự."),
        ("theme", "a\x1b", "Có ký tự không dùng được."),
    ],
)
def test_details_are_refused_and_kept(house: Flask, desk: Desk, field: str, value: str, message: str) -> None:
    before, form = snapshot(house), {**DETAILS, field: value}
    answer = desk.post(f"{HERE}/details", **form, version="3")
    assert (answer.status_code, said(answer.text, field)) == (422, message)
    assert kept(answer.text, form) == {}
    assert snapshot(house) == before


def test_unknown_unit_is_named_and_everything_typed_stays(house: Flask, desk: Desk) -> None:
    before = snapshot(house)
    answer = desk.post(f"{HERE}/units", units=["A1"], others="B, KHONG-CO", version="3")
    assert (answer.status_code, "Không có đơn vị mang mã KHONG-CO." in answer.text) == (422, True)
    assert kept(answer.text, {"units": ["A1"], "others": "B, KHONG-CO"}) == {}
    assert snapshot(house) == before


def test_titles_are_stored_in_one_form(house: Flask, database: str, desk: Desk) -> None:
    assert unicodedata.normalize("NFC", NFD) != NFD
    desk.post("/manage/contests/new", **{**NEW, "title": f"  {NFD}\u202e "})
    desk.post(f"{HERE}/rounds/new", **{**ROUND, "title": NFD}, version="3")
    with house.app_context():
        titles = db.session.scalars(sa.select(Contest.title).where(Contest.slug == "tim-hieu")).all()
        titles += db.session.scalars(sa.select(Round.title).where(Round.number == 2)).all()
    assert titles == [unicodedata.normalize("NFC", NFD)] * 2
