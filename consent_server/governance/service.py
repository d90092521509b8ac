"""Findings: taking reports of pages, and looking through them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.governance.models import Finding

# A page under somebody else's control could make up names without end.
MAX_FINDINGS = 2000
KINDS = {"hosts": "host", "cookies": "cookie"}
FAULTS = {"undeclared": "undeclared", "not_allowed": "not-allowed"}
Key = tuple[str, str, str]


def report(site: str, seen: dict[str, Any], page: str) -> int:
    """Takes a validated report (`ReportSchema`) of a page, as the site's rule keeps its address, and commits; returns
    how many findings are new. What is known and was seen today already costs no write."""
    today = clock.now().date().isoformat()
    named = _named(seen)
    stale = [key for key in named if _seen_on(site, key) != today]
    db.session.rollback()
    if not stale:
        return 0
    begin_writing(db.session)
    new = sum(_see(site, key, page, today) for key in stale)
    db.session.commit()
    return new


def _named(seen: dict[str, Any]) -> list[Key]:
    return sorted(
        {
            (fault, kind, name)
            for member, fault in FAULTS.items()
            for names, kind in KINDS.items()
            for name in seen[member].get(names, ())
        }
    )


def _seen_on(site: str, key: Key) -> str | None:
    found = db.session.get(Finding, (site, *key))
    return found.last_seen_on if found else None


def _see(site: str, key: Key, page: str, today: str) -> bool:
    found = db.session.get(Finding, (site, *key), with_for_update=True)
    if found is not None:
        if found.last_seen_on < today:
            found.last_seen_on, found.days = today, found.days + 1
        return False
    if (db.session.scalar(select(func.count()).where(Finding.site == site)) or 0) >= MAX_FINDINGS:
        return False
    fault, kind, name = key
    values = {
        "site": site,
        "fault": fault,
        "kind": kind,
        "name": name,
        "page": page,
        "first_seen_at": clock.now(),
        "last_seen_on": today,
        "days": 1,
    }
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    # Another page may report the same at the same moment.
    db.session.execute(dialect.insert(Finding).values(values).on_conflict_do_nothing())
    return True


def search(sites: Iterable[str]) -> list[Finding]:
    """All findings on these sites, the latest seen first."""
    query = select(Finding).where(Finding.site.in_(list(sites)))
    return list(
        db.session.scalars(query.order_by(Finding.last_seen_on.desc(), Finding.first_seen_at.desc(), Finding.name))
    )
