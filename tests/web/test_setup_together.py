"""Several at one contest: two editors, the checklist before the publication, the archive, questions revised meanwhile."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db, transaction
from contest.models.attempts import Attempt
from contest.models.audit import AuditEntry
from contest.models.banks import QuestionVersion
from contest.models.contests import Contest
from contest.models.keys import AnswerKey
from contest.models.results import Result
from tests import people
from tests.conftest import Clock
from tests.tables import snapshot
from tests.web.test_attempts import Taker
from tests.web.test_banks import form as question_form
from tests.web.test_people import Desk, bare
from tests.web.test_setup import DETAILS, HERE, ROUND, desk_of, draft_code, drafted, kept, typed

MEANWHILE = "Có người vừa sửa mục này. Mời bạn xem lại bản mới rồi sửa tiếp."


@pytest.fixture
def house(app: Flask, clock: Clock) -> Flask:
    return drafted(app)


@pytest.fixture
def pair(house: Flask) -> tuple[Desk, Desk]:
    """Put two organisers of the same contest at their desks."""
    return tuple(desk_of(house, lambda c=c: people.organiser(c, unit="A")) for c in ("toa", "tob"))  # type: ignore[return-value]


def row(app: Flask, slug: str = "nhap") -> tuple[str, str, int]:
    with app.app_context():
        return tuple(
            db.session.execute(
                sa.select(Contest.title, Contest.state, Contest.version).where(Contest.slug == slug)
            ).one()
        )


# Two editors


def edits(code: str) -> dict[str, dict[str, Any]]:
    return {
        f"{HERE}/details": DETAILS,
        f"{HERE}/units": {"units": ["A1"], "others": "B"},
        f"{HERE}/rounds/new": ROUND,
        f"{HERE}/rounds/{code}": ROUND,
        f"{HERE}/rounds/{code}/removal": {},
        f"{HERE}/publication": {},
    }


@pytest.mark.parametrize("number", range(6))
def test_second_of_two_editors_is_told_and_keeps_what_was_typed(
    house: Flask, database: str, pair: tuple[Desk, Desk], number: int
) -> None:
    first, second = pair
    path, form = list(edits(draft_code(house)).items())[number]
    assert 'name="version" value="3"' in second.get(HERE if "publication" in path or "removal" in path else path).text
    assert first.post(f"{HERE}/details", **{**DETAILS, "title": "Của người trước"}, version="3").status_code == 303
    before = snapshot(house)
    answer = second.post(path, **form, version="3")
    assert (answer.status_code, MEANWHILE in answer.text) == (409, True)
    assert kept(answer.text, form) == {}
    assert snapshot(house) == before
    assert row(house) == ("Của người trước", "draft", 4)
    if form:  # the page now holds the new version: who has looked may save
        assert 'name="version" value="4"' in answer.text
        assert second.post(path, **form, version="4").status_code == 303
        with house.app_context():
            actors = db.session.scalars(sa.select(AuditEntry.actor_id).order_by(AuditEntry.id.desc()).limit(2)).all()
            assert actors == [people.actor(c).member_id for c in ("tob", "toa")]


@pytest.mark.parametrize("version", ["", "0", "2", "4", "x", "²", "9" * 30, "-1"])
def test_only_the_version_that_was_seen_may_be_changed(house: Flask, pair: tuple[Desk, Desk], version: str) -> None:
    before = snapshot(house)
    assert pair[0].post(f"{HERE}/details", **DETAILS, version=version).status_code == 409
    assert snapshot(house) == before


# Publication and archive


def without(app: Flask, *statements: Any) -> None:
    with app.app_context(), transaction():
        for statement in statements:
            db.session.execute(sa.text(statement))


INCOMPLETE = [
    ("UPDATE contests SET regulations = ' '", "Chưa có thể lệ."),
    ("DELETE FROM contest_units", "Chưa chọn đơn vị tham gia."),
    ("DELETE FROM blueprint_lines; DELETE FROM rounds", "Cuộc thi chưa có vòng nào."),
    ("UPDATE rounds SET bank_id = NULL", "Chưa chọn ngân hàng câu hỏi."),
    ("DELETE FROM blueprint_lines", "Đề thi chưa có câu nào."),
    ("UPDATE blueprint_lines SET count = 5", "Dòng 1 cần 5 câu, ngân hàng còn thiếu 1 câu đã duyệt."),
    ("UPDATE blueprint_lines SET count = 201", "Một đề có nhiều nhất 200 câu."),
    ("UPDATE rounds SET prediction = NULL", "Vòng này không có câu dự đoán nên không xếp hạng theo dự đoán được."),
    ("UPDATE questions SET approved_id = NULL", "Dòng 1 cần 3 câu, ngân hàng còn thiếu 3 câu đã duyệt."),
]


@pytest.mark.parametrize(("statements", "missing"), INCOMPLETE)
def test_incomplete_contest_is_not_published(
    house: Flask, database: str, pair: tuple[Desk, Desk], statements: str, missing: str
) -> None:
    without(house, *statements.split(";"))
    page = pair[0].get(HERE).text
    todo = re.findall(r'checklist__item--todo">.*?</li>', page, re.S)
    assert [missing in item for item in todo] == [True]
    before = snapshot(house)
    answer = pair[0].post(f"{HERE}/publication", version="3")
    assert (answer.status_code, "Còn 1 việc phải xong trước khi công bố." in answer.text) == (422, True)
    assert missing in answer.text
    assert snapshot(house) == before
    assert pair[0].get("/contests/nhap").status_code == 404


def test_contest_whose_rounds_are_over_is_not_published(house: Flask, pair: tuple[Desk, Desk], clock: Clock) -> None:
    clock.advance(hours=2)
    answer = pair[0].post(f"{HERE}/publication", version="3")
    assert (answer.status_code, "Giờ đóng đã qua." in answer.text, row(house)[1]) == (422, True, "draft")
    clock.advance(milliseconds=-1)
    assert pair[0].post(f"{HERE}/publication", version="3").status_code == 303


def test_publishing_twice_is_told(house: Flask, pair: tuple[Desk, Desk]) -> None:
    assert pair[0].post(f"{HERE}/publication", version="3").status_code == 303
    answer = pair[1].post(f"{HERE}/publication", version="4")
    assert (answer.status_code, "Cuộc thi đang ở trạng thái khác" in answer.text) == (409, True)
    with house.app_context():
        assert db.session.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.action == "contest-published")
        ).all() == ["contest-published"]


def test_blueprint_beyond_the_bank_is_said_while_it_is_filled_in(house: Flask, pair: tuple[Desk, Desk]) -> None:
    form = {**ROUND, "line-difficulty": ["application", ""], "line-topic": ["", ""]}
    for asked, said in (
        (["1", "2"], "Mọi chủ đề, Vận dụng: thiếu 1 câu."),
        (["", "5"], "Mọi chủ đề, Mọi mức độ: thiếu 1 câu."),
        (["", "4"], "Ngân hàng có 4 câu đã duyệt."),
        (["", "²"], "Đề thi chưa có câu nào."),
    ):
        answer = pair[0].post(f"{HERE}/rounds/supply", **{**form, "line-count": asked})
        shown = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
        assert (answer.status_code, said in shown) == (200, True), shown


def test_archived_contest_is_read_and_neither_taken_nor_changed(
    house: Flask, database: str, pair: tuple[Desk, Desk], clock: Clock
) -> None:
    code, desk = draft_code(house), pair[0]
    assert desk.post(f"{HERE}/archive", version="3").status_code == 409  # a draft
    desk.post(f"{HERE}/publication", version="3")
    taker = Taker(house, "m1", code)
    taker.start()
    assert desk.post(f"{HERE}/archive", version="4").status_code == 303
    assert taker.save(1, taker.paper()[0][0]).status_code == 200  # who has begun may end
    assert taker.submit().status_code == 303
    assert taker.start().status_code == 409
    late = Taker(house, "m2", code)
    assert late.start().status_code == 409
    before = snapshot(house)
    for path, form in {**edits(code), f"{HERE}/archive": {}}.items():
        answer = desk.post(path, **form, version="5")
        assert (answer.status_code, "Cuộc thi đang ở trạng thái khác" in answer.text) == (409, True), path
    assert snapshot(house) == before
    clock.advance(hours=3)
    worker.run_once(house)
    assert late.client.get("/contests/nhap").status_code == 200
    assert len(re.findall("<tr data-place", late.client.get(f"/rounds/{code}/standings").text)) == 1
    assert desk.get(f"{HERE}/results").status_code == 200


# What has begun stays


def test_round_that_has_begun_keeps_its_paper(
    house: Flask, database: str, pair: tuple[Desk, Desk], clock: Clock
) -> None:
    code, desk = draft_code(house), pair[0]
    desk.post(f"{HERE}/publication", version="3")
    page = desk.get(f"{HERE}/rounds/{code}").text
    names = [
        n for n in (*ROUND, "shuffle_questions") if n not in {"criteria", "line-topic", "line-difficulty", "line-count"}
    ]
    form = {n: v[0] for n in names if (v := typed(page, n))}
    form |= {
        "criteria": ["correct", "prediction", "duration"],
        "line-topic": [""],
        "line-difficulty": [""],
        "line-count": ["3"],
    }
    Taker(house, "m1", code).start()
    before = snapshot(house)
    for change in (
        {"minutes": "30"},
        {"attempts_allowed": ""},
        {"counted": "first"},
        {"line-count": ["2"]},
        {"bank": ""},
    ):
        answer = desk.post(f"{HERE}/rounds/{code}", **{**form, **change}, version="4")
        told = "Vòng này đã có người thi nên không đổi được đề, số lượt và cách tính."
        assert (answer.status_code, told in answer.text) == (422, True), change
    opens = desk.post(f"{HERE}/rounds/{code}", **{**form, "opens_at": "2026-05-20T09:00"}, version="4")
    assert (opens.status_code, "Vòng này đã mở nên không đổi được giờ mở." in opens.text) == (422, True)
    assert desk.post(f"{HERE}/rounds/{code}/removal", version="4").status_code == 422
    assert snapshot(house) == before
    later = {**form, "closes_at": "2026-05-20T20:00"}
    assert desk.post(f"{HERE}/rounds/{code}", **later, version="4").status_code == 303


def versions(app: Flask) -> dict[int, list[int]]:
    """Return the versions on each paper by its attempt's id."""
    with app.app_context():
        return {
            a.id: sorted(v for v, _ in a.paper) for a in db.session.scalars(sa.select(Attempt).order_by(Attempt.id))
        }


def test_running_paper_keeps_its_versions_though_questions_are_revised(
    house: Flask, database: str, pair: tuple[Desk, Desk]
) -> None:
    code = draft_code(house)
    without(house, "UPDATE blueprint_lines SET count = 4")
    pair[0].post(f"{HERE}/publication", version="3")
    early = Taker(house, "m1", code)
    early.start()
    first = early.client.get(early.url).text
    (before,) = versions(house).values()
    author, reviewer = desk_of(house, people.author), desk_of(house, people.reviewer)
    bank = "/manage/banks/kho"
    for n in range(1, 5):
        options = [f"Phương án {x} của câu {n}" for x in "ABCD"]  # the same words, another one right
        changed = question_form(
            text=f"Câu {n} viết lại?", option=options, right="3", topic="", version="1", go="submit"
        )
        assert author.post(f"{bank}/questions/C-000{n}", **changed).status_code == 303
        assert reviewer.post(f"{bank}/approvals", question=f"C-000{n}").status_code == 303
    assert middle_of(early.client.get(early.url).text) == middle_of(first)
    late = Taker(house, "m2", code)
    late.start()
    papers = list(versions(house).values())
    assert papers[0] == before
    assert set(papers[1]).isdisjoint(before)
    assert late.client.get(late.url).text.count("viết lại?") == 4
    for taker, answer in ((early, "A"), (late, "D")):  # by the key of the paper's own versions, both are all right
        page = taker.client.get(taker.url).text
        for position, part in enumerate(re.findall(r'<fieldset[^>]*data-position="\d+".*?</fieldset>', page, re.S), 1):
            value = re.search(rf'value="([^"]+)"[^>]*>(?:<span[^>]*>[A-D]</span>)<span[^>]*>Phương án {answer} ', part)
            assert value
            assert taker.save(position, value[1]).status_code == 200
        taker.submit()
    with house.app_context():
        assert db.session.scalars(sa.select(Result.correct_count)).all() == [4, 4]
        assert db.session.scalar(sa.select(sa.func.count()).select_from(QuestionVersion)) == 8
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AnswerKey)) == 8


def middle_of(page: str) -> str:
    found = re.search(r"<main.*</main>", page, re.S)
    assert found
    return re.sub(r'(?:content|value)="[\w.-]{60,}"', "", found[0])


# Another unit


def test_organiser_of_another_unit_meets_nothing(house: Flask, database: str) -> None:
    other, code = desk_of(house, lambda: people.organiser("tokhac", unit="B")), draft_code(house)
    before = snapshot(house)
    reads = [
        HERE,
        f"{HERE}/preview",
        f"{HERE}/results",
        *(p for p in edits(code) if "/removal" not in p and "/pub" not in p),
    ]
    for method, path, form in [
        *(("GET", path, {}) for path in reads),
        *(("POST", path, form) for path, form in edits(code).items()),
        ("POST", f"{HERE}/archive", {}),
        ("POST", f"{HERE}/rounds/supply", ROUND),
        ("POST", f"{HERE}/details/preview", DETAILS),
        ("POST", f"{HERE}/results/exports", {"format": "csv"}),
    ]:
        sent = {**form, "version": "3", "csrf_token": other.token} if method == "POST" else None
        there, missing = (
            other.client.open(p, method=method, data=sent) for p in (path, path.replace("/nhap", "/khong-co"))
        )
        assert (there.status_code, missing.status_code) == (404, 404), path
        assert bare(there).replace("/nhap", "") == bare(missing).replace("/khong-co", ""), path
    assert snapshot(house) == before
    assert other.post("/manage/contests/new", title="X", slug="cua-ai", organiser="A").status_code == 422
