"""Whether the server is alive, and whether it can record."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from consent_server.errors import Unavailable
from consent_server.extensions import db
from consent_server.sites import service as sites

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readiness() -> Response:
    """The database answers, and a site is published."""
    db.session.execute(text("SELECT 1"))
    if not sites.all_keys():
        raise Unavailable("No site has been imported yet.")
    return jsonify(status="ok")
