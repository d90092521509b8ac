"""Which providers and trackers a category covered: the versions in force on a day, and the story of one provider."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from consent_server.consent.models import ConsentEvent
from consent_server.extensions import db
from consent_server.policy import versions
from consent_server.policy.diff import Change, compare
from consent_server.policy.models import PolicyVersion
from consent_server.policy.significance import affected
from consent_server.staff.models import StaffEvent

EDITS = ("draft-change", "draft-approve", "draft-comment", "hold", "hold-confirm")
# Decisions looked through for the first one under a version: it comes soon after its publication.
SOON = 20_000


@dataclass(frozen=True)
class InForce:
    """A version, from when until when (none: still) it was in force, and its providers in the categories asked for."""

    version: PolicyVersion
    until: datetime | None
    categories: list[dict[str, Any]]
    providers: list[dict[str, Any]]


@dataclass(frozen=True)
class Turn:
    """A version that changed a provider: `before` and `after` it, what changed, who edited it, whom it was asked
    about again (`asked`: its key or its category's), and the first decision under the version."""

    version: PolicyVersion
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changes: list[Change]
    acts: list[StaffEvent]
    asked: list[str]
    first_decision: ConsentEvent | None

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def on(site: str, start: datetime, end: datetime, category: str | None) -> list[InForce]:
    """The versions that were in force at some time from `start` to before `end`, the latest first."""
    query = select(PolicyVersion.number, PolicyVersion.published_at).where(PolicyVersion.site == site)
    since = {number: published_at for number, published_at in db.session.execute(query)}
    until = {number: since.get(number + 1) for number in since}
    meant = {n for n, began in since.items() if began < end and ((ended := until[n]) is None or ended > start)}
    found = versions.read(site, meant)
    return [_in_force(found[number], until[number], category) for number in sorted(meant, reverse=True)]


def _in_force(version: PolicyVersion, until: datetime | None, category: str | None) -> InForce:
    categories = [entry for entry in version.content["categories"] if category in (None, entry["key"])]
    providers = [entry for entry in version.content["providers"] if category in (None, entry["category"])]
    return InForce(version, until, categories, providers)


def categories_of(site: str) -> list[str]:
    """Every category that was ever published on a site."""
    return sorted({category["key"] for version in _versions(site) for category in version.content["categories"]})


def providers_of(site: str) -> dict[str, str]:
    """Every provider that was ever published on a site: its key, and its latest name."""
    found = {p["key"]: p["name"] for version in _versions(site) for p in version.content["providers"]}
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))


def turns(site: str, provider: str) -> list[Turn]:
    """The versions that added, changed or took away a provider, the latest first."""
    found = []
    previous: PolicyVersion | None = None
    for version in _versions(site):
        before, after = _entry(previous, provider), _entry(version, provider)
        if before != after:
            found.append(_turn(previous, version, before, after, provider))
        previous = version
    return found[::-1]


def _turn(
    previous: PolicyVersion | None,
    version: PolicyVersion,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    provider: str,
) -> Turn:
    asked: list[str] = []
    if previous is not None and version.material:
        keys = affected(compare(previous.content, version.content), previous.content, version.content)
        asked = sorted(keys & {provider, (after or before or {}).get("category", "")})
    changes = compare(before, after) if before and after else []
    since = previous.published_at if previous else None
    acts = list(_acts(version.site, provider, since, version.published_at))
    return Turn(version, before, after, changes, acts, asked, _first_under(version))


def _versions(site: str) -> Iterator[PolicyVersion]:
    """A site's versions with their contents, the first at the head; one at a time, since they are large."""
    numbers = select(PolicyVersion.number).where(PolicyVersion.site == site).order_by(PolicyVersion.number)
    for number in list(db.session.scalars(numbers)):
        yield versions.read(site, {number})[number]


def _entry(version: PolicyVersion | None, provider: str) -> dict[str, Any] | None:
    entries = version.content["providers"] if version else []
    return next((entry for entry in entries if entry["key"] == provider), None)


def _acts(site: str, provider: str, since: datetime | None, until: datetime) -> Iterator[StaffEvent]:
    """What staff did about a provider's entry between two versions, the first act at the head."""
    query = select(StaffEvent).where(StaffEvent.site == site, StaffEvent.verb.in_(EDITS), StaffEvent.at <= until)
    if since is not None:
        query = query.where(StaffEvent.at >= since)
    for act in db.session.scalars(query.order_by(StaffEvent.at, StaffEvent.id)):
        if any(_is_about(path, provider) for path in _paths(act)):
            yield act


def _paths(act: StaffEvent) -> list[str]:
    fields = [str(field[0]) for field in act.detail.get("fields", [])]
    named = f"providers/{act.detail['provider']}" if "provider" in act.detail else ""
    # An approval is of the whole draft.
    whole = "providers" if act.verb == "draft-approve" else ""
    return [*fields, str(act.detail.get("path", "")), named, whole]


def _is_about(path: str, provider: str) -> bool:
    return path == "providers" or path.split("/")[:2] == ["providers", provider]


def _first_under(version: PolicyVersion) -> ConsentEvent | None:
    """The first decision that was made under a version, if it is among those that came soon."""
    soon = select(ConsentEvent.event_id, ConsentEvent.policy, ConsentEvent.recorded_at).where(
        ConsentEvent.site == version.site, ConsentEvent.recorded_at >= version.published_at
    )
    walked = soon.order_by(ConsentEvent.recorded_at, ConsentEvent.event_id).limit(SOON).subquery()
    first = select(walked.c.event_id).where(walked.c.policy == version.number)
    event_id = db.session.scalar(first.order_by(walked.c.recorded_at, walked.c.event_id).limit(1))
    return db.session.get(ConsentEvent, event_id) if event_id else None
