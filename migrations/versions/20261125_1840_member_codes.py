"""Member codes are shown as the union's list writes them; they are compared by a key."""

import sqlalchemy as sa
from alembic import op

revision = 'member_codes'
down_revision = 'unit_ranking'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('members') as table:
        table.add_column(sa.Column('code_key', sa.String(40), nullable=True))
    op.execute('UPDATE members SET code_key = code')  # until now the code was kept as its own key
    with op.batch_alter_table('members') as table:
        table.alter_column('code_key', existing_type=sa.String(40), nullable=False)
        table.create_unique_constraint(op.f('uq_members_code_key'), ['code_key'])
        table.drop_constraint(op.f('uq_members_code'), type_='unique')


def downgrade() -> None:
    op.execute('UPDATE members SET code = code_key')
    with op.batch_alter_table('members') as table:
        table.create_unique_constraint(op.f('uq_members_code'), ['code'])
        table.drop_constraint(op.f('uq_members_code_key'), type_='unique')
        table.drop_column('code_key')
