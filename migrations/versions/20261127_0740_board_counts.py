"""Counts of a board that moves by the prefixes of its keys, and the moves that are not counted yet, by triggers."""

import sqlalchemy as sa
from alembic import op

revision = 'board_counts'
down_revision = 'worker_beats'
branch_labels = None
depends_on = None

_INTO = 'INSERT INTO board_moves (round_id, board_key, delta)'
_SQLITE = {
    'insert': ('AFTER INSERT ON standings WHEN NEW.board_key IS NOT NULL AND NEW.place IS NULL',
               f'{_INTO} VALUES (NEW.round_id, NEW.board_key, 1);'),
    'update': ('AFTER UPDATE OF board_key ON standings WHEN NEW.place IS NULL AND NEW.board_key IS NOT OLD.board_key',
               f'{_INTO} SELECT OLD.round_id, OLD.board_key, -1 WHERE OLD.board_key IS NOT NULL; '
               f'{_INTO} SELECT NEW.round_id, NEW.board_key, 1 WHERE NEW.board_key IS NOT NULL;'),
    'delete': ('AFTER DELETE ON standings WHEN OLD.board_key IS NOT NULL AND OLD.place IS NULL',
               f'{_INTO} VALUES (OLD.round_id, OLD.board_key, -1);'),
}  # fmt: skip
_CAME = f'{_INTO} SELECT round_id, board_key, 1 FROM came WHERE board_key IS NOT NULL AND place IS NULL;'
_LEFT = f'{_INTO} SELECT round_id, board_key, -1 FROM gone WHERE board_key IS NOT NULL AND place IS NULL;'
_MOVED = (
    f'{_INTO} SELECT came.round_id, way.board_key, way.delta FROM came JOIN gone USING (round_id, member_id), '
    'LATERAL (VALUES (gone.board_key, -1), (came.board_key, 1)) AS way (board_key, delta) '
    'WHERE came.place IS NULL AND came.board_key IS DISTINCT FROM gone.board_key AND way.board_key IS NOT NULL;'
)
_POSTGRES = {
    'insert': ('INSERT', 'NEW TABLE AS came', _CAME),
    'update': ('UPDATE', 'OLD TABLE AS gone NEW TABLE AS came', _MOVED),
    'delete': ('DELETE', 'OLD TABLE AS gone', _LEFT),
}


def upgrade() -> None:
    op.create_table(
        'board_moves',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('round_id', sa.Integer(), nullable=False),
        sa.Column('board_key', sa.LargeBinary(), nullable=False),
        sa.Column('delta', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_board_moves')),
    )
    op.create_index('ix_board_moves_board', 'board_moves', ['round_id', 'board_key', 'delta'])
    op.create_table(
        'board_counts',
        sa.Column('round_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('level', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('prefix', sa.LargeBinary(), nullable=False),
        sa.Column('people', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('round_id', 'level', 'prefix', name=op.f('pk_board_counts')),
        sqlite_with_rowid=False,
    )
    op.execute(f'{_INTO} SELECT round_id, board_key, 1 FROM standings WHERE board_key IS NOT NULL AND place IS NULL')
    if op.get_bind().dialect.name == 'sqlite':
        for name, (when, what) in _SQLITE.items():
            op.execute(f'CREATE TRIGGER move_board_{name} {when} BEGIN {what} END')
        return
    for name, (event, tables, what) in _POSTGRES.items():
        op.execute(
            f'CREATE FUNCTION move_board_{name}() RETURNS trigger LANGUAGE plpgsql AS '
            f'$$ BEGIN {what} RETURN NULL; END $$'
        )
        op.execute(
            f'CREATE TRIGGER move_board_{name} AFTER {event} ON standings REFERENCING {tables} '
            f'FOR EACH STATEMENT EXECUTE FUNCTION move_board_{name}()'
        )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == 'sqlite'
    for name in ('insert', 'update', 'delete'):
        op.execute(f'DROP TRIGGER move_board_{name}' if is_sqlite else f'DROP TRIGGER move_board_{name} ON standings')
        if not is_sqlite:
            op.execute(f'DROP FUNCTION move_board_{name}()')
    op.drop_table('board_counts')
    op.drop_index('ix_board_moves_board', 'board_moves')
    op.drop_table('board_moves')
