"""rates: counters of decisions that outlive what they count; indexes of the rare ones that auditors look for"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# As in `consent.models.RARE`.
RARE = {
    "dnt": "dnt_header = '1' OR dnt_js = '1'",
    "gpc": "gpc_header OR gpc_js",
    "automated": "automated <> 'human'",
    "action": "action IN ('withdraw', 'signal', 'imported')",
}


def upgrade() -> None:
    op.create_table(
        "rate",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("surface", sa.String(length=16), nullable=False),
        sa.Column("automated", sa.String(length=16), nullable=False),
        sa.Column("dnt", sa.String(length=8), nullable=False),
        sa.Column("gpc", sa.String(length=8), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "site", "span", "start", "locale", "action", "surface", "automated", "dnt", "gpc", name=op.f("pk_rate")
        ),
    )
    op.create_table(
        "rate_category",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("automated", sa.String(length=16), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "site",
            "span",
            "start",
            "category",
            "allowed",
            "locale",
            "action",
            "automated",
            name=op.f("pk_rate_category"),
        ),
    )
    for table in ("rate", "rate_category"):
        _never_less(table)
    for name, condition in RARE.items():
        op.create_index(
            f"ix_consent_event_{name}",
            "consent_event",
            ["site", *([] if name in ("dnt", "gpc") else [name]), "recorded_at", "event_id"],
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
    op.create_index("ix_staff_event_actor", "staff_event", ["actor", "verb", "id"])


def _never_less(table: str) -> None:
    """A counter that goes down, or away, would hide what was there."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_less_of_a_rate() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rates are never decreased'; END $$"
        )
        act = "EXECUTE FUNCTION refuse_less_of_a_rate()"
        op.execute(f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} FOR EACH ROW {act}")
        op.execute(
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NEW.count < OLD.count) {act}"
        )
        return
    act = "BEGIN SELECT RAISE(ABORT, 'rates are never decreased'); END"
    op.execute(f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} {act}")
    op.execute(f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} WHEN NEW.count < OLD.count {act}")


def downgrade() -> None:
    op.drop_index("ix_staff_event_actor", "staff_event")
    for name in RARE:
        op.drop_index(f"ix_consent_event_{name}", "consent_event")
    op.drop_table("rate_category")
    op.drop_table("rate")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_less_of_a_rate()")
