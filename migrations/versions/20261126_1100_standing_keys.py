"""Standings lie in the order of their keys on SQLite: one tree less to write for each of them."""

from alembic import op

revision = 'standing_keys'
down_revision = 'overall'
branch_labels = None
depends_on = None

_TABLES = ('standings', 'standing_units')


def _rebuild(**kept: bool) -> None:
    if op.get_context().dialect.name != 'sqlite':
        return  # PostgreSQL keeps tables and keys apart as it sees fit
    for name in _TABLES:
        with op.batch_alter_table(name, recreate='always', table_kwargs=kept):
            pass


def upgrade() -> None:
    _rebuild(sqlite_with_rowid=False)


def downgrade() -> None:
    _rebuild()
