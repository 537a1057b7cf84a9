"""The queue before a start."""

import sqlalchemy as sa
from alembic import op

revision = 'start_queue'
down_revision = 'minutes'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'start_gates',
        sa.Column('round_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('free_at', sa.BigInteger(), nullable=False),
        sa.Column('is_queueing', sa.Boolean(), nullable=False),
        sa.Column('last_number', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name=op.f('fk_start_gates_round_id_rounds')),
        sa.PrimaryKeyConstraint('round_id', name=op.f('pk_start_gates')),
    )
    op.create_table(
        'start_tickets',
        sa.Column('round_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('member_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('admitted_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['round_id'], ['start_gates.round_id'], name=op.f('fk_start_tickets_round_id_start_gates')),
        sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_start_tickets_member_id_members')),
        sa.PrimaryKeyConstraint('round_id', 'member_id', name=op.f('pk_start_tickets')),
    )
    op.create_index(
        'ix_start_tickets_waiting',
        'start_tickets',
        ['round_id', 'number'],
        sqlite_where=sa.text('admitted_at IS NULL'),
        postgresql_where=sa.text('admitted_at IS NULL'),
    )


def downgrade() -> None:
    op.drop_table('start_tickets')
    op.drop_table('start_gates')
