"""The units of systemd and the installation in containers: they name what there is, and what is never needed is taken away."""

import os
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from contest import config
from contest.config import ROOT
from contest.gateways import memory
from tests.servers import find_program
from tests.test_docs import settings_read

DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("hoi-thi-*.*") if path.is_file())
STARTED = [
    "hoi-thi-server.service",
    "hoi-thi-web@8001.service",
    "hoi-thi-worker.service",
    "hoi-thi-setup.service",
    "hoi-thi-backup.service",
]
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
REPLICA: dict[str, Any] = yaml.safe_load((DEPLOY / "compose-replica.yaml").read_text(encoding="utf-8"))
OURS = {"web", "worker", "migrate", "backup"}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def known_settings() -> set[str]:
    """Return the names of all settings, and those by which some lie in files."""
    return settings_read() | {f"{name}_FILE" for name in config._MAY_LIE_IN_FILES}


# systemd


@pytest.fixture
def placed(tmp_path: Path) -> Path:
    """Lay the units out as systemd finds them, for the program where it lies here."""
    for path in (DEPLOY / "systemd").rglob("*.*"):
        if path.is_file():
            target = tmp_path / path.relative_to(DEPLOY / "systemd")
            target.parent.mkdir(exist_ok=True)
            text = path.read_text(encoding="utf-8").replace("/srv/hoi-thi", str(ROOT))
            target.write_text(text)
    shutil.copyfile(tmp_path / "hoi-thi-web@.service", tmp_path / "hoi-thi-web@8001.service")
    return tmp_path


def analyse(placed: Path, *more: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "SYSTEMD_UNIT_PATH": f"{placed}:"}
    command = [find_program("systemd-analyze"), *more]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)


def test_systemd_takes_the_units(placed: Path) -> None:
    done = analyse(placed, "verify", "--man=no", *STARTED, "hoi-thi-backup.timer")
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "hoi-thi" in line]
    assert ours == []
    assert {re.sub("@8001", "@", name) for name in STARTED} | {"hoi-thi-backup.timer"} == set(UNITS)


@pytest.mark.parametrize("unit", STARTED)
def test_unit_may_do_little(placed: Path, unit: str) -> None:
    done = analyse(placed, "security", "--offline=true", "--threshold=25", unit)
    assert done.returncode == 0, done.stdout[-1500:]


def test_units_name_what_there_is() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (DEPLOY / "systemd").rglob("*.*") if path.is_file()]
    named = {m for text in texts for m in re.findall(r"/srv/hoi-thi/((?:deploy/)?\w+)(?= |$)", text, re.MULTILINE)}
    assert named - {"instance"} == {"run", "deploy/probe", "deploy/backup"}
    assert all(os.access(ROOT / name, os.X_OK) for name in named - {"instance"})
    given = {
        name
        for text in texts
        for line in re.findall(r"^Environment=(.*)$", text, re.M)
        for name in re.findall(r"(?:^| )(\w+)=", line)
    }
    assert given - known_settings() == {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "GLIBC_TUNABLES"}


@pytest.mark.parametrize("place", ["run", "deploy/Dockerfile", "deploy/systemd/hoi-thi-.service.d/confinement.conf"])
def test_large_pages_are_asked_for_wherever_it_is_served(place: str) -> None:
    assert re.search(rf"GLIBC_TUNABLES\W+{re.escape(memory.ASKED)}\b", (ROOT / place).read_text(encoding="utf-8"))


# Containers


def test_everything_that_is_named_is_there() -> None:
    for kind in ("secrets", "volumes", "networks"):
        used = {
            (found["source"] if isinstance(found, dict) else found.partition(":")[0])
            for service in SERVICES.values()
            for found in service.get(kind, ())
        }
        assert {name for name in used if not name.startswith(".")} == set(COMPOSE[kind]), kind
    waited_for = {name for service in SERVICES.values() for name in service.get("depends_on", {})}
    assert waited_for <= set(SERVICES)
    for service in SERVICES.values():
        for name, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[name]["healthcheck"]
    mounted = [v for service in SERVICES.values() for v in service.get("volumes", ()) if v.startswith("./")]
    assert all((DEPLOY / volume.split(":")[0]).exists() for volume in mounted)


@pytest.mark.parametrize("name", SERVICES)
def test_container_is_nobodys_root_and_writes_nothing_of_its_own(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert "cap_add" not in service
    assert "privileged" not in service
    if "build" not in service:  # those that are built here have their user in the image
        assert service["user"] not in ("root", "0", "0:0")
        assert re.fullmatch(r"docker\.io/library/\w+:[\d.]+-\w+", service["image"])
    assert service["restart"] == ("no" if name in ("migrate", "backup") else "unless-stopped")
    assert "healthcheck" in service


@pytest.mark.parametrize("name", sorted(OURS))
def test_settings_of_containers_are_settings(name: str) -> None:
    service = SERVICES[name]
    assert set(service["environment"]) <= known_settings()
    files = [value for key, value in service["environment"].items() if key.endswith("_FILE")]
    assert {Path(value).name for value in files} == set(service["secrets"])
    assert service["build"]["target"] in re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE)


def test_stores_are_as_they_have_to_be() -> None:
    for safe in ("--fsync=on", "--synchronous_commit=on", "--full_page_writes=on"):
        assert safe in SERVICES["postgres"]["command"]
    redis = " ".join(SERVICES["redis"]["command"])
    assert redis == "redis-server --save  --appendonly no --maxmemory 128mb --maxmemory-policy allkeys-lru"
    release = re.findall(r"postgres:(\d+)-", SERVICES["postgres"]["image"])
    assert re.findall(r"postgresql-client-(\d+)", DOCKERFILE) == release
    assert SERVICES["web"]["deploy"]["replicas"] >= 2
    assert SERVICES["web"]["healthcheck"]["test"][-1] == "deploy/probe"
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == {"nginx", "worker"}


def test_replica_is_added_to_what_is_there() -> None:
    """What stands beside compose.yaml names what there is, asks for no more than its primary, and is as confined."""
    services, own = REPLICA["services"], REPLICA["services"]["replica"]
    assert set(services) == {"web", "worker", "postgres", "replica"}
    for name in ("web", "worker"):
        assert set(services[name]["environment"]) <= known_settings()
    for service in services.values():
        assert set(service["secrets"]) <= set(REPLICA["secrets"])
        mounted = [v.split(":")[0] for v in service.get("volumes", ())]
        assert all((DEPLOY / v).exists() if v.startswith("./") else v in REPLICA["volumes"] for v in mounted)
    for name in ("image", "user", "read_only", "cap_drop", "security_opt", "networks", "tmpfs", "stop_signal"):
        assert own[name] == SERVICES["postgres"][name], name
    assert own["environment"]["PRIMARY_HOST"] in SERVICES
    connections = [o for o in SERVICES["postgres"]["command"] if "max_connections" in o]
    assert [o for o in own["command"] if "max_connections" in o] == connections  # fewer, and it would not start


def test_image_is_built_from_the_lock_by_nobody_of_power() -> None:
    assert re.search(r"--require-hashes --no-deps --only-binary :all: -r requirements\.txt", DOCKERFILE)
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    last_users = {stage.split()[2]: re.findall(r"^USER (\S+)$", stage, re.MULTILINE)[-1:] for stage in stages}
    assert last_users == {
        "packages": [],
        "pgbouncer": ["postgres"],
        "program": ["10001:10001"],
        "tools": ["10001:10001"],
    }
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }
    assert copied == set(allowed)
    assert all((ROOT / name).exists() for name in copied)
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()
    secret = ("deploy/secrets.d", "deploy/tls", "deploy/.env", "instance", ".git")
    assert not [name for name in secret for pattern in allowed if fnmatch(name, pattern)]


def test_secrets_are_made_once_and_fit(tmp_path: Path) -> None:
    shutil.copytree(
        DEPLOY, tmp_path / "deploy", ignore=shutil.ignore_patterns("secrets.d", "tls", ".env", "__pycache__")
    )
    command = [str(tmp_path / "deploy" / "secrets"), "https://hoithi.example"]
    for _ in range(2):
        subprocess.run(command, check=True, capture_output=True)
        made = {path.name: path.read_text().strip() for path in (tmp_path / "deploy" / "secrets.d").iterdir()}
    subprocess.run(command, check=True, capture_output=True)
    assert {path.name: path.read_text().strip() for path in (tmp_path / "deploy" / "secrets.d").iterdir()} == made
    held = {**COMPOSE["secrets"], **REPLICA["secrets"]}
    assert set(made) == {Path(found["file"]).name for found in held.values() if "secrets.d" in found["file"]}
    assert (tmp_path / "deploy" / "secrets.d").stat().st_mode & 0o077 == 0
    assert (tmp_path / "deploy" / ".env").read_text() == "BASE_URL=https://hoithi.example\n"
    password = made["postgres-password"]
    assert made["pgbouncer-users"] == f'"hoithi" "{password}"'
    assert made["migration-database-url"] == f"postgresql://hoithi:{password}@postgres:5432/hoithi"
    for name in ("secret-key", "database-url", "migration-database-url", "read-database-url"):
        (tmp_path / name).write_text(made[name])
    found = config.load(
        {
            "APP_ENV": "production",
            "BASE_URL": "https://hoithi.example",
            "SECRET_KEY_FILE": str(tmp_path / "secret-key"),
            "DATABASE_URL_FILE": str(tmp_path / "database-url"),
            "MIGRATION_DATABASE_URL_FILE": str(tmp_path / "migration-database-url"),
            "READ_DATABASE_URL_FILE": str(tmp_path / "read-database-url"),
        }
    )
    assert (found.secret_key, len(found.secret_key) >= 32) == (made["secret-key"], True)
    assert found.database_url == f"postgresql+psycopg://hoithi:{password}@pgbouncer:6432/hoithi"
    assert found.read_database_url == f"postgresql+psycopg://hoithi:{password}@replica:5432/hoithi"
    ini = made["pgbouncer-ini"]
    assert "hoithi = host=postgres port=5432 dbname=hoithi" in ini
    assert "listen_addr = *" in ini
    for wrong in ("", "http://hoithi.example"):
        assert subprocess.run([*command[:1], wrong], capture_output=True, check=False).returncode == 1
