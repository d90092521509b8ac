"""The shape of a site file, with its limits: the same for import, for the draft and for what is published."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from consent_server.sites.service import RESERVED_KEYS

KEY = validate.Regexp(
    r"[a-z][a-z0-9_-]{0,30}\Z",
    error="Lower-case letters, digits, - and _; 31 at the most.",
)
LOCALE = validate.Regexp(
    r"(?=.{2,35}\Z)[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z",
    error="A language tag such as `en` or `zh-Hant`.",
)
HOST_NAME = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
CONSENT_MODES = ("google", "microsoft-uet", "clarity", "meta", "tiktok", "matomo", "hubspot")
KINDS = ("cookie", "storage", "script", "frame", "pixel", "link", "email")


def no_control_characters(value: str) -> None:
    if CONTROL.search(value):
        raise ValidationError("No control characters.")


def https_url(value: str) -> None:
    """An absolute https address without credentials."""
    address = urlsplit(value)
    if address.scheme != "https" or not HOST_NAME.match(address.hostname or "") or "@" in address.netloc:
        raise ValidationError("An https address, such as https://www.example.org/privacy.")


def not_blank(value: str) -> None:
    if not value.strip():
        raise ValidationError("Not blank.")


class Text(fields.String):
    """One run of text without control characters."""

    def __init__(self, max_length: int = 500, *, blank: bool = False, **kwargs: Any) -> None:
        rules: list[Callable[[Any], Any]] = [validate.Length(max=max_length), no_control_characters]
        super().__init__(validate=rules if blank else [*rules, not_blank], **kwargs)


class StrictBoolean(fields.Boolean):
    """`true` or `false`; never a word or a number that looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class StrictInteger(fields.Integer):
    """A whole number; never a boolean or a string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Localised(fields.Field[dict[str, str]]):
    """Text by locale. A plain string is text in the site's default locale (key `""` until that is known)."""

    def __init__(self, max_length: int = 500, *, blank: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text = Text(max_length, blank=blank)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        if isinstance(value, str):
            return {"": str(self.text.deserialize(value, attr, data))}
        if not isinstance(value, dict) or not value:
            raise ValidationError("A text, or a text for each locale.")
        texts: dict[str, str] = {}
        faults: dict[str, Any] = {}
        for locale, text in value.items():
            try:
                LOCALE(locale if isinstance(locale, str) else "")
                texts[locale] = str(self.text.deserialize(text, attr, data))
            except ValidationError as error:
                faults[str(locale)] = error.messages
        if faults:
            raise ValidationError(faults)
        return texts


class Strict(Schema):
    class Meta:
        unknown = RAISE


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


class CategorySchema(Strict):
    key = fields.String(required=True, validate=KEY)
    name = Localised(80)
    purpose = Localised(300)
    without = Localised(300, blank=True)
    required = StrictBoolean(load_default=False)


class TrackerSchema(Strict):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = Text(200, required=True)
    host = fields.String(required=True, validate=validate.Length(0, 253))
    lifetime = Localised(100)
    purpose = Localised(300)
    sample = StrictBoolean()

    @validates_schema(skip_on_field_errors=True)
    def check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data["host"] and not HOST_NAME.match(data["host"].lstrip(".")):
            raise ValidationError("A host name such as www.example.org or *.example.org.", "host")
        if data["name"].strip("*") == "":
            raise ValidationError("A pattern must name something besides *.", "name")


class ProviderSchema(Strict):
    key = fields.String(required=True, validate=KEY)
    name = Text(120, required=True)
    legal_name = Text(200)
    category = fields.String(required=True, validate=KEY)
    role = fields.String(validate=validate.OneOf(("controller", "joint-controller", "processor")))
    country = fields.String(validate=validate.Regexp(r"[A-Z]{2}\Z", error="A two-letter country code such as US."))
    purpose = Localised(300)
    data = Localised(500)
    retention = Localised(300)
    privacy_url = fields.String(required=True, validate=[https_url, validate.Length(max=500)])
    opt_out_url = fields.String(validate=[https_url, validate.Length(max=500)])
    sells_or_shares = StrictBoolean(load_default=False)
    hosts = fields.List(
        fields.String(validate=validate.Regexp(HOST_NAME, error="A host name.")),
        load_default=list,
        validate=validate.Length(max=100),
    )
    consent_mode = fields.String(validate=validate.OneOf(CONSENT_MODES))
    sample = StrictBoolean(load_default=False)
    trackers = fields.List(
        fields.Nested(TrackerSchema),
        load_default=list,
        validate=validate.Length(max=200),
    )


class SiteFileSchema(Strict):
    """A whole site file: `site`, `policy`, `categories`, `providers`, `wording`."""

    site = fields.Nested(SiteSchema, required=True)
    policy = Localised(200_000, required=True)
    categories = fields.List(fields.Nested(CategorySchema), required=True, validate=validate.Length(1, 30))
    providers = fields.List(
        fields.Nested(ProviderSchema),
        load_default=list,
        validate=validate.Length(max=1000),
    )
    wording = fields.Dict(
        fields.String(validate=LOCALE),
        fields.Dict(fields.String(), Text(1000)),
        load_default=dict,
    )

    @validates_schema(skip_on_field_errors=True)
    def check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        faults = self._key_faults(data) | self._wording_faults(data)
        if not any(category["required"] for category in data["categories"]):
            faults["categories"] = ["One category is required: the one our own cookies belong to."]
        if data["site"]["default_locale"] not in data["policy"] and "" not in data["policy"]:
            faults["policy"] = ["The policy's text is missing in the default locale."]
        if faults:
            raise ValidationError(faults)

    def _key_faults(self, data: dict[str, Any]) -> dict[str, Any]:
        faults: dict[str, Any] = {}
        for kind in ("categories", "providers"):
            keys = [entry["key"] for entry in data[kind]]
            twice = {n: {"key": ["This key is there twice."]} for n, key in enumerate(keys) if key in keys[:n]}
            if twice:
                faults[kind] = twice
        categories = {category["key"] for category in data["categories"]}
        for n, provider in enumerate(data["providers"]):
            if provider["key"] in categories:
                # `visitorChoices.allows(name)` takes either.
                fault = {"key": ["A category has this key."]}
                faults.setdefault("providers", {}).setdefault(n, {}).update(fault)
            if provider["category"] not in categories:
                fault = {"category": [f"There is no category {provider['category']!r}."]}
                faults.setdefault("providers", {}).setdefault(n, {}).update(fault)
        return faults

    def _wording_faults(self, data: dict[str, Any]) -> dict[str, Any]:
        faults: dict[str, Any] = {}
        for locale, texts in data["wording"].items():
            if locale not in data["site"]["locales"]:
                faults[locale] = ["Not one of the site's locales."]
            unknown = set(texts) - set(WORDING_KEYS)
            if unknown:
                faults[locale] = {key: ["There is no such text."] for key in sorted(unknown)}
        return {"wording": faults} if faults else {}

    @post_load
    def name_default_locale(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Texts given without a locale are in the default locale."""
        return _name_locale(data, data["site"]["default_locale"])  # type: ignore[no-any-return]


WORDING_KEYS = ("title", "text")


def _name_locale(value: Any, locale: str) -> Any:
    if isinstance(value, dict):
        return {(locale if key == "" else key): _name_locale(inner, locale) for key, inner in value.items()}
    if isinstance(value, list):
        return [_name_locale(inner, locale) for inner in value]
    return value
