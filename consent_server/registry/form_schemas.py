"""What the editor's forms are: their fields, what each needs, and how what a person types is taken."""

import json
import re
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from consent_server.registry.labels import COUNTRIES

MAX_TRACKERS = 200
MAX_DEPTH = 6
NOT_WHOLE = "This page was not sent whole. Open it again."


class Line(fields.String):
    """One line of text; white space around and inside it is made single spaces."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return " ".join(str(super()._deserialize(value, attr, data, **kwargs)).split())


class Paragraphs(fields.String):
    """Text of several lines, with the line ends of this system; blank lines around it go."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        return "\n".join(text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n"))


class Country(Line):
    """A country's code, from its code or its name."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        codes = {name.casefold(): code for code, name in COUNTRIES.items()}
        code = codes.get(text.casefold(), text.upper())
        if code and not re.fullmatch(r"[A-Z]{2}", code):
            raise ValidationError("Choose a country from the list, or enter its two-letter code.")
        return code


class Remembered(fields.Field[Any]):
    """What a page carries along as JSON: an entry (or a text) as it was when the page was opened. Empty: there was
    none."""

    def __init__(self, *kinds: type, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kinds = (*kinds, type(None))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            entry = json.loads(value) if value else None
        except (ValueError, TypeError, RecursionError) as error:
            raise ValidationError(NOT_WHOLE) from error
        if not isinstance(entry, self.kinds) or _depth(entry) > MAX_DEPTH:
            raise ValidationError(NOT_WHOLE)
        return entry


def _depth(value: Any, known: int = 0) -> int:
    if known > MAX_DEPTH:
        return known
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((_depth(part, known + 1) for part in inner), default=known)


def _needed(words: str) -> Any:
    return {"required": True, "validate": validate.Length(1, error=words), "error_messages": {"required": words}}


class Form(Schema):
    class Meta:
        unknown = EXCLUDE


class TrackerForm(Form):
    """One row; `was` is its place in the entry the page began from, empty for a new one."""

    was = Line(load_default="")
    kind = Line(**_needed("Choose a kind."))
    name = Line(**_needed("Enter the name, as the browser shows it."))
    host = Line(load_default="")
    lifetime = Line(load_default="")
    purpose = Line(load_default="")


class ProviderForm(Form):
    """A provider with its trackers. `began` is the entry as it was when the page was opened."""

    began = Remembered(dict, load_default=None)
    key = Line(load_default="")
    name = Line(**_needed("Enter the provider’s name."))
    category = Line(**_needed("Choose a category."))
    purpose = Line(**_needed("Say in one sentence what it is for."))
    privacy_url = Line(**_needed("Enter the address of its privacy policy."))
    country = Country(load_default="")
    legal_name = Line(load_default="")
    role = Line(load_default="")
    legal_basis = Line(load_default="")
    data = Line(load_default="")
    retention = Line(load_default="")
    transfers = Line(load_default="")
    safeguard = Line(load_default="")
    opt_out_url = Line(load_default="")
    consent_mode = Line(load_default="")
    contract_date = Line(load_default="")
    review_date = Line(load_default="")
    hosts = Paragraphs(load_default="")
    sells_or_shares = Line(load_default="")
    sample = Line(load_default="")
    held = Line(load_default="")
    trackers = fields.List(fields.Nested(TrackerForm), load_default=list, validate=validate.Length(max=MAX_TRACKERS))


class CategoryForm(Form):
    began = Remembered(dict, load_default=None)
    key = Line(load_default="")
    name = Line(**_needed("Enter the category’s name."))
    purpose = Line(**_needed("Say in one sentence what it is for."))
    without = Line(load_default="")
    required = Line(load_default="")
    others = fields.Dict(fields.String(), fields.Dict(fields.String(), Line()), load_default=dict)


class RemoveForm(Form):
    """`began` as the page showed it, so that nobody removes what somebody else has changed meanwhile."""

    began = Remembered(dict, load_default=None)


class PolicyTextForm(Form):
    began = Remembered(str, load_default=None)
    text = Paragraphs(load_default="")


class WordingForm(Form):
    """The texts of one language by path; `began` as they were when the page was opened."""

    began = Remembered(dict, load_default=None)
    texts = fields.Dict(fields.String(), Line())


class ClashPath(Remembered):
    """The path of a clash."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        path = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(path, list) or not all(isinstance(part, str) for part in path):
            raise ValidationError(NOT_WHOLE)
        return tuple(path)


class ResolveForm(Form):
    """What two people made of an entry, and at which places the one who saves gives way to the other."""

    began = Remembered(dict, str, load_default=None)
    mine = Remembered(dict, str, load_default=None)
    theirs = Remembered(dict, str, load_default=None)
    give_way = fields.List(ClashPath(list), load_default=list)
