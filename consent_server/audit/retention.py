"""Is retention obeyed: the rule, the oldest decision there is, what was deleted and why."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from consent_server import clock
from consent_server.consent.models import ConsentEvent, RetentionRun
from consent_server.evidence.erasure_models import ErasedLeaf
from consent_server.extensions import db
from consent_server.sites import service as sites

# What is due is deleted by the next run, of which there is one a day.
GRACE = timedelta(days=2)
RUNS = 50
DAYS = 90


@dataclass(frozen=True)
class Kept:
    """A site's rule in days, the oldest decision on record (none: there is none), and the latest runs."""

    site: str
    name: str
    days: int
    oldest: datetime | None
    runs: list[RetentionRun]

    @property
    def overdue(self) -> bool:
        """Whether there are decisions that should be gone."""
        return self.oldest is not None and self.oldest < clock.now() - timedelta(days=self.days) - GRACE


@dataclass
class Erased:
    """A UTC day on which decisions were erased: how many leaves lost theirs, by ground."""

    day: date
    counts: Counter[str]


def kept(keys: Iterable[str]) -> Iterator[Kept]:
    """What is kept of each site."""
    for key in keys:
        site = sites.find(key)
        if site is None:
            continue
        first = select(ConsentEvent.recorded_at).where(ConsentEvent.site == key)
        oldest = db.session.scalar(first.order_by(ConsentEvent.recorded_at, ConsentEvent.event_id).limit(1))
        runs = select(RetentionRun).where(RetentionRun.site == key).order_by(RetentionRun.began_at.desc()).limit(RUNS)
        yield Kept(key, site.name, site.proof_retention_days, oldest, list(db.session.scalars(runs)))


def erased() -> list[Erased]:
    """The latest days on which something was erased, on any site of this server (a leaf does not say whose it is),
    the latest first."""
    days = select(ErasedLeaf.day).distinct().order_by(ErasedLeaf.day.desc()).limit(DAYS).subquery()
    query = select(ErasedLeaf.day, ErasedLeaf.ground, func.count()).where(ErasedLeaf.day.in_(select(days.c.day)))
    found: dict[date, Erased] = {}
    for day, ground, count in db.session.execute(query.group_by(ErasedLeaf.day, ErasedLeaf.ground)):
        found.setdefault(day, Erased(day, Counter())).counts[ground] = count
    return [found[day] for day in sorted(found, reverse=True)]
