"""Which blueprints the app has."""

from flask import Flask

from consent_server import demo, docs, operations
from consent_server.audit import api as audit_api
from consent_server.audit import pages as audit_pages
from consent_server.consent import api as consent_api
from consent_server.consent import pages as consent_pages
from consent_server.consent import receipts
from consent_server.embed import pages as embed_pages
from consent_server.errors import ProblemApi
from consent_server.policy import api as policy_api
from consent_server.policy import pages as policy_pages
from consent_server.policy import wellknown
from consent_server.settings import Settings
from consent_server.staff import pages as staff_pages


def register(app: Flask, api: ProblemApi, settings: Settings) -> None:
    """Registers every room's blueprints; the API's are described in /openapi.json."""
    for described in (consent_api, receipts, policy_api, embed_pages, audit_api):
        api.register_blueprint(described.blueprint)
    for plain in (consent_pages, policy_pages, wellknown, staff_pages, audit_pages, docs, operations):
        app.register_blueprint(plain.blueprint)
    if settings.development:
        app.register_blueprint(demo.blueprint)
