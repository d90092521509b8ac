"""accounts: invitations, an end, a second factor, links that work once; names for sessions and tokens"""

import sqlalchemy as sa
from alembic import op

from consent_server import clock
from consent_server.database import Id, Json, Sha256, UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Column by column: SQLite cannot make this table anew while others point to it.
    op.add_column("staff", sa.Column("expires_at", UtcTime(), nullable=True))
    op.add_column("staff", sa.Column("disabled_at", UtcTime(), nullable=True))
    # Whoever is signed in signs in again: nothing tells by which browser it was.
    op.execute("DELETE FROM staff_session")
    with op.batch_alter_table("staff_session") as session:
        session.add_column(sa.Column("id", Id, nullable=False))
        session.add_column(sa.Column("agent", sa.String(length=80), nullable=False))
        session.create_unique_constraint(op.f("uq_staff_session_id"), ["id"])
    _name_tokens()
    op.create_table(
        "second_factor",
        sa.Column("staff_id", Id, nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("used_step", sa.Integer(), nullable=False),
        sa.Column("recovery", Json, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_second_factor_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "one_time_link",
        sa.Column("token_hash", Sha256, nullable=False),
        sa.Column("staff_id", Id, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.CheckConstraint("purpose IN ('invitation', 'reset', 'sign-in')", name=op.f("ck_one_time_link_purpose")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_one_time_link_staff_id_staff")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_one_time_link")),
    )
    op.create_index(op.f("ix_one_time_link_staff_id"), "one_time_link", ["staff_id"], unique=False)


def downgrade() -> None:
    op.drop_table("one_time_link")
    op.drop_table("second_factor")
    with op.batch_alter_table("api_token") as token:
        token.drop_constraint(op.f("uq_api_token_id"), type_="unique")
        token.drop_column("name")
        token.drop_column("id")
    with op.batch_alter_table("staff_session") as session:
        session.drop_constraint(op.f("uq_staff_session_id"), type_="unique")
        session.drop_column("agent")
        session.drop_column("id")
    for column in ("disabled_at", "expires_at"):
        op.execute(f"ALTER TABLE staff DROP COLUMN {column}")


def _name_tokens() -> None:
    """Tokens that are there keep working, and get an id by which they can be revoked."""
    with op.batch_alter_table("api_token") as token:
        token.add_column(sa.Column("id", Id, nullable=True))
        token.add_column(sa.Column("name", sa.String(length=80), nullable=True))
    table = sa.table("api_token", sa.column("token_hash", Sha256), sa.column("id", Id), sa.column("name", sa.String()))
    connection = op.get_bind()
    for (token_hash,) in connection.execute(sa.select(table.c.token_hash)).all():
        named = table.update().where(table.c.token_hash == token_hash)
        connection.execute(named.values(id=clock.new_id(), name=""))
    with op.batch_alter_table("api_token") as token:
        token.alter_column("id", existing_type=Id, nullable=False)
        token.alter_column("name", existing_type=sa.String(length=80), nullable=False)
        token.create_unique_constraint(op.f("uq_api_token_id"), ["id"])
