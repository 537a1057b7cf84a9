"""Fixtures of all tests: the application on a fresh database, the clock, real servers, a real browser.

A test that asks for `database` runs on SQLite and on PostgreSQL; one that asks for `app` or `client` alone runs on SQLite.
"""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from contest import clock as clock_module
from contest import config, create_app
from contest.db import db, editions, release
from contest.gateways import assets
from contest.services import grading
from contest.services.attempts import content, drawing, news
from contest.services.contests import schedules
from tests import servers, sizes

NOON = datetime(2026, 5, 20, 5, 0, tzinfo=UTC)  # noon in Hà Nội
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how large the parts of the house have grown."""
    for line in sizes.report():
        terminalreporter.write_line(line)


def pytest_collection_finish() -> None:
    """Let the collector of garbage not look through modules and tests again and again: they stay to the end."""
    gc.collect()
    gc.freeze()


class Clock:
    """The time as tests set it; it stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def set(self, at: datetime) -> None:
        self.at = at

    def advance(self, **span: float) -> None:
        """Move on by days, hours, minutes, seconds …, as timedelta takes them."""
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> Iterator[Clock]:
    source = Clock()
    clock_module.set_source(source)
    yield source
    clock_module.set_source(None)


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an instance folder with its secret and the built static files."""
    folder = tmp_path_factory.mktemp("instance")
    config.prepare_instance(folder, development=False)
    assets.build(config.ROOT / "static", folder / "assets")
    return folder


@pytest.fixture(scope="session")
def settings_for(instance: Path) -> Callable[..., config.Settings]:
    """Return what makes settings of a database's URL; further variables of the environment override the rest."""

    def make(database_url: str, **environ: str) -> config.Settings:
        given = {"INSTANCE_PATH": str(instance), "APP_ENV": "test", "BASE_URL": "http://localhost"}
        return config.load({**given, "DATABASE_URL": database_url, **environ})

    return make


def _migrate(settings: config.Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, settings_for: Callable[..., config.Settings]) -> Path:
    """Return a migrated, empty database file to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(settings_for(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    with servers.postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_template(postgres: servers.Postgres, settings_for: Callable[..., config.Settings]) -> str:
    """Return the name of a migrated, empty database to be copied."""
    name = postgres.create()
    _migrate(settings_for(postgres.url(name)))
    return name


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "contest.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: servers.Postgres, postgres_template: str) -> Iterator[str]:
    name = postgres.create(template=postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """Return the URL of a fresh database, once for each of the two."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of the test's database: SQLite, unless the test asks for both."""
    url: str = request.getfixturevalue("database" if "database" in request.fixturenames else "sqlite_url")
    return url


@pytest.fixture(scope="session")
def templates_kept(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_app(
    settings_for: Callable[..., config.Settings], templates_kept: FileSystemBytecodeCache
) -> Iterator[Callable[..., Flask]]:
    """Return what makes an application on a database, with variables of the environment as keywords."""
    made: list[Flask] = []

    def make(database_url: str, **environ: str) -> Flask:
        app = create_app(settings_for(database_url, **environ))
        app.jinja_env.bytecode_cache = templates_kept
        made.append(app)
        return app

    yield make
    for app in made:
        _forget(app)


def _forget(app: Flask) -> None:
    """Leave nothing of an application in this process: it keeps what belongs to one database only."""
    with app.app_context():
        db.session.remove()
        release()
        db.engine.dispose()
    app.extensions["cache"].clear()
    forget_kept()


def forget_kept() -> None:
    """Drop what this process keeps of one database's immutable content."""
    content.forget()
    news.forget()
    drawing.forget()
    schedules.forget()
    grading.forget()
    editions.forget()


@pytest.fixture
def app(make_app: Callable[..., Flask], database_url: str) -> Flask:
    return make_app(database_url)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """Enter the application's context, for tests that call services."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def smtp() -> Iterator[servers.Mailbox]:
    with servers.Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def live_server(instance: Path, database_url: str, tmp_path: Path) -> Iterator[str]:
    """Serve the test's database by the real server on a free port and return its address."""
    environ = {"APP_ENV": "development", "DATABASE_URL": database_url, "INSTANCE_PATH": str(instance), "WORKERS": "1"}
    with servers.application(environ, tmp_path) as address:
        yield address


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    quiet = ("gpu", "quic", "background-networking", "component-update", "sync")
    arguments = [*(f"--disable-{name}" for name in quiet), "--no-first-run"]
    if os.getuid() == 0:
        arguments.append("--no-sandbox")
    found = playwright.chromium.launch(executable_path=servers.find_program("chromium"), args=arguments)
    yield found
    found.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """Return what runs axe-core on a page and lists the violations, each with where it is."""
    source = AXE.read_text(encoding="utf-8")

    def violations(page: Page) -> list[str]:
        page.evaluate(source)
        found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
        return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found for n in v["nodes"]]

    return violations
