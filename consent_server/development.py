"""What `make run` does before the server starts: everything a first look needs, once."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import func, select

from consent_server.database import begin_writing
from consent_server.evidence import founding, sequencer
from consent_server.evidence import service as evidence
from consent_server.evidence.faults import LogFault
from consent_server.extensions import db
from consent_server.policy import publication
from consent_server.policy import service as policy
from consent_server.registry import service as registry
from consent_server.staff import passwords
from consent_server.staff import service as staff
from consent_server.staff.models import ROLES, Staff

SITE_FILE = Path(__file__).parent.parent / "examples" / "ala.yaml"
FIRST_ACCOUNT = "staff@ala.localhost"
BY = "make run"


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Prepare a server for development: migrations, ALA's site file, a staff account. Again at will."""
    settings = current_app.config["SETTINGS"]
    if not settings.development:
        raise click.ClickException("This is for development. In production: flask db upgrade, flask site import.")
    upgrade()
    _seal(start=True)
    begin_writing(db.session)
    content = registry.read_site_file(SITE_FILE.read_text(encoding="utf-8"))
    key = content["site"]["key"]
    if policy.current_version(key) is None:
        publication.publish(content, by=BY, reason="First version.")
    password = _first_account(key)
    db.session.commit()
    _seal()
    click.echo("")
    click.echo(f"  Demo page     http://www.ala.localhost:{settings.port}/demo/")
    click.echo(f"  For visitors  {settings.public_url}/{key}/choices")
    click.echo(f"  For staff     {settings.public_url}/staff/")
    click.echo(f"  For auditors  {settings.public_url}/audit/")
    click.echo(f"  Verifier key  {evidence.verifier_key()}")
    if password:
        click.echo(f"\n  Staff account, shown this once: {FIRST_ACCOUNT}  password: {password}")
    click.echo("")


def _seal(*, start: bool = False) -> None:
    """Starts the log, before anything is published; or seals what was."""
    try:
        if start:
            founding.found()
        else:
            sequencer.run_once()
    except LogFault as fault:
        raise click.ClickException(str(fault)) from None


def _first_account(site: str) -> str | None:
    """Makes the first account, with every role, where there is none; returns its password."""
    if db.session.scalar(select(func.count()).select_from(Staff)):
        return None
    password = passwords.generate()
    account = staff.add_account(FIRST_ACCOUNT, password, BY)
    staff.add_roles(account, ROLES, [site], BY)
    return password
