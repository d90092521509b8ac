"""The queue of the log."""

import uuid

from sqlalchemy import update

from consent_server.evidence.models import LogQueue
from consent_server.extensions import db


def enqueue(leaf_type: str, leaf_hash: bytes) -> None:
    """Queues a leaf in the present transaction. `leaf_type`: `policy/1`, `notice/1`, `widget/1`, `staff/1`…"""
    db.session.add(LogQueue(type=leaf_type, hash=leaf_hash))


def forget(event_ids: list[uuid.UUID]) -> None:
    """Cuts the tie between queued leaves and erased events; the commitments stay and say nothing."""
    db.session.execute(update(LogQueue).where(LogQueue.event_id.in_(event_ids)).values(event_id=None))
