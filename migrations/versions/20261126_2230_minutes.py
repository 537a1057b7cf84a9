"""What each process served, minute by minute."""

import sqlalchemy as sa
from alembic import op

revision = 'minutes'
down_revision = 'steps'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'served_minutes',
        sa.Column('minute', sa.DateTime(timezone=True), nullable=False),
        sa.Column('process', sa.String(length=16), nullable=False),
        sa.Column('buckets', sa.JSON(), nullable=False),
        sa.Column('errors', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('minute', 'process', name=op.f('pk_served_minutes')),
    )


def downgrade() -> None:
    op.drop_table('served_minutes')
