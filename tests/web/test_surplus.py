"""Forms take the fields they list: whatever else is posted, every row of the database ends up the same."""

import base64
import random
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import Base, db, editions, transaction
from contest.formats.drafts import Reading
from contest.formats.tables import write_questions
from contest.models.attempts import Attempt
from contest.models.banks import QuestionVersion
from contest.models.marking import Script
from contest.models.tryouts import Tryout
from contest.rules.entry_terms import EntrantMark
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.question_terms import SourceChange
from contest.rules.result_terms import AwardState, EdgeTie
from contest.services import exchange, grading, printing, tryouts
from contest.services.attempts import closing, content, drawing, voiding
from contest.services.awards import draws, lists, verification
from contest.services.banks import editing, imports, likenesses, sources, undoing
from contest.services.banks import exchange as bank_exchange
from contest.services.members import activation, entry, extra_time
from contest.services.members import people as members
from contest.services.results import approval, settlement
from contest.web.gate import policy_of
from tests import people
from tests.conftest import Clock
from tests.formats.archives import workbook
from tests.services.test_marking import MARKED, essay, write
from tests.tables import snapshot
from tests.web.test_people import HEADS, NEW

INVENTED = {"is_admin": "1", "user_id": "1", "score": "20", "deadline": "2030-01-01T00:00", "role": "administrator",
            "roles": "administrator", "is_staff": "1", "admin": "true", "grants": "1", "csrf": "x"}  # fmt: skip
VALUES = {"role": "administrator", "state": "archived", "code": "zqkhac", "reveal": "review", "board": "live"}
BY_TYPE = {sa.DateTime: "2030-01-01T00:00", sa.Date: "2030-01-01", sa.Boolean: "y", sa.Integer: "7", sa.JSON: "[7]"}


@dataclass(frozen=True)
class Form:
    """A form as one fills it in: who posts it, where, with every field it lists, and how it is answered."""

    who: str | None
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    status: int = 303
    changes: bool = True


SIGN_IN = {"identifier": "m1", "password": people.PASSWORD, "next": "/me"}
GUESS = {"prediction": "5", "revision-prediction": "0"}
DETAILS = {"title": "Khác", "theme": "", "regulations": "Điều 1", "publication": "approved", "version": "3"}
PRIZES = {"title": "Giải mới", "round": "{week}", "for_units": "", "edge": "lot", "cap": "50", "prize-name": ["Nhất"],
          "prize-count": ["1"], "prize-special": [""]}  # fmt: skip
VERDICT = {"subject": "{winner}", "verdict": "refused", "reason": "Vắng"}
ACT = {"reason": "Mất mạng", "announcement": "", "confirm": "1"}
OWN_TIME = {"unit": "minutes", "amount": "10", "reason": "Mắt kém", "valid_until": ""}
CORRECTION = {"remedy": "full_credit", "key": [], "reason": "Đề sai"}
COMPARING = {"criterion": "mean", "compared": "taking_part"}
ADVANCING = {"rule": "", "source": "", "count": "", "least_score": "", "quotas": "", "units": "own", "reserve": "0"}
STEP = {"verb": "propose", "person": "", "reason": ""}
OVERALL = {"way": "sum", "criteria": ["correct", "duration"], "chosen": "", "best": ""}
POINTS = {"least_score": "", "best": "", "points-prize": [""], "points-value": [""]}
ACCEPTED = {"unit": "A", "figure": "9", "reason": "Bù"}
READY = {"title": "Mới", "slug": "moi", "organiser": "A", "bank": "kho", "first_day": "2026-06-01",
         "settings": ""}  # fmt: skip
QUESTION = {"kind": "single_choice", "text": "Ai viết bài này?", "option": ["Một", "Hai"], "right": "1", "topic": "Sử",
            "difficulty": "recall", "source": "Điều 5", "effective_on": "01/07/2025", "explanation": "Vì", "tags": "a",
            "code": "", "go": "", "version": "1", "rich": ""}  # fmt: skip
SOURCE = {"source": "Điều 5", "changed_on": "01/07/2025", "note": ""}
PERSON = {"code": "", "full_name": "Lê Văn Bình", "birth_date": "14/02/1987", "phone": "0912345678", "unit": "A1",
          "email": "binh@example.vn", "identity_number": ""}  # fmt: skip
ROUND = {"title": "Vòng nữa", "opens_at": "2026-06-01T07:00", "closes_at": "2026-06-07T21:00", "minutes": "15",
         "attempts_allowed": "2", "attempts_per": "round", "counted": "best", "bank": "1", "shuffle_questions": "y",
         "shuffle_options": "y", "no_repeat": "y", "least_used": "y", "way": "ladder", "ladder": "0,5/1", "negative": "open",
         "penalty": "1/4", "level-points": ["", "2", "", "", ""], "cell": [":recall"], "cell-count": ["1"],
         "line-question": [""], "line-marked": [""], "line-points": ["1,5"], "line-way": ["as_kind"], "line-ladder": [""],
         "prediction": "", "criteria": ["correct", "duration"], "reveal": "score", "reveal_after_close": "score",
         "board": "hidden", "freezes_at": "", "names_public": "y", "network_allowance": "5", "line-topic": [""],
         "line-difficulty": [""], "line-count": ["2"], "line-penalty": [""], "navigation": "sequential",
         "question_seconds": "30", "least_minutes": "2", "layout": "one", "section-title": ["Phần I", "Phần II"],
         "section-minutes": ["5", ""], "matrix-section": "1", "line-section": ["2"], "version": "3"}  # fmt: skip
SETTINGS = {**people.SETTINGS, "name_vi": "Tên mới", "version": "1", "four_eyes": "y"}
MARKS = {"reason": "committee", "note": "Tổ giúp việc"}
ASKED = {"registers": "y", "way": "members", "fields": ["phone"], "needed": ["phone"], "version": "3"}
LIST = workbook([HEADS, ["tu-tep", "Đặng Thị Ánh", "", "", "", "A1"]], "Đoàn viên")


def forms() -> dict[str, Form]:
    """Return every form there is, by its endpoint; braces stand for what the house holds."""
    bank, contest, done = "/manage/banks/kho", "/manage/contests/nhap", "/manage/contests/xong/results"
    ready = "/manage/contests/new/regulations"
    prizes, day = "/manage/contests/xong/awards", "/manage/contests/cuoc-thi/rounds/{round}/conduct"
    essays = "/manage/contests/viet/rounds/{essays}/marking"
    passwords = {"password": NEW, "repeat": NEW}
    return {
        "accounts.sign_in_now": Form(None, "/sign-in", SIGN_IN, changes=False),
        "accounts.sign_out": Form("m1", "/sign-out"),
        "accounts.sign_out_everywhere": Form("m1", "/sign-out/everywhere"),
        "accounts.activate": Form(None, "/activate", {"code": "{activation}", **passwords}),
        "accounts.forgotten": Form(None, "/forgotten", {"identifier": "m1"}, 200),
        "accounts.reset": Form(None, "/reset/{reset}", passwords),
        "accounts.change_password": Form("m1", "/me/password", {"current": people.PASSWORD, **passwords}),
        "accounts.first_visit": Form(None, "/setup", {"code": "x"}, 404, changes=False),
        "attempts.save": Form("m1", "/attempts/{attempt}/responses/1", {"revision": 1, "value": "{option}"}, 200),
        "attempts.go_on": Form("m1", "/attempts/{walked}/step", {"step": "0"}),
        "tryouts.go_on": Form("btc", "/manage/tryouts/{tryout}/step", {"step": "0"}, 422, changes=False),
        "attempts.save_form": Form("m1", "/attempts/{attempt}/responses", {**GUESS, "go": ""}),
        "attempts.submit": Form("m1", "/attempts/{attempt}/submission", GUESS),
        "attempts.hand_in": Form("m1", "/attempts/{attempt}/files/1", {"file": "a.xlsx"}, 422, changes=False),
        "tryouts.start": Form("btc", "/manage/contests/cuoc-thi/rounds/{round}/tryouts"),
        "tryouts.save": Form("btc", "/manage/tryouts/{tryout}/responses/1", {"revision": 1, "value": "{tried}"}, 200),
        "tryouts.save_form": Form("btc", "/manage/tryouts/{tryout}/responses", {**GUESS, "go": ""}),
        "tryouts.hand_in": Form("btc", "/manage/tryouts/{tryout}/files/1", {"file": "a.xlsx"}, 422, changes=False),
        "tryouts.submit": Form("btc", "/manage/tryouts/{tryout}/submission", GUESS),
        "rounds.start": Form("m2", "/rounds/{round}/attempts"),
        "front.language": Form("m1", "/language", {"locale": "en", "next": "/"}, changes=False),
        "banks.index": Form("btc", "/manage/banks", {"code": "moi", "name": "Ngân hàng mới"}),
        "banks.approve": Form("duyet", f"{bank}/approvals", {"question": "C-0005", "back": ""}),
        "banks.retire": Form("duyet", f"{bank}/retirements", {"question": "C-0001", "back": ""}),
        "banks.new": Form("soanthao", f"{bank}/questions/new", QUESTION),
        "banks.edit": Form("soanthao", f"{bank}/questions/C-0001", QUESTION),
        "banks.preview": Form("soanthao", f"{bank}/questions/preview", {**QUESTION, "own": ""}, 200, changes=False),
        "banks.step": Form("duyet", f"{bank}/questions/C-0005/steps", {"verb": "return", "remark": "Thiếu"}),
        "banks.comment": Form("duyet", f"{bank}/questions/C-0005/versions/1/comments", {"comment": "Rõ chưa?"}),
        "banks.legal": Form("soanthao", f"{bank}/sources", {**SOURCE, "change": "amended"}),
        "banks.confirm_source": Form("duyet", f"{bank}/questions/C-0005/source-confirmation", {"mark": "1"}),
        "banks.upload": Form("soanthao", f"{bank}/import", {"file": "a.xlsx"}),
        "banks.search_alike": Form("soanthao", f"{bank}/alike/searches"),
        "banks.tell_apart": Form(
            "soanthao", f"{bank}/alike/distinctions", {"first": "C-0001", "second": "C-0009", "page": "1"}
        ),
        "banks.retire_alike": Form("duyet", f"{bank}/alike/retirements", {"question": "C-0001", "page": "1"}),
        "imports.choose": Form(
            "soanthao", "/manage/jobs/{questions}/choices",
            {"group": "near", "page": "1", "shown": "1", "take": "", "all": "", "to": ""},
        ),
        "imports.convert": Form("soanthao", "/manage/jobs/{questions}/conversion", status=404, changes=False),
        "imports.undo": Form("soanthao", f"{bank}/imports/1/undoing", {"seen": "{seal}"}),
        "banks.export": Form("soanthao", f"{bank}/exports", {"format": "csv"}),
        "setup.new": Form("toa", "/manage/contests/new", {"title": "Mới", "slug": "moi", "organiser": "A", "theme": ""}),
        "regulations.start": Form("toa", f"{ready}/tld-2024", READY),
        "regulations.look": Form("toa", f"{ready}/own/preview", {"settings": "slug = 1", "first_day": ""}, 200, changes=False),
        "setup.details": Form("toa", f"{contest}/details", DETAILS),
        "unit_ranking.formula": Form("toa", f"{contest}/unit-ranking", {**COMPARING, **POINTS, "version": "3"}),
        "unit_ranking.preview": Form("toa", f"{contest}/unit-ranking/preview", COMPARING, 200, changes=False),
        "advancement.edit": Form("toa", f"{contest}/rounds/{{draft}}/advancement/rule", {**ADVANCING, "version": "3"}),
        "advancement.step": Form("toa", f"{contest}/rounds/{{draft}}/advancement/steps", STEP, 404, changes=False),
        "advancement.export": Form(
            "toa", f"{contest}/rounds/{{draft}}/advancement/exports", {"format": "csv"}, 404, changes=False
        ),
        "overall_setup.edit": Form("toa", f"{contest}/overall", {**OVERALL, "rounds": "{draft}", "version": "3"}),
        "overall_setup.preview": Form("toa", f"{contest}/overall/preview", OVERALL, 200, changes=False),
        "unit_ranking.divisions": Form("toa", f"{contest}/divisions", {"pasted": "A1;Bảng A", "version": "3"}),
        "unit_ranking.headcounts": Form("btc", "/manage/contests/cuoc-thi/headcounts", ACCEPTED),
        "units.change": Form("toa", "/manage/units/A1/changes/name", {"new_name": "Tên mới", "effective": "", "step": "confirm"}),
        "units.preview": Form("toa", "/manage/units/A1/changes/name/preview", {"new_name": "Tên"}, 200, changes=False),
        "setup.details_preview": Form("toa", f"{contest}/details/preview", {"regulations": "x"}, 200, changes=False),
        "setup.units": Form("toa", f"{contest}/units", {"units": ["A"], "others": "B", "version": "3"}),
        "setup.publish": Form("toa", f"{contest}/publication", {"version": "3"}),
        "setup.archive": Form("btc", "/manage/contests/cuoc-thi/archive", {"version": "4"}),
        "setup_rounds.new": Form("toa", f"{contest}/rounds/new", ROUND),
        "setup_rounds.edit": Form("toa", f"{contest}/rounds/{{draft}}", ROUND),
        "setup_rounds.remove": Form("toa", f"{contest}/rounds/{{draft}}/removal", {"version": "3"}),
        "printing.show": Form("btc", "/manage/contests/cuoc-thi/rounds/{round}/papers", {"versions": "2", "first": "101"}),
        "setup_rounds.simulate": Form("toa", f"{contest}/rounds/{{draft}}/simulation", {"seed": "1"}),
        "setup_rounds.supply": Form("toa", f"{contest}/rounds/supply", ROUND, 200, changes=False),
        "setup_rounds.preview_windows": Form("toa", f"{contest}/rounds/windows", ROUND, 200, changes=False),
        "setup_rounds.ranking": Form("toa", f"{contest}/rounds/ranking", ROUND, 200, changes=False),
        "conduct.extend": Form("btc", f"{day}/extension", {"window": "1", "closes_at": "2026-05-20T20:00", **ACT}),
        "conduct.grant": Form("btc", f"{day}/extra-time", {"minutes": "5", "whom": "all", "target": "", **ACT}),
        "conduct.void": Form("btc", f"{day}/voids", {"span": "", "receipt": "{receipt}", **ACT}),
        "conduct.restore": Form("btc", f"{day}/restoration", {"void": "{void}", "announcement": "", "confirm": "1"}),
        "conduct.announce": Form("btc", f"{day}/announcements", {"text": "Chào", "whole": ""}),
        "extra_time.put": Form("toa", "/manage/members/m1/extra-time", OWN_TIME),
        "extra_time.remove": Form("toa", "/manage/members/m2/extra-time/removal"),
        "extra_time.upload": Form("toa", "/manage/members/extra-time/import", {"file": "a.xlsx"}),
        "versions.check": Form("btc", f"{done}/{{computed}}/versions/1/check"),
        "versions.approve": Form("btc", f"{done}/{{checked}}/versions/1/approval"),
        "versions.publish": Form("btc", f"{done}/{{approved}}/versions/1/publication"),
        "versions.withdraw": Form("btc", f"{done}/{{published}}/versions/2/withdrawal"),
        "versions.prepare": Form("btc", f"{done}/{{computed}}/versions/draws", {"randomness_from": "x"}, 409, changes=False),
        "versions.correct": Form("btc", f"{done}/{{computed}}/corrections/{{question}}", CORRECTION),
        "awards.new": Form("btc", f"{prizes}/new", PRIZES),
        "awards.edit": Form("btc", f"{prizes}/{{plain}}/edit", {**PRIZES, "version": "1"}),
        "awards.proceed": Form("btc", f"{prizes}/{{plain}}/state", {"to": "verification"}),
        "awards.judge": Form("btc", f"{prizes}/{{verifying}}/verdicts", VERDICT),
        "awards.prepare": Form("btc", f"{prizes}/{{tied}}/draws", {"randomness_from": "Xổ số"}),
        "awards.lots": Form("btc", f"{prizes}/draws/{{draw}}", {"randomness": "58213", "witnesses": "Bà An"}),
        "entrants.add": Form("toa", f"{contest}/entrants", {**MARKS, "said": "no_prize", "codes": "m1", "file": ""}),
        "entrants.accept": Form("toa", f"{contest}/entrants/suggestions", {"code": "toa"}),
        "entrants.edit": Form("toa", f"{contest}/entrants/m2", {**MARKS, "takes_part": "yes", "is_mandatory": "y"}),
        "entrants.remove": Form("toa", f"{contest}/entrants/m2/removal"),
        "registration_setup.edit": Form("toa", f"{contest}/registration", ASKED),
        "registration_setup.consent": Form("toa", f"{contest}/consent", {**people.CONSENT, "why": "Để thi.", "version": "1"}),
        "registration_setup.code": Form("toa", f"{contest}/entry-code", {"valid_from": "", "valid_until": ""}),
        "registrations.register": Form("m2", "/contests/cuoc-thi/registration", {"publication": "y"}),
        "registrations.withdraw": Form("m1", "/contests/cuoc-thi/consents/withdrawal", {"purpose": "publication"}),
        "results.export": Form(
            "btc", "/manage/contests/cuoc-thi/results/exports", {"format": "csv", "content": "units", "round": ""}
        ),
        "results.export_evidence": Form("btc", "/manage/contests/xong/results/evidence", {"round": "{week}"}),
        "marking.script": Form("btc", f"{essays}/{{essay}}/{{blind}}", {"points": "1", "comment": "", "seen": "0", "go": ""}),
        "marking.finish": Form("btc", "/manage/contests/xong/rounds/{computed}/marking/closure"),
        "marking.export": Form("btc", f"{essays}/exports", {"format": "xlsx"}),
        "jobs.confirm": Form("btc", "/manage/jobs/{job}/confirmation"),
        "members.new": Form("toa", "/manage/members/new", PERSON),
        "members.edit": Form("toa", "/manage/members/m1", PERSON),
        "members.suspend": Form("toa", "/manage/members/m1/suspension", {"suspended": "1"}),
        "members.upload": Form("toa", "/manage/members/import", {"file": "a.xlsx"}),
        "members.unit": Form("toa", "/manage/units/A1", {"name": "Tên", "short_name": "T", "level": "Cấp", "headcount": "12"}),
        "members.invite": Form("toa", "/manage/units/A1/invitations", {"by_mail": "0"}),
        "organisation.settings": Form("quantri", "/manage/organisation", SETTINGS),
        "organisation.roles": Form("quantri", "/manage/roles", {"code": "m1", "role": "judge", "unit": "", "contest": ""}),
        "organisation.take_role": Form("quantri", "/manage/roles/{grant}/removal"),
    }  # fmt: skip


def surplus(body: dict[str, Any]) -> dict[str, str]:
    """Return a value for every column of every table, and for what else one might try, but for the fields of the form."""
    columns = {c.name: c.type for table in Base.metadata.tables.values() for c in table.columns}
    typed = {name: next((v for t, v in BY_TYPE.items() if isinstance(kind, t)), "zq") for name, kind in columns.items()}
    return {name: value for name, value in {**typed, **INVENTED, **VALUES}.items() if name not in body}


def accepted(app: Flask) -> set[str]:
    """Return the endpoints that change something."""
    unsafe = {"POST", "PUT", "PATCH", "DELETE"}
    return {
        r.endpoint for r in app.url_map.iter_rules() if unsafe & (r.methods or set()) and policy_of(app, r.endpoint)
    }


@pytest.fixture
def app(make_app: Callable[..., Flask], sqlite_url: str) -> Flask:
    return make_app(sqlite_url, SMTP_URL="smtp://localhost:1", MAIL_FROM="hoithi@example.vn")


@pytest.fixture
def known(app: Flask, clock: Clock) -> dict[str, str]:
    """Fill the house and return what its forms are about."""
    with app.app_context():
        people.organisation()
        kho = people.bank("kho")
        editing.save("kho", people.question(5, source="Điều 5"), submit=True, by=SYSTEM)
        sources.mark("kho", ["Điều 5"], SourceChange.REPEALED, changed_on=date(2025, 7, 1), by=SYSTEM)
        rounds = people.contest(bank_id=kho)
        draft = people.draft_contest("nhap", organiser="A", units=("A",), bank_id=kho)
        taker = people.member("m1", "A1", email="m1@example.vn")
        people.mark("nhap", people.member("m2", "A1"), EntrantMark.NO_PRIZE)
        staff: list[Callable[[], Actor]] = [people.administrator, people.author, people.reviewer]
        _ = [enter() for enter in staff], people.organiser("btc"), people.organiser("toa", unit="A")
        members.enter({"code": "moi-vao", "full_name": "Người mới"}, unit="A1", by=SYSTEM)
        with transaction():
            entry.issue("reset", [(taker.member_id or 0, taker.epoch)], ["zq" * 20], entry.RESET_LIFE, clock.at)
        settled = _settled(kho, clock) | _of_the_day(rounds[0], clock) | _written(clock)
        attempt = people.attempt(rounds[0], taker)
        option = db.session.scalars(sa.select(Attempt.paper).where(Attempt.code == attempt)).one()[0][1][0]
        steps = people.contest("lan-luot", bank_id=kho, rounds=({"navigation": "sequential"},))
        walked = people.attempt(steps[0], taker)
        tryout = tryouts.start("cuoc-thi", rounds[0], by=people.actor("btc"))
        tried = db.session.scalars(sa.select(Tryout.paper)).one()[0][1][0]
        found = {
            "activation": activation.invite("A1", by=SYSTEM)[0].activation_code,
            "grant": str(members.list_grants()[-1].id),
        }
        found |= _imported()
    job = _previewed(app)
    return {
        **found,
        **settled,
        "reset": "zq" * 20,
        "attempt": attempt,
        "walked": walked,
        "option": option,
        "tryout": tryout,
        "tried": tried,
        "round": rounds[0],
        "draft": draft[0],
        "job": job,
    }


def _settled(bank_id: int, clock: Clock) -> dict[str, str]:
    """Settle four rounds of one contest, each a step further; beside the one that is published a version waits."""
    over = {"opens_at": clock.at - timedelta(hours=2), "closes_at": clock.at - timedelta(hours=1)}
    all_codes = people.contest(
        "xong", bank_id=bank_id, rounds=[{}, *[{**over, "title": f"Vòng {n}"} for n in range(4)]]
    )
    codes = all_codes[1:]
    steps = (approval.check, approval.approve, approval.publish)
    for taken, code in enumerate(codes):
        settlement.settle(people.round_row(code).id)
        for step in steps[:taken]:
            step("xong", code, 1, by=SYSTEM)
    settlement.settle(people.round_row(codes[3]).id, rescored={}, reason="Thử")
    question = db.session.scalars(sa.select(QuestionVersion.id).order_by(QuestionVersion.id)).first()
    named = dict(zip(("computed", "checked", "approved", "published"), codes, strict=True))
    return {**named, "question": str(question), **_with_prizes(all_codes[0], clock)}


def _of_the_day(code: str, clock: Clock) -> dict[str, str]:
    """Let two people hand in, void one attempt of them, and give one more time."""
    receipts = []
    for who in (people.member("m3", "A1"), people.actor("m2")):
        attempt = people.attempt(code, who)
        closing.submit(attempt, {}, by=who, arrived=clock.at)
        receipts.append(db.session.scalars(sa.select(Attempt.receipt).where(Attempt.code == attempt)).one() or "")
    voiding.void("cuoc-thi", code, receipt=receipts[0], reason="Thi hộ", by=SYSTEM)
    extra_time.put("m2", {"minutes": 5, "percent": 0}, reason="Tay đau", valid_until=None, by=SYSTEM)
    return {"receipt": receipts[1], "void": "1"}


def _with_prizes(code: str, clock: Clock) -> dict[str, str]:
    """Let two people end equal, settle, and make a list of prizes at each step, of which two wait for a lot."""
    for who in [people.member(f"bang{n}") for n in range(2)]:
        closing.submit(people.attempt(code, who), {}, by=who, arrived=clock.at)
    with transaction():
        row = people.round_row(code)
        row.opens_at, row.closes_at = clock.at - timedelta(hours=2), clock.at
    settlement.settle(people.round_row(code).id)

    def make(edge: EdgeTie) -> int:
        given = {"round": code, "title": "Giải", "for_units": False, "edge": edge, "cap": None}
        return lists.create("xong", given, [{"name": "Nhất", "count": 1, "special": None}], by=SYSTEM)

    tied, drawing, plain, verifying = (make(e) for e in (EdgeTie.LOT, EdgeTie.LOT, EdgeTie.ALL, EdgeTie.ALL))
    draw = draws.prepare("xong", drawing, "Xổ số", by=SYSTEM)
    verification.proceed("xong", verifying, to=AwardState.VERIFICATION, by=SYSTEM)
    winner = people.actor("bang0").member_id
    return {"week": code, "tied": str(tied), "plain": str(plain), "verifying": str(verifying), "draw": draw,
            "winner": str(winner)}  # fmt: skip


def _written(clock: Clock) -> dict[str, str]:
    """Let somebody write what people mark."""
    viet = people.bank("viet", [essay(1)])
    (code,) = people.contest(
        "viet", bank_id=viet, lines=[MARKED], rounds=[{"prediction": None, "criteria": ["points"]}]
    )
    write(code, people.actor("m3"), clock, "Bài viết")
    found = db.session.scalars(sa.select(Script)).one()
    return {"essays": code, "essay": str(found.version_id), "blind": found.code}


def _imported() -> dict[str, str]:
    """Import a question like another one, search for such pairs, and let a file wait to be looked at."""
    like = [replace(people.question(1), code=code) for code in ("C-0009", "C-0010")]
    read = bank_exchange.plan(bank_exchange.find_bank("kho"), Reading((like[0],), ()))
    imports.apply("kho", read.items, by=SYSTEM, file="giong.xlsx")
    likenesses.search("kho", by=SYSTEM)
    upload = exchange.Upload("cau-hoi.csv", write_questions([like[1]], format="csv"))
    waiting = exchange.ask_preview("questions-preview", upload, by=people.actor("soanthao"), bank="kho")
    return {"questions": waiting, "seal": undoing.look("kho", 1, by=SYSTEM).seal}


def _previewed(app: Flask) -> str:
    with app.app_context():
        client = people.enter(app.test_client(), people.actor("btc"))
    form = {"csrf_token": people.csrf(client), "file": (BytesIO(LIST), "a.xlsx")}
    location = client.post("/manage/members/import", data=form).headers["Location"]
    worker.run_once(app)
    return str(location.rpartition("/")[2])


class Twins:
    """The same house twice: each form is posted into a copy of it, with the same chance."""

    def __init__(self, app: Flask, known: dict[str, str], path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.known, self.path, self.patch = app, known, path, monkeypatch
        self._rest()
        shutil.copyfile(path, f"{path}.kept")
        self.before = self._rows()

    def _rest(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def _rows(self) -> dict[str, list[str]]:
        salted = re.compile(r"\$argon2[^']+")
        return {name: [salted.sub("hash", row) for row in rows] for name, rows in snapshot(self.app).items()}

    def _begin(self) -> None:
        self._rest()
        shutil.copyfile(f"{self.path}.kept", self.path)
        for forget in (
            editions.forget,
            content.forget,
            grading.forget,
            self.app.extensions["cache"].clear,
        ):
            forget()
        chance = random.Random(7)
        self.patch.setattr(printing, "_chance", chance)
        self.patch.setattr(drawing, "_chance", chance)
        self.patch.setattr(secrets, "choice", chance.choice)
        self.patch.setattr(secrets, "token_hex", lambda n: chance.randbytes(n).hex())
        self.patch.setattr(secrets, "token_bytes", chance.randbytes)
        self.patch.setattr(
            secrets, "token_urlsafe", lambda n: base64.urlsafe_b64encode(chance.randbytes(n)).decode().rstrip("=")
        )

    def filled(self, value: Any) -> Any:
        return re.sub(r"\{(\w+)\}", lambda m: self.known[m[1]], value) if isinstance(value, str) else value

    def post(self, form: Form, more: dict[str, str]) -> tuple[int, str | None, dict[str, list[str]]]:
        """Post a form with more than it lists and return its answer and every row there is then."""
        self._begin()
        client = self.app.test_client()
        if form.who:
            with self.app.app_context():
                people.enter(client, people.actor(form.who))
        token, path = people.csrf(client), self.filled(form.path)
        body = {name: self.filled(value) for name, value in form.body.items()} | more
        if isinstance(body.get("revision"), int):
            answer = client.put(path, json=body, headers={"X-CSRFToken": token})
        else:
            file = {"file": (BytesIO(LIST), body["file"])} if "file" in body else {}
            answer = client.post(path, data={**body, **file, "csrf_token": token})
        return answer.status_code, answer.headers.get("Location"), self._rows()


def test_surplus_fields_change_no_row(
    app: Flask, known: dict[str, str], sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = forms()
    assert set(listed) == accepted(app)
    twins = Twins(app, known, Path(sqlite_url.removeprefix("sqlite:///")), monkeypatch)
    plain = {name: twins.post(form, {}) for name, form in listed.items()}
    assert {n: p[0] for n, p in plain.items()} == {n: f.status for n, f in listed.items()}
    assert {n: p[2] != twins.before for n, p in plain.items()} == {n: f.changes for n, f in listed.items()}
    differing = {}
    for name, form in listed.items():
        status, location, rows = twins.post(form, surplus(form.body))
        assert (status, location) == plain[name][:2], name
        apart = {table: set(rows[table]) ^ set(plain[name][2][table]) for table in rows}
        differing |= {name: {t: r for t, r in apart.items() if r}} if any(apart.values()) else {}
    assert differing == {}
