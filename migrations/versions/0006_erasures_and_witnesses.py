"""erased leaves, retention runs, cosignatures, deliveries"""

import sqlalchemy as sa
from alembic import op

from consent_server.database import Id, Serial, Sha256, UtcTime
from consent_server.evidence import guards

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "erased_leaf",
        sa.Column("index", Serial, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.CheckConstraint("ground IN ('visitor', 'request', 'retention')", name=op.f("ck_erased_leaf_ground")),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_erased_leaf")),
    )
    op.create_index("ix_erased_leaf_day", "erased_leaf", ["day"], unique=False)
    op.create_table(
        "erasure_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("nonce", Sha256, nullable=False),
        sa.Column("hash", Sha256, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_erasure_day")),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", Id, nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("cutoff", UtcTime(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("oldest_left", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
    )
    op.create_index("ix_retention_run_site", "retention_run", ["site", "began_at"], unique=False)
    op.create_table(
        "log_cosignature",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", "name", name=op.f("pk_log_cosignature")),
    )
    op.create_table(
        "log_delivery",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("tried_at", UtcTime(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", UtcTime(), nullable=True),
        sa.CheckConstraint("channel IN ('mail', 'webhook')", name=op.f("ck_log_delivery_channel")),
        sa.PrimaryKeyConstraint("day", "channel", name=op.f("pk_log_delivery")),
    )
    guards.put_up(op.get_bind(), guards.BESIDE)


def downgrade() -> None:
    # Their triggers go with them.
    for table in ("log_delivery", "log_cosignature", "retention_run", "erasure_day", "erased_leaf"):
        op.drop_table(table)
