"""What is saved of a running attempt, as a browser asks for it on coming back; `saving` and `saves` have files of their own."""

import pytest
from flask import Flask

from contest.i18n import iso
from contest.services.members import sessions
from tests import people
from tests.conftest import Clock
from tests.counting import counted
from tests.web.test_attempts import Taker, round_code, taker  # noqa: F401


def test_each_position_has_the_response_that_counts(taker: Taker, clock: Clock) -> None:  # noqa: F811
    options = taker.paper()
    started = clock.at
    taker.save(1, options[0][0])
    clock.advance(seconds=5)
    taker.save(1, options[0][1], 2)
    taker.save(1, options[0][2], 1)  # came late, and is not what counts
    taker.save(2, None)
    taker.save("prediction", 7)
    at = iso(clock.at)
    assert taker.client.get(f"{taker.url}/responses").json == {
        "ok": True,
        "open": True,
        "ends_at": iso(started.replace() + (people.at("00:20") - people.at("00:00"))),
        "now": at,
        "responses": {
            "prediction": {"revision": 1, "value": 7, "saved_at": at},
            "1": {"revision": 2, "value": options[0][1], "saved_at": at},
            "2": {"revision": 1, "value": None, "saved_at": at},
        },
    }


def test_closed_attempt_has_nothing_to_show(taker: Taker) -> None:  # noqa: F811
    taker.save(1, taker.paper()[0][0])
    taker.submit()
    found = taker.client.get(f"{taker.url}/responses").json
    assert (found["open"], found["responses"]) == (False, {})


def test_it_is_asked_by_one_statement_and_belongs_to_its_person(
    app: Flask,
    taker: Taker,  # noqa: F811
    round_code: str,  # noqa: F811
) -> None:
    url, data = f"{taker.url}/responses", {"Accept": "application/json"}
    with counted(app) as found:
        assert taker.client.get(url).status_code == 200
    assert len(found) == 1
    assert Taker(app, "m2", round_code).client.get(url).status_code == 404
    assert app.test_client().get(url, headers=data).status_code == 401
    with app.app_context():
        sessions.end_everywhere(people.actor("m1"))
    assert taker.client.get(url, headers=data).status_code == 401  # so that nobody takes it for another person's


def test_right_and_wrong_read_alike(taker: Taker) -> None:  # noqa: F811
    bodies = []
    for revision, value in enumerate(taker.paper()[0], 1):
        taker.save(1, value, revision)
        bodies.append(taker.client.get(f"{taker.url}/responses").data)
    assert len({len(body) for body in bodies}) == 1


@pytest.mark.usefixtures("round_code")
def test_paper_says_when_the_last_of_it_was_saved(taker: Taker, clock: Clock) -> None:  # noqa: F811
    assert "data-saved-at" not in taker.client.get(taker.url).text
    taker.save(1, taker.paper()[0][0])
    at = iso(clock.at)
    clock.advance(minutes=1)
    assert f'data-saved-at="{at}"' in taker.client.get(taker.url).text


def test_worker_rules_over_attempts_alone(app: Flask) -> None:
    client = app.test_client()
    answer = client.get(f"/static/{app.config['ASSETS_VERSION']}/js/worker.js")
    assert (answer.status_code, answer.headers["Service-Worker-Allowed"]) == (200, "/attempts/")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    other = client.get(f"/static/{app.config['ASSETS_VERSION']}/js/app.js")
    assert "Service-Worker-Allowed" not in other.headers
    assert "worker-src 'self'" in client.get("/help").headers["Content-Security-Policy"]


def test_journals_of_two_people_on_one_device_are_told_apart(app: Flask, taker: Taker, round_code: str) -> None:  # noqa: F811
    def owner(page: str) -> str:
        return page.partition('data-owner="')[2].partition('"')[0]

    other = Taker(app, "m2", round_code)
    other.start()
    mine, theirs = owner(taker.client.get(taker.url).text), owner(other.client.get(other.url).text)
    assert len(mine) == len(theirs) == 16
    assert mine != theirs
    assert mine == owner(taker.client.get(f"{taker.url}/submission").text)
