"""The one gate: a request passes only by the policy that its route declares.

The gate decides verb × role; whether an object is in scope, the service's query decides, and what is not is not found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user

from contest import clock
from contest.config import Settings
from contest.errors import Forbidden, NotFound, Unauthenticated
from contest.rules.permissions import Actor, Permission
from contest.rules.refusals import Refusal
from contest.rules.windows import arrival
from contest.services import minutes
from contest.services.members import sessions
from contest.web.cookies import Csrf, Sessions
from contest.web.headers import Headed

View = TypeVar("View", bound=Callable[..., Any])
Shown = TypeVar("Shown")
csrf = Csrf()

ARRIVED = "contest.arrived"  # in the environment, where the server takes turns: when a request came to it
SAVING = "attempts.save"
_KEPT = {200, 206, 304}


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route lets through: everybody, anyone signed in, or those with a permission."""

    permission: Permission | None = None
    is_public: bool = False
    is_cacheable: bool = False
    by_cookie: bool = False
    is_kept: bool = False
    body_limit: int | None = None


def public(view: View) -> View:
    """Let everybody through, signed in or not."""
    return _declare(view, Policy(is_public=True))


def public_cache(view: View) -> View:
    """Let everybody through to what is the same for all, and let caches keep it."""
    return _declare(view, Policy(is_public=True, is_cacheable=True))


def same_for_all() -> bool:
    """Say whether this answer of a public route is for somebody without a session, and from now on hold nothing of one.

    What `keep` then gives to caches is the same for everybody who comes without one.
    """
    if session or current_app.config["SESSION_COOKIE_NAME"] in request.cookies:
        return False
    g.same_for_all = True
    return True


def keep(response: Response, seconds: int) -> Response:
    """Let caches keep an answer that is the same for all for some seconds, and let whoever has it ask whether it still is."""
    response.cache_control.public, response.cache_control.max_age = True, seconds
    response.vary.add("Cookie")
    response.add_etag()
    response.make_conditional(request)
    return response


def policy(
    permission: Permission, *, by_cookie: bool = False, is_kept: bool = False, body_limit: int | None = None
) -> Callable[[View], View]:
    """Let through who has the permission.

    `by_cookie`: the view's own statement judges the session, not the gate. `is_kept`: what is answered never changes
    under its address, and the reader's own browser may keep it.
    """
    return lambda view: _declare(view, Policy(permission, by_cookie=by_cookie, is_kept=is_kept, body_limit=body_limit))


def _declare(view: View, declared: Policy) -> View:
    setattr(view, "policy", declared)  # noqa: B010 (functions take attributes, their type does not say so)
    return view


def policy_of(app: Flask, endpoint: str | None) -> Policy | None:
    """Return what an endpoint declares; None means that nobody reaches it."""
    return getattr(app.view_functions.get(endpoint or ""), "policy", None)


class Visitor(UserMixin):
    """A signed-in actor in Flask-Login's words; the cookie holds member, epoch and session id."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        return f"{self.actor.member_id}.{self.actor.epoch}.{self.actor.session_id}"


def _parse(user_id: str) -> tuple[int, int, str] | None:
    member, _, rest = user_id.partition(".")
    epoch, _, session_id = rest.partition(".")
    return (int(member), int(epoch), session_id) if member.isdigit() and epoch.isdigit() and session_id else None


def _load(user_id: str) -> Visitor | None:
    parsed = _parse(user_id)
    actor = sessions.find_actor(*parsed) if parsed else None
    return Visitor(actor) if actor else None


def begin_session(actor: Actor) -> None:
    """Sign an actor in under a new session id; nothing of the former session lives on but the language."""
    session.clear()
    session.permanent = True
    login_user(Visitor(actor))


def find_actor() -> Actor | None:
    """Return who is signed in."""
    if "known_actor" in g:
        known: Actor | None = g.known_actor
        return known
    return current_user.actor if current_user.is_authenticated else None


def judged(read: Callable[..., tuple[Actor, Shown]]) -> Shown:
    """Return what a service reads for whom the cookie names, by the statement that judges the session too.

    It then says who they are. Where it finds nothing, the gate says whether that is because the session has ended.
    """
    try:
        g.known_actor, shown = read(by=current_actor())
    except NotFound:
        if find_actor() is None:
            raise Unauthenticated(Refusal("sign-in-needed")) from None
        raise
    return shown


def seen(read: Callable[..., tuple[Actor | None, Shown]]) -> Shown:
    """Return what a service reads for visitors and for whom the cookie names, by the statement that judges the session too."""
    g.known_actor, shown = read(by=_cookie_actor())
    return shown


def current_actor() -> Actor:
    """Return who is signed in, on routes whose policy asks for someone."""
    actor = g.get("known_actor") or g.get("cookie_actor") or find_actor()
    if actor is None:
        raise Unauthenticated(Refusal("sign-in-needed"))
    return actor


def verified_actor() -> Actor:
    """Return who is signed in, where a view has to do what its own statement has not judged."""
    actor = find_actor()
    if actor is None:
        raise Unauthenticated(Refusal("sign-in-needed"))
    g.known_actor = actor
    return actor


def _cookie_actor() -> Actor | None:
    """Return whom the signed cookie names, unverified: the view's own statement does that."""
    parsed = _parse(str(session.get("_user_id", "")))
    return Actor(parsed[0], epoch=parsed[1], session_id=parsed[2]) if parsed else None


def arrived_at(received_at: datetime) -> datetime:
    """Return when the request arrived: by the trusted proxy's stamp (X-Request-Start: t=seconds) or by our clock."""
    settings: Settings = current_app.config["SETTINGS"]
    stamp = request.headers.get("X-Request-Start", "") if settings.trusted_proxies else ""
    try:
        stamped = datetime.fromtimestamp(float(stamp.removeprefix("t=")), UTC) if stamp else None
    except (ValueError, OverflowError, OSError):
        stamped = None
    return arrival(received_at, stamped)


def address() -> str:
    """Return the client's address as the trusted proxies, and nobody else, say it."""
    return request.remote_addr or ""


def register(app: Flask) -> None:
    """Put the gate before every request and the headers behind every response."""
    app.session_interface = Sessions()
    app.wsgi_app = Headed(app.wsgi_app, is_https=app.config["SETTINGS"].is_https)  # type: ignore[method-assign]
    login = LoginManager(app, add_context_processor=False)
    login.session_protection = None
    login.user_loader(_load)
    app.before_request(_admit)
    csrf.init_app(app)
    app.after_request(_guard)
    app.after_request(_count)


def _count(response: Response) -> Response:
    """Count how the server answers, for whoever watches a round."""
    at = clock.now()
    if (request.endpoint or "").startswith("health."):
        return response  # who asks whether this node may take traffic is nobody whom it failed
    if response.status_code >= 500:
        minutes.count_error(at)
    elif request.endpoint == SAVING and response.status_code < 400:
        minutes.count_save(at, at - g.received_at)
    return response


def _admit() -> None:
    g.received_at = request.environ.get(ARRIVED) or clock.now()
    if request.endpoint is None:
        return  # no such route: the error handler answers 404 or 405
    declared = policy_of(current_app, request.endpoint)
    if declared is None or "\0" in request.path or b"%00" in request.query_string:
        raise NotFound  # no text holds a NUL: where SQLite would look for it, PostgreSQL breaks off
    if declared.body_limit is not None:
        request.max_content_length = declared.body_limit
    _check_origin()
    if declared.is_public:
        return
    if declared.by_cookie:
        g.cookie_actor = _cookie_actor()
        if g.cookie_actor is None:
            raise Unauthenticated(Refusal("sign-in-needed"))
        return
    actor = find_actor()
    if actor is None:
        raise Unauthenticated(Refusal("sign-in-needed"))
    if declared.permission is None or not declared.permission(actor):
        raise Forbidden


def _check_origin() -> None:
    """Refuse a change that another site's page asks for."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("Origin")
    if origin and origin != "null" and _host_of(origin) != request.host:
        abort(403)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _guard(response: Response) -> Response:
    declared = policy_of(current_app, request.endpoint)
    is_public = declared is not None and (
        declared.is_cacheable or ("same_for_all" in g and response.status_code in _KEPT)
    )
    if not is_public:
        is_kept = declared is not None and declared.is_kept and response.status_code in _KEPT
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable" if is_kept else "private, no-store"
        if "Vary" in response.headers:
            response.vary.add("Cookie")
        else:
            response.headers["Vary"] = "Cookie"
    return response
