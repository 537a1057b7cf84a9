"""The session's cookie and its token against forgery: signed by the libraries, and what a signature says is kept.

The same text under the same key is signed or not for ever, so a process judges each once; only its age is judged anew.
The age goes by our own clock: a step of the system's signs nobody out.
"""

import hmac
from copy import deepcopy
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import BadData, BadSignature, TimestampSigner, URLSafeTimedSerializer

from contest import clock

_KEPT = 16_384  # texts whose signature has been judged, of each kind
_TOKEN = "csrf_token"  # noqa: S105 – in the session, where Flask-WTF keeps it


class _Signer(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions in signed cookies, with our clock."""

    def __init__(self) -> None:
        self._judged = lru_cache(_KEPT)(self._judge)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = _Signer
        return serializer

    def _judge(self, cookie: str) -> tuple[dict[str, Any], datetime]:
        serializer = self.get_signing_serializer(current_app._get_current_object())  # type: ignore[attr-defined]
        assert serializer is not None
        data, signed_at = serializer.loads(cookie, return_timestamp=True)
        return data, signed_at

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """Return what the cookie holds; nothing for one that is too old. One of the future was signed by a node ahead of us."""
        cookie = request.cookies.get(self.get_cookie_name(app))
        try:
            data, signed_at = self._judged(cookie) if cookie else ({}, clock.now())
        except BadSignature:
            return self.session_class()
        if clock.now() - signed_at > app.permanent_session_lifetime:
            return self.session_class()
        return self.session_class(deepcopy(data) if any(isinstance(v, list | dict) for v in data.values()) else data)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie where something in it has changed; the gate has said already what an answer varies by."""
        if session.modified or "Vary" not in response.headers:
            super().save_session(app, session, response)


class Csrf(CSRFProtect):
    """Flask-WTF's protection; what it refuses, and in what words, the library says."""

    def __init__(self) -> None:
        super().__init__()
        self._signed = lru_cache(_KEPT)(self._unsign)
        self._made = lru_cache(_KEPT)(self._sign)

    def protect(self, apply_exemptions: bool = False) -> None:
        """Let a change through whose token is the session's; raises CSRFError otherwise."""
        if request.method not in current_app.config["WTF_CSRF_METHODS"] or not request.endpoint:
            return
        token, own = request.headers.get("X-CSRFToken") or self._get_csrf_token(), session.get(_TOKEN)
        try:
            is_own = bool(token and own) and hmac.compare_digest(own, self._signed(str(current_app.secret_key), token))
        except (BadData, TypeError):
            is_own = False
        if not is_own:
            super().protect(apply_exemptions)
        g.csrf_valid = True

    def token(self) -> str:
        """Return the session's token for a page, the same for as long as the session lasts."""
        own = session.get(_TOKEN)
        return str(self._made(str(current_app.secret_key), own) if own else generate_csrf())

    @staticmethod
    def _unsign(secret: str, token: str) -> Any:
        return _tokens(secret).loads(token)

    @staticmethod
    def _sign(secret: str, own: str) -> Any:
        return _tokens(secret).dumps(own)


def _tokens(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="wtf-csrf-token")
