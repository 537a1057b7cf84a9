"""What people mark: which lines draw it, the responses that wait, the marks, and how to mark beside each key."""

import sqlalchemy as sa
from alembic import op

revision = 'marking'
down_revision = 'corrected_answers'
branch_labels = None
depends_on = None

APPEND_ONLY = ('scripts', 'marks')


def upgrade() -> None:
    op.add_column('blueprint_lines', sa.Column('marked', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('rounds', sa.Column('marked', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('results', sa.Column('unmarked', sa.Integer(), server_default='0', nullable=False))
    op.add_column('answer_keys', sa.Column('guidance', sa.Text(), server_default='', nullable=False))
    op.create_table(
        'scripts',
        sa.Column('attempt_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('version_id', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name='fk_scripts_attempt_id_attempts'),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name='fk_scripts_round_id_rounds'),
        sa.ForeignKeyConstraint(
            ['version_id'], ['question_versions.id'], name='fk_scripts_version_id_question_versions'
        ),
        sa.PrimaryKeyConstraint('attempt_id', 'position', name='pk_scripts'),
        sa.UniqueConstraint('version_id', 'code', name='uq_scripts_version_id_code'),
    )
    op.create_index('ix_scripts_round', 'scripts', ['round_id', 'version_id', 'code'])
    op.create_table(
        'marks',
        sa.Column('attempt_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('points', sa.BigInteger(), nullable=False),
        sa.Column('comment', sa.Text(), nullable=False),
        sa.Column('marker_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['attempt_id', 'position'], ['scripts.attempt_id', 'scripts.position'], name='fk_marks_script'
        ),
        sa.ForeignKeyConstraint(['marker_id'], ['members.id'], name='fk_marks_marker_id_members'),
        sa.PrimaryKeyConstraint('attempt_id', 'position', 'version', name='pk_marks'),
    )
    if op.get_bind().dialect.name == 'postgresql':
        for table in APPEND_ONLY:
            op.execute(
                f'CREATE TRIGGER guard_{table} BEFORE UPDATE OR DELETE ON {table} '
                'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
            )
        return
    for table in APPEND_ONLY:
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f'CREATE TRIGGER guard_{table}_{verb.lower()} BEFORE {verb} ON {table} '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    op.drop_table('marks')
    op.drop_table('scripts')
    op.drop_column('answer_keys', 'guidance')
    op.drop_column('results', 'unmarked')
    op.drop_column('rounds', 'marked')
    op.drop_column('blueprint_lines', 'marked')
