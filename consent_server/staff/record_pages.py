"""The record of what staff did, for admins and auditors of a site. It can be read, never changed."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.staff import history, words
from consent_server.staff.frame import site_name
from consent_server.staff.permissions import require_site_role
from consent_server.staff.places import Place
from consent_server.staff.schemas import RecordFilters

READERS = ("admin", "auditor")
PLACES = (Place("Record", "staff-record.acts", frozenset(READERS)),)
LABELS = {"person": "Person", "act": "Act", "from": "From", "to": "To"}

blueprint = Blueprint("staff-record", __name__, url_prefix="/staff/<site>/record")


@blueprint.get("")
@require_site_role(*READERS)
def acts(site: str) -> ResponseReturnValue:
    """What was done, by whom, when and why; newest first, by filters that stand in the address"""
    # An empty field of the form restricts nothing.
    asked = {name: value.strip() for name, value in request.args.items() if value.strip()}
    errors: Any = {}
    found = None
    try:
        found = history.search(site, RecordFilters().load(asked))
    except ValidationError as error:
        errors = error.messages_dict
    following = urlencode({**asked, "after": found.next}) if found and found.next else None
    page = render_template(
        "staff/record.html",
        site=site,
        name=site_name(site),
        asked=asked,
        found=found,
        errors=errors,
        active=_active(asked),
        following=following,
        words=words,
    )
    return page, 422 if errors else 200


def _active(asked: dict[str, str]) -> list[tuple[str, str, str]]:
    """Each filter in force: its label, its value in words, and the query string without it."""
    return [
        (
            label,
            words.act(asked[name]) if name == "act" else asked[name],
            urlencode({key: value for key, value in asked.items() if key not in (name, "after")}),
        )
        for name, label in LABELS.items()
        if name in asked
    ]
