"""findings: what pages saw that should not have been there"""

import sqlalchemy as sa
from alembic import op

from consent_server.database import UtcTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "finding",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("fault", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("page", sa.String(length=500), nullable=False),
        sa.Column("first_seen_at", UtcTime(), nullable=False),
        sa.Column("last_seen_on", sa.String(length=10), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('host', 'cookie')", name=op.f("ck_finding_kind")),
        sa.CheckConstraint("fault IN ('undeclared', 'not-allowed')", name=op.f("ck_finding_fault")),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name=op.f("fk_finding_site_site")),
        sa.PrimaryKeyConstraint("site", "fault", "kind", "name", name=op.f("pk_finding")),
    )


def downgrade() -> None:
    op.drop_table("finding")
