"""An event as programs read it."""

from typing import Any

from consent_server.clock import to_rfc3339
from consent_server.consent.models import ConsentEvent


def event_record(event: ConsentEvent, locale: str | None) -> dict[str, Any]:
    """Everything recorded of an event, as JSON; its nonce stays here. `locale` is none where the notice is not ours,
    `visitor` for a bare signal."""
    return {
        "event_id": str(event.event_id),
        "visitor": str(event.visitor_id) if event.visitor_id else None,
        "site": event.site,
        "policy": {"number": event.policy},
        "notice": event.notice.hex(),
        "locale": locale,
        "action": event.action,
        "surface": event.surface,
        "choices": event.choices,
        "providers": event.providers,
        "signals": {
            "dnt": {"header": event.dnt_header, "js": event.dnt_js, "acted_on": event.dnt_acted_on},
            "gpc": {"header": event.gpc_header, "js": event.gpc_js, "acted_on": event.gpc_acted_on},
        },
        "recorded_at": to_rfc3339(event.recorded_at),
        "decided_at": to_rfc3339(event.decided_at),
        "expires_at": to_rfc3339(event.expires_at),
        "agent": {"browser": event.browser, "os": event.os, "device": event.device},
        "automated": event.automated,
        "page": event.page,
    }
