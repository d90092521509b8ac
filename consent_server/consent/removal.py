"""Decisions that go, with all that hangs on them."""

import uuid

from sqlalchemy import ColumnElement, delete, exists

from consent_server.consent.models import ConsentCurrent, ConsentEvent, Visitor
from consent_server.extensions import db


def remove(event_ids: list[uuid.UUID], visitor_ids: list[uuid.UUID], *only: ColumnElement[bool]) -> None:
    """Deletes events, then of these visitors the current choices whose event is gone (`only` such as these conditions
    hold for), then those of whom nothing is left. The visitors' rows are locked already."""
    db.session.execute(delete(ConsentEvent).where(ConsentEvent.event_id.in_(event_ids)))
    without_event = ~exists().where(ConsentEvent.event_id == ConsentCurrent.event_id)
    theirs = ConsentCurrent.visitor_id.in_(visitor_ids)
    unsynchronised = {"synchronize_session": False}
    db.session.execute(delete(ConsentCurrent).where(theirs, without_event, *only), execution_options=unsynchronised)
    nothing_left = (
        ~exists().where(ConsentEvent.visitor_id == Visitor.id),
        ~exists().where(ConsentCurrent.visitor_id == Visitor.id),
    )
    gone = delete(Visitor).where(Visitor.id.in_(visitor_ids), *nothing_left)
    db.session.execute(gone, execution_options=unsynchronised)
