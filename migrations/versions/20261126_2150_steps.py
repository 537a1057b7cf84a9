"""Steps of papers: sections, one question after the other, limits inside a paper, a least time."""

import sqlalchemy as sa
from alembic import op

revision = 'steps'
down_revision = 'seals'
branch_labels = None
depends_on = None

# No rebuilding here: some tables carry triggers, and a plain column may be added as it is.
COLUMNS = (
    ('rounds', 'navigation', sa.String(12), 'free'),
    ('rounds', 'question_seconds', sa.Integer(), None),
    ('rounds', 'least_minutes', sa.Integer(), None),
    ('rounds', 'layout', sa.String(10), 'choice'),
    ('rounds', 'sections', sa.JSON(), '[]'),
    ('blueprint_lines', 'section', sa.Integer(), '0'),
    ('attempts', 'step', sa.Integer(), '0'),
    ('attempts', 'first_open', sa.Integer(), '0'),
    ('attempts', 'last_open', sa.Integer(), '9999'),
    ('attempts', 'step_ends_at', sa.DateTime(timezone=True), None),
    ('attempts', 'step_accepts_until', sa.DateTime(timezone=True), None),
    ('tryouts', 'entered', sa.JSON(), '{}'),
)


def upgrade() -> None:
    for table, name, kind, default in COLUMNS:
        op.add_column(table, sa.Column(name, kind, server_default=default, nullable=default is None))
    op.create_table(
        'attempt_steps',
        sa.Column('attempt_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('step', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_attempt_steps_attempt_id_attempts')),
        sa.PrimaryKeyConstraint('attempt_id', 'step', name=op.f('pk_attempt_steps')),
    )
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE TRIGGER guard_attempt_steps BEFORE UPDATE OR DELETE ON attempt_steps '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        )
        return
    for verb in ('UPDATE', 'DELETE'):
        op.execute(
            f'CREATE TRIGGER guard_attempt_steps_{verb.lower()} BEFORE {verb} ON attempt_steps '
            "BEGIN SELECT RAISE(ABORT, 'attempt_steps is append-only'); END"
        )


def downgrade() -> None:
    op.drop_table('attempt_steps')
    for table, name, *_ in reversed(COLUMNS):
        op.drop_column(table, name)
