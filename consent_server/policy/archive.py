"""Texts of a policy from before its first version: put in once, read for good."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import undefer

from consent_server import clock
from consent_server.errors import Conflict, NotFound
from consent_server.evidence.commitment import digest
from consent_server.extensions import db
from consent_server.policy.models import ArchivedText
from consent_server.staff.record import record


def archive(site: str, text: str, *, day: str, title: str, locale: str, by: str) -> ArchivedText:
    """Keeps a text (Markdown) of a day (`YYYY-MM-DD`). Raises Conflict where there is one of that day already."""
    if db.session.get(ArchivedText, (site, day)) is not None:
        raise Conflict(f"There is an archived text of {day} already, and it cannot be changed.")
    found = ArchivedText(
        site=site,
        day=day,
        title=title,
        locale=locale,
        text=text,
        sha256=digest(text.encode()),
        archived_at=clock.now(),
        archived_by=by,
    )
    db.session.add(found)
    db.session.flush()
    record(by, "archive", site, {"day": day, "title": title, "sha256": found.sha256.hex()})
    return found


def archived(site: str) -> list[ArchivedText]:
    """The site's archived texts, the latest first, without their words."""
    query = select(ArchivedText).where(ArchivedText.site == site)
    return list(db.session.scalars(query.order_by(ArchivedText.day.desc())))


def find_archived(site: str, day: str) -> ArchivedText:
    """One with its words; raises NotFound."""
    query = select(ArchivedText).where(ArchivedText.site == site, ArchivedText.day == day)
    found = db.session.scalar(query.options(undefer(ArchivedText.text)))
    if found is None:
        raise NotFound("There is no archived text of that day.")
    return found


def day_of(found: ArchivedText) -> datetime:
    """The day as a moment, for what writes dates in words."""
    return datetime.fromisoformat(found.day).replace(tzinfo=UTC)
