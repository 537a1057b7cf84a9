"""The digest over a submission lies with its result: whoever hands in is closed by one statement, and read afterwards."""

import sqlalchemy as sa
from alembic import op

revision = 'digest_of_result'
down_revision = 'editions'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('results', sa.Column('digest', sa.String(64), nullable=True))
    op.execute('UPDATE results SET digest = (SELECT digest FROM attempts WHERE attempts.id = results.attempt_id)')
    op.drop_column('attempts', 'digest')


def downgrade() -> None:
    op.add_column('attempts', sa.Column('digest', sa.String(64), nullable=True))
    op.execute('UPDATE attempts SET digest = (SELECT digest FROM results WHERE results.attempt_id = attempts.id)')
    op.drop_column('results', 'digest')
