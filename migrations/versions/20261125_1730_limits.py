"""Attempts may be limited by the day or the week."""

import sqlalchemy as sa
from alembic import op

revision = 'limits'
down_revision = 'merits'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('rounds') as table:
        table.add_column(sa.Column('attempts_per', sa.String(10), nullable=False, server_default='round'))
    with op.batch_alter_table('rounds') as table:
        table.alter_column('attempts_per', existing_type=sa.String(10), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('rounds') as table:
        table.drop_column('attempts_per')
