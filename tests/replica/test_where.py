"""What is read on the replica, and what never is."""

from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import clock as clock_module
from contest import worker
from contest.db import append, db, elsewhere, insertion, reading, replica, rows, transaction
from contest.errors import NotFound
from contest.gateways import metrics
from contest.models.files import FilePart
from contest.models.members import Member
from contest.models.messages import OutboxMessage
from contest.models.results import Standing
from contest.rules.terms import Role
from contest.services import exchange, replicas
from contest.services.results import boards, settlement, unit_boards
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.replica.conftest import Replicated
from tests.web.doors import without_token
from tests.web.test_attempts import Taker

pytestmark = pytest.mark.postgres
JSON = {"Accept": "application/json"}
NAMES = sa.select(Member.full_name).order_by(Member.code)


def settle(house: Replicated, clock: Clock) -> None:
    """Close and settle the round, publish its result, and let the replica have that."""
    with house.app.app_context():
        row = people.round_row(house.code)
        clock.set(row.closes_at)
        clock.advance(minutes=30)
        settlement.settle(row.id)
        people.publish_result("cuoc-thi", house.code)
    house.catch_up()


@pytest.mark.parametrize("is_settled", [False, True])
@pytest.mark.parametrize(
    ("path", "of", "headers"),
    [
        ("/rounds/{}/standings", "standings", {}),
        ("/rounds/{}/standings", "standings", JSON),
        ("/rounds/{}/standings?unit=A", "standing_units", {}),
        ("/rounds/{}/standings?q=P1", "standings", {}),
        ("/rounds/{}/standings/units", "standing_units", {}),
        ("/rounds/{}/standings/units/A/why", "standing_units", {}),
        ("/contests/cuoc-thi/units", "standings", {}),
    ],
)
def test_boards_are_read_there(
    house: Replicated, clock: Clock, path: str, of: str, headers: dict[str, str], is_settled: bool
) -> None:
    """The same is shown from both, and of what is read there nothing is asked of the primary."""
    if is_settled:
        settle(house, clock)
    client, path = house.app.test_client(), path.format(house.code)
    house.own.is_kept = False
    from_primary = client.get(path, headers=headers)
    house.app.extensions["cache"].clear()
    house.own.is_kept = True
    house.read_there()
    now = lambda: 0.0  # noqa: E731  (how far behind it may be is said, and is another test's)
    with (
        house.asked_of_primary() as asked,
        patch.object(boards, "behind", now),
        patch.object(unit_boards, "behind", now),
    ):
        found = client.get(path, headers=headers)
    assert found.status_code == 200
    assert without_token(found.text) == without_token(from_primary.text)
    there = house.read_there()
    assert any(f"FROM {of}" in said for said in there), there
    assert not [said for said in asked if f"FROM {of}" in said]
    assert set(house.counts()) == {"replica"}


def test_who_watches_a_round_counts_there(house: Replicated) -> None:
    with house.app.app_context():
        boss = people.staff("bantochuc", Role.ORGANISER)
    client = house.app.test_client()
    people.enter(client, boss)
    house.catch_up()
    house.read_there()
    assert client.get(f"/manage/contests/cuoc-thi/rounds/{house.code}/conduct/live").status_code == 200
    assert any("FROM attempts" in said for said in house.read_there())


@pytest.mark.parametrize(
    ("kind", "payload", "of"),
    [
        ("results-export", {"contest": "cuoc-thi", "round": None, "format": "json", "locale": "vi"}, "standings"),
        (
            "units-export",
            {"contest": "cuoc-thi", "round": None, "format": "json", "locale": "vi", "today": False},
            "units",
        ),
        ("questions-export", {"bank": "cuoc-thi-bank", "format": "gift"}, "questions"),
    ],
)
def test_files_are_made_there(house: Replicated, kind: str, payload: dict[str, Any], of: str) -> None:
    with house.app.app_context():
        boss = people.administrator()
        exchange.ask_export(kind, payload, by=boss)
    with_watch(house, lambda: worker.run_once(house.app))
    there = house.read_there()
    assert any(f"FROM {of}" in said for said in there), there
    assert house.counts() == {"replica": 1}
    with house.app.app_context():
        assert len(db.session.scalars(sa.select(FilePart.content)).one()) > 20


def test_evidence_is_gathered_there(house: Replicated, clock: Clock) -> None:
    with house.app.app_context():
        boss = people.administrator()
        worker.run_once(house.app)  # which seals
    settle(house, clock)
    with house.app.app_context():
        exchange.ask_export("results-evidence", {"contest": "cuoc-thi", "round": house.code}, by=boss)
    with_watch(house, lambda: worker.run_once(house.app))
    assert any("FROM sealed_submissions" in said for said in house.read_there())
    assert house.counts() == {"replica": 1}


def with_watch(house: Replicated, do: Any) -> None:
    """Do something while somebody looks beside it, as the worker has it."""
    with patch.object(house.own.wanted, "set", house.look):
        house.standby.catch_up()
        do()


def journey(house: Replicated, code: str) -> list[int]:
    """Take a paper from the sign-in to the receipt, and return how many statements each step took."""
    taker = Taker(house.app, code, house.code)
    taker.client.get("/sign-out")
    counts = []

    def step(do: Any, *given: Any, **more: Any) -> Any:
        with counted(house.app) as found, patch.object(clock_module, "ticks", lambda: 0.0):
            answer = do(*given, **more)
        counts.append(len(found))
        return answer

    signing = {"identifier": code, "password": people.PASSWORD, "csrf_token": taker.token}
    assert step(taker.client.post, "/sign-in", data=signing).status_code == 303
    taker.token = people.csrf(taker.client)
    assert step(taker.client.get, f"/rounds/{house.code}").status_code == 200
    assert step(taker.start).status_code == 303
    options = step(taker.paper)
    assert step(taker.save, 1, options[0][0]).status_code == 200
    receipt = step(taker.submit)
    assert receipt.status_code == 303
    assert step(taker.client.get, receipt.headers["location"]).status_code == 200
    assert step(taker.client.get, f"/rounds/{house.code}/standings/why").status_code == 200
    return counts


def test_nothing_of_taking_part_is_read_there(house: Replicated) -> None:
    """Neither signing in nor a start, a paper, a save, a submission, a receipt or the reasons of one's own place."""
    journey(house, "p8")
    house.catch_up()
    house.read_there()
    with_it = journey(house, "p9")
    assert house.read_there() == []
    house.own.is_kept = False
    assert journey(house, "p7") == with_it


def test_what_is_inside_a_transaction_is_read_by_it(house: Replicated) -> None:
    with house.app.app_context():
        with transaction():
            db.session.execute(sa.update(Member).values(full_name="Khác"))
            assert set(elsewhere(lambda: db.session.scalars(NAMES).all())) == {"Khác"}
        assert house.read_there() == []


def test_one_reading_sees_one_moment_of_one_database(house: Replicated) -> None:
    def read() -> tuple[list[Any], list[Any]]:
        first = rows(NAMES)
        with db.engine.begin() as connection:
            connection.execute(sa.update(Member).values(full_name="Khác"))
        house.standby.catch_up()
        return first, elsewhere(lambda: rows(NAMES))

    with house.app.app_context():
        first, then = elsewhere(read)
        assert first == then
        assert {name for (name,) in rows(NAMES)} == {"Khác"}
        house.catch_up()
        assert {name for (name,) in elsewhere(lambda: rows(NAMES))} == {"Khác"}


def test_objects_of_the_replica_are_none_of_the_session(house: Replicated) -> None:
    """What the primary says later is not hidden by what the replica had said."""
    query = sa.select(Member).order_by(Member.code)
    with house.app.app_context():
        there = elsewhere(lambda: db.session.scalars(query).first())
        here = db.session.scalars(query).first()
        assert here is not None
        assert there is not None
        assert (here.code, here is there) == (there.code, False)
        assert (here in db.session, there in db.session) == (True, False)


def test_nothing_is_changed_there(house: Replicated) -> None:
    """PostgreSQL would refuse it, and were it asked of the primary, so do we."""
    with house.app.app_context():
        with pytest.raises(RuntimeError):
            elsewhere(lambda: change())
        with pytest.raises(RuntimeError):
            elsewhere(lambda: append(insertion(OutboxMessage, "recipient"), {"recipient": "a"}))
        asked = []

        def write() -> None:
            asked.append(isinstance(reading.elsewhere(), reading.Elsewhere))
            if asked == [True]:
                db.session.execute(sa.update(Member).values(full_name="Khác"))

        elsewhere(write)
        assert asked == [True, False]  # refused there, and asked of the primary again
        assert "Khác" not in db.session.scalars(NAMES).all()


def change() -> None:
    with transaction():
        db.session.execute(sa.update(Member).values(full_name="Khác"))


def test_refusal_is_asked_of_the_primary_again(house: Replicated) -> None:
    asked = []

    def refuse() -> None:
        asked.append(reading.elsewhere() is not None)
        raise NotFound

    with house.app.app_context(), pytest.raises(NotFound):
        elsewhere(refuse)
    assert asked == [True, False]
    assert house.own.is_used()


@pytest.mark.parametrize("other", ["primary", "database"])
def test_what_is_no_replica_of_ours_is_not_read(
    make_app: Any, postgres_url: str, read_url: str, standby: Any, postgres: Any, other: str
) -> None:
    """Neither the primary itself nor another database of the replica."""
    name = postgres.create()
    standby.catch_up()
    wrong = postgres_url if other == "primary" else f"{read_url.rpartition('/')[0]}/{name}"
    app: Flask = make_app(postgres_url, READ_DATABASE_URL=wrong)
    house = Replicated(app, standby)
    metrics.forget()
    house.own.note()
    with pytest.raises(replica.Unfit, match="no replica of our database"):
        house.own.look()
    assert not house.own.is_used()
    with app.app_context():
        assert elsewhere(lambda: reading.elsewhere()) is None
    assert house.counts()["primary"] == 1
    house.own.engine.dispose()
    standby.run("SELECT 1")
    postgres.drop(name)


def test_without_a_replica_nothing_is_asked_for_it(make_app: Any, sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    replicas.keep(app)
    with app.app_context(), counted(app) as asked:
        assert elsewhere(lambda: rows(sa.select(sa.func.count()).select_from(Standing)))[0][0] == 0
        with pytest.raises(RuntimeError):
            elsewhere(change)
    assert len(asked) == 1
