"""Questions that are answered part by part: their parts and limits with the content, their answers with the key."""

import sqlalchemy as sa
from alembic import op

revision = 'question_parts'
down_revision = 'imports'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('question_versions', sa.Column('parts', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('question_versions', sa.Column('limits', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('answer_keys', sa.Column('answers', sa.JSON(), nullable=False, server_default='{}'))


def downgrade() -> None:
    op.drop_column('answer_keys', 'answers')
    op.drop_column('question_versions', 'limits')
    op.drop_column('question_versions', 'parts')
