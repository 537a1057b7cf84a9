"""The floor is honest: it keeps out whom the product keeps out, and what it acknowledged it has."""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from bench import floor
from bench.floor_tables import PASSWORD, attempts, engine, fill, saves, tables
from bench.participants import FLOOR_SAVED, FLOOR_TOKEN


@pytest.fixture
def filled() -> Iterator[None]:
    """Fill the floor's database, which lies in memory where the environment names none, and empty it again."""
    assert str(engine.url) == "sqlite://"
    fill(12, 10)
    floor.bank.cache_clear()
    yield
    tables.drop_all(engine)


@pytest.fixture
def guest(filled: None) -> FlaskClient:
    return signed_in("u11")


def signed_in(name: str) -> FlaskClient:
    client = floor.app.test_client()
    assert enter(client, name) == 303
    return client


def enter(client: FlaskClient, name: str, password: str = PASSWORD) -> int:
    return client.post(
        "/login", data={"token": token(client, "/login"), "name": name, "password": password}
    ).status_code


def token(client: FlaskClient, path: str) -> str:
    found = FLOOR_TOKEN.search(client.get(path).text)
    assert found is not None
    return found[1]


def begun(client: FlaskClient) -> str:
    """Start, read the paper, and return its token."""
    assert client.post("/start", data={"token": token(client, "/round")}).status_code == 303
    return token(client, "/paper")


def put(client: FlaskClient, given: str, position: int = 0, revision: int = 1, value: object = 2) -> int:
    body = {"revision": revision, "value": value}
    return client.put(f"/save/{position}", json=body, headers={"X-CSRFToken": given}).status_code


def test_a_save_is_there_and_the_last_one_counts(guest: FlaskClient) -> None:
    given = begun(guest)
    assert [put(guest, given, revision=1, value=2), put(guest, given, revision=2, value=3)] == [200, 200]
    shown = {position: rest for position, *rest in FLOOR_SAVED.findall(guest.get("/paper").text)}
    assert shown["0"] == ["2", "3"]
    assert shown["1"] == ["0", ""]


@pytest.mark.parametrize(
    "change, status",
    [({}, 200), ({"position": 20}, 200), ({"position": 21}, 422), ({"value": "x"}, 422), ({"revision": 0}, 422),
     ({"revision": 100_000}, 200), ({"revision": 100_001}, 422)],
)  # fmt: skip
def test_what_is_no_save_is_refused(guest: FlaskClient, change: dict[str, object], status: int) -> None:
    assert put(guest, begun(guest), **change) == status  # type: ignore[arg-type]


def test_the_same_revision_is_appended_once(guest: FlaskClient) -> None:
    given = begun(guest)
    assert [put(guest, given), put(guest, given, value=1)] == [200, 409]
    with engine.connect() as connection:
        assert connection.execute(sa.select(saves.c.choice)).scalars().all() == [2]


def test_a_save_needs_ones_own_token_and_attempt(guest: FlaskClient) -> None:
    given, other = begun(guest), signed_in("u12")
    theirs = begun(other)
    assert put(guest, theirs) == 400
    cookie = floor.signer.sign("11.12").decode()  # signed, but of an attempt that is another person's
    guest.set_cookie("a", cookie)
    assert put(guest, given) == 409
    guest.set_cookie("a", "11.11.forged")
    assert put(guest, given) == 401


def test_a_save_after_the_end_or_the_submission_is_refused(guest: FlaskClient) -> None:
    given = begun(guest)
    with engine.begin() as connection:
        connection.execute(sa.update(attempts).where(attempts.c.person_id == 11).values(ends=1.0))
    assert put(guest, given) == 409
    with engine.begin() as connection:
        connection.execute(sa.update(attempts).where(attempts.c.person_id == 11).values(ends=9e9))
    assert put(guest, given) == 200
    assert guest.post("/submit", data={"token": given}).status_code == 303
    assert put(guest, given, revision=2) == 409


def test_the_score_is_that_of_the_paper(guest: FlaskClient) -> None:
    given = begun(guest)
    with engine.connect() as connection:
        paper = json.loads(
            connection.execute(sa.select(attempts.c.paper).where(attempts.c.person_id == 11)).scalar() or ""
        )
    for position, (question, order) in enumerate(paper[:7]):
        assert put(guest, given, position, value=order.index(floor.bank()[question][1])) == 200
    guest.post("/submit", data={"token": given})
    assert "<h1>Score 7 of 20</h1>" in guest.get("/result").text
    assert "Your place: " in guest.get("/board").text


def test_starting_twice_is_one_attempt(guest: FlaskClient) -> None:
    assert begun(guest) == begun(guest)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(attempts)).scalar() == 11


@pytest.mark.usefixtures("filled")
def test_doors_are_shut_to_strangers() -> None:
    client = floor.app.test_client()
    assert [enter(client, "u11", "wrong"), enter(client, "nobody")] == [403, 403]
    assert client.post("/login", data={"token": "", "name": "u11", "password": PASSWORD}).status_code == 400
    assert client.get("/round").status_code == 401
