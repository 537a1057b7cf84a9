"""Hội Thi. `create_app()` is the one place where the parts meet; it starts nothing."""

import multiprocessing
import os
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import Any
from wsgiref.headers import Headers

import sqlalchemy as sa
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from contest import config, db, models
from contest.db import session
from contest.gateways import assets, logs, memory, parent, turns
from contest.gateways.cache import Cache

BODY_LIMIT = 1_000_000  # of requests that upload no file
PARTS_LIMIT = 1_000
# A server that is gone without a word is given up after seconds, not after the quarter of an hour that TCP waits.
_GIVEN_UP = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
             "tcp_user_timeout": 15000}  # fmt: skip


class App(Flask):
    """Flask without the question, asked ten times a request, whether what it calls is a coroutine: nothing here is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: config.Settings | None = None, *, migrates: bool = True) -> Flask:
    """Build the application from its settings, which by default are the environment's.

    A process that serves never `migrates`, and is ten megabytes smaller without what that takes.
    """
    settings = settings or config.load()
    app = App(__name__, template_folder=str(config.ROOT / "templates"), static_folder=None)
    app.config.update(_flask_config(settings), SETTINGS=settings)
    app.extensions["cache"] = Cache(settings.redis_url)
    db.db.init_app(app)
    with app.app_context():
        db.prepare(db.db.engine)
        if settings.read_database_url:
            options = _engine_options(settings, settings.read_database_url, connect_timeout=2)  # somebody waits for it
            db.follow(db.db.engine, settings.read_database_url, options)
    app.before_request(session.begin_request)
    app.teardown_request(session.end_request)
    if migrates:
        from flask_migrate import Migrate

        Migrate(app, db.db, directory=str(config.ROOT / "migrations"), render_as_batch=True, compare_type=True)
    app.config["ASSETS_VERSION"] = version = _serve_assets(app, settings)
    app.config["MODULES_OF"] = cache(partial(assets.modules_of, settings.assets / "static" / version))
    _register(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def set_apart(app: Flask) -> None:
    """Make an application ready for processes that are to be forked from this one: none goes on with a connection of another."""
    with app.app_context():
        db.db.engine.dispose()
    memory.keep_still()


def create_server(built: Flask | None = None) -> Flask:
    """Build the application as a process of a server runs it: with what goes on beside the requests. A command has none of it.

    What was `built` before this process was forked is taken as it is. What a command answers stands on standard output,
    so that it says what happens elsewhere.
    """
    from contest import web
    from contest.web import busy

    settings, is_command = config.load(), os.environ.get("FLASK_RUN_FROM_CLI") == "true"
    logs.speak(as_json=settings.is_production, stream="stderr" if is_command else "stdout")
    app = built or create_app(settings, migrates=is_command)
    if not is_command:
        started_by = multiprocessing.parent_process()
        parent.end_with_it(started_by.pid if started_by else None)
        memory.keep_together()  # before there are other threads
        web.keep(app)
    app.wsgi_app = turns.Turns(app.wsgi_app, busy.of(app))  # type: ignore[method-assign]
    db.crowd.is_waiting, db.crowd.leave = turns.is_waited_for, turns.leave
    if not is_command:
        memory.keep_still()
    return app


def _register(app: Flask) -> None:
    from contest import cli, web  # they need the models' metadata, which `models` has completed by now

    assert models.__all__
    web.register(app)
    cli.register(app)


def _flask_config(settings: config.Settings) -> dict[str, object]:
    host = settings.base_host.rsplit(":", 1)[0]
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings, settings.database_url),
        "SESSION_COOKIE_NAME": "__Host-session" if settings.is_https else "hoithi-session",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_CHECK_DEFAULT": True,
        "WTF_CSRF_SSL_STRICT": False,  # the gate checks Origin on every change, with and without TLS
        "MAX_CONTENT_LENGTH": BODY_LIMIT,
        "MAX_FORM_MEMORY_SIZE": BODY_LIMIT,
        "MAX_FORM_PARTS": PARTS_LIMIT,
        "TRUSTED_HOSTS": None if settings.app_env != "production" else [host],
        "JSON_SORT_KEYS": False,
    }


def _engine_options(settings: config.Settings, url: str, **own: int) -> dict[str, object]:
    quiet = {"hide_parameters": True}  # what people typed stands in no error
    lifo = {"pool_use_lifo": True}  # few connections are used again and again, and few fill their caches
    if settings.is_sqlite:
        from pysqlite3 import dbapi2

        return {**quiet, **lifo, "module": dbapi2, "connect_args": {"timeout": 10}}
    named = sa.make_url(url).query
    connecting = {name: value for name, value in (_GIVEN_UP | own).items() if name not in named}
    pool = {"pool_size": 5, "max_overflow": 10, "pool_pre_ping": False, "pool_recycle": 1800}
    return {**quiet, **lifo, **pool, "connect_args": connecting}


def _serve_assets(app: Flask, settings: config.Settings) -> str:
    """Serve the built static files for ever; raises Misconfigured when they have not been built."""
    try:
        version = assets.built_version(settings.assets)
    except FileNotFoundError:
        raise config.Misconfigured("The static files are not built: run ./run --setup-only.") from None
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(settings.assets),
        max_age=31536000,
        immutable_file_test=lambda path, url: True,
        add_headers_function=_bound_worker,
        allow_all_origins=False,
    )
    return version


def _bound_worker(headers: Headers, _path: str, url: str) -> None:
    """Let the worker of the running paper rule over attempts and nothing else, and reach nothing but this host."""
    if url.endswith("/js/worker.js"):
        headers["Service-Worker-Allowed"] = "/attempts/"
        headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
