"""Indexes of what is open alone; a marker for each outgoing message."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
OPEN = {"inbox": "'received', 'claimed'", "outbox": "'ready', 'sending'"}
THREAD = {"inbox": ["team", "channel", "thread_ts", "id"], "outbox": ["channel", "thread_ts", "id"]}


def upgrade() -> None:
    """Apply."""
    op.add_column("outbox", sa.Column("marker", sa.String(length=40), nullable=True))
    for table, states in OPEN.items():
        where = sa.text(f"state in ({states})")
        op.drop_index(f"ix_{table}_open", table_name=table)
        for name, columns in (("open", ["id"]), ("waiting", THREAD[table])):
            op.create_index(
                f"ix_{table}_{name}",
                table,
                columns,
                sqlite_where=where,
                postgresql_where=where,
            )
