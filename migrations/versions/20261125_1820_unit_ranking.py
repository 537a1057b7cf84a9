"""By which formula a contest compares its units."""

import sqlalchemy as sa
from alembic import op

revision = 'unit_ranking'
down_revision = 'limits'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('contests') as table:
        table.add_column(sa.Column('unit_criterion', sa.String(30), nullable=False, server_default='ratio'))
        table.add_column(sa.Column('unit_least_score', sa.BigInteger(), nullable=True))
        table.add_column(sa.Column('unit_best', sa.Integer(), nullable=True))
    with op.batch_alter_table('contests') as table:
        table.alter_column('unit_criterion', existing_type=sa.String(30), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('contests') as table:
        for name in ('unit_criterion', 'unit_least_score', 'unit_best'):
            table.drop_column(name)
