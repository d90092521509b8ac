"""Pages for auditors: the list of decisions, and one decision with the notice shown."""

import uuid
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server import clock
from consent_server.audit import service, words
from consent_server.audit.filters import FIELDS, LABELS, active_filters
from consent_server.audit.schemas import FilterSchema, write_cursor
from consent_server.database import begin_writing
from consent_server.evidence.commitment import parse
from consent_server.extensions import db
from consent_server.policy import service as policy
from consent_server.sites import service as sites
from consent_server.staff.permissions import require_role
from consent_server.staff.places import Place
from consent_server.staff.record import record

PLACES = (Place("Decisions", "audit-pages.events", frozenset({"auditor"}), per_site=False),)

blueprint = Blueprint("audit-pages", __name__, url_prefix="/audit")
schema = FilterSchema()


@blueprint.get("/")
@require_role("auditor")
def events() -> ResponseReturnValue:
    """Decisions, newest first, by filters that stand in the address"""
    # An empty field of the form restricts nothing.
    asked = {name: value.strip() for name, value in request.args.items() if value.strip()}
    own = g.staff.sites_as("auditor")
    found, errors = None, {}
    try:
        filters = schema.load(asked)
        if filters.get("site", own[0]) not in own:
            raise ValidationError({"site": ["You are not an auditor of this site."]})
    except ValidationError as error:
        errors = error.messages_dict
    else:
        found = _search(own, filters, asked)
    return _list(asked, own, found, errors), 422 if errors else 200


def _search(own: tuple[str, ...], filters: dict[str, Any], asked: dict[str, str]) -> service.Found:
    chosen = (filters["site"],) if "site" in filters else own
    # Written down before anything is read: there is no reading without its record.
    begin_writing(db.session)
    for site in chosen:
        record(g.staff.email, "audit-search", site, {"filters": sorted(set(asked) - {"limit", "cursor"})})
    db.session.commit()
    return service.search(chosen, filters)


def _list(asked: dict[str, str], own: tuple[str, ...], found: service.Found | None, errors: Any) -> str:
    following = urlencode({**asked, "cursor": write_cursor(found.next)}) if found and found.next else None
    return render_template(
        "audit/events.html",
        asked=asked,
        sites={key: key for key in own},
        found=found,
        now=clock.now(),
        errors=errors,
        elsewhere={name: LABELS.get(name, name) for name in errors if name not in FIELDS},
        kept={name: asked[name] for name in (*LABELS, "value", "limit") if name in asked and name not in FIELDS},
        active=active_filters(asked),
        following=following,
        words=words,
    )


@blueprint.get("/events/<uuid:event_id>")
@require_role("auditor")
def event(event_id: uuid.UUID) -> ResponseReturnValue:
    """Everything recorded of one decision, and the notice shown"""
    site = service.find(g.staff.sites_as("auditor"), event_id).site
    db.session.rollback()
    begin_writing(db.session)
    record(g.staff.email, "audit-read", site)
    db.session.commit()
    found = service.find([site], event_id)
    notice = policy.notices_by_sha256({found.notice}).get(found.notice)
    rules = policy.terms_of_version(site, found.policy).document["rules"]
    return render_template(
        "audit/event.html",
        event=found,
        site=sites.find(site),
        notice=notice,
        shown=parse(notice.document) if notice else None,
        heard=words.line_above(found, rules),
        words=words,
    )
