"""Papers that organisers try: apart from attempts, for nothing of them counts."""

import sqlalchemy as sa
from alembic import op

revision = 'tryouts'
down_revision = 'paper_sets'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'tryouts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(24), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('member_id', sa.Integer(), nullable=False),
        sa.Column('paper', sa.JSON(), nullable=False),
        sa.Column('saved', sa.JSON(), nullable=False),
        sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name='fk_tryouts_round_id_rounds'),
        sa.ForeignKeyConstraint(['member_id'], ['members.id'], name='fk_tryouts_member_id_members'),
        sa.PrimaryKeyConstraint('id', name='pk_tryouts'),
        sa.UniqueConstraint('code', name='uq_tryouts_code'),
        sa.UniqueConstraint('round_id', 'member_id', name='uq_tryouts_round_id_member_id'),
    )


def downgrade() -> None:
    op.drop_table('tryouts')
