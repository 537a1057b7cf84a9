"""What every answer carries, and what none does: flags of cookies, caches, hosts, and errors that say nothing."""

from collections.abc import Callable
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contest.services.contests import views
from contest.web import headers
from tests import people
from tests.conftest import Clock

PRODUCTION = {
    "APP_ENV": "production",
    "SECRET_KEY": "q8Zr2Lm5Vx7Kp1Tn9Wd4Hs6Jb3Fg0YcE5",
    "BASE_URL": "https://hoithi.example",
}
HTTPS = "https://hoithi.example"


@pytest.fixture
def production(make_app: Callable[..., Flask], sqlite_url: str, clock: Clock) -> Flask:
    app = make_app(sqlite_url, **PRODUCTION)
    with app.app_context():
        people.organisation()
        people.member("m1")
    return app


def cookies(response: Any) -> dict[str, Morsel[str]]:
    jar: SimpleCookie = SimpleCookie()
    for header in response.headers.getlist("Set-Cookie"):
        jar.load(header)
    return dict(jar)


def all_cookies(client: FlaskClient, **request: Any) -> dict[str, Morsel[str]]:
    """Return every cookie the application sets: of the language, of the session, of the device."""
    found = cookies(client.get("/sign-in", **request))
    page = client.get("/help", **request).text
    form = {"csrf_token": page.partition('name="csrf-token" content="')[2].partition('"')[0]}
    found |= cookies(client.post("/language", data={**form, "locale": "en"}, **request))
    return found | cookies(
        client.post("/sign-in", data={**form, "identifier": "m1", "password": people.PASSWORD}, **request)
    )


def test_cookies_of_an_https_site_go_to_it_alone(production: Flask) -> None:
    headers = {"Referer": f"{HTTPS}/", "Origin": HTTPS}
    found = all_cookies(production.test_client(), base_url=HTTPS, headers=headers)
    assert found.keys() == {"lang", "__Host-session", "__Host-device"}
    for cookie in found.values():
        flags = {name: cookie[name] for name in ("secure", "httponly", "samesite", "path", "domain")}
        assert flags == {"secure": True, "httponly": True, "samesite": "Lax", "path": "/", "domain": ""}


def test_cookies_of_a_plain_site_have_names_that_browsers_keep(house: Flask) -> None:
    found = all_cookies(house.test_client())
    assert found.keys() == {"lang", "hoithi-session", "hoithi-device"}
    for cookie in found.values():
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == ("", True, "Lax")


def test_https_is_asked_for_by_the_site_that_has_it(production: Flask) -> None:
    page = production.test_client().get("/help", base_url=HTTPS)
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_https_is_not_asked_for_by_a_plain_site(house: Flask) -> None:
    assert "Strict-Transport-Security" not in house.test_client().get("/help").headers


@pytest.mark.parametrize(
    "host", ["evil.example", "hoithi.example.evil.example", "hoithi.example@evil.example", "[", ""]
)
def test_no_other_host_is_answered_in_production(production: Flask, host: str) -> None:
    answer = production.test_client().get("/help", headers={"Host": host})
    assert (answer.status_code, answer.text) == (400, "Bad request: unknown host.")
    assert answer.headers["Content-Security-Policy"] == headers._CSP


def test_a_forwarded_host_is_not_believed(production: Flask) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Host": "evil.example"}
    answer = production.test_client().get("/me", base_url=HTTPS, headers=forged)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/me")


def test_nothing_is_kept_by_a_browser_after_signing_out(house: Flask) -> None:
    client = house.test_client()
    people.sign_in(client, "m1")
    assert client.get("/me").headers["Cache-Control"] == "private, no-store"
    left = client.post("/sign-out", data={"csrf_token": people.csrf(client)})
    assert (left.status_code, left.headers["Clear-Site-Data"]) == (303, '"cache"')
    assert client.get("/me").status_code == 302


def test_no_address_carries_a_session(house: Flask) -> None:
    client = house.test_client()
    entered = people.sign_in(client, "m1")
    assert (entered.status_code, entered.headers["Location"]) == (303, "/")
    pages = client.get("/").text + client.get("/me").text
    secret = next(c.value for c in cookies(entered).values() if c.key == "hoithi-session")
    assert secret not in pages


def test_static_files_are_kept_for_ever(house: Flask) -> None:
    client = house.test_client()
    sheet = client.get(f"/static/{house.config['ASSETS_VERSION']}/app.css")
    assert (sheet.status_code, sheet.headers["Cache-Control"]) == (200, "max-age=315360000, public, immutable")
    assert "Set-Cookie" not in sheet.headers


def test_static_files_may_do_nothing_and_say_no_more_than_that(house: Flask) -> None:
    sheet = house.test_client().get(f"/static/{house.config['ASSETS_VERSION']}/app.css")
    told = {name: sheet.headers.get(name) for name in ("Content-Security-Policy", "X-Content-Type-Options")}
    assert told == {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}
    assert sum(len(name) + len(value) + 4 for name, value in sheet.headers) < 450
    missing = house.test_client().get(f"/static/{house.config['ASSETS_VERSION']}/none.css")
    assert (missing.status_code, missing.headers["Content-Security-Policy"]) == (404, headers._CSP)


# Leaks that an error must not have: traces, SQL, paths, modules.
TELLTALES = ("Traceback", "SELECT ", "sqlalchemy", "werkzeug", "/contest/", "Error(", "jinja2", "Werkzeug Debugger")


def refused(client: FlaskClient) -> list[tuple[int, Any]]:
    """Ask for one thing of each kind that is refused, with the status it should have."""
    token = {"X-CSRFToken": people.csrf(client)}
    return [
        (400, client.post("/sign-in", data={})),
        (404, client.get("/khong-co")),
        (404, client.get("/console")),
        (404, client.get("/contests/%27%20OR%201=1")),
        (405, client.get("/sign-out")),
        (413, client.post("/sign-in", data={"identifier": "x" * 1_000_001}, headers=token)),
        (422, client.post("/sign-in", data={"identifier": "\x00", "password": "x"}, headers=token)),
    ]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_refusals_say_nothing_of_the_inside(house: Flask, accept: str) -> None:
    client = house.test_client()
    client.environ_base["HTTP_ACCEPT"] = accept
    for status, answer in refused(client):
        assert (answer.status_code, [t for t in TELLTALES if t in answer.text]) == (status, [])


def test_a_refusal_in_json_has_these_fields_and_no_others(house: Flask) -> None:
    answer = house.test_client().get("/khong-co", headers={"Accept": "application/json"})
    assert answer.json == {"ok": False, "code": "not-found", "message": "Không tìm thấy trang này."}


def test_a_bug_shows_a_number_and_nothing_else(house: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(views, "list_contests", fail)
    client = house.test_client()
    page = client.get("/")
    data = client.get("/", headers={"Accept": "application/json"})
    assert (page.status_code, data.status_code) == (500, 500)
    assert [t for t in (*TELLTALES, "secret of the inside") if t in page.text + data.text] == []
    assert data.json is not None
    assert data.json.keys() == {"ok", "code", "message", "request_id"}
    assert len(data.json["request_id"]) == 8
