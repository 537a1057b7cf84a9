"""Rich texts of questions, and the pictures and recordings of banks; what is stored never changes."""

import sqlalchemy as sa
from alembic import op

revision = 'rich_questions'
down_revision = 'blueprint_worth'
branch_labels = None
depends_on = None

APPEND_ONLY = ('media', 'medium_uses')


def _fk(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{other}.id'], name=f'fk_{table}_{column}_{other}')


def upgrade() -> None:
    op.add_column(
        'question_versions', sa.Column('rich', sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        'media',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('bank_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(80), nullable=False),
        sa.Column('media_type', sa.String(40), nullable=False),
        sa.Column('width', sa.Integer(), nullable=False),
        sa.Column('height', sa.Integer(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(64), nullable=False),
        sa.Column('source_sha256', sa.String(64), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        _fk('media', 'bank_id', 'banks'),
        _fk('media', 'by_id', 'members'),
        sa.PrimaryKeyConstraint('id', name='pk_media'),
        sa.UniqueConstraint('name', name='uq_media_name'),
        sa.UniqueConstraint('bank_id', 'source_sha256', name='uq_media_bank_id_source_sha256'),
    )
    op.create_table(
        'medium_uses',
        sa.Column('medium_id', sa.Integer(), nullable=False),
        sa.Column('version_id', sa.Integer(), nullable=False),
        _fk('medium_uses', 'medium_id', 'media'),
        _fk('medium_uses', 'version_id', 'question_versions'),
        sa.PrimaryKeyConstraint('medium_id', 'version_id', name='pk_medium_uses'),
    )
    if op.get_bind().dialect.name == 'postgresql':
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_postgresql() -> None:
    op.execute(
        'CREATE TRIGGER guard_question_versions_rich BEFORE UPDATE OF rich ON question_versions '
        'FOR EACH ROW WHEN (OLD.rich IS DISTINCT FROM NEW.rich) EXECUTE FUNCTION refuse_change()'
    )
    for table in APPEND_ONLY:
        op.execute(
            f'CREATE TRIGGER guard_{table} BEFORE UPDATE OR DELETE ON {table} '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        )


def _guard_sqlite() -> None:
    op.execute(
        'CREATE TRIGGER guard_question_versions_rich BEFORE UPDATE OF rich ON question_versions '
        "WHEN OLD.rich IS NOT NEW.rich BEGIN SELECT RAISE(ABORT, 'question_versions: rich never changes'); END"
    )
    for table in APPEND_ONLY:
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f'CREATE TRIGGER guard_{table}_{verb.lower()} BEFORE {verb} ON {table} '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    on = ' ON question_versions' if op.get_bind().dialect.name == 'postgresql' else ''
    op.execute(f'DROP TRIGGER guard_question_versions_rich{on}')
    op.drop_table('medium_uses')
    op.drop_table('media')
    op.drop_column('question_versions', 'rich')
