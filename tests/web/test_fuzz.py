"""Generated requests over all routes and roles: whatever is sent, the answer is one that was meant, and no 5xx.

FUZZ=20000 makes the campaign as long as one has time for; by default it is short.
"""

import os
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from contest.db import db
from contest.models.attempts import Attempt
from contest.rules.question_terms import Difficulty, Kind
from contest.rules.terms import Board, Counted, Criterion, Role
from tests import people
from tests.conftest import Clock
from tests.test_routes import rules

COUNT = int(os.environ.get("FUZZ", "600"))
NASTY: Sequence[str] = (
    "", " ", "0", "-1", "1", "2", "99999999999999999999", "1e309", "NaN", "5,5", "0x10", "١٢", "true", "null", "[]", "{}",
    "a" * 5000, "ế" * 3000, "é" * 200, "\u202eđảo", "\u200b", "\x00", "\x07", "\ud7ff", "\ufffe", "𝔸", "🎉" * 50,
    "<script>alert(1)</script>", "'; DROP TABLE members;--", '" onload="x', "{{7*7}}", "${7*7}", "%s%n", "../../etc/passwd",
    "=cmd|' /C calc'!A0", "//evil.example", "https://evil.example", "2026-02-31", "2026-05-20T07:00", "31/02/1987",
    "9999-12-31T23:59", "0001-01-01T00:00", "%", "_", "(" * 60, "a.b.c", "ff.1", "zz.1", f"{'ff' * 24}.99999999999999999999",
)  # fmt: skip
MEANT = [
    *Kind, *Difficulty, *Counted, *Criterion, *Board, *Role, "xlsx", "csv", "json", "gift", "aiken", "moodle", "docx", "vi", "en",
    "qti21", "qti22", "qti3",
    "submit", "return", "draft", "review", "GOC", "A", "A1", "m1", "cuoc-thi", "cuoc-thi-bank", "C-0001", "prediction",
]  # fmt: skip
FIELDS = (
    "identifier password next code full_name birth_date phone email identity_number unit units others title slug theme "
    "regulations opens_at closes_at freezes_at minutes attempts_allowed counted bank prediction criteria reveal "
    "reveal_after_close board names_public network_allowance line-topic line-difficulty line-count line-question line-points "
    "line-way line-ladder line-penalty cell cell-count level-points way "
    "ladder negative penalty no_repeat least_used seed version kind text option "
    "right topic difficulty source effective_on explanation tags go verb remark question format round locale role contest "
    "name name_vi name_en short_name anniversary time_zone address headcount level parent current repeat by_mail suspended "
    "group page shown take all to seen first second line-marked points comment guidance "
    "navigation question_seconds least_minutes layout section-title section-minutes matrix-section line-section step over "
    "response-1 revision-1 response-2 revision-2 revision-prediction own back settings first_day organiser"
).split()
ASKED = "q unit after by round topic difficulty state next theme".split()


@pytest.fixture
def names(app: Flask, clock: Clock) -> dict[str, list[str]]:
    """Set up a house in which ids exist, and return values that parts of addresses may take."""
    with app.app_context():
        people.organisation()
        (round_code,) = people.contest()
        me = people.member("m1")
        running = people.attempt(round_code, me)
        for maker in (people.administrator, people.organiser, people.author, people.reviewer, people.judge):
            maker()
    return {
        "slug": ["cuoc-thi"],
        "name": ["own", "tld-2020"],
        "round": [round_code],
        "attempt": [running],
        "bank": ["cuoc-thi-bank"],
        "code": [round_code, running, "C-0001", "GOC", "A", "m1", "cuoc-thi"],
        "token": ["x" * 43],
        "position": ["1", "2", "prediction"],
        "grant": ["1", "2"],
        "version": ["1", "2"],
        "blind": ["2345-6789"],
    }


def pick(rng: random.Random, known: Sequence[str] = ()) -> str:
    return str(rng.choice(known if known and rng.random() < 0.8 else rng.choice((NASTY, MEANT))))


def address(rng: random.Random, rule: Any, names: dict[str, list[str]]) -> str:
    parts = {name: pick(rng, names.get(name, names["code"])) for name in rule.arguments}
    if "grant" in parts:
        parts["grant"] = rng.choice(["0", "1", "999999999999999999"])
    path = str(rule.rule)
    for name, value in parts.items():
        for form in (f"<{name}>", f"<int:{name}>"):
            path = path.replace(form, value.replace("/", "%2f").replace("\x00", "%00").replace("?", "%3f"))
    return path


def ask(rng: random.Random, client: FlaskClient, method: str, path: str, token: str) -> Any:
    query = MultiDict([(rng.choice(ASKED), pick(rng)) for _ in range(rng.randrange(3))])
    headers = {"X-CSRFToken": token, "Accept": rng.choice(["text/html", "application/json", "*/*"])}
    if method == "GET":
        return client.get(path, query_string=query, headers=headers)
    if rng.random() < 0.5 or method == "PUT":
        value: Any = rng.choice([pick(rng), None, [], [pick(rng)] * 3, {"a": 1}, 1.5, True, 10**30, [[[]]]])
        revision = rng.choice([1, 2, 0, -1, "1", None, True, 100_001, 1.0, [], 10**40])
        body = {"revision": revision, "value": value}
        return client.open(path, method=method, json=rng.choice([body, body, [body], "text", 5, None]), headers=headers)
    form = MultiDict([(name, pick(rng)) for name in rng.sample(FIELDS, rng.randrange(1, 25))])
    return client.open(path, method=method, data=form, headers=headers)


def requests(rng: random.Random, app: Flask, names: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    every = [(r, m) for r, m in rules(app) if r.endpoint not in {"accounts.sign_out", "accounts.sign_out_everywhere"}]
    while True:
        rule, method = rng.choice(every)
        yield method, address(rng, rule, names)


@pytest.mark.parametrize("who", [None, "m1", "quantri", "bantochuc", "soanthao", "giamkhao"])
def test_whatever_is_sent_is_answered(app: Flask, names: dict[str, list[str]], who: str | None) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = app.test_client()
    if who:
        with app.app_context():
            people.enter(client, people.actor(who))
    rng = random.Random(f"{who}{os.environ.get('FUZZ_SEED', '')}")
    stream, failures = requests(rng, app, names), []
    for _ in range(COUNT):
        method, path = next(stream)
        state = rng.getstate()
        answer = ask(rng, client, method, path, people.csrf(client))
        if answer.status_code >= 500:
            failures.append((method, path[:200], state[1][-1], answer.status_code))
        if (
            who and client.get("/me").status_code != 200
        ):  # a generated change of password or suspension ended the session
            with app.app_context():
                people.enter(client, people.actor(who))
    assert failures == []
    with app.app_context():
        states = set(db.session.scalars(sa.select(Attempt.state)))
    assert states <= {"open", "submitted"}
