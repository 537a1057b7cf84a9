"""Setting a contest up from regulations over HTTP: seen first, moved to the chosen day, refused in its place, kept as typed."""

import html
import re
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.config import ROOT
from contest.db import db
from contest.models.contests import Contest, Round
from contest.models.organisation import Unit
from contest.rules.permissions import SYSTEM
from contest.services.contests import setup
from contest.services.regulations import loading, writing
from tests import people
from tests.conftest import Clock
from tests.tables import snapshot
from tests.web.test_people import Desk
from tests.web.test_setup import said, typed

NEW = "/manage/contests/new/regulations"
FOLDER = ROOT / "docs" / "regulations"
FORM = {"title": "Tìm hiểu Luật", "slug": "tim-hieu", "organiser": "A", "bank": "kho", "first_day": "2026-06-01"}


@pytest.fixture
def house(app: Flask, clock: Clock) -> Flask:
    with app.app_context():
        people.organisation()
        people.bank("kho", [people.question(n) for n in range(1, 21)])
    return app


@pytest.fixture
def desk(house: Flask) -> Desk:
    with house.app_context():
        return Desk(house, people.organiser("toa", unit="A"))


def words(page: str) -> str:
    """Return what a page says, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def own(name: str = "tld-2020") -> str:
    return (FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def stored(app: Flask) -> list[tuple[Any, ...]]:
    with app.app_context():
        query = sa.select(Contest.slug, Contest.title, Contest.state, Unit.code, Round.number, Round.opens_at)
        joined = query.join(Round, Round.contest_id == Contest.id).join(Unit, Unit.id == Contest.organiser_id)
        return [(*r[:5], f"{r[5]:%Y-%m-%d %H:%M}") for r in db.session.execute(joined.order_by(Round.number))]


def test_every_ready_file_is_offered_and_read_out(desk: Desk) -> None:
    page = desk.get(NEW).text
    names = re.findall(rf'href="{NEW}/([a-z0-9-]+)"', page)
    assert sorted(names) == sorted(["own", *(path.stem for path in FOLDER.glob("*.toml"))])
    for name in names[1:]:
        assert desk.get(f"{NEW}/{name}").status_code == 200


def test_contest_is_set_up_from_ready_regulations_on_the_chosen_day(house: Flask, desk: Desk) -> None:
    page = words(desk.get(f"{NEW}/tld-2020").text)
    assert "Vòng đầu mở 07:00 thứ Hai, 1/6/2026; vòng cuối đóng 21:00 Chủ nhật, 28/6/2026." in page  # a Monday ahead
    assert "dời tròn 316 tuần" in page
    assert (
        "20 câu trong 30 phút. Thêm câu dự đoán: số người trả lời đúng tất cả các câu. Mỗi người 3 lượt, cả vòng."
        in page
    )
    answer = desk.post(f"{NEW}/tld-2020", **FORM)
    assert answer.headers["Location"] == "/manage/contests/tim-hieu"
    days = ["2026-06-01", "2026-06-08", "2026-06-15", "2026-06-22"]
    assert stored(house) == [
        ("tim-hieu", "Tìm hiểu Luật", "draft", "A", n, f"{day} 00:00") for n, day in enumerate(days, 1)
    ]


def test_another_weekday_is_said_with_the_nearest_day_that_keeps_it(desk: Desk) -> None:
    looked = desk.post(f"{NEW}/tld-2020", **{**FORM, "first_day": "2026-06-03", "look": "1"})
    assert looked.status_code == 200
    for page in (looked.text, desk.post(f"{NEW}/tld-2020/preview", first_day="2026-06-03").text):
        assert "ngày được chọn là thứ Tư" in words(page)
        assert "chọn ngày 8/6/2026" in words(page)


def test_later_parts_prizes_and_who_advances_are_read_out(desk: Desk) -> None:
    assert "Vòng sân khấu hóa : Thi trên sân khấu sau ba tuần" in words(desk.get(f"{NEW}/cdvcvn-2021").text)
    mixed = words(desk.get(f"{NEW}/tap-the-hon-hop").text)
    assert "Giải Nhì: 1 suất, xét theo tỷ lệ tham gia" in mixed
    assert "Được vào: 10 người xếp cao nhất, theo bảng xếp hạng chung cuộc." in words(
        desk.get(f"{NEW}/vinh-phuc-2021").text
    )
    assert "Xếp hạng trong từng bảng: Bảng A, Bảng B, Bảng C và Bảng D." in words(desk.get(f"{NEW}/tphcm-2025").text)
    assert "Không quá 50,0% số người dự thi được giải." in words(desk.get(f"{NEW}/giai-ca-nhan").text)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("title", "", "Mục này còn để trống."),
        ("slug", "Tìm hiểu", "Địa chỉ chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối."),
        ("slug", "nhap", "Địa chỉ này đã dùng cho một cuộc thi khác."),
        ("organiser", "B", "Lựa chọn này không có trong danh sách."),
        ("bank", "", "Lựa chọn này không có trong danh sách."),
        ("bank", "khac", "Lựa chọn này không có trong danh sách."),
        ("first_day", "1/6/2026", "Ngày không có thật hoặc không đúng dạng ngày/tháng/năm, ví dụ 14/02/1987."),
        ("first_day", "0001-01-01", "Ngày không có thật hoặc không đúng dạng ngày/tháng/năm, ví dụ 14/02/1987."),
    ],
)
def test_what_is_refused_is_said_beside_its_field_and_the_rest_is_kept(
    house: Flask, desk: Desk, field: str, value: str, why: str
) -> None:
    with house.app_context():
        people.draft_contest("nhap", bank_id=1)
    before = snapshot(house)
    form = {**FORM, field: value}
    answer = desk.post(f"{NEW}/tld-2020", **form)
    assert (answer.status_code, said(answer.text, field)) == (422, why)
    kept = [n for n in form if n != field]
    assert {n: typed(answer.text, n) for n in kept} == {n: [form[n]] for n in kept}
    assert snapshot(house) == before


def test_own_file_is_read_into_the_form_and_then_set_up(house: Flask, desk: Desk) -> None:
    read = desk.post(f"{NEW}/own", file=(BytesIO(own().encode()), "thi.toml"))
    assert read.status_code == 200
    assert typed(read.text, "slug") == ["tld-2020"]
    assert typed(read.text, "first_day") == ["2026-06-01"]
    assert typed(read.text, "settings")[0].strip() == own().strip()
    assert stored(house) == []
    answer = desk.post(f"{NEW}/own", settings=own().replace("\n", "\r\n"), **FORM)
    assert answer.headers["Location"] == "/manage/contests/tim-hieu"
    assert [row[4] for row in stored(house)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("minutes = 30", "minutes = ", "Dòng 17 của tệp thể lệ không đúng cú pháp TOML."),
        ("minutes = 30", "minutes = 0", "Trong tệp thể lệ, round.minutes phải như sau: 1 … 600."),
        ('"correct", "prediction"', '"prediction", "correct"', "Chỗ cần sửa trong tệp thể lệ: rounds[1].criteria."),
        ("[round]", "[round]\nnames_pubic = true", "Tệp thể lệ có round.names_pubic"),
    ],
)
def test_what_is_wrong_in_an_own_file_is_named_and_what_was_typed_stays(
    house: Flask, desk: Desk, old: str, new: str, why: str
) -> None:
    text = own().replace(old, new, 1)
    answer = desk.post(f"{NEW}/own", settings=text, **FORM)
    assert answer.status_code == 422
    assert why in words(answer.text)
    assert typed(answer.text, "settings")[0].strip() == text.strip()
    assert stored(house) == []


def test_nothing_too_large_or_unreadable_is_taken(house: Flask, desk: Desk) -> None:
    assert desk.post(f"{NEW}/own").status_code == 422
    for content, why in ((b"\xff\xfe\x00", "Dòng 1"), (b"#" * 300_000, "Tệp thể lệ lớn hơn 256 KB.")):
        answer = desk.post(f"{NEW}/own", file=(BytesIO(content), "thi.toml"))
        assert (answer.status_code, why in words(answer.text)) == (422, True)
    assert desk.post(f"{NEW}/own", file=(BytesIO(b"#" * 900_000), "thi.toml")).status_code == 413
    assert desk.get(f"{NEW}/khong-co").status_code == 404


def test_settings_of_a_contest_are_a_file_that_sets_up_the_same(house: Flask, desk: Desk) -> None:
    desk.post(f"{NEW}/vinh-phuc-2021", **FORM)
    here = "/manage/contests/tim-hieu/settings.toml"
    assert here in desk.get("/manage/contests/tim-hieu").text
    answer = desk.get(here)
    assert answer.headers["Content-Disposition"] == "attachment; filename=tim-hieu.toml"
    with house.app_context():
        found = loading.read(answer.data)
        loading.load(found.named(found.title, "nua"), bank="kho", organiser="GOC", by=SYSTEM)
        assert writing.settings("nua", by=SYSTEM).named(found.title, "tim-hieu") == found
        assert len(setup.list_contests(by=SYSTEM)) == 2
