"""The program behind nginx, both real: whose page it is, whose request, and where static files come from."""

import gzip
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from flask import Flask

from bench.faults.takers import Browser
from contest import clock, create_app
from contest.config import Settings
from contest.db import db
from contest.gateways import assets
from tests import fronts, people, servers
from tests.conftest import forget_kept
from tests.deployment.nodes import ask

PEOPLE = (
    "zqquantri",
    "zqthisinh",
    "zqnguoikhac",
)  # an administrator, one at a paper, and another; names are made of these


@dataclass
class House:
    """A program behind nginx, with a round that is open and one that is not."""

    front: str
    node: str
    folder: Path
    places: dict[str, str] = field(default_factory=dict)

    def enter(self, name: str) -> Browser:
        """Sign somebody in and return their browser."""
        browser = Browser(self.front)
        token = _token(browser.ask("GET", "/sign-in")[1])
        form = f"csrf_token={token}&identifier={name}&password={people.PASSWORD.replace(' ', '+')}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert browser.ask("POST", "/sign-in", form, **headers)[0] == 303
        return browser

    def cached(self, zone: str) -> dict[str, bytes]:
        """Return what nginx keeps in a zone, by its key."""
        kept = {}
        for path in (self.folder / "nginx" / "cache" / zone).rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                key = re.search(rb"\nKEY: (.*)\n", data)
                assert key
                kept[key[1].decode()] = data
        return kept


def _token(page: str) -> str:
    return page.partition('<meta name="csrf-token" content="')[2].partition('"')[0]


@pytest.fixture(scope="module")
def house(
    instance: Path,
    sqlite_template: Path,
    settings_for: Callable[..., Settings],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    shutil.copyfile(sqlite_template, folder / "contest.db")
    sqlite_url = f"sqlite:///{folder / 'contest.db'}"
    app = create_app(settings_for(sqlite_url))
    with app.app_context():
        people.organisation()
        people.administrator(PEOPLE[0])
        for name in PEOPLE[1:]:
            people.member(name)
        now = clock.now()
        later = {"opens_at": now + timedelta(hours=1), "closes_at": now + timedelta(hours=2)}
        opened = people.contest("dang-mo")[0]
        waits = people.contest("sap-mo", bank_id=people.bank("kho-hai"), rounds=(later,))[0]
        attempt = people.attempt(opened, people.actor(PEOPLE[1]))
        db.session.remove()
        db.engine.dispose()
    forget_kept()
    port = servers.free_port()
    address = f"http://127.0.0.1:{port}"
    environ = {
        "APP_ENV": "development",
        "DATABASE_URL": sqlite_url,
        "INSTANCE_PATH": str(instance),
        "TRUSTED_PROXIES": "1",
    }
    with ExitStack() as stack:
        node = stack.enter_context(servers.application({**environ, "BASE_URL": address}, folder))
        front = stack.enter_context(fronts.nginx(folder, [urlsplit(node).port or 0], port=port))
        yield House(front, node, folder, {"open": opened, "waits": waits, "attempt": attempt})


# Whose page it is (G6)


def addresses(app: Flask, places: dict[str, str]) -> list[str]:
    """Return an address of every page there is, of the paper, the rounds and the contests that there are."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint == "accounts.sign_out":
            continue
        filled = {"attempts": (places["attempt"],), "rounds": (places["open"], places["waits"])}
        first = str(rule).split("/")[1]
        for code in filled.get(first, ("dang-mo", "sap-mo")):
            found.append(re.sub(r"<int:\w+>", "1", re.sub(r"<(?!int:)[^>]*>", code, str(rule))))
    return list(dict.fromkeys(found))


def test_nobody_gets_the_page_of_another_from_the_cache(app: Flask, house: House) -> None:
    """Every page, by each of three and by somebody without a session, one after the other; and each as a style sheet."""
    pages = addresses(app, house.places)
    assert len(pages) > 80
    browsers = [house.enter(name) for name in PEOPLE]
    sung: set[str] = set()
    for path in pages:
        for asked in (path, f"{path.rstrip('/')}/1.css"):
            for turn, browser in enumerate([*browsers, Browser(house.front)]):  # the last brings no cookie
                status, text, where = browser.ask("GET", asked)
                said = f"{text} {where.partition('?')[0]}".lower()
                own = PEOPLE[turn] if turn < 3 else ""
                sung |= {own} if own and own in said else set()
                if turn:  # the administrator alone may read of others
                    assert [n for n in PEOPLE if n != own and n in said] == [], (asked, turn)
                if asked.endswith("/1.css"):
                    assert status in (302, 403, 404, 405), (asked, status)
    assert sung == set(PEOPLE)
    kept = house.cached("pages")
    paths = {urlsplit(key.replace("http127", "http://127")).path for key in kept}
    waits = house.places["waits"]
    assert {f"/rounds/{waits}", f"/rounds/{house.places['open']}/pulse", "/contests/sap-mo"} <= paths
    allowed = rf"/contests/sap-mo|/rounds/{waits}|/rounds/({waits}|{house.places['open']})/pulse|/logo"
    assert [path for path in paths if not re.fullmatch(allowed, path)] == []
    for key, data in kept.items():
        found = [n for n in (*PEOPLE, house.places["attempt"]) if n.encode() in data.lower()]
        assert (key, found) == (key, [])
        assert b"Set-Cookie" not in data


def test_page_that_waits_for_an_opening_is_asked_for_once(house: House) -> None:
    path = f"/rounds/{house.places['waits']}"
    pages = [ask(house.front, "GET", path) for _ in range(5)]
    assert [(status, "public" in headers["cache-control"]) for status, headers, _ in pages] == [(200, True)] * 5
    assert len({body for *_, body in pages}) == 1
    assert len([key for key in house.cached("pages") if key.endswith(path)]) == 1
    signed_in = house.enter(PEOPLE[1]).ask("GET", path)[1]
    assert PEOPLE[1] in signed_in.lower()


# Where static files come from


def test_static_files_come_from_nginx_as_they_were_built(house: House, instance: Path) -> None:
    version = assets.built_version(instance / "assets")
    path = f"/static/{version}/app.css"
    plain = (instance / "assets" / path.removeprefix("/")).read_bytes()
    ways: dict[str, tuple[str | None, Callable[[bytes], bytes]]] = {
        "gzip, deflate, br": ("br", brotli.decompress),
        "gzip;q=1.0": ("gzip", gzip.decompress),
        "identity": (None, bytes),
    }
    for _ in range(2):
        for accepted, (encoding, read) in ways.items():
            status, headers, body = ask(house.front, "GET", path, Accept_Encoding=accepted, Cookie="hoithi-session=x")
            assert (status, headers.get("content-encoding"), read(body)) == (200, encoding, plain)
            assert "immutable" in headers["cache-control"]
            assert headers["vary"] == "Accept-Encoding"
    keys = house.cached("static")
    assert {key for key in keys if key.startswith(path)} == {f"{path}:br", f"{path}:gzip", f"{path}:"}
    assert ask(house.front, "GET", "/static/0123456789ab/app.css")[0] == 404


# Whose request it is (G7)

SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: {host}\r\nX: "
HEAD = "POST /sign-in HTTP/1.1\r\nHost: {host}\r\n"
CHUNKED, END = "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"
TRICKS = {
    "CL.TE": f"{HEAD}Content-Length: 50\r\n{CHUNKED}\r\n{END}{SMUGGLED}",
    "TE.CL": f"{HEAD}{CHUNKED}Content-Length: 4\r\n\r\n2c\r\n{SMUGGLED}\r\n{END}",
    "TE.TE, the second unknown": f"{HEAD}{CHUNKED}Transfer-Encoding: x\r\n\r\n{END}{SMUGGLED}",
    "TE.TE, the first unknown": f"{HEAD}Transfer-Encoding: x\r\n{CHUNKED}\r\n{END}{SMUGGLED}",
    "TE with a letter before": f"{HEAD}Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n\r\n{END}{SMUGGLED}",
    "TE with a space behind": f"{HEAD}Content-Length: 5\r\nTransfer-Encoding : chunked\r\n\r\n{END}{SMUGGLED}",
    "TE behind a tab": f"{HEAD}Content-Length: 5\r\nTransfer-Encoding:\tchunked\r\n\r\n{END}{SMUGGLED}",
    "TE behind a vertical tab": f"{HEAD}Content-Length: 5\r\nTransfer-Encoding: \x0bchunked\r\n\r\n{END}{SMUGGLED}",
    "TE behind a bare line feed": f"{HEAD}Content-Length: 5\r\nX: x\n{CHUNKED}\r\n{END}{SMUGGLED}",
    "TE on a folded line": f"{HEAD}Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n\r\n{END}{SMUGGLED}",
    "CL.CL": f"{HEAD}Content-Length: 0\r\nContent-Length: 50\r\n\r\n{SMUGGLED}",
    "CL as a list": f"{HEAD}Content-Length: 0, 50\r\n\r\n{SMUGGLED}",
    "CL with a sign": f"{HEAD}Content-Length: +0\r\n\r\n{SMUGGLED}",
    "CL below nought": f"{HEAD}Content-Length: -1\r\n\r\n{SMUGGLED}",
    "TE in HTTP/1.0": f"{HEAD}{CHUNKED}Content-Length: 5\r\n\r\n{END}{SMUGGLED}".replace("HTTP/1.1", "HTTP/1.0", 1),
    "chunk of a size that is none": f"{HEAD}{CHUNKED}\r\n0x1\r\na\r\n{END}{SMUGGLED}",
    "chunk of a size without end": f"{HEAD}{CHUNKED}\r\n10000000000000000\r\na\r\n{END}{SMUGGLED}",
    "NUL in a header": f"{HEAD}X: a\0b\r\nContent-Length: 0\r\n\r\n{SMUGGLED}",
}


def talk(address: str, trick: str) -> list[int]:
    """Send a trick with an honest request behind it, and return the statuses of all that is answered."""
    host = urlsplit(address).netloc
    with socket.create_connection((urlsplit(address).hostname, urlsplit(address).port), timeout=2) as line:
        line.sendall(trick.replace("{host}", host).encode() + f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        said = b""
        try:
            while piece := line.recv(65536):
                said += piece
        except OSError:
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", said)]


@pytest.mark.parametrize("through", ["nginx", "the program alone"])
def test_no_request_hides_in_another(house: House, through: str) -> None:
    """One refusal, the connection closed, nothing of what was hidden answered; and whoever comes next is answered rightly."""
    address = house.front if through == "nginx" else house.node
    found = {name: talk(address, trick) for name, trick in TRICKS.items()}
    wanted = {name: [[400]] for name in TRICKS}
    if through == "nginx":  # to which a coding that it does not know is none of its own (RFC 9112, 6.1)
        wanted |= {name: [[400], [501]] for name in TRICKS if "TE" in name}
    else:  # whose last coding is the known one: the body ends where it says, and what follows is the next request
        wanted["TE.TE, the first unknown"] = [[400, 404]]
    assert {name: statuses for name, statuses in found.items() if statuses not in wanted[name]} == {}
    for _ in range(20):
        status, _, body = ask(house.front, "GET", "/healthz")
        assert (status, body.strip()) == (200, b'{"ok":true}')
    assert "smuggled" not in (house.folder / "nginx" / "log" / "access.log").read_text(encoding="utf-8")
