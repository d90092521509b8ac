"""What material versions have changed since a visitor's choice: what it concerns, and how it is said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from consent_server.errors import NotFound
from consent_server.extensions import db
from consent_server.policy import versions
from consent_server.policy.diff import Change, Path, compare
from consent_server.policy.document import public
from consent_server.policy.glance import describe
from consent_server.policy.models import PolicyVersion
from consent_server.policy.significance import affected, told

# What each material version has changed: its number, and the keys nobody may be taken to have allowed any more.
Affected = tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class News:
    """What visitors who decided under one version are told under another, in one language."""

    since: int
    number: int
    sentences: list[str]


def affected_since(site: str, moment: datetime) -> Affected:
    """What the material versions published since a moment concern, the oldest first. A choice made before has expired;
    the site's first version changes nothing."""
    steps = versions.material_since(site, PolicyVersion.published_at >= moment)
    found = ((step.version.number, affected(step.changes, step.before, step.after)) for step in reversed(steps))
    return tuple((number, tuple(sorted(keys))) for number, keys in found)


def news(site: str, since: int, locale: str) -> News:
    """What is material of what differs between a version and the one in force; raises NotFound."""
    number = db.session.scalar(select(func.max(PolicyVersion.number)).where(PolicyVersion.site == site)) or 0
    if not 0 < since <= number:
        raise NotFound("There is no such version of this policy.")
    ends = versions.read(site, {since, number})
    before, after = public(ends[since].content), public(ends[number].content)
    changes = _told(site, since, compare(before, after))
    return News(since, number, describe(changes, before, after, locale))


def _told(site: str, since: int, changes: list[Change]) -> list[Change]:
    """Of the changes over several versions those that a material one of them has made."""
    steps = versions.material_since(site, PolicyVersion.number > since)
    paths = {change.path for step in steps for change in told(step.changes)}
    return [change for change in changes if any(_one_in_the_other(change.path, path) for path in paths)]


def _one_in_the_other(one: Path, other: Path) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
