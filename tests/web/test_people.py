"""People and units over HTTP: a list uploaded, looked at, confirmed; codes handed out; each inside their own scope."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from contest import worker
from contest.db import db, transaction
from contest.formats.drafts import MemberDraft
from contest.formats.tables import write_members
from contest.models.audit import AuditEntry
from contest.models.files import File, FilePart
from contest.models.members import Member, RoleGrant
from contest.rules.permissions import Actor
from contest.services import files
from tests import people
from tests.conftest import Clock
from tests.formats.archives import repacked, workbook, zipped

NEW = "nam sau bay tam"
HEADS = ["Mã đoàn viên", "Họ và tên", "Ngày sinh", "Điện thoại", "Email", "Mã đơn vị"]


class Desk:
    """Someone at their desk: pages, forms, uploads, and the jobs that come of them."""

    def __init__(self, app: Flask, who: Actor) -> None:
        self.app, self.client = app, app.test_client()
        people.enter(self.client, who)
        self.token = people.csrf(self.client)

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **form: Any) -> Any:
        return self.client.post(path, data={"csrf_token": self.token, **form})

    def upload(self, path: str, data: bytes, name: str = "danh-sach.xlsx") -> str:
        """Upload a file, let the worker look at it, and return the address of the job."""
        answer = self.post(path, file=(BytesIO(data), name))
        assert answer.status_code == 303
        worker.run_once(self.app)
        return str(answer.headers["Location"])

    def confirm(self, job: str) -> str:
        """Confirm what was looked at and return the address of the job that carries it out."""
        answer = self.post(f"{job}/confirmation")
        assert answer.status_code == 303
        worker.run_once(self.app)
        return str(answer.headers["Location"])

    def order(self, path: str, **form: Any) -> str:
        """Ask for an export and return the address of the finished job."""
        answer = self.post(path, **form)
        assert answer.status_code == 303
        worker.run_once(self.app)
        return str(answer.headers["Location"])

    def fetch(self, job: str) -> Any:
        """Download the file that a job made."""
        found = re.search(r'href="(/manage/files/[^"]+)"', self.get(job).text)
        assert found, "the job made no file"
        return self.get(found[1])


def bare(answer: Any) -> str:
    """Return a page without its token and without the address that was asked for."""
    return re.sub(r'(?:content|value)="(?:[^"]{40,}|/manage[^"]*)"', "", str(answer.text))


def figures(page: Any) -> dict[str, int]:
    """Return the figures of a job's page by their words."""
    found = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page.text, re.S)
    plain = [(re.sub(r"<[^>]+>", "", word).strip(), re.sub(r"<[^>]+>", "", number).strip()) for word, number in found]
    return {word: int(number) for word, number in plain if number.isdigit()}


def listed(*rows: list[Any]) -> bytes:
    return workbook([HEADS, *rows], "Đoàn viên")


@pytest.fixture
def house(app: Flask, clock: Clock) -> Flask:
    with app.app_context():
        people.organisation()
    return app


@pytest.fixture
def desk(house: Flask) -> Desk:
    with house.app_context():
        return Desk(house, people.administrator())


def members(app: Flask) -> list[tuple[Any, ...]]:
    with app.app_context():
        query = sa.select(Member.code, Member.full_name, Member.phone).where(Member.code != "quantri")
        return [tuple(r) for r in db.session.execute(query.order_by(Member.code))]


# Lists


def test_list_is_looked_at_then_carried_out_and_a_second_time_changes_nothing(
    house: Flask, database: str, desk: Desk
) -> None:
    data = listed(
        ["m1", "Đặng Thị Ánh", "14/02/1987", "0912 345 678", "anh@don-vi.vn", "A1"],
        ["m2", "Lê Văn Bình", "", 912345678, "", "B1"],  # the same phone, as a number: contact alone
        ["m3", "Vũ Hoà", "31/02/1990", "", "", "A1"],
        ["m4", "Trần Tư", "", "", "", "KHONG-CO"],
        ["m5", "Hồ Năm", "14/02/2087", "", "", "A1"],
    )
    job = desk.upload("/manage/members/import", data)
    page = desk.get(job)
    assert figures(page) == {
        "đơn vị mới": 0, "đơn vị thay đổi": 0, "người mới": 2, "người thay đổi": 0, "không đổi": 0, "có lỗi, không nhập": 3,
    }  # fmt: skip
    assert "Trang Đoàn viên, dòng 4, cột Ngày sinh" in page.text
    assert "Trang Đoàn viên, dòng 5, cột Mã đơn vị" in page.text
    assert "Không có đơn vị mang mã KHONG-CO." in page.text
    assert "Ngày sinh ở sau hôm nay." in page.text
    assert members(house) == []
    assert "Đã nhập xong." in desk.get(desk.confirm(job)).text
    entered = [("m1", "Đặng Thị Ánh", "+84912345678"), ("m2", "Lê Văn Bình", "+84912345678")]
    assert members(house) == entered
    again = desk.upload("/manage/members/import", data)
    assert figures(desk.get(again))["không đổi"] == 2
    assert "Không có gì mới để nhập." in desk.get(again).text
    assert members(house) == entered


def test_codes_stand_as_the_list_writes_them_and_are_found_as_people_type_them(house: Flask, desk: Desk) -> None:
    desk.confirm(desk.upload("/manage/members/import", listed(["BĐ-0001", "Đặng Thị Ánh", "", "", "", "A1"])))
    assert members(house) == [("BĐ-0001", "Đặng Thị Ánh", None)]
    assert all("BĐ-0001" in desk.get(path).text for path in ("/manage/members", "/manage/members/bđ-0001"))
    assert "Đặng Thị Ánh" in desk.get("/manage/members?search=b%C4%91-0001").text
    printed = paths_of(desk, desk.order("/manage/units/A/invitations"))
    assert any("BĐ-0001" in desk.get(path).text for path in printed if "invitations" in path)
    with house.app_context(), transaction():
        db.session.execute(sa.update(Member).values(password_hash=people.PASSWORD_HASH))
    assert people.sign_in(house.test_client(), " bđ-0001").status_code == 303


def test_units_and_members_come_in_one_file(house: Flask, desk: Desk) -> None:
    csv = "Mã đơn vị;Tên đơn vị;Mã đơn vị cấp trên;Số đoàn viên\nC;Công đoàn Sở Cẩm;GOC;12\n".encode()
    desk.confirm(desk.upload("/manage/members/import", csv, "don-vi.csv"))
    assert "Công đoàn Sở Cẩm" in desk.get("/manage/units").text


def test_what_changed_since_the_preview_is_looked_at_again(house: Flask, desk: Desk) -> None:
    job = desk.upload("/manage/members/import", listed(["m1", "Đặng Thị Ánh", "", "", "", "A1"]))
    with house.app_context():
        people.member("m1")
    page = desk.get(desk.confirm(job))
    assert "Dữ liệu đã thay đổi từ lúc xem trước." in page.text
    assert members(house) == [("m1", "Nguyễn Thị M1", None)]


def test_preview_is_its_owners_alone(house: Flask, desk: Desk) -> None:
    job = desk.upload("/manage/members/import", listed(["m1", "Đặng Thị Ánh", "", "", "", "A1"]))
    with house.app_context():
        other = Desk(house, people.administrator("khac"))
    missing = other.get("/manage/jobs/khong-co")
    assert (other.get(job).status_code, bare(other.get(job)) == bare(missing)) == (404, True)
    assert other.post(f"{job}/confirmation").status_code == 404
    assert [code for code, *_ in members(house)] == ["khac"]


def test_right_taken_away_while_the_job_waits_ends_it(house: Flask, desk: Desk) -> None:
    answer = desk.post("/manage/members/import", file=(BytesIO(listed(["m1", "A", "", "", "", "A1"])), "a.xlsx"))
    with house.app_context(), transaction():
        db.session.execute(sa.delete(RoleGrant))
        db.session.execute(
            sa.insert(RoleGrant),
            {"member_id": db.session.scalars(sa.select(Member.id)).one(), "role": "judge"},
        )
    worker.run_once(house)
    assert "không có quyền làm việc này" in desk.get(answer.headers["Location"]).text
    assert members(house) == []


GOOD = listed(["m1", "Đặng Thị Ánh", "", "", "", "A1"])


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (GOOD[: len(GOOD) // 2], "a.xlsx", "Tệp bị cắt cụt hoặc đã hỏng."),
        (repacked(GOOD, {"xl/vbaProject.bin": b"x"}), "a.xlsm", "Tệp có macro."),
        ("Họ và tên;Mã đơn vị\nĐặng Ánh;A1\n".encode("cp1258", "replace"), "a.csv", "Tệp không phải văn bản UTF-8"),
        ("Họ và tên;Mã đơn vị\nAnh;A1\n".encode("utf-16-le"), "a.csv", None),
        (zipped({"xl/workbook.xml": b"\0" * 60_000_000}), "a.xlsx", "Tệp bung ra quá lớn."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xls", "Tệp ở dạng Excel cũ hoặc có mật khẩu."),
        (b"", "a.xlsx", None),
        (b"hello", "a.csv", "Không tìm thấy dòng tiêu đề"),
        (b"%PDF-1.7", "a.pdf", None),
    ],
)
def test_bad_file_is_told_and_changes_nothing(desk: Desk, data: bytes, name: str, message: str | None) -> None:
    page = desk.get(desk.upload("/manage/members/import", data, name)).text
    assert message is None or message in page
    assert 'class="notice' in page or "vấn đề" in page
    assert "Nhập 0" not in page
    assert "/confirmation" not in page
    assert members(desk.app) == []


def test_upload_without_a_file_says_so(desk: Desk) -> None:
    answer = desk.post("/manage/members/import")
    assert (answer.status_code, "Chưa chọn tệp." in answer.text) == (422, True)


def test_template_can_be_read_and_its_examples_are_passed_over(desk: Desk) -> None:
    template = desk.get("/manage/members/template.xlsx")
    assert CalamineWorkbook.from_filelike(BytesIO(template.data)).sheet_names[:2] == ["Đơn vị", "Đoàn viên"]
    page = desk.get(desk.upload("/manage/members/import", template.data))
    counts = figures(page)
    assert (counts["đơn vị mới"], counts["người mới"], counts["có lỗi, không nhập"]) == (0, 0, 0)
    assert page.text.count("Đây là dòng ví dụ của tệp mẫu nên không nhập.") == 3
    assert "/confirmation" not in page.text


# Scope


def test_organiser_of_a_importing_into_b_gets_problems_and_changes_nothing(house: Flask, database: str) -> None:
    with house.app_context():
        organiser = Desk(house, people.organiser("toa", unit="A"))
        people.member("b1", "B1", full_name="Người của Bình")
    before = members(house)
    data = listed(
        ["m1", "Đặng Thị Ánh", "", "", "", "B1"],
        ["b1", "Đổi Tên", "", "", "", "A1"],
        ["m2", "Lê Văn Bình", "", "", "", "GOC"],
    )
    job = organiser.upload("/manage/members/import", data)
    page = organiser.get(job).text
    for said in ("Không có đơn vị mang mã B1.", "Mã này đã thuộc về người khác.", "Không có đơn vị mang mã GOC."):
        assert said in page
    assert "Người của Bình" not in page
    organiser.confirm(job)
    assert members(house) == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/manage/members/b1"),
        ("POST", "/manage/members/b1"),
        ("POST", "/manage/members/b1/suspension"),
        ("GET", "/manage/units/B1"),
        ("POST", "/manage/units/B1"),
        ("POST", "/manage/units/B1/invitations"),
        ("GET", "/manage/members?unit=B1"),
    ],
)
def test_what_lies_in_b_does_not_exist_for_an_organiser_of_a(house: Flask, method: str, path: str) -> None:
    with house.app_context():
        organiser = Desk(house, people.organiser("toa", unit="A"))
        people.member("b1", "B1")
    before = members(house)
    form = {"full_name": "Đổi Tên", "unit": "A1", "name": "Đổi Tên", "suspended": "1", "csrf_token": organiser.token}
    missing = path.replace("b1", "zz").replace("B1", "ZZ")
    answers = [organiser.client.open(p, method=method, data=form) for p in (path, missing)]
    assert [a.status_code for a in answers] == [404, 404]
    assert bare(answers[0]) == bare(answers[1])
    assert members(house) == before


@pytest.mark.parametrize("unit", ["B1", "GOC", "KHONG-CO"])
def test_nobody_is_entered_or_moved_outside_the_scope(house: Flask, unit: str) -> None:
    with house.app_context():
        organiser = Desk(house, people.organiser("toa", unit="A"))
        people.member("a1", "A1")
    before = members(house)
    for path in ("/manage/members/new", "/manage/members/a1"):
        assert organiser.post(path, full_name="Lê Văn Bình", unit=unit).status_code in {404, 422}
    assert members(house) == before


def test_given_values_are_kept_and_extra_ones_ignored(house: Flask, desk: Desk) -> None:
    answer = desk.post("/manage/members/new", full_name="Lê Văn Bình", unit="A1", birth_date="31/02/1990")
    assert (answer.status_code, 'value="Lê Văn Bình"' in answer.text) == (422, True)
    answer = desk.post("/manage/members/new", full_name="Lê Văn Bình", unit="A1", birth_date="01/01/2090")
    assert (answer.status_code, "Ngày sinh ở sau hôm nay." in answer.text, members(house)) == (422, True, [])
    form = {"full_name": "Lê Văn Bình", "unit": "A1", "code": "m1", "role": "administrator", "epoch": "7", "id": "1"}
    assert desk.post("/manage/members/new", **form).status_code == 303
    with house.app_context():
        row = db.session.scalars(sa.select(Member).where(Member.code == "m1")).one()
        assert (row.epoch, row.password_hash, row.suspended_at) == (1, None, None)
        assert people.actor("m1").roles == frozenset()


def test_member_changes_nothing_of_themselves_by_extra_fields(house: Flask) -> None:
    with house.app_context():
        who = people.member("m1")
    own = Desk(house, who)
    before = members(house)
    form = {
        "current": people.PASSWORD,
        "password": NEW,
        "repeat": NEW,
        "full_name": "X",
        "unit_id": "1",
        "role": "judge",
    }
    assert own.post("/me/password", **form).status_code == 303
    assert members(house) == before
    with house.app_context():
        assert (people.actor("m1").roles, people.actor("m1").unit_id) == (frozenset(), who.unit_id)


@pytest.mark.parametrize("path", ["?after=zz", "?after=00.x", "?unit=KHONG-CO"])
def test_forged_cursor_is_not_found(desk: Desk, path: str) -> None:
    assert desk.get(f"/manage/members{path}").status_code == 404


@pytest.mark.parametrize("search", ["' OR 1=1 --", "%", "_", "<script>alert(1)</script>", "a" * 5000])
def test_search_takes_anything_for_a_text(house: Flask, desk: Desk, search: str) -> None:
    with house.app_context():
        people.member("m1")
    answer = desk.client.get("/manage/members", query_string={"q": search})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


# Activation codes


@pytest.fixture
def codes(house: Flask, desk: Desk) -> str:
    """Let codes be made for the two people of A and return the address of the job."""
    drafts = [
        MemberDraft("m1", "=Đặng Ánh", None, None, None, None, "A1"),
        MemberDraft("m2", "Lê Bình", None, None, None, None, "A1"),
        MemberDraft("m3", "Vũ Hoà", None, None, None, None, "B1"),
    ]
    desk.confirm(desk.upload("/manage/members/import", write_members(drafts, format="xlsx")))
    return desk.order("/manage/units/A/invitations")


def test_codes_open_accounts_once(house: Flask, database: str, desk: Desk, codes: str) -> None:
    sheet = CalamineWorkbook.from_filelike(BytesIO(desk.fetch(codes).data)).get_sheet_by_index(0).to_python()
    rows = [[str(cell) for cell in row] for row in sheet if str(row[1]).startswith("m")]
    assert [row[:3] for row in rows] == [
        ["Công đoàn phòng An Một", "m1", "=Đặng Ánh"],
        ["Công đoàn phòng An Một", "m2", "Lê Bình"],
    ]
    for *_, code in rows:
        statuses = []
        for _ in range(2):
            client = house.test_client()
            form = {"code": code, "password": NEW, "repeat": NEW, "csrf_token": people.csrf(client)}
            statuses.append(client.post("/activate", data=form).status_code)
        assert statuses == [303, 422]
    assert people.sign_in(house.test_client(), "m1", NEW).status_code == 303


def test_new_codes_put_the_old_ones_out_of_use(house: Flask, desk: Desk, codes: str) -> None:
    def printed(job: str) -> list[str]:
        found = re.search(r'href="(/manage/invitations/[^"]+)"', desk.get(job).text)
        assert found
        return re.findall(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}\b", desk.get(found[1]).text)

    old, new = printed(codes), printed(desk.order("/manage/units/A/invitations"))
    assert (len(old), len(new), set(old) & set(new)) == (2, 2, set())
    statuses = []
    for code in (old[0], new[0]):
        client = house.test_client()
        form = {"code": code, "password": NEW, "repeat": NEW, "csrf_token": people.csrf(client)}
        statuses.append(client.post("/activate", data=form).status_code)
    assert statuses == [422, 303]


def paths_of(desk: Desk, job: str) -> list[str]:
    """Return the addresses of a job's file and of its printable list."""
    found = re.findall(r'href="(/manage/(?:files|invitations)/[^"]+)"', desk.get(job).text)
    assert len(found) == 2
    return found


def test_printable_page_and_file_are_their_owners_alone(house: Flask, desk: Desk, codes: str) -> None:
    paths = paths_of(desk, codes)
    assert [desk.get(p).status_code for p in paths] == [200, 200]
    with house.app_context():
        other = Desk(house, people.administrator("khac"))
        member = Desk(house, people.member("tv"))
    assert [other.get(p).status_code for p in [*paths, codes]] == [404] * 3
    assert bare(other.get(paths[0])) == bare(other.get("/manage/files/khong-co"))
    assert [member.get(p).status_code for p in [*paths, codes]] == [403] * 3


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 410)])
def test_files_live_for_a_day(desk: Desk, codes: str, clock: Clock, seconds: int, status: int) -> None:
    paths = paths_of(desk, codes)
    clock.set(clock.at + timedelta(hours=24, seconds=seconds))
    assert [desk.get(p).status_code for p in paths] == [status, status]


def test_swept_files_are_empty_and_stay_gone(house: Flask, desk: Desk, codes: str, clock: Clock) -> None:
    path = paths_of(desk, codes)[0]
    clock.advance(hours=49)
    with house.app_context():
        assert files.sweep(clock.at) > 0
        assert (
            db.session.scalars(sa.select(FilePart.number)).all()
            == db.session.scalars(sa.select(File.id).where(File.size > 0)).all()
            == []
        )
    assert desk.get(path).status_code == 410


def test_role_taken_away_takes_the_files_away(house: Flask, desk: Desk, codes: str) -> None:
    paths = paths_of(desk, codes)
    with house.app_context(), transaction():
        db.session.execute(sa.delete(RoleGrant))
    assert [desk.get(p).status_code for p in paths] == [403, 403]


def test_every_step_is_on_record(house: Flask, desk: Desk, codes: str) -> None:
    desk.post("/manage/members/m1/suspension", suspended="1")
    with house.app_context():
        actions = db.session.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.actor_id.is_not(None)).order_by(AuditEntry.id)
        ).all()
    assert actions == ["people-imported", "accounts-invited", "member-suspended"]
