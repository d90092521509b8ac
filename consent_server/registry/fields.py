"""What shapes are made of: types of fields, with their limits."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from marshmallow import RAISE, Schema, ValidationError, fields, validate

KEY = validate.Regexp(
    r"[a-z][a-z0-9_-]{0,30}\Z",
    error="Lower-case letters, digits, - and _; 31 at the most.",
)
LOCALE = validate.Regexp(
    r"(?=.{2,35}\Z)[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z",
    error="A language tag such as `en` or `zh-Hant`.",
)
HOST_NAME = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")

# A parser leaves some of these out of an address, and others turn what is seen of it around.
UNSEEN = re.compile(r"[\s\x00-\x20\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def no_control_characters(value: str) -> None:
    if CONTROL.search(value):
        raise ValidationError("No control characters.")


def https_url(value: str) -> None:
    """An absolute https address without credentials."""
    try:
        address = urlsplit(value)
        named = HOST_NAME.match(address.hostname or "") and (address.port is None or address.port > 0)
    except ValueError:
        named = None
    if not named or address.scheme != "https" or "@" in address.netloc or UNSEEN.search(value):
        raise ValidationError("An https address, such as https://www.example.org/privacy.")


def not_blank(value: str) -> None:
    if not any(character.isprintable() and not character.isspace() for character in value):
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


class Day(fields.String):
    """A day as `YYYY-MM-DD` (RFC 3339 full-date), kept as it is written."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        try:
            valid = date.fromisoformat(text).isoformat() == text
        except ValueError:
            valid = False
        if not valid:
            raise ValidationError("A day such as 2026-11-22.")
        return text


class Strict(Schema):
    """A shape with nothing beside it."""

    class Meta:
        unknown = RAISE
