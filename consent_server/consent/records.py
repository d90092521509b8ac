"""An event as programs read it. Its nonce stays here. No database."""

from typing import Any

from consent_server.clock import to_rfc3339


def event_record(event: Any) -> dict[str, Any]:
    """What was recorded of a decision, as JSON, but for whose it is and where. `event` has a `ConsentEvent`'s columns
    as attributes."""
    return {
        "event_id": str(event.event_id),
        "recorded_at": to_rfc3339(event.recorded_at),
        "decided_at": to_rfc3339(event.decided_at),
        "expires_at": to_rfc3339(event.expires_at),
        "page": event.page,
        **decided(event),
    }


def decided(event: Any) -> dict[str, Any]:
    """The part of it that many decisions have in common."""
    return {
        "policy": {"number": event.policy},
        "notice": event.notice.hex(),
        "action": event.action,
        "surface": event.surface,
        "choices": event.choices,
        "providers": event.providers,
        "signals": {
            "dnt": {"header": event.dnt_header, "js": event.dnt_js, "acted_on": event.dnt_acted_on},
            "gpc": {"header": event.gpc_header, "js": event.gpc_js, "acted_on": event.gpc_acted_on},
        },
        "agent": {"browser": event.browser, "os": event.os, "device": event.device},
        "automated": event.automated,
    }
