"""`/audit/coverage` and `/audit/providers`: what a category covered on a day, and how a provider came to be there."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consent_server import clock
from consent_server.audit import coverage, words, zones
from consent_server.audit.frame import ask, own_sites, present_zone, write_down
from consent_server.audit.view_schemas import CoverageQuery, ProviderQuery
from consent_server.staff import words as staff_words
from consent_server.staff.permissions import require_role

blueprint = Blueprint("audit-providers", __name__, url_prefix="/audit")


@blueprint.get("/coverage")
@require_role("auditor")
def on_day() -> ResponseReturnValue:
    """The providers and trackers of a category by the versions in force on a day"""
    asked = ask(CoverageQuery())
    zone = present_zone()
    day = asked.values.get("day", zones.day_of(clock.now(), zone))
    versions = None
    if not asked.errors:
        site = asked.sites[0]
        write_down("audit-coverage", [site])
        start, end = zones.start_of(day, zone), zones.end_of(day, zone)
        versions = coverage.on(site, start, end, asked.values.get("category"))
    page = render_template(
        "audit/coverage.html",
        asked=asked,
        day=day,
        sites={key: key for key in own_sites()},
        categories={key: key for key in coverage.categories_of(asked.sites[0])},
        versions=versions,
    )
    return page, asked.status


@blueprint.get("/providers")
@require_role("auditor")
def history() -> ResponseReturnValue:
    """Who added, changed, approved and published a provider, and whether visitors were asked again"""
    asked = ask(ProviderQuery())
    turns = None
    site, provider = asked.sites[0], asked.values.get("provider")
    if not asked.errors:
        write_down("audit-providers", [site], {"provider": provider} if provider else {})
        turns = coverage.turns(site, provider) if provider else None
    page = render_template(
        "audit/providers.html",
        asked=asked,
        site=site,
        sites={key: key for key in own_sites()},
        names=coverage.providers_of(site),
        turns=turns,
        act=staff_words.act,
        words=words,
    )
    return page, asked.status
