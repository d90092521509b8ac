"""The record of acts, said in words. Pure."""

from datetime import datetime, timedelta
from typing import Any

ROLES = {
    "editor": "Changes providers, wording and policy text",
    "approver": "Reviews changes and publishes them",
    "auditor": "Searches the record of decisions",
    "dpo": "Answers requests for access and erasure",
    "admin": "Invites people and gives them roles; sees no decisions",
}
SCOPES = {
    "audit:read": "Read the record of decisions",
    "registry:write": "Change the draft",
    "registry:publish": "Approve and publish the draft",
    "rights:write": "Erase a visitor’s record on request",
}
ACTS = {
    "sign-in": "Signed in",
    "sign-in-locked": "Locked after wrong passwords or codes",
    "sign-out": "Signed out",
    "session-end": "Signed one browser out",
    "sessions-end": "Signed other browsers out",
    "password-change": "Changed their password",
    "password-set": "Set a new password",
    "password-forgotten": "Asked for a new password",
    "password-link": "Made a link for a new password",
    "second-factor-on": "Turned the second factor on",
    "second-factor-off": "Turned the second factor off",
    "recovery-codes": "Made new recovery codes",
    "account-add": "Added an account",
    "invite": "Invited somebody",
    "role-add": "Gave roles",
    "role-remove": "Took roles away",
    "account-expiry": "Changed when an account ends",
    "account-disable": "Disabled an account",
    "account-enable": "Enabled an account",
    "token-add": "Made an API token",
    "token-revoke": "Revoked an API token",
    "draft-change": "Changed the draft",
    "draft-comment": "Commented on the draft",
    "draft-submit": "Sent the draft to review",
    "draft-take-back": "Took the draft back",
    "draft-send-back": "Sent the draft back",
    "draft-approve": "Approved the draft",
    "draft-schedule": "Set a time to publish",
    "draft-unschedule": "Dropped the time to publish",
    "publish": "Published a version",
    "hold": "Held a provider",
    "hold-confirm": "Confirmed a hold",
    "review-unchanged": "Reviewed, no change",
    "archive": "Archived a text from before",
    "erasure-requested": "Erased a visitor’s record on request",
    "retention-run": "Deleted what was kept long enough",
    "audit-search": "Searched decisions",
    "audit-read": "Read a decision",
    "audit-visit": "Opened the audit pages",
    "audit-find": "Looked something up",
    "audit-visitor": "Read one visitor’s story",
    "audit-rates": "Looked at rates",
    "audit-coverage": "Looked at what was covered",
    "audit-providers": "Looked at the history of providers",
    "audit-log": "Looked at the log",
    "audit-retention": "Looked at retention",
    "audit-findings": "Looked at findings",
    "audit-export": "Took decisions away",
    "audit-sample": "Drew a sample",
}
STATES = {"active": "Active", "invited": "Invited", "expired": "Expired", "disabled": "Disabled"}


def act(verb: str) -> str:
    """A verb of the record as a sentence's beginning; one that is not known here, as it is kept."""
    return ACTS.get(verb, verb.replace("-", " ").capitalize())


def details(detail: dict[str, Any]) -> list[tuple[str, str]]:
    """What is recorded of an act beside who and when, as pairs of label and text, in the order of the alphabet since
    PostgreSQL keeps none. Fields by their hashes come apart."""
    said = {name: value for name, value in detail.items() if name != "fields" and value not in (None, "", [])}
    return [(name.replace("_", " ").capitalize(), _text(value)) for name, value in sorted(said.items())]


def last_day(expires_at: datetime | None) -> str:
    """The last day on which an account counts (`2026-12-31`); empty for one that does not end."""
    return (expires_at - timedelta(milliseconds=1)).date().isoformat() if expires_at else ""


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)
