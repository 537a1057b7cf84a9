"""E-mail by SMTP: one message at a time, structured, plain text; called by the worker alone."""

import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

TIMEOUT = 15


_REFUSED = (
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
)


class MailFailed(Exception):
    """The provider did not take the message; it may be tried again."""


class ProviderAway(MailFailed):
    """The provider does not answer: no other message would fare better now."""


@dataclass(frozen=True, slots=True)
class Mail:
    message_id: str
    recipient: str
    subject: str
    body: str
    written_at: datetime


class MailGateway:
    """A provider named by a URL: `smtp://user:password@host:587` (STARTTLS when offered) or `smtps://host:465`."""

    def __init__(self, url: str, sender: str, sender_name: str = "") -> None:
        self._url = urlsplit(url)
        self._sender, self._sender_name = sender, sender_name

    def send(self, mail: Mail) -> None:
        """Hand a message to the provider; raises MailFailed, and ProviderAway when it is not about this message."""
        message = self._compose(mail)
        try:
            with closing(self._connect()) as server:
                server.send_message(message)
                with suppress(OSError):  # it has been taken: whatever follows must not have it sent again
                    server.quit()
        except _REFUSED as error:
            raise MailFailed(f"{type(error).__name__}: {error}") from error
        except OSError as error:  # smtplib's own errors are among them
            raise ProviderAway(f"{type(error).__name__}: {error}") from error

    def _compose(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["Message-ID"] = f"<{mail.message_id}>"
        message["Date"] = mail.written_at
        message["From"] = _address(self._sender, self._sender_name)
        message["To"] = _address(mail.recipient)
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


def _address(addr_spec: str, name: str = "") -> Address:
    """Return one address; raises MailFailed for what is none, or more than one."""
    try:
        return Address(name, addr_spec=addr_spec)
    except (MessageError, ValueError, IndexError) as error:  # the parser fails in all three ways
        raise MailFailed(f"{type(error).__name__}: {error}") from error
