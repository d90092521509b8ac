"""A decision as the row that is kept of it, and as the record its leaf commits to. No database."""

import hashlib
import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from consent_server import clock
from consent_server.consent.agent import reduce_agent
from consent_server.consent.cookies import VisitorCookie
from consent_server.consent.effect import Choice, normalise, refuse
from consent_server.consent.signals import Signal, parse_dnt, parse_gpc, refusal_by
from consent_server.evidence.commitment import NONCE_BYTES, visitor_commitment
from consent_server.policy.service import Terms
from consent_server.sites.service import SiteRules


@dataclass(frozen=True)
class Sender:
    """What the request said beside its body; nothing of it is kept raw."""

    origin: str
    user_agent: str
    dnt: str | None
    gpc: str | None
    visitor: VisitorCookie | None


@dataclass(frozen=True)
class Event:
    """`row`: columns by name. `choice`: what the decision puts in force by itself. `under_signal`: decided while a
    signal refused something, and the page said so. `anonymous`: a signal's event, or a grant nobody gave; it belongs
    to no visitor, and mints none."""

    row: dict[str, Any]
    choice: Choice
    under_signal: bool
    anonymous: bool


def build_event(decision: dict[str, Any], sender: Sender, rules: SiteRules, terms: Terms, now: datetime) -> Event:
    """The event of a validated decision (`DecisionSchema`) made under `terms`."""
    dnt = Signal(parse_dnt(sender.dnt), decision["signals"]["dnt"])
    gpc = Signal(parse_gpc(sender.gpc), "1" if decision["signals"]["gpc"] else None)
    by_dnt, by_gpc = refusal_by(dnt, gpc, dnt_rule=rules.dnt, gpc_rule=rules.gpc)
    decided = _decided_choice(decision, terms)
    # A grant is express only where the page's script saw the signal too, and so could say that it was on.
    for refusal, seen in ((by_dnt, dnt.js), (by_gpc, gpc.js)):
        if refusal and seen != "1":
            decided = refuse(decided, refusal, terms.providers)
    agent = reduce_agent(sender.user_agent)
    row = {
        "event_id": decision["event_id"],
        "visitor_id": None,
        "site": rules.key,
        "policy": terms.number,
        "notice": bytes.fromhex(decision["notice"]),
        "action": decision["action"],
        "surface": decision["surface"],
        "choices": decided.categories,
        "providers": decided.providers,
        "dnt_header": dnt.header,
        "dnt_js": dnt.js,
        "dnt_acted_on": bool(by_dnt) and refuse(decided, by_dnt, terms.providers) == decided,
        "gpc_header": gpc.header == "1",
        "gpc_js": gpc.js == "1",
        "gpc_acted_on": bool(by_gpc) and refuse(decided, by_gpc, terms.providers) == decided,
        "recorded_at": now,
        # None: decided here and now, on our own page.
        "decided_at": decision["decided_at"] or now.replace(microsecond=0),
        "expires_at": now + timedelta(days=rules.choice_ttl_days),
        "browser": agent.browser,
        "os": agent.os,
        "device": agent.device,
        "automated": decision["automated"] or agent.automated,
        "page": rules.recorded_page(decision["page"], sender.origin),
        "nonce": secrets.token_bytes(NONCE_BYTES),
        "digest": digest_of(decision),
    }
    under_signal = (bool(by_gpc) and gpc.js == "1") or (bool(by_dnt) and dnt.js == "1")
    anonymous = decision["action"] == "signal" or decision["automated"] is not None
    return Event(row, decided, under_signal, anonymous)


def _decided_choice(decision: dict[str, Any], terms: Terms) -> Choice:
    """Every optional category with true or false, and the exceptions that differ from their category. A grant without
    a person behind it puts nothing in force."""
    if decision["automated"]:
        return Choice(dict.fromkeys(terms.categories, False), {})
    categories = {name: decision["choices"].get(name, False) for name in terms.categories}
    exceptions = {key: allowed for key, allowed in decision["providers"].items() if key in terms.providers}
    return normalise(Choice(categories, exceptions), terms.providers)


def digest_of(decision: dict[str, Any]) -> bytes:
    """SHA-256 of the validated body, to tell a repeat from another body under the same id."""
    return hashlib.sha256(json.dumps(decision, sort_keys=True, default=str).encode()).digest()


def erased_hash(event_id: uuid.UUID) -> bytes:
    """SHA-256 of an event's id (its 16 bytes): all that an erasure leaves."""
    return hashlib.sha256(event_id.bytes).digest()


def committed_event(row: dict[str, Any], policy_sha256: str) -> dict[str, Any]:
    """The event as its leaf commits to it; absent values are null."""
    visitor_id = row["visitor_id"]
    return {
        "action": row["action"],
        "agent": {"browser": row["browser"], "device": row["device"], "os": row["os"]},
        "automated": row["automated"],
        "choices": row["choices"],
        "decided_at": clock.to_rfc3339(row["decided_at"]),
        "event_id": str(row["event_id"]),
        "expires_at": clock.to_rfc3339(row["expires_at"]),
        "notice": row["notice"].hex(),
        "page": row["page"],
        "policy": policy_sha256,
        "providers": row["providers"],
        "recorded_at": clock.to_rfc3339(row["recorded_at"]),
        "signals": {
            "dnt": {
                "header": row["dnt_header"],
                "js": row["dnt_js"],
                "acted_on": row["dnt_acted_on"],
            },
            "gpc": {
                "header": row["gpc_header"],
                "js": row["gpc_js"],
                "acted_on": row["gpc_acted_on"],
            },
        },
        "site": row["site"],
        "surface": row["surface"],
        "visitor": visitor_commitment(row["nonce"], str(visitor_id)) if visitor_id else None,
    }
