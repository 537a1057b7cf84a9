"""Migrations go up, down and up again on both databases, lead to the models, and keep what is evidence."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import BatchOperations
from alembic.script import ScriptDirectory
from flask import Flask

from contest.db import Base, compared, dangling, db, is_partition, migrating, transaction
from contest.models.attempts import Attempt, LateResponse
from contest.services import health
from contest.services.attempts import closing
from tests import people
from tests.conftest import Clock

GUARDED = (
    "UPDATE responses SET value = 'x'",
    "DELETE FROM responses",
    "DELETE FROM late_responses",
    "UPDATE audit_entries SET action = 'x'",
    "DELETE FROM audit_entries",
    "UPDATE answer_keys SET source = 'x'",
    "DELETE FROM answer_keys",
    "UPDATE question_versions SET text = 'x'",
    "UPDATE question_versions SET options = '[]'",
    "DELETE FROM question_versions",
    "UPDATE attempts SET paper = '[]'",
    "UPDATE attempts SET member_id = 0",
    "DELETE FROM attempts",
)


def tables() -> set[str]:
    found = sa.inspect(db.engine).get_table_names()
    return {name for name in found if not is_partition(name)} - {"alembic_version"}


def test_up_down_and_up_again(context: Flask, database: str) -> None:
    assert tables() == set(Base.metadata.tables)
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    assert health.pending_migrations("migrations") != ()
    flask_migrate.upgrade()
    assert tables() == set(Base.metadata.tables)
    assert health.pending_migrations("migrations") == ()


def test_last_migration_by_name_is_the_last_of_all() -> None:
    script = ScriptDirectory("migrations")
    chain = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    named = [path.stem.split("_", 2)[2] for path in sorted(Path(script.versions).glob("*.py"))]
    assert (chain[-1:], sorted(chain)) == (named[-1:], sorted(named))


def test_migrations_lead_to_the_models(context: Flask, database: str) -> None:
    with db.engine.connect() as connection:
        how = {"compare_type": True, "include_object": compared(connection.dialect.name)}
        found = compare_metadata(MigrationContext.configure(connection, opts=how), Base.metadata)
    assert found == []


def store(attempt: str, clock: Clock) -> None:
    """Put an answer and one that came too late into an attempt."""
    with transaction():
        own = db.session.execute(
            sa.text("SELECT id, member_id FROM attempts WHERE code = :code"), {"code": attempt}
        ).one()
        row = {"a": own.id, "at": clock.at.isoformat(), "m": own.member_id}
        db.session.execute(sa.text("INSERT INTO responses VALUES (:a, 1, 1, NULL, :at, :m)"), row)
        late = "INSERT INTO late_responses (attempt_id, position, revision, value, arrived_at, verdict, member_id) "
        db.session.execute(sa.text(late + "VALUES (:a, 1, 1, 'v', :at, 'closed', :m)"), row)


@pytest.mark.parametrize("statement", GUARDED)
def test_evidence_is_neither_changed_nor_removed(
    context: Flask, database: str, clock: Clock, statement: str, make_app: Callable[..., Flask]
) -> None:
    people.organisation()
    store(people.attempt(people.contest()[0], people.member()), clock)
    with pytest.raises(sa.exc.DBAPIError), transaction():
        db.session.execute(sa.text(statement))


def contents() -> dict[str, list[str]]:
    """Return every row of every table, as text in any order."""
    found = {}
    with db.engine.connect() as connection:
        for table in (t for t in Base.metadata.sorted_tables if t.name != "editions"):  # which begin anew
            found[table.name] = sorted(str(tuple(row)) for row in connection.execute(sa.select(table)))
    return found


def test_what_is_stored_survives_every_step_down_and_up(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    taker = people.member()
    attempt = people.attempt(people.contest()[0], taker)
    store(attempt, clock)
    closing.submit(attempt, {}, by=taker, arrived=clock.at)
    db.session.remove()
    before = contents()
    flask_migrate.downgrade(revision="guards")
    kept = tables()  # a table that came later goes with its rows
    flask_migrate.upgrade()
    assert len([name for name, rows in before.items() if rows and name in kept]) == 20
    assert {name: rows for name, rows in contents().items() if name in kept} == {name: before[name] for name in kept}
    for statement in GUARDED:
        with pytest.raises(sa.exc.DBAPIError), transaction():
            db.session.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("arrived", "closed", "said"),
    [(1230, None, ("late", 30)), (1230, 1215, ("late", 30)), (5, 4, ("closed", 0)), (5, None, ("closed", 0))],
)
def test_why_an_old_response_does_not_count_is_derived(
    context: Flask, database: str, clock: Clock, arrived: int, closed: int | None, said: tuple[str, int]
) -> None:
    people.organisation()
    people.attempt(people.contest()[0], people.member())
    started = clock.at
    with transaction():
        own = db.session.execute(sa.select(Attempt)).scalar_one()
        assert own.ends_at == started + timedelta(seconds=1200)
        own.closed_at = None if closed is None else started + timedelta(seconds=closed)
        at = started + timedelta(seconds=arrived)
        db.session.add(
            LateResponse(attempt_id=own.id, member_id=own.member_id, position=1, revision=1, value=None, arrived_at=at)
        )
    db.session.remove()
    flask_migrate.downgrade(revision="start_queue")
    flask_migrate.upgrade()
    assert db.session.execute(sa.select(LateResponse.verdict, LateResponse.seconds)).all() == [said]


def test_step_that_fails_leaves_nothing_behind(
    context: Flask, database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.organisation()
    people.member()
    db.session.remove()
    before = contents()
    flask_migrate.downgrade(revision="unit_ranking")
    monkeypatch.setattr(BatchOperations, "create_unique_constraint", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        flask_migrate.upgrade()
    monkeypatch.undo()
    flask_migrate.upgrade()  # a column left behind would be there twice
    assert contents() == before
    with db.engine.connect() as connection:
        assert connection.dialect.name != "sqlite" or connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_step_that_leaves_references_to_nowhere_is_refused(context: Flask, database: str) -> None:
    people.organisation()
    with db.engine.connect() as connection:
        assert dangling(connection) == []
        if connection.dialect.name == "sqlite":
            with migrating(connection):
                connection.execute(sa.text("UPDATE units SET parent_id = 999 WHERE parent_id IS NOT NULL"))
                assert {(table, parent) for table, _, parent, _ in dangling(connection)} == {("units", "units")}
            assert dangling(connection) == []  # not committed, not kept


def test_response_of_no_attempt_keeps_everything_where_it_is(context: Flask, database: str, clock: Clock) -> None:
    people.organisation()
    people.attempt(people.contest()[0], people.member())
    db.session.remove()
    flask_migrate.downgrade(revision="board_counts")
    before = contents_of("responses"), contents_of("attempts")
    lost = {"at": clock.at.isoformat()}
    with transaction():
        db.session.execute(sa.text("INSERT INTO responses VALUES (4711, 1, 1, NULL, :at)"), lost)
    db.session.remove()
    with pytest.raises((SystemExit, sa.exc.IntegrityError)):
        flask_migrate.upgrade()
    assert (len(contents_of("responses")), contents_of("attempts")) == (len(before[0]) + 1, before[1])


def contents_of(table: str) -> list[str]:
    with db.engine.connect() as connection:
        return sorted(map(str, connection.exec_driver_sql(f"SELECT * FROM {table}")))


@pytest.mark.postgres
def test_rights_on_tables_that_are_moved_are_kept(make_app: Callable[..., Flask], postgres_url: str) -> None:
    allowed = sa.text("SELECT has_table_privilege('zq_taker', :table, :what)")
    with make_app(postgres_url).app_context():
        flask_migrate.downgrade(revision="board_counts")
        with db.engine.begin() as connection:
            connection.exec_driver_sql("CREATE ROLE zq_taker")
            connection.exec_driver_sql("GRANT SELECT, INSERT ON attempts, responses TO zq_taker")
        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            for table in ("attempts", "attempts_07", "responses", "responses_15"):
                asked = [{"table": table, "what": what} for what in ("SELECT", "INSERT", "DELETE")]
                assert [connection.execute(allowed, one).scalar() for one in asked] == [True, True, False]
            connection.exec_driver_sql("DROP OWNED BY zq_taker")
            connection.exec_driver_sql("DROP ROLE zq_taker")
