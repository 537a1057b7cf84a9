"""A digest of each sealed entry beside the seal's, by which the entry that was changed can be named."""

import sqlalchemy as sa
from alembic import op

revision = "entry_digests"
down_revision = "guards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_sealed", sa.Column("digest", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("audit_sealed", "digest")
