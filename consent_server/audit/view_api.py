"""`/v1/audit/` for the saved views: rates, signals, coverage, providers, retention, findings, and one visitor's
story."""

import uuid
from typing import Any

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema

from consent_server import clock
from consent_server.audit import coverage, rates, retention, signals, story, view_records, zones
from consent_server.audit.view_schemas import CoverageQuery, ProviderQuery, RatesQuery, SpanQuery, ViewQuery
from consent_server.bodies import answer
from consent_server.database import begin_writing
from consent_server.errors import Forbidden, problems
from consent_server.evidence import service as evidence
from consent_server.extensions import db
from consent_server.governance import service as governance
from consent_server.staff.permissions import require_scope
from consent_server.staff.record import record

blueprint = Blueprint("audit-views", __name__, url_prefix="/v1/audit", description="Saved views; with a bearer token.")


def _described(schema: type[Schema], answer: str) -> Any:
    """What the API's description says of a view."""
    return blueprint.doc(
        security=[{"bearer": []}],
        parameters=[{"in": "query", "schema": schema}],
        responses={"200": {"description": answer}, **problems(401, 403, 422, 503)},
    )


@blueprint.route("/rates")
@_described(
    RatesQuery,
    "`periods` (oldest first), `languages` and `whole`, each with decisions by `people` and by `bots` per action, how "
    "many people `chose` and `refused`, and per category how many of those left it `on`. By UTC day.",
)
@require_scope("audit:read")
def over_time() -> Response:
    """Decisions and opt-in rates over time and by language"""
    asked, site = _asked(RatesQuery()), g.bearer.site
    _write_down("audit-rates", {"view": "rates"})
    found = rates.find([site], asked["period"], asked.get("first"), asked.get("last"), asked.get("locale"))
    return answer(view_records.rates_body(site, asked["period"], found))


@blueprint.route("/signals")
@_described(SpanQuery, "By signal: with how many decisions it arrived, what was done, and the `rules` in force")
@require_scope("audit:read")
def by_signal() -> Response:
    """Do Not Track and Global Privacy Control: how many arrived, what was done"""
    asked, site = _asked(SpanQuery()), g.bearer.site
    _write_down("audit-rates", {"view": "signals"})
    first, last = asked.get("first"), asked.get("last")
    arrived, rules = signals.count([site], first, last), signals.rules([site], first, last)
    return answer(view_records.signals_body(site, arrived, rules))


@blueprint.route("/coverage")
@_described(CoverageQuery, "The policy `versions` in force on the day, the latest first, with providers and trackers")
@require_scope("audit:read")
def on_day() -> Response:
    """Which providers and trackers a category covered on a day: today's, in UTC, where nothing else is asked for"""
    asked, site = _asked(CoverageQuery()), g.bearer.site
    _write_down("audit-coverage", {})
    zone = asked.get("zone", zones.UTC_ZONE)
    day = asked.get("day", zones.day_of(clock.now(), zone))
    found = coverage.on(site, zones.start_of(day, zone), zones.end_of(day, zone), asked.get("category"))
    return answer(view_records.coverage_body(site, day, found))


@blueprint.route("/providers")
@_described(ProviderQuery, "Without `provider` the `providers` there ever were; with it its `turns`, the latest first")
@require_scope("audit:read")
def history() -> Response:
    """Who added, changed, approved and published a provider, and whether visitors were asked again"""
    asked, site = _asked(ProviderQuery()), g.bearer.site
    provider = asked.get("provider")
    _write_down("audit-providers", {"provider": provider} if provider else {})
    if provider is None:
        return answer({"site": site, "providers": coverage.providers_of(site)})
    return answer(view_records.turns_body(site, provider, coverage.turns(site, provider)))


@blueprint.route("/retention")
@_described(ViewQuery, "The rule in days, the oldest decision, the latest `runs`, and what was `erased` by day and why")
@require_scope("audit:read")
def kept() -> Response:
    """Is retention obeyed"""
    _asked(ViewQuery())
    _write_down("audit-retention", {})
    [found] = retention.kept([g.bearer.site])
    return answer(view_records.retention_body(found, retention.erased()))


@blueprint.route("/findings")
@_described(ViewQuery, "`findings`, the latest seen first: names of hosts and cookies that pages reported")
@require_scope("audit:read")
def found() -> Response:
    """What ran before consent, or was not declared"""
    _asked(ViewQuery())
    _write_down("audit-findings", {})
    return answer(view_records.findings_body(g.bearer.site, governance.search([g.bearer.site])))


@blueprint.route("/visitors/<uuid:visitor_id>")
@blueprint.doc(
    security=[{"bearer": []}],
    responses={
        "200": {
            "description": "`decisions`, oldest first, with what asked for the next one, and their leaves' indexes"
        },
        **problems(401, 403, 404, 503),
    },
)
@require_scope("audit:read")
def visitor(visitor_id: uuid.UUID) -> Response:
    """One visitor's whole story on the token's site"""
    _write_down("audit-visitor", {})
    chapters = story.tell([g.bearer.site], visitor_id)
    return answer(view_records.story_body(g.bearer.site, visitor_id, chapters, evidence.newest()))


def _asked(schema: Schema) -> dict[str, Any]:
    """The query; raises Forbidden for another site than the token's."""
    asked: dict[str, Any] = schema.load(request.args)
    if asked.get("site", g.bearer.site) != g.bearer.site:
        raise Forbidden(f"This token is for the site {g.bearer.site} only.")
    return asked


def _write_down(verb: str, detail: dict[str, Any]) -> None:
    """Before anything is read: there is no reading without its record."""
    told = {**detail, "through": "token"}
    begin_writing(db.session)
    record(g.bearer.account.email, verb, g.bearer.site, told)
    db.session.commit()
