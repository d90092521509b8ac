"""the log: leaves, tiles, checkpoints, head"""

import sqlalchemy as sa
from alembic import op

from consent_server.database import Id, Serial, Sha256, UtcTime
from consent_server.evidence import guards

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("log_queue", sa.Column("ground", sa.String(length=16), nullable=True))
    op.add_column("log_queue", sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False))
    _partial_index("ix_log_queue_first", "log_queue", ["seq"], "type IN ('policy/1', 'notice/1', 'widget/1')")
    op.create_table(
        "log_leaf",
        sa.Column("index", Serial, autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("hash", Sha256, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("event_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("event_id", name=op.f("uq_log_leaf_event_id")),
    )
    _partial_index("ix_log_leaf_type", "log_leaf", ["type", "hash"], "type <> 'consent/1'")
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", Serial, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_log_tile")),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("size", Serial, autoincrement=False, nullable=False),
        sa.Column("prev_size", Serial, nullable=False),
        sa.Column("root", Sha256, nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("signatures", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_checkpoint")),
        sa.UniqueConstraint("prev_size", name=op.f("uq_log_checkpoint_prev_size")),
    )
    head = op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", Serial, nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("last_mark", UtcTime(), nullable=True),
        sa.Column("swept_at", UtcTime(), nullable=True),
        sa.Column("holder", sa.String(length=32), nullable=True),
        sa.Column("held_until", UtcTime(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0}])
    if op.get_bind().dialect.name == "postgresql":
        # Hashes do not compress.
        op.execute("ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL")
    guards.put_up(op.get_bind(), guards.TREE)


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=False, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    # Their triggers go with them.
    for table in ("log_head", "log_checkpoint", "log_tile", "log_leaf"):
        op.drop_table(table)
    op.drop_index("ix_log_queue_first", "log_queue")
    op.drop_column("log_queue", "again")
    op.drop_column("log_queue", "ground")
