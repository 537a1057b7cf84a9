"""Going in and out as a browser does, for tests of accounts."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests import people

NEW = "nam sau bay tam"
SESSION = "hoithi-session"


def post(client: FlaskClient, path: str, headers: dict[str, str] | None = None, **form: str) -> Any:
    """Send a form with the token of the client's session."""
    return client.post(path, data={**form, "csrf_token": people.csrf(client)}, headers=headers)


def signed_in(app: Flask, identifier: str = "m1") -> FlaskClient:
    """Return a client that has come in by the form."""
    client = app.test_client()
    assert people.sign_in(client, identifier).status_code == 303
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/me").status_code == 200


def change_password(client: FlaskClient, current: str = people.PASSWORD, new: str = NEW) -> Any:
    return post(client, "/me/password", current=current, password=new, repeat=new)


def try_wrong(client: FlaskClient, identifier: str = "m1", **headers: str) -> Any:
    """Sign in with a wrong password."""
    return post(client, "/sign-in", headers, identifier=identifier, password="not the one")


def without_token(text: str) -> str:
    """Return a page without the token of its session, which is new by the second."""
    return re.sub(r'(content|value)="[\w.-]{60,}"', "", text)
