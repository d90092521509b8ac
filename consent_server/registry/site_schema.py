"""The shape of a site file's `site`: where the banner may run, and the rules it follows."""

from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate, validates_schema

from consent_server.registry.fields import HOST_NAME, KEY, LOCALE, Strict, StrictInteger, Text
from consent_server.sites.service import RESERVED_KEYS


class ContactSchema(Strict):
    name = Text(200, required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    address = Text(500)


class SiteSchema(Strict):
    key = fields.String(
        required=True,
        validate=[KEY, validate.NoneOf(RESERVED_KEYS, error="This key is reserved.")],
    )
    name = Text(200, required=True)
    origins = fields.List(fields.String(), required=True, validate=validate.Length(1, 200))
    cookie_domains = fields.List(fields.String(validate=validate.Regexp(HOST_NAME)), load_default=list)
    locales = fields.List(fields.String(validate=LOCALE), required=True, validate=validate.Length(1, 60))
    default_locale = fields.String(required=True, validate=LOCALE)
    contact = fields.Nested(ContactSchema, required=True)
    dnt = fields.String(load_default="record", validate=validate.OneOf(("record", "refuse")))
    gpc = fields.String(
        load_default="refuse-marketing",
        validate=validate.OneOf(("record", "refuse-marketing", "refuse-all")),
    )
    page = fields.String(load_default="origin", validate=validate.OneOf(("origin", "path")))
    choice_ttl_days = StrictInteger(load_default=180, validate=validate.Range(1, 400))
    proof_retention_days = StrictInteger(load_default=730, validate=validate.Range(1, 3660))

    @validates_schema(skip_on_field_errors=True)
    def check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        origins, domains = data["origins"], data["cookie_domains"]
        faults: dict[str, Any] = {}
        wrong_origins = {n: [fault] for n, origin in enumerate(origins) if (fault := _origin_fault(origin))}
        if wrong_origins:
            raise ValidationError({"origins": wrong_origins})
        hosts = {str(urlsplit(origin).hostname) for origin in origins}
        wrong_domains = {n: [fault] for n, domain in enumerate(domains) if (fault := _domain_fault(domain, hosts))}
        if wrong_domains:
            faults["cookie_domains"] = wrong_domains
        if len(set(data["locales"])) < len(data["locales"]):
            faults["locales"] = ["Each locale once."]
        if data["default_locale"] not in data["locales"]:
            faults["default_locale"] = ["One of the locales."]
        if data["proof_retention_days"] < data["choice_ttl_days"]:
            faults["proof_retention_days"] = ["Not shorter than choice_ttl_days."]
        if faults:
            raise ValidationError(faults)


def _origin_fault(origin: str) -> str | None:
    try:
        address = urlsplit(origin)
        port = f":{address.port}" if address.port else ""
    except ValueError:
        return "An origin such as https://www.example.org, without path."
    named = f"{address.scheme}://{address.hostname}{port}" == origin and address.scheme in ("http", "https")
    if not named or "*" in origin or not HOST_NAME.match(address.hostname or ""):
        return "An origin such as https://www.example.org, in lower case, without path or wildcard."
    return None


def _domain_fault(domain: str, hosts: set[str]) -> str | None:
    if "." not in domain or domain.startswith("*"):
        return "A domain such as example.org."
    under = any(host == domain or host.endswith("." + domain) for host in hosts)
    return None if under else "None of the origins lies under this domain."


def deployed_origin_faults(origins: list[str], *, http_allowed: bool, consent_host: str | None) -> dict[int, list[str]]:
    """What is wrong with well-formed origins on this very deployment, by their place in the list."""
    faults = {}
    for place, origin in enumerate(origins):
        address = urlsplit(origin)
        if address.scheme != "https" and not http_allowed:
            faults[place] = ["An https origin."]
        elif address.hostname == consent_host:
            reason = "The consent host is never an origin of a site: page scripts would get its cookie's powers."
            faults[place] = [reason]
    return faults
