"""Operator commands."""

from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from consent_server import clock
from consent_server.consent.commands import replay_erasures, retention_commands
from consent_server.database import begin_writing
from consent_server.development import prepare
from consent_server.errors import State
from consent_server.evidence.commands import log_commands
from consent_server.extensions import db
from consent_server.policy import publication
from consent_server.policy import service as policy
from consent_server.policy.commands import archive_text, import_providers
from consent_server.registry import drafts
from consent_server.registry import service as registry
from consent_server.registry.commands import registry_commands
from consent_server.registry.refusals import warnings
from consent_server.registry.site_file import SiteFileFault
from consent_server.release import release
from consent_server.schedule import publish_all_due
from consent_server.sequencing import sequence
from consent_server.sites import service as sites
from consent_server.staff.commands import staff_commands

OPERATOR = "operator"

site_commands = AppGroup("site", help="Sites and their files.")
site_commands.add_command(archive_text)
site_commands.add_command(import_providers)
log_commands.add_command(sequence)


def register(app: Flask) -> None:
    """Adds the commands to `flask`."""
    app.cli.add_command(site_commands)
    app.cli.add_command(registry_commands)
    app.cli.add_command(staff_commands)
    app.cli.add_command(log_commands)
    app.extensions["after-recovery"] = [replay_erasures]
    app.cli.add_command(retention_commands)
    app.cli.add_command(release_command)
    app.cli.add_command(prepare)


@click.command("release")
@with_appcontext
def release_command() -> None:
    """Do what an upgrade needs done: keep its script, write its notices, make partitions. Run it after each."""
    written = release(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo(f"Notices written: {written}.")


def _read(path: Path) -> dict[str, Any]:
    try:
        return registry.read_site_file(path.read_text(encoding="utf-8"))
    except SiteFileFault as error:
        for fault in error.faults:
            click.echo(f"{path}: {fault}", err=True)
        count = len(error.faults)
        raise click.ClickException(f"{count} fault{'s' if count > 1 else ''}; nothing was imported.") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path} is not UTF-8; nothing was imported.") from error


site_file = click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@site_commands.command("validate")
@site_file
def validate(path: Path) -> None:
    """Check a site file and name every fault with its line, and what somebody should look at."""
    content = _read(path)
    for caution in warnings(content, clock.now().date()):
        click.echo(f"{path}: {'.'.join(caution.path)}: {caution.reason}", err=True)
    providers, categories = content["providers"], content["categories"]
    click.echo(f"{path} is valid: {len(categories)} categories, {len(providers)} providers.")


@site_commands.command("import")
@site_file
@click.option(
    "--publish",
    "reason",
    metavar="REASON",
    help="Publish the change at once, for this reason.",
)
def import_site(path: Path, reason: str | None) -> None:
    """Import a site file.

    A new site is published as version 1. A change to a known one becomes its draft, unless --publish gives a reason.
    The same content changes nothing.
    """
    content = _read(path)
    key = str(content["site"]["key"])
    begin_writing(db.session)
    current = policy.current_version(key)
    if current is not None and current.content == content:
        click.echo(f"{key}: nothing has changed; version {current.number} stands.")
        return
    if current is None or reason:
        version = publication.publish(content, by=OPERATOR, reason=reason or "First version.")
        click.echo(f"{key}: version {version.number} is published.")
    else:
        _save_draft(key, content)
        click.echo(f"{key}: the change is a draft; version {current.number} stands.")
    db.session.commit()


def _save_draft(key: str, content: dict[str, Any]) -> None:
    try:
        drafts.save(key, content, by=OPERATOR)
    except State as error:
        raise click.ClickException(f"{key}: {error.detail} Nothing was imported.") from error


@site_commands.command("publish-due")
def publish_due() -> None:
    """Publish every approved draft whose planned time has come. The server does so by itself."""
    for version in publish_all_due(current_app._get_current_object()):  # type: ignore[attr-defined]
        click.echo(version)


@site_commands.command("export")
@click.argument("key")
def export(key: str) -> None:
    """Print the published version of a site as a site file."""
    current = policy.current_version(key)
    if current is None or sites.find(key) is None:
        raise click.ClickException(f"There is no published site {key!r}.")
    click.echo(registry.write_site_file(current.content), nl=False)
