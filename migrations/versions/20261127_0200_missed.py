"""Why a response does not count, and how long after the end it came: kept with it, as it stood then."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = 'missed'
down_revision = 'start_queue'
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
LATE = sa.table(
    'late_responses', sa.column('id'), sa.column('attempt_id'), sa.column('arrived_at', INSTANT),
    sa.column('verdict'), sa.column('seconds'),
)  # fmt: skip
ATTEMPTS = sa.table(
    'attempts', sa.column('id'), sa.column('ends_at', INSTANT), sa.column('accepts_until', INSTANT),
    sa.column('closed_at', INSTANT), sa.column('last_open'),
)  # fmt: skip


def upgrade() -> None:
    op.add_column('late_responses', sa.Column('verdict', sa.String(8), server_default='late', nullable=False))
    op.add_column('late_responses', sa.Column('seconds', sa.Integer(), server_default='0', nullable=False))
    columns = (LATE.c.id, LATE.c.arrived_at, *(ATTEMPTS.c[n] for n in ('ends_at', 'accepts_until', 'closed_at', 'last_open')))
    query = sa.select(*columns).join_from(LATE, ATTEMPTS, ATTEMPTS.c.id == LATE.c.attempt_id)
    known = [derived(*row) for row in op.get_bind().execute(query)]
    if not known:
        return
    values = {'verdict': sa.bindparam('why'), 'seconds': sa.bindparam('after')}
    _unguard()
    op.get_bind().execute(sa.update(LATE).where(LATE.c.id == sa.bindparam('own')).values(values), known)
    _guard()


def derived(own: int, *row: Any) -> dict[str, Any]:
    """Return what can be known of a response that was kept without it."""
    *times, last_open = row
    arrived, ends_at, accepts_until, closed_at = (None if t is None else aware(t) for t in times)
    if arrived > accepts_until and (closed_at is None or closed_at > accepts_until):
        return {'own': own, 'why': 'late', 'after': int((arrived - ends_at).total_seconds())}
    was_left = last_open != 9999 and (closed_at is None or arrived < closed_at)
    return {'own': own, 'why': 'left' if was_left else 'closed', 'after': 0}


def aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _unguard() -> None:
    on = ' ON late_responses' if op.get_bind().dialect.name == 'postgresql' else '_update'
    op.execute(f'DROP TRIGGER guard_late_responses{on}')


def _guard() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            'CREATE TRIGGER guard_late_responses BEFORE UPDATE OR DELETE ON late_responses '
            'FOR EACH ROW EXECUTE FUNCTION refuse_change()'
        )
        return
    op.execute(
        'CREATE TRIGGER guard_late_responses_update BEFORE UPDATE ON late_responses '
        "BEGIN SELECT RAISE(ABORT, 'late_responses is append-only'); END"
    )


def downgrade() -> None:
    op.drop_column('late_responses', 'seconds')
    op.drop_column('late_responses', 'verdict')
