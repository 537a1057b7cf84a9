"""Lists of prizes with their winners, and draws of lots."""

import sqlalchemy as sa
from alembic import op

revision = 'awards'
down_revision = 'result_versions'
branch_labels = None
depends_on = None

APPEND_ONLY = ('draws', 'draw_outcomes', 'awards')


def _at(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _fk(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{other}.id'], name=f'fk_{table}_{column}_{other}')


def upgrade() -> None:
    op.create_table(
        'prize_lists',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('for_units', sa.Boolean(), nullable=False),
        sa.Column('title', sa.String(120), nullable=False),
        sa.Column('edge', sa.String(10), nullable=False),
        sa.Column('cap', sa.BigInteger(), nullable=True),
        sa.Column('state', sa.String(20), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('begun_by_id', sa.Integer(), nullable=True),
        sa.Column('result_version', sa.Integer(), nullable=True),
        _at('recognised_at', nullable=True),
        _at('announced_at', nullable=True),
        _fk('prize_lists', 'contest_id', 'contests'),
        _fk('prize_lists', 'round_id', 'rounds'),
        _fk('prize_lists', 'begun_by_id', 'members'),
        sa.PrimaryKeyConstraint('id', name='pk_prize_lists'),
    )
    op.create_index('ix_prize_lists_contest_id', 'prize_lists', ['contest_id'])
    op.create_table(
        'prizes',
        sa.Column('list_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('name', sa.String(120), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('special', sa.String(10), nullable=True),
        _fk('prizes', 'list_id', 'prize_lists'),
        sa.PrimaryKeyConstraint('list_id', 'number', name='pk_prizes'),
    )
    op.create_table(
        'award_checks',
        sa.Column('list_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('subject_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('verdict', sa.String(10), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        _at('at'),
        _fk('award_checks', 'list_id', 'prize_lists'),
        _fk('award_checks', 'by_id', 'members'),
        sa.PrimaryKeyConstraint('list_id', 'subject_id', name='pk_award_checks'),
    )
    op.create_table(
        'awards',
        sa.Column('list_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('prize_number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('subject_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('place', sa.Integer(), nullable=True),
        _fk('awards', 'list_id', 'prize_lists'),
        sa.PrimaryKeyConstraint('list_id', 'prize_number', 'subject_id', name='pk_awards'),
    )
    op.create_index('ix_awards_subject_id', 'awards', ['subject_id'])
    op.create_table(
        'draws',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(20), nullable=False),
        sa.Column('contest_id', sa.Integer(), nullable=False),
        sa.Column('list_id', sa.Integer(), nullable=False),
        sa.Column('title', sa.String(200), nullable=False),
        sa.Column('prize', sa.String(120), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('codes', sa.JSON(), nullable=False),
        sa.Column('subjects', sa.JSON(), nullable=False),
        sa.Column('secret', sa.String(64), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('randomness_from', sa.Text(), nullable=False),
        _at('committed_at'),
        sa.Column('by_id', sa.Integer(), nullable=True),
        _fk('draws', 'contest_id', 'contests'),
        _fk('draws', 'list_id', 'prize_lists'),
        _fk('draws', 'by_id', 'members'),
        sa.PrimaryKeyConstraint('id', name='pk_draws'),
        sa.UniqueConstraint('code', name='uq_draws_code'),
    )
    op.create_index('ix_draws_contest_id', 'draws', ['contest_id'])
    op.create_table(
        'draw_outcomes',
        sa.Column('draw_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('randomness', sa.Text(), nullable=False),
        sa.Column('drawn', sa.JSON(), nullable=False),
        sa.Column('witnesses', sa.Text(), nullable=False),
        _at('drawn_at'),
        sa.Column('by_id', sa.Integer(), nullable=True),
        _fk('draw_outcomes', 'draw_id', 'draws'),
        _fk('draw_outcomes', 'by_id', 'members'),
        sa.PrimaryKeyConstraint('draw_id', name='pk_draw_outcomes'),
    )
    _guards()


def _guards() -> None:
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == 'postgresql':
            op.execute(
                f'CREATE TRIGGER guard_{table} BEFORE UPDATE OR DELETE ON {table} '
                'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
            )
            continue
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f'CREATE TRIGGER guard_{table}_{verb.lower()} BEFORE {verb} ON {table} '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    for table in ('draw_outcomes', 'draws', 'awards', 'award_checks', 'prizes', 'prize_lists'):
        op.drop_table(table)
