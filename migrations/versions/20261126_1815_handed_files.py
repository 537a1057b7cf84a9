"""Files that are handed in as answers."""

import sqlalchemy as sa
from alembic import op

revision = 'handed_files'
down_revision = 'marking'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'handed_files',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('paper_code', sa.String(length=24), nullable=False),
        sa.Column('is_try', sa.Boolean(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('title', sa.String(length=120), nullable=False),
        sa.Column('media_type', sa.String(length=100), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_handed_files')),
        sa.UniqueConstraint('name', name=op.f('uq_handed_files_name')),
        sa.UniqueConstraint('paper_code', 'position', 'sha256', name=op.f('uq_handed_files_paper_code_position_sha256')),
    )
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE TRIGGER guard_handed_files_update BEFORE UPDATE ON handed_files '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        )
        op.execute(
            'CREATE TRIGGER guard_handed_files_delete BEFORE DELETE ON handed_files '
            'FOR EACH ROW WHEN (NOT OLD.is_try) EXECUTE FUNCTION refuse_change()'
        )
    else:
        op.execute(
            'CREATE TRIGGER guard_handed_files_update BEFORE UPDATE ON handed_files '
            "BEGIN SELECT RAISE(ABORT, 'handed_files are never changed'); END"
        )
        op.execute(
            'CREATE TRIGGER guard_handed_files_delete BEFORE DELETE ON handed_files WHEN NOT OLD.is_try '
            "BEGIN SELECT RAISE(ABORT, 'handed_files of attempts are never removed'); END"
        )


def downgrade() -> None:
    op.drop_table('handed_files')
