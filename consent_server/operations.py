"""Whether the server is alive, and whether it can record."""

from datetime import timedelta

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from consent_server import clock
from consent_server.errors import Unavailable
from consent_server.evidence import service as evidence
from consent_server.extensions import db
from consent_server.sites import service as sites

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readiness() -> Response:
    """The database answers, and a site is published. Says for how long, at the most, a leaf has waited to be sealed;
    decisions are taken all the same."""
    db.session.execute(text("SELECT 1"))
    if not sites.all_keys():
        raise Unavailable("No site has been imported yet.")
    since = evidence.oldest_waiting()
    waited = None if since is None else (clock.now() - since) // timedelta(seconds=1)
    return jsonify(status="ok", log={"oldest_waiting_seconds": waited})
