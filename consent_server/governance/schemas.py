"""A page's report of what it saw: host names and cookie names, nothing else."""

import re
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from consent_server.consent.schemas import Page
from consent_server.governance.names import reduce_name

MAX_BYTES = 8192
MAX_NAMES = 50
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
# RFC 6265 §4.1.1, as far as names are concerned: a token, so none of the separators.
COOKIE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")


class CookieName(fields.String):
    """A cookie's name; what may identify somebody in it goes no further."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if not COOKIE.fullmatch(name):
            raise ValidationError("Not a cookie's name.")
        return reduce_name(name)


def _names(of: fields.Field[Any]) -> fields.List[Any]:
    return fields.List(of, load_default=list, validate=validate.Length(max=MAX_NAMES))


class SeenSchema(Schema):
    """What was seen with one fault."""

    class Meta:
        unknown = RAISE

    hosts = _names(fields.String(validate=validate.Regexp(HOST.pattern + r"\Z", error="Not a host's name.")))
    cookies = _names(CookieName())


class ReportSchema(Schema):
    """`undeclared`: no provider declares it. `not_allowed`: one does that the visitor had not allowed."""

    class Meta:
        unknown = RAISE

    page = Page(load_default=None, allow_none=True)
    undeclared = fields.Nested(SeenSchema, load_default=dict)
    not_allowed = fields.Nested(SeenSchema, load_default=dict)
