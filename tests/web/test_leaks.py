"""Keys, scores, drafts and unopened papers: canaries that sing on no page before their time, and do at it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db, transaction
from contest.models.attempts import Attempt
from contest.models.contests import Contest
from contest.rules.permissions import SYSTEM, Actor
from contest.rules.terms import Board, Reveal
from contest.services.attempts import closing
from contest.services.contests import publishing
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take
from tests.web.crawl import crawl, everything, leaks

TEXT, OPTION = "zqcauhoi", "zqphuongan"
KEYS, FEEDBACK = ("zqgiaithich", "zqcancu"), "zqphanhoi"
TAILS = ("", "/submission", "/receipt", "/review")


def kho(code: str = "kho") -> int:
    """Make a bank in which every text of a question and of its key is a canary."""
    drafts = []
    for n in range(1, 5):
        draft = people.question(n, explanation=f"{KEYS[0]} {n}", source=f"{KEYS[1]} {n}")
        options = [
            replace(o, text=f"{OPTION} {x}{n}", feedback=FEEDBACK) for x, o in zip("abcd", draft.options, strict=True)
        ]
        drafts.append(replace(draft, text=f"{TEXT} số {n} là gì?", options=tuple(options)))
    return people.bank(code, drafts)


class Reader:
    """Somebody at a browser who goes everywhere, by the links and by guessing."""

    def __init__(self, app: Flask, who: Callable[[], Actor] | None, round_code: str) -> None:
        self.app, self.client, self.round = app, app.test_client(), round_code
        self.attempts: list[str] = []
        self.who: Actor | None = None
        if who is not None:
            with app.app_context():
                self.who = who()
                people.enter(self.client, self.who)

    def take(self, clock: Clock, right: int, seconds: int = 60) -> None:
        """Take the paper with so many right answers, and hand it in."""
        assert self.who
        with self.app.app_context():
            take(self.round, self.who, clock, right, None, seconds)
            own = sa.select(Attempt.code).where(Attempt.member_id == self.who.member_id)
            self.attempts = list(db.session.scalars(own.order_by(Attempt.number)))

    def read(self, *more: str) -> dict[str, Any]:
        """Return every page that can be reached, each once more as JSON."""
        boards = [f"/rounds/{self.round}/standings{tail}" for tail in ("", "/units", "?q=zq", "?unit=A1")]
        boards += [
            f"/contests/cuoc-thi/units{tail}" for tail in ("", "?tree=now", "?unit=A", "/A/why", "/A/why?tree=now")
        ]
        own = [f"/attempts/{code}{tail}" for code in self.attempts for tail in TAILS]
        start = ["/", "/results", "/help", "/me", "/contests/cuoc-thi", f"/rounds/{self.round}"]
        found = crawl(self.client, *start, *boards, *own, *more)
        as_json = {"Accept": "application/json"}
        return found | {f"{path} as JSON": self.client.get(path, headers=as_json) for path in found}

    def statuses(self, tail: str) -> list[int]:
        return [self.client.get(f"/attempts/{code}{tail}").status_code for code in self.attempts]


def house(app: Flask, **round_values: Any) -> str:
    with app.app_context():
        people.organisation()
        return people.contest(bank_id=kho(), rounds=[round_values])[0]


def closes_at(app: Flask, code: str) -> datetime:
    with app.app_context():
        return people.round_row(code).closes_at


# Keys


def test_keys_stand_nowhere_until_the_release_and_then_on_ones_own_review(
    app: Flask, database: str, clock: Clock
) -> None:
    code = house(app)
    one, other, late = (Reader(app, lambda c=c: people.member(c), code) for c in ("m1", "m2", "m3"))
    secret = (*KEYS, FEEDBACK)
    with app.app_context():
        assert one.who
        one.attempts = [people.attempt(code, one.who)]
    running = one.read()
    assert leaks(running, secret) == []
    assert [path for path, _ in leaks(running, [TEXT])] != []
    with app.app_context():
        closing.submit(one.attempts[0], {}, by=one.who, arrived=clock.at)
    other.take(clock, 3)
    end = closes_at(app, code)
    clock.set(end - timedelta(milliseconds=1))
    with app.app_context():
        assert late.who
        late.attempts = [people.attempt(code, late.who)]
    for at in (end - timedelta(milliseconds=1), end, end + timedelta(seconds=15, milliseconds=-1)):
        clock.set(at)
        worker.run_once(app)
        for reader in (one, other):
            assert reader.statuses("/review") == [409]
            assert leaks(reader.read(), (*secret, TEXT, OPTION)) == []
    clock.set(end + timedelta(seconds=15))  # the last one running is closed in the background
    worker.run_once(app)
    worker.run_once(app)
    for reader in (one, other, late):
        found = reader.read()
        review = f"/attempts/{reader.attempts[0]}/review"
        assert reader.statuses("/review") == [200]
        singing = {(path.removesuffix(" as JSON"), key) for path, key in leaks(found, (*secret, TEXT))}
        assert singing == {(review, key) for key in (*KEYS, TEXT)}
        assert len(re.findall(r'class="option is-right"', found[review].text)) == 3
    visitor = Reader(app, None, code)
    assert leaks(visitor.read(), (*secret, TEXT)) == []
    assert other.client.get(f"/attempts/{one.attempts[0]}/review").status_code == 404


def test_paper_tells_its_right_options_by_nothing(app: Flask, clock: Clock) -> None:
    code = house(app)
    one = Reader(app, lambda: people.member("m1"), code)
    with app.app_context():
        assert one.who
        one.attempts = [people.attempt(code, one.who)]
    page = one.client.get(f"/attempts/{one.attempts[0]}").text
    options = re.findall(r'<label class="option">.*?</label>', page, re.S)
    assert len(options) == 12
    changing = r'response-\d|value="[0-9A-Za-z_-]+"|>[A-D]</span>|zqphuongan [a-d]\d'
    assert len({re.sub(changing, "", option) for option in options}) == 1


def test_blank_attempt_buys_no_key_for_the_next(app: Flask, database: str, clock: Clock) -> None:
    code = house(app, attempts_allowed=2)
    one = Reader(app, lambda: people.member("m1"), code)
    one.take(clock, 0)
    assert one.statuses("/review") == [409]
    assert leaks(one.read(), (*KEYS, FEEDBACK, TEXT, OPTION)) == []
    one.take(clock, 3)
    assert one.statuses("/review") == [409, 409]
    clock.set(closes_at(app, code))
    assert one.statuses("/review") == [409, 409]
    worker.run_once(app)
    assert one.statuses("/review") == [200, 200]


@pytest.mark.parametrize(("after", "status"), [(Reveal.NOTHING, 409), (Reveal.SCORE, 409), (Reveal.REVIEW, 200)])
def test_review_opens_only_where_the_round_releases_it(app: Flask, clock: Clock, after: Reveal, status: int) -> None:
    code = house(app, reveal_after_close=after)
    one = Reader(app, lambda: people.member("m1"), code)
    one.take(clock, 2)
    clock.set(closes_at(app, code))
    worker.run_once(app)
    assert one.statuses("/review") == [status]
    assert bool(leaks(one.read(), (*KEYS, TEXT))) == (status == 200)
    score = re.findall(
        r'<data class="score" value="(\d+)"', one.client.get(f"/attempts/{one.attempts[0]}/receipt").text
    )
    assert score == ([] if after is Reveal.NOTHING else ["2"])


# Scores


def alike(found: dict[str, Any], reader: Reader) -> dict[str, str]:
    """Return pages without what tells two people apart: names, codes, tokens, and what they answered themselves."""
    assert reader.who
    own = [*reader.attempts, reader.who.name, reader.who.name.rpartition(" ")[2].lower()]

    def blank(text: str) -> str:
        for word in own:
            text = text.replace(word, "own")
        text = re.sub(r'(data-label="Trả lời"[^>]*>)[^<]*', r"\1", text)
        return re.sub(r'HT(-[0-9A-Z]{4}){3}|(content|value)="[\w.-]{60,}"|Refresh: \d+', "", text)

    hidden = ("Set-Cookie", "Content-Length")
    return {
        blank(path): "\n".join(x for x in blank(everything(answer)).splitlines() if not x.startswith(hidden))
        for path, answer in found.items()
    }


def test_whoever_knows_nothing_reads_the_same_after_the_best_and_the_worst_paper(
    app: Flask, database: str, clock: Clock
) -> None:
    code = house(app, reveal=Reveal.NOTHING, reveal_after_close=Reveal.SCORE, board=Board.HIDDEN)
    best, worst = (Reader(app, lambda c=c: people.member(c), code) for c in ("zqmot", "zqhai"))
    best.take(clock, 3, seconds=0)
    worst.take(clock, 0, seconds=0)
    end = closes_at(app, code)
    for at in (clock.at, end - timedelta(milliseconds=1), end):
        clock.set(at)
        seen, other = (alike(reader.read(), reader) for reader in (best, worst))
        assert len(seen) > 20
        assert seen == other
        assert [path for path, text in seen.items() if "data-place" in text or '"correct_count"' in text] == []
    worker.run_once(app)
    for reader, score in ((best, "3"), (worst, "0")):
        receipt = reader.client.get(f"/attempts/{reader.attempts[0]}/receipt").text
        assert re.findall(r'<data class="score" value="(\d+)"', receipt) == [score]


@pytest.mark.parametrize(("board", "status"), [(Board.FROZEN, 200), (Board.HIDDEN, 404)])
def test_frozen_and_hidden_boards_stand_still_whatever_is_handed_in(
    app: Flask, database: str, clock: Clock, board: Board, status: int
) -> None:
    freezes_at = clock.at + timedelta(minutes=30)
    criteria = ["correct", "attempts_used", "submitted_at"]
    code = house(app, board=board, freezes_at=freezes_at, attempts_allowed=3, criteria=criteria)
    one, other = (Reader(app, lambda c=c: people.member(c), code) for c in ("m1", "m2"))
    readers = (one, Reader(app, None, code))
    one.take(clock, 2, seconds=0)
    other.take(clock, 2, seconds=5)
    clock.set(freezes_at)
    why, whole = f"/rounds/{code}/standings/why", "/contests/cuoc-thi"
    roads = [why, f"{whole}/units", f"{whole}/standings", f"{whole}/awards"]
    roads += [
        f"/rounds/{code}/standings/units{tail}" for tail in ("?by=participants", "?unit=A", "/A/why", "/A1/why?below=A")
    ]
    before = [reader.read(*roads) for reader in readers]
    for right in (3, 0):
        other.take(clock, right, seconds=0)
    with app.app_context():
        take(code, people.member("m3"), clock, 3, None, 0)
    app.extensions["cache"].clear()  # what a process keeps is forgotten
    after = [reader.read(*roads) for reader in readers]
    assert clock.at == freezes_at
    assert after[0][why].status_code == status
    for old, new in zip(before, after, strict=True):
        assert [path for path in old if normal(old[path]) != normal(new[path])] == []


def normal(answer: Any) -> str:
    """Return a page without its token and its cookie."""
    text = re.sub(r'(content|value)="[\w.-]{60,}"', "", everything(answer))
    return "\n".join(x for x in text.splitlines() if not x.startswith(("Set-Cookie", "Content-Length")))


# Drafts


def test_draft_does_not_exist_until_it_is_published(app: Flask, database: str, clock: Clock) -> None:
    canaries = ("zqnhap", "zqvongnhap")
    with app.app_context():
        people.organisation()
        people.contest()
        rounds = [{"title": "zqvongnhap mở"}, {"title": "zqvongnhap sau", "board": Board.HIDDEN}]
        codes = people.draft_contest("zqnhap", rounds=rounds)
    guesses = [
        *(f"/contests/zqnhap{tail}" for tail in ("", "/units", "/units/A/why")),
        *(f"/rounds/{code}{tail}" for code in codes for tail in ("", "/standings", "/standings/units")),
    ]
    member, visitor = Reader(app, lambda: people.member("m1"), codes[0]), Reader(app, None, codes[0])
    for reader in (member, visitor):
        assert leaks(reader.read(*guesses, "/sitemap.xml", "/robots.txt", "/feed"), canaries) == []
        public = [g for g in guesses if reader.who or not re.fullmatch(r"/rounds/[^/]+", g)]
        assert {reader.client.get(g).status_code for g in public} == {404}
        assert {reader.client.get(g, headers={"Accept": "application/json"}).status_code for g in public} == {404}
    token = people.csrf(member.client)
    starts = [
        member.client.post(f"/rounds/{code}/attempts", data={"csrf_token": token}) for code in (*codes, "khong-co")
    ]
    assert [s.status_code for s in starts] == [404, 404, 404]
    with app.app_context():
        publishing.publish("zqnhap", seen=4, by=SYSTEM)
    for reader in (member, visitor):
        found = reader.read(*guesses)
        assert {canary for _, canary in leaks(found, canaries)} == set(canaries)
        assert {a.status_code for path, a in found.items() if path in guesses and not path.startswith("/rounds/")} == {
            200
        }


# The opening


def test_round_that_has_not_opened_gives_no_question_by_any_road(app: Flask, database: str, clock: Clock) -> None:
    opens = clock.at + timedelta(hours=1)
    code = house(app, opens_at=opens)
    roles = {
        "member": lambda: people.member("m1"),
        "organiser of a unit": lambda: people.organiser("toa", unit="A"),
        "judge": people.judge,
        "auditor": people.auditor,
    }
    readers = {name: Reader(app, who, code) for name, who in {**roles, "visitor": None}.items()}
    secret = (TEXT, OPTION, *KEYS, FEEDBACK)
    for at in (clock.at, opens - timedelta(milliseconds=1)):
        clock.set(at)
        for name, reader in readers.items():
            more = (
                ["/manage", "/manage/search?q=zqcauhoi", "/manage/audit"] if name not in {"member", "visitor"} else []
            )
            assert leaks(reader.read(*more), secret) == [], name
            token = people.csrf(reader.client)
            start = reader.client.post(f"/rounds/{code}/attempts", data={"csrf_token": token})
            assert start.status_code == (302 if name == "visitor" else 409)
            assert leaks({"start": start}, secret) == []
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 0
    clock.set(opens)
    member = readers["member"]
    token = people.csrf(member.client)
    start = member.client.post(f"/rounds/{code}/attempts", data={"csrf_token": token}, follow_redirects=True)
    assert (start.status_code, start.text.count(TEXT), start.text.count(OPTION)) == (200, 3, 12)


# Public JSON

ANSWER = ["as_of", "next", "rows", "status"]
ROW = ["correct_count", "duration_seconds", "name", "place", "points", "question_count", "unit"]
FINAL = sorted([*ROW, "prediction", "prediction_error"])
PERSON = {
    "full_name": "Zqten Riêng",
    "phone": "+84912345671",
    "email": "zqthu@example.vn",
    "identity_number": "001187009871",
    "birth_date": datetime(1951, 2, 14).date(),  # noqa: DTZ001
}
NOT_PUBLIC = ("zqma", "912345671", "zqthu", "001187009871", "1951", "HT-", "member", "receipt", "attempt")
SAID = {"unpublished": "waiting"}
STATUSES = {
    "live": ({}, ROW),
    "frozen": ({"board": Board.FROZEN}, ROW),
    "hidden": ({"board": Board.HIDDEN}, None),
    "waiting": ({"board": Board.HIDDEN}, None),
    "provisional": ({}, FINAL),
    "unpublished": ({}, None),
    "final": ({}, FINAL),
}


@pytest.mark.parametrize("names_public", [True, False])
@pytest.mark.parametrize("status", STATUSES)
def test_public_json_has_these_keys_and_no_others(
    app: Flask, database: str, clock: Clock, status: str, names_public: bool
) -> None:
    values, keys = STATUSES[status]
    freezes_at = clock.at + timedelta(minutes=30)
    code = house(app, names_public=names_public, freezes_at=freezes_at, **values)
    one = Reader(app, lambda: people.member("zqma", **PERSON), code)
    one.take(clock, 3)
    if status == "frozen":
        clock.set(freezes_at)
    if status in {"waiting", "provisional", "unpublished", "final"}:
        clock.set(closes_at(app, code))
    if status in {"provisional", "unpublished", "final"}:
        with app.app_context(), transaction():
            shown = "approved" if status == "unpublished" else "provisional"
            db.session.execute(sa.update(Contest).values(publication=shown))
        worker.run_once(app)
    if status == "final":
        with app.app_context():
            people.publish_result("cuoc-thi", code)
    colleague, visitor = Reader(app, lambda: people.member("m2"), code), Reader(app, None, code)
    for reader in (one, colleague, visitor):
        for query in ("", "?unit=A1", "?q=zq", "?after="):
            url = f"/rounds/{code}/standings{query}"
            answer = reader.client.get(url, headers={"Accept": "application/json"})
            assert (answer.status_code, answer.mimetype) == (200, "application/json")
            assert sorted(answer.json) == ANSWER
            assert (answer.json["status"], answer.json["next"]) == (SAID.get(status, status), None)
            assert [sorted(row) for row in answer.json["rows"]] == ([] if keys is None else [keys])
            sees_names = names_public or reader.who is not None
            assert [row["name"] for row in answer.json["rows"]] == (
                [PERSON["full_name"] if sees_names else None] * bool(keys)
            )
            assert [word for word in NOT_PUBLIC if word in answer.text] == []
            page = reader.client.get(url).text
            shown = "Zqten" in page
            assert shown == (bool(keys) and sees_names) or reader is one
            assert [word for word in NOT_PUBLIC[:6] if word in page] == []
