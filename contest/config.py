"""Settings from the environment; the defaults run on SQLite under `instance/`."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
_MAY_LIE_IN_FILES = (
    "SECRET_KEY",
    "DATABASE_URL",
    "MIGRATION_DATABASE_URL",
    "READ_DATABASE_URL",
    "REDIS_URL",
    "SMTP_URL",
)
_POSTGRESQL = "postgresql+psycopg://"  # by the driver that we ship
VERSION = "0.1.0"
DRAIN_SECONDS = 5  # in production: long enough for what stands in front to see that this server takes no more
STARTS_PER_MINUTE = 6000  # of each round, about twice what one machine of two cores bears


class Misconfigured(SystemExit):
    """A setting with which it would be unsafe to start."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment decides; see docs/operators.md for each."""

    instance: Path
    app_env: str
    database_url: str
    migration_database_url: str
    read_database_url: str
    redis_url: str
    secret_key: str
    base_url: str
    host: str
    port: int
    workers: int
    trusted_proxies: int
    smtp_url: str
    mail_from: str
    starts_per_minute: int
    log_requests: str
    metrics_token: str
    drain_seconds: int
    runtime: Path | None

    @property
    def is_production(self) -> bool:
        return self.app_env == "production"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def base_host(self) -> str:
        return urlsplit(self.base_url).netloc

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def assets(self) -> Path:
        return self.instance / "assets"


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises Misconfigured where starting would be unsafe."""
    environ = {**environ, **_from_files(environ)}
    instance = Path(environ.get("INSTANCE_PATH", ROOT / "instance"))
    app_env = environ.get("APP_ENV") or ("development" if (instance / "development").exists() else "production")
    if app_env not in {"production", "development", "test"}:
        raise Misconfigured(f"APP_ENV is {app_env!r}: use production or development.")
    host, port = environ.get("HOST", "127.0.0.1"), _number(environ, "PORT", 8000)
    database_url = environ.get("DATABASE_URL") or f"sqlite:///{instance / 'contest.db'}"
    settings = Settings(
        instance=instance,
        app_env=app_env,
        database_url=_driver(database_url),
        migration_database_url=_driver(environ.get("MIGRATION_DATABASE_URL", "")),
        read_database_url=_driver(environ.get("READ_DATABASE_URL", "")),
        redis_url=environ.get("REDIS_URL", ""),
        secret_key=environ.get("SECRET_KEY") or _stored_secret(instance, app_env),
        base_url=(environ.get("BASE_URL") or ("" if app_env == "production" else f"http://{host}:{port}")).rstrip("/"),
        host=host,
        port=port,
        workers=_number(environ, "WORKERS", 1 if database_url.startswith("sqlite") else os.cpu_count() or 1),
        trusted_proxies=_number(environ, "TRUSTED_PROXIES", 0),
        smtp_url=environ.get("SMTP_URL", ""),
        mail_from=environ.get("MAIL_FROM", ""),
        starts_per_minute=_number(environ, "STARTS_PER_MINUTE", STARTS_PER_MINUTE),
        log_requests=environ.get("LOG_REQUESTS") or "problems",
        metrics_token=environ.get("METRICS_TOKEN", ""),
        drain_seconds=_number(environ, "DRAIN_SECONDS", DRAIN_SECONDS if app_env == "production" else 0),
        runtime=Path(environ["RUNTIME_PATH"]) if environ.get("RUNTIME_PATH") else None,
    )
    _refuse_unsafe(settings, environ)
    return settings


def _from_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of which NAME_FILE names a file that holds them, as secrets of containers do."""
    found = {}
    for name in _MAY_LIE_IN_FILES:
        if path := environ.get(f"{name}_FILE"):
            if environ.get(name):
                raise Misconfigured(f"{name} and {name}_FILE are both set: which of them is meant?")
            try:
                found[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise Misconfigured(f"{name}_FILE is {path!r}, which cannot be read: {error.strerror}.") from None
    return found


def _refuse_unsafe(settings: Settings, environ: Mapping[str, str]) -> None:
    if settings.read_database_url and settings.is_sqlite:
        raise Misconfigured("READ_DATABASE_URL is set, but SQLite has no replica: it goes with PostgreSQL alone.")
    if settings.read_database_url and not settings.read_database_url.startswith(_POSTGRESQL):
        raise Misconfigured("READ_DATABASE_URL is no address of a PostgreSQL server: use postgresql://…, or nothing.")
    if settings.starts_per_minute < 0:
        raise Misconfigured(f"STARTS_PER_MINUTE is {settings.starts_per_minute}: use 0 for no limit, or a rate.")
    if settings.drain_seconds < 0:
        raise Misconfigured(f"DRAIN_SECONDS is {settings.drain_seconds}: use 0 to stop at once, or seconds.")
    if settings.log_requests not in {"problems", "all"}:
        raise Misconfigured(f"LOG_REQUESTS is {settings.log_requests!r}: use problems or all.")
    if settings.metrics_token and len(settings.metrics_token) < 16:
        raise Misconfigured("METRICS_TOKEN is too short: 16 random characters or more are needed, or none.")
    if settings.is_production:
        if len(settings.secret_key) < 32 or len(set(settings.secret_key)) < 8:
            raise Misconfigured("SECRET_KEY is missing or too weak: production needs 32 random characters or more.")
        base = urlsplit(settings.base_url)
        if base.scheme not in {"http", "https"} or not base.hostname:
            raise Misconfigured("BASE_URL is missing: production needs the address under which members reach it.")
        if environ.get("FLASK_DEBUG", "0") not in {"", "0"}:
            raise Misconfigured("FLASK_DEBUG is on: never in production.")


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(environ.get(name) or default)
    except ValueError:
        raise Misconfigured(f"{name} is {environ[name]!r}: a whole number is needed.") from None


def _driver(url: str) -> str:
    """Name the driver we ship: psycopg 3 for PostgreSQL."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return _POSTGRESQL + url.removeprefix(prefix)
    return url


def _stored_secret(instance: Path, app_env: str) -> str:
    """Return the secret that `./run` keeps for development; production has to name its own."""
    path = instance / "secret"
    if app_env == "production" or not path.exists():
        return ""
    return path.read_text(encoding="ascii").strip()


def prepare_instance(instance: Path, *, development: bool) -> None:
    """Make `instance/` (0700) with its secret (0600) and, in development, the mark that says so."""
    instance.mkdir(parents=True, exist_ok=True)
    instance.chmod(0o700)  # the database lies here, with what it knows of people
    secret = instance / "secret"
    if not secret.exists():
        descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    if development:
        (instance / "development").touch()
