"""Several rounds together: the overall standing of a contest, prizes over it, and advancing to a later round."""

import sqlalchemy as sa
from alembic import op

revision = 'overall'
down_revision = 'lots'
branch_labels = None
depends_on = None


def _fk(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{other}.id'], name=f'fk_{table}_{column}_{other}')


def _id(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        'overall_rules',
        _id('contest_id'),
        sa.Column('way', sa.String(10), nullable=False),
        sa.Column('best', sa.Integer(), nullable=True),
        sa.Column('criteria', sa.JSON(), nullable=False),
        _fk('overall_rules', 'contest_id', 'contests'),
        sa.PrimaryKeyConstraint('contest_id', name='pk_overall_rules'),
    )
    op.create_table(
        'overall_rounds',
        _id('contest_id'),
        _id('round_id'),
        _fk('overall_rounds', 'contest_id', 'contests'),
        _fk('overall_rounds', 'round_id', 'rounds'),
        sa.PrimaryKeyConstraint('contest_id', 'round_id', name='pk_overall_rounds'),
    )
    op.create_table(
        'overall_results',
        _id('contest_id'),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('basis', sa.String(64), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('participants', sa.Integer(), nullable=False),
        sa.Column('computed_at', sa.DateTime(timezone=True), nullable=False),
        _fk('overall_results', 'contest_id', 'contests'),
        sa.PrimaryKeyConstraint('contest_id', name='pk_overall_results'),
    )
    _standings()
    _advancement()
    with op.batch_alter_table('prize_lists') as table:
        table.alter_column('round_id', existing_type=sa.Integer(), nullable=True)


def _standings() -> None:
    op.create_table(
        'overall_standings',
        _id('contest_id'),
        _id('member_id'),
        sa.Column('unit_id', sa.Integer(), nullable=False),
        sa.Column('attempt_id', sa.Integer(), nullable=False),
        sa.Column('rounds_taken', sa.Integer(), nullable=False),
        sa.Column('correct', sa.BigInteger(), nullable=False),
        sa.Column('points', sa.BigInteger(), nullable=False),
        sa.Column('prediction_error', sa.BigInteger(), nullable=True),
        sa.Column('missing_guesses', sa.Integer(), nullable=False),
        sa.Column('duration_seconds', sa.Integer(), nullable=False),
        sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('attempts_used', sa.Integer(), nullable=False),
        sa.Column('full_marks', sa.Integer(), nullable=False),
        sa.Column('key', sa.LargeBinary(), nullable=False),
        sa.Column('place', sa.Integer(), nullable=False),
        _fk('overall_standings', 'contest_id', 'contests'),
        _fk('overall_standings', 'member_id', 'members'),
        _fk('overall_standings', 'unit_id', 'units'),
        _fk('overall_standings', 'attempt_id', 'attempts'),
        sa.PrimaryKeyConstraint('contest_id', 'member_id', name='pk_overall_standings'),
    )
    op.create_index('ix_overall_standings_board', 'overall_standings', ['contest_id', 'key', 'member_id'])
    op.create_index('ix_overall_standings_place', 'overall_standings', ['contest_id', 'place'])


def _advancement() -> None:
    op.create_table(
        'advancements',
        _id('round_id'),
        sa.Column('source_id', sa.Integer(), nullable=True),
        sa.Column('by', sa.String(20), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('least_score', sa.BigInteger(), nullable=False),
        sa.Column('quotas', sa.JSON(), nullable=False),
        sa.Column('compared_units', sa.Boolean(), nullable=False),
        sa.Column('reserve', sa.Integer(), nullable=False),
        sa.Column('source_version', sa.Integer(), nullable=True),
        sa.Column('proposed_by_id', sa.Integer(), nullable=True),
        sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
        sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
        _fk('advancements', 'round_id', 'rounds'),
        _fk('advancements', 'source_id', 'rounds'),
        _fk('advancements', 'proposed_by_id', 'members'),
        _fk('advancements', 'confirmed_by_id', 'members'),
        sa.PrimaryKeyConstraint('round_id', name='pk_advancements'),
    )
    op.create_table(
        'advanced_people',
        _id('round_id'),
        _id('member_id'),
        sa.Column('place', sa.Integer(), nullable=False),
        sa.Column('points', sa.BigInteger(), nullable=False),
        sa.Column('unit', sa.String(40), nullable=True),
        sa.Column('state', sa.String(10), nullable=False),
        sa.Column('was_called', sa.Boolean(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['round_id'], ['advancements.round_id'], name='fk_advanced_people_round_id_advancements'),
        _fk('advanced_people', 'member_id', 'members'),
        sa.PrimaryKeyConstraint('round_id', 'member_id', name='pk_advanced_people'),
    )


def downgrade() -> None:
    # What was recognised stays: a list over all rounds becomes one of the last.
    op.execute("UPDATE prize_lists SET round_id = (SELECT max(id) FROM rounds WHERE rounds.contest_id = prize_lists.contest_id) "
               "WHERE round_id IS NULL")
    with op.batch_alter_table('prize_lists') as table:
        table.alter_column('round_id', existing_type=sa.Integer(), nullable=False)
    for name in ('advanced_people', 'advancements', 'overall_standings', 'overall_results', 'overall_rounds', 'overall_rules'):
        op.drop_table(name)
