"""The life of units over HTTP: seen before it is done, told why not, and read afterwards; boards of units and their reasons."""

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db, transaction
from contest.models.contests import Contest, Round
from contest.models.organisation import HeadcountDeclaration, Unit
from contest.rules.permissions import SYSTEM
from contest.rules.terms import Board
from contest.services.attempts import closing
from contest.services.awards import lists
from contest.services.contests import rounds
from contest.services.results import settlement
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.web.test_people import Desk

MERGER = "/manage/units/A/changes/merger"


@pytest.fixture
def house(app: Flask, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        (code,) = people.contest()
        for n, unit in enumerate(("A1", "A1", "B1")):
            who = people.member(f"m{n}", unit, full_name=f"Chim Hoàng Yến {n}")
            closing.submit(people.attempt(code, who), {}, by=who, arrived=clock.at)
    return code


@pytest.fixture
def organiser(app: Flask, house: str) -> Desk:
    with app.app_context():
        return Desk(app, people.organiser())


def plain(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("A1", "Không sáp nhập được vào đơn vị nằm bên dưới."),
        ("A", "Không sáp nhập được một đơn vị vào chính nó."),
        ("B", "Khép lại Công đoàn Sở An Đơn vị nhận Công đoàn Sở Bình"),
    ],
)
def test_merger_is_judged_while_it_is_filled_in(organiser: Desk, target: str, said: str) -> None:
    answer = organiser.post(f"{MERGER}/preview", target=target)
    assert (answer.status_code, said in plain(answer)) == (200, True)
    assert 'value="confirm"' in answer.text or target != "B"


def test_merger_is_seen_then_done_and_both_histories_tell_of_it(app: Flask, organiser: Desk) -> None:
    assert 'value="confirm"' not in organiser.get(MERGER).text
    seen = organiser.post(MERGER, target="B", step="preview")
    assert (seen.status_code, 'value="confirm"' in seen.text) == (200, True)
    assert "Công đoàn phòng An Một" in seen.text
    with app.app_context():
        assert db.session.scalar(sa.select(Unit.valid_to).where(Unit.code == "A")) is None
    done = organiser.post(MERGER, target="B", step="confirm")
    assert (done.status_code, done.headers["Location"]) == (303, "/manage/units/B")
    after, before = organiser.get("/manage/units/B"), organiser.get("/manage/units/A")
    assert "Nhận sáp nhập" in after.text
    assert "Sáp nhập vào Công đoàn Sở Bình" in plain(before)
    assert "/changes/" not in before.text  # it changes no more
    assert organiser.post("/manage/units/A", name="Khác").status_code == 409
    assert ">A</td>" not in organiser.get("/manage/units").text


def test_refusal_stands_beside_its_field_and_keeps_what_was_typed(organiser: Desk) -> None:
    typed = {"new_code": "A9", "new_name": "Đơn vị đang viết dở", "people": "ai-do", "step": "confirm"}
    answer = organiser.post("/manage/units/A/changes/split", **typed)
    assert answer.status_code == 422
    assert "Đoàn viên ai-do không thuộc đơn vị này." in answer.text
    assert 'value="Đơn vị đang viết dở"' in answer.text


def test_renaming_keeps_the_former_name(organiser: Desk) -> None:
    done = organiser.post("/manage/units/A/changes/name", new_name="Công đoàn Sở An Bình", step="confirm")
    assert done.status_code == 303
    assert "Công đoàn Sở An thành Công đoàn Sở An Bình" in plain(organiser.get("/manage/units/A"))


def test_unit_tells_who_declared_and_when_it_froze(organiser: Desk) -> None:
    form = {"name": "Công đoàn Sở An", "short_name": "", "level": "", "headcount": "44"}
    assert organiser.post("/manage/units/A", **form).status_code == 303
    page = plain(organiser.get("/manage/units/A"))
    assert "44 Nguyễn Thị BANTOCHUC" in page
    assert "Cuộc thi cuoc-thi: chốt lúc 11:00 thứ Tư, 20/5/2026, được tính 10." in page


def test_ratio_of_nothing_is_told_while_it_is_set(app: Flask, organiser: Desk) -> None:
    preview = "/manage/contests/cuoc-thi/unit-ranking/preview"
    form = {"criterion": "ratio", "compared": "taking_part"}
    assert "Chưa đơn vị nào được so sánh có số đoàn viên" not in organiser.post(preview, **form).text
    with app.app_context(), transaction():
        db.session.execute(sa.delete(HeadcountDeclaration))
    assert "Chưa đơn vị nào được so sánh có số đoàn viên" in organiser.post(preview, **form).text
    assert (
        "Chưa đơn vị nào được so sánh có số đoàn viên" in organiser.get("/manage/contests/cuoc-thi/unit-ranking").text
    )
    assert "Chưa đơn vị nào" not in organiser.post(preview, **{**form, "criterion": "participants"}).text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"criterion": "at_least", "least_score": "15"}, "đạt từ 15 điểm trở lên"),
        ({"criterion": "at_least", "least_score": ""}, "Ghi mức điểm cần đạt, lớn hơn 0."),
        ({"criterion": "mean_of_best", "best": "3"}, "điểm trung bình của 3 người cao nhất"),
        ({"criterion": "ratio", "compared": "level"}, "Không có đơn vị nào ở cấp này"),
        ({"criterion": "ratio", "compared": "below", "unit": "KHONG"}, "Không có đơn vị mang mã KHONG."),
    ],
)
def test_formula_is_read_out_and_what_it_lacks_is_told(organiser: Desk, form: dict[str, str], said: str) -> None:
    preview = "/manage/contests/cuoc-thi/unit-ranking/preview"
    answer = organiser.post(preview, **{"compared": "taking_part", **form})
    assert (answer.status_code, said in answer.text) == (200, True)


def test_points_have_a_line_for_every_prize_of_the_lists_and_are_asked_for(app: Flask, organiser: Desk) -> None:
    path = "/manage/contests/cuoc-thi/unit-ranking"
    with app.app_context():
        code = db.session.scalars(sa.select(Round.code)).one()
        given = {"round": code, "title": "Giải", "for_units": False, "edge": "lot", "cap": None}
        ladder = [{"name": name, "count": 1, "special": None} for name in ("Giải Nhất", "Giải Nhì")]
        lists.create("cuoc-thi", given, ladder, by=SYSTEM)
        version = db.session.scalars(sa.select(Contest.version)).one()
    page = organiser.get(path).text
    assert re.findall(r'name="points-prize" value="([^"]*)"', page) == ["Giải Nhất", "Giải Nhì", "", ""]
    form: dict[str, Any] = {"criterion": "percent_and_prizes", "compared": "taking_part", "version": str(version)}
    names = {"points-prize": ["Giải Nhất", "Giải Nhì"]}
    refused = organiser.post(path, **form, **names, **{"points-value": ["10", ""]})
    assert (refused.status_code, "Chưa ghi điểm cho Giải Nhì" in refused.text, 'value="10"' in refused.text) == (
        422,
        True,
        True,
    )
    assert organiser.post(path, **form, **names, **{"points-value": ["mười", "8"]}).status_code == 422
    assert organiser.post(path, **form, **names, **{"points-value": ["10", "7,5"]}).status_code == 303
    page = organiser.get(path).text
    assert re.findall(r'name="points-value"[^>]* value="([^"]*)"', page) == ["10", "7,5", "", ""]


@pytest.mark.parametrize("criterion", ["percent_and_prizes", "gated_ratio", "winners"])
def test_board_and_reasons_say_that_no_prize_is_recognised_yet(
    app: Flask, house: str, clock: Clock, criterion: str
) -> None:
    with app.app_context(), transaction():
        points = {"Giải Nhất": "10"}
        db.session.execute(sa.update(Contest).values(unit_criterion=criterion, unit_prize_points=points))
        db.session.execute(sa.update(Round).values(board=Board.LIVE))
    visitor = app.test_client()
    assert "Chưa có giải được công nhận" in visitor.get(f"/rounds/{house}/standings/units").text
    page = plain(visitor.get(f"/rounds/{house}/standings/units/A/why"))
    assert "Giải đã công nhận Chưa có giải được công nhận" in page


def test_divisions_make_one_table_each(app: Flask, organiser: Desk, house: str) -> None:
    path = "/manage/contests/cuoc-thi/divisions"
    assert organiser.post(path, pasted="A Bảng 1", version="4").status_code == 422
    assert organiser.post(path, division=["Bảng Một", ""], pasted="B;Bảng Hai", version="4").status_code == 303
    board = app.test_client().get(f"/rounds/{house}/standings/units").text
    assert re.findall(r'<h2 class="board__division">([^<]+)</h2>', board) == ["Bảng Hai", "Bảng Một"]
    assert board.count("<tbody>") == 2


def test_accepted_headcount_needs_a_reason_and_shows_it(organiser: Desk, house: str) -> None:
    path = "/manage/contests/cuoc-thi/headcounts"
    assert organiser.post(path, unit="A", figure="5", reason="").status_code == 422
    assert organiser.post(path, unit="A", figure="0", reason="Vì").status_code == 422
    assert organiser.post(path, unit="A", figure="5", reason="Đơn vị khai thiếu").status_code == 303
    assert "Đơn vị khai thiếu" in organiser.get(path).text
    why = organiser.get(f"/rounds/{house}/standings/units/A/why")
    assert "2 chia 5 bằng 40%" in plain(why)
    assert "Đơn vị khai thiếu" in why.text


def test_reason_is_public_where_the_board_is_and_names_nobody(app: Flask, house: str) -> None:
    visitor = app.test_client()
    board = visitor.get(f"/rounds/{house}/standings/units")
    links = re.findall(r'href="(/rounds/[^"]+/why[^"]*)"', board.text)
    assert len(links) == 2
    for link in links:
        page = visitor.get(link)
        assert page.status_code == 200
        assert "Hoàng Yến" not in page.text
    assert "Hạng 1 trong 2 đơn vị được so sánh" in plain(visitor.get(links[0]))
    assert visitor.get(f"/rounds/{house}/standings/units/GOC/why").status_code == 404
    with app.app_context(), transaction():
        db.session.execute(sa.text("UPDATE rounds SET board = :hidden"), {"hidden": Board.HIDDEN})
    assert visitor.get(links[0]).status_code == 404
    assert "<tbody>" not in visitor.get("/contests/cuoc-thi/units").text


def test_reason_on_the_board_of_the_contest_is_reached_from_it_and_says_the_same(app: Flask, house: str) -> None:
    visitor = app.test_client()
    board = visitor.get("/contests/cuoc-thi/units?by=participants")
    links = [html.unescape(link) for link in re.findall(r'href="(/contests/[^"]+/why[^"]*)"', board.text)]
    assert links == [f"/contests/cuoc-thi/units/{unit}/why?by=participants" for unit in "AB"]
    page = visitor.get(links[0])
    assert page.status_code == 200
    assert "Hoàng Yến" not in page.text
    assert "Hạng 1 trong 2 đơn vị được so sánh" in plain(page)
    assert "Đơn vị có nhiều người tham gia hơn xếp trên." in plain(page)
    assert 'href="/contests/cuoc-thi/units?by=participants"' in page.text  # the way back is to the same board
    assert visitor.get("/contests/cuoc-thi/units/GOC/why").status_code == 404
    assert visitor.get("/contests/cuoc-thi/units/KHONG/why").status_code == 404
    below = visitor.get("/contests/cuoc-thi/units/A1/why?below=A")
    assert re.search(r"Hạng \d trong \d đơn vị được so sánh", plain(below))
    assert visitor.get("/contests/cuoc-thi/units/A1/why?below=KHONG").status_code == 404
    visitor.post("/language", data={"csrf_token": people.csrf(visitor), "locale": "en", "next": "/"})
    english = plain(visitor.get(links[0]))
    assert "Why does Công đoàn Sở An stand here?" in english
    assert "Standing of units over the whole contest" in english


@pytest.mark.parametrize("board", [Board.HIDDEN, Board.FROZEN])
def test_reasons_tell_nothing_that_their_board_hides(app: Flask, house: str, clock: Clock, board: Board) -> None:
    """Two more people come: behind a hidden board, or after the freeze; no reason of any board counts them."""
    why = [
        f"{path}/A/why{tree}"
        for path in (f"/rounds/{house}/standings/units", "/contests/cuoc-thi/units")
        for tree in ("", "?tree=now", "?below=GOC")
    ]
    visitor = app.test_client()
    with app.app_context():
        freezes_at = clock.at if board is Board.FROZEN else None
        with transaction():
            db.session.execute(sa.update(Round).values(board=board, freezes_at=freezes_at))
        clock.advance(minutes=1)
        for n in (8, 9):
            who = people.member(f"m{n}", "A1")
            closing.submit(people.attempt(house, who), {}, by=who, arrived=clock.at)
    pages = [visitor.get(path) for path in why]
    if board is Board.HIDDEN:
        assert [page.status_code for page in pages] == [404] * len(why)
    else:
        assert ["Số người tham gia 2 người" in plain(page) for page in pages] == [True] * len(why)


def test_reasons_leave_out_a_round_whose_result_is_not_to_be_seen_yet(app: Flask, house: str, clock: Clock) -> None:
    visitor = app.test_client()
    with app.app_context():
        first = people.round_row(house)
        with transaction():
            db.session.execute(sa.update(Round).values(board=Board.HIDDEN))
        values = people.round_values(first.bank_id, title="Tuần 2", closes_at=first.closes_at)
        second = rounds.add_round(
            "cuoc-thi", values, [{"topic_id": None, "difficulty": None, "count": 3}], seen=4, by=SYSTEM
        )
        who = people.actor("m0")
        closing.submit(people.attempt(second, who), {}, by=who, arrived=clock.at)
    page = visitor.get("/contests/cuoc-thi/units/A/why")
    assert "Số người tham gia 1 người" in plain(page)  # m1 took part in the hidden round alone


def test_reason_by_the_tree_of_today_stands_beside_its_board(
    app: Flask, organiser: Desk, house: str, clock: Clock
) -> None:
    with app.app_context():
        row = people.round_row(house)
        clock.set(row.closes_at)
        clock.advance(minutes=1)
        settlement.settle(row.id)
    assert organiser.post(MERGER, target="B", step="confirm").status_code == 303
    app.extensions["cache"].clear()
    for path in (f"/rounds/{house}/standings/units", "/contests/cuoc-thi/units"):
        then, now = organiser.get(path), organiser.get(f"{path}?tree=now&by=participants")
        assert f'href="{path}/A/why"' in then.text
        (link,) = re.findall(rf'href="({path}/B/why[^"]*)"', now.text)
        page = organiser.get(html.unescape(link))
        assert "Số người tham gia 3 người" in plain(page)
        assert "Cây tổ chức Theo cây hiện nay" in plain(page)
        assert "Kết quả của đơn vị đã sáp nhập tính cho đơn vị nhận." in plain(page)
        assert f'href="{path}?by=participants&amp;tree=now"' in page.text
        assert organiser.get(f"{path}/A/why?tree=now").status_code == 404
        assert "Số người tham gia 2 người" in plain(organiser.get(f"{path}/A/why"))


def test_board_of_the_contest_is_public_and_a_draft_has_none(app: Flask, house: str) -> None:
    visitor = app.test_client()
    assert "Công đoàn Sở An" in visitor.get("/contests/cuoc-thi/units?by=participants").text
    with app.app_context():
        people.draft_contest("nhap", bank_id=people.bank("khac"))
    assert visitor.get("/contests/nhap/units").status_code == 404


def test_board_keeps_the_tree_of_the_round_and_offers_the_one_of_today(
    app: Flask, organiser: Desk, house: str, clock: Clock
) -> None:
    with app.app_context():
        row = people.round_row(house)
        clock.set(row.closes_at)
        clock.advance(minutes=1)
        settlement.settle(row.id)
    path = f"/rounds/{house}/standings/units"
    assert 'name="tree"' not in organiser.get(path).text
    assert organiser.post(MERGER, target="B", step="confirm").status_code == 303
    app.extensions["cache"].clear()
    then, now = organiser.get(path), organiser.get(f"{path}?tree=now")
    assert 'name="tree"' in then.text
    assert "Công đoàn Sở An</a>" in then.text
    assert "Công đoàn Sở An<" not in now.text


def test_board_of_units_asks_no_more_for_more_units(app: Flask, house: str, clock: Clock) -> None:
    def ask() -> int:
        app.extensions["cache"].clear()
        with counted(app) as found:
            assert app.test_client().get(f"/rounds/{house}/standings/units").status_code == 200
        return len(found)

    ask()
    few = ask()
    with app.app_context():
        from contest.formats.drafts import Reading, UnitDraft
        from contest.rules.permissions import SYSTEM
        from contest.services.members import lists

        drafts = tuple(UnitDraft(f"X{n}", f"Đơn vị {n}", parent="GOC", headcount=None) for n in range(20))
        lists.apply(lists.plan(Reading(drafts, ()), Reading((), ()), by=SYSTEM), by=SYSTEM)
    ask()  # what is shared is read anew after a command
    assert ask() == few <= 11
