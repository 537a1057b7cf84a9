"""By what it is seen that a worker lives."""

import sqlalchemy as sa
from alembic import op

revision = 'worker_beats'
down_revision = 'digest_of_result'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'worker_beats',
        sa.Column('process', sa.String(length=16), nullable=False),
        sa.Column('node', sa.String(length=64), nullable=False),
        sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('beat_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('process', name=op.f('pk_worker_beats')),
    )


def downgrade() -> None:
    op.drop_table('worker_beats')
