"""Standings lie in the order of their keys on SQLite, and check no reference that the attempts behind them hold already."""

from alembic import op

revision = 'standing_keys'
down_revision = 'overall'
branch_labels = None
depends_on = None

_REFERENCES = {
    'standings': {'round_id': 'rounds', 'member_id': 'members', 'board_attempt_id': 'attempts'},
    'standing_units': {'round_id': 'rounds', 'member_id': 'members', 'ancestor_id': 'units'},
}


def upgrade() -> None:
    for name, references in _REFERENCES.items():
        with op.batch_alter_table(name, table_kwargs={'sqlite_with_rowid': False}) as table:
            for column, other in references.items():
                table.drop_constraint(f'fk_{name}_{column}_{other}', type_='foreignkey')


def downgrade() -> None:
    for name, references in _REFERENCES.items():
        with op.batch_alter_table(name) as table:
            for column, other in references.items():
                table.create_foreign_key(f'fk_{name}_{column}_{other}', other, [column], ['id'])
