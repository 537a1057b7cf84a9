"""The session's cookie, dated by our own clock: a step of the system's signs nobody out."""

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from contest import clock


class _Signer(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())

    def unsign(self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        """Refuse what is too old, never what seems to be of the future: a node ahead of this one has signed it."""
        value, signed_at = super().unsign(signed_value, return_timestamp=True)
        if max_age is not None and (clock.now() - signed_at).total_seconds() > max_age:
            raise SignatureExpired("The session is over.", payload=value, date_signed=signed_at)
        return (value, signed_at) if return_timestamp else value


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions in signed cookies, with our clock."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = _Signer
        return serializer
