"""What the page "Your choices" is sent: its address and its form."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate
from werkzeug.datastructures import MultiDict

from consent_server import clock
from consent_server.consent.models import NAME
from consent_server.consent.schemas import MAX_NAMES, EventId
from consent_server.visitor_page import PageQuery

DONE = ("saved", "rejected", "accepted", "withdrawn", "forgotten", "erased", "stale")
SIGNALS = ("dnt", "gpc")
_LISTS = ("allow", "allow_provider", "provider", "said")


class ChoicesQuery(PageQuery):
    """`done`: what was just done; `history=show`: the button was pressed."""

    done = fields.String(load_default=None, validate=validate.OneOf(DONE))
    history = fields.String(load_default=None, validate=validate.OneOf(("show",)))


def _keys() -> Any:
    return fields.List(fields.String(validate=validate.Regexp(NAME)), validate=validate.Length(max=MAX_NAMES))


class ChoicesForm(Schema):
    """`allow` and `allow_provider` are the switches that are on; `provider` names the single providers that had one;
    `said` the signals that the page said were on; `notice` the text that was shown."""

    class Meta:
        unknown = EXCLUDE

    event_id = EventId(load_default=clock.new_id)
    notice = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))
    decision = fields.String(required=True, validate=validate.OneOf(("save", "reject_all", "accept_all")))
    allow = _keys()
    provider = _keys()
    allow_provider = _keys()
    said = fields.List(fields.String(validate=validate.OneOf(SIGNALS)), validate=validate.Length(max=len(SIGNALS)))


def form_values(form: MultiDict[str, str]) -> dict[str, Any]:
    """A form's fields; those of a list always as a list."""
    return {**form.to_dict(), **{name: form.getlist(name) for name in _LISTS}}
