"""How often it was not known whether a message arrived."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    doubts = sa.Column("doubts", sa.Integer(), nullable=False, server_default="0")
    op.add_column("outbox", doubts)
