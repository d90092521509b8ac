"""A site's content: read from a site file, validated whoever brings it, written as one again."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from marshmallow import Schema, ValidationError, fields

from consent_server.registry import site_file
from consent_server.registry.refusals import refusals
from consent_server.registry.schemas import SiteFileSchema
from consent_server.registry.site_schema import deployed_origin_faults


def read_site_file(text: str) -> dict[str, Any]:
    """A site file's validated content; raises SiteFileFault naming every fault with its line."""
    value, lines = site_file.read(text)
    try:
        return validate(value)
    except ValidationError as error:
        raise site_file.SiteFileFault(site_file.faults_at(error.messages, lines)) from error


def validate(content: Any) -> dict[str, Any]:
    """Validated content with defaults filled in; raises marshmallow's ValidationError for what is not well formed, and
    for what is refused (`refusals.py`)."""
    if not isinstance(content, dict):
        raise ValidationError("A site file is a mapping with `site`, `policy`, `categories`, `providers`, `wording`.")
    loaded: dict[str, Any] = SiteFileSchema().load(content)
    settings = current_app.config["SETTINGS"]
    consent_host = urlsplit(settings.public_url).hostname
    origins = loaded["site"]["origins"]
    faults = deployed_origin_faults(origins, http_allowed=settings.development, consent_host=consent_host)
    if faults:
        raise ValidationError({"site": {"origins": faults}})
    refused = refusals(loaded, consent_host)
    if refused:
        raise ValidationError(refused)
    return loaded


def write_site_file(content: dict[str, Any]) -> str:
    """Content as a site file's YAML: the same content gives the same bytes, and importing it changes nothing."""
    return site_file.write(_in_order(content, SiteFileSchema(), content["site"]["default_locale"]))


def _in_order(value: Any, schema: Schema | None, first: str) -> Any:
    """Fields as the schema declares them, locales by name after the first: a database may keep them in any order."""
    if isinstance(value, list):
        return [_in_order(entry, schema, first) for entry in value]
    if not isinstance(value, dict):
        return value
    names = schema.fields if schema else sorted(value, key=lambda name: (name != first, name))
    return {name: _in_order(value[name], _inner(schema, name), first) for name in names if name in value}


def _inner(schema: Schema | None, name: str) -> Schema | None:
    field = schema.fields[name] if schema else None
    nested = field.inner if isinstance(field, fields.List) else field
    return nested.schema if isinstance(nested, fields.Nested) else None
