"""Migrations go up, down and up again on both databases, lead to the models, and keep what is evidence."""

from collections.abc import Callable

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from contest.db import Base, db, transaction
from contest.services import health
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
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_up_down_and_up_again(context: Flask, database: str) -> None:
    assert tables() == set(Base.metadata.tables)
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    assert health.pending_migrations("migrations") != ()
    flask_migrate.upgrade()
    assert tables() == set(Base.metadata.tables)
    assert health.pending_migrations("migrations") == ()


def test_migrations_lead_to_the_models(context: Flask, database: str) -> None:
    with db.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
    assert found == []


@pytest.mark.parametrize("statement", GUARDED)
def test_evidence_is_neither_changed_nor_removed(
    context: Flask, database: str, clock: Clock, statement: str, make_app: Callable[..., Flask]
) -> None:
    people.organisation()
    taker = people.member()
    attempt = people.attempt(people.contest()[0], taker)
    with transaction():
        own = db.session.execute(sa.text("SELECT id FROM attempts WHERE code = :code"), {"code": attempt}).scalar_one()
        row = {"a": own, "at": clock.at.isoformat()}
        db.session.execute(sa.text("INSERT INTO responses VALUES (:a, 1, 1, 'v', :at)"), row)
        late = (
            "INSERT INTO late_responses (attempt_id, position, revision, value, arrived_at) VALUES (:a, 1, 1, 'v', :at)"
        )
        db.session.execute(sa.text(late), row)
    with pytest.raises(sa.exc.DBAPIError), transaction():
        db.session.execute(sa.text(statement))
