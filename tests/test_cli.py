"""The commands that other programs lean on: help, one JSON document, refusals on standard error, the actor's rights."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import event

from contest import clock as clock_module
from contest.config import ROOT
from contest.db import db, transaction
from contest.formats.drafts import MemberDraft
from contest.formats.tables import write_members
from contest.models.attempts import Attempt
from contest.models.audit import AuditEntry
from contest.models.members import Member
from contest.models.results import Settlement, Standing
from contest.rules.permissions import SYSTEM
from contest.services import audit, exports
from contest.services.attempts import closing
from tests import people
from tests.conftest import Clock
from tests.services.crowd import take
from tests.shell import FORBIDDEN, NOT_FOUND, Shell
from tests.tables import snapshot

COMMANDS = {
    "attempts close-due": ["--json"],
    "audit verify": ["--json"],
    "seals verify": ["--contest", "--json"],
    "check": ["--json"],
    "contests load": ["--bank", "--organiser", "--dry-run", "--as", "--json"],
    "contests settings": ["--contest", "--output", "--as"],
    "demo load": ["--members", "--attempts", "--seed", "--password", "--bench", "--json"],
    "members import": ["--dry-run", "--as", "--json"],
    "questions export": ["--bank", "--format", "--output", "--as"],
    "questions import": ["--bank", "--format", "--convert", "--dry-run", "--as", "--json"],
    "questions score": ["--bank", "--as"],
    "results advanced": ["--contest", "--round", "--format", "--output", "--as"],
    "results export": ["--contest", "--round", "--format", "--output", "--as"],
    "results units": ["--contest", "--round", "--today", "--format", "--output", "--as"],
    "setup-code": [],
    "standings compute": ["--contest", "--round", "--as", "--json"],
    "standings evidence": ["--contest", "--round", "--output", "--as"],
    "standings verify": ["--contest", "--round", "--as", "--json"],
}


@pytest.fixture
def shell(app: Flask, database: str, clock: Clock) -> Shell:
    with app.app_context():
        people.organisation()
    return Shell(app)


# All of them


def walk(group: click.Group, name: str = "") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for word, command in group.commands.items():
        path = f"{name} {word}".strip()
        found |= walk(command, path) if isinstance(command, click.Group) else {path: command}
    return found


def test_these_are_all_commands_with_all_options(app: Flask) -> None:
    own = {name: c for name, c in walk(app.cli).items() if not name.startswith(("db ", "run", "shell", "routes"))}
    found = {name: sorted(o for p in c.params for o in p.opts if o.startswith("--")) for name, c in own.items()}
    assert found == {name: sorted(options) for name, options in COMMANDS.items()}


@pytest.mark.parametrize("command", COMMANDS)
def test_command_has_help(app: Flask, command: str) -> None:
    done = Shell(app)(*command.split(), "--help")
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"{command} [OPTIONS]" in done.stdout
    assert all(option in done.stdout for option in COMMANDS[command])


def run(url: str, instance: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command as its own process, as the contract writes it."""
    environ = {**os.environ, "APP_ENV": "test", "DATABASE_URL": url, "INSTANCE_PATH": str(instance)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    return subprocess.run(command, input=given, capture_output=True, timeout=120, cwd=ROOT, env=environ, check=False)


def test_commands_are_processes_with_output_errors_and_status(
    app: Flask, shell: Shell, database: str, instance: Path, tmp_path: Path
) -> None:
    with app.app_context():
        people.bank()
    checked = run(database, instance, "check", "--json")
    assert (checked.returncode, json.loads(checked.stdout), checked.stderr) == (0, {"problems": []}, b"")
    path = tmp_path / "danh-sach.csv"
    path.write_bytes(crowd(3))
    entered = run(database, instance, "members", "import", str(path), "--json")
    assert (entered.returncode, json.loads(entered.stdout)["new_people"], entered.stderr) == (0, 3, b"")
    scored = run(
        database,
        instance,
        "questions",
        "score",
        "--bank",
        "ngan-hang",
        given=b'{"question": "C-0001", "response": "A"}\n',
    )
    assert json.loads(scored.stdout) == {"question": "C-0001", "fraction": "1", "feedback": ""}
    table = run(database, instance, "questions", "export", "--bank", "ngan-hang", "--format", "xlsx")
    assert len(CalamineWorkbook.from_filelike(BytesIO(table.stdout)).get_sheet_by_index(0).to_python()) > 4
    refused = run(database, instance, "results", "export", "--contest", "khong-co", "--format", "csv")
    assert (refused.returncode, refused.stdout, refused.stderr.decode()) == (1, b"", NOT_FOUND)


@pytest.mark.parametrize(
    "arguments",
    [
        ["members", "import", "/khong/co.xlsx"],
        ["questions", "import", "/khong/co.xlsx", "--bank", "b"],
        ["questions", "export", "--bank", "khong-co", "--format", "json"],
        ["questions", "score", "--bank", "khong-co"],
        ["standings", "compute", "--contest", "khong-co"],
        ["results", "export", "--contest", "khong-co", "--format", "json"],
        ["members", "import", "wsgi.py", "--as", "khong-co"],
        ["standings", "compute", "--contest", "khong-co", "--as", "khong-co", "--json"],
    ],
)
def test_refusals_are_said_on_standard_error_alone(shell: Shell, arguments: list[str]) -> None:
    said = shell.refused(*arguments)
    assert said == (f"Không đọc được tệp {arguments[2]}.\n" if arguments[2].startswith("/") else NOT_FOUND)


# People


def crowd(number: int, unit: str = "B1") -> bytes:
    drafts = [MemberDraft(f"n{i:03d}", f"Trần Văn {i}", None, None, None, None, unit) for i in range(number)]
    return write_members(drafts, format="csv")


@pytest.fixture
def lists(tmp_path: Path) -> Callable[..., str]:
    def write(data: bytes, name: str = "danh-sach.csv") -> str:
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write


def figures(**more: int) -> dict[str, Any]:
    names = ("new_units", "changed_units", "new_people", "changed_people", "unchanged", "errors")
    return {name: more.get(name, 0) for name in names}


def test_members_are_looked_at_entered_and_not_entered_twice(
    shell: Shell, app: Flask, lists: Callable[..., str]
) -> None:
    path, before = lists(crowd(5)), snapshot(app)
    planned = shell.json("members", "import", path, "--dry-run", "--json")
    assert planned == {**figures(new_people=5), "problems": [], "dry_run": True}
    assert snapshot(app) == before
    assert shell.json("members", "import", path, "--json") == {**planned, "dry_run": False}
    entered, unlogged = snapshot(app), frozenset({"audit_entries"})
    assert len(entered["members"]) == 5
    again = shell.json("members", "import", path, "--json")
    assert again == {**figures(unchanged=5), "problems": [], "dry_run": False}
    assert snapshot(app, without=unlogged) == {k: v for k, v in entered.items() if k not in unlogged}
    said = shell("members", "import", path)
    assert said.stdout.split(": ")[0] == "new_units"


def test_lines_with_errors_are_named_and_the_others_entered(
    shell: Shell, app: Flask, lists: Callable[..., str]
) -> None:
    head, *rows = crowd(2).decode("utf-8-sig").splitlines()
    broken = "\r\n".join([head, rows[0], rows[1].replace("B1", "KHONG-CO")]).encode()
    document = shell.json("members", "import", lists(broken), "--json", exits=1)
    assert {k: document[k] for k in figures()} == figures(new_people=1, errors=1)
    assert [(p["slug"], p["place"]["line"], p["params"]) for p in document["problems"]] == [
        ("unit-unknown", 3, {"code": "KHONG-CO"})
    ]
    done = shell("members", "import", lists(broken))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "Không có đơn vị mang mã KHONG-CO." in done.stderr
    with app.app_context():
        assert db.session.scalars(sa.select(Member.code)).all() == ["n000"]


def test_members_come_in_by_the_rights_of_the_one_named(shell: Shell, app: Flask, lists: Callable[..., str]) -> None:
    with app.app_context():
        people.organiser("don-vi", "B")
        people.member("thuong")
        people.judge("cham")
    inside, outside = lists(crowd(2)), lists(crowd(2, "A1"), "khac.csv")
    for nobody in ("thuong", "cham"):
        for more in ([], ["--dry-run", "--json"]):
            assert shell.refused("members", "import", inside, "--as", nobody, *more) == FORBIDDEN
    beyond = shell.json("members", "import", outside, "--as", "don-vi", "--json", exits=1)
    assert {k: beyond[k] for k in figures()} == figures(errors=2)
    assert shell.json("members", "import", inside, "--as", "DON-VI", "--json")["new_people"] == 2
    with app.app_context():
        who = db.session.scalars(sa.select(AuditEntry.actor_id).where(AuditEntry.action == "people-imported")).all()
        assert who[-1] == people.actor("don-vi").member_id


# Rounds


@pytest.fixture
def played(shell: Shell, app: Flask, clock: Clock) -> str:
    """Let two people take a round, one of them no further than its start, and return the round's code."""
    with app.app_context():
        code = people.contest()[0]
        take(code, people.member("m1", "A1"), clock, 3, 1, 60)
        people.attempt(code, people.member("m2", "B1"))
        people.organiser("cua-a", "A")
        people.organiser("cua-tat-ca")
        people.member("thuong")
    return code


def test_what_is_due_is_closed_once(shell: Shell, app: Flask, played: str, clock: Clock) -> None:
    assert shell.json("attempts", "close-due", "--json") == {"closed": 0}
    clock.advance(minutes=20, seconds=15)
    assert shell.json("attempts", "close-due", "--json") == {"closed": 1}
    assert shell("attempts", "close-due").stdout == "0 attempts closed.\n"
    with app.app_context():
        assert db.session.scalars(sa.select(Attempt.state).order_by(Attempt.id)).all() == ["submitted", "expired"]


def test_standings_are_computed_running_and_final(shell: Shell, app: Flask, played: str, clock: Clock) -> None:
    compute = ("standings", "compute", "--contest", "cuoc-thi", "--json")
    line = {"round": "Tuần 1", "number": 1, "version": None, "participants": 1}
    assert shell.json(*compute) == [line]
    clock.advance(hours=3)
    running = shell.refused(*compute)
    assert "chưa" in running or "đang" in running  # an attempt is still open
    assert shell.json("attempts", "close-due", "--json") == {"closed": 1}
    final = [{**line, "version": 1, "participants": 2}]
    assert [shell.json(*compute), shell.json(*compute, "--round", "1"), shell.json(*compute)] == [final] * 3
    assert shell.refused(*compute, "--round", "2") == NOT_FOUND
    for nobody in ("thuong", "cua-a"):
        assert shell.refused(*compute, "--as", nobody) == NOT_FOUND
    assert shell.json(*compute, "--as", "cua-tat-ca") == final
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Settlement)) == 1
        ranked = sa.select(Member.code, Standing.place).join(Standing, Standing.member_id == Member.id)
        places = db.session.execute(ranked.order_by(Standing.place))
        assert [tuple(r) for r in places] == [("m1", 1), ("m2", 2)]


def test_standings_are_recounted_and_what_differs_is_named(shell: Shell, app: Flask, played: str, clock: Clock) -> None:
    verify = ("standings", "verify", "--contest", "cuoc-thi")
    clock.advance(hours=3)
    shell.json("attempts", "close-due", "--json")
    shell.json("standings", "compute", "--contest", "cuoc-thi", "--json")
    found = {"number": 1, "title": "Tuần 1", "version": 1, "attempts": 2, "people": 2, "units": 5, "differences": []}
    whole = {**found, "number": 0, "title": "Bảng xếp hạng đơn vị cả cuộc thi", "version": None, "units": 4}
    assert shell.json(*verify, "--as", "cua-tat-ca", "--json") == [found, whole]
    of_all = "Bảng xếp hạng đơn vị cả cuộc thi: version –, 2 attempts, 2 people, 4 units: 0 differences"
    assert shell(*verify).stdout.splitlines() == [
        "Tuần 1: version 1, 2 attempts, 2 people, 5 units: 0 differences",
        of_all,
    ]
    assert shell.refused(*verify, "--as", "cua-a") == shell.refused(*verify, "--round", "2") == NOT_FOUND
    with app.app_context(), transaction():
        db.session.execute(sa.update(Standing).where(Standing.place == 2).values(place=1))
    told = shell(*verify)
    assert (told.exit_code, told.stdout.splitlines()) == (1, [
        "Tuần 1: version 1, 2 attempts, 2 people, 5 units: 1 differences",
        "  standing m2, place: stored 1, recounted 2",
        of_all,
    ])  # fmt: skip


COLUMNS = list(exports.RESULT_LABELS)


def test_results_go_out_with_the_columns_of_the_contract(
    shell: Shell, app: Flask, played: str, clock: Clock, tmp_path: Path
) -> None:
    clock.advance(hours=3)
    with app.app_context():
        closing.close_due()
    shell.json("standings", "compute", "--contest", "cuoc-thi", "--json")
    export = ("results", "export", "--contest", "cuoc-thi", "--format")
    rows = json.loads(shell(*export, "json").stdout)
    assert [list(row) for row in rows] == [COLUMNS] * 2
    first = {k: rows[0][k] for k in COLUMNS if k not in {"receipt", "started_at", "submitted_at"}}
    assert first == {
        "round": "Tuần 1", "place": 1, "member_code": "m1", "full_name": "Nguyễn Thị M1", "birth_date": None,
        "unit_code": "A1", "unit_name": "Công đoàn phòng An Một", "correct_count": 3, "points": "3", "prediction": 1,
        "prediction_error": 0, "duration_seconds": 60, "attempts_used": 1, "award": "",
    }  # fmt: skip
    assert (rows[0]["started_at"], rows[0]["submitted_at"]) == (
        "2026-05-20T12:00:00+07:00",
        "2026-05-20T12:01:00+07:00",
    )
    assert [row["member_code"] for row in rows] == ["m1", "m2"]
    lines = shell(*export, "csv", "--round", "1").stdout.splitlines()
    assert (len(lines), lines[0].lstrip("\ufeff").split(lines[0][len("Vòng thi") + lines[0].startswith("\ufeff")])) == (
        3, list(exports.RESULT_LABELS.values()),
    )  # fmt: skip
    path = tmp_path / "ket-qua.xlsx"
    assert shell(*export, "xlsx", "--output", str(path)).stdout == ""
    assert len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) == 3
    assert shell.refused(*export, "json", "--round", "2") == NOT_FOUND
    for nobody in ("thuong", "cua-a"):
        assert shell.refused(*export, "json", "--as", nobody) == NOT_FOUND
    assert json.loads(shell(*export, "json", "--as", "cua-tat-ca").stdout) == rows


def test_units_go_out_with_the_columns_of_the_contract(shell: Shell, app: Flask, played: str, clock: Clock) -> None:
    export = ("results", "units", "--contest", "cuoc-thi", "--format")
    rows = json.loads(shell(*export, "json", "--round", "1").stdout)
    assert [list(row) for row in rows] == [list(exports.UNIT_LABELS)] * 2
    assert rows[0] == {
        "round": "Tuần 1", "division": "", "place": 1, "unit_code": "A", "unit_name": "Công đoàn Sở An", "headcount": 10,
        "participants": rows[0]["participants"], "ratio": rows[0]["ratio"], "compared_by": "ratio",
        "measure": rows[0]["ratio"], "over_headcount": False, "why_none": None,
    }  # fmt: skip
    whole = json.loads(shell(*export, "json").stdout)
    assert [{**row, "round": ""} for row in rows] == whole == json.loads(shell(*export, "json", "--today").stdout)
    lines = shell(*export, "csv").stdout.splitlines()
    assert lines[0].lstrip("\ufeff") == ",".join(exports.UNIT_LABELS.values())
    for refused in (("--round", "2"), ("--as", "thuong"), ("--as", "cua-a")):
        assert shell.refused(*export, "json", *refused) == NOT_FOUND
    assert shell.refused("results", "advanced", "--contest", "cuoc-thi", "--round", "1", "--format", "csv") == NOT_FOUND


# Is it safe, is it whole


def test_check_says_what_is_wrong(app: Flask, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = Shell(app)
    assert shell.json("check", "--json") == {"problems": []}
    assert shell("check").stdout == "All is well.\n"
    monkeypatch.setattr(clock_module, "drift", lambda: timedelta(seconds=61))
    with app.app_context():
        scripts = ScriptDirectory(str(ROOT / "migrations"))
        newest = scripts.get_revision(str(scripts.get_current_head()))
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": newest.down_revision})
        event.listen(db.engine, "connect", make_lax)
        db.engine.dispose()
    problems = shell.json("check", "--json", exits=1)["problems"]
    lax = (
        "SQLite does not run with synchronous=FULL: acknowledged answers could be lost."
        if database.startswith("sqlite")
        else "PostgreSQL runs with synchronous_commit=off: acknowledged answers could be lost."
    )
    assert problems == [
        lax,
        "The system clock was stepped by +61.0 s; deadlines keep.",
        f"Migration {newest.revision} is pending.",
    ]
    said = shell("check")
    assert (said.exit_code, said.stdout, said.stderr.splitlines()) == (1, "", problems)


def make_lax(connection: Any, _record: object) -> None:
    is_sqlite = "sqlite" in type(connection).__module__
    connection.execute("PRAGMA synchronous=OFF" if is_sqlite else "SET synchronous_commit = off")
    connection.commit()


def tamper(app: Flask, statement: str) -> None:
    """Change the log as somebody does who owns the database: the guards are taken away first."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            guards = ["DROP TRIGGER guard_audit_entries_update", "DROP TRIGGER guard_audit_sealed_update"]
        else:
            guards = [f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in ("audit_entries", "audit_sealed")]
        for sql in (*guards, statement):
            db.session.execute(sa.text(sql))


def test_log_is_whole_and_a_changed_entry_is_named(shell: Shell, app: Flask, played: str) -> None:
    assert shell.json("audit", "verify", "--json") == {"problems": []}
    assert shell("audit", "verify").stdout == "The chain is intact.\n"
    with app.app_context():
        entries = db.session.scalars(sa.select(AuditEntry.id).order_by(AuditEntry.id)).all()
        audit.record("role-given", "member", 1, by=SYSTEM, at=people.clock.now())
    shell.json("audit", "verify", "--json")
    victim = entries[len(entries) // 2]
    tamper(app, f"UPDATE audit_entries SET actor_id = 999 WHERE id = {victim}")
    named = [f"seal 1: entry {victim} was changed"]
    assert shell.json("audit", "verify", "--json", exits=1) == {"problems": named}
    said = shell("audit", "verify")
    assert (said.exit_code, said.stdout.splitlines()) == (1, named)


@pytest.mark.parametrize("forged", ["anew", "none"])
def test_entry_changed_together_with_its_digest_breaks_the_seal(
    shell: Shell, app: Flask, played: str, forged: str
) -> None:
    """Entries sealed by the first version have no digest of their own; the chain tells of them all the same."""
    shell.json("audit", "verify", "--json")
    with app.app_context():
        first, last = db.session.execute(sa.select(sa.func.min(AuditEntry.id), sa.func.max(AuditEntry.id))).one()
    tamper(app, f"UPDATE audit_entries SET action = 'khac' WHERE id = {first}")
    with app.app_context():
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.id == first)).one()
        digest = f"'{audit._digest('', [entry])}'" if forged == "anew" else "NULL"
        db.session.execute(sa.text(f"UPDATE audit_sealed SET digest = {digest} WHERE entry_id = {first}"))
    assert shell.json("audit", "verify", "--json", exits=1) == {
        "problems": [f"seal 1: entries {first} to {last} were changed"]
    }


def test_code_of_the_first_visit_is_printed_and_stays(shell: Shell) -> None:
    done = shell("setup-code")
    assert (done.exit_code, done.stderr, done.stdout) == (0, "", shell("setup-code").stdout)
    assert re.fullmatch(r"([2-9A-Z]{4}-){2}[2-9A-Z]{4}", done.stdout.strip())


def test_seals_hold_and_a_changed_submission_is_named(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    taker = people.member()
    closing.submit(people.attempt(people.contest()[0], taker), {}, by=taker, arrived=clock.at)
    runner = context.test_cli_runner()
    held = runner.invoke(args=["seals", "verify", "--json"])
    assert (held.exit_code, json.loads(held.output)) == (0, {"problems": []})
    with transaction():
        on = " ON attempts" if db.engine.dialect.name == "postgresql" else ""
        db.session.execute(sa.text(f"DROP TRIGGER IF EXISTS guard_attempts_update{on}"))
        db.session.execute(sa.text("UPDATE results SET digest = 'x'"))
    broken = runner.invoke(args=["seals", "verify", "--contest", "cuoc-thi"])
    assert broken.exit_code == 1
    assert "was changed" in broken.output
