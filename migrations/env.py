"""Run migrations with the application's settings; `MIGRATION_DATABASE_URL` names a role that may alter tables."""

import sqlalchemy as sa
from alembic import context
from flask import current_app

from contest.db import Base, compared, dangling, db, migrating, prepare

settings = current_app.config["SETTINGS"]


def render(kind, item, autogen_context):
    """Write our column types as the plain types they are stored in."""
    if kind == "type" and type(item).__module__ == "contest.db":
        plain = repr(item.impl_instance if hasattr(item, "impl_instance") else item.impl)
        return f"sa.{plain}"
    return False


def check(ctx, **_):
    """Refuse a step that leaves references to nowhere, before it is committed."""
    if found := dangling(ctx.connection):
        raise RuntimeError(f"rows refer to what is not there: {found[:5]}")


def wait_briefly(connection):
    """Wait for a lock no longer than five seconds in each transaction: a pooler keeps no more of a connection than that."""
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")


def engine():
    if settings.migration_database_url:
        other = sa.create_engine(settings.migration_database_url)
        prepare(other)
        return other
    return db.engine


with engine().connect() as connection:
    if connection.dialect.name == "postgresql":
        sa.event.listen(connection, "begin", wait_briefly)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_object=compared(connection.dialect.name),
        render_item=render,
        transaction_per_migration=True,
        transactional_ddl=True,
        on_version_apply=check,
    )
    with migrating(connection), context.begin_transaction():
        context.run_migrations()
