"""Which blueprints the app has."""

from flask import Flask

from consent_server import demo, operations
from consent_server.consent import api as consent_api
from consent_server.embed import pages as embed_pages
from consent_server.errors import ProblemApi
from consent_server.policy import api as policy_api
from consent_server.settings import Settings
from consent_server.staff import models as _staff_models  # noqa: F401


def register(app: Flask, api: ProblemApi, settings: Settings) -> None:
    """Registers every room's blueprints; the API's are described in /openapi.json."""
    for blueprint in (consent_api.blueprint, policy_api.blueprint, embed_pages.blueprint):
        api.register_blueprint(blueprint)
    app.register_blueprint(operations.blueprint)
    if settings.development:
        app.register_blueprint(demo.blueprint)
