"""Questions that belong to a passage: each version says to which, the question repeats it of what papers draw."""

import sqlalchemy as sa
from alembic import op

revision = 'passages'
down_revision = 'rich_questions'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('questions', sa.Column('passage_id', sa.Integer(), nullable=True))
    op.create_index('ix_questions_passage_id', 'questions', ['passage_id'])
    op.add_column('question_versions', sa.Column('passage_id', sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE TRIGGER guard_question_versions_passage BEFORE UPDATE OF passage_id ON question_versions FOR EACH ROW '
            'WHEN (OLD.passage_id IS DISTINCT FROM NEW.passage_id) EXECUTE FUNCTION refuse_change()'
        )
    else:
        op.execute(
            'CREATE TRIGGER guard_question_versions_passage BEFORE UPDATE OF passage_id ON question_versions '
            'WHEN OLD.passage_id IS NOT NEW.passage_id '
            "BEGIN SELECT RAISE(ABORT, 'question_versions: passage_id never changes'); END"
        )


def downgrade() -> None:
    on = ' ON question_versions' if op.get_bind().dialect.name == 'postgresql' else ''
    op.execute(f'DROP TRIGGER guard_question_versions_passage{on}')
    op.drop_column('question_versions', 'passage_id')
    op.drop_index('ix_questions_passage_id', 'questions')
    op.drop_column('questions', 'passage_id')
