"""How often one may try, from where, and that no answer tells who is known."""

import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask

from contest import worker
from contest.db import db
from contest.rules.permissions import SYSTEM
from contest.services.members import limiter
from contest.services.members import people as members
from tests import people, servers
from tests.conftest import Clock
from tests.web.doors import NEW, change_password, post, signed_in, try_wrong, without_token


def test_ten_tries_are_evaluated_whatever_name_they_come_under(house: Flask, clock: Clock) -> None:
    client = house.test_client()
    names = ("m1", "M1 ", "m1@example.vn", "0912 345 678", "+84912345678")
    assert [try_wrong(client, names[i % 5]).status_code for i in range(10)] == [422] * 10
    refused = [try_wrong(client, name) for name in names]
    assert [r.status_code for r in refused] == [429] * 5
    assert refused[0].headers["Retry-After"] == "900"
    assert "15 phút" in refused[0].text.replace("\u00a0", " ")
    assert people.sign_in(client, "m1").status_code == 429


@pytest.mark.parametrize(("seconds", "status"), [(899, 429), (900, 303)])
def test_tries_are_counted_for_a_quarter_of_an_hour(house: Flask, clock: Clock, seconds: int, status: int) -> None:
    client = house.test_client()
    for _ in range(10):
        try_wrong(client)
    clock.advance(seconds=seconds)
    assert people.sign_in(client, "m1").status_code == status


def test_signing_in_forgets_the_failures(house: Flask) -> None:
    client = house.test_client()
    for _ in range(2):
        assert [try_wrong(client).status_code for _ in range(9)] == [422] * 9
        assert people.sign_in(client, "m1").status_code == 303
        post(client, "/sign-out")
        client.delete_cookie("hoithi-device")


def test_a_known_device_gets_in_while_others_are_refused(house: Flask) -> None:
    own, other = signed_in(house), house.test_client()
    post(own, "/sign-out")
    assert [try_wrong(other).status_code for _ in range(11)] == [422] * 10 + [429]
    assert people.sign_in(own, "m1").status_code == 303


def test_a_known_device_has_ten_tries_too_and_for_its_person_alone(house: Flask) -> None:
    with house.app_context():
        people.member("m2")
    own = signed_in(house)
    post(own, "/sign-out")
    assert [try_wrong(own).status_code for _ in range(11)] == [422] * 10 + [429]
    assert [try_wrong(own, "m2").status_code for _ in range(11)] == [422] * 10 + [429]


def test_asking_for_the_current_password_counts_too(house: Flask) -> None:
    client = signed_in(house)
    wrong = [change_password(client, current="not the one") for _ in range(11)]
    assert [r.status_code for r in wrong] == [422] * 10 + [429]
    assert wrong[10].headers["Retry-After"] == "900"
    assert change_password(client).status_code == 429


@pytest.mark.parametrize("path", ["/activate", "/forgotten"])
def test_codes_are_tried_sixty_times_from_an_address(posted: Flask, path: str) -> None:
    client = posted.test_client()
    with posted.app_context():
        for _ in range(59):
            limiter.admit_code("127.0.0.1")
    form = {"code": "AAAA", "password": NEW, "repeat": NEW, "identifier": "m1"}
    assert post(client, path, **form).status_code in {200, 422}
    refused = post(client, path, **form)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")


@pytest.mark.parametrize(("proxies", "status"), [("0", 429), ("1", 422)])
def test_a_forwarded_address_is_believed_of_trusted_proxies_alone(
    make_app: Callable[..., Flask], sqlite_url: str, clock: Clock, proxies: str, status: int
) -> None:
    app = make_app(sqlite_url, TRUSTED_PROXIES=proxies)
    with app.app_context():
        people.organisation()
        for _ in range(limiter.PER_ADDRESS.amount):
            limiter.failed("127.0.0.1")
    claims = {
        "X-Forwarded-For": "203.0.113.7, 198.51.100.9",
        "X-Real-IP": "203.0.113.7",
        "Forwarded": "for=203.0.113.7",
    }
    assert try_wrong(app.test_client(), "khong-co", **claims).status_code == status


def test_behind_one_proxy_only_its_own_word_counts(
    make_app: Callable[..., Flask], sqlite_url: str, clock: Clock
) -> None:
    app = make_app(sqlite_url, TRUSTED_PROXIES="1")
    with app.app_context():
        people.organisation()
        for _ in range(limiter.PER_ADDRESS.amount):
            limiter.failed("198.51.100.9")
    forged = {"X-Forwarded-For": "203.0.113.7, 198.51.100.9"}
    assert try_wrong(app.test_client(), "khong-co", **forged).status_code == 429


@pytest.mark.slow
def test_ten_of_fifty_parallel_tries_are_evaluated(app: Flask, database: str, live_server: str) -> None:
    with app.app_context():
        people.organisation()
        people.member("m1")

    def attempt(number: int) -> int:
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        page = opener.open(f"{live_server}/sign-in", timeout=60).read().decode()
        token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
        form = {"identifier": "m1", "password": f"wrong {number}", "csrf_token": token}
        forged = {"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"}
        try:
            return int(
                opener.open(Request(f"{live_server}/sign-in", urlencode(form).encode(), forged), timeout=60).status
            )
        except HTTPError as error:
            return error.code

    with ThreadPoolExecutor(50) as pool:
        statuses = sorted(pool.map(attempt, range(50)))
    assert statuses == [422] * 10 + [429] * 40


def test_a_password_of_a_megabyte_costs_no_more_than_another(house: Flask) -> None:
    marks = "a" + "\u0301\u0316" * 60_000  # to normalise the whole would take a minute
    answer = post(house.test_client(), "/sign-in", identifier="m1", password=marks)
    assert answer.status_code == 422


def test_a_password_is_the_same_composed_and_decomposed(house: Flask) -> None:
    client = signed_in(house)
    assert change_password(client, new="Tổ quốc ghi công").status_code == 303
    assert (
        people.sign_in(house.test_client(), "m1", unicodedata.normalize("NFD", "Tổ quốc ghi công")).status_code == 303
    )


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the hashes that are verified."""
    done: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, stored: str, password: str) -> bool:
        done.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    return done


def test_signing_in_tells_nobody_who_is_known(house: Flask, hashes: list[str]) -> None:
    with house.app_context():
        people.member("m2")
        members.suspend("m2", suspended=True, by=SYSTEM)
        members.enter({"code": "m3", "full_name": "Chưa Mở"}, unit="A1", by=SYSTEM)
    answers = {}
    for name, password in (
        ("m1", "not the one"),
        ("zz", "not the one"),
        ("m2", people.PASSWORD),
        ("m3", "not the one"),
    ):
        hashes.clear()
        answer = post(house.test_client(), "/sign-in", identifier=name, password=password)
        page = without_token(answer.text).replace(f'value="{name}"', "")
        answers[name] = (answer.status_code, page, sorted(answer.headers.keys()), len(hashes))
    assert answers["m1"][0] == 422
    assert answers["m1"][3] == 1
    assert answers["zz"] == answers["m2"] == answers["m3"] == answers["m1"]


def test_a_limit_tells_nobody_who_is_known(house: Flask) -> None:
    pages = []
    for name in ("m1", "zz"):
        client = house.test_client()
        for _ in range(10):
            try_wrong(client, name)
        refused = try_wrong(client, name)
        pages.append((refused.status_code, without_token(refused.text).replace(f'value="{name}"', "")))
    assert pages[0][0] == 429
    assert pages[0] == pages[1]


def test_forgetting_tells_nobody_who_is_known(posted: Flask, smtp: servers.Mailbox) -> None:
    answers, statements = [], []
    for name in ("m1", "m1@example.vn", "zz", "zz@example.vn"):
        client = posted.test_client()
        form = {"identifier": name, "csrf_token": people.csrf(client)}
        counted = []
        with posted.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", lambda *a, counted=counted: counted.append(a[2]))
        answer = client.post("/forgotten", data=form)
        answers.append((answer.status_code, without_token(answer.text)))
        statements.append(len(counted))
    assert answers == [answers[0]] * 4
    assert answers[0][0] == 200
    assert statements == [statements[0]] * 4
    worker.run_once(posted)
    assert [m["X-Envelope-To"] for m in smtp.messages] == ["m1@example.vn"] * 2


def test_forgetting_is_not_offered_without_mail(house: Flask) -> None:
    assert house.test_client().get("/forgotten").status_code == 404
