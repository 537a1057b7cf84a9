"""Standings lie in the order of their keys on SQLite, and what is written under units is an index: it checks nothing twice."""

from alembic import op

revision = 'standing_keys'
down_revision = 'overall'
branch_labels = None
depends_on = None

_ABOVE = {'ancestor_id': 'units', 'member_id': 'members', 'round_id': 'rounds'}


def upgrade() -> None:
    kept = {'sqlite_with_rowid': False}
    if op.get_context().dialect.name == 'sqlite':
        with op.batch_alter_table('standings', recreate='always', table_kwargs=kept):
            pass
    with op.batch_alter_table('standing_units', table_kwargs=kept) as table:
        for column, other in _ABOVE.items():
            table.drop_constraint(f'fk_standing_units_{column}_{other}', type_='foreignkey')


def downgrade() -> None:
    with op.batch_alter_table('standing_units') as table:
        for column, other in _ABOVE.items():
            table.create_foreign_key(f'fk_standing_units_{column}_{other}', other, [column], ['id'])
    if op.get_context().dialect.name == 'sqlite':
        with op.batch_alter_table('standings', recreate='always'):
            pass
