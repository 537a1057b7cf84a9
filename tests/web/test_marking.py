"""Marking at the browser: blind whatever one looks at, one response after the other, and nobody over somebody else."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db
from contest.models.attempts import Attempt
from contest.models.banks import Question, QuestionVersion
from contest.models.marking import Mark, Script
from contest.rules.marks import said
from contest.rules.permissions import Actor
from contest.services.marking import giving
from tests import people
from tests.conftest import Clock
from tests.services.test_marking import MARKED, PLAIN, essay, write
from tests.web.crawl import everything, leaks, links
from tests.web.test_gate import plain
from tests.web.test_people import Desk
from tests.web.test_queries import count

NAMES = ("Zqten Zqmot", "Zqten Zqhai", "Zqten Zqba")
GUIDANCE, TEXT = "zqhuongdan", "Bài viết không nêu tên"


class House:
    """A round with an essay that three people have answered, and a judge at a desk."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app, self.clock = app, clock
        with app.app_context():
            people.organisation()
            kho = people.bank("kho", [*(people.question(n) for n in range(1, 4)), essay(1, guidance=GUIDANCE)])
            (self.round,) = people.contest(
                bank_id=kho, lines=(PLAIN, MARKED), rounds=({"prediction": None, "criteria": ["points", "duration"]},)
            )
            self.own = []
            for n, name in enumerate(NAMES):
                given = {"full_name": name, "email": f"zqthu{n}@example.vn", "phone": f"+8491234567{n}"}
                who = people.member(f"zqma{n}", "A1", **given)
                self.own.append((who, write(self.round, who, clock, f"{TEXT}: {n}")))
            self.version = self.versions()[0]
        self.judge = self.desk(people.judge)

    def desk(self, enter: Any) -> Desk:
        with self.app.app_context():
            return Desk(self.app, enter())

    def versions(self) -> list[int]:
        query = sa.select(QuestionVersion.id).join(Question, Question.approved_id == QuestionVersion.id)
        return list(db.session.scalars(query.where(QuestionVersion.kind == "essay")))

    @property
    def home(self) -> str:
        return f"/manage/contests/cuoc-thi/rounds/{self.round}/marking"

    def codes(self) -> list[str]:
        with self.app.app_context():
            return list(db.session.scalars(sa.select(Script.code).order_by(Script.code)))

    def path(self, n: int = 0) -> str:
        return f"{self.home}/{self.version}/{self.codes()[n]}"

    def mark(self, desk: Desk, n: int, points: str, seen: int = 0, **more: str) -> Any:
        form = {"points": points, "comment": "", "seen": str(seen), "csrf_token": desk.token, **more}
        return desk.client.post(self.path(n), data=form)

    def marks(self) -> list[tuple[str, str]]:
        with self.app.app_context():
            query = sa.select(Script.code, Mark.points).join(Script, Script.attempt_id == Mark.attempt_id)
            return [(code, said(points)) for code, points in db.session.execute(query.order_by(Mark.at, Mark.version))]

    def about_people(self) -> list[str]:
        """Return everything that leads to somebody who wrote: names, accounts, units, codes, receipts, times, ids."""
        with self.app.app_context():
            known = db.session.execute(sa.select(Attempt.code, Attempt.receipt, Attempt.finished_at)).all()
        codes = [word for code, receipt, _ in known for word in (code, receipt)]
        times = [f"{at:%H:%M}" for _, _, at in known] + [f"{at.hour + 7}:{at:%M}" for _, _, at in known]
        return ["Zqten", "zqma", "zqthu", "91234567", "An Một", *codes, *times]


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> House:
    return House(app, clock)


def pages_of(house: House, desk: Desk) -> dict[str, Any]:
    """Go wherever marking leads, filters and orders that one may invent with it."""
    invented = (f"{house.home}?q=Zqten", f"{house.home}?sort=name", f"{house.home}/{house.version}?sort=name&q=Zqten")
    waiting, found = [house.home, *invented], dict[str, Any]()
    for path in waiting:
        found[path] = desk.client.get(path)
        further = [link for link in links(path, found[path]) if "/marking" in link]
        waiting += [link for link in dict.fromkeys(further) if link not in waiting]
    return found


def test_nothing_that_a_marker_reads_leads_to_who_wrote_it(house: House) -> None:
    found = pages_of(house, house.judge)
    assert set(house.codes()) <= {path.rpartition("/")[2] for path in found}
    assert {answer.status_code for answer in found.values()} == {200, 302, 303} - {302}
    assert leaks(found, house.about_people()) == []
    assert sum(TEXT in answer.text for answer in found.values()) >= 3
    asked, searched = (found[f"{house.home}/{house.version}{tail}"].text for tail in ("", "?sort=name&q=Zqten"))
    assert plain(asked, "sort=name&q=Zqten") == plain(searched, "sort=name&q=Zqten")
    done = house.judge.post(f"{house.home}/exports", format="xlsx")
    worker.run_once(house.app)
    job = house.judge.client.get(done.headers["Location"])
    (file,) = [link for link in links("/", job) if "/files/" in link]
    packed = house.judge.client.get(file)
    assert leaks({file: packed}, house.about_people()) == []
    assert house.codes()[0] in everything(packed)


def test_guidance_reaches_markers_and_no_contestant(house: House, clock: Clock) -> None:
    with house.app.app_context():
        code = people.attempt(house.round, house.own[0][0])
    writer = house.desk(lambda: house.own[0][0])
    read = [f"/attempts/{code}", f"/attempts/{house.own[0][1]}/receipt", f"/rounds/{house.round}"]
    seen = {path: writer.client.get(path) for path in read}
    assert GUIDANCE in house.judge.client.get(house.path()).text
    for n in range(3):
        house.mark(house.judge, n, "2", comment="zqnhanxet")
    clock.advance(hours=3)
    with house.app.app_context():
        worker._close_due()
        giving.finish("cuoc-thi", house.round, by=people.organiser())
        worker._settle_due()
    review = writer.client.get(f"/attempts/{house.own[0][1]}/review")
    assert review.status_code == 200
    assert "zqnhanxet" in review.text
    assert "2/5 điểm" in review.text
    assert leaks({**seen, "review": review}, [GUIDANCE]) == []
    assert leaks(seen, ["zqnhanxet"]) == []


def test_saving_leads_to_the_next_that_waits_and_at_last_back(house: House) -> None:
    first = house.mark(house.judge, 0, "3,5")
    assert (first.status_code, first.headers["Location"]) == (
        303,
        f"{house.home}/{house.version}/next?after={house.codes()[0]}",
    )
    following = house.judge.client.get(first.headers["Location"])
    assert following.headers["Location"] == house.path(1)
    assert house.mark(house.judge, 2, "0", go="stay").headers["Location"] == house.path(2)
    last = house.judge.client.get(house.mark(house.judge, 1, "5").headers["Location"], follow_redirects=True)
    assert "đã chấm hết" in last.text
    assert sorted(points for _, points in house.marks()) == ["0", "3,5", "5"]


@pytest.mark.parametrize("points", ["5,5", "NaN", "1e309", "-1", "", "ba điểm"])
def test_mark_that_cannot_be_keeps_what_was_typed(house: House, points: str) -> None:
    answer = house.mark(house.judge, 0, points, comment="Bài tốt, thiếu ý hai")
    assert answer.status_code == 422
    assert "Bài tốt, thiếu ý hai" in answer.text
    assert f'value="{points}"' in answer.text
    assert house.marks() == []


def test_second_save_over_another_is_told_what_it_is_now_and_may_then_be_saved(house: House) -> None:
    other = house.desk(lambda: people.judge("gk2"))
    assert house.mark(house.judge, 0, "2").status_code == 303
    refused = house.mark(other, 0, "4", comment="Tôi thấy khác")
    assert refused.status_code == 409
    assert "Người khác vừa chấm bài này: 2 điểm." in refused.text
    assert "Tôi thấy khác" in refused.text
    (seen,) = re.findall(r'name="seen" type="hidden" value="(\d+)"', refused.text)
    assert house.mark(other, 0, "4", seen=int(seen)).status_code == 303
    assert [points for _, points in house.marks()] == ["2", "4"]


def test_board_says_what_it_lacks_until_the_marks_are_in(house: House, clock: Clock) -> None:
    board = f"/rounds/{house.round}/standings"
    lacking = "Chưa gồm điểm các câu do giám khảo chấm."
    assert lacking in house.judge.client.get(board).text
    assert house.judge.client.get(f"{board}/units").status_code == 200
    for n in range(3):
        house.mark(house.judge, n, "2")
    clock.advance(hours=3)
    with house.app.app_context():
        giving.finish("cuoc-thi", house.round, by=people.organiser())
        worker._settle_due()
        people.publish_result("cuoc-thi", house.round)
    final = house.judge.client.get(board).text
    assert "Chính thức" in final
    assert lacking not in final


def test_organisers_take_the_marks_in_and_the_page_says_what_is_missing(house: House, clock: Clock) -> None:
    owner = house.desk(people.organiser)
    early = owner.post(f"{house.home}/closure")
    assert early.status_code == 409
    clock.advance(hours=3)
    house.mark(house.judge, 0, "1")
    worker.run_once(house.app)
    board = owner.client.get(f"/manage/contests/cuoc-thi/results?round={house.round}")
    assert "3 câu trả lời chờ chấm hoặc chờ chốt điểm." in board.text
    assert house.home in board.text
    missing = owner.post(f"{house.home}/closure")
    assert (missing.status_code, "Còn 2 câu trả lời chưa chấm." in missing.text) == (409, True)
    for n in (1, 2):
        house.mark(house.judge, n, "1")
    assert owner.post(f"{house.home}/closure").status_code == 303
    assert house.judge.post(f"{house.home}/closure").status_code == 403
    worker.run_once(house.app)
    locked = house.judge.client.get(house.path())
    assert "chỉ Ban Tổ chức của cuộc thi còn đổi được" in locked.text
    assert 'name="points"' not in locked.text
    assert house.mark(house.judge, 0, "5", seen=1).status_code == 409
    assert house.mark(owner, 0, "5", seen=1).status_code == 303


def test_pages_of_marking_ask_no_more_for_more_responses(house: House, clock: Clock) -> None:
    read = (house.home, f"{house.home}/{house.version}", house.path())
    few = [count(house.app, house.judge, "GET", path) for path in read]
    with house.app.app_context():
        for n in range(20):
            write(house.round, people.member(f"them{n}"), clock, TEXT)
    many = [count(house.app, house.judge, "GET", path) for path in read]
    assert (few, many) == ([7, 5, 9], [7, 5, 9])


def stranger_at(house: House, who: str) -> Desk:
    enter: dict[str, Any] = {
        "their own": lambda: house.own[0][0],
        "judge elsewhere": _judge_elsewhere,
        "organiser of a": lambda: people.organiser("toa", unit="A"),
    }
    return house.desk(enter[who])


def _judge_elsewhere() -> Actor:
    people.draft_contest("khac")
    return people.staff("gk9", people.Role.JUDGE, contest_id=people.contest_id("khac"))


@pytest.mark.parametrize(("who", "status"), [("their own", 403), ("judge elsewhere", 404), ("organiser of a", 403)])
def test_stranger_finds_nothing_to_mark(house: House, who: str, status: int) -> None:
    desk = stranger_at(house, who)
    for path in (house.home, f"{house.home}/{house.version}", f"{house.home}/{house.version}/next", house.path()):
        assert desk.client.get(path).status_code == status
    assert house.mark(desk, 0, "5").status_code == status
    assert desk.post(f"{house.home}/exports", format="xlsx").status_code == status
    assert house.marks() == []


@pytest.mark.parametrize(
    "tail", ["/{version}/QQQQ-QQQQ", "/999999", "/999999/{blind}", "/99999999999999999999", "/{version}/%00"]
)
def test_what_is_not_there_is_not_found(house: House, tail: str) -> None:
    path = house.home + tail.format(version=house.version, blind=house.codes()[0])
    assert house.judge.client.get(path).status_code == 404
    odd = house.judge.client.get(f"{house.home}/{house.version}/next?after=%F0zz")
    assert odd.status_code == 303
