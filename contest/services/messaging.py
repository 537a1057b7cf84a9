"""The outbox: a message is a row of the command's own transaction; the worker sends it and tries again."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from contest import clock
from contest.db import db, rowcount, transaction
from contest.gateways.mail import Mail, MailFailed, MailGateway, ProviderAway
from contest.models.messages import OutboxMessage

MAX_TRIES = 8
LEASE = timedelta(minutes=2)


def post(recipient: str, subject: str, body: str, *, at: datetime) -> None:
    """Put a message into the outbox inside the caller's transaction."""
    message_id = f"{secrets.token_hex(16)}@hoi-thi"
    db.session.add(
        OutboxMessage(message_id=message_id, recipient=recipient, subject=subject, body=body, next_at=at, created_at=at)
    )


def deliver(gateway: MailGateway, *, limit: int = 20) -> int:
    """Send what is due and return how many went out; a message that fails waits longer each time.

    A provider that is away is asked once: the worker has other things to do than to wait for it twenty times.
    """
    sent = 0
    for _ in range(limit):
        message = _lease(clock.now())
        if message is None:
            return sent
        try:
            gateway.send(Mail(message.message_id, message.recipient, message.subject, message.body, message.created_at))
        except MailFailed as failure:
            _postpone(message, str(failure))
            if isinstance(failure, ProviderAway):
                return sent
        else:
            _close(message)
            sent += 1
    return sent


def _lease(at: datetime) -> OutboxMessage | None:
    """Take one due message; the lease keeps a second worker from sending it too."""
    with transaction(shared=False):
        due = sa.select(OutboxMessage).where(OutboxMessage.state == "waiting", OutboxMessage.next_at <= at)
        message = db.session.scalar(due.order_by(OutboxMessage.next_at).limit(1))
        if message is None:
            return None
        mine = sa.update(OutboxMessage).where(
            OutboxMessage.id == message.id, OutboxMessage.state == "waiting", OutboxMessage.next_at == message.next_at
        )
        return message if rowcount(mine.values(next_at=at + LEASE, tries=message.tries + 1)) else None


def _postpone(message: OutboxMessage, error: str) -> None:
    state = "failed" if message.tries >= MAX_TRIES else "waiting"  # the lease has counted this try
    body = message.body if state == "waiting" else ""  # what is given up keeps no link and no code
    again = clock.now() + timedelta(seconds=15 * 2**message.tries)
    with transaction(shared=False):
        db.session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id == message.id)
            .values(state=state, next_at=again, error=error[:300], body=body)
        )


def _close(message: OutboxMessage) -> None:
    with transaction(shared=False):
        db.session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.id == message.id)
            .values(state="sent", sent_at=clock.now(), body="", error="")
        )
