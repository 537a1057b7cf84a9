"""A replica that dies, falls silent or gives readers up: nobody gets an error, and it is read again once it is back."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
import sqlalchemy as sa

from contest import clock as clock_module
from contest.db import db, editions, elsewhere, reading, replica, rows
from contest.models.results import Standing
from contest.services import replicas
from tests import nodes, servers
from tests.replica.conftest import Replicated
from tests.test_metrics import read

pytestmark = pytest.mark.postgres
COUNT = sa.select(sa.func.count()).select_from(Standing)


def open_board(house: Replicated) -> None:
    house.app.extensions["cache"].clear()
    answer = house.app.test_client().get(f"/rounds/{house.code}/standings")
    assert answer.status_code == 200
    assert "Nguyễn Thị P0" in answer.text


def where(house: Replicated) -> str:
    """Return where a board is read now, and the one place of all its readings."""
    before = house.counts()
    open_board(house)
    (found,) = {at for at, n in house.counts().items() if n > before.get(at, 0)}
    return found


def test_dead_replica_is_noticed_by_who_reads_it_and_read_again_when_it_is_back(
    house: Replicated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "REST", 60.0)
    assert where(house) == "replica"
    house.standby.end()
    before = house.counts()
    begun = time.monotonic()
    open_board(house)
    assert time.monotonic() - begun < 1
    after = house.counts()
    assert (after["broken-off"], after["replica"]) == (1, before["replica"])  # the second reading knew
    assert where(house) == "primary"
    house.standby.start()
    house.standby.catch_up()
    house.look()
    assert where(house) == "primary"  # it rests for a while
    monkeypatch.setattr(house.own, "_rests_until", clock_module.ticks())
    assert where(house) == "replica"


def test_watch_notices_a_dead_replica_and_one_that_is_back(
    house: Replicated, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(replica, "REST", 0.0)
    watch = replicas.Watch(house.own)
    watch.look()
    assert where(house) == "replica"
    house.standby.end()
    watch.look()
    house.own._rests_until = clock_module.ticks() + 60
    assert where(house) == "primary"
    house.standby.start()
    house.standby.catch_up()
    house.own._rests_until = 0
    watch.look()
    assert where(house) == "replica"


def test_reader_of_a_silent_replica_waits_for_the_watch_alone(
    house: Replicated, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processes are stopped, their machine goes on: nothing tells the reader. The watch lets go of all connections."""
    monkeypatch.setattr(replicas, "EVERY", 0.1)
    monkeypatch.setattr(replicas, "PATIENCE", 0.5)
    open_board(house)
    house.standby.fall_silent()
    replicas.keep(house.app)
    begun = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(open_board, house).result(10)
    assert house.counts()["broken-off"] == 1
    assert time.monotonic() - begun < 8  # by itself it would wait for ever
    assert where(house) == "primary"
    monkeypatch.setattr(replica, "REST", 0.0)
    house.standby.go_on()
    servers.wait_until(house.own.is_used)
    assert where(house) == "replica"


def test_primary_that_is_asked_in_vain_takes_nothing_from_who_reads_the_replica(house: Replicated) -> None:
    def fail() -> None:
        raise sa.exc.OperationalError("", {}, Exception())

    with patch.object(house.own, "note", fail):
        replicas.Watch(house.own).look()
    assert where(house) == "replica"


def test_primary_that_is_away_is_not_taken_for_the_replica(house: Replicated) -> None:
    def fail() -> int:
        raise sa.exc.OperationalError("", {}, Exception())

    with house.app.app_context():
        with patch.object(editions, "current", fail), pytest.raises(sa.exc.OperationalError):
            elsewhere(lambda: rows(COUNT))
        assert house.own.is_used()


@pytest.mark.parametrize("is_waiting", [True, False], ids=["statement", "transaction"])
def test_reading_that_the_replica_gives_up_is_done_by_the_primary(house: Replicated, is_waiting: bool) -> None:
    """What conflicts with what the primary does is cancelled there, or its connection is ended; the replica stays in use."""
    asked: list[bool] = []

    def read() -> Any:
        asked.append(reading.elsewhere() is not None)
        rows(COUNT)
        if asked[-1]:
            conflict()
            time.sleep(0 if is_waiting else 1)
            rows(sa.select(sa.func.pg_sleep(5)) if is_waiting else COUNT)
        return rows(COUNT)[0][0]

    with house.app.app_context():
        assert elsewhere(read) == 4
    assert asked == [True, False]
    assert house.counts() == {"broken-off": 1}
    house.standby.catch_up()
    if is_waiting:
        assert where(house) == "replica"
    else:  # a connection that was ended may mean anything, and the replica rests
        assert where(house) == "primary"


def conflict() -> None:
    """Lock on the primary what is being read on the replica."""
    where = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(where) as connection:
        connection.execute("LOCK TABLE standings IN ACCESS EXCLUSIVE MODE")
        connection.execute("CREATE TABLE scratch (n int)")  # without a change nothing would be told


def test_other_readers_wait_for_no_connection(house: Replicated) -> None:
    """A pool that others have emptied is the same as no replica."""
    with patch.object(house.own.engine.pool, "_timeout", 0.1):
        lent = [house.own.engine.connect() for _ in range(15)]
        before = house.counts().get("broken-off", 0)
        open_board(house)
        assert house.counts()["broken-off"] == before + 1
        for connection in lent:
            connection.close()


def test_how_it_is_is_measured(house: Replicated) -> None:
    client = house.app.test_client()
    open_board(house)
    found = read(client)
    assert found["hoithi_replica_used", ()] == 1
    assert 0 < found["hoithi_replica_lag_seconds", ()] < 5
    assert found["hoithi_readings_total", ("replica",)] == 3
    house.standby.end()
    open_board(house)
    found = read(client)
    assert (found["hoithi_replica_used", ()], found["hoithi_readings_total", ("broken-off",)]) == (0, 1)


@pytest.fixture
def served(house: Replicated, instance: Path, tmp_path: Path, read_url: str) -> Iterator[nodes.Node]:
    """Serve the same database with its replica by a real server, worker and all."""
    with house.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    told = {"DATABASE_URL": url, "READ_DATABASE_URL": read_url, "INSTANCE_PATH": str(instance)}
    with nodes.node(tmp_path, APP_ENV="production", SECRET_KEY="q8Zr2Lm5Vx7Kp1Tn9Wd4Hs6Jb3Fg0YcE", **told) as node:
        yield node


def test_server_reads_it_loses_it_and_reads_it_again(house: Replicated, served: nodes.Node) -> None:
    path = f"/rounds/{house.code}/standings"

    def is_read() -> bool:
        house.read_there()
        assert served.ask(path, Accept="application/json")[0] == 200
        return any("standings" in said for said in house.read_there())

    servers.wait_until(is_read)
    house.standby.fall_silent()
    begun = time.monotonic()
    assert served.ask(path)[0] == 200
    assert time.monotonic() - begun < replicas.EVERY + 2 * replicas.PATIENCE + 1
    house.standby.go_on()
    house.standby.end()
    assert [served.ask(path)[0] for _ in range(4)] == [200] * 4
    assert served.ask("/readyz")[0] == 200
    house.standby.start()
    servers.wait_until(is_read)
    for said in ("the replica is not read, the primary is", "the replica is read again"):
        servers.wait_until(lambda said=said: said in [line["event"] for line in served.lines()])  # type: ignore[misc]
