"""The member's key on what is saved of an attempt; on PostgreSQL, attempts and responses in partitions by the member.

On PostgreSQL it moves every row of the two tables, in one transaction that holds both: six seconds for a million
responses of fifty thousand attempts. Stop the service for it; the former version cannot save on these tables.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = 'spread'
down_revision = 'board_counts'
branch_labels = None
depends_on = None

PARTITIONS = 16
FIXED = ('paper', 'member_id', 'round_id', 'number', 'started_at')
WITH_MEMBER = ('late_responses', 'attempt_steps', 'results')
OF_CLOSED = (
    'standings', 'settled_standings', 'overall_standings', 'score_changes', 'sealed_submissions', 'scripts',
)  # fmt: skip
INDEXES = (
    'CREATE INDEX ix_attempts_due ON attempts (accepts_until) WHERE state = \'open\'',
    'CREATE INDEX ix_attempts_member ON attempts (member_id, round_id)',
    'CREATE INDEX ix_attempts_unsealed ON attempts (round_id, id) WHERE state <> \'open\' AND NOT is_sealed',
    'CREATE UNIQUE INDEX uq_attempts_open ON attempts (round_id, member_id) WHERE state = \'open\'',
)
_FK = 'CONSTRAINT fk_{0}_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES attempts (id)'
SQLITE = {
    'responses': (
        'attempt_id INTEGER NOT NULL, position INTEGER NOT NULL, revision INTEGER NOT NULL, value TEXT, '
        'saved_at DATETIME NOT NULL',
        'CONSTRAINT pk_responses PRIMARY KEY (attempt_id, position, revision)',
        'WITHOUT ROWID',
    ),
    'late_responses': (
        'id INTEGER NOT NULL, attempt_id INTEGER NOT NULL, position INTEGER NOT NULL, revision INTEGER NOT NULL, '
        'value TEXT, arrived_at DATETIME NOT NULL, verdict VARCHAR(8) DEFAULT \'late\' NOT NULL, '
        'seconds INTEGER DEFAULT \'0\' NOT NULL',
        f'CONSTRAINT pk_late_responses PRIMARY KEY (id), {_FK.format("late_responses")}',
        '',
    ),
    'attempt_steps': (
        'attempt_id INTEGER NOT NULL, step INTEGER NOT NULL, entered_at DATETIME NOT NULL',
        f'CONSTRAINT pk_attempt_steps PRIMARY KEY (attempt_id, step), {_FK.format("attempt_steps")}',
        '',
    ),
}
LOCK = 'LOCK TABLE responses, attempts, late_responses, attempt_steps IN ACCESS EXCLUSIVE MODE'


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        _rebuild_sqlite()
        return
    op.execute(LOCK)
    for table in (*WITH_MEMBER, *OF_CLOSED, 'voids'):
        op.drop_constraint(f'fk_{table}_attempt_id_attempts', table, type_='foreignkey')
    by_member = 'PARTITION BY HASH (member_id)'
    _move('attempts', '', by_member, 'SELECT * FROM attempts_before')
    _move('responses', ', member_id integer NOT NULL', by_member,
          'SELECT r.*, a.member_id FROM responses_before r JOIN attempts a ON a.id = r.attempt_id')  # fmt: skip
    _keys_of_attempts(['member_id'])
    op.create_primary_key('pk_responses', 'responses', ['attempt_id', 'position', 'revision', 'member_id'])
    _guard('responses')
    for table in ('late_responses', 'attempt_steps'):
        _add_member(table)
    for table in WITH_MEMBER:
        name = f'fk_{table}_attempt_id_member_id_attempts'
        op.create_foreign_key(name, table, 'attempts', ['attempt_id', 'member_id'], ['id', 'member_id'])
    for table in OF_CLOSED:
        op.create_foreign_key(f'fk_{table}_attempt_id_results', table, 'results', ['attempt_id'], ['attempt_id'])
    op.execute('ANALYZE attempts, responses')


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for table in ('responses', 'late_responses', 'attempt_steps'):
            op.drop_column(table, 'member_id')
        return
    op.execute(LOCK)
    for table in WITH_MEMBER:
        op.drop_constraint(f'fk_{table}_attempt_id_member_id_attempts', table, type_='foreignkey')
    for table in OF_CLOSED:
        op.drop_constraint(f'fk_{table}_attempt_id_results', table, type_='foreignkey')
    _move('attempts', '', '', 'SELECT * FROM attempts_before')
    _move('responses', '', '', 'SELECT * FROM responses_before')
    for table in ('responses', 'late_responses', 'attempt_steps'):
        op.drop_column(table, 'member_id')
    _keys_of_attempts([])
    op.create_primary_key('pk_responses', 'responses', ['attempt_id', 'position', 'revision'])
    _guard('responses')
    for table in (*WITH_MEMBER, *OF_CLOSED, 'voids'):
        op.create_foreign_key(f'fk_{table}_attempt_id_attempts', table, 'attempts', ['attempt_id'], ['id'])


def _move(table: str, more: str, how: str, query: str) -> None:
    """Make a table anew, partitioned or not, with all that was in it, and whoever had rights on it; keys come afterwards."""
    rights = op.get_bind().execute(sa.text(
        'SELECT DISTINCT grantee, privilege_type FROM information_schema.role_table_grants '
        f"WHERE table_schema = current_schema() AND table_name = '{table}' AND grantee <> grantor"
    )).all()  # fmt: skip
    op.execute(f'ALTER TABLE {table} RENAME TO {table}_before')
    op.execute(f'CREATE TABLE {table} (LIKE {table}_before INCLUDING DEFAULTS{more}) {how}')
    parts = [f'{table}_{n:02d}' for n in range(PARTITIONS)] if how else []
    for n, part in enumerate(parts):
        op.execute(f'CREATE TABLE {part} PARTITION OF {table} FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {n})')
    if table == 'attempts':
        op.execute('ALTER SEQUENCE attempts_id_seq OWNED BY attempts.id')
    moved = op.get_bind().exec_driver_sql(f'INSERT INTO {table} {query}').rowcount
    if moved != op.get_bind().exec_driver_sql(f'SELECT count(*) FROM {table}_before').scalar():
        raise RuntimeError(f'{table} has rows of attempts that are not there')
    op.execute(f'DROP TABLE {table}_before')
    for grantee, privilege in rights:
        whom = 'PUBLIC' if grantee == 'PUBLIC' else f'"{grantee}"'
        for name in (table, *parts):
            op.execute(f'GRANT {privilege} ON {name} TO {whom}')


def _keys_of_attempts(member: Sequence[str]) -> None:
    """Give attempts their keys, with the member in what is unique where they are in partitions, and their guards."""
    op.create_primary_key('pk_attempts', 'attempts', ['id', *member])
    for name in ('code', 'receipt'):
        op.create_unique_constraint('_'.join(('uq_attempts', name, *member)), 'attempts', [name, *member])
    op.create_unique_constraint('uq_attempts_round_id_member_id_number', 'attempts', ['round_id', 'member_id', 'number'])
    for column, other in (('member_id', 'members'), ('round_id', 'rounds'), ('unit_id', 'units')):
        op.create_foreign_key(f'fk_attempts_{column}_{other}', 'attempts', other, [column], ['id'])
    for index in INDEXES:
        op.execute(index)
    changed = ' OR '.join(f'OLD.{c}::text IS DISTINCT FROM NEW.{c}::text' for c in FIXED)
    op.execute(
        f'CREATE TRIGGER guard_attempts_update BEFORE UPDATE OF {", ".join(FIXED)} ON attempts '
        f'FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION refuse_change()'
    )
    op.execute(
        'CREATE TRIGGER guard_attempts_delete BEFORE DELETE ON attempts FOR EACH ROW EXECUTE FUNCTION refuse_change()'
    )


def _guard(table: str) -> None:
    op.execute(
        f'CREATE TRIGGER guard_{table} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()'
    )


def _add_member(table: str) -> None:
    op.add_column(table, sa.Column('member_id', sa.Integer()))
    op.execute(f'DROP TRIGGER guard_{table} ON {table}')
    op.execute(f'UPDATE {table} SET member_id = a.member_id FROM attempts a WHERE a.id = {table}.attempt_id')
    op.alter_column(table, 'member_id', nullable=False)
    _guard(table)


def _rebuild_sqlite() -> None:
    """Make the tables anew with the member in each row: what has no default is not added to rows that are there."""
    for table, (columns, keys, options) in SQLITE.items():
        op.execute(f'CREATE TABLE {table}_new ({columns}, member_id INTEGER NOT NULL, {keys}) {options}')
        op.execute(
            f'INSERT INTO {table}_new SELECT t.*, a.member_id FROM {table} t LEFT JOIN attempts a ON a.id = t.attempt_id '
            'ORDER BY 1, 2, 3'
        )
        op.drop_table(table)
        op.rename_table(f'{table}_new', table)
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f'CREATE TRIGGER guard_{table}_{verb.lower()} BEFORE {verb} ON {table} '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.create_index('ix_late_responses_attempt_id', 'late_responses', ['attempt_id'])
