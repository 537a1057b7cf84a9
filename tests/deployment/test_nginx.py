"""nginx as it is shipped: what it takes, what it hands on and to whom, what it keeps, and whom it makes wait."""

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from bench.strangers import besiege
from contest.web.gate import SAVING, policy_of
from tests import fronts
from tests.deployment.nodes import Node, ask, node

SITE = (fronts.DEPLOY / "nginx" / "site.conf").read_text(encoding="utf-8")
CACHE = (fronts.DEPLOY / "nginx" / "cache.conf").read_text(encoding="utf-8")
LIMITS = (fronts.DEPLOY / "nginx" / "limits.conf").read_text(encoding="utf-8")
COOKIE = "__Host-session=abc.def"
SAVE = "/attempts/k7/responses/1"


@pytest.fixture
def nodes() -> Iterator[list[Node]]:
    with node() as one, node() as two:
        yield [one, two]


@pytest.fixture
def front(nodes: list[Node], tmp_path: Path) -> Iterator[str]:
    with fronts.nginx(tmp_path, [n.port for n in nodes]) as address:
        for each in nodes:
            each.asked.clear()
        yield address


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Return (endpoint, method, an address of it) of all routes."""
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:\w+>", "7", re.sub(r"<(?!int:)[^>]*>", "k7", str(rule)))
        found += [(rule.endpoint, method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return found


# What is written


@pytest.mark.parametrize("tls_port", [0, 8443])
@pytest.mark.parametrize("count", [1, 3])
def test_nginx_takes_the_configuration(tmp_path: Path, tls_port: int, count: int) -> None:
    conf = fronts.render_nginx(tmp_path, 8080, range(8001, 8001 + count), tls_port=tls_port)
    done = subprocess.run(fronts.nginx_command(conf, "-t"), capture_output=True, text=True, check=False)
    assert (done.returncode, "[warn]" in done.stderr) == (0, False), done.stderr


@pytest.mark.parametrize("name", ["nodes.conf", "nodes-several.conf", "nodes-compose.conf"])
def test_every_list_of_nodes_is_one(tmp_path: Path, name: str) -> None:
    conf = fronts.render_nginx(tmp_path, 8080, [8001])
    listed = (fronts.DEPLOY / "nginx" / name).read_text(encoding="utf-8").replace("web:8000", "127.0.0.1:8000")
    (conf.parent / "hoi-thi" / "nodes.conf").write_text(listed)
    done = subprocess.run(fronts.nginx_command(conf, "-t"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_address_that_takes_files_may_be_large_and_no_other(app: Flask) -> None:
    large = re.compile(re.findall(r"location ~ (\S+(?:files)\S+) \{", SITE)[0])
    wanted, found = set(), set()
    for endpoint, method, path in routes(app):
        declared = policy_of(app, endpoint)
        if declared is not None and method == "POST" and (declared.body_limit or 0) > 1_000_000:
            wanted.add(path)
        if method == "POST" and large.search(path):
            found.add(path)
    assert len(wanted) > 10
    assert found == wanted


def test_what_is_never_repeated_is_what_is_put(app: Flask) -> None:
    saving = re.compile(re.findall(r"location ~ (\S+responses/) \{", SITE)[0])
    assert {path for _, method, path in routes(app) if method == "PUT"} == {
        path for _, _, path in routes(app) if saving.match(path)
    }
    assert SAVING in {endpoint for endpoint, _, path in routes(app) if saving.match(path)}
    assert not {method for _, method, _ in routes(app)} & {"DELETE", "PATCH"}


def test_only_what_says_it_is_everybodys_may_be_kept(app: Flask) -> None:
    """Without a session the pages that say so; with one, what is declared to be the same for all."""
    patterns = [re.compile(p) for p in re.findall(r'"~(\^.+?)" public_pages', CACHE)]

    def kept(session: str) -> set[str]:
        asked = [(e, f"{session} {path}") for e, method, path in routes(app) if method == "GET"]
        return {endpoint for endpoint, text in asked if any(p.search(text) for p in patterns)}

    declared = {e for e in app.view_functions if (found := policy_of(app, e)) is not None and found.is_cacheable}
    assert kept("abc.def") == declared
    assert kept("") == declared | {"contests.show", "rounds.before"}


def test_sessions_are_told_by_the_cookies_of_the_program(app: Flask, make_app: Any, database_url: str) -> None:
    names = {app.config["SESSION_COOKIE_NAME"]}
    names.add(make_app(database_url, BASE_URL="https://hoithi.example").config["SESSION_COOKIE_NAME"])
    assert set(re.findall(r"\(\?:(__Host-\w+)\|([\w-]+)\)=", LIMITS)[0]) == names


# What is handed on


def test_nodes_are_told_by_nginx_alone_who_asks(front: str) -> None:
    lies = {
        "X_Forwarded_For": "8.8.8.8",
        "X_Forwarded_Proto": "https",
        "X_Forwarded_Host": "evil.example",
        "Forwarded": "for=8.8.8.8",
        "X_Request_Start": "t=1.000",
        "X_Request_ID": "of the client",
        "TE": "trailers",
    }
    _, _, body = ask(front, "GET", "/help", **lies)
    told = json.loads(body)["headers"]
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"]) == ("127.0.0.1", "http")
    assert not {"X-Forwarded-Host", "Forwarded", "TE", "Upgrade", "Connection"} & set(told)
    assert re.fullmatch(r"t=\d{10}\.\d{3}", told["X-Request-Start"])
    assert re.fullmatch(r"[0-9a-f]{32}", told["X-Request-ID"])
    assert told["Host"] == front.removeprefix("http://")


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/sign-in", 1_900_000, 200),
        ("/sign-in", 2_200_000, 413),
        (SAVE, 2_200_000, 413),
        ("/attempts/k7/files/1", 30_000_000, 200),
        ("/attempts/k7/files/1", 33_000_000, 413),
        ("/manage/members/import", 30_000_000, 200),
    ],
)
def test_bodies_are_capped_by_what_they_are_for(front: str, path: str, size: int, status: int) -> None:
    try:
        assert ask(front, "POST", path, b"x" * size, Cookie=COOKIE)[0] == status
    except ConnectionError:
        assert status == 413  # told while the rest was still being sent


@pytest.mark.parametrize(
    ("method", "path", "is_repeated"), [("GET", "/help", 1), ("PUT", SAVE, 0), ("POST", "/sign-in", 0)]
)
def test_read_is_asked_of_another_node_and_a_change_never(
    front: str, nodes: list[Node], method: str, path: str, is_repeated: bool
) -> None:
    broken, sound = nodes
    broken.breaks_off = True
    statuses = [ask(front, method, path, "x", Cookie=COOKIE)[0] for _ in range(8)]
    assert 1 <= len(broken.asked) <= 2  # then it is left alone
    failed = 0 if is_repeated else len(broken.asked)
    assert (statuses.count(200), statuses.count(503)) == (8 - failed, failed)
    assert len(sound.asked) == 8 - failed


def test_change_that_reached_nobody_is_taken_to_another_node(nodes: list[Node], tmp_path: Path) -> None:
    with node() as third:
        ports = [nodes[0].port, third.port]
    with fronts.nginx(tmp_path, ports) as front:  # of which the second is gone
        assert [ask(front, "POST", "/sign-in", "x")[0] for _ in range(8)] == [200] * 8


def test_node_that_is_away_is_told_in_plain_words(tmp_path: Path) -> None:
    with node() as gone:
        port = gone.port
    with fronts.nginx(tmp_path, [port]) as front:
        for method, path in (("GET", "/"), ("PUT", SAVE), ("POST", "/sign-in")):
            status, headers, body = ask(front, method, path)
            assert (status, headers["retry-after"], headers["cache-control"]) == (503, "5", "no-store")
            assert "những gì đã lưu vẫn còn nguyên" in body.decode()


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_what_operators_ask_for_is_for_this_machine(path: str) -> None:
    rules = SITE.split("location ~ ^/(readyz|metrics)$ {")[1].split("}")[0]
    assert re.findall(r"(allow|deny) (\S+);", rules) == [("allow", "127.0.0.1"), ("allow", "::1"), ("deny", "all")]


def test_log_holds_neither_tokens_nor_queries(front: str, tmp_path: Path) -> None:
    ask(front, "GET", "/reset/zqtoken?zqquery=1", Referer="http://zqreferrer/")
    log = tmp_path / "nginx" / "log" / "access.log"
    subprocess.run(fronts.nginx_command(tmp_path / "nginx" / "nginx.conf", "-s", "reopen"), check=True)
    ask(front, "GET", "/help")
    lines = _lines(log, 1)
    assert [line["path"] for line in lines if line["path"].startswith("/reset")] == ["/reset/…"]
    assert not re.search("zqtoken|zqquery|zqreferrer", log.read_text(encoding="utf-8"))


def _lines(log: Path, count: int) -> list[dict[str, Any]]:
    until = time.monotonic() + 10  # it writes every five seconds
    while log.read_text(encoding="utf-8").count("\n") < count and time.monotonic() < until:
        time.sleep(0.2)
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


# Who waits


def test_flood_without_a_session_is_held_back_and_saves_from_its_address_go_on(front: str, nodes: list[Node]) -> None:
    """An address may ask two hundred times a second without a session, and a thousand at once; then strangers wait."""
    told: dict[str, int] = {}
    storm = Thread(target=lambda: told.update(asyncio.run(besiege(front, 4, {"flood": 1500}))))
    storm.start()
    answers = []
    while storm.is_alive():
        answers.append(ask(front, "PUT", SAVE, "{}", Cookie=COOKIE)[0])
        time.sleep(0.1)  # oftener than twenty times a second one session is held back itself
    storm.join()
    assert told["flood answered 429"] > 0
    assert len(answers) >= 4
    assert set(answers) == {200}


def test_one_session_is_held_back_and_others_go_on(front: str, tmp_path: Path) -> None:
    statuses, last = [], {}
    with ThreadPoolExecutor(16) as pool:
        for status, headers, _ in pool.map(lambda _: ask(front, "PUT", SAVE, "{}", Cookie=COOKIE), range(400)):
            statuses.append(status)
            last = headers if status == 429 else last
    assert 200 <= statuses.count(200) < 400
    assert (statuses.count(429), last["retry-after"]) == (400 - statuses.count(200), "5")
    assert ask(front, "PUT", SAVE, "{}", Cookie="__Host-session=another.one")[0] == 200
