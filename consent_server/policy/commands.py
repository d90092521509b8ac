"""Operator commands for what goes in and out of a site's policy."""

from datetime import date
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from marshmallow import ValidationError, fields

from consent_server.database import begin_writing
from consent_server.errors import Conflict, NotFound, State
from consent_server.extensions import db
from consent_server.policy import archive, service
from consent_server.policy.glance import sentences
from consent_server.registry import drafts, spreadsheet
from consent_server.registry import service as registry
from consent_server.registry.fields import LOCALE, Strict, Text

OPERATOR = "operator"
NOT_PUBLIC = "Only what is not published: dates of contracts and reviews."

file_argument = click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path} is not UTF-8; nothing was changed.") from error


class ArchiveSchema(Strict):
    """A text from before: Markdown, what it is called, and its language."""

    text = Text(200_000, required=True)
    title = Text(200, required=True)
    locale = fields.String(required=True, validate=LOCALE)


def _day(_context: click.Context, _option: click.Parameter, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise click.BadParameter("A day such as 2018-05-23.") from error


@click.command("archive")
@click.argument("key")
@file_argument
@click.option("--date", "day", required=True, metavar="DAY", callback=_day, help="The day the text is of: 2018-05-23.")
@click.option("--title", required=True, help="What it is called in the list of versions.")
@click.option("--locale", help="The language it is in; the site's first one if not given.")
@with_appcontext
def archive_text(key: str, path: Path, day: str, title: str, locale: str | None) -> None:
    """Keep a policy text (Markdown) from before the first version. It cannot be changed or taken back."""
    text = _read(path)
    begin_writing(db.session)
    try:
        locale = locale or service.published(key).rules.default_locale
        kept = ArchiveSchema().load({"text": text, "title": title, "locale": locale})
        archive.archive(key, **kept, day=day, by=OPERATOR)
    except (Conflict, NotFound) as error:
        raise click.ClickException(error.detail) from error
    except ValidationError as error:
        faults = (f"{name}: {' '.join(reasons)}" for name, reasons in error.messages_dict.items())
        raise click.ClickException("\n".join(faults)) from error
    db.session.commit()
    click.echo(f"{key}: archived, at /{key}/policy/archived/{day}.")


@click.command("import-providers")
@click.argument("key")
@file_argument
@click.option("--locale", help="The language its texts are in; the site's first one if not given.")
@click.option("--save", is_flag=True, help="Save the change as the site's draft; otherwise it is only shown.")
@with_appcontext
def import_providers(key: str, path: Path, locale: str | None, save: bool) -> None:
    """Show what providers in a spreadsheet (CSV, columns as in providers.csv) would change in a site's draft."""
    text = _read(path)
    begin_writing(db.session)
    try:
        before = drafts.current(key).content
        after = _with_providers(path, before, text, locale)
        for sentence in sentences(before, after, "en") or [NOT_PUBLIC] * (before != after):
            click.echo(sentence)
        if before != after and save:
            drafts.save(key, after, by=OPERATOR)
    except (NotFound, State) as error:
        raise click.ClickException(f"{key}: {error.detail}") from error
    db.session.commit()
    outcome = "Saved as the draft." if save else "Nothing was saved; --save does."
    click.echo(outcome if before != after else "Nothing changes.")


def _with_providers(path: Path, content: dict[str, Any], text: str, locale: str | None) -> dict[str, Any]:
    site = content["site"]
    if locale not in (None, *site["locales"]):
        raise click.ClickException(f"{locale} is not one of the site's locales.")
    sheet = spreadsheet.put_in(content, text, locale or site["default_locale"])
    faults = sheet.faults
    after = sheet.content
    if not faults:
        try:
            after = registry.validate(sheet.content)
        except ValidationError as error:
            faults = spreadsheet.validation_faults(error.messages, sheet)
    for fault in faults:
        click.echo(f"{path}: {fault}", err=True)
    if faults:
        raise click.ClickException(f"{len(faults)} fault{'s' if len(faults) > 1 else ''}; nothing was changed.")
    return after
