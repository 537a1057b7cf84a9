"""Imports of questions that can be chosen from and undone as a whole, and what is alike in a bank."""

import sqlalchemy as sa
from alembic import op

revision = 'imports'
down_revision = 'sources'
branch_labels = None
depends_on = None


def _fk(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{other}.id'], name=f'fk_{table}_{column}_{other}')


def upgrade() -> None:
    op.add_column('jobs', sa.Column('stage', sa.String(20), nullable=False, server_default=''))
    op.create_table(
        'import_items',
        sa.Column('job_id', sa.Integer(), nullable=False),
        sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('fate', sa.String(20), nullable=False),
        sa.Column('like_code', sa.String(60), nullable=True),
        sa.Column('like_position', sa.Integer(), nullable=True),
        sa.Column('former_id', sa.Integer(), nullable=True),
        sa.Column('draft', sa.Text(), nullable=False),
        sa.Column('is_chosen', sa.Boolean(), nullable=False),
        _fk('import_items', 'job_id', 'jobs'),
        sa.PrimaryKeyConstraint('job_id', 'position', name='pk_import_items'),
    )
    op.create_index('ix_import_items_fate', 'import_items', ['job_id', 'fate', 'position'])
    op.create_table(
        'imports',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('bank_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(200), nullable=False),
        sa.Column('counts', sa.JSON(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('undone', sa.JSON(), nullable=True),
        sa.Column('undone_by_id', sa.Integer(), nullable=True),
        sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
        _fk('imports', 'bank_id', 'banks'),
        _fk('imports', 'by_id', 'members'),
        _fk('imports', 'undone_by_id', 'members'),
        sa.PrimaryKeyConstraint('id', name='pk_imports'),
        sa.UniqueConstraint('bank_id', 'number', name='uq_imports_bank_id_number'),
    )
    op.create_table(
        'imported_versions',
        sa.Column('version_id', sa.Integer(), nullable=False),
        sa.Column('import_id', sa.Integer(), nullable=False),
        sa.Column('former_id', sa.Integer(), nullable=True),
        sa.Column('former_tags', sa.JSON(), nullable=False),
        _fk('imported_versions', 'version_id', 'question_versions'),
        _fk('imported_versions', 'import_id', 'imports'),
        sa.PrimaryKeyConstraint('version_id', name='pk_imported_versions'),
    )
    op.create_index('ix_imported_versions_import_id', 'imported_versions', ['import_id'])
    _likenesses()


def _likenesses() -> None:
    op.create_table(
        'pair_searches',
        sa.Column('bank_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('signature', sa.String(64), nullable=False),
        sa.Column('is_whole', sa.Boolean(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        _fk('pair_searches', 'bank_id', 'banks'),
        sa.PrimaryKeyConstraint('bank_id', name='pk_pair_searches'),
    )
    op.create_table(
        'alike_pairs',
        sa.Column('first_id', sa.Integer(), nullable=False),
        sa.Column('second_id', sa.Integer(), nullable=False),
        sa.Column('bank_id', sa.Integer(), nullable=False),
        sa.Column('place', sa.Integer(), nullable=False),
        sa.Column('alikeness', sa.String(20), nullable=False),
        sa.Column('percent', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        _fk('alike_pairs', 'first_id', 'questions'),
        _fk('alike_pairs', 'second_id', 'questions'),
        _fk('alike_pairs', 'bank_id', 'banks'),
        sa.PrimaryKeyConstraint('first_id', 'second_id', name='pk_alike_pairs'),
    )
    op.create_index('ix_alike_pairs_place', 'alike_pairs', ['bank_id', 'place'])
    op.create_table(
        'distinct_pairs',
        sa.Column('first_id', sa.Integer(), nullable=False),
        sa.Column('second_id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        _fk('distinct_pairs', 'first_id', 'questions'),
        _fk('distinct_pairs', 'second_id', 'questions'),
        _fk('distinct_pairs', 'by_id', 'members'),
        sa.PrimaryKeyConstraint('first_id', 'second_id', 'digest', name='pk_distinct_pairs'),
    )


def downgrade() -> None:
    for table in ('distinct_pairs', 'alike_pairs', 'pair_searches', 'imported_versions', 'imports', 'import_items'):
        op.drop_table(table)
    op.drop_column('jobs', 'stage')
