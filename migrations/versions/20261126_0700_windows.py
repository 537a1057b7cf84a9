"""Many windows a round, voids, extra time of persons and of rounds, and what organisers announce."""

import sqlalchemy as sa
from alembic import op

revision = 'windows'
down_revision = 'entrants'
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('rounds') as table:
        table.add_column(sa.Column('revision', sa.Integer(), nullable=False, server_default='1'))
    with op.batch_alter_table('rounds') as table:
        table.alter_column('revision', existing_type=sa.Integer(), server_default=None)
    # Added in place: rebuilding the table would leave its guards behind.
    op.execute('ALTER TABLE attempts ADD COLUMN extra_seconds INTEGER NOT NULL DEFAULT 0')
    op.execute('ALTER TABLE attempts ADD COLUMN void_id INTEGER')
    op.create_table(
        'round_windows',
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('opens_at', AT, nullable=False),
        sa.Column('closes_at', AT, nullable=False),
        sa.CheckConstraint('opens_at < closes_at', name=op.f('ck_round_windows_window')),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name=op.f('fk_round_windows_round_id_rounds')),
        sa.PrimaryKeyConstraint('round_id', 'number', name=op.f('pk_round_windows')),
    )
    op.create_table(
        'voids',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('opens_at', AT, nullable=True),
        sa.Column('closes_at', AT, nullable=True),
        sa.Column('attempt_id', sa.Integer(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('voided_at', AT, nullable=False),
        sa.Column('voided_by', sa.Integer(), nullable=True),
        sa.Column('restored_at', AT, nullable=True),
        sa.Column('restored_by', sa.Integer(), nullable=True),
        sa.CheckConstraint(
            '(attempt_id IS NULL) = (opens_at IS NOT NULL AND closes_at IS NOT NULL)', name=op.f('ck_voids_of_one')
        ),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name=op.f('fk_voids_round_id_rounds')),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_voids_attempt_id_attempts')),
        sa.ForeignKeyConstraint(['voided_by'], ['members.id'], name=op.f('fk_voids_voided_by_members')),
        sa.ForeignKeyConstraint(['restored_by'], ['members.id'], name=op.f('fk_voids_restored_by_members')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_voids')),
    )
    op.create_index(op.f('ix_voids_round_id'), 'voids', ['round_id'])
    op.create_table(
        'extra_minutes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=True),
        sa.Column('member_id', sa.Integer(), nullable=True),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('granted_at', AT, nullable=False),
        sa.Column('granted_by', sa.Integer(), nullable=True),
        sa.CheckConstraint('minutes > 0', name=op.f('ck_extra_minutes_minutes')),
        sa.CheckConstraint('unit_id IS NULL OR member_id IS NULL', name=op.f('ck_extra_minutes_of_one')),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name=op.f('fk_extra_minutes_round_id_rounds')),
        sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_extra_minutes_unit_id_units')),
        sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_extra_minutes_member_id_members')),
        sa.ForeignKeyConstraint(['granted_by'], ['members.id'], name=op.f('fk_extra_minutes_granted_by_members')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_extra_minutes')),
    )
    op.create_index(op.f('ix_extra_minutes_round_id'), 'extra_minutes', ['round_id'])
    op.create_table(
        'extra_times',
        sa.Column('member_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('percent', sa.Integer(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('valid_until', sa.Date(), nullable=True),
        sa.Column('set_at', AT, nullable=False),
        sa.Column('set_by', sa.Integer(), nullable=True),
        sa.CheckConstraint(
            '(minutes > 0 AND percent = 0) OR (minutes = 0 AND percent > 0)', name=op.f('ck_extra_times_of_one')
        ),
        sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_extra_times_member_id_members')),
        sa.ForeignKeyConstraint(['set_by'], ['members.id'], name=op.f('fk_extra_times_set_by_members')),
        sa.PrimaryKeyConstraint('member_id', name=op.f('pk_extra_times')),
    )
    op.create_table(
        'announcements',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=True),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('announced_at', AT, nullable=False),
        sa.Column('announced_by', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['contest_id'], ['contests.id'], name=op.f('fk_announcements_contest_id_contests')),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name=op.f('fk_announcements_round_id_rounds')),
        sa.ForeignKeyConstraint(['announced_by'], ['members.id'], name=op.f('fk_announcements_announced_by_members')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_announcements')),
    )
    op.create_index(op.f('ix_announcements_contest_id'), 'announcements', ['contest_id'])


def downgrade() -> None:
    for name in ('announcements', 'extra_times', 'extra_minutes', 'voids', 'round_windows'):
        op.drop_table(name)
    for name in ('void_id', 'extra_seconds'):
        op.execute(f'ALTER TABLE attempts DROP COLUMN {name}')
    with op.batch_alter_table('rounds') as table:
        table.drop_column('revision')
