"""The gate, walked: every route × method × role equals its declared policy; nothing else is reachable."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from contest.db import db
from contest.rules.permissions import Actor, Grant
from contest.rules.terms import Role
from contest.web.gate import policy_of
from tests import people
from tests.conftest import Clock
from tests.tables import snapshot

ROLES: dict[str, Callable[[], Actor]] = {
    "member": lambda: people.member("thanhvien"),
    "administrator": people.administrator,
    "organiser": people.organiser,
    "organiser_of_a": lambda: people.organiser("toa", unit="A"),
    "author": people.author,
    "reviewer": people.reviewer,
    "judge": people.judge,
    "auditor": people.auditor,
}
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
FINER = {("reviewer", "POST", "banks.index")}  # the view shows the page to more than may make a bank
NUMBERS = {"grant", "number", "question", "version"}
VALUES = {
    "slug": "khong-co",
    "code": "khong-co",
    "bank": "khong-co",
    "token": "x" * 43,
    "position": "1",
    "attempt": "khong-co",
    "kind": "khong-co",
    "name": "khong-co",
    "unit": "khong-co",
    "piece": "khong-co",
    "form": "khong-co",
    "blind": "khong-co",
}


def rules(app: Flask) -> list[tuple[Any, str]]:
    return [
        (rule, m) for rule in app.url_map.iter_rules() for m in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def url_of(app: Flask, rule: Any) -> str:
    with app.test_request_context():
        values = {name: 0 if name in NUMBERS else VALUES[name] for name in rule.arguments}
        return str(app.url_map.bind("localhost").build(rule.endpoint, values))


@pytest.fixture
def house(app: Flask, clock: Clock) -> Flask:
    with app.app_context():
        people.organisation()
        people.contest()
    return app


def test_every_route_declares_its_policy(app: Flask) -> None:
    assert {rule.endpoint for rule, _ in rules(app) if policy_of(app, rule.endpoint) is None} == set()


def test_a_route_without_a_policy_is_not_reachable(app: Flask) -> None:
    app.add_url_rule("/forgotten-policy", "forgotten_policy", lambda: "secret")
    answer = app.test_client().get("/forgotten-policy")
    assert answer.status_code == 404
    assert b"secret" not in answer.data


def send(client: FlaskClient, method: str, url: str, token: str, **headers: str) -> Any:
    sent = {"X-CSRFToken": token, **headers}
    return client.open(
        url, method=method, headers=sent, json={"revision": 1, "value": None} if method == "PUT" else None
    )


@pytest.mark.parametrize("role", ROLES)
def test_gate_equals_the_declared_policy(house: Flask, role: str) -> None:
    """Objects do not exist here, so whoever passes the gate meets 404 or a form; whoever does not, 403."""
    with house.app_context():
        actor = ROLES[role]()
    client = house.test_client()
    people.enter(client, actor)
    token = people.csrf(client)
    wrong = []
    for rule, method in rules(house):
        declared = policy_of(house, rule.endpoint)
        if rule.endpoint in {"accounts.sign_out", "accounts.sign_out_everywhere"} or declared is None:
            continue
        answer = send(client, method, url_of(house, rule), token)
        passes = declared.is_public or declared.permission is None or declared.permission(actor)
        passes = passes and (role, method, rule.endpoint) not in FINER
        if passes and answer.status_code in {401, 403, 500}:
            wrong.append((method, str(rule), answer.status_code))
        if not passes and answer.status_code != 403:
            wrong.append((method, str(rule), answer.status_code))
    assert wrong == []


def test_visitors_reach_public_routes_alone(house: Flask) -> None:
    client = house.test_client()
    token = people.csrf(client)
    wrong = []
    for rule, method in rules(house):
        declared = policy_of(house, rule.endpoint)
        url = url_of(house, rule)
        page = send(client, method, url, token, Accept="text/html").status_code
        data = send(client, method, url, token, Accept="application/json").status_code
        if declared and not declared.is_public and (data != 401 or (method != "PUT" and page != 302)):
            wrong.append((method, url, page, data))
        if declared and declared.is_public and (401 in {page, data} or 500 in {page, data}):
            wrong.append((method, url, page, data))
    assert wrong == []


@pytest.mark.parametrize("role", [None, "administrator"])
def test_no_change_without_token_or_from_another_site(house: Flask, role: str | None) -> None:
    client = house.test_client()
    if role:
        with house.app_context():
            people.enter(client, ROLES[role]())
    token = people.csrf(client)
    before = snapshot(house)
    for rule, method in rules(house):
        if method not in UNSAFE:
            continue
        url = url_of(house, rule)
        declared = policy_of(house, rule.endpoint)
        reached = declared is not None and (declared.is_public or role is not None)
        for headers, status in (
            ({}, 400),
            ({"X-CSRFToken": "forged"}, 400),
            ({"Content-Type": "text/plain"}, 400),
            ({"X-CSRFToken": token, "Origin": "https://evil.example"}, 403),
            ({"X-CSRFToken": token, "Sec-Fetch-Site": "cross-site"}, 403),
        ):
            got = client.open(url, method=method, headers=headers).status_code
            assert got == status or not reached, (method, url, headers, got)
    assert snapshot(house) == before


@pytest.mark.parametrize("role", [None, "administrator"])
def test_asking_for_the_head_alone_is_answered_as_reading(house: Flask, role: str | None) -> None:
    client = house.test_client()
    if role:
        with house.app_context():
            people.enter(client, ROLES[role]())
    urls = [url_of(house, rule) for rule, method in rules(house) if method == "GET"]
    assert [u for u in urls if client.head(u).status_code != client.get(u).status_code] == []


def test_reading_writes_nothing(house: Flask) -> None:
    client = house.test_client()
    with house.app_context():
        people.enter(client, people.administrator())
        taker = people.member("m1")
        attempt = people.attempt(db.session.scalars(sa.text("SELECT code FROM rounds")).one(), taker)
    reader = people.enter(house.test_client(), taker)
    before = snapshot(house)
    for rule, method in rules(house):
        if method == "GET":
            client.get(url_of(house, rule))
    for url in ("/", "/contests/cuoc-thi", f"/attempts/{attempt}", f"/attempts/{attempt}/receipt", "/me"):
        reader.get(url)
    for url in ("/manage/contests/cuoc-thi", "/manage/banks/cuoc-thi-bank", "/manage/members", "/manage/audit"):
        assert client.get(url).status_code == 200
    assert snapshot(house) == before


def test_headers_stand_on_every_answer(house: Flask) -> None:
    clients = [house.test_client(), house.test_client()]
    with house.app_context():
        people.enter(clients[1], people.administrator())
    for client in clients:
        for rule, method in rules(house):
            answer = client.open(url_of(house, rule), method=method)
            policy = answer.headers["Content-Security-Policy"]
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
            for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "default-src 'none'"):
                assert part in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            declared = policy_of(house, rule.endpoint)
            if declared and not declared.is_cacheable:
                assert answer.headers["Cache-Control"] == "private, no-store", str(rule)
                assert "Cookie" in answer.headers["Vary"]


def test_cookies_are_flagged(make_app: Callable[..., Flask], sqlite_url: str, clock: Clock) -> None:
    app = make_app(sqlite_url, BASE_URL="https://hoithi.example")
    with app.app_context():
        people.organisation()
        people.member("m1")
    client = app.test_client()
    base = {"base_url": "https://hoithi.example"}
    page = client.get("/sign-in", **base)
    token = re.search(r'csrf-token" content="([^"]+)"', page.text)
    assert token
    form = {"identifier": "m1", "password": people.PASSWORD, "csrf_token": token[1]}
    answer = client.post("/sign-in", data=form, headers={"Referer": "https://hoithi.example/"}, **base)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert flag in cookie


def test_bank_scope_alone_is_no_way_into_people() -> None:
    actor = Actor(1, grants=(Grant(Role.ORGANISER, contest_id=1),))
    from contest.rules import permissions

    assert not permissions.manage_people(actor)
    assert not permissions.see_bank(actor)
    assert permissions.manage_contests(actor)
