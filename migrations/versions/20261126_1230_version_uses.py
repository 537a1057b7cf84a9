"""How often versions of questions were drawn, counted in the background."""

import sqlalchemy as sa
from alembic import op

revision = 'version_uses'
down_revision = 'version_places'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'version_uses',
        sa.Column('version_id', sa.Integer(), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('paper_count', sa.Integer(), nullable=False),
        sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['version_id'], ['question_versions.id'], name='fk_version_uses_version_id_question_versions'
        ),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name='fk_version_uses_round_id_rounds'),
        sa.PrimaryKeyConstraint('version_id', 'round_id', name='pk_version_uses'),
    )
    op.create_table(
        'paper_tallies',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('counted_id', sa.Integer(), nullable=False),
        sa.Column('seen_id', sa.Integer(), nullable=False),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_paper_tallies'),
    )


def downgrade() -> None:
    op.drop_table('paper_tallies')
    op.drop_table('version_uses')
