"""Bodies that are too long, endless, too many or malformed, against the real server: refused, and nobody else waits."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import people
from tests.conftest import Clock

HEAD = "POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nConnection: close\r\n"
FORM = "application/x-www-form-urlencoded"


def talk(address: str, kind: str, framing: str, chunks: Iterator[bytes]) -> str:
    """Send a request piece by piece until the server answers or closes, and return the status line."""
    host = urlsplit(address).netloc
    name, _, port = host.partition(":")
    with socket.create_connection((name, int(port)), timeout=30) as line:
        line.sendall((HEAD.format(host=host, kind=kind) + framing + "\r\n\r\n").encode())
        line.settimeout(0.01)
        answer = b""
        for chunk in chunks:
            try:
                line.settimeout(30)
                line.sendall(chunk)
                line.settimeout(0.001)
                answer = line.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return "closed"
            break
        line.settimeout(30)
        try:
            answer = answer or line.recv(4096)
        except OSError:
            return "closed"
    return answer.split(b"\r\n")[0].decode() if answer else "closed"


def pieces(count: int, size: int) -> Iterator[bytes]:
    return (b"a" * size for _ in range(count))


def chunked(count: int, size: int) -> Iterator[bytes]:
    return (f"{size:x}\r\n".encode() + b"a" * size + b"\r\n" for _ in range(count))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("framing", "body"),
    [
        ("Content-Length: 2147483648", pieces(2_000, 1_000_000)),
        ("Content-Length: 99999999999999999999", pieces(2_000, 1_000_000)),
        ("Transfer-Encoding: chunked", chunked(2_000, 1_000_000)),
    ],
)
def test_body_without_end_is_not_read_to_its_end(live_server: str, framing: str, body: Iterator[bytes]) -> None:
    status = talk(live_server, FORM, framing, body)
    assert status == "closed" or status.split()[1] in {"400", "413"}
    assert next(body, None) is not None, "the server took two gigabytes"


@pytest.fixture
def member(app: Flask, clock: Clock) -> tuple[FlaskClient, str, str]:
    """Return a member's client, their token and the address of their running paper."""
    client = app.test_client()
    with app.app_context():
        people.organisation()
        (round_code,) = people.contest()
        me = people.member("m1")
        paper = people.attempt(round_code, me)
        people.enter(client, me)
    return client, people.csrf(client), f"/attempts/{paper}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"revision": 1, "value": "\xc3"}',
        b"[" * 100_000 + b"]" * 100_000,
        b'{"revision": 1, "value": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"revision": 1, "value": "\\ud800"}',
        b'{"revision": 1, "value": "\\u0000"}',
        b'{"revision": ' + b"9" * 5000 + b', "value": null}',
        b'{"revision": 1e400, "value": null}',
        b'{"revision": NaN, "value": null}',
        json.dumps({"revision": 1, "value": "a" * 900_000}).encode(),
        json.dumps({"revision": 1, "value": ["a"] * 100_000}).encode(),
    ],
)
def test_malformed_save_is_refused_with_its_field(member: tuple[FlaskClient, str, str], body: bytes) -> None:
    client, token, paper = member
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    answer = client.put(f"{paper}/responses/1", data=body, content_type="application/json", headers=headers)
    assert answer.status_code == 422
    assert answer.json is not None
    assert (answer.json["ok"], answer.json["field"] in {"value", "revision"}) == (False, True)


def test_save_beyond_the_limit_is_refused_before_it_is_read(member: tuple[FlaskClient, str, str]) -> None:
    client, token, paper = member
    answer = client.put(
        f"{paper}/responses/1",
        data=b'{"value": "' + b"a" * 1_000_001 + b'"}',
        content_type="application/json",
        headers={"X-CSRFToken": token, "Accept": "application/json"},
    )
    assert (answer.status_code, answer.json and answer.json["code"]) == (413, "too-large")


@pytest.mark.parametrize(("parts", "status"), [(900, 303), (1_100, 413)])
def test_parts_of_a_form_are_counted(member: tuple[FlaskClient, str, str], parts: int, status: int) -> None:
    client, token, paper = member
    boundary = "x" * 20
    fields = [f"f{n}" for n in range(parts)]
    lines = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n1\r\n' for name in fields]
    answer = client.post(
        f"{paper}/responses",
        data=("".join(lines) + f"--{boundary}--\r\n").encode(),
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == status
