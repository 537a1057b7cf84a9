"""Lots that order the equals of a round, and prizes of a list of units that have a criterion of their own."""

import sqlalchemy as sa
from alembic import op

revision = 'lots'
down_revision = 'unit_life'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('prizes') as table:
        table.add_column(sa.Column('by', sa.String(20), nullable=True))
    _drop_guards()
    with op.batch_alter_table('draws') as table:
        table.alter_column('list_id', existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column('round_id', sa.Integer(), nullable=True))
        table.add_column(sa.Column('prize_number', sa.Integer(), nullable=True))
        table.add_column(sa.Column('groups', sa.JSON(), nullable=True))
        table.create_foreign_key('fk_draws_round_id_rounds', 'rounds', ['round_id'], ['id'])
        table.create_check_constraint(op.f('ck_draws_of_one'), '(list_id IS NULL) <> (round_id IS NULL)')
    op.create_index('ix_draws_round_id', 'draws', ['round_id'])
    _guards()


def _drop_guards() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP TRIGGER guard_draws ON draws')
        return
    for verb in ('update', 'delete'):
        op.execute(f'DROP TRIGGER guard_draws_{verb}')


def _guards() -> None:
    """Guard draws again: on SQLite the table was built anew, and a trigger does not follow."""
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE TRIGGER guard_draws BEFORE UPDATE OR DELETE ON draws FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        )
        return
    for verb in ('UPDATE', 'DELETE'):
        op.execute(
            f'CREATE TRIGGER guard_draws_{verb.lower()} BEFORE {verb} ON draws '
            "BEGIN SELECT RAISE(ABORT, 'draws is append-only'); END"
        )


def downgrade() -> None:
    """Draws over a round have no place in the former table: going down takes them away with their outcomes."""
    _drop_guards()
    own = 'SELECT id FROM draws WHERE list_id IS NULL'
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('ALTER TABLE draw_outcomes DISABLE TRIGGER guard_draw_outcomes')
        op.execute(f'DELETE FROM draw_outcomes WHERE draw_id IN ({own})')
        op.execute('ALTER TABLE draw_outcomes ENABLE TRIGGER guard_draw_outcomes')
    else:
        op.execute('DROP TRIGGER guard_draw_outcomes_delete')
        op.execute(f'DELETE FROM draw_outcomes WHERE draw_id IN ({own})')
        op.execute(
            'CREATE TRIGGER guard_draw_outcomes_delete BEFORE DELETE ON draw_outcomes '
            "BEGIN SELECT RAISE(ABORT, 'draw_outcomes is append-only'); END"
        )
    op.execute('DELETE FROM draws WHERE list_id IS NULL')
    op.drop_index('ix_draws_round_id', 'draws')
    with op.batch_alter_table('draws') as table:
        table.drop_constraint(op.f('ck_draws_of_one'), type_='check')
        table.drop_constraint('fk_draws_round_id_rounds', type_='foreignkey')
        for name in ('groups', 'prize_number', 'round_id'):
            table.drop_column(name)
        table.alter_column('list_id', existing_type=sa.Integer(), nullable=False)
    _guards()
    with op.batch_alter_table('prizes') as table:
        table.drop_column('by')
