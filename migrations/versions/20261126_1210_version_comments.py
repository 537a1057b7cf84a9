"""Comments of authors and reviewers on the versions of questions: appended, never changed."""

import sqlalchemy as sa
from alembic import op

revision = 'version_comments'
down_revision = 'standing_keys'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'version_comments',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('version_id', sa.Integer(), nullable=False),
        sa.Column('author_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ['version_id'], ['question_versions.id'], name='fk_version_comments_version_id_question_versions'
        ),
        sa.ForeignKeyConstraint(['author_id'], ['members.id'], name='fk_version_comments_author_id_members'),
        sa.PrimaryKeyConstraint('id', name='pk_version_comments'),
    )
    op.create_index('ix_version_comments_version_id', 'version_comments', ['version_id'])
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE TRIGGER guard_version_comments BEFORE UPDATE OR DELETE ON version_comments '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        )
        return
    for verb in ('UPDATE', 'DELETE'):
        op.execute(
            f'CREATE TRIGGER guard_version_comments_{verb.lower()} BEFORE {verb} ON version_comments '
            "BEGIN SELECT RAISE(ABORT, 'version_comments is append-only'); END"
        )


def downgrade() -> None:
    op.drop_table('version_comments')
