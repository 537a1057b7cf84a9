"""Houses for tests of accounts: one with a person in it, and one that can send mail."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests import people, servers
from tests.conftest import Clock


@pytest.fixture
def house(app: Flask, clock: Clock) -> Flask:
    with app.app_context():
        people.organisation()
        people.member("m1", email="m1@example.vn", phone="+84912345678")
    return app


@pytest.fixture
def posted(make_app: Callable[..., Flask], sqlite_url: str, smtp: servers.Mailbox, clock: Clock) -> Flask:
    app = make_app(sqlite_url, SMTP_URL=smtp.url, MAIL_FROM="hoithi@example.vn", BASE_URL="https://hoithi.example")
    with app.app_context():
        people.organisation()
        people.member("m1", email="m1@example.vn")
    return app
