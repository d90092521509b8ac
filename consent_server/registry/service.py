"""The draft of a site: read from a site file, kept, taken out again."""

from typing import Any
from urllib.parse import urlsplit

import yaml
from flask import current_app
from marshmallow import ValidationError

from consent_server import clock
from consent_server.extensions import db
from consent_server.registry import site_file
from consent_server.registry.models import Draft
from consent_server.registry.schemas import SiteFileSchema, deployed_origin_faults


def read_site_file(text: str) -> dict[str, Any]:
    """A site file's validated content; raises SiteFileFault naming every fault with its line."""
    value, lines = site_file.read(text)
    try:
        return validate(value)
    except ValidationError as error:
        raise site_file.SiteFileFault(site_file.faults_at(error.messages, lines)) from error


def validate(content: Any) -> dict[str, Any]:
    """Validated content with defaults filled in; raises marshmallow's ValidationError."""
    if not isinstance(content, dict):
        raise ValidationError("A site file is a mapping with `site`, `policy`, `categories`, `providers`, `wording`.")
    loaded: dict[str, Any] = SiteFileSchema().load(content)
    settings = current_app.config["SETTINGS"]
    faults = deployed_origin_faults(
        loaded["site"]["origins"],
        http_allowed=settings.development,
        consent_host=urlsplit(settings.public_url).hostname,
    )
    if faults:
        raise ValidationError({"site": {"origins": faults}})
    return loaded


def save_draft(site: str, content: dict[str, Any], *, by: str) -> Draft:
    """Keeps validated content as the site's draft, in place of the one before."""
    draft = db.session.get(Draft, site) or Draft(site=site)
    draft.content, draft.changed_at, draft.changed_by = content, clock.now(), by
    db.session.add(draft)
    db.session.flush()
    return draft


def discard_draft(site: str) -> None:
    """Drops the draft, once it is published."""
    draft = db.session.get(Draft, site)
    if draft:
        db.session.delete(draft)
        db.session.flush()


def write_site_file(content: dict[str, Any]) -> str:
    """Content as a site file's YAML; importing it again changes nothing."""
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
