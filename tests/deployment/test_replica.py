"""The two scripts by which a replica is set up, carried out as they are shipped, and what the program needs of its role."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask

from contest.config import ROOT
from contest.db import elsewhere, reading
from contest.services import replicas
from tests import fronts, servers

pytestmark = pytest.mark.postgres
PASSWORD = "chỉ-dùng-trong-kiểm-thử"


@pytest.fixture(scope="module")
def primary() -> Iterator[servers.Postgres]:
    """Run a primary that asks for passwords, as one that is deployed does."""
    with servers.postgres(max_connections="100") as found:
        found.run(f"CREATE ROLE hoithi LOGIN PASSWORD '{PASSWORD}'")
        found.run("CREATE DATABASE hoithi OWNER hoithi")
        hba = data_of(found) / "pg_hba.conf"
        hba.write_text("host all postgres 127.0.0.1/32 trust\nhost all all all scram-sha-256\n")
        found.run("SELECT pg_reload_conf()")
        yield found


def data_of(cluster: servers.Postgres) -> Path:
    return Path(cluster.value("SHOW data_directory"))


def environ(**own: str) -> dict[str, str]:
    programs = Path(servers.find_program("pg_basebackup", "usr/lib/postgresql/*/bin")).parent
    return {"PATH": f"{programs}:{os.environ['PATH']}", "LANG": "C.UTF-8", **own}


def prepare(primary: servers.Postgres, password: Path) -> None:
    told = {"PGDATA": str(data_of(primary)), "REPLICATION_PASSWORD_FILE": str(password)}
    where = {"PGHOST": "127.0.0.1", "PGPORT": str(primary.port)}
    done = subprocess.run(
        [str(ROOT / "deploy" / "replication")], env=environ(**told, **where), capture_output=True, text=True,
        cwd="/", check=False, **fronts.as_postgres(),
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def password() -> Iterator[Path]:
    with fronts.shared_folder() as folder:
        file = folder / "password"
        file.write_text("another password\n")
        yield file


@pytest.fixture(scope="module")
def copied(primary: servers.Postgres, password: Path) -> Iterator[servers.Postgres]:
    """Run a replica by the script; it is ended and started again once, and copies nothing then."""
    prepare(primary, password)
    with fronts.shared_folder(servers.quick_folder()) as folder:
        found = servers.Postgres(servers.free_port(), folder / "log")
        told = {
            "PGDATA": str(folder / "copy"),
            "PRIMARY_HOST": "127.0.0.1",
            "PRIMARY_PORT": str(primary.port),
            "REPLICATION_PASSWORD_FILE": str(password),
        }
        own = [
            f"--port={found.port}",
            "--listen_addresses=127.0.0.1",
            "--unix_socket_directories=",
            "--max_connections=100",
        ]
        command = [str(ROOT / "deploy" / "replica"), *own]
        for _ in range(2):
            more: dict[str, Any] = {"env": environ(**told), "cwd": "/", **fronts.as_postgres()}
            with servers.running(command, found.log, stop=servers.signal.SIGINT, **more) as process:
                servers.wait_for(found.answers, process, found.log)
        with servers.running(command, found.log, stop=servers.signal.SIGINT, **more) as process:
            servers.wait_for(found.answers, process, found.log)
            yield found


def test_primary_is_prepared_as_often_as_one_likes(primary: servers.Postgres, password: Path) -> None:
    for _ in range(2):
        prepare(primary, password)
    hba = (data_of(primary) / "pg_hba.conf").read_text().splitlines()
    assert hba.count("host replication replicator all scram-sha-256") == 1
    asked = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = 'replicator'"
    assert primary.value(asked) is False
    assert primary.value("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'replica'") == 1


def test_replica_follows_by_its_slot_and_says_what_its_readers_need(
    primary: servers.Postgres, copied: servers.Postgres
) -> None:
    assert copied.value("SELECT pg_is_in_recovery()") is True
    servers.wait_until(lambda: primary.value("SELECT active FROM pg_replication_slots WHERE slot_name = 'replica'"))
    shown = ("hot_standby_feedback", "max_standby_streaming_delay", "primary_slot_name")
    assert [copied.value(f"SHOW {name}") for name in shown] == ["on", "5s", "replica"]
    assert copied.log.read_text().count("starting backup recovery") == 1  # copied once
    wrong = f"host=127.0.0.1 port={primary.port} user=replicator password=wrong dbname=postgres"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_program_reads_it_by_a_role_of_no_power(
    make_app: Callable[..., Flask], primary: servers.Postgres, copied: servers.Postgres
) -> None:
    """All that is asked of both servers may be asked by everybody."""
    urls = [f"postgresql://hoithi:{PASSWORD}@127.0.0.1:{cluster.port}/hoithi" for cluster in (primary, copied)]
    app = make_app(urls[0], READ_DATABASE_URL=urls[1])
    with psycopg.connect(urls[0]) as connection:
        connection.execute("CREATE TABLE editions (id int PRIMARY KEY, number bigint)")
    own = replicas.find(app)
    assert own is not None
    own.is_kept = True

    def is_used() -> bool:
        own.note()
        own.look()
        return own.is_used()

    servers.wait_until(is_used)
    with app.app_context():
        assert elsewhere(lambda: reading.elsewhere() is not None)
