"""Topic and difficulty belong to a version: what papers draw by moves only when a version is approved."""

import sqlalchemy as sa
from alembic import op

revision = 'version_places'
down_revision = 'version_comments'
branch_labels = None
depends_on = None

_CHANGED = 'OLD.topic_id IS {0} NEW.topic_id OR OLD.difficulty IS {0} NEW.difficulty'


def upgrade() -> None:
    op.add_column('question_versions', sa.Column('topic_id', sa.Integer(), nullable=True))
    op.add_column('question_versions', sa.Column('difficulty', sa.String(20), nullable=True))
    for name in ('topic_id', 'difficulty'):
        op.execute(
            f'UPDATE question_versions SET {name} = '
            f'(SELECT q.{name} FROM questions q WHERE q.id = question_versions.question_id)'
        )
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE TRIGGER guard_question_versions_place BEFORE UPDATE OF topic_id, difficulty ON question_versions '
            f'FOR EACH ROW WHEN ({_CHANGED.format("DISTINCT FROM")}) EXECUTE FUNCTION refuse_change()'
        )
        return
    op.execute(
        'CREATE TRIGGER guard_question_versions_place BEFORE UPDATE OF topic_id, difficulty ON question_versions '
        f'WHEN {_CHANGED.format("NOT")} '
        "BEGIN SELECT RAISE(ABORT, 'question_versions: topic_id, difficulty never change'); END"
    )


def downgrade() -> None:
    on = ' ON question_versions' if op.get_bind().dialect.name == 'postgresql' else ''
    op.execute(f'DROP TRIGGER guard_question_versions_place{on}')
    op.drop_column('question_versions', 'difficulty')
    op.drop_column('question_versions', 'topic_id')
