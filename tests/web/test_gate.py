"""The gate beside its declarations: who may pass is said here once more, and what is out of scope does not exist."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import Role
from contest.services.members import people as members
from contest.web.gate import policy_of
from tests import people, servers
from tests.conftest import Clock
from tests.tables import snapshot

PUBLIC = {
    "accounts.activate", "accounts.first_visit", "accounts.forgotten", "accounts.reset", "accounts.sign_in",
    "accounts.sign_in_now", "contests.awards", "contests.results", "contests.show", "contests.unit_why", "contests.units",
    "draws.data", "draws.show", "front.help", "front.index", "front.language", "front.languages",
    "front.logo", "health.alive", "health.measure", "health.ready", "health.tell_time", "overall.people",
    "registrations.register", "rounds.before", "rounds.pulse",
    "seals.data", "seals.show",
    "standings.people", "standings.unit_why", "standings.units",
}  # fmt: skip
OF_MEMBERS = ("accounts.", "attempts.", "handed.", "media.", "overall.", "registrations.", "rounds.", "standings.")
WHOLE = {"administrator", "organiser"}
WHO = {
    "take_part": {"member", "organiser_of_a", "author", "reviewer", "judge", "auditor", *WHOLE},
    "see_management": {"organiser_of_a", "author", "reviewer", "judge", "auditor", *WHOLE},
    "administer": {"administrator"},
    "manage_people": {"organiser_of_a", *WHOLE},
    "manage_contests": {"organiser_of_a", *WHOLE},
    "see_bank": {"author", "reviewer", *WHOLE},
    "author_questions": {"author", *WHOLE},
    "review_questions": {"reviewer", *WHOLE},
    "see_results": {"organiser_of_a", "judge", "auditor", *WHOLE},
    "see_papers_of_others": {"judge", "auditor", *WHOLE},
    "correct_keys": {*WHOLE},
    "mark_responses": {"judge", *WHOLE},
    "see_audit": {"administrator", "auditor"},
}
ACTORS: dict[str, Callable[[], Actor]] = {
    "member": people.member,
    "administrator": people.administrator,
    "organiser": people.organiser,
    "organiser_of_a": lambda: people.organiser("toa", unit="A"),
    "author": people.author,
    "reviewer": people.reviewer,
    "judge": people.judge,
    "auditor": people.auditor,
}


def declared(app: Flask) -> dict[str, Any]:
    return {rule.endpoint: policy_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}


def test_public_routes_are_these_and_no_others(app: Flask) -> None:
    assert {endpoint for endpoint, policy in declared(app).items() if policy.is_public} == PUBLIC


def test_any_member_reaches_taking_part_and_the_own_account_alone(app: Flask) -> None:
    taking = {e for e, p in declared(app).items() if p.permission and p.permission.__name__ == "take_part"}
    of_members = {e for e in declared(app) if e.startswith(OF_MEMBERS)} - PUBLIC
    assert taking == of_members


def test_only_what_is_asked_for_often_leaves_the_session_to_its_statement(app: Flask) -> None:
    assert {endpoint for endpoint, policy in declared(app).items() if policy.by_cookie} == {
        "attempts.receipt",
        "attempts.save",
        "attempts.show",
        "attempts.show_news",
        "attempts.show_responses",
        "attempts.submit",
        "rounds.show_place",
        "rounds.start",
    }


def test_only_what_is_the_same_for_everybody_is_kept_by_caches(app: Flask) -> None:
    kept = {endpoint for endpoint, policy in declared(app).items() if policy.is_cacheable}
    assert kept == {"front.logo", "rounds.pulse"}


@pytest.mark.parametrize("role", ACTORS)
def test_permissions_are_held_by_these_roles(app: Flask, context: Flask, clock: Clock, role: str) -> None:
    people.organisation()
    actor = ACTORS[role]()
    permissions = {p.permission.__name__: p.permission for p in declared(app).values() if p.permission}
    assert permissions.keys() == WHO.keys()
    assert {name for name, permission in permissions.items() if permission(actor)} == {
        name for name, roles in WHO.items() if role in roles
    }


def test_organiser_of_a_contest_is_no_organiser_of_people(app: Flask, context: Flask, clock: Clock) -> None:
    people.organisation()
    people.contest()
    actor = people.staff("tochuc", Role.ORGANISER, contest_id=people.contest_id())
    permissions = {p.permission.__name__: p.permission for p in declared(app).values() if p.permission}
    assert {name for name, permission in permissions.items() if permission(actor)} == {
        "take_part", "see_management", "manage_contests", "correct_keys", "mark_responses", "see_results",
        "see_papers_of_others",
    }  # fmt: skip


@pytest.fixture
def two_branches(app: Flask, clock: Clock) -> dict[str, str]:
    """Make what belongs to branch A and return its names by the arguments of routes."""
    with app.app_context():
        people.organisation()
        taker = people.member("m1", "A1")
        people.member("m2", "B1")
        people.organiser("tob", unit="B")
        round_code = people.contest("cua-a", organiser="A", units=("A",))[0]
        attempt = people.attempt(round_code, taker)
    return {
        "slug": "cua-a",
        "round": round_code,
        "attempt": attempt,
        "member": "m1",
        "unit": "A1",
        "bank": "cua-a-bank",
    }


# Who meets what they must not know of: role's account, method, path with the name, that name.
HIDDEN = [
    *(("m2", "GET", "/attempts/{}" + tail, "attempt") for tail in ("", "/receipt", "/review", "/submission")),
    ("m2", "POST", "/attempts/{}/responses", "attempt"),
    ("m2", "POST", "/attempts/{}/submission", "attempt"),
    ("m2", "PUT", "/attempts/{}/responses/1", "attempt"),
    ("m2", "PUT", "/attempts/{}/responses/prediction", "attempt"),
    ("tob", "GET", "/attempts/{}", "attempt"),
    ("tob", "GET", "/manage/members/{}", "member"),
    ("tob", "POST", "/manage/members/{}", "member"),
    ("tob", "POST", "/manage/members/{}/suspension", "member"),
    ("tob", "GET", "/manage/units/{}", "unit"),
    ("tob", "POST", "/manage/units/{}", "unit"),
    ("tob", "POST", "/manage/units/{}/invitations", "unit"),
    ("tob", "GET", "/manage/members?unit={}", "unit"),
    ("tob", "GET", "/manage/contests/{}", "slug"),
    ("tob", "GET", "/manage/contests/{}/details", "slug"),
    ("tob", "POST", "/manage/contests/{}/details", "slug"),
    ("tob", "GET", "/manage/contests/{}/units", "slug"),
    ("tob", "POST", "/manage/contests/{}/units", "slug"),
    ("tob", "GET", "/manage/contests/{}/preview", "slug"),
    ("tob", "GET", "/manage/contests/{}/settings.toml", "slug"),
    ("tob", "GET", "/manage/contests/{}/rounds/new", "slug"),
    ("tob", "POST", "/manage/contests/{}/rounds/new", "slug"),
    ("tob", "POST", "/manage/contests/{}/rounds/supply", "slug"),
    ("tob", "POST", "/manage/contests/{}/rounds/khong-co/simulation", "slug"),
    ("tob", "POST", "/manage/contests/{}/publication", "slug"),
    ("tob", "POST", "/manage/contests/{}/archive", "slug"),
]


def answer(client: FlaskClient, method: str, path: str, token: str, accept: str) -> tuple[int, str]:
    body = {"revision": 1, "value": "x"} if method == "PUT" else None
    got = client.open(path, method=method, headers={"X-CSRFToken": token, "Accept": accept}, json=body)
    return got.status_code, got.text


@pytest.mark.parametrize(("code", "method", "path", "kind"), HIDDEN)
def test_what_is_out_of_scope_looks_like_what_does_not_exist(
    app: Flask, client: FlaskClient, two_branches: dict[str, str], code: str, method: str, path: str, kind: str
) -> None:
    with app.app_context():
        people.enter(client, people.actor(code))
    token, name = people.csrf(client), two_branches[kind]
    before = snapshot(app)
    for accept in ("text/html", "application/json"):
        hidden = answer(client, method, path.format(name), token, accept)
        nothing = answer(client, method, path.format("q" * len(name)), token, accept)
        assert (hidden[0], nothing[0]) == (404, 404)
        assert plain(hidden[1], name) == plain(nothing[1], "q" * len(name))
    assert snapshot(app) == before


def plain(body: str, name: str) -> str:
    """Return a page without the token, which is new by the second, and the name that was asked for."""
    return re.sub(r'(content|value)="[\w.-]{60,}"', "", body).replace(name, "")


@pytest.mark.parametrize("who", [None, "m1"])
@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/contests/{}", "slug"),
        ("GET", "/rounds/{}", "round"),
        ("GET", "/rounds/{}/queue", "round"),
        ("GET", "/rounds/{}/queue/place", "round"),
        ("POST", "/rounds/{}/attempts", "round"),
        ("GET", "/rounds/{}/standings", "round"),
        ("GET", "/rounds/{}/standings/units", "round"),
        ("GET", "/rounds/{}/standings/units/A/why", "round"),
        ("GET", "/contests/{}/units", "slug"),
        ("GET", "/contests/{}/units/A/why", "slug"),
    ],
)
def test_a_draft_does_not_exist(
    app: Flask, client: FlaskClient, clock: Clock, who: str | None, method: str, path: str, kind: str
) -> None:
    with app.app_context():
        people.organisation()
        names = {"slug": "ban-nhap", "round": people.draft_contest("ban-nhap")[0]}
        if who:
            people.enter(client, people.member(who))
    token, name = people.csrf(client), names[kind]
    hidden = answer(client, method, path.format(name), token, "text/html")
    nothing = answer(client, method, path.format("q" * len(name)), token, "text/html")
    assert (
        hidden[0]
        == nothing[0]
        == (404 if who or kind == "slug" or "standings" in path or path == "/rounds/{}" else 302)
    )
    assert plain(hidden[1], name) == plain(nothing[1], "q" * len(name))
    assert [p for p in ("/", "/results") if "ban-nhap" in client.get(p).text] == []


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", 303),
        ("http://localhost:80.evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("http://evil.example", 403),
        ("http://localhost@evil.example", 403),
        ("localhost", 403),
        ("http://[", 403),
    ],
)
def test_changes_come_from_our_own_pages(
    app: Flask, client: FlaskClient, clock: Clock, origin: str, status: int
) -> None:
    with app.app_context():
        people.organisation()
    form = {"locale": "en", "csrf_token": people.csrf(client)}
    assert client.post("/language", data=form, headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize(("site", "status"), [("same-origin", 303), ("none", 303), ("cross-site", 403)])
def test_browsers_say_where_a_change_comes_from(
    app: Flask, client: FlaskClient, clock: Clock, site: str, status: int
) -> None:
    with app.app_context():
        people.organisation()
    form = {"locale": "en", "csrf_token": people.csrf(client)}
    assert client.post("/language", data=form, headers={"Sec-Fetch-Site": site}).status_code == status


def test_a_role_taken_away_ends_with_the_next_request(app: Flask, client: FlaskClient, clock: Clock) -> None:
    with app.app_context():
        people.organisation()
        people.enter(client, people.organiser("toa", unit="A"))
        grant = members.list_grants()[0]
    assert client.get("/manage/members").status_code == 200
    with app.app_context():
        members.take_role(grant.id, by=SYSTEM)
    assert client.get("/manage/members").status_code == 403


@pytest.mark.postgres
def test_without_the_database_it_says_come_again(
    make_app: Callable[..., Flask], postgres: servers.Postgres, postgres_template: str
) -> None:
    name = postgres.create(template=postgres_template)
    app = make_app(postgres.url(name))
    with app.app_context():
        people.organisation()
        people.enter(client := app.test_client(), people.member())
    assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/me")] == [200, 200, 200]
    postgres.drop(name)
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (503, {"ok": False, "problems": ["The database does not answer."]})
    for path in ("/", "/me", "/results"):
        for _ in range(2):  # the first meets a connection that was cut, the second none at all
            page = client.get(path)
            assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
            assert "Hệ thống đang bận" in page.text
