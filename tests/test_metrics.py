"""What is measured: who may read it, what it says, what it costs, and that whoever draws and watches it names what exists."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from contest import clock as clock_module
from contest import worker
from contest.config import ROOT
from contest.db import db, follow, transaction
from contest.gateways import metrics
from contest.rules.permissions import SYSTEM
from contest.services import audit, beats, gauges
from contest.services.attempts import closing
from contest.web import busy
from tests import people, timing
from tests.conftest import Clock
from tests.counting import counted
from tests.web.test_attempts import Taker

TOKEN = "a-token-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
DASHBOARD, ALERTS = ROOT / "deploy" / "grafana" / "hoi-thi.json", ROOT / "deploy" / "prometheus" / "alerts.yml"


@pytest.fixture(autouse=True)
def _from_nothing() -> None:
    metrics.forget()


@pytest.fixture
def measured(make_app: Callable[..., Flask], database_url: str) -> Flask:
    app = make_app(database_url, METRICS_TOKEN=TOKEN)
    with app.app_context():
        people.organisation()
    return app


def read(client: FlaskClient) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return (name, values of the labels by the order of their names) → number of everything that is said."""
    answer = client.get("/metrics", headers=BEARER)
    assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    samples = [s for family in text_string_to_metric_families(answer.text) for s in family.samples]
    found = {(s.name, tuple(value for _, value in sorted(s.labels.items()))): s.value for s in samples}
    assert len(found) == len(samples)
    return found


def names(client: FlaskClient) -> set[str]:
    return {name for name, _ in read(client)}


def test_without_a_token_in_the_settings_there_is_no_such_page(client: FlaskClient) -> None:
    assert client.get("/metrics", headers=BEARER).status_code == 404


@pytest.mark.parametrize(
    "given", ["", TOKEN, f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"bearer {TOKEN}", f"Basic {TOKEN}", "Bearer é"]
)
def test_nothing_is_said_without_the_token(measured: Flask, given: str) -> None:
    answer = measured.test_client().get("/metrics", headers={"Authorization": given.encode().decode("latin-1")})
    assert (answer.status_code, answer.headers["WWW-Authenticate"], answer.text) == (
        401,
        "Bearer",
        "A token is needed.\n",
    )


def test_node_is_probed_by_its_own_address_in_production(make_app: Callable[..., Flask], sqlite_url: str) -> None:
    told = {"APP_ENV": "production", "SECRET_KEY": "q8Zr2Lm5Vx7Kp1Tn9Wd4Hs6Jb3Fg0YcE", "METRICS_TOKEN": TOKEN}
    client = make_app(sqlite_url, **told, BASE_URL="https://hoithi.example").test_client()
    by_address = {"Host": "10.0.0.7:8000", **BEARER}
    asked = ("/healthz", "/readyz", "/metrics", "/help", "/clock")
    assert [client.get(path, headers=by_address).status_code for path in asked] == [200, 200, 200, 400, 400]


def test_saves_starts_and_submissions_are_counted(measured: Flask, database: str, clock: Clock) -> None:
    with measured.app_context():
        code = people.contest()[0]
    taker = Taker(measured, "m1", code)
    assert taker.start().status_code == 303
    option = taker.paper()[0][0]
    assert [taker.save(1, option, revision).status_code for revision in (1, 1, 2, 1)] == [200, 200, 200, 200]
    assert taker.submit().status_code == 303
    assert taker.save(1, option, 3).status_code == 409
    found = read(measured.test_client())
    verdicts = {labels[0]: number for (name, labels), number in found.items() if name == "hoithi_saves_total"}
    assert verdicts == {"saved": 2, "same": 1, "stale": 1, "closed": 1}
    actions = {labels[0]: number for (name, labels), number in found.items() if name == "hoithi_actions_total"}
    assert (actions["attempt-started"], actions["attempt-submitted"]) == (1, 1)
    assert found["hoithi_request_seconds_count", ("PUT", "attempts.save", "2xx")] == 4
    assert found["hoithi_request_seconds_count", ("PUT", "attempts.save", "4xx")] == 1
    assert found["hoithi_request_seconds_bucket", ("+Inf", "PUT", "attempts.save", "2xx")] == 4


def test_what_is_rolled_back_is_not_counted(measured: Flask) -> None:
    def fail() -> None:
        with transaction():
            audit.record("attempt-started", "attempt", None, by=SYSTEM, at=clock_module.now())
            raise RuntimeError

    with measured.app_context(), pytest.raises(RuntimeError):
        fail()
    assert "hoithi_actions_total" not in {
        name for name, labels in read(measured.test_client()) if "attempt-started" in labels
    }


def test_tries_to_sign_in_are_counted_by_their_end(measured: Flask) -> None:
    with measured.app_context():
        people.member("m1")
    for password in (people.PASSWORD, "sai-mat-khau"):
        people.sign_in(measured.test_client(), "m1", password)
    found = read(measured.test_client())
    assert {labels: n for (name, labels), n in found.items() if name == "hoithi_sign_ins_total"} == {
        ("accepted",): 1,
        ("refused",): 1,
    }


def test_labels_are_bounded_whatever_is_sent(measured: Flask) -> None:
    client = measured.test_client()
    for n in range(20):
        client.open(f"/nowhere/{n}", method=f"METHOD{n}")
    found = [labels for name, labels in read(client) if name == "hoithi_request_seconds_count"]
    assert found == [("other", "none", "4xx")]


def test_how_things_stand_in_the_database_is_told(measured: Flask, database: str, clock: Clock) -> None:
    client = measured.test_client()
    with measured.app_context():
        code = people.contest()[0]
        who = people.member("p1")
        closing.submit(people.attempt(code, who), {}, by=who, arrived=clock.at)
        people.attempt(code, people.member("p2"))
        clock.advance(minutes=5)
        beats.Beat().beat(clock.at)
        clock.advance(seconds=7)
    found = {name: number for (name, labels), number in read(client).items() if not labels}
    stands = {"attempts_open": 1, "attempts_overdue": 0, "queue_waiting": 0, "outbox_waiting": 0, "worker_age_seconds": 7,
              "database_up": 1, "processes": 1, "jobs_oldest_seconds": 0}  # fmt: skip
    assert {name: found[f"hoithi_{name}"] for name in stands} == stands
    labelled = read(client)
    assert labelled["hoithi_seals_waiting", ("submissions",)] == 1
    assert labelled["hoithi_seals_waiting", ("log",)] > 0
    assert labelled["hoithi_seals_oldest_seconds", ("submissions",)] == 307


def test_node_that_is_ready_says_so(measured: Flask, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = measured.test_client()
    assert read(client)["hoithi_ready", ()] == 1
    monkeypatch.setattr("contest.services.health.is_reachable", lambda: False)
    assert read(client)["hoithi_ready", ()] == 0


def test_age_of_a_worker_that_never_was_is_infinite(measured: Flask) -> None:
    assert read(measured.test_client())["hoithi_worker_age_seconds", ()] == float("inf")


def test_papers_that_nobody_closes_are_told(measured: Flask, database: str, clock: Clock) -> None:
    with measured.app_context():
        people.attempt(people.contest()[0], people.member("p1"))
    clock.advance(hours=3)
    assert read(measured.test_client())["hoithi_attempts_overdue", ()] == 1
    worker.run_once(measured)
    clock_module.set_source(clock)
    with measured.app_context():
        assert gauges.standing(clock.at)["overdue"] == 0


def test_reading_asks_the_database_once_for_some_seconds(measured: Flask, database: str) -> None:
    client = measured.test_client()
    read(client)
    with counted(measured) as ready:
        client.get("/readyz")
    with counted(measured) as found:
        for _ in range(5):
            read(client)
    assert len(found) <= 5 * len(ready) + 2  # readiness is asked each time; how things stand at most once more
    with counted(measured) as asked, measured.app_context():
        gauges.standing(clock_module.now())
    assert len([s for s in asked if not s.startswith("SET LOCAL")]) == 1


@pytest.mark.postgres
def test_how_things_stand_is_found_by_indexes(make_app: Callable[..., Flask], postgres_url: str) -> None:
    """The statement reads no table from end to end that grows with what was ever done."""
    app = make_app(postgres_url)
    with app.app_context():
        at = clock_module.now()
        bound = {"present": at, "overdue": at, "day": at}
        with db.engine.connect() as connection:
            connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
            plan = connection.execute(sa.text("EXPLAIN " + _literal(gauges._ASK, bound))).scalars().all()
    scanned = re.findall(r"Seq Scan on (\w+)", "\n".join(plan))
    assert set(scanned) <= {"worker_beats"}  # a row for each worker of the last day


def _literal(statement: Any, bound: dict[str, Any]) -> str:
    from sqlalchemy.dialects import postgresql

    return str(statement.params(**bound).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))


def test_counts_of_all_processes_are_added_and_no_sum_falls(tmp_path: Path) -> None:
    metrics.count_request("front.index", "GET", "200 OK", 0.02)
    other = {
        "requests": [["front.index", "GET", "2xx", [1.0, *[0.0] * 11, 0.001]]],
        "events": [["hoithi_saves", "saved", 3]],
    }
    gone = tmp_path / "999999999-dead.json"
    for path in (gone, tmp_path / f"{os.getppid()}-living.json"):
        path.write_text(json.dumps([other["requests"], other["events"], [["pool", "in_use", 2]]]))
    shelf = metrics.Shelf(tmp_path, "own")
    shelf.write({("pool", "in_use"): 1})
    together, living = shelf.read({("pool", "in_use"): 1})
    (row,) = together.requests.values()
    assert (sum(row[:-1]), round(row[-1], 3), together.events, living) == (3, 0.022, {("hoithi_saves", "saved"): 6}, 2)
    assert together.gauges == {("pool", "in_use"): 3}  # what a process was doing when it ended it does no more


def test_what_a_process_wrote_is_read_by_another_as_it_was_meant(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from contest.gateways import metrics as m; "
        "m.count('hoithi_saves', 'late'); m.count_request(None, 'PUT', '503 Away', 0.7); "
        "m.Shelf(Path(sys.argv[1]), 'x').write({})"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, cwd=ROOT)
    together, living = metrics.Shelf(tmp_path, "own").read({})
    assert (together.events, living) == ({("hoithi_saves", "late"): 1}, 1)
    assert together.requests == {("none", "PUT", "5xx"): [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.7]}


def test_counting_costs_next_to_nothing() -> None:
    with timing.at_most(10_000 * 15e-6):
        for _ in range(10_000):
            metrics.count_request("attempts.save", "PUT", "200 OK", 0.003)


# What draws and watches it


_WORD = re.compile(r"\bhoithi_\w+")


def expressions() -> list[tuple[str, str]]:
    """Return (where, expression) of everything that the dashboard and the alerts ask for."""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = [(panel["title"], target["expr"]) for panel in panels(board) for target in panel["targets"]]
    variables = [(v["name"], v["query"]) for v in board["templating"]["list"] if v["type"] == "query"]
    alerts = re.findall(
        r"- alert: (\w+)\n\s+expr: (?:\|\n)?(.+?)\n\s+for:", ALERTS.read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(alerts) >= 10
    return [*asked, *variables, *alerts]


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [p for p in board["panels"] if p["type"] != "row"]


def test_dashboard_and_alerts_name_what_the_program_says(measured: Flask) -> None:
    client = measured.test_client()
    with measured.app_context():
        metrics.count("hoithi_saves", "saved")
        metrics.count("hoithi_sign_ins", "accepted")
        metrics.count("hoithi_actions", "attempt-started")
        metrics.count("hoithi_readings", "replica")
        follow(db.engine, "postgresql+psycopg://nobody@127.0.0.1:1/none", {})  # which nobody has looked at yet
    client.get("/healthz")
    known = names(client)
    asked = {(where, name) for where, expression in expressions() for name in _WORD.findall(expression)}
    assert len(asked) > 30
    assert {(where, name) for where, name in asked if name not in known} == set()
    assert {name for name in known if not name.endswith("_created")} - {name for _, name in asked} <= {
        "hoithi_request_seconds_sum"
    }  # and whatever is said is looked at by somebody


def test_labels_that_are_asked_for_exist(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()} | {busy.ROUTE}
    text = " ".join(expression for _, expression in expressions())
    named = {n for group in re.findall(r'route[!=]?[=~]"([^"]+)"', text) for n in group.replace("\\\\", "").split("|")}
    assert {name for name in named if "$" not in name and "*" not in name} <= routes
    actions = {n for group in re.findall(r'action=~?"([^"]+)"', text) for n in group.split("|")}
    assert actions <= audit.ACTIONS.keys()


@pytest.mark.parametrize(("where", "expression"), expressions() if DASHBOARD.exists() and ALERTS.exists() else [])
def test_expressions_are_well_formed(where: str, expression: str) -> None:
    plain = re.sub(r'"[^"]*"', '""', expression)
    for pair in ("()", "{}", "[]"):
        assert plain.count(pair[0]) == plain.count(pair[1]), where
    assert not re.search(r"rate\([^[]*\)", plain), where  # a rate is over a span


def test_dashboard_is_one() -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time", "refresh"} <= board.keys()
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids) > 12
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    for panel in panels(board):
        assert panel["title"], panel["id"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert len({t["refId"] for t in panel["targets"]}) == len(panel["targets"]) > 0
        assert all(t["expr"] and t["legendFormat"] is not None for t in panel["targets"])


def test_alerts_are_rules() -> None:
    text = ALERTS.read_text(encoding="utf-8")
    found = re.findall(r"^      - alert: (\w+)$", text, re.MULTILINE)
    assert len(set(found)) == len(found)
    blocks = text.split("      - alert: ")[1:]
    for block in blocks:
        name = block.partition("\n")[0]
        for part in ("        expr: ", "        for: ", "        labels:\n          severity: ", "          summary: "):
            assert block.count(part) == 1, (name, part)
        assert re.search(r"severity: (page|ticket)$", block, re.MULTILINE), name
