"""What the questions of a line are worth, questions that stand in every paper, and how a round draws for who comes again."""

import sqlalchemy as sa
from alembic import op

revision = 'blueprint_worth'
down_revision = 'tryouts'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('blueprint_lines', sa.Column('worth', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('blueprint_lines', sa.Column('question_id', sa.Integer(), nullable=True))
    op.add_column('rounds', sa.Column('negative', sa.String(10), nullable=False, server_default='none'))
    op.add_column('rounds', sa.Column('possible', sa.BigInteger(), nullable=True))
    op.add_column('rounds', sa.Column('no_repeat', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('rounds', sa.Column('least_used', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column('rounds', 'least_used')
    op.drop_column('rounds', 'no_repeat')
    op.drop_column('rounds', 'possible')
    op.drop_column('rounds', 'negative')
    op.drop_column('blueprint_lines', 'question_id')
    op.drop_column('blueprint_lines', 'worth')
