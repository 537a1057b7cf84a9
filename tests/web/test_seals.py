"""The seals of a round over HTTP: nothing before it closes, then batches, leaves, and where a receipt is."""

import json
import re
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask

from contest.db import db
from contest.models.attempts import Attempt
from contest.rules import seals as rules
from contest.services import seals
from contest.services.attempts import closing
from tests import people
from tests.conftest import Clock


@pytest.fixture
def round_code(app: Flask, database: str, clock: Clock) -> str:
    with app.app_context():
        people.organisation()
        code = people.contest()[0]
        for number in range(3):
            taker = people.member(f"n{number}")
            closing.submit(people.attempt(code, taker), {}, by=taker, arrived=clock.at)
        seals.seal(clock.at)
    return code


def close(app: Flask, clock: Clock, code: str) -> None:
    with app.app_context():
        clock.advance(seconds=int((people.round_row(code).closes_at - clock.at).total_seconds()) + 1)


def receipt(app: Flask, number: int) -> str:
    with app.app_context():
        return db.session.scalars(sa.select(Attempt.receipt).order_by(Attempt.id)).all()[number] or ""


def test_nothing_is_shown_before_the_round_has_closed(app: Flask, round_code: str) -> None:
    page = app.test_client().get(f"/rounds/{round_code}/seals?receipt={receipt(app, 0)}").text
    assert "Mã niêm phong công bố ở đây khi vòng thi đóng." in page
    assert "Lô 1" not in page
    assert app.test_client().get(f"/rounds/{round_code}/seals/1.json").status_code == 404


def test_leaves_lead_to_the_root_that_the_page_shows(app: Flask, round_code: str, clock: Clock) -> None:
    close(app, clock, round_code)
    client = app.test_client()
    batch = client.get(f"/rounds/{round_code}/seals/1.json").get_json()
    assert batch.keys() == {"round", "number", "count", "root", "digest", "sealed_at", "leaves"}
    assert rules.root(batch["leaves"]) == batch["root"]
    assert rules.chained("", 1, 3, batch["root"]) == batch["digest"]
    assert batch["digest"] in client.get(f"/rounds/{round_code}/seals").text
    assert client.get(f"/rounds/{round_code}/seals/2.json").status_code == 404


def test_receipt_is_found_and_its_browser_can_climb_to_the_root(app: Flask, round_code: str, clock: Clock) -> None:
    close(app, clock, round_code)
    page = app.test_client().get(f"/rounds/{round_code}/seals?receipt={receipt(app, 1).lower()}").text
    assert "Biên nhận này có trong lô 1 và khớp mã niêm phong." in page
    found = re.search(r'data-published="([^"]+)"', page)
    assert found
    seal = json.loads(unescape(found[1]))
    way = [rules.Beside(step["hash"], step["is_left"]) for step in seal["path"]]
    assert rules.climbed(rules.leaf(seal["receipt"], seal["state"], seal["responses"]), way) == seal["root"]


@pytest.mark.parametrize("typed", ["HT-0000-0000-0000", "'; DROP TABLE attempts", "<script>"])
def test_receipt_that_is_none_is_said_so_and_stays_typed(app: Flask, round_code: str, clock: Clock, typed: str) -> None:
    close(app, clock, round_code)
    page = app.test_client().get(f"/rounds/{round_code}/seals", query_string={"receipt": typed}).text
    assert "Chưa thấy mã biên nhận này" in page
    assert f'value="{typed}"' in unescape(page)


def test_draft_has_no_seals(app: Flask, database: str, clock: Clock) -> None:
    with app.app_context():
        people.organisation()
        code = people.draft_contest("nhap")[0]
    client = app.test_client()
    assert [client.get(f"/rounds/{code}/seals{tail}").status_code for tail in ("", "/1.json")] == [404, 404]
