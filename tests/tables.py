"""What lies in the database, for tests that say what a request changes."""

from typing import Any

import sqlalchemy as sa
from flask import Flask

from contest.db import Base, db


def snapshot(app: Flask, *, without: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Return every row of every table but those left out, and the number that every command moves."""
    with app.app_context():
        tables = {name: table for name, table in Base.metadata.tables.items() if name not in without | {"editions"}}
        return {name: sorted(map(repr, db.session.execute(sa.select(table)).all())) for name, table in tables.items()}


def dump(app: Flask) -> str:
    """Return everything the database holds as one text, to be searched."""
    return "\n".join(row for rows in snapshot(app).values() for row in rows)


def audit_actions() -> list[Any]:
    """Return the audit's actions from the first to the last."""
    return list(db.session.scalars(sa.text("SELECT action FROM audit_entries ORDER BY id")))
