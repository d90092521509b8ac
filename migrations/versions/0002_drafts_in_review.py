"""drafts in review, comments on them, providers held at once; what is evidence cannot be changed"""

import sqlalchemy as sa
from alembic import op

from consent_server.database import Id, Json, UtcTime

revision = "0002"
down_revision = "0001"

# Each table whose rows are evidence, with what tells its rows apart.
EVIDENCE = {
    "policy_version": ("id = NEW.id", "(site = NEW.site AND number = NEW.number)", "(sha256 = NEW.sha256)"),
    "notice": ("sha256 = NEW.sha256",),
    "staff_event": ("id = NEW.id",),
}


def upgrade() -> None:
    _remake_drafts()
    op.create_table(
        "draft_comment",
        sa.Column("id", Id, nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name=op.f("fk_draft_comment_site_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_comment")),
    )
    op.create_index("ix_draft_comment_site", "draft_comment", ["site", "number"], unique=False)
    op.create_table(
        "hold",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("held_at", UtcTime(), nullable=False),
        sa.Column("held_by", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.Column("settled_by", sa.String(length=254), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name=op.f("fk_hold_site_site")),
        sa.PrimaryKeyConstraint("site", "number", name=op.f("pk_hold")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in EVIDENCE:
        for act in ("rows", "truncate") if postgresql else ("update", "delete", "replace"):
            op.execute(f"DROP TRIGGER {table}_keeps_{act}" + (f" ON {table}" if postgresql else ""))
    if postgresql:
        op.execute("DROP FUNCTION refuse_change")
    op.drop_table("hold")
    op.drop_table("draft_comment")
    _drop_drafts_review()


def _remake_drafts() -> None:
    """A draft for every published site: the one that is there, or one that changes nothing."""
    old = sa.table("draft", *map(sa.column, ("site", "content", "changed_at", "changed_by")))
    version = sa.table("policy_version", *map(sa.column, ("site", "number", "content", "published_at", "published_by")))
    connection = op.get_bind()
    drafts = {row.site: row for row in connection.execute(sa.select(*_typed(old)))}
    versions = {row.site: row for row in connection.execute(sa.select(*_typed(version)).order_by(version.c.number))}
    op.drop_table("draft")
    made = op.create_table(
        "draft",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("published", Json, nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("editors", Json, nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=254), nullable=False),
        sa.Column("submitted_at", UtcTime(), nullable=True),
        sa.Column("submitted_by", sa.String(length=254), nullable=True),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("approved_by", sa.String(length=254), nullable=True),
        sa.Column("publish_at", UtcTime(), nullable=True),
        sa.Column("publish_by", sa.String(length=254), nullable=True),
        sa.Column("material", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'in-review', 'approved')", name=op.f("ck_draft_state")),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name=op.f("fk_draft_site_site")),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_draft")),
    )
    for site, latest in versions.items():
        draft = drafts.get(site)
        row = {
            "site": site,
            "content": draft.content if draft else latest.content,
            "published": latest.content,
            "base": latest.number,
            # Never that of an earlier draft, which an editor may still have on the screen.
            "row_version": 1_000,
            "state": "draft",
            "editors": [draft.changed_by] if draft else [],
            "changed_at": draft.changed_at if draft else latest.published_at,
            "changed_by": draft.changed_by if draft else latest.published_by,
        }
        connection.execute(made.insert(), row)


def _typed(table: sa.TableClause) -> list[sa.ColumnElement]:
    types = {"content": Json, "changed_at": UtcTime(), "published_at": UtcTime(), "number": sa.Integer()}
    return [sa.type_coerce(column, types.get(column.name, sa.String())).label(column.name) for column in table.c]


def _drop_drafts_review() -> None:
    with op.batch_alter_table("draft") as draft:
        draft.drop_constraint(op.f("ck_draft_state"), type_="check")
        for name in (
            "published base state editors submitted_at submitted_by approved_at approved_by publish_at publish_by "
            "material reason"
        ).split():
            draft.drop_column(name)


def _guard_postgresql() -> None:
    op.execute(
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN RAISE EXCEPTION 'rows of % are evidence and are never changed', TG_TABLE_NAME
                 USING ERRCODE = 'integrity_constraint_violation'; END $$"""
    )
    for table in EVIDENCE:
        op.execute(
            f"""CREATE TRIGGER {table}_keeps_rows BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION refuse_change()"""
        )
        op.execute(
            f"""CREATE TRIGGER {table}_keeps_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )


def _guard_sqlite() -> None:
    for table, known in EVIDENCE.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are evidence and are never changed'); END"
        for act in ("update", "delete"):
            op.execute(f"CREATE TRIGGER {table}_keeps_{act} BEFORE {act.upper()} ON {table} {refuse}")
        # REPLACE would delete a row without asking the trigger on deletes.
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {' OR '.join(known)})"
        op.execute(f"CREATE TRIGGER {table}_keeps_replace BEFORE INSERT ON {table} WHEN {there} {refuse}")
