"""Back to a moment: a copy of PostgreSQL and the log since, archived piece by piece by what is shipped for it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import fronts, servers

ARCHIVE = fronts.DEPLOY / "archive-wal"
_POSTGRES = "usr/lib/postgresql/*/bin"


@pytest.fixture
def folder() -> Iterator[Path]:
    with fronts.shared_folder() as found:
        yield found


def archived(piece: Path, folder: Path) -> int:
    return subprocess.run([ARCHIVE, piece, piece.name, folder], capture_output=True, check=False).returncode


def test_piece_is_kept_whole_and_never_replaced(tmp_path: Path, folder: Path) -> None:
    piece = tmp_path / "000000010000000000000001"
    piece.write_bytes(b"one" * 1000)
    assert [archived(piece, folder), archived(piece, folder)] == [0, 0]
    piece.write_bytes(b"two" * 1000)
    assert archived(piece, folder) == 1
    assert {path.name: path.read_bytes()[:3] for path in folder.iterdir()} == {piece.name: b"one"}
    (folder / piece.name).unlink()
    (folder / f".{piece.name}.unfinished").write_bytes(b"torn")  # by a power cut
    assert archived(piece, folder) == 0
    assert [path.name for path in folder.iterdir()] == [piece.name]
    assert archived(tmp_path / "absent", folder) == 1


def ask(port: int, statement: str) -> Any:
    where = f"host=127.0.0.1 port={port} user=postgres dbname=postgres"
    with psycopg.connect(where, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchone() if cursor.description else None


@pytest.mark.postgres
@pytest.mark.slow
def test_database_is_brought_back_to_the_moment_before_a_mistake(folder: Path, tmp_path: Path) -> None:
    log, copy = folder / "wal", folder / "copy"
    log.mkdir()
    if os.getuid() == 0:
        shutil.chown(log, "postgres", "postgres")
    program = shutil.copy(ARCHIVE, folder / "archive-wal")  # where that user may read it
    with servers.postgres(archive_mode="on", archive_command=f"{program} %p %f {log}") as cluster:
        base = [servers.find_program("pg_basebackup", _POSTGRES), "-h", "127.0.0.1", "-p", str(cluster.port), "-U", "postgres",
                "-D", str(copy), "-X", "none", "-c", "fast", "--no-sync"]  # fmt: skip
        ask(cluster.port, "CREATE TABLE saves (id int)")
        subprocess.run(base, check=True, capture_output=True, cwd=folder, **fronts.as_postgres())
        ask(cluster.port, "INSERT INTO saves SELECT generate_series(1, 1000)")
        (moment,) = ask(cluster.port, "SELECT clock_timestamp()::text")
        ask(cluster.port, "DELETE FROM saves")
        ask(cluster.port, "SELECT pg_switch_wal()")
        servers.wait_until(lambda: ask(cluster.port, "SELECT archived_count >= 2 FROM pg_stat_archiver") == (True,))
    port, told = servers.free_port(), tmp_path / "restored.log"
    settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": 200}
    settings |= {
        "restore_command": f"cp {log}/%f %p",
        "recovery_target_time": moment,
        "recovery_target_action": "promote",
    }
    (copy / "recovery.signal").touch()
    command = [
        servers.find_program("postgres", _POSTGRES),
        "-D",
        str(copy),
        *(f"--{k}={v}" for k, v in settings.items()),
    ]
    with servers.running(command, told, stop=signal.SIGINT, cwd=copy, **fronts.as_postgres()) as process:
        servers.wait_for(
            lambda: fronts.answers(port) and ask(port, "SELECT pg_is_in_recovery()") == (False,), process, told
        )
        assert ask(port, "SELECT count(*) FROM saves") == (1000,)
