"""Links and codes that open an account: once, the newest, for their purpose, and nowhere to be read."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contest import worker
from contest.rules.permissions import SYSTEM
from contest.services.members import activation
from contest.services.members import people as members
from tests import people, servers
from tests.conftest import Clock
from tests.tables import dump
from tests.web.doors import NEW, change_password, is_in, post, signed_in


def mailed_link(app: Flask, smtp: servers.Mailbox, identifier: str = "m1", host: str = "localhost") -> str:
    """Ask for a new password and return the path of the link that comes by mail."""
    client = app.test_client()
    client.environ_base["HTTP_HOST"] = host
    client.environ_base["HTTP_X_FORWARDED_HOST"] = host
    assert post(client, "/forgotten", identifier=identifier).status_code == 200
    worker.run_once(app)
    link = re.search(r"https://hoithi\.example(/reset/\S+)", smtp.messages[-1].get_content())
    assert link
    return link[1]


def set_password(client: FlaskClient, path: str, new: str = NEW) -> int:
    return int(client.post(path, data={"password": new, "repeat": new, "csrf_token": people.csrf(client)}).status_code)


def test_only_the_newest_link_works_and_once(posted: Flask, smtp: servers.Mailbox) -> None:
    first, second = mailed_link(posted, smtp), mailed_link(posted, smtp)
    before = signed_in(posted)
    client = posted.test_client()
    assert [client.get(path).status_code for path in (first, second)] == [410, 200]
    assert set_password(posted.test_client(), first) == 410
    assert set_password(client, second) == 303
    assert set_password(posted.test_client(), second) == 410
    assert "Mật khẩu đã đổi" in client.get("/").text
    assert (is_in(client), is_in(before)) == (True, False)


def test_a_refused_password_does_not_use_the_link_up(posted: Flask, smtp: servers.Mailbox) -> None:
    link = mailed_link(posted, smtp)
    assert [set_password(posted.test_client(), link, new) for new in ("short", NEW)] == [422, 303]


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (60, 410)])
def test_link_lives_an_hour(posted: Flask, smtp: servers.Mailbox, clock: Clock, minutes: int, status: int) -> None:
    link = mailed_link(posted, smtp)
    clock.advance(minutes=minutes)
    assert posted.test_client().get(link).status_code == status


@pytest.mark.parametrize("ends", ["change of e-mail", "change of password", "suspension"])
def test_link_dies_with_what_it_stood_for(posted: Flask, smtp: servers.Mailbox, ends: str) -> None:
    link = mailed_link(posted, smtp)
    if ends == "change of password":
        change_password(signed_in(posted))
    with posted.app_context():
        if ends == "change of e-mail":
            members.change("m1", {"full_name": "Nguyễn Thị M1", "email": "moi@example.vn"}, unit="A1", by=SYSTEM)
        if ends == "suspension":
            members.suspend("m1", suspended=True, by=SYSTEM)
    assert posted.test_client().get(link).status_code == 410


def test_tokens_serve_their_own_purpose(posted: Flask, smtp: servers.Mailbox) -> None:
    secret = mailed_link(posted, smtp).removeprefix("/reset/")
    with posted.app_context():
        members.enter({"code": "m2", "full_name": "Trần Văn Hai"}, unit="A1", by=SYSTEM)
        code = activation.invite("A1", by=SYSTEM)[0].activation_code
    client = posted.test_client()
    assert [client.get(f"/reset/{c}").status_code for c in (code, code.replace("-", ""))] == [410, 410]
    form = {"password": NEW, "repeat": NEW}
    assert post(client, "/activate", code=secret, **form).status_code == 422
    assert post(client, "/activate", code=code, **form).status_code == 303
    assert "Tài khoản đã mở" in client.get("/").text
    assert post(posted.test_client(), "/activate", code=code, **form).status_code == 422


def test_no_token_lies_in_the_database_or_on_a_page(posted: Flask, smtp: servers.Mailbox) -> None:
    secret = mailed_link(posted, smtp).removeprefix("/reset/")
    with posted.app_context():
        members.enter({"code": "m2", "full_name": "Trần Văn Hai"}, unit="A1", by=SYSTEM)
        code = activation.invite("A1", by=SYSTEM)[0].activation_code
        people.administrator()
    client = signed_in(posted, "quantri")
    paths = ("/me", "/manage/members", "/manage/members/m1", "/manage/members/m2", "/manage/audit", "/manage/units/A1")
    pages = [client.get(path) for path in paths]
    assert [page.status_code for page in pages] == [200] * len(paths)
    everything = dump(posted) + "".join(page.text for page in pages)
    assert [token for token in (secret, code, code.replace("-", "")) if token in everything] == []


def test_links_lead_to_the_configured_address_and_to_the_stored_box(posted: Flask, smtp: servers.Mailbox) -> None:
    mailed_link(posted, smtp, "\uff2d1@example.vn", host="evil.example")
    message = smtp.messages[-1]
    assert (message["X-Envelope-To"], message["To"]) == ("m1@example.vn", "m1@example.vn")
    assert "evil" not in message.as_string()
