"""Sets of printed papers: written once, for the key belongs to what was printed."""

import sqlalchemy as sa
from alembic import op

revision = 'paper_sets'
down_revision = 'question_parts'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'paper_sets',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('papers', sa.JSON(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['round_id'], ['rounds.id'], name='fk_paper_sets_round_id_rounds'),
        sa.ForeignKeyConstraint(['by_id'], ['members.id'], name='fk_paper_sets_by_id_members'),
        sa.PrimaryKeyConstraint('id', name='pk_paper_sets'),
        sa.UniqueConstraint('round_id', 'number', name='uq_paper_sets_round_id_number'),
    )
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE TRIGGER guard_paper_sets BEFORE UPDATE OR DELETE ON paper_sets '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        )
        return
    for verb in ('UPDATE', 'DELETE'):
        op.execute(
            f'CREATE TRIGGER guard_paper_sets_{verb.lower()} BEFORE {verb} ON paper_sets '
            "BEGIN SELECT RAISE(ABORT, 'paper_sets is append-only'); END"
        )


def downgrade() -> None:
    op.drop_table('paper_sets')
