"""A server in operation, with people saving: it is asked to end, its database goes away or hangs, its clock is wrong."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask

from bench.faults.site import _own_clock
from contest.db import db
from contest.models.attempts import Attempt, Response
from contest.models.contests import Round
from tests import people
from tests.faults.test_races import Browser
from tests.nodes import Link, Node, node

pytestmark = [pytest.mark.slow]


class Paper(NamedTuple):
    """Whose paper it is, and the options of its first question."""

    who: str
    path: str
    options: list[str]


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of the test's database: PostgreSQL, unless the test asks for both."""
    url: str = request.getfixturevalue("database" if "database" in request.fixturenames else "postgres_url")
    return url


@pytest.fixture
def papers(app: Flask) -> list[Paper]:
    """Let four people start."""
    with app.app_context():
        people.organisation()
        code = people.contest()[0]
        found = []
        for n in range(4):
            attempt = people.attempt(code, people.member(f"m{n}"))
            row = db.session.scalar(sa.select(Attempt).where(Attempt.code == attempt))
            assert row is not None
            found.append(Paper(f"m{n}", f"/attempts/{attempt}/responses/1", row.paper[0][1]))
    return found


class Stream:
    """People who save again and again, each to the next revision, until told to stop."""

    def __init__(self, app: Flask, papers: list[Paper], *at: Node) -> None:
        self.stop = threading.Event()
        self.statuses: Counter[int | str] = Counter()
        self.at: list[tuple[float, int | str]] = []
        self.acknowledged: dict[str, int] = {}
        self._threads = [
            threading.Thread(
                target=self._save, args=(Browser(at[n % len(at)].address, app, paper.who), paper), daemon=True
            )
            for n, paper in enumerate(papers)
        ]

    def __enter__(self) -> "Stream":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(30)

    def _save(self, browser: Browser, paper: Paper) -> None:
        revision = 1
        while not self.stop.is_set():
            status = _saved(browser, paper, revision)
            self.statuses[status] += 1
            self.at.append((time.monotonic(), status))
            if status == 200:
                self.acknowledged[paper.path] = revision
                revision += 1
            else:
                time.sleep(0.1)

    def first(self, status: int, after: float) -> float:
        """Return after how many seconds such an answer came first."""
        return next((at - after for at, found in sorted(self.at) if found == status and at >= after), 1e9)


def _saved(browser: Browser, paper: Paper, revision: int) -> int | str:
    """Send one save on a connection of its own and return its status, or how the connection failed."""
    connection = HTTPConnection(browser.host, timeout=30)
    headers = {"Content-Type": "application/json", "X-CSRFToken": browser.token, "Cookie": browser.cookie}
    value = paper.options[revision % len(paper.options)]
    try:
        connection.connect()
    except OSError:
        return "refused"
    try:
        connection.request("PUT", paper.path, f'{{"revision": {revision}, "value": "{value}"}}', headers)
        return connection.getresponse().status
    except (OSError, HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def stored(app: Flask) -> dict[str, int]:
    with app.app_context():
        highest = sa.select(Attempt.code, sa.func.max(Response.revision)).join(
            Response, Response.attempt_id == Attempt.id
        )
        return {
            f"/attempts/{code}/responses/1": number
            for code, number in db.session.execute(highest.group_by(Attempt.code))
        }


def holds(app: Flask, stream: Stream) -> bool:
    """Say whether everything that was acknowledged is stored."""
    found = stored(app)
    return all(found[path] >= revision for path, revision in stream.acknowledged.items())


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> float:
    """Wait and return how long it took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, "it did not come to it"
        time.sleep(0.05)
    return time.monotonic() - began


def test_server_that_is_asked_to_end_loses_nothing_and_fails_nobody(
    app: Flask, papers: list[Paper], database: str, instance: Path, tmp_path: Path
) -> None:
    with node(tmp_path, INSTANCE_PATH=str(instance), DATABASE_URL=database, DRAIN_SECONDS="2") as own:
        wait_until(lambda: len(own.children()) == 3)
        left = own.children()
        with Stream(app, papers, own) as stream:
            wait_until(lambda: len(stream.acknowledged) == len(papers))
            asked = time.monotonic()
            own.process.send_signal(signal.SIGTERM)
            wait_until(
                lambda: own.ask("/readyz") == (503, {"ok": False, "problems": ["This server is shutting down."]}), 1
            )
            assert own.process.wait(20) == 0
            time.sleep(0.5)
        # Of whoever the system let in at the instant at which the door was shut, nothing was read and nothing answered.
        assert stream.statuses.keys() - {"ConnectionResetError"} == {200, "refused"}
        assert all(at - asked > 1.5 for at, status in stream.at if status not in {200, "refused"})
        assert max(at for at, status in stream.at if status == 200) - asked > 1.5  # it went on meanwhile
        assert holds(app, stream)
        assert [pid for pid in left if runs(pid)] == []


@pytest.mark.postgres
def test_database_that_comes_back_is_used_again_within_seconds(
    instance: Path, tmp_path: Path, database_link: Link, app: Flask, papers: list[Paper]
) -> None:
    told = {"INSTANCE_PATH": str(instance), "DATABASE_URL": database_link.url}
    with node(tmp_path, **told) as own, Stream(app, papers, own) as stream:
        wait_until(lambda: len(stream.acknowledged) == len(papers))
        database_link.cut()
        assert wait_until(lambda: own.ask("/readyz")[0] == 503) < 5
        assert own.ask("/readyz")[1] == {"ok": False, "problems": ["The database does not answer."]}
        assert own.ask("/healthz")[0] == 200
        time.sleep(3)
        back = time.monotonic()
        database_link.mend()
        wait_until(own.is_ready, 10)
        wait_until(lambda: stream.first(200, back) < 10)
        time.sleep(1)
    assert stream.statuses.keys() <= {200, 503}
    assert stream.statuses[503] > 0
    assert holds(app, stream)


@pytest.fixture
def database_link(postgres_url: str) -> Iterator[Link]:
    link = Link(postgres_url)
    yield link
    with suppress(AssertionError):
        link.cut()


@pytest.mark.postgres
def test_database_that_hangs_is_told_in_time_and_holds_no_probe(
    instance: Path, tmp_path: Path, database_link: Link, app: Flask
) -> None:
    token = "a-token-of-the-tests"
    told = {"INSTANCE_PATH": str(instance), "DATABASE_URL": database_link.url, "METRICS_TOKEN": token, "WORKERS": "1"}
    with node(tmp_path, **told) as own:
        database_link.silence()
        for _ in range(3):
            began = time.monotonic()
            assert own.ask("/readyz") == (503, {"ok": False, "problems": ["The database does not answer within 2 s."]})
            assert own.ask("/healthz")[0] == 200
            assert time.monotonic() - began < 4
        status, said = own.ask("/metrics", Authorization=f"Bearer {token}")
        assert (status, "hoithi_database_up 0.0" in said, "hoithi_ready 0.0" in said) == (200, True, True)
        database_link.mend()
        wait_until(own.is_ready, 10)


@pytest.mark.postgres
def test_probes_are_answered_while_saves_hang_in_the_database(
    instance: Path, tmp_path: Path, database_link: Link, app: Flask, papers: list[Paper]
) -> None:
    told = {"INSTANCE_PATH": str(instance), "DATABASE_URL": database_link.url, "WORKERS": "1"}
    with node(tmp_path, **told) as own, Stream(app, papers, own) as stream:
        wait_until(lambda: len(stream.acknowledged) == len(papers))
        database_link.silence()
        hung = time.monotonic()
        while time.monotonic() - hung < 15:
            began = time.monotonic()
            assert own.ask("/healthz")[0] == 200
            assert own.ask("/readyz")[0] == 503 or time.monotonic() - hung < 3
            assert time.monotonic() - began < 4
            time.sleep(0.3)
        assert stream.first(503, hung) < 13  # nobody is left waiting for what does not come
        database_link.mend()
        wait_until(own.is_ready, 10)
        back = time.monotonic()
        wait_until(lambda: stream.first(200, back) < 10)
    assert stream.statuses.keys() <= {200, 503}
    assert holds(app, stream)


@pytest.mark.postgres
@pytest.mark.parametrize("step", ["+30", "-30"])
def test_of_two_nodes_the_one_whose_clock_is_off_takes_nothing_until_it_agrees(
    app: Flask, papers: list[Paper], postgres_url: str, instance: Path, tmp_path: Path, step: str
) -> None:
    clock = tmp_path / "clock"
    clock.write_text(step)
    told = {"INSTANCE_PATH": str(instance), "DATABASE_URL": postgres_url, "WORKERS": "1"}
    folders = [tmp_path / name for name in ("right", "wrong")]
    for folder in folders:
        folder.mkdir()
    with node(folders[0], **told) as right, node(folders[1], waits=False, **told, **_own_clock(clock)) as wrong:
        status, said = wrong.ask("/readyz")
        assert (status, said["ok"], len(said["problems"])) == (503, False, 1)
        assert said["problems"][0].startswith(f"This node's clock differs from the database's by {step[0]}")
        paper, code = papers[0], papers[0].path.split("/")[2]
        here, there = Browser(right.address, app, paper.who), Browser(wrong.address, app, paper.who)
        save = f"/attempts/{code}/responses/1"
        with app.app_context():
            start = f"/rounds/{db.session.scalar(sa.select(Round.code))}/attempts"
        for answer in (
            there.save(save, 1, paper.options[0]),
            there.post(start),
            there.post(f"/attempts/{code}/submission"),
        ):
            assert answer.status == 503
        assert stored(app) == {}
        assert there.get(f"/attempts/{code}").count("<fieldset") > 0  # what is seen goes on being seen
        assert here.save(save, 1, paper.options[0]).status == 200
        clock.write_text("+0")
        wait_until(wrong.is_ready, 15)
        assert there.save(save, 2, paper.options[1]).status == 200
    assert stored(app) == {save: 2}


def test_killed_process_is_replaced_and_every_line_is_json(instance: Path, tmp_path: Path, sqlite_url: str) -> None:
    token = "a-token-of-the-tests"
    told = {
        "APP_ENV": "production",
        "SECRET_KEY": "q8Zr2Lm5Vx7Kp1Tn9Wd4Hs6Jb3Fg0YcE",
        "METRICS_TOKEN": token,
        "WORKERS": "1",
    }
    with node(
        tmp_path, "--web", INSTANCE_PATH=str(instance), DATABASE_URL=sqlite_url, DRAIN_SECONDS="0", **told
    ) as own:
        (first,) = own.children()  # no worker beside it
        for _ in range(3):
            own.ask("/help")
        time.sleep(6)  # until it has written down what it counted
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: own.children() not in ([first], []))
        wait_until(own.is_ready)
        said = own.ask("/metrics", Authorization=f"Bearer {token}")[1]
        assert 'hoithi_request_seconds_count{method="GET",route="front.help",status="2xx"} 3.0' in said
        assert "hoithi_processes 1.0" in said
    assert "Unexpected exit from worker-1" in [line["event"] for line in own.lines()]
    assert own.process.returncode == 0
    assert not any(Path("/dev/shm").glob(f"hoi-thi-*/{first}-*"))


def test_server_that_is_killed_leaves_no_process_behind(instance: Path, tmp_path: Path, sqlite_url: str) -> None:
    with node(tmp_path, INSTANCE_PATH=str(instance), DATABASE_URL=sqlite_url, WORKERS="2") as own:
        wait_until(lambda: len(own.children()) == 3)
        left = own.children()
        os.kill(own.process.pid, signal.SIGKILL)
        own.process.wait()
        wait_until(lambda: not any(runs(pid) for pid in left), 60)  # one that was beginning begins first


def runs(pid: int) -> bool:
    """Say whether a process runs; one that has ended may wait for somebody to take note of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
