"""What a file holds in parts of a megabyte, so that none has to be in memory whole."""

import sqlalchemy as sa
from alembic import op

revision = 'file_parts'
down_revision = 'spread'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'file_parts',
        sa.Column('file_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['file_id'], ['files.id'], name=op.f('fk_file_parts_file_id_files')),
        sa.PrimaryKeyConstraint('file_id', 'number', name=op.f('pk_file_parts')),
    )
    op.execute('INSERT INTO file_parts (file_id, number, content) SELECT id, 0, content FROM files WHERE size > 0')
    with op.batch_alter_table('files') as batch:
        batch.drop_column('content')


def downgrade() -> None:
    is_postgres = op.get_bind().dialect.name == 'postgresql'
    empty = "''" if is_postgres else "x''"
    with op.batch_alter_table('files') as batch:
        batch.add_column(sa.Column('content', sa.LargeBinary(), nullable=False, server_default=sa.text(empty)))
    joined = (
        "SELECT string_agg(content, ''::bytea ORDER BY number) FROM file_parts WHERE file_id = files.id"
        if is_postgres
        else 'SELECT CAST(group_concat(content, x\'\') AS BLOB) FROM (SELECT content FROM file_parts '
        'WHERE file_id = files.id ORDER BY number)'
    )
    op.execute(f'UPDATE files SET content = ({joined}) WHERE id IN (SELECT file_id FROM file_parts)')
    with op.batch_alter_table('files') as batch:
        batch.alter_column('content', server_default=None)
    op.drop_table('file_parts')
