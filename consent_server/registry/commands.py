"""Operator commands of the registry."""

from pathlib import Path

import click
from flask.cli import AppGroup

from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.registry import suggestions

registry_commands = AppGroup("registry", help="What editors of providers are offered.")


@registry_commands.command("suggestions")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_suggestions(path: Path) -> None:
    """Load the Open Cookie Database (its CSV file), in place of what was loaded before."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        begin_writing(db.session)
        count = suggestions.load(text)
    except (UnicodeDecodeError, suggestions.ListFault) as error:
        raise click.ClickException(f"{path}: {error}") from error
    db.session.commit()
    click.echo(f"{count} cookies. {suggestions.ATTRIBUTION}: {suggestions.ATTRIBUTION_URL}")
