"""Versions of results with their steps, corrections of questions, and when a result is shown.

Results that were there before stay as public as they were; nobody has approved them, and the pages say so.
"""

import sqlalchemy as sa
from alembic import op

revision = 'result_versions'
down_revision = 'member_codes'
branch_labels = None
depends_on = None

APPEND_ONLY = ('settlement_steps', 'score_changes', 'corrections')


def upgrade() -> None:
    _columns()
    _tables()
    _guards()


def _columns() -> None:
    with op.batch_alter_table('contests') as table:
        table.add_column(sa.Column('publication', sa.String(12), nullable=False, server_default='provisional'))
    with op.batch_alter_table('contests') as table:
        table.alter_column('publication', existing_type=sa.String(12), server_default=None)
    with op.batch_alter_table('rounds') as table:
        table.add_column(sa.Column('shown_at', sa.DateTime(timezone=True), nullable=True))
    op.execute('UPDATE rounds SET shown_at = settled_at')
    # No rebuilding here: the table carries triggers, and plain columns may be added as they are.
    op.add_column('settlements', sa.Column('waits', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('settlements', sa.Column('reason', sa.Text(), nullable=False, server_default=''))
    if op.get_bind().dialect.name == 'postgresql':
        op.alter_column('settlements', 'waits', server_default=None)
        op.alter_column('settlements', 'reason', server_default=None)


def _tables() -> None:
    op.create_table(
        'settlement_steps',
        sa.Column('settlement_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('step', sa.String(12), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['settlement_id'], ['settlements.id'], name='fk_settlement_steps_settlement_id_settlements'),
        sa.ForeignKeyConstraint(['by_id'], ['members.id'], name='fk_settlement_steps_by_id_members'),
        sa.PrimaryKeyConstraint('settlement_id', 'step', name='pk_settlement_steps'),
    )
    op.create_table(
        'settled_standings',
        sa.Column('settlement_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('member_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('attempt_id', sa.Integer(), nullable=False),
        sa.Column('attempts_used', sa.Integer(), nullable=False),
        sa.Column('full_marks', sa.Integer(), nullable=False),
        sa.Column('correct', sa.BigInteger(), nullable=False),
        sa.Column('points', sa.BigInteger(), nullable=False),
        sa.Column('key', sa.LargeBinary(), nullable=False),
        sa.Column('prediction_error', sa.BigInteger(), nullable=True),
        sa.Column('place', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['settlement_id'], ['settlements.id'], name='fk_settled_standings_settlement_id_settlements'),
        sa.ForeignKeyConstraint(['member_id'], ['members.id'], name='fk_settled_standings_member_id_members'),
        sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name='fk_settled_standings_unit_id_units'),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name='fk_settled_standings_attempt_id_attempts'),
        sa.PrimaryKeyConstraint('settlement_id', 'member_id', name='pk_settled_standings'),
    )
    op.create_table(
        'score_changes',
        sa.Column('settlement_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('attempt_id', sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(f'{name}_{when}', kind, nullable=False)
          for name, kind in (('correct', sa.Integer()), ('questions', sa.Integer()), ('points', sa.BigInteger()))
          for when in ('before', 'after')),
        sa.ForeignKeyConstraint(['settlement_id'], ['settlements.id'], name='fk_score_changes_settlement_id_settlements'),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name='fk_score_changes_attempt_id_attempts'),
        sa.PrimaryKeyConstraint('settlement_id', 'attempt_id', name='pk_score_changes'),
    )
    op.create_index('ix_score_changes_attempt', 'score_changes', ['attempt_id'])
    op.create_table(
        'corrections',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('settlement_id', sa.Integer(), nullable=False),
        sa.Column('version_id', sa.Integer(), nullable=False),
        sa.Column('remedy', sa.String(20), nullable=False),
        sa.Column('weights', sa.JSON(none_as_null=True), nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['settlement_id'], ['settlements.id'], name='fk_corrections_settlement_id_settlements'),
        sa.ForeignKeyConstraint(['version_id'], ['question_versions.id'], name='fk_corrections_version_id_question_versions'),
        sa.ForeignKeyConstraint(['by_id'], ['members.id'], name='fk_corrections_by_id_members'),
        sa.PrimaryKeyConstraint('id', name='pk_corrections'),
    )
    op.create_index('ix_corrections_settlement_id', 'corrections', ['settlement_id'])


def _guards() -> None:
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == 'postgresql':
            op.execute(
                f'CREATE TRIGGER guard_{table} BEFORE UPDATE OR DELETE ON {table} '
                'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
            )
            continue
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f'CREATE TRIGGER guard_{table}_{verb.lower()} BEFORE {verb} ON {table} '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    for table in ('corrections', 'score_changes', 'settled_standings', 'settlement_steps'):
        op.drop_table(table)
    for name in ('reason', 'waits'):
        op.drop_column('settlements', name)
    with op.batch_alter_table('rounds') as table:
        table.drop_column('shown_at')
    with op.batch_alter_table('contests') as table:
        table.drop_column('publication')
