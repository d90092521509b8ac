"""Receipts: a decision together with what proves its place in the log."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import current_app

from consent_server.consent import service, store
from consent_server.consent.cookies import VisitorCookie
from consent_server.consent.models import ConsentEvent
from consent_server.consent.receipt_profiles import Subject
from consent_server.errors import Erased, NotFound
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import parse
from consent_server.evidence.service import Checkpoint
from consent_server.extensions import db
from consent_server.policy import service as policy

SCHEMA = "consent-receipt/1"


@dataclass(frozen=True)
class Receipt:
    """`document` is the receipt as it is handed out; `index` its leaf's; `checkpoint` the one all its proofs stand
    under."""

    document: dict[str, Any]
    index: int
    checkpoint: Checkpoint


def find_receipt(event: ConsentEvent, checkpoint: Checkpoint | None = None) -> Receipt | None:
    """An event's receipt under a checkpoint, by default the newest; none where that does not cover the event yet."""
    checkpoint = checkpoint or evidence.newest()
    index = evidence.leaf_of_event(event.event_id)
    if checkpoint is None or index is None or index >= checkpoint.size:
        return None
    committed = service.committed(event)
    root = f"{_host()}/v1/sites/{event.site}"
    sha256, url, proof = committed["notice"], None, None
    leaf = _leaf("notice/1", sha256)
    # One that was not sealed before the event is not one that we showed: whoever sent the event named it, and it
    # counts as unknown even if we have published the like of it since.
    if leaf is not None and leaf < index:
        url, proof = f"{root}/notices/{sha256}", evidence.prove(leaf, checkpoint)
    terms = _leaf("policy/1", committed["policy"])
    document = {
        "schema": SCHEMA,
        "event": committed,
        "nonce": event.nonce.hex(),
        "proof": evidence.prove(index, checkpoint),
        # The key in force under this checkpoint: a later one has not signed it.
        "verifier_key": evidence.all_keys(checkpoint.size)[-1],
        "visitor_id": str(event.visitor_id) if event.visitor_id else None,
        "notice": {"sha256": sha256, "url": url, "proof": proof},
        "policy": {
            "number": event.policy,
            "sha256": committed["policy"],
            "url": f"{root}/policies/{event.policy}",
            # Always there: a version is sealed in the transaction that publishes it.
            "proof": None if terms is None else evidence.prove(terms, checkpoint),
        },
    }
    return Receipt(document, index, checkpoint)


def _leaf(leaf_type: str, sha256: str) -> int | None:
    """Where a text is sealed."""
    named = bytes.fromhex(sha256)
    return evidence.leaves_of(leaf_type, [named]).get(named)


def find_event(site: str, event_id: uuid.UUID, visitor: VisitorCookie | None, *, auditor: bool = False) -> ConsentEvent:
    """An event, for an auditor of its site or whoever proves to be its visitor; raises Erased, or NotFound also where
    it is somebody else's."""
    if store.is_erased(event_id):
        raise Erased("This event was erased.")
    event = db.session.get(ConsentEvent, event_id)
    if event is None or event.site != site or not (auditor or _is_own(event, visitor)):
        raise NotFound("There is no such receipt.")
    return event


def _is_own(event: ConsentEvent, visitor: VisitorCookie | None) -> bool:
    return visitor is not None and visitor.id == event.visitor_id and service.proves(visitor)


def notice_of(receipt: Receipt) -> dict[str, Any] | None:
    """The text that a receipt proves was shown; none where that is not known."""
    event, notice = receipt.document["event"], receipt.document["notice"]
    if notice["proof"] is None:
        return None
    found: dict[str, Any] = parse(policy.find_notice(event["site"], bytes.fromhex(notice["sha256"])))
    return found


def subject_of(receipt: Receipt) -> Subject:
    """What a receipt's other shapes are made of."""
    event, number = receipt.document["event"], receipt.document["policy"]["number"]
    return Subject(
        event=event,
        visitor_id=receipt.document["visitor_id"],
        index=receipt.index,
        verifier_key=receipt.document["verifier_key"],
        notice=notice_of(receipt),
        document=policy.terms_of_version(event["site"], number).document,
        policy_url=f"{_host()}/{event['site']}/policy/{number}",
        choices_url=f"{_host()}/{event['site']}/choices",
    )


def _host() -> str:
    return str(current_app.config["SETTINGS"].public_url)
