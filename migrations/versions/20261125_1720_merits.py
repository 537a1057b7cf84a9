"""What a standing recognises of a person: a score that may be a mean, and full-mark attempts."""

import sqlalchemy as sa
from alembic import op

revision = 'merits'
down_revision = 'entry_digests'
branch_labels = None
depends_on = None

SCORES = ('correct', 'points', 'board_correct', 'board_points')


def upgrade() -> None:
    with op.batch_alter_table('standings') as table:
        for name in SCORES:
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        table.add_column(sa.Column('full_marks', sa.Integer(), nullable=False, server_default='0'))
    for prefix in ('', 'board_'):
        own = f"FROM results WHERE results.attempt_id = standings.{prefix}attempt_id"
        op.execute(f"UPDATE standings SET {prefix}correct = (SELECT correct_count * 1000000 {own}), "
                   f"{prefix}points = (SELECT points {own})")
    op.execute("UPDATE standings SET full_marks = (SELECT count(*) FROM results WHERE results.round_id = standings.round_id "
               "AND results.member_id = standings.member_id AND correct_count = question_count AND question_count > 0)")
    with op.batch_alter_table('standings') as table:
        table.alter_column('correct', existing_type=sa.BigInteger(), nullable=False)
        table.alter_column('points', existing_type=sa.BigInteger(), nullable=False)
        table.alter_column('full_marks', existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('standings') as table:
        for name in (*SCORES, 'full_marks'):
            table.drop_column(name)
