"""Settings: what is read, what it means, and with what production refuses to start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contest import config
from contest.config import Misconfigured, load, prepare_instance

SECRET = "q8Zr2Lm5Vx7Kp1Tn9Wd4Hs6Jb3Fg0YcE"
PRODUCTION = {"APP_ENV": "production", "SECRET_KEY": SECRET, "BASE_URL": "https://hoithi.example"}


def settings(tmp_path: Path, **environ: str) -> config.Settings:
    return load({"INSTANCE_PATH": str(tmp_path), **environ})


def test_production_is_the_default(tmp_path):
    found = settings(tmp_path, SECRET_KEY=SECRET, BASE_URL="https://hoithi.example")
    assert (found.app_env, found.is_production, found.is_https) == ("production", True, True)


def test_defaults_serve_this_machine_from_sqlite(tmp_path):
    prepare_instance(tmp_path, development=True)
    found = settings(tmp_path)
    assert (found.app_env, found.host, found.port, found.workers) == ("development", "127.0.0.1", 8000, 1)
    assert (found.database_url, found.redis_url) == (f"sqlite:///{tmp_path / 'contest.db'}", "")
    assert (found.base_url, found.trusted_proxies, found.is_https) == ("http://127.0.0.1:8000", 0, False)


def test_a_folder_that_was_prepared_is_development_unless_told_otherwise(tmp_path):
    prepare_instance(tmp_path, development=True)
    assert settings(tmp_path).app_env == "development"
    assert settings(tmp_path, **PRODUCTION).app_env == "production"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": SECRET[:31]}, "SECRET_KEY"),
        ({"SECRET_KEY": "abcdefg" * 5}, "SECRET_KEY"),
        ({"BASE_URL": ""}, "BASE_URL"),
        ({"BASE_URL": "hoithi.example"}, "BASE_URL"),
        ({"BASE_URL": "https://"}, "BASE_URL"),
        ({"BASE_URL": "ftp://hoithi.example"}, "BASE_URL"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"APP_ENV": "staging"}, "APP_ENV"),
        ({"PORT": "eighty"}, "PORT"),
        ({"WORKERS": "1.5"}, "WORKERS"),
        ({"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES"),
    ],
)
def test_production_refuses_to_start(tmp_path, changed, said):
    with pytest.raises(Misconfigured, match=said):
        settings(tmp_path, **{**PRODUCTION, **changed})


@pytest.mark.parametrize(
    "changed", [{}, {"SECRET_KEY": SECRET[:32]}, {"SECRET_KEY": "abcdefgh" * 4}, {"FLASK_DEBUG": "0"}]
)
def test_production_starts(tmp_path, changed):
    assert settings(tmp_path, **{**PRODUCTION, **changed}).is_production


def test_production_does_not_take_the_secret_of_development(tmp_path):
    prepare_instance(tmp_path, development=True)
    with pytest.raises(Misconfigured, match="SECRET_KEY"):
        settings(tmp_path, APP_ENV="production", BASE_URL="https://hoithi.example")


def test_the_server_refuses_to_start_in_production_without_a_secret(instance, sqlite_url):
    environ = {**os.environ, **PRODUCTION, "SECRET_KEY": "", "INSTANCE_PATH": str(instance), "DATABASE_URL": sqlite_url}
    command = [sys.executable, "-m", "contest.serve"]
    done = subprocess.run(
        command, env=environ, cwd=config.ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (
        1,
        "SECRET_KEY is missing or too weak: production needs 32 random characters or more.",
    )


def test_secret_is_made_once_and_read_by_its_owner_alone(tmp_path):
    folder = tmp_path / "instance"
    prepare_instance(folder, development=False)
    secret = (folder / "secret").read_text()
    prepare_instance(folder, development=True)
    assert (folder / "secret").read_text() == secret
    assert (len(secret), (folder / "secret").stat().st_mode & 0o777) == (64, 0o600)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert settings(folder).secret_key == secret


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgresql://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgresql+psycopg://a@b/c", "postgresql+psycopg://a@b/c"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_databases_are_spoken_to_by_the_driver_that_is_shipped(tmp_path, given, used):
    found = settings(tmp_path, **PRODUCTION, DATABASE_URL=given, MIGRATION_DATABASE_URL=given)
    assert (found.database_url, found.migration_database_url) == (used, used)
    assert found.is_sqlite is given.startswith("sqlite")


@pytest.mark.parametrize(
    ("database", "given", "workers"), [("", "", 1), ("", "3", 3), ("postgresql://a@b/c", "", os.cpu_count())]
)
def test_sqlite_is_served_by_one_worker_unless_told_otherwise(tmp_path, database, given, workers):
    assert settings(tmp_path, **PRODUCTION, DATABASE_URL=database, WORKERS=given).workers == workers


@pytest.mark.parametrize("base", ["https://hoithi.example", "https://hoithi.example/", "https://hoithi.example//"])
def test_base_url_has_no_slash_at_its_end(tmp_path, base):
    found = settings(tmp_path, **{**PRODUCTION, "BASE_URL": base})
    assert (found.base_url, found.base_host) == ("https://hoithi.example", "hoithi.example")


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SMTP_URL"])
def test_secret_may_lie_in_a_file(tmp_path, name):
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    assert SECRET in str(settings(tmp_path, **{**PRODUCTION, name: "", f"{name}_FILE": str(file)}))
    with pytest.raises(Misconfigured, match=f"{name} and {name}_FILE are both set"):
        settings(tmp_path, **{**PRODUCTION, name: SECRET, f"{name}_FILE": str(file)})
    with pytest.raises(Misconfigured, match=f"{name}_FILE is '.*absent', which cannot be read: No such file"):
        settings(tmp_path, **{**PRODUCTION, name: "", f"{name}_FILE": str(tmp_path / "absent")})


def test_replica_goes_with_postgresql_alone(tmp_path):
    primary = "postgresql://a@b/c"
    assert settings(tmp_path, **PRODUCTION).read_database_url == ""
    found = settings(tmp_path, **PRODUCTION, DATABASE_URL=primary, READ_DATABASE_URL="postgres://a@r/c")
    assert found.read_database_url == "postgresql+psycopg://a@r/c"
    with pytest.raises(Misconfigured, match="READ_DATABASE_URL is set, but SQLite has no replica"):
        settings(tmp_path, **PRODUCTION, READ_DATABASE_URL="postgres://a@r/c")
    for given in ("sqlite:////tmp/x.db", "mysql://a@b/c", "replica.example"):
        with pytest.raises(Misconfigured, match="READ_DATABASE_URL is no address of a PostgreSQL server"):
            settings(tmp_path, **PRODUCTION, DATABASE_URL=primary, READ_DATABASE_URL=given)


def test_address_of_the_replica_may_lie_in_a_file(tmp_path):
    (tmp_path / "secret").write_text("postgresql://a:b@r/c\n")
    told = {"DATABASE_URL": "postgresql://a@b/c", "READ_DATABASE_URL_FILE": str(tmp_path / "secret")}
    assert settings(tmp_path, **PRODUCTION, **told).read_database_url == "postgresql+psycopg://a:b@r/c"


def test_setting_that_is_no_secret_does_not_lie_in_a_file(tmp_path):
    (tmp_path / "port").write_text("9000")
    assert settings(tmp_path, **PRODUCTION, PORT_FILE=str(tmp_path / "port")).port == 8000
