"""A visitor's record in a form that other programs can read (the rights of access and portability)."""

from typing import Any

from consent_server.clock import to_rfc3339
from consent_server.consent.models import ConsentEvent
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
        "events": [_event(event) for event in standing.events],
    }


def _event(event: ConsentEvent) -> dict[str, Any]:
    return {
        "event_id": str(event.event_id),
        "action": event.action,
        "surface": event.surface,
        "choices": event.choices,
        "providers": event.providers,
        "policy": {"number": event.policy},
        "notice": event.notice.hex(),
        "signals": {
            "dnt": {"header": event.dnt_header, "js": event.dnt_js, "acted_on": event.dnt_acted_on},
            "gpc": {"header": event.gpc_header, "js": event.gpc_js, "acted_on": event.gpc_acted_on},
        },
        "decided_at": to_rfc3339(event.decided_at),
        "recorded_at": to_rfc3339(event.recorded_at),
        "expires_at": to_rfc3339(event.expires_at),
        "agent": {"browser": event.browser, "os": event.os, "device": event.device},
        "automated": event.automated,
        "page": event.page,
    }
