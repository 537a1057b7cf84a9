"""The number of the edition of what many people's pages share; every command moves it."""

import sqlalchemy as sa
from alembic import op

revision = 'editions'
down_revision = 'missed'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'editions',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_editions_only_one')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_editions')),
    )
    op.execute('INSERT INTO editions (id, number) VALUES (1, 1)')


def downgrade() -> None:
    op.drop_table('editions')
