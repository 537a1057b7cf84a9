"""What an organiser of branch B may know of branch A: canaries in every name, number and title of A sing nowhere."""

import csv
import json
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from python_calamine import CalamineWorkbook

from contest import worker
from contest.db import db, transaction
from contest.models.attempts import Attempt
from contest.models.members import Member
from contest.rules.entry_terms import ConsentPurpose, EntrantMark, RegistrationField, RegistrationWay
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.registration import Asked
from contest.rules.result_terms import EdgeTie, Special
from contest.rules.terms import Role
from contest.services import tryouts
from contest.services.awards import draws, lists
from contest.services.contests import entry_codes, registration, registration_setup, setup
from contest.services.members import people as members
from contest.web.gate import policy_of
from contest.web.manage.jobs import SECTIONS
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take
from tests.tables import snapshot
from tests.web.crawl import crawl, endpoints, everything, leaks
from tests.web.test_people import Desk, bare

NAMES = ("Zqtenmot", "Zqtenhai")
CODES = ("zqma01", "zqma02")
PRIVATE = (*CODES, "912345671", "912345672", "zqthu1@example.vn", "zqthu2@example.vn", "001187009871", "001187009872")
BORN = ("14/02/1951", "15/02/1952", "1951-02-14", "1952-02-15")
DRAFT, KEY, HOME = "zq-ban-nhap-cua-a", "zqgiaithichdapan", "zqdiachi"
FORMATS = ("xlsx", "csv", "json")
NUMBERS = {"grant", "number", "position", "question", "version"}


@pytest.fixture
def house(app: Flask, database: str, clock: Clock) -> SimpleNamespace:
    """Let two people of A and two of B take part in a contest of the whole, one of A and one of B, and settle all."""
    with app.app_context():
        people.organisation()
        for n in (1, 2):
            values = {"full_name": NAMES[n - 1], "phone": f"+8491234567{n}", "email": f"zqthu{n}@example.vn"}
            values |= {"identity_number": f"00118700987{n}"}
            members.enter(
                {"code": CODES[n - 1], "birth_date": people.at("12:00").date().replace(1950 + n, 2, 13 + n), **values},
                unit="A1",
                by=SYSTEM,
            )
        of_a, of_b = [people.actor(c) for c in CODES], [people.member(f"b{n}", "B1") for n in (1, 2)]
        kho = people.bank("kho", [people.question(n, explanation=KEY, source=f"{KEY} nguồn") for n in range(1, 5)])
        rounds = {
            "chung": people.contest("chung", organiser="GOC", units=("A", "B"), bank_id=kho)[0],
            "cua-a": people.contest("cua-a", organiser="A", units=("A", "B"), bank_id=kho)[0],
            "cua-b": people.contest("cua-b", organiser="B", units=("B",), bank_id=kho)[0],
            "mo-cua-b": people.contest("mo-cua-b", organiser="B", units=("A", "B"), bank_id=kho)[0],
            DRAFT: people.draft_contest(DRAFT, organiser="A", bank_id=kho)[0],
        }
        for slug, takers in {
            "chung": of_a + of_b,
            "cua-a": of_a + of_b,
            "cua-b": of_b,
            "mo-cua-b": of_a + of_b,
        }.items():
            for n, who in enumerate(takers):
                take(rounds[slug], who, clock, n % 4, n, 60)
        _register("cua-a", of_a[0], "zqdiachi")
        _register("cua-b", of_b[0], "phố Bình")
        attempts = {slug: _attempt(rounds[slug], of_a[0].member_id) for slug in ("chung", "cua-a", "mo-cua-b")}
    clock.advance(hours=3)
    worker.run_once(app)
    with app.app_context():
        prizes(rounds)
    desks = [desk_of(app, lambda u=unit: people.organiser(f"to{u.lower()}", unit=u)) for unit in "AB"]
    return SimpleNamespace(app=app, rounds=rounds, attempts=attempts, a=desks[0], b=desks[1])


def _register(slug: str, who: Actor, home: str) -> None:
    """Let somebody be registered in a contest with an entry code, and have no prizes there."""
    people.mark(slug, who, EntrantMark.NO_PRIZE)
    entry_codes.renew(slug, None, None, by=SYSTEM)
    seen, asked = (
        setup.get_contest(slug, by=SYSTEM).version,
        Asked(RegistrationWay.MEMBERS, (RegistrationField.ADDRESS,)),
    )
    registration_setup.choose(slug, asked, has_mail=False, seen=seen, by=SYSTEM)
    given = {RegistrationField.ADDRESS: home}
    registration.register(slug, given, [ConsentPurpose.PARTICIPATION], by=who, address="10.0.0.1", secret="s" * 40)


def prizes(rounds: dict[str, str]) -> None:
    """Make a list of prizes in the contest of B, and one in its open contest whose youngest two wait for a lot."""

    def make(slug: str, special: Special | None) -> int:
        given = {"round": rounds[slug], "title": "Giải", "for_units": False, "edge": EdgeTie.LOT, "cap": None}
        return lists.create(slug, given, [{"name": "Giải", "count": 1, "special": special}], by=SYSTEM)

    with transaction():
        db.session.execute(sa.update(Member).where(Member.code.like("b%")).values(birth_date=date(1980, 1, 1)))
    make("cua-b", None)
    draws.prepare("mo-cua-b", make("mo-cua-b", Special.YOUNGEST), "Xổ số", by=SYSTEM)


def desk_of(app: Flask, enter: Callable[[], Actor]) -> Desk:
    """Put somebody at a desk in a context of its own: requests inside one context share what they know."""
    with app.app_context():
        return Desk(app, enter())


def _attempt(round_code: str, member_id: int | None) -> str:
    of_round = sa.select(Attempt.code).where(Attempt.round_id == people.round_row(round_code).id)
    return db.session.scalars(of_round.where(Attempt.member_id == member_id)).one()


def readers(app: Flask, desk: Desk) -> set[str]:
    """Return the endpoints of management that somebody may read, by what these declare."""
    with app.app_context():
        actor = people.actor("tob")
    found = set()
    for rule in app.url_map.iter_rules():
        declared = policy_of(app, rule.endpoint)
        if rule.rule.startswith("/manage") and "GET" in (rule.methods or ()) and declared and declared.permission:
            found |= {rule.endpoint} if declared.permission(actor) else set()
    return found


def test_crawl_of_management_finds_nothing_of_another_branch(house: SimpleNamespace) -> None:
    desk = house.b
    orders = [(f, content) for f in FORMATS for content in ("people", "units", "units-today")]
    jobs = [desk.order("/manage/contests/cua-b/results/exports", format=f, content=content) for f, content in orders]
    jobs.append(desk.order("/manage/units/B/invitations"))
    asked = [f"/manage/{page}?q={canary}" for page in ("search", "members") for canary in (*NAMES, *CODES, DRAFT, KEY)]
    asked += [f"/manage/contests/cua-b/results?q={canary}" for canary in NAMES]
    pages = (
        "/manage",
        "/manage/contests/cua-b/results",
        "/manage/contests/cua-b/overall",
        f"/manage/contests/cua-b/rounds/{house.rounds['cua-b']}/advancement",
        f"/manage/contests/cua-b/rounds/{house.rounds['cua-b']}/conduct/live/now",
    )
    found = crawl(desk.client, *pages, *jobs, *asked)
    assert [(p, a.status_code) for p, a in found.items() if a.status_code != 200] == []
    assert endpoints(house.app, found) >= readers(house.app, desk)
    inside = {path: answer for path, answer in found.items() if path.startswith("/manage")}
    own = {path: answer for path, answer in inside.items() if "/mo-cua-b" not in path}  # where A's people came to B
    assert leaks(own, (*NAMES, *PRIVATE, *BORN, DRAFT, KEY, HOME)) == []
    assert leaks(found, (*PRIVATE[2:], DRAFT, KEY, HOME)) == []
    assert leaks(own, ("Nguyễn Thị B1",)) != []  # the crawl does reach people


def test_filters_by_a_unit_of_another_branch_find_nothing(house: SimpleNamespace) -> None:
    for path in ("/manage/members?unit=", "/manage/members/new?unit=", "/manage/contests/cua-b/results?unit="):
        there, missing = house.b.get(path + "A1"), house.b.get(path + "ZZ")
        assert there.status_code == missing.status_code, path
        assert bare(there).replace("A1", "") == bare(missing).replace("ZZ", ""), path
        assert leaks({path: there}, (*NAMES, *PRIVATE)) == []


def values_of_a(house: SimpleNamespace) -> dict[str, dict[str, str]]:
    """Return what stands in the addresses of management for things of A, by endpoint or blueprint."""
    job = house.a.order("/manage/contests/cua-a/results/exports", format="json")
    file = re.search(r"/manage/files/([\w-]+)", house.a.get(job).text)
    assert file
    with house.app.app_context():
        tryout = tryouts.start("cua-a", house.rounds["cua-a"], by=people.administrator("thudede"))
    contest = {"slug": "cua-a", "code": house.rounds["cua-a"], "attempt": house.attempts["cua-a"]}
    return {
        "members": {"code": CODES[0]},
        "members.unit": {"code": "A1"},
        "members.invite": {"code": "A1"},
        "setup": contest,
        "regulations": {**contest, "name": "khong-co"},  # ready ones are everybody's
        "setup_rounds": contest,
        "tryouts": {"code": tryout, "position": "1"},
        "tryouts.start": contest,
        "printing": {**contest, "number": "1", "piece": "papers", "form": "pdf"},
        "versions": {**contest, "number": "1", "question": "1"},
        "marking": {**contest, "version": "1", "blind": "2345-6789"},
        "entrants": {**contest, "code": CODES[0]},
        "registration_setup": {**contest, "code": CODES[0]},
        "unit_ranking": contest,
        "conduct": contest,
        "extra_time": {"code": CODES[0]},
        "overall_setup": contest,
        "advancement": contest,
        "units": {"code": "A1", "kind": "merger"},
        "results": contest,
        "awards": {**contest, "number": "1"},
        "banks": {"bank": "kho", "code": "C-0001", "number": "1"},
        "jobs": {"code": job.rpartition("/")[2]},
        "imports": {"bank": "kho", "number": "1", "code": job.rpartition("/")[2]},
        "jobs.download": {"code": file[1]},
        "jobs.invitations": {"code": file[1]},
        "organisation": {"grant": "1"},
    }


def test_every_address_of_another_branch_looks_like_none(house: SimpleNamespace) -> None:
    known, desk = values_of_a(house), house.b
    may = readers(house.app, desk)
    before, walked = snapshot(house.app), 0
    sent = {"csrf_token": desk.token, "format": "json", "version": "4", "unit": "B1", "full_name": "Đổi", "name": "Đổi"}
    sent |= {"title": "Đổi", "suspended": "1", "units": "B", "regulations": "Đổi"}
    urls = house.app.url_map.bind("localhost")
    for rule in house.app.url_map.iter_rules():
        if not rule.rule.startswith("/manage") or not rule.arguments:
            continue
        mine = known.get(rule.endpoint) or known[rule.endpoint.partition(".")[0]]
        values = {name: mine[name] for name in rule.arguments}
        nothing = {name: "0" if name in NUMBERS else "q" * len(mine[name]) for name in rule.arguments}
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            pair = [
                desk.client.open(urls.build(rule.endpoint, v), method=method, data=sent if method == "POST" else None)
                for v in (values, nothing)
            ]
            statuses = {a.status_code for a in pair}
            assert statuses == {404} or (statuses == {403} and rule.endpoint not in may), (method, rule.rule, statuses)
            assert plain(pair[0], values) == plain(pair[1], nothing), (method, rule.rule)
            walked += 1
    assert walked > 35
    assert snapshot(house.app) == before


def plain(answer: Any, values: dict[str, str]) -> str:
    text = bare(answer)
    for name, value in values.items():
        text = text if name in NUMBERS else text.replace(value, "")
    return text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/manage/contests/cua-b/rounds/{round}"),
        ("POST", "/manage/contests/cua-b/rounds/{round}"),
        ("POST", "/manage/contests/cua-b/rounds/{round}/removal"),
        ("GET", "/manage/contests/cua-b/results?round={round}"),
        ("POST", "/manage/contests/cua-b/results/exports?round={round}"),
    ],
)
def test_round_of_another_contest_is_not_reached_through_ones_own(
    house: SimpleNamespace, method: str, path: str
) -> None:
    before, answers = snapshot(house.app), []
    for code in (house.rounds["cua-a"], "qqqqqqqq"):
        form = (
            {"csrf_token": house.b.token, "version": "5", "format": "json", "round": code} if method == "POST" else None
        )
        answers.append(house.b.client.open(path.format(round=code), method=method, data=form))
    assert [a.status_code for a in answers] == [404, 404]
    assert bare(answers[0]).replace(house.rounds["cua-a"], "") == bare(answers[1]).replace("qqqqqqqq", "")
    assert snapshot(house.app) == before


# Exports


def lines_of(answer: Any, form: str) -> list[list[str]]:
    """Return the rows of an export under its head, however it is written."""
    if form == "json":
        return [[str(v) for v in row.values()] for row in json.loads(answer.data)]
    if form == "csv":
        return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))[1:]
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    return [[str(c) for c in row] for row in book.get_sheet_by_index(0).to_python()[1:]]


def test_every_kind_of_job_that_has_a_page_has_its_section() -> None:
    assert {kind.partition("-")[0] for kind in worker.JOBS} - {"forgotten"} == set(SECTIONS)


COUNT = """SELECT count(DISTINCT a.member_id) FROM attempts a JOIN rounds r ON r.id = a.round_id
           JOIN contests c ON c.id = r.contest_id WHERE c.slug = :slug AND a.state <> 'open'"""


def counted(app: Flask, slug: str) -> int:
    with app.app_context():
        return int(db.session.execute(sa.text(COUNT), {"slug": slug}).scalar_one())


@pytest.mark.parametrize("form", FORMATS)
def test_export_holds_the_rows_of_the_own_contest_alone(house: SimpleNamespace, form: str) -> None:
    forged = {"contest": "cua-a", "slug": "cua-a", "unit": "A", "units": "*", "ids": "*", "member": CODES[0]}
    file = house.b.fetch(house.b.order("/manage/contests/cua-b/results/exports", format=form, **forged))
    rows = lines_of(file, form)
    assert (len(rows), counted(house.app, "cua-b")) == (2, 2)
    assert sorted(row[2] for row in rows) == ["b1", "b2"]
    assert leaks({"": file}, (*NAMES, *PRIVATE, *BORN)) == []
    before = snapshot(house.app)
    for slug in ("chung", "cua-a", DRAFT, "khong-co"):
        assert house.b.post(f"/manage/contests/{slug}/results/exports", format=form).status_code == 404
    assert snapshot(house.app) == before


@pytest.mark.parametrize("content", ["units", "units-today"])
def test_comparison_of_units_is_of_the_own_contest_alone(house: SimpleNamespace, content: str) -> None:
    file = house.b.fetch(house.b.order("/manage/contests/cua-b/results/exports", format="json", content=content))
    rows = json.loads(file.data)
    assert [row["unit_code"] for row in rows] == ["B1"]
    assert leaks({"": file}, (*NAMES, *PRIVATE, *BORN)) == []
    before = snapshot(house.app)
    for slug in ("chung", "cua-a", DRAFT, "khong-co"):
        refused = house.b.post(f"/manage/contests/{slug}/results/exports", format="json", content=content)
        assert refused.status_code == 404
    assert house.b.post("/manage/contests/cua-b/results/exports", format="json", content="keys").status_code == 404
    assert snapshot(house.app) == before


@pytest.mark.parametrize("form", FORMATS)
def test_organiser_of_an_open_contest_exports_who_took_part_and_no_contacts(house: SimpleNamespace, form: str) -> None:
    file = house.b.fetch(house.b.order("/manage/contests/mo-cua-b/results/exports", format=form))
    rows = lines_of(file, form)
    assert (len(rows), counted(house.app, "mo-cua-b")) == (4, 4)
    assert sorted(row[2] for row in rows) == ["b1", "b2", *CODES]
    assert leaks({"": file}, PRIVATE[2:]) == []


def test_activation_codes_are_made_for_the_own_people_alone(house: SimpleNamespace) -> None:
    with house.app.app_context():
        members.enter({"code": "moi-b", "full_name": "Người mới của B"}, unit="B1", by=SYSTEM)
    job = house.b.order("/manage/units/B/invitations", unit="A", code="A", units="A")
    with_codes = everything(house.b.fetch(job))
    assert "moi-b" in with_codes
    assert [c for c in (*NAMES, *PRIVATE) if c in with_codes] == []
    with house.app.app_context():
        owners = db.session.scalars(sa.text("SELECT m.code FROM tokens t JOIN members m ON m.id = t.member_id")).all()
    assert owners == ["moi-b"]


# A finished file


@pytest.fixture
def file(house: SimpleNamespace) -> str:
    job = house.a.order("/manage/contests/cua-a/results/exports", format="csv")
    found = re.search(r'href="(/manage/files/[^"]+)"', house.a.get(job).text)
    assert found
    return found[1]


def test_finished_export_is_its_owners_alone(house: SimpleNamespace, file: str) -> None:
    others = [house.b, *(desk_of(house.app, who) for who in (people.administrator, people.organiser, people.judge))]
    outsider = desk_of(house.app, lambda: people.member("ngoai"))
    nowhere = [d.get("/manage/files/" + "q" * 24) for d in others]
    there = [d.get(file) for d in others]
    assert [a.status_code for a in there] == [404] * len(others)
    assert [bare(a) for a in there] == [bare(a) for a in nowhere]
    assert outsider.get(file).status_code == 403
    assert house.app.test_client().get(file).status_code == 302
    assert house.a.get(file).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 410)])
def test_finished_export_lives_for_a_day(
    house: SimpleNamespace, file: str, clock: Clock, seconds: int, status: int
) -> None:
    clock.advance(hours=24, seconds=seconds)
    assert house.a.get(file).status_code == status


@pytest.mark.parametrize("remaining", [None, Role.AUTHOR, Role.JUDGE])
def test_role_taken_away_takes_its_files_though_another_role_stays(
    house: SimpleNamespace, file: str, remaining: Role | None
) -> None:
    with house.app.app_context():
        if remaining:
            members.give_role("toa", remaining, by=SYSTEM)
        grant = next(g.id for g in members.list_grants() if (g.code, g.role) == ("toa", Role.ORGANISER))
    assert house.a.get(file).status_code == 200
    with house.app.app_context():
        members.take_role(grant, by=SYSTEM)
    assert house.a.get(file).status_code == (404 if remaining else 403)


# What is no text


@pytest.mark.parametrize("path", ["/manage/members?q={}", "/manage/members?unit={}", "/manage/search?q={}", "/manage/units/{}",
    "/manage/members/{}", "/manage/contests/{}", "/manage/contests/cua-b/results?q={}", "/manage/contests/cua-b/results?unit={}",
    "/manage/contests/cua-b/results?after={}", "/manage/jobs/{}", "/manage/files/{}", "/contests/{}", "/rounds/{}",
    "/attempts/{}",
    "/rounds/{round}/standings?q={}", "/rounds/{round}/standings?unit={}", "/rounds/{round}/standings?after=00." + "9" * 30,
    "/manage/members?after=00." + "9" * 30])  # fmt: skip
def test_address_that_no_database_could_hold_is_not_found(house: SimpleNamespace, path: str) -> None:
    for canary in ("%00", "a%00b"):
        answer = house.b.get(path.replace("{}", canary).replace("{round}", house.rounds["cua-b"]))
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/manage/contests/cua-b/units", {"units": "\0", "version": "4"}),
        ("/manage/contests/cua-b/units", {"others": "B1,\0", "version": "4"}),
        ("/manage/contests/cua-b/results/exports", {"format": "csv", "round": "\0"}),
        ("/manage/members/new", {"full_name": "Lê Bình", "unit": "\0"}),
        ("/manage/banks/kho/approvals", {"question": "C-0001\0"}),
        ("/manage/banks/kho/retirements", {"question": "\0"}),
        ("/manage/banks/kho/questions/C-0001/steps", {"verb": "return", "remark": "\0"}),
        ("/manage/banks/kho/questions/C-0001/versions/1/comments", {"comment": "a\0b"}),
        ("/manage/banks/kho/sources", {"source": "a\0b", "change": "amended", "changed_on": "01/07/2025"}),
        ("/manage/banks/kho/questions/C-0001/source-confirmation", {"mark": "\0"}),
        ("/manage/banks/kho/alike/distinctions", {"first": "C-0001", "second": "a\0b"}),
        ("/manage/banks/kho/alike/retirements", {"question": "\0"}),
        ("/manage/banks/kho/imports/1/undoing", {"seen": "\0"}),
        ("/manage/banks/kho/questions/preview", {"text": "Câu hỏi?", "own": "\0"}),
    ],
)
def test_form_with_what_no_database_could_hold_is_refused(
    house: SimpleNamespace, path: str, form: dict[str, str]
) -> None:
    desk = house.b if "/banks/" not in path else desk_of(house.app, people.organiser)
    before = snapshot(house.app)
    assert desk.post(path, **form).status_code == 422
    assert snapshot(house.app) == before
