"""Runs the migrations, the same path on SQLite and PostgreSQL."""

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db
options = current_app.extensions["migrate"].configure_args


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Partitions are made beside the migrations, by month; they are not tables of their own."""
    return not (kind == "table" and name is not None and name.startswith("consent_event_"))


with db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        include_name=is_ours,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()
