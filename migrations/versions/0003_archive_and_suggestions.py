"""texts of a policy from before its first version; what cookies probably are"""

import sqlalchemy as sa
from alembic import op

from consent_server.database import Sha256, UtcTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "archived_text",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", Sha256, nullable=False),
        sa.Column("archived_at", UtcTime(), nullable=False),
        sa.Column("archived_by", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name=op.f("fk_archived_text_site_site")),
        sa.PrimaryKeyConstraint("site", "day", name=op.f("pk_archived_text")),
    )
    op.create_table(
        "cookie_suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("prefix", sa.Boolean(), nullable=False),
        sa.Column("provider", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("purpose", sa.String(length=1000), nullable=False),
        sa.Column("lifetime", sa.String(length=200), nullable=False),
        sa.Column("controller", sa.String(length=200), nullable=False),
        sa.Column("privacy_url", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cookie_suggestion")),
    )
    op.create_index(op.f("ix_cookie_suggestion_name"), "cookie_suggestion", ["name"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    op.drop_table("cookie_suggestion")
    # Its triggers go with it.
    op.drop_table("archived_text")


def _guard_postgresql() -> None:
    for act, level in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"""CREATE TRIGGER archived_text_keeps_{level.lower()}s BEFORE {act} ON archived_text
                FOR EACH {level} EXECUTE FUNCTION refuse_change()"""
        )


def _guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'rows of archived_text are evidence and are never changed'); END"
    for act in ("update", "delete"):
        op.execute(f"CREATE TRIGGER archived_text_keeps_{act} BEFORE {act.upper()} ON archived_text {refuse}")
    # REPLACE would delete a row without asking the trigger on deletes.
    there = "EXISTS (SELECT 1 FROM archived_text WHERE site = NEW.site AND day = NEW.day)"
    op.execute(f"CREATE TRIGGER archived_text_keeps_replace BEFORE INSERT ON archived_text WHEN {there} {refuse}")
