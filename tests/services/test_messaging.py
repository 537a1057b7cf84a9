"""Mail through a real SMTP server: once, again while it fails, given up in the end, and never anything but text."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import parsedate_to_datetime
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from contest import worker
from contest.db import db, transaction
from contest.gateways import mail
from contest.gateways.mail import MailGateway
from contest.models.members import Member
from contest.models.messages import OutboxMessage
from contest.models.organisation import Organisation, Unit
from contest.services import jobs, messaging
from contest.services.members import entry
from tests import people, servers
from tests.conftest import Clock

SENDER = "hoithi@example.vn"
BASE_URL = "https://hoithi.example"
MOMENT = timedelta(microseconds=1)


class Provider(servers.Mailbox):
    """A mail server that says what it is told to say; what is empty is said as usual."""

    def __init__(self) -> None:
        super().__init__()
        self.to_recipient = self.to_data = self.to_quit = ""
        self.asked, self.silence, self.silence_after = 0, 0.0, 0.0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, replies: list[str]) -> Any:
        self.asked += 1
        session.host_name = hostname
        await asyncio.sleep(self.silence)
        return replies

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.to_recipient:
            return self.to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        return self.to_data or await super().handle_DATA(server, session, envelope)

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.silence_after)
        return self.to_quit or "221 Bye"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as started:
        yield started


@pytest.fixture
def gateway(context: Flask, database: str, clock: Clock, provider: Provider) -> MailGateway:
    return MailGateway(provider.url, SENDER)


def post(number: int = 1, body: str = "Mã: ABCD-EFGH") -> None:
    with transaction():
        for n in range(number):
            messaging.post(f"nguoi-{n}@don-vi.vn", "Mã kích hoạt", body, at=worker.clock.now())


def stored() -> OutboxMessage:
    return db.session.scalars(sa.select(OutboxMessage).execution_options(populate_existing=True)).one()


def recipients(mailbox: servers.Mailbox) -> list[str]:
    return sorted(str(m["X-Envelope-To"]) for m in mailbox.messages)


# Once


def test_message_goes_out_once_and_its_body_is_not_kept(gateway: MailGateway, provider: Provider, clock: Clock) -> None:
    post()
    written = clock.at
    clock.advance(seconds=1)
    assert [messaging.deliver(gateway), messaging.deliver(gateway)] == [1, 0]
    row = stored()
    assert (row.state, row.tries, row.sent_at, row.body, row.error) == ("sent", 1, clock.at, "", "")
    sent = provider.messages[0]
    assert {name: str(sent[name]) for name in ("From", "To", "Subject", "Auto-Submitted", "Message-ID")} == {
        "From": SENDER,
        "To": "nguoi-0@don-vi.vn",
        "Subject": "Mã kích hoạt",
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<{row.message_id}>",
    }
    assert parsedate_to_datetime(str(sent["Date"])) == written
    assert text(sent) == "Mã: ABCD-EFGH\n"
    clock.advance(days=30)
    assert messaging.deliver(gateway) == 0
    assert len(provider.messages) == 1


def test_two_workers_send_each_message_once(app: Flask, gateway: MailGateway, provider: Provider) -> None:
    post(24)
    ready = Barrier(4)

    def deliver(_: int) -> int:
        with app.app_context():
            ready.wait(30)
            sent = 0
            while db.session.scalar(sa.select(sa.func.count()).where(OutboxMessage.state == "waiting")):
                sent += messaging.deliver(gateway, limit=3)
                if all(tries for tries in db.session.scalars(sa.select(OutboxMessage.tries))):
                    break  # what still waits is on its way with another worker
            return sent

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(deliver, range(4)))
    assert sum(counts) == 24
    assert recipients(provider) == sorted(f"nguoi-{n}@don-vi.vn" for n in range(24))
    assert len({str(m["Message-ID"]) for m in provider.messages}) == 24
    assert db.session.scalars(sa.select(OutboxMessage.tries).distinct()).all() == [1]


def test_message_of_a_worker_that_died_is_sent_by_the_next(
    gateway: MailGateway, provider: Provider, clock: Clock
) -> None:
    post()
    begun = clock.at
    assert messaging._lease(begun) is not None  # and then nothing more was heard of it
    clock.set(begun + messaging.LEASE - MOMENT)
    assert messaging.deliver(gateway) == 0
    clock.set(begun + messaging.LEASE)
    assert messaging.deliver(gateway) == 1
    assert len(provider.messages) == 1


@pytest.mark.parametrize(("to_quit", "silence"), [("421 too busy", 0.0), ("", 2.0)])
def test_goodbye_that_fails_does_not_send_again(
    gateway: MailGateway,
    provider: Provider,
    clock: Clock,
    to_quit: str,
    silence: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    provider.to_quit, provider.silence_after = to_quit, silence
    post()
    assert messaging.deliver(gateway) == 1
    clock.advance(hours=2)
    assert messaging.deliver(gateway) == 0
    assert (len(provider.messages), stored().state) == (1, "sent")


def test_worker_of_an_organisation_without_mail_leaves_the_outbox_alone(app: Flask, gateway: MailGateway) -> None:
    post()
    worker.run_once(app)
    assert (stored().state, stored().tries) == ("waiting", 0)


# Again


def refuse_recipient(provider: Provider) -> None:
    provider.to_recipient = "550 5.1.1 no such user"


def defer(provider: Provider) -> None:
    provider.to_data = "451 4.3.0 try again later"


def fall_silent(provider: Provider) -> None:
    provider.silence = 3.0


def go_down(provider: Provider) -> None:
    provider._controller.stop()


@pytest.fixture
def troubled() -> Iterator[Provider]:
    """Give a provider that the test may stop by itself."""
    provider = Provider()
    provider._controller.start()
    yield provider
    if provider._controller.server is not None:
        provider._controller.stop()


WAITS = [30, 60, 120, 240, 480, 960, 1920]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (refuse_recipient, "SMTPRecipientsRefused: {'nguoi-0@don-vi.vn': (550, b'5.1.1 no such user')}"),
        (defer, "SMTPDataError: (451, b'4.3.0 try again later')"),
        (go_down, "ConnectionRefusedError: [Errno 111] Connection refused"),
    ],
)
def test_failing_message_waits_longer_each_time_and_is_given_up(
    context: Flask, database: str, clock: Clock, troubled: Provider, trouble: Callable[[Provider], None], said: str
) -> None:
    gateway = MailGateway(troubled.url, SENDER)
    post()
    trouble(troubled)
    waits: list[float] = []
    for number in range(1, messaging.MAX_TRIES):
        assert messaging.deliver(gateway) == 0
        row = stored()
        assert (row.state, row.tries, row.body, row.error) == ("waiting", number, "Mã: ABCD-EFGH", said)
        waits.append((row.next_at - clock.at).total_seconds())
        clock.set(row.next_at - MOMENT)
        assert messaging.deliver(gateway) == 0
        assert stored().tries == number  # not a moment earlier
        clock.advance(microseconds=1)
    assert waits == WAITS
    assert messaging.deliver(gateway) == 0
    row = stored()
    assert (row.state, row.tries, row.body, row.error) == ("failed", messaging.MAX_TRIES, "", said)
    clock.advance(days=30)
    assert messaging.deliver(gateway) == 0
    assert (stored().tries, troubled.messages) == (messaging.MAX_TRIES, [])


def test_message_goes_out_once_the_provider_is_well_again(
    gateway: MailGateway, provider: Provider, clock: Clock
) -> None:
    defer(provider)
    post()
    assert messaging.deliver(gateway) == 0
    provider.to_data = ""
    clock.set(stored().next_at)
    assert messaging.deliver(gateway) == 1
    row = stored()
    assert (row.state, row.tries, row.error, len(provider.messages)) == ("sent", 2, "", 1)


def test_one_message_that_is_refused_holds_up_no_other(gateway: MailGateway, provider: Provider, clock: Clock) -> None:
    with transaction():
        messaging.post("hai@a.vn, ba@b.vn", "Sai địa chỉ", "x", at=clock.at)
    clock.advance(seconds=1)
    post(3)
    assert messaging.deliver(gateway) == 3
    assert recipients(provider) == [f"nguoi-{n}@don-vi.vn" for n in range(3)]


@pytest.mark.parametrize("trouble", [fall_silent, go_down])
def test_provider_that_is_away_is_asked_once_at_a_time(
    context: Flask,
    database: str,
    clock: Clock,
    troubled: Provider,
    trouble: Callable[[Provider], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    post(5)
    trouble(troubled)
    assert messaging.deliver(MailGateway(troubled.url, SENDER)) == 0
    assert sorted(db.session.scalars(sa.select(OutboxMessage.tries))) == [0, 0, 0, 0, 1]


# Nothing but text


HOSTILE = [
    "Kẻ\r\nBcc: x@y.vn\r\n\r\nXin chào",
    "Kẻ\nTo: x@y.vn",
    '<a href="https://xau.example">Bấm vào đây</a>',
    "https://xau.example/dang-nhap?x=1",
    "\u202exy.uax\u202c ngược \u2066tên\u2069",
    "%(link)s %s {{7*7}} ${7*7} {code}",
    "=?utf-8?q?gi=E1=BA=A3?=",
    "Kẻ\n.\nRCPT TO:<x@y.vn>",
    "Ba dòng\u2028khác\x0bnhau\x85đó",
]


@pytest.fixture
def house(make_app: Callable[..., Flask], database: str, provider: Provider, clock: Clock) -> Flask:
    app = make_app(database, SMTP_URL=provider.url, MAIL_FROM=SENDER, BASE_URL=BASE_URL)
    with app.app_context():
        people.organisation()
        people.administrator()
        people.member("m1", email="mot@don-vi.vn")
        with transaction():
            db.session.execute(sa.update(Member).where(Member.code == "m1").values(password_hash=None))
    return app


def send_codes(app: Flask) -> None:
    payload = {"unit": "GOC", "by_mail": True, "base_url": BASE_URL, "locale": "vi"}
    with transaction():
        jobs.ask("invitations", payload, by=people.actor("quantri"), at=worker.clock.now())
    worker.run_once(app)


def send_link(app: Flask) -> None:
    entry.forget_password("m1", locale="vi", address="127.0.0.1")
    worker.run_once(app)


def headers(message: Any) -> dict[str, str]:
    """Return every header but those that differ from mail to mail by right."""
    own = {"message-id", "content-transfer-encoding"}
    return {name: str(value) for name, value in message.items() if name.lower() not in own}


def text(message: Any) -> str:
    """Return what a mail says, with plain ends of lines, whatever the encoding it travelled in."""
    return str(message.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("send", [send_codes, send_link])
def test_names_in_mail_are_text_and_nothing_else(
    house: Flask, provider: Provider, send: Callable[[Flask], None]
) -> None:
    """Put into the tables what no form lets through, and compare with a mail of harmless names."""
    wanted: dict[str, str] | None = None
    for name in ["Nguyễn Văn An", *HOSTILE]:
        with house.app_context():
            with transaction():
                db.session.execute(sa.update(Organisation).values(name_vi=name))
                db.session.execute(sa.update(Member).values(full_name=name))
                db.session.execute(sa.update(Unit).values(name=name, short_name=""))
                db.session.execute(sa.delete(OutboxMessage))
            send(house)
        message = provider.messages.pop()
        assert provider.messages == []
        wanted = wanted or headers(message)
        assert headers(message) == wanted
        assert (wanted["To"], wanted["X-Envelope-To"], "Bcc" in message) == ("mot@don-vi.vn", "mot@don-vi.vn", False)
        assert message.get_content_type() == "text/plain"
        body, kept = text(message), name.replace("\r\n", "\n")
        shown = 3 if send is send_codes else 1
        assert body.count(kept) == shown
        page = "/activate" if send is send_codes else "/reset/"
        assert body.replace(kept, "").count("://") == body.count(f"{BASE_URL}{page}") == 1


def test_forms_and_lists_let_no_hostile_name_through_as_it_is(house: Flask, provider: Provider) -> None:
    client = house.test_client()
    with house.app_context():
        people.enter(client, people.actor("quantri"))
    token = people.csrf(client)

    def enter(code: str, name: str) -> int:
        form = {"csrf_token": token, "code": code, "full_name": name, "unit": "A1", "email": f"{code}@don-vi.vn"}
        return client.post("/manage/members/new", data=form).status_code

    assert [enter(f"h{n}", name) for n, name in enumerate(HOSTILE)] == [303] * len(HOSTILE)
    assert enter("dai", "x" * 10_000) == 422
    assert enter("nul", "Kẻ\x00") == 422
    with house.app_context():
        send_codes(house)
    names = [text(m).split("\n")[0] for m in provider.messages if str(m["To"]).startswith("h")]
    assert sorted(names) == sorted(
        f"Kính gửi {' '.join(name.translate(dict.fromkeys(map(ord, BIDI))).split())} (Công đoàn phòng An Một),"
        for name in HOSTILE
    )


BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("subject", ["Kẻ\r\nBcc: x@y.vn", "Kẻ\nBcc: x@y.vn", "Kẻ\rBcc: x@y.vn", "Kẻ\u2028Bcc: x@y.vn"])
def test_subject_is_one_line(gateway: MailGateway, provider: Provider, clock: Clock, subject: str) -> None:
    with transaction():
        messaging.post("mot@don-vi.vn", subject, "x", at=clock.at)
    assert messaging.deliver(gateway) == 1
    message = provider.messages[0]
    assert (str(message["Subject"]), "Bcc" in message, recipients(provider)) == (
        "Kẻ Bcc: x@y.vn", False, ["mot@don-vi.vn"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "recipient",
    ["mot@don-vi.vn\r\nBcc: x@y.vn", "mot@don-vi.vn, x@y.vn", "mot@don-vi.vn x@y.vn", "<mot@don-vi.vn>, <x@y.vn>", ""],
)
def test_recipient_is_one_address_or_the_mail_is_not_sent(
    gateway: MailGateway, provider: Provider, clock: Clock, recipient: str
) -> None:
    with transaction():
        messaging.post(recipient, "Mã kích hoạt", "x", at=clock.at)
    assert messaging.deliver(gateway) == 0
    assert (provider.messages, provider.asked) == ([], 0)


@pytest.mark.parametrize("body", ["x" * 10_000, "ệ" * 10_000, ".\r\n..\r\n.x", "QUIT\r\n.\r\nMAIL FROM:<x@y.vn>"])
def test_body_arrives_as_it_was_written(gateway: MailGateway, provider: Provider, body: str) -> None:
    post(body=body)
    assert messaging.deliver(gateway) == 1
    assert text(provider.messages[0]) == body.replace("\r\n", "\n") + "\n"
    assert max(map(len, provider.messages[0].as_bytes().split(b"\r\n"))) <= 998
