"""Legal sources that were amended or repealed, and the questions that were found to hold all the same."""

import sqlalchemy as sa
from alembic import op

revision = 'sources'
down_revision = 'version_uses'
branch_labels = None
depends_on = None

APPEND_ONLY = ('source_marks', 'source_confirmations')


def _fk(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{other}.id'], name=f'fk_{table}_{column}_{other}')


def upgrade() -> None:
    op.create_table(
        'source_marks',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('bank_id', sa.Integer(), nullable=False),
        sa.Column('source', sa.Text(), nullable=False),
        sa.Column('change', sa.String(20), nullable=False),
        sa.Column('changed_on', sa.Date(), nullable=True),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        _fk('source_marks', 'bank_id', 'banks'),
        _fk('source_marks', 'by_id', 'members'),
        sa.PrimaryKeyConstraint('id', name='pk_source_marks'),
    )
    op.create_index('ix_source_marks_bank_id', 'source_marks', ['bank_id'])
    op.create_table(
        'source_confirmations',
        sa.Column('mark_id', sa.Integer(), nullable=False),
        sa.Column('question_id', sa.Integer(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        _fk('source_confirmations', 'mark_id', 'source_marks'),
        _fk('source_confirmations', 'question_id', 'questions'),
        _fk('source_confirmations', 'by_id', 'members'),
        sa.PrimaryKeyConstraint('mark_id', 'question_id', name='pk_source_confirmations'),
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
    op.drop_table('source_confirmations')
    op.drop_table('source_marks')
