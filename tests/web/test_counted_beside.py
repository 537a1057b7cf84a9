"""What takes long to count is counted beside the requests, with a connection of its own, when who asked is gone."""

import re
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from contest import web
from contest.db import db, transaction
from contest.gateways import cache
from contest.models.contests import Round
from contest.rules.terms import Board
from contest.services.attempts import closing
from tests import people
from tests.conftest import Clock

PAGES = [
    ("/rounds/{}/standings", 6),
    ("/rounds/{}/standings/units", 6),
    ("/manage/contests/cuoc-thi/rounds/{}/conduct/live", 16),
]


def plain(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.mark.parametrize(("page", "seconds"), PAGES)
def test_count_made_beside_is_what_who_looks_would_count(
    app: Flask, database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, page: str, seconds: int
) -> None:
    monkeypatch.setattr(cache, "_LONG", -1.0)
    left: list[Callable[[], object]] = []
    app.extensions["cache"].beside = left.append

    def hand_in(name: str, unit: str) -> None:
        who = people.member(name, unit)
        closing.submit(people.attempt(code, who), {}, by=who, arrived=clock.at)

    with app.app_context():
        people.organisation()
        (code,) = people.contest()
        with transaction():
            db.session.execute(sa.update(Round).values(board=Board.LIVE))
        hand_in("m1", "A1")
        client = people.enter(app.test_client(), people.organiser())
    path = page.format(code)
    plain(client, path)
    with app.app_context():
        hand_in("m2", "B1")
    clock.advance(seconds=seconds)
    former = plain(client, path)
    before = set(threading.enumerate())
    while left:
        web._beside(app, left.pop())
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
    found = plain(client, path)
    app.extensions["cache"].clear()
    assert (former == found, found) == (False, plain(client, path))
