"""A decision on the wire: its shape and limits."""

import uuid
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

from consent_server.consent.models import ACTIONS, NAME, SURFACES

MAX_BYTES = 8192
MAX_NAMES = 200
REFUSALS = ("reject_all", "withdraw")


class EventId(fields.Field[uuid.UUID]):
    """A UUIDv7 in lower case (RFC 9562 §5.7)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> uuid.UUID:
        try:
            identifier = uuid.UUID(value) if isinstance(value, str) else None
        except ValueError:
            identifier = None
        if identifier is None or str(identifier) != value or identifier.version != 7:
            raise ValidationError("A UUIDv7 in lower case.")
        return identifier


class Names(fields.Field[dict[str, bool]]):
    """Keys with `true` or `false`; never a word or a number that looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, bool]:
        if not isinstance(value, dict):
            raise ValidationError("An object of keys with true or false.")
        if len(value) > MAX_NAMES:
            raise ValidationError(f"At most {MAX_NAMES} keys.")
        faults = {}
        for key, allowed in value.items():
            if not NAME.fullmatch(key):
                faults[_shown(key)] = ["Not a key."]
            elif not isinstance(allowed, bool):
                faults[key] = ["true or false."]
        if faults:
            raise ValidationError(faults)
        return value


def _shown(key: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in key[:40])


class Page(fields.String):
    """An http or https address; its query, fragment and credentials are cut here and go nowhere."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            address = urlsplit(text)
            known = address.scheme in ("http", "https") and bool(address.hostname)
        except ValueError:
            known = False
        if not known or not text.isprintable() or " " in text:
            raise ValidationError("An http or https address.")
        host = address.netloc.rpartition("@")[2]
        return f"{address.scheme}://{host}{address.path}"[:500]


class SignalsSchema(Schema):
    class Meta:
        unknown = RAISE

    dnt = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(("0", "1")))
    gpc = fields.Field[bool](load_default=False)

    @validates_schema
    def check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not isinstance(data.get("gpc", False), bool):
            raise ValidationError("true or false.", "gpc")


NAMES = {"type": "object", "additionalProperties": {"type": "boolean"}}


class DecisionSchema(Schema):
    """The body of `POST /v1/sites/{site}/consents`."""

    class Meta:
        unknown = RAISE

    event_id = EventId(required=True, metadata={"type": "string", "format": "uuid", "description": "A UUIDv7"})
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    choices = Names(required=True, metadata=NAMES)
    providers = Names(load_default=dict, metadata=NAMES)
    surface = fields.String(required=True, validate=validate.OneOf(SURFACES))
    notice = fields.String(
        required=True, validate=[validate.Regexp(r"^[0-9a-f]{64}$", error="A SHA-256 in hex."), validate.Length(64, 64)]
    )
    decided_at = fields.AwareDateTime(required=True, format="iso")
    signals = fields.Nested(SignalsSchema, load_default=lambda: {"dnt": None, "gpc": False})
    page = Page(load_default=None, allow_none=True, validate=validate.Length(max=500))
    automated = fields.String(load_default=None, validate=validate.OneOf(("suspected",)))

    @validates_schema(skip_on_field_errors=True)
    def check(self, data: dict[str, Any], **_kwargs: Any) -> None:
        granted = any(data["choices"].values()) or any(data["providers"].values())
        if data["action"] in REFUSALS and granted:
            raise ValidationError("A refusal allows nothing.", "choices")
        if not 1970 < data["decided_at"].year < 9999:
            raise ValidationError("A time of our days.", "decided_at")

    @post_load
    def cut_seconds(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """The client's clock is kept in whole seconds."""
        data["decided_at"] = data["decided_at"].replace(microsecond=0)
        return data


class PolicyReference(Schema):
    number = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class RecordedSchema(Schema):
    """The answer to a recorded decision: `choices` and `providers` are what is in effect."""

    event_id = fields.UUID(required=True)
    recorded_at = fields.DateTime(required=True)
    choices = fields.Dict(fields.String(), fields.Boolean(), required=True)
    providers = fields.Dict(fields.String(), fields.Boolean(), required=True)
    policy = fields.Nested(PolicyReference, required=True)
    expires_at = fields.DateTime(required=True)
    receipt = fields.String(required=True)
