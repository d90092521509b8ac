"""exports"""

import sqlalchemy as sa
from alembic import op

from consent_server.database import Id, Json, Sha256, UtcTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("id", Id, nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sites", Json, nullable=False),
        sa.Column("filters", Json, nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.Column("heard_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("sha256", Sha256, nullable=True),
        sa.Column("nonce", Sha256, nullable=False),
        sa.Column("hash", Sha256, nullable=True),
        sa.CheckConstraint("kind IN ('csv', 'jsonl', 'bundle', 'sample', 'pack')", name=op.f("ck_export_kind")),
        sa.CheckConstraint("state IN ('running', 'whole', 'interrupted')", name=op.f("ck_export_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    # Its triggers go with it.
    op.drop_table("export")


def _guard_postgresql() -> None:
    """Rows stay, and those of exports that have ended stay as they are."""
    for name, act, level, when in (
        ("ended", "UPDATE", "ROW", "WHEN (OLD.state <> 'running')"),
        ("rows", "DELETE", "ROW", ""),
        ("truncate", "TRUNCATE", "STATEMENT", ""),
    ):
        op.execute(
            f"""CREATE TRIGGER export_keeps_{name} BEFORE {act} ON export
                FOR EACH {level} {when} EXECUTE FUNCTION refuse_change()"""
        )


def _guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'rows of export are evidence and are never changed'); END"
    # REPLACE would delete a row without asking the trigger on deletes.
    for name, act, when in (
        ("ended", "UPDATE", "WHEN OLD.state <> 'running'"),
        ("rows", "DELETE", ""),
        ("replace", "INSERT", "WHEN EXISTS (SELECT 1 FROM export WHERE id = NEW.id)"),
    ):
        op.execute(f"CREATE TRIGGER export_keeps_{name} BEFORE {act} ON export {when} {refuse}")
