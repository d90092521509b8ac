"""The frame around the auditors' pages: their views, the zone of their times, and the record of what was looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import g, request
from marshmallow import Schema, ValidationError

from consent_server.audit import log_state, zones
from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.staff.record import record

ZONE_COOKIE = "zone"
# Name and address of each view, in the order of the navigation.
VIEWS = (
    ("Start", "/audit/"),
    ("Decisions", "/audit/events"),
    ("Rates", "/audit/rates"),
    ("Signals", "/audit/signals"),
    ("Coverage", "/audit/coverage"),
    ("Providers", "/audit/providers"),
    ("Findings", "/audit/findings"),
    ("Log", "/audit/log"),
    ("Retention", "/audit/retention"),
    ("Sample", "/audit/sample"),
    ("Exports", "/audit/exports"),
)


def frame() -> dict[str, Any]:
    """`views`: name, address, and whether the page is it or below it; `zone`; `as_of`: the newest checkpoint's size
    and time."""
    zone = present_zone()
    return {
        "views": [(name, href, _current(href)) for name, href in VIEWS],
        "zone": zone.key,
        "as_of": log_state.newest(),
    }


def _current(href: str) -> str:
    if request.path == href:
        return "page"
    below = href != "/audit/" and request.path.startswith(href + "/")
    # One visitor's story is told from the list of decisions.
    story = href == "/audit/events" and request.path.startswith("/audit/visitors/")
    return "true" if below or story else ""


def present_zone() -> ZoneInfo:
    """The zone in the address, else the one this browser chose before, else UTC."""
    asked = request.args.get("zone") or request.cookies.get(ZONE_COOKIE, "")
    return zones.find(asked) or zones.UTC_ZONE


def in_zone(moment: datetime) -> datetime:
    """A moment as the clocks of that zone show it."""
    return moment.astimezone(present_zone())


def own_sites() -> tuple[str, ...]:
    """Keys of the sites on which the signed-in account is an auditor."""
    found: tuple[str, ...] = g.staff.sites_as("auditor")
    return found


def filled() -> dict[str, str]:
    """What the address asks for. An empty field of a form restricts nothing."""
    return {name: value.strip() for name, value in request.args.items() if value.strip()}


def write_down(verb: str, sites: Iterable[str], detail: dict[str, Any] | None = None) -> None:
    """Records that the auditor looks at something of these sites, and commits: there is no reading without its
    record. `detail` names what was asked for, never a visitor."""
    db.session.rollback()
    begin_writing(db.session)
    for site in sites:
        record(g.staff.email, verb, site, detail)
    db.session.commit()


@dataclass(frozen=True)
class Asked:
    """What an address asks for: its fields as they were typed, their values, what is wrong with them, and the sites
    that are meant (those of `site`, else all of the auditor's)."""

    fields: dict[str, str]
    values: dict[str, Any]
    errors: dict[str, Any]
    sites: tuple[str, ...]

    @property
    def status(self) -> int:
        return 422 if self.errors else 200


def ask(schema: Schema) -> Asked:
    """The view's query by its schema; another's site is a fault of it."""
    typed, own = filled(), own_sites()
    if "zone" not in typed and ZONE_COOKIE in request.cookies:
        # In the address of whatever is linked from here, so that a bookmark means the same elsewhere.
        typed["zone"] = present_zone().key
    try:
        values = schema.load(typed)
        if values.get("site", own[0]) not in own:
            raise ValidationError({"site": ["You are not an auditor of this site."]})
    except ValidationError as error:
        return Asked(typed, {}, error.messages_dict, own)
    return Asked(typed, values, {}, (values["site"],) if "site" in values else own)


def following(asked: dict[str, str], **others: str | None) -> str:
    """The query string with other values for some of its fields; none takes a field away."""
    return urlencode({name: value for name, value in {**asked, **others}.items() if value is not None})
