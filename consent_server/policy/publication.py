"""Publishing: the draft becomes the site's next policy version, now or at its time.

Everything is in the caller's transaction, which began with `begin_writing` and which the caller commits.
"""

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from consent_server import clock
from consent_server.errors import State
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import canonical, digest
from consent_server.extensions import db
from consent_server.policy.diff import compare
from consent_server.policy.document import build_document
from consent_server.policy.models import Hold, PolicyVersion
from consent_server.policy.service import current_version, write_notices
from consent_server.policy.significance import is_material
from consent_server.registry import drafts
from consent_server.sites import service as sites
from consent_server.staff.record import record


def publish(
    content: dict[str, Any], *, by: str, reason: str, material: bool = True, approved_by: str | None = None
) -> PolicyVersion:
    """Publishes validated content as the site's next policy version; its draft begins anew from that."""
    version = write_version(content, by=by, reason=reason, material=material, approved_by=approved_by)
    drafts.begin(version.site, content, version.number, by)
    return version


def publish_draft(site: str, *, by: str, material: bool, reason: str) -> PolicyVersion:
    """Publishes the approved draft; raises State while it is not approved."""
    draft = drafts.approved(site)
    return publish(draft.content, by=by, reason=reason, material=material, approved_by=draft.approved_by)


def publish_due(site: str, now: datetime) -> PolicyVersion | None:
    """Publishes the site's draft if its planned time has come; none where another process was faster, or somebody
    has called it off."""
    try:
        draft = drafts.approved(site)
    except State:
        return None
    if draft.publish_at is None or draft.publish_at > now:
        return None
    by, material, reason = str(draft.publish_by), bool(draft.material), str(draft.reason)
    return publish(draft.content, by=by, reason=reason, material=material, approved_by=draft.approved_by)


def write_version(
    content: dict[str, Any], *, by: str, reason: str, material: bool, approved_by: str | None
) -> PolicyVersion:
    """Writes the next version with a notice for each locale, and leaves the draft as it is.

    A material version raises the epoch, so that people who allowed what it affects are asked again.
    """
    key = content["site"]["key"]
    if sites.find(key) is not None:
        sites.lock(key)
    before = current_version(key)
    number = before.number + 1 if before else 1
    epoch = before.epoch + int(material) if before else 1
    sites.save(key, content["site"])
    document = canonical(build_document(content, number=number, epoch=epoch, log=_log()))
    version = PolicyVersion(
        site=key,
        number=number,
        sha256=digest(document),
        document=document,
        content=content,
        epoch=epoch,
        material=material,
        reason=reason,
        published_at=clock.now(),
        published_by=by,
        approved_by=approved_by,
    )
    db.session.add(version)
    db.session.flush()
    evidence.append("policy/1", version.sha256)
    write_notices(version)
    _settle_holds(version)
    _record(version, before)
    sites.touch(key)
    current_app.extensions["after-publication"]()
    return version


def _log() -> dict[str, str] | None:
    """What the log is called and which key signs it, so that the policy says what to verify against."""
    origin, key = evidence.origin(), evidence.verifier_key()
    return {"origin": origin, "verifier_key": key} if origin and key else None


def _settle_holds(version: PolicyVersion) -> None:
    """A hold is over once a version is published in which the provider is not held."""
    held = {provider["key"] for provider in version.content["providers"] if provider.get("held")}
    for hold in db.session.scalars(select(Hold).where(Hold.site == version.site, Hold.settled_at.is_(None))):
        if hold.provider not in held:
            hold.settled_at, hold.settled_by = version.published_at, version.published_by


def _record(version: PolicyVersion, before: PolicyVersion | None) -> None:
    detail = {
        "number": str(version.number),
        "sha256": version.sha256.hex(),
        "material": version.material,
        "proposed_material": before is None or is_material(compare(before.content, version.content)),
        "approved_by": version.approved_by or "",
        "reason": version.reason,
    }
    record(version.published_by, "publish", version.site, detail)
