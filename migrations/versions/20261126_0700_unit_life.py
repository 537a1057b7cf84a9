"""The life of units: declared headcounts, changes with their dates, divisions, and what a contest compares."""

import sqlalchemy as sa
from alembic import op


revision = 'unit_life'
down_revision = 'windows'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('units') as table:
        table.add_column(sa.Column('successor_id', sa.Integer(), nullable=True))
        table.create_foreign_key(op.f('fk_units_successor_id_units'), 'units', ['successor_id'], ['id'])
    with op.batch_alter_table('contests') as table:
        table.add_column(sa.Column('unit_prize_points', sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        table.add_column(sa.Column('compared', sa.String(20), nullable=False, server_default='taking_part'))
        table.add_column(sa.Column('compared_unit_id', sa.Integer(), nullable=True))
        table.add_column(sa.Column('compared_level', sa.String(100), nullable=False, server_default=''))
        table.create_foreign_key(op.f('fk_contests_compared_unit_id_units'), 'units', ['compared_unit_id'], ['id'])
    with op.batch_alter_table('contests') as table:
        for name, kind in (('unit_prize_points', sa.JSON()), ('compared', sa.String(20)), ('compared_level', sa.String(100))):
            table.alter_column(name, existing_type=kind, server_default=None)
    _tables_of_units()
    _tables_of_contests()
    op.execute("INSERT INTO headcount_declarations (unit_id, figure, at) "
               "SELECT id, headcount, valid_from FROM units WHERE headcount IS NOT NULL ORDER BY id")


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{to}.id'], name=op.f(f'fk_{table}_{column}_{to}'))


def _tables_of_units() -> None:
    op.create_table(
        'unit_changes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('member_id', sa.Integer(), nullable=True),
        sa.Column('before', sa.String(200), nullable=False),
        sa.Column('after', sa.String(200), nullable=False),
        sa.Column('other_id', sa.Integer(), nullable=True),
        _reference('unit_changes', 'unit_id', 'units'),
        _reference('unit_changes', 'member_id', 'members'),
        _reference('unit_changes', 'other_id', 'units'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_changes')),
    )
    op.create_index(op.f('ix_unit_changes_unit_id'), 'unit_changes', ['unit_id'])
    op.create_table(
        'headcount_declarations',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('figure', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('member_id', sa.Integer(), nullable=True),
        _reference('headcount_declarations', 'unit_id', 'units'),
        _reference('headcount_declarations', 'member_id', 'members'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_headcount_declarations')),
    )
    op.create_index('ix_headcount_declarations_unit', 'headcount_declarations', ['unit_id', 'at'])


def _tables_of_contests() -> None:
    op.create_table(
        'unit_divisions',
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(60), nullable=False),
        _reference('unit_divisions', 'contest_id', 'contests'),
        _reference('unit_divisions', 'unit_id', 'units'),
        sa.PrimaryKeyConstraint('contest_id', 'unit_id', name=op.f('pk_unit_divisions')),
    )
    op.create_table(
        'contest_headcounts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('figure', sa.Integer(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('member_id', sa.Integer(), nullable=True),
        _reference('contest_headcounts', 'contest_id', 'contests'),
        _reference('contest_headcounts', 'unit_id', 'units'),
        _reference('contest_headcounts', 'member_id', 'members'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_headcounts')),
    )
    op.create_index('ix_contest_headcounts_unit', 'contest_headcounts', ['contest_id', 'unit_id'])


def downgrade() -> None:
    for name in ('contest_headcounts', 'unit_divisions', 'headcount_declarations', 'unit_changes'):
        op.drop_table(name)
    with op.batch_alter_table('contests') as table:
        table.drop_constraint(op.f('fk_contests_compared_unit_id_units'), type_='foreignkey')
        for name in ('unit_prize_points', 'compared', 'compared_unit_id', 'compared_level'):
            table.drop_column(name)
    with op.batch_alter_table('units') as table:
        table.drop_constraint(op.f('fk_units_successor_id_units'), type_='foreignkey')
        table.drop_column('successor_id')
