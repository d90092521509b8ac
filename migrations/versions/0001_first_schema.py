"""first schema"""

import sqlalchemy as sa
from alembic import op

from consent_server.consent.partitions import ensure_partitions
from consent_server.database import Id, Json, Serial, Sha256, UtcTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "consent_current",
        sa.Column("visitor_id", Id, nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("choices", Json, nullable=False),
        sa.Column("providers", Json, nullable=False),
        sa.Column("refused_at", Json, nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("visitor_id", "site", name=op.f("pk_consent_current")),
    )
    op.create_table(
        "consent_event",
        sa.Column("event_id", Id, nullable=False),
        sa.Column("visitor_id", Id, nullable=True),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("notice", Sha256, nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("surface", sa.String(length=16), nullable=False),
        sa.Column("choices", Json, nullable=False),
        sa.Column("providers", Json, nullable=False),
        sa.Column("dnt_header", sa.String(length=1), nullable=True),
        sa.Column("dnt_js", sa.String(length=1), nullable=True),
        sa.Column("dnt_acted_on", sa.Boolean(), nullable=False),
        sa.Column("gpc_header", sa.Boolean(), nullable=False),
        sa.Column("gpc_js", sa.Boolean(), nullable=False),
        sa.Column("gpc_acted_on", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=True),
        sa.Column("os", sa.String(length=64), nullable=True),
        sa.Column("device", sa.String(length=16), nullable=True),
        sa.Column("automated", sa.String(length=16), nullable=False),
        sa.Column("page", sa.String(length=500), nullable=True),
        sa.Column("nonce", Sha256, nullable=False),
        sa.Column("digest", Sha256, nullable=False),
        sa.CheckConstraint(
            "action IN ('accept_all', 'reject_all', 'custom', 'withdraw', 'signal', 'imported')",
            name=op.f("ck_consent_event_action"),
        ),
        sa.CheckConstraint(
            "automated IN ('human', 'declared', 'suspected')",
            name=op.f("ck_consent_event_automated"),
        ),
        sa.CheckConstraint(
            "surface IN ('banner', 'preferences', 'page', 'api')",
            name=op.f("ck_consent_event_surface"),
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_consent_event")),
        postgresql_partition_by="RANGE (event_id)",
    )
    ensure_partitions(op.get_bind())
    op.create_index(
        "ix_consent_event_site",
        "consent_event",
        ["site", "recorded_at", "event_id"],
        unique=False,
    )
    op.create_index(
        "ix_consent_event_visitor_id",
        "consent_event",
        ["visitor_id", "recorded_at"],
        unique=False,
    )

    op.create_table(
        "erased_event",
        sa.Column("hash", Sha256, nullable=False),
        sa.Column("erased_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_erased_event")),
    )
    op.create_table(
        "log_queue",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("hash", Sha256, nullable=False),
        sa.Column("event_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log_queue")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "site",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("origins", Json, nullable=False),
        sa.Column("cookie_domains", Json, nullable=False),
        sa.Column("locales", Json, nullable=False),
        sa.Column("default_locale", sa.String(length=35), nullable=False),
        sa.Column("contact", Json, nullable=False),
        sa.Column("dnt", sa.String(length=16), nullable=False),
        sa.Column("gpc", sa.String(length=16), nullable=False),
        sa.Column("page", sa.String(length=8), nullable=False),
        sa.Column("choice_ttl_days", sa.Integer(), nullable=False),
        sa.Column("proof_retention_days", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.CheckConstraint("dnt IN ('record', 'refuse')", name=op.f("ck_site_dnt")),
        sa.CheckConstraint(
            "gpc IN ('record', 'refuse-marketing', 'refuse-all')",
            name=op.f("ck_site_gpc"),
        ),
        sa.CheckConstraint("page IN ('origin', 'path')", name=op.f("ck_site_page")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_site")),
    )
    op.create_table(
        "staff",
        sa.Column("id", Id, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "staff_event",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("verb", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=True),
        sa.Column("detail", Json, nullable=False),
        sa.Column("nonce", Sha256, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_event")),
    )
    op.create_index("ix_staff_event_at", "staff_event", ["at"], unique=False)

    op.create_table(
        "visitor",
        sa.Column("id", Id, nullable=False),
        sa.Column("secret_hash", Sha256, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitor")),
    )
    op.create_table(
        "widget_file",
        sa.Column("sha256", Sha256, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_widget_file")),
    )
    op.create_table(
        "api_token",
        sa.Column("token_hash", Sha256, nullable=False),
        sa.Column("staff_id", Id, nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name=op.f("fk_api_token_site_site")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_api_token_staff_id_staff")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_token")),
    )
    op.create_index(op.f("ix_api_token_staff_id"), "api_token", ["staff_id"], unique=False)

    op.create_table(
        "draft",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name=op.f("fk_draft_site_site")),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_draft")),
    )
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", Sha256, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.Column("published_by", sa.String(length=254), nullable=False),
        sa.Column("approved_by", sa.String(length=254), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name=op.f("fk_policy_version_site_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("site", "number", name=op.f("uq_policy_version_site_number")),
        sa.UniqueConstraint("site", "sha256", name=op.f("uq_policy_version_site_sha256")),
    )
    op.create_table(
        "staff_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", Id, nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "role IN ('editor', 'approver', 'auditor', 'dpo', 'admin')",
            name=op.f("ck_staff_role_role"),
        ),
        sa.ForeignKeyConstraint(["site"], ["site.key"], name=op.f("fk_staff_role_site_site")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
        sa.UniqueConstraint("staff_id", "site", "role", name=op.f("uq_staff_role_staff_id_site_role")),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_hash", Sha256, nullable=False),
        sa.Column("staff_id", Id, nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id_staff")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("sha256", Sha256, nullable=False),
        sa.Column("policy_version_id", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=35), nullable=False),
        sa.Column("widget", Sha256, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["policy_version.id"],
            name=op.f("fk_notice_policy_version_id_policy_version"),
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_notice")),
    )
    op.create_index(
        op.f("ix_notice_policy_version_id"),
        "notice",
        ["policy_version_id"],
        unique=False,
    )


def downgrade() -> None:

    op.drop_table("notice")

    op.drop_table("staff_session")
    op.drop_table("staff_role")
    op.drop_table("policy_version")
    op.drop_table("draft")

    op.drop_table("api_token")
    op.drop_table("widget_file")
    op.drop_table("visitor")

    op.drop_table("staff_event")
    op.drop_table("staff")
    op.drop_table("site")
    op.drop_table("log_queue")
    op.drop_table("erased_event")

    op.drop_table("consent_event")
    op.drop_table("consent_current")
