"""Pages for auditors: the list of decisions, and one decision with the notice shown."""

import uuid

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consent_server import clock
from consent_server.audit import service, words
from consent_server.audit.filters import LABELS, active_filters
from consent_server.audit.frame import ask, following, own_sites, write_down
from consent_server.audit.schemas import FilterSchema, write_cursor
from consent_server.consent.shown import line_above
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import parse
from consent_server.policy import service as policy
from consent_server.sites import service as sites
from consent_server.staff.permissions import require_role

blueprint = Blueprint("audit-pages", __name__, url_prefix="/audit")
schema = FilterSchema()


@blueprint.get("/events")
@require_role("auditor")
def events() -> ResponseReturnValue:
    """Decisions, newest first, by filters that stand in the address"""
    asked = ask(schema)
    found = None
    if not asked.errors:
        write_down("audit-search", asked.sites, {"filters": sorted(set(asked.fields) - {"limit", "cursor", "zone"})})
        found = service.search(asked.sites, asked.values)
    page = render_template(
        "audit/events.html",
        asked=asked,
        options=_options(asked.fields),
        found=found,
        now=clock.now(),
        elsewhere={name: LABELS.get(name, name) for name in asked.errors if name not in LABELS},
        active=active_filters(asked.fields),
        following=following(asked.fields, cursor=write_cursor(found.next)) if found and found.next else None,
        exported=following(asked.fields, cursor=None, limit=None),
        words=words,
    )
    return page, asked.status


def _options(asked: dict[str, str]) -> dict[str, dict[str, str]]:
    """What can be chosen from a list, and what the address asks for if that is not in it."""
    own = own_sites()
    locales = {locale for key in own if (site := sites.find(key)) for locale in site.locales}
    categories = {name for key in own for name in service.categories(key)}
    found = {"site": set(own), "locale": locales, "category": categories}
    chosen = {name: values | ({asked[name]} if name in asked else set()) for name, values in found.items()}
    return {name: {value: value for value in sorted(values)} for name, values in chosen.items()}


@blueprint.get("/events/<uuid:event_id>")
@require_role("auditor")
def event(event_id: uuid.UUID) -> ResponseReturnValue:
    """Everything recorded of one decision, and the notice shown"""
    site = service.find(own_sites(), event_id).site
    write_down("audit-read", [site])
    found = service.find([site], event_id)
    notice = policy.notices_by_sha256({found.notice}).get(found.notice)
    rules = policy.terms_of_version(site, found.policy).document["rules"]
    return render_template(
        "audit/event.html",
        event=found,
        site=sites.find(site),
        notice=notice,
        shown=parse(notice.document) if notice else None,
        heard=line_above(found, rules),
        leaf=evidence.leaf_of_event(event_id),
        checkpoint=evidence.newest(),
        words=words,
    )
