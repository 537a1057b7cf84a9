"""E-mail by SMTP: one message at a time, structured, plain text; called by the worker alone."""

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

TIMEOUT = 15


class MailFailed(Exception):
    """The provider did not take the message; it may be tried again."""


@dataclass(frozen=True, slots=True)
class Mail:
    message_id: str
    recipient: str
    subject: str
    body: str


class MailGateway:
    """A provider named by a URL: `smtp://user:password@host:587` (STARTTLS when offered) or `smtps://host:465`."""

    def __init__(self, url: str, sender: str, sender_name: str = "") -> None:
        self._url = urlsplit(url)
        self._sender, self._sender_name = sender, sender_name

    def send(self, mail: Mail) -> None:
        """Hand a message to the provider; raises MailFailed."""
        try:
            message = self._compose(mail)
            with self._connect() as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise MailFailed(f"{type(error).__name__}: {error}") from error

    def _compose(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["Message-ID"] = f"<{mail.message_id}>"
        message["From"] = Address(self._sender_name, addr_spec=self._sender)
        message["To"] = Address(addr_spec=mail.recipient)
        message["Subject"] = " ".join(mail.subject.split())
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.body)
        return message

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server
