"""Which blueprints the app has."""

from flask import Flask

from consent_server import demo, docs, operations
from consent_server.audit import api as audit_api
from consent_server.audit import (
    export_pages,
    log_pages,
    pack_pages,
    rates_pages,
    retention_pages,
    sample_pages,
    shown_pages,
    start_pages,
    visitor_pages,
)
from consent_server.audit import pages as audit_pages
from consent_server.audit import provider_pages as audit_provider_pages
from consent_server.audit import view_api as audit_view_api
from consent_server.consent import admin as consent_admin
from consent_server.consent import api as consent_api
from consent_server.consent import pages as consent_pages
from consent_server.consent import receipt_pages, receipts
from consent_server.embed import pages as embed_pages
from consent_server.embed import preview_pages, trial_pages
from consent_server.errors import ProblemApi
from consent_server.evidence import api as log_api
from consent_server.evidence import verifier_pages
from consent_server.governance import api as governance_api
from consent_server.policy import admin as policy_admin
from consent_server.policy import (
    announcement_pages,
    change_pages,
    import_pages,
    publish_pages,
    review_pages,
    text_pages,
    wellknown,
)
from consent_server.policy import api as policy_api
from consent_server.policy import pages as policy_pages
from consent_server.registry import admin as registry_admin
from consent_server.registry import category_pages, provider_pages, wording_pages
from consent_server.registry import pages as registry_pages
from consent_server.settings import Settings
from consent_server.staff import (
    account_pages,
    factor_pages,
    link_pages,
    people_pages,
    record_pages,
    session_pages,
    token_pages,
)
from consent_server.staff import pages as staff_pages
from consent_server.staff.places import Line, Place, Tasks

# What staff see of each room: its places in the navigation, what waits for them there, and what every page says.
PLACES: tuple[Place, ...] = (
    *registry_pages.PLACES,
    *preview_pages.PLACES,
    *review_pages.PLACES,
    *start_pages.PLACES,
    *people_pages.PLACES,
    *record_pages.PLACES,
)
TASKS: tuple[Tasks, ...] = (registry_pages.tasks, review_pages.tasks, announcement_pages.tasks, people_pages.tasks)
LINES: tuple[Line, ...] = (review_pages.line,)
STAFF = (
    staff_pages,
    announcement_pages,
    link_pages,
    account_pages,
    factor_pages,
    session_pages,
    token_pages,
    people_pages,
    record_pages,
    registry_pages,
    provider_pages,
    category_pages,
    wording_pages,
    text_pages,
    review_pages,
    publish_pages,
    import_pages,
    preview_pages,
)

AUDITORS = (
    start_pages,
    audit_pages,
    visitor_pages,
    shown_pages,
    pack_pages,
    rates_pages,
    audit_provider_pages,
    log_pages,
    retention_pages,
    sample_pages,
    export_pages,
)


def register(app: Flask, api: ProblemApi, settings: Settings) -> None:
    """Registers every room's blueprints; the API's are described in /openapi.json."""
    for described in (
        consent_api,
        receipts,
        consent_admin,
        policy_api,
        embed_pages,
        registry_admin,
        policy_admin,
        audit_api,
        audit_view_api,
        governance_api,
        log_api,
    ):
        api.register_blueprint(described.blueprint)
    visitors = (consent_pages, receipt_pages, verifier_pages, policy_pages, change_pages, trial_pages, wellknown)
    for plain in (*visitors, *STAFF, *AUDITORS, docs, operations):
        app.register_blueprint(plain.blueprint)
    app.extensions["staff-places"] = PLACES
    app.extensions["staff-tasks"] = TASKS
    app.extensions["staff-lines"] = LINES
    if settings.oidc_issuer:
        # Where no issuer is set, its libraries take no memory.
        from consent_server.staff import oidc_pages

        app.register_blueprint(oidc_pages.blueprint)
    if settings.development:
        app.register_blueprint(demo.blueprint)
