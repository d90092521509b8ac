"""The record of what staff did: rows that are never changed, each committed to the log."""

import secrets
from typing import Any

from consent_server import clock
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import NONCE_BYTES, canonical, commit, digest
from consent_server.extensions import db
from consent_server.staff.models import StaffEvent


def record(actor: str, verb: str, site: str | None = None, detail: dict[str, Any] | None = None) -> None:
    """Writes down an act in the present transaction and queues its leaf.

    `actor` is an account's e-mail or `operator`; `site` is none for what concerns no one site. `detail` holds
    strings, booleans and lists, no numbers, and nothing that identifies a visitor: it would outlive an erasure.
    """
    event = StaffEvent(
        id=clock.new_id(),
        at=clock.now(),
        actor=actor,
        verb=verb,
        site=site,
        detail=detail or {},
        nonce=secrets.token_bytes(NONCE_BYTES),
    )
    db.session.add(event)
    evidence.enqueue("staff/1", commit("staff", event.nonce, committed_act(event)))


def field(name: str, before: Any, after: Any) -> list[str]:
    """A field that an act changed, for the act's `fields`: its name, and hex SHA-256 of the RFC 8785 canonical JSON of
    what it was and of what it is; empty for what is not there."""
    return [name, *("" if value is None else digest(canonical(value)).hex() for value in (before, after))]


def committed_act(event: StaffEvent) -> dict[str, Any]:
    """The act as its leaf commits to it; absent values are null."""
    return {
        "actor": event.actor,
        "at": clock.to_rfc3339(event.at),
        "detail": event.detail,
        "id": str(event.id),
        "site": event.site,
        "verb": event.verb,
    }
