"""The shape of a site file, with its limits: the same for import, for the draft and for what is published."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from consent_server.registry.fields import (
    HOST_NAME,
    KEY,
    LOCALE,
    Day,
    Localised,
    Strict,
    StrictBoolean,
    Text,
    https_url,
)
from consent_server.registry.site_schema import SiteSchema

CONSENT_MODES = ("google", "microsoft-uet", "clarity", "meta", "tiktok", "matomo", "hubspot")
KINDS = ("cookie", "storage", "script", "frame", "pixel", "link", "email")
MAX_PROVIDERS, MAX_TRACKERS = 1000, 200
ROLES = ("controller", "joint-controller", "processor")
LEGAL_BASES = (
    "consent",
    "contract",
    "legal-obligation",
    "vital-interest",
    "public-task",
    "legitimate-interest",
)


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
        if data["host"] and not HOST_NAME.match(data["host"].removeprefix(".")):
            raise ValidationError("A host name such as www.example.org or *.example.org.", "host")
        if data["name"].strip("*") == "":
            raise ValidationError("A pattern must name something besides *.", "name")


class ProviderSchema(Strict):
    key = fields.String(required=True, validate=KEY)
    name = Text(120, required=True)
    legal_name = Text(200)
    category = fields.String(required=True, validate=KEY)
    role = fields.String(validate=validate.OneOf(ROLES))
    country = fields.String(validate=validate.Regexp(r"[A-Z]{2}\Z", error="A two-letter country code such as US."))
    purpose = Localised(300)
    legal_basis = fields.String(validate=validate.OneOf(LEGAL_BASES))
    data = Localised(500)
    retention = Localised(300)
    transfers = Localised(500)
    safeguard = Localised(500)
    contract_date = Day()
    review_date = Day()
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
        validate=validate.Length(max=MAX_TRACKERS),
    )
    held = StrictBoolean()

    @validates_schema(skip_on_field_errors=True)
    def check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        trackers = [(tracker["kind"], tracker["host"], tracker["name"]) for tracker in data["trackers"]]
        twice = {n: {"name": ["This tracker is there twice."]} for n, one in enumerate(trackers) if one in trackers[:n]}
        if twice:
            raise ValidationError({"trackers": twice})

    @post_load
    def say_held_once(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """One way to say that a provider is not held: by saying nothing."""
        return data if data.get("held") else {name: value for name, value in data.items() if name != "held"}


class SiteFileSchema(Strict):
    """A whole site file: `site`, `policy`, `categories`, `providers`, `wording`."""

    site = fields.Nested(SiteSchema, required=True)
    policy = Localised(200_000, required=True)
    categories = fields.List(fields.Nested(CategorySchema), required=True, validate=validate.Length(1, 30))
    providers = fields.List(
        fields.Nested(ProviderSchema),
        load_default=list,
        validate=validate.Length(max=MAX_PROVIDERS),
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
