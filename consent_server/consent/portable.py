"""A visitor's record in a form that other programs can read (the rights of access and portability)."""

from typing import Any

from consent_server.clock import to_rfc3339
from consent_server.consent.records import event_record
from consent_server.consent.standing import Standing


def portable(site: str, standing: Standing) -> dict[str, Any]:
    """Everything recorded about a visitor on a site; nulls and an empty list where there is nothing."""
    current = standing.current
    if current is None:
        return {"site": site, "consent_id": None, "current": None, "events": []}
    return {
        "site": site,
        "consent_id": str(current.visitor_id),
        "current": {
            "event_id": str(current.event_id),
            "choices": current.choices,
            "providers": current.providers,
            "recorded_at": to_rfc3339(current.recorded_at),
            "expires_at": to_rfc3339(current.expires_at),
        },
        "events": [event_record(event) for event in standing.events],
    }
