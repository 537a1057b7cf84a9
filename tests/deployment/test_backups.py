"""The drill of a backup: restored to an empty host all is there and holds; what was crafted or is half there is refused (H9)."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from pysqlite3 import dbapi2

from contest import config
from contest.db import db
from contest.models.results import Standing
from contest.services import audit, seals
from contest.services.results import settlement
from deploy import backups
from deploy.backups import Refusal, making, postgresql, restoring
from tests import people, servers
from tests.conftest import Clock
from tests.services.crowd import take

SECRET, OTHER = "mot bi mat dai va khac nhau 0123456789", "mot bi mat khac cung dai nhu the 98765"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, instance: Path) -> None:
    """What the processes that restore find in their environment."""
    for name, value in {"APP_ENV": "test", "INSTANCE_PATH": str(instance), "SECRET_KEY": SECRET}.items():
        monkeypatch.setenv(name, value)


def live(clock: Clock) -> list[Any]:
    """Hold a contest, settle its round and seal; return the standings."""
    people.organisation()
    code = people.contest()[0]
    for n, who in enumerate([people.member(f"m{n}", ("A1", "B1")[n % 2]) for n in range(5)]):
        take(code, who, clock, n % 4, n * 7, 30 + n)
    clock.advance(hours=3)
    for round_id in settlement.due(clock.at):
        settlement.settle(round_id)
    for seal in (audit.seal, seals.seal):
        while seal(clock.at):
            pass
    return standings()


def standings() -> list[Any]:
    found = [
        tuple(row)
        for row in db.session.execute(sa.select(Standing.__table__).order_by(*Standing.__table__.primary_key))
    ]
    db.session.remove()
    db.engine.dispose()
    return found


@pytest.fixture
def made(
    app: Flask, database: str, clock: Clock, settings_for: Callable[..., config.Settings], tmp_path: Path
) -> tuple[Path, list[Any]]:
    """Return a backup of a contest that was held, and its standings."""
    with app.app_context():
        kept = live(clock)
    if database.startswith("postgresql"):
        with psycopg.connect(postgresql.plain(database)) as connection:
            connection.execute("SELECT setval('members_id_seq', 4711)")  # numbers that were given out and are gone
    return making.make(tmp_path / "backups", settings_for(database, SECRET_KEY=SECRET)), kept


@pytest.fixture
def empty(
    database: str, settings_for: Callable[..., config.Settings], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[config.Settings]:
    """Return the settings of a host that has nothing yet, on the same kind of database."""
    if database.startswith("sqlite"):
        yield settings_for(f"sqlite:///{tmp_path / 'other' / 'contest.db'}", SECRET_KEY=SECRET)
        return
    cluster: servers.Postgres = request.getfixturevalue("postgres")
    name = cluster.create()
    yield settings_for(cluster.url(name), SECRET_KEY=SECRET)
    cluster.drop(name)


def restore(
    folder: Path, settings: config.Settings, *, is_replaced: bool = False, is_foreign: bool = False
) -> list[str]:
    if settings.is_sqlite:
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(exist_ok=True)
    return restoring.restore(folder, settings, replace=is_replaced, foreign=is_foreign)


def is_empty(settings: config.Settings) -> bool:
    if settings.is_sqlite:
        return list(Path(settings.database_url.removeprefix("sqlite:///")).parent.iterdir()) == []
    return postgresql.is_empty(settings.database_url)


# The drill


@pytest.mark.slow
def test_everything_is_there_again_on_an_empty_host(
    made: tuple[Path, list[Any]], empty: config.Settings, make_app: Callable[..., Flask]
) -> None:
    folder, kept = made
    lines = restore(folder, empty)
    assert lines[2:5] == [
        "flask check: All is well.",
        "flask audit verify: The chain is intact.",
        "flask seals verify: All seals hold.",
    ]
    assert lines[5].startswith("flask standings verify --contest cuoc-thi: ")
    assert lines[5].endswith(": 0 differences")
    with make_app(empty.database_url).app_context():
        assert standings() == kept != []
    with pytest.raises(Refusal, match="already"):
        restore(folder, empty)
    if not empty.is_sqlite:  # a log may speak of a number that is gone: it is not given out again
        with psycopg.connect(postgresql.plain(empty.database_url)) as connection:
            assert connection.execute("SELECT nextval('members_id_seq')").fetchone() == (4712,)
    aside = restore(folder, empty, is_replaced=True)[-1]
    assert aside.startswith("what was there lies in ")
    with make_app(empty.database_url).app_context():
        assert standings() == kept


def test_backup_is_its_owners_alone_and_says_what_it_holds(made: tuple[Path, list[Any]]) -> None:
    folder, kept = made
    told = json.loads((folder / backups.MANIFEST).read_text())
    assert {path.name: path.stat().st_mode & 0o077 for path in folder.iterdir()}[backups.FILES[told["store"]]] == 0
    assert (told["counts"]["standings"], told["counts"]["members"]) == (len(kept), 5)
    assert set(told["digests"]) == set(backups.DIGESTED)


# What is half there


@pytest.mark.parametrize("fault", [OSError("no space left"), KeyboardInterrupt()])
def test_backup_that_fails_leaves_nothing_under_its_name(
    app: Flask,
    database: str,
    settings_for: Callable[..., config.Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
) -> None:
    def fail(_: Path) -> str:
        raise fault

    monkeypatch.setattr(making, "digest", fail)
    with pytest.raises(type(fault)):
        making.make(tmp_path / "backups", settings_for(database, SECRET_KEY=SECRET))
    assert list((tmp_path / "backups").iterdir()) == []


def test_old_backups_go_but_never_the_last(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for days in (0, 1, 20, 31, 40, 400):
        (tmp_path / f"{backups.PREFIX}{now - timedelta(days=days):%Y%m%dT%H%M%SZ}").mkdir()
    for name in (".unfinished-x", f"{backups.PREFIX}by-hand", "other"):
        (tmp_path / name).mkdir()
    assert len(making.let_go(tmp_path, keep=timedelta(days=30), at_least=5)) == 2
    assert making.let_go(tmp_path, keep=timedelta(days=30), at_least=5) == []
    assert {path.name for path in tmp_path.iterdir()} >= {"other", f"{backups.PREFIX}by-hand"}
    assert not (tmp_path / ".unfinished-x").exists()
    assert len(making.let_go(tmp_path, keep=timedelta(days=1), at_least=1)) == 3


# What was crafted


def reseal(folder: Path, secret: str = OTHER, **changes: Any) -> None:
    """Write the manifest anew, as somebody would who has not our secret, or has it."""
    told = json.loads((folder / backups.MANIFEST).read_text())
    del told["seal"]
    data = folder / backups.FILES[told["store"]]
    told |= {"bytes": data.stat().st_size, "sha256": backups.digest(data), **changes}
    backups.write(folder, backups.Manifest(**told), secret)


def test_backup_that_was_changed_or_made_by_others_is_refused(
    made: tuple[Path, list[Any]], empty: config.Settings, tmp_path: Path
) -> None:
    folder, _ = made
    data = next(path for path in folder.iterdir() if path.name in backups.FILES.values())
    told = json.loads((folder / backups.MANIFEST).read_text())

    def refused(said: str, **how: bool) -> None:
        with pytest.raises(Refusal, match=said):
            restore(folder, empty, **how)
        assert is_empty(empty)

    (folder / backups.MANIFEST).write_text(json.dumps({**told, "counts": {}}))
    refused("not made with this SECRET_KEY")
    reseal(folder)
    refused("not made with this SECRET_KEY")
    reseal(folder, SECRET, revision="20990101_0000")
    refused("does not know")
    reseal(folder, SECRET, revision="--sql")
    refused("does not know")
    reseal(folder, SECRET, revision=told["revision"], counts={**told["counts"], "members": 6})
    refused(r"not what was backed up: counts \['members'\]")
    whole = data.read_bytes()
    data.write_bytes(whole[:-1])
    refused("incomplete, or changed")
    data.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    refused("incomplete, or changed", is_foreign=True)
    data.unlink()
    shutil.copyfile(made[0] / backups.MANIFEST, tmp_path / "elsewhere")
    data.symlink_to(tmp_path / "elsewhere")
    refused("incomplete, or changed")
    (folder / backups.MANIFEST).write_text("{")
    refused("is no backup")


CRAFTED = {
    "a trigger": "CREATE TRIGGER zq AFTER INSERT ON banks BEGIN DELETE FROM members; END",
    "a view for a table": "ALTER TABLE banks RENAME TO zqbanks; CREATE VIEW banks AS SELECT * FROM zqbanks",
    "a table that runs code": "DROP TABLE outbox_messages; CREATE VIRTUAL TABLE outbox_messages USING fts5(a)",
    "a column too many": "ALTER TABLE banks ADD COLUMN zq",
    "rows that lead nowhere": "PRAGMA foreign_keys=OFF; DELETE FROM units WHERE code = 'A1'",
}


@pytest.mark.parametrize("name", CRAFTED)
def test_sqlite_that_was_crafted_is_refused_even_from_somebody_trusted(
    app: Flask,
    sqlite_url: str,
    sqlite_template: Path,
    clock: Clock,
    settings_for: Callable[..., config.Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setattr(
        restoring, "_run", lambda url, *_: shutil.copyfile(sqlite_template, url.removeprefix("sqlite:///"))
    )
    with app.app_context():
        live(clock)
    folder = making.make(tmp_path / "backups", settings_for(sqlite_url, SECRET_KEY=SECRET))
    crafted = dbapi2.connect(folder / "contest.db")
    crafted.executescript(CRAFTED[name])
    crafted.commit()
    crafted.close()
    reseal(folder)
    target = settings_for(f"sqlite:///{tmp_path / 'other' / 'contest.db'}", SECRET_KEY=SECRET)
    with pytest.raises(Refusal, match=r"other tables|runs code|other columns|not there"):
        restore(folder, target, is_foreign=True)
    assert is_empty(target)


def crafted(archive: bytes, evil: str) -> bytes:
    """Put a statement in the place of one by which an archive fills a table; pg_restore would run it as it stands."""
    begin = archive.index(b"COPY public.banks (")
    end = archive.index(b"FROM stdin;\n", begin) + len(b"FROM stdin;\n")
    assert len(evil) < end - begin
    return archive[:begin] + evil.encode().ljust(end - begin - 1) + b"\n" + archive[end:]


@pytest.mark.postgres
@pytest.mark.parametrize(
    "evil",
    [
        "COPY public.banks FROM PROGRAM 'touch {marker}';",
        "SELECT pg_catalog.setval('x', 1); DROP TABLE members;",
        "COPY public.banks (id) FROM stdin;",
    ],
)
def test_archive_that_was_crafted_runs_nothing_and_is_refused(
    postgres: servers.Postgres,
    postgres_url: str,
    settings_for: Callable[..., config.Settings],
    tmp_path: Path,
    evil: str,
) -> None:
    marker = Path(f"/tmp/zq{tmp_path.name[-6:]}")
    folder = making.make(tmp_path / "backups", settings_for(postgres_url, SECRET_KEY=SECRET))
    data = folder / "contest.dump"
    data.write_bytes(crafted(data.read_bytes(), evil.format(marker=marker)))
    reseal(folder)
    name = postgres.create()
    target = settings_for(postgres.url(name), SECRET_KEY=SECRET)
    with pytest.raises(Refusal, match=r"something to be run|other columns|no rows of banks"):
        restore(folder, target, is_foreign=True)
    assert (is_empty(target), marker.exists()) == (True, False)
    postgres.drop(name)
