"""Operator commands for accounts and tokens."""

import sys

import click
from flask.cli import AppGroup
from marshmallow import ValidationError, fields, validate

from consent_server.database import begin_writing
from consent_server.errors import DomainError, NotFound
from consent_server.extensions import db
from consent_server.sites import service as sites
from consent_server.staff import passwords, service, tokens
from consent_server.staff.models import ROLES, SCOPES, Staff

OPERATOR = "operator"
EMAIL = fields.Email(validate=validate.Length(max=254))

staff_commands = AppGroup("staff", help="Accounts and tokens of staff.")


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        return str(EMAIL.deserialize(service.normalise(value)))
    except ValidationError as error:
        raise click.BadParameter(f"{value!r} is not an e-mail address.") from error


email_argument = click.argument("email", callback=_address)


@staff_commands.command("add")
@email_argument
@click.option("--role", "roles", type=click.Choice(ROLES), multiple=True, required=True, help="May be given again.")
@click.option("--site", metavar="KEY", help="The site the roles are for; without it, every site there is now.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else one is made.")
def add(email: str, roles: tuple[str, ...], site: str | None, password_stdin: bool) -> None:
    """Add an account, or roles to one that is there.

    For an account that is there, --password-stdin sets its password anew, lifts a lock and signs it out everywhere.
    """
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    begin_writing(db.session)
    on = [site] if site else sites.all_keys()
    if not on:
        raise click.ClickException("There is no site yet. Import one first: flask site import FILE")
    try:
        made = _add(email, password)
        service.add_roles(service.find(email), roles, on, OPERATOR)
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    db.session.commit()
    click.echo(f"{email}: {', '.join(sorted(set(roles)))} on {', '.join(on)}.")
    if made:
        click.echo(f"Password, shown this once: {made}")


def _add(email: str, password: str | None) -> str | None:
    """Adds the account or sets its password; returns the password where one was made."""
    try:
        staff: Staff | None = service.find(email)
    except NotFound:
        staff = None
    if staff is None:
        made = password is None
        password = password if password is not None else passwords.generate()
        service.add_account(email, password, OPERATOR)
        return password if made else None
    if password is not None:
        service.set_password(staff, password, OPERATOR)
    return None


@staff_commands.command("token")
@email_argument
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="May be given again.")
@click.option("--site", metavar="KEY", help="The token's site; without it, the first one.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="Until it expires.")
def token(email: str, scopes: tuple[str, ...], site: str | None, days: int) -> None:
    """Print a new token for the API, and nothing else."""
    begin_writing(db.session)
    key = site or next(iter(sites.all_keys()), None)
    if key is None:
        raise click.ClickException("There is no site yet. Import one first: flask site import FILE")
    try:
        sites.revision(key)
        made = tokens.issue(service.find(email), key, scopes, days, OPERATOR)
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    db.session.commit()
    click.echo(made)
