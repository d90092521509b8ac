"""An event as programs of auditors read it."""

from typing import Any

from consent_server.consent import records


def event_record(event: Any, locale: str | None) -> dict[str, Any]:
    """Everything recorded of an event (a `ConsentEvent`'s columns as attributes), as JSON; its nonce stays here.
    `locale` is none where the notice is not ours, `visitor` for a bare signal."""
    visitor = str(event.visitor_id) if event.visitor_id else None
    return {**records.event_record(event), "visitor": visitor, **common(event, locale)}


def common(event: Any, locale: str | None) -> dict[str, Any]:
    """The part of it that many events have in common."""
    return {"site": event.site, "locale": locale, **records.decided(event)}
