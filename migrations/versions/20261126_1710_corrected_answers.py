"""New keys of questions answered part by part or in an order: what a correction takes for right there."""

import sqlalchemy as sa
from alembic import op

revision = 'corrected_answers'
down_revision = 'passages'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('corrections', sa.Column('answers', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column('corrections', 'answers')
