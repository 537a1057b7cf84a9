"""The pages of versions, corrections, prizes and draws: what they say, what they keep, and what everybody may read."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from contest import worker
from contest.db import db, transaction
from contest.models.attempts import Attempt
from contest.models.awards import Draw, PrizeList
from contest.models.contests import Round
from contest.models.results import Standing
from contest.rules.entry_terms import ConsentPurpose
from contest.rules.permissions import SYSTEM
from contest.rules.result_terms import EdgeTie
from contest.services.awards import draws, lists
from contest.services.contests import consents
from contest.services.results import settlement
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take

SLUG = "cuoc-thi"
DRAW = ["algorithm", "code", "codes", "committed_at", "count", "digest", "drawn", "drawn_at", "groups", "prize",
        "randomness",
        "randomness_from", "secret", "title", "witnesses"]  # fmt: skip


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> SimpleNamespace:
    """Let four people take a round and settle it; two organisers sit at a desk each."""
    with app.app_context():
        people.organisation()
        code = people.contest()[0]
        for n in range(4):
            take(code, people.member(f"p{n}", full_name=f"Zqten {n}"), clock, n, 1, 60)
        row = people.round_row(code)
        clock.set(row.closes_at + timedelta(minutes=30))
        settlement.settle(row.id)
        version_id = db.session.scalars(sa.select(Attempt.paper).order_by(Attempt.id)).first()[0][0]  # type: ignore[index]
        who = [people.organiser(f"btc{n}") for n in range(2)]
    desks = []
    for actor in who:
        with app.app_context():
            desks.append(people.enter(app.test_client(), actor))
    return SimpleNamespace(app=app, code=code, question=version_id, desks=desks)


def post(client: FlaskClient, path: str, **form: object) -> tuple[int, str]:
    answer = client.post(path, data={"csrf_token": people.csrf(client), **form})
    return answer.status_code, answer.get_data(as_text=True)


def results(house: SimpleNamespace, path: str) -> str:
    return f"/manage/contests/{SLUG}/results/{house.code}/{path}"


def publish_by_pages(house: SimpleNamespace, number: int) -> None:
    one, other = house.desks
    assert post(one, results(house, f"versions/{number}/check"))[0] == 303
    worker.run_once(house.app)
    assert post(other, results(house, f"versions/{number}/approval"))[0] == 303
    assert post(one, results(house, f"versions/{number}/publication"))[0] == 303


def test_result_becomes_official_by_two_people(house: SimpleNamespace) -> None:
    one, _ = house.desks
    board = f"/rounds/{house.code}/standings"
    assert "Kết quả sơ bộ" in one.get(board).text
    assert post(one, results(house, "versions/1/check"))[0] == 303
    worker.run_once(house.app)
    status, page = post(one, results(house, "versions/1/approval"))
    assert (status, "Người phê duyệt phải khác người lập và người kiểm tra phiên bản này." in page) == (403, True)
    status, page = post(one, results(house, "versions/1/publication"))
    assert (status, "Cần người thứ hai phê duyệt trước khi công bố." in page) == (409, True)
    assert post(house.desks[1], results(house, "versions/1/approval"))[0] == 303
    assert post(one, results(house, "versions/1/publication"))[0] == 303
    assert "Chính thức" in one.get(board).text


def test_correction_keeps_what_was_typed_and_names_what_lacks(house: SimpleNamespace) -> None:
    one, _ = house.desks
    path = results(house, f"corrections/{house.question}")
    status, page = post(one, path, remedy="new_key", reason="Đề in sai")
    assert (status, "Chọn đáp án mới." in page, "Đề in sai</textarea>" in page) == (422, True, True)
    assert 'value="new_key" checked' in page
    status, page = post(one, path, remedy="zz", reason="x")
    assert status == 422
    status, page = post(one, path, remedy="full_credit", reason=" ")
    assert (status, "Ghi lý do" in page) == (422, True)


def test_corrected_result_is_previewed_approved_and_told_to_everybody(house: SimpleNamespace) -> None:
    one, _ = house.desks
    publish_by_pages(house, 1)
    status, _ = post(one, results(house, f"corrections/{house.question}"), remedy="full_credit", reason="Đề in sai")
    assert status == 303
    worker.run_once(house.app)
    page = one.get(results(house, "versions")).text
    assert ("Nếu áp dụng, ai thay đổi" in page, "Đề in sai" in page) == (True, True)
    assert "Thay phiên bản trước vì" not in one.get(f"/rounds/{house.code}/standings").text
    publish_by_pages(house, 2)
    assert "Thay phiên bản trước vì: Đề in sai" in one.get(f"/rounds/{house.code}/standings").text


def test_question_is_found_by_code_and_by_words(house: SimpleNamespace) -> None:
    one, _ = house.desks
    found = one.get(results(house, "corrections?q=C-0001")).text
    assert re.findall(r"corrections/(\d+)", found) != []
    assert "Không thấy câu hỏi nào" in one.get(results(house, "corrections?q=zzzz")).text


def test_hall_opens_one_place_after_the_other_from_the_bottom(house: SimpleNamespace) -> None:
    one, _ = house.desks
    shown = [re.findall(r"Zqten \d", one.get(results(house, f"reveal?top=3&shown={n}")).text) for n in range(4)]
    assert [len(names) for names in shown] == [0, 1, 2, 3]
    assert all(shown[n] == shown[n + 1][1:] for n in range(3))
    assert shown[3][0] == "Zqten 3"


def test_hall_reads_no_name_of_who_did_not_agree(house: SimpleNamespace) -> None:
    with house.app.app_context():
        consents.withdraw(SLUG, ConsentPurpose.PUBLICATION, by=people.actor("p3"))
    page = house.desks[0].get(results(house, "reveal?top=3&shown=3")).text
    assert re.findall(r"Zqten \d", page) == ["Zqten 2", "Zqten 1"]
    assert "Thí sinh của" in page


def tied_draw(house: SimpleNamespace) -> str:
    with house.app.app_context():
        with transaction():
            db.session.execute(sa.update(Standing).values(place=1))
        given = {"round": house.code, "title": "Giải tuần", "for_units": False, "edge": EdgeTie.LOT, "cap": None}
        number = lists.create(SLUG, given, [{"name": "Nhất", "count": 1, "special": None}], by=SYSTEM)
        return draws.prepare(SLUG, number, "Xổ số ngày mai", by=SYSTEM)


def test_draw_is_public_without_names_and_keeps_its_secret_until_it_is_drawn(house: SimpleNamespace) -> None:
    code, visitor, one = tied_draw(house), house.app.test_client(), house.desks[0]
    for path in (f"/draws/{code}", f"/draws/{code}.json", f"/contests/{SLUG}/awards"):
        answer = visitor.get(path)
        assert (answer.status_code, "Zqten" in answer.text) == (200, False)
    before = visitor.get(f"/draws/{code}.json").get_json()
    assert (sorted(before), before["secret"], before["drawn"]) == (DRAW, None, [])
    page = f"/manage/contests/{SLUG}/awards/draws/{code}"
    status, shown = post(one, page, randomness="", witnesses="Bà An")
    assert (status, "Bà An</textarea>" in shown) == (422, True)
    assert post(one, page, randomness="58213", witnesses="Bà An")[0] == 303
    status, shown = post(one, page, randomness="11111", witnesses="Bà An")
    assert (status, "mỗi lần chỉ bốc một lần" in shown) == (409, True)
    after = visitor.get(f"/draws/{code}.json").get_json()
    assert (after["randomness"], sorted(after["drawn"]) == after["codes"], len(after["secret"])) == ("58213", True, 64)
    assert (after["digest"], after["codes"]) == (before["digest"], before["codes"])


def test_lots_of_a_round_are_prepared_drawn_and_shown_by_its_pages(house: SimpleNamespace) -> None:
    desk, page = house.desks[0], results(house, "versions")
    assert "cần bốc thăm" not in desk.get(page).text
    with house.app.app_context():
        with transaction():
            db.session.execute(sa.update(Round).values(criteria=["full_marks", "lot"]))
        settlement.settle(people.round_row(house.code).id)
    assert "3 người bằng nhau, cần bốc thăm" in desk.get(page).text
    status, said = post(desk, f"{page}/draws", randomness_from=" ")
    assert (status, "Ghi nguồn ngẫu nhiên công khai" in said) == (422, True)
    status, _ = post(desk, f"{page}/draws", randomness_from="Xổ số miền Bắc ngày mai")
    assert status == 303
    assert post(desk, f"{page}/draws", randomness_from="Xổ số")[0] == 409
    with house.app.app_context():
        code = db.session.scalars(sa.select(Draw.code)).one()
    public = house.app.test_client()
    before = public.get(f"/draws/{code}").text
    assert "3 mã, trong 1 nhóm bằng nhau theo mọi tiêu chí khác." in before
    assert "Tính lại trên máy này" not in before
    status, _ = post(desk, f"/manage/contests/{SLUG}/awards/draws/{code}", randomness="58213", witnesses="Bà An")
    assert status == 303
    assert "Tính lại trên máy này" in public.get(f"/draws/{code}").text
    after = desk.get(page).text
    assert "cần bốc thăm" not in after
    assert "Lý do: Bốc thăm giữa những người bằng nhau theo mọi tiêu chí khác." in after
    assert "thứ hạng" in public.get(f"/contests/{SLUG}/awards").text


def test_prizes_of_units_are_given_a_criterion_each_by_the_form(house: SimpleNamespace) -> None:
    desk, new = house.desks[0], f"/manage/contests/{SLUG}/awards/new"
    form = {"title": "Giải tập thể", "round": house.code, "for_units": "y", "edge": "lot", "cap": ""}
    lines = {
        "prize-name": ["Giải Nhất", "Giải Nhì"],
        "prize-count": ["1", "1"],
        "prize-special": ["participants", "ratio"],
    }
    assert post(desk, new, **{**form, "for_units": ""}, **lines)[0] == 422
    assert post(desk, new, **form, **{**lines, "prize-special": ["mean_of_best", ""]})[0] == 422
    for name, value, said in (
        ("title", "", "còn để trống"),
        ("round", "khac", "không có trong"),
        ("cap", "300", "100 %"),
    ):
        status, page = post(desk, new, **{**form, **lines, name: value})
        error = re.search(rf'id="{name}-error".*?</p>', page, re.S)
        assert (status, error is not None and said in error[0], 'value="Giải Nhì"' in page) == (422, True, True)
    status, _ = post(desk, new, **form, **lines)
    assert status == 303
    with house.app.app_context():
        number = db.session.scalars(sa.select(PrizeList.id)).one()
    page = desk.get(f"/manage/contests/{SLUG}/awards/{number}/edit").get_data(as_text=True)
    assert 'value="ratio" selected' in page
    assert 'value="participants" selected' in page


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 99999999999999999999])
def test_number_beyond_every_row_is_no_page(house: SimpleNamespace, number: int) -> None:
    desk = house.desks[0]
    own = f"/manage/contests/{SLUG}/awards/{number}"
    for path in (own, f"{own}/edit", results(house, f"corrections/{number}")):
        assert desk.get(path).status_code == 404
