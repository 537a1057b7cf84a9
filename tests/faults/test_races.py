"""Races against the real server, two processes on PostgreSQL: one attempt, one limit, one finish, the highest revision."""

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from threading import local
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.formats.drafts import MemberDraft, Reading
from contest.models.attempts import Attempt, Response
from contest.models.audit import AuditEntry
from contest.models.minutes import ServedMinute
from contest.models.results import Result, Standing
from contest.rules.permissions import SYSTEM
from contest.services.members import lists
from tests import people, servers

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

MEMBERS, STARTS = 40, 50  # the short form of two hundred members
CLIENTS = 50
LIMIT = 3


class Answer(NamedTuple):
    """What came back, and between which two moments."""

    status: int
    location: str
    body: bytes
    sent_at: float
    came_at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """A member signed in at the real server; each thread that sends for them has a connection of its own."""

    _connections = local()

    def __init__(self, address: str, app: Flask, code: str) -> None:
        self.host = urlsplit(address).netloc
        client = app.test_client()
        with app.app_context():
            people.enter(client, people.actor(code))
        self.token = people.csrf(client)
        cookie = client.get_cookie("hoithi-session")
        assert cookie is not None
        self.cookie = f"{cookie.key}={cookie.value}"

    def post(self, path: str) -> Answer:
        form = urlencode({"csrf_token": self.token})
        return self._send("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})

    def save(self, path: str, revision: int, value: object) -> Answer:
        body = json.dumps({"revision": revision, "value": value})
        return self._send("PUT", path, body, {"Content-Type": "application/json", "X-CSRFToken": self.token})

    def get(self, path: str) -> str:
        return self._send("GET", path, None, {}).body.decode()

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        kept: dict[str, HTTPConnection] = self._connections.__dict__
        connection = kept.setdefault(self.host, HTTPConnection(self.host, timeout=60))
        sent_at = time.monotonic()
        connection.request(method, path, body, {**headers, "Cookie": self.cookie})
        response = connection.getresponse()
        read, location = response.read(), response.headers.get("Location", "")
        return Answer(response.status, location, read, sent_at, time.monotonic())


class House(NamedTuple):
    app: Flask
    address: str
    round: str

    def browser(self, number: int = 0) -> Browser:
        return Browser(self.address, self.app, f"n{number:03d}")


@pytest.fixture
def house(make_app: Callable[..., Flask], postgres_url: str, instance: Path, tmp_path: Path) -> Iterator[House]:
    """Serve a round with forty members by two processes, as in production but for the name of the environment."""
    app = make_app(postgres_url)
    with app.app_context():
        people.organisation()
        drafts = [MemberDraft(f"n{i:03d}", f"Trần Văn {i}", None, None, None, None, "B1") for i in range(MEMBERS)]
        lists.apply(lists.plan(Reading((), ()), Reading(tuple(drafts), ()), by=SYSTEM), by=SYSTEM)
        code = people.contest(rounds=({"attempts_allowed": LIMIT},))[0]
    environ = {"APP_ENV": "development", "DATABASE_URL": postgres_url, "INSTANCE_PATH": str(instance), "WORKERS": "2"}
    with servers.application(environ, tmp_path) as address:
        yield House(app, address, code)


def at_once(works: Sequence[Callable[[], Answer]], clients: int = CLIENTS) -> list[Answer]:
    with ThreadPoolExecutor(clients) as pool:
        return [future.result(timeout=240) for future in [pool.submit(work) for work in works]]


def count(house: House, table: Any, *where: Any) -> int:
    with house.app.app_context():
        return int(db.session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)


def test_fifty_starts_of_each_member_are_one_attempt(house: House) -> None:
    """E1: whoever clicks how often, at two processes: one attempt, one answer, and no error for the loser."""
    browsers = [house.browser(n) for n in range(MEMBERS)]
    start = f"/rounds/{house.round}/attempts"
    clicks = [n for n in range(MEMBERS) for _ in range(STARTS)]  # one member's after the other's, so that they meet
    answers = at_once([partial(browsers[n].post, start) for n in clicks])
    assert Counter(a.status for a in answers) == {303: MEMBERS * STARTS}
    told: dict[int, set[str]] = {}
    for n, answer in zip(clicks, answers, strict=True):
        told.setdefault(n, set()).add(answer.location)
    assert [len(told[n]) for n in range(MEMBERS)] == [1] * MEMBERS
    with house.app.app_context():
        rows = db.session.execute(sa.select(Attempt.code, Attempt.number, Attempt.state)).all()
        assert sorted(f"/attempts/{r.code}" for r in rows) == sorted(next(iter(told[n])) for n in range(MEMBERS))
        assert {(r.number, r.state) for r in rows} == {(1, "open")}
    assert count(house, AuditEntry, AuditEntry.action == "attempt-started") == MEMBERS


def test_limit_of_attempts_holds_against_a_hundred_loops(house: House) -> None:
    """E2: a hundred times start and hand in at once end in as many attempts as are allowed."""
    browser, start = house.browser(), f"/rounds/{house.round}/attempts"

    handed_in: set[str] = set()

    def loop() -> Answer:
        for _ in range(2 * LIMIT + 2):
            begun = browser.post(start)
            if begun.status != 303:
                return begun
            handed_in.add(browser.post(f"{begun.location}/submission").location)
        return begun

    answers = at_once([loop] * 100)
    assert {a.status for a in answers} == {409}
    assert all(f"{LIMIT} lượt" in a.body.decode().replace("\xa0", " ") for a in answers)
    with house.app.app_context():
        numbers = db.session.scalars(sa.select(Attempt.number).order_by(Attempt.number)).all()
        assert numbers == list(range(1, LIMIT + 1))
        results = db.session.scalars(sa.select(Result.number).order_by(Result.number)).all()
        assert results == numbers
        receipts = {f"/attempts/{code}/receipt" for code in db.session.scalars(sa.select(Attempt.code))}
        assert handed_in == receipts
        assert db.session.scalars(sa.select(Standing.attempts_used)).all() == [LIMIT]


@pytest.fixture
def paper(house: House) -> tuple[Browser, str, list[str]]:
    """Start an attempt and return its member, its address and the options of its first question."""
    browser = house.browser()
    url = browser.post(f"/rounds/{house.round}/attempts").location
    return browser, url, re.findall(r'name="response-1"[^>]*value="([^"]+)"', browser.get(url))


@pytest.mark.parametrize("clients", [3, 20])
def test_revisions_in_any_order_leave_the_highest(
    house: House, paper: tuple[Browser, str, list[str]], clients: int
) -> None:
    """E3: twenty revisions in any order are twenty rows, of which the twentieth counts, for each question anew."""
    browser, url, _ = paper
    page = browser.get(url)
    for position in (1, 2, 3):
        options = re.findall(rf'name="response-{position}"[^>]*value="([^"]+)"', page)
        revisions = list(range(1, 21))
        random.Random(position).shuffle(revisions)
        path = f"{url}/responses/{position}"
        works = [partial(browser.save, path, r, options[r % 4]) for r in revisions]
        told = dict(zip(revisions, at_once(works, clients), strict=True))
        assert {a.status for a in told.values()} == {200}
        for revision, answer in told.items():
            known = [r for r, other in told.items() if other.came_at < answer.sent_at]  # before this one was sent
            stored = answer.json["revision"]
            if stored == revision:
                assert "stale" not in answer.json
                assert all(r < revision for r in known)
            else:
                assert answer.json == {"ok": True, "stale": True, "revision": stored, "value": options[stored % 4]}
                assert stored >= max([revision + 1, *known])
        with house.app.app_context():
            query = sa.select(Response.revision, Response.value).where(Response.position == position)
            rows = db.session.execute(query.order_by(Response.revision)).all()
            assert [(r.revision, r.value) for r in rows] == [(r, json.dumps(options[r % 4])) for r in range(1, 21)]
        checked = re.findall(rf'name="response-{position}"[^>]*value="([^"]+)"[^>]*checked', browser.get(url))
        assert checked == [options[0]]


def test_fifty_submissions_are_one_finish(house: House) -> None:
    """E5: handed in fifty times at once, while a save of the last moment is on its way: one finish, one result."""
    for number in range(12):
        finish(house, house.browser(number))
    assert count(house, AuditEntry, AuditEntry.action == "attempt-submitted") == 12


def finish(house: House, browser: Browser) -> None:
    url = browser.post(f"/rounds/{house.round}/attempts").location
    options = re.findall(r'name="response-1"[^>]*value="([^"]+)"', browser.get(url))
    assert browser.save(f"{url}/responses/1", 1, options[0]).status == 200
    works: list[Callable[[], Answer]] = [lambda: browser.post(f"{url}/submission")] * 50
    works[1:1] = [lambda: browser.save(f"{url}/responses/1", 2, options[1])]
    answers = at_once(works)
    save = answers.pop(1)
    assert {(a.status, a.location) for a in answers} == {(303, f"{url}/receipt")}
    assert (save.status, save.json.get("code")) in {(200, None), (409, "closed")}
    with house.app.app_context():
        row = db.session.scalars(sa.select(Attempt).where(Attempt.code == url.rpartition("/")[2])).one()
        kept = sa.select(Response.revision).where(Response.attempt_id == row.id).order_by(Response.revision)
        # What was acknowledged is there and was scored with, and nothing else is there.
        assert db.session.scalars(kept).all() == ([1, 2] if save.status == 200 else [1])
        assert (row.state, people.stored_digest(row)) == ("submitted", people.digest_now(row))
        results = sa.select(Result.attempt_id).where(Result.member_id == row.member_id)
        assert db.session.scalars(results).all() == [row.id]
        standing = sa.select(Standing.attempt_id, Standing.attempts_used).where(Standing.member_id == row.member_id)
        assert db.session.execute(standing).all() == [(row.id, 1)]
        finishes = sa.select(AuditEntry.id).where(
            AuditEntry.object_id == row.id, AuditEntry.action == "attempt-submitted"
        )
        assert len(db.session.scalars(finishes).all()) == 1
    receipt = re.search(r"HT-[0-9A-Z-]+", browser.get(f"{url}/receipt"))
    assert receipt is not None
    assert receipt[0] == row.receipt


def test_saves_that_two_processes_answered_are_counted_together(
    house: House, paper: tuple[Browser, str, list[str]]
) -> None:
    """Each process writes down what it counted beside the other, and none replaces what the other has written."""
    browser, url, options = paper
    works = [partial(browser.save, f"{url}/responses/1", r, options[r % 4]) for r in range(1, 101)]
    assert {a.status for a in at_once(works, 20)} == {200}
    until = time.monotonic() + 30
    while (found := counted(house))[0] < 100 and time.monotonic() < until:
        time.sleep(1)
    assert found == (100, 2)


def counted(house: House) -> tuple[int, int]:
    """Return how many saves are written down, and by how many processes."""
    with house.app.app_context():
        kept = db.session.execute(sa.select(ServedMinute.process, ServedMinute.buckets)).all()
    return sum(sum(row.buckets) for row in kept), len({row.process for row in kept})
