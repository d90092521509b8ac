"""Whether the server is alive, and whether it can record."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify
from sqlalchemy import func, select, text

from consent_server import clock
from consent_server.errors import Unavailable
from consent_server.evidence import service as evidence
from consent_server.evidence.models import LogCheckpoint
from consent_server.extensions import db
from consent_server.sites import service as sites

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readiness() -> Response:
    """The database answers, and a site is published. Says for how long, at the most, a leaf has waited to be sealed,
    and what is sealed has waited to be signed; decisions are taken all the same."""
    db.session.execute(text("SELECT 1"))
    if not sites.all_keys():
        raise Unavailable("No site has been imported yet.")
    waiting = {
        "oldest_waiting_seconds": _seconds_since(evidence.oldest_waiting()),
        "unsigned_seconds": _seconds_since(_unsigned_since()),
    }
    return jsonify(status="ok", log=waiting)


def _unsigned_since() -> datetime | None:
    """When the oldest checkpoint was made that no signed one covers; none where everything is signed."""
    signed = select(func.max(LogCheckpoint.size)).where(LogCheckpoint.signatures.is_not(None)).scalar_subquery()
    newer = select(LogCheckpoint.made_at).where(LogCheckpoint.size > func.coalesce(signed, -1))
    return db.session.scalar(newer.order_by(LogCheckpoint.size).limit(1))


def _seconds_since(moment: datetime | None) -> int | None:
    return None if moment is None else (clock.now() - moment) // timedelta(seconds=1)
