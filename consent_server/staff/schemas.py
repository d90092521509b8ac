"""What staff type into forms."""

import re
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from consent_server.staff.passwords import MAX_LENGTH

HOME = "/staff/"
# U+0000 would be refused by PostgreSQL, and an address never has white space or control characters.
_email = validate.Regexp(r"\s*[^\s\x00-\x1f\x7f@]+@[^\s\x00-\x1f\x7f@]+\s*\Z", error="Enter an e-mail address.")


class Next(fields.String):
    """Where to go after sign-in: a page of ours for staff; anything else becomes their home page."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        local = isinstance(value, str) and re.fullmatch(r"/(staff|audit)/[!-\[\]-~]*", value)
        return value if local else HOME


class SignInForm(Schema):
    """E-mail and password, and the page that was asked for."""

    class Meta:
        unknown = EXCLUDE

    email = fields.String(required=True, validate=[validate.Length(max=254, error="Enter an e-mail address."), _email])
    password = fields.String(required=True, validate=validate.Length(1, MAX_LENGTH, error="Enter your password."))
    next = Next(load_default=HOME)


class PasswordForm(Schema):
    """The present password and a new one."""

    class Meta:
        unknown = EXCLUDE

    present = fields.String(
        required=True, validate=validate.Length(1, MAX_LENGTH, error="Enter your present password.")
    )
    new = fields.String(required=True)
