"""Seals over submissions."""

import sqlalchemy as sa
from alembic import op

revision = 'seals'
down_revision = 'handed_files'
branch_labels = None
depends_on = None

APPEND_ONLY = ('submission_seals', 'sealed_submissions')


def upgrade() -> None:
    op.create_table(
        'submission_seals',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('root', sa.String(length=64), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name=op.f('fk_submission_seals_round_id_rounds')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_submission_seals')),
        sa.UniqueConstraint('round_id', 'number', name=op.f('uq_submission_seals_round_id_number')),
    )
    op.create_table(
        'sealed_submissions',
        sa.Column('attempt_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('seal_id', sa.Integer(), nullable=False),
        sa.Column('leaf', sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_sealed_submissions_attempt_id_attempts')),
        sa.ForeignKeyConstraint(['seal_id'], ['submission_seals.id'], name=op.f('fk_sealed_submissions_seal_id_submission_seals')),
        sa.PrimaryKeyConstraint('attempt_id', name=op.f('pk_sealed_submissions')),
    )
    op.create_index('ix_sealed_submissions_seal', 'sealed_submissions', ['seal_id', 'attempt_id'])
    # No rebuilding here: the table carries triggers, and a plain column may be added as it is.
    op.add_column('attempts', sa.Column('is_sealed', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        'ix_attempts_unsealed',
        'attempts',
        ['round_id', 'id'],
        sqlite_where=sa.text("state <> 'open' AND is_sealed = 0"),
        postgresql_where=sa.text("state <> 'open' AND NOT is_sealed"),
    )
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
    op.drop_index('ix_attempts_unsealed', 'attempts')
    op.drop_column('attempts', 'is_sealed')
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
