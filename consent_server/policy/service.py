"""What is published: the terms a decision is made under, and the notices."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from consent_server import clock
from consent_server.errors import NotFound, Unavailable
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import canonical, digest, parse
from consent_server.extensions import db
from consent_server.policy.changes import Affected, affected_since
from consent_server.policy.document import build_notice
from consent_server.policy.models import Notice, PolicyVersion
from consent_server.policy.versions import MAX_NUMBER
from consent_server.sites import service as sites
from consent_server.sites.service import SiteRules


@dataclass(frozen=True)
class ProviderTerms:
    """What a decision needs to know of a provider."""

    category: str
    sells_or_shares: bool
    hosts: tuple[str, ...]
    consent_mode: str | None
    held: bool = False


@dataclass(frozen=True)
class Terms:
    """One policy version as a decision needs it. `providers` are those of optional categories."""

    version_id: int
    number: int
    sha256: str
    epoch: int
    categories: tuple[str, ...]
    required: frozenset[str]
    providers: dict[str, ProviderTerms]
    document: dict[str, Any]


@dataclass(frozen=True)
class Published:
    """A site with what is in force on it: rules, terms, the SHA-256 of each locale's notice, and what the material
    versions have changed that are younger than a choice can be."""

    rules: SiteRules
    terms: Terms
    notices: dict[str, str]
    changes: Affected


MAX_REMEMBERED_NOTICES = 10_000


@dataclass
class Memory:
    """What one process remembers of the published; immutable rows, or checked against a site's revision."""

    published: dict[str, Published] = field(default_factory=dict)
    terms: dict[int, Terms] = field(default_factory=dict)
    notice_versions: dict[tuple[str, bytes], int] = field(default_factory=dict)


def _memory() -> Memory:
    memory: Memory = current_app.extensions["policy-memory"]
    return memory


def _terms(version_id: int) -> Terms:
    """The terms of a version; immutable, hence remembered for good."""
    terms = _memory().terms
    if version_id not in terms:
        terms[version_id] = _load_terms(version_id)
    return terms[version_id]


def _load_terms(version_id: int) -> Terms:
    version = db.session.get_one(PolicyVersion, version_id)
    return terms_of(parse(version.document), version.sha256, version_id)


def terms_of(document: dict[str, Any], sha256: bytes, version_id: int) -> Terms:
    """The terms that a version's document sets; also those of one that is not published yet."""
    required = frozenset(c["key"] for c in document["categories"] if c["required"])
    return Terms(
        version_id=version_id,
        number=int(document["number"]),
        sha256=sha256.hex(),
        epoch=int(document["epoch"]),
        categories=tuple(c["key"] for c in document["categories"] if not c["required"]),
        required=required,
        providers={
            provider["key"]: _provider_terms(provider)
            for provider in document["providers"]
            if provider["category"] not in required
        },
        document=document,
    )


def _provider_terms(provider: dict[str, Any]) -> ProviderTerms:
    return ProviderTerms(
        provider["category"],
        provider["sells_or_shares"],
        tuple(provider["hosts"]),
        provider.get("consent_mode"),
        provider.get("held", False),
    )


def load_published(site: str) -> Published:
    """What is in force on a site, read from the database; raises NotFound."""
    rules = sites.load_rules(site)
    version_id = _current_id(site)
    if version_id is None:
        raise NotFound("This site has published no policy yet.")
    written = select(Notice.locale, Notice.sha256).where(
        Notice.policy_version_id == version_id,
        Notice.widget == current_app.config["WIDGET_SHA256"],
    )
    # A release may have changed the generic texts alone: the latest count.
    written = written.order_by(Notice.written_at)
    notices = {locale: sha256.hex() for locale, sha256 in db.session.execute(written)}
    if not notices:
        raise Unavailable("The notices of this release are not written yet: run `flask release`.")
    # Not from memory, nor into it: a publication asks before it is committed, and its id may be given again.
    terms = _load_terms(version_id)
    changes = affected_since(site, clock.now() - timedelta(days=rules.choice_ttl_days))
    return Published(rules, terms, {locale: notices[locale] for locale in rules.locales}, changes)


def _current_id(site: str) -> int | None:
    query = select(PolicyVersion.id).where(PolicyVersion.site == site).order_by(PolicyVersion.number.desc()).limit(1)
    return db.session.scalar(query)


def published(site: str, revision: int | None = None) -> Published:
    """What is in force on a site, kept in memory while its revision stands.

    A caller that has just read the site's revision passes it; otherwise it is read here, in one small query, so that
    a publication is visible to the next request at every worker.
    """
    if revision is None:
        revision = sites.revision(site)
    memory = _memory().published
    present = memory.get(site)
    if present is None or present.rules.revision != revision:
        present = memory[site] = load_published(site)
    return present


def known(site: str) -> Published | None:
    """What this process remembers of a site; reads nothing."""
    return _memory().published.get(site)


def remembered(site: str) -> Published:
    """What was in force when last looked; the caller checks the revision in the statement that uses it."""
    return known(site) or published(site)


def terms_of_notice(site: str, sha256: str) -> Terms | None:
    """The terms a notice was shown under; none where we never wrote such a notice for this site."""
    version_id = _version_of_notice(site, bytes.fromhex(sha256))
    return None if version_id is None else _terms(version_id)


def _version_of_notice(site: str, sha256: bytes) -> int | None:
    # Only what exists is remembered, so that a flood of invented notices cannot fill the memory.
    remembered_versions = _memory().notice_versions
    version_id = remembered_versions.get((site, sha256))
    if version_id is None:
        query = select(PolicyVersion.id).join(Notice, Notice.policy_version_id == PolicyVersion.id)
        version_id = db.session.scalar(query.where(PolicyVersion.site == site, Notice.sha256 == sha256))
        if version_id is not None:
            if len(remembered_versions) >= MAX_REMEMBERED_NOTICES:
                remembered_versions.clear()
            remembered_versions[site, sha256] = version_id
    return version_id


def terms_of_version(site: str, number: int) -> Terms:
    """The terms of a version by its number; raises NotFound."""
    return _terms(find_version(site, number).id)


def find_notice(site: str, sha256: bytes) -> bytes:
    """A notice's document, byte for byte; raises NotFound."""
    query = select(Notice.document).join(PolicyVersion).where(PolicyVersion.site == site, Notice.sha256 == sha256)
    document = db.session.scalar(query)
    if document is None:
        raise NotFound("There is no such notice.")
    return document


def find_version(site: str, number: int) -> PolicyVersion:
    query = select(PolicyVersion).where(PolicyVersion.site == site, PolicyVersion.number == number)
    version = db.session.scalar(query) if number < MAX_NUMBER else None
    if version is None:
        raise NotFound("There is no such version of this policy.")
    return version


def current_version(site: str) -> PolicyVersion | None:
    version_id = _current_id(site)
    return None if version_id is None else db.session.get_one(PolicyVersion, version_id)


def write_notices(version: PolicyVersion) -> int:
    """Writes the notices of a version that are not there yet for this build of the script; returns how many."""
    widget: bytes = current_app.config["WIDGET_SHA256"]
    document = parse(version.document)
    written = 0
    for locale in document["locales"]:
        notice = canonical(
            build_notice(
                document,
                policy_sha256=version.sha256.hex(),
                widget_sha256=widget.hex(),
                locale=locale,
            )
        )
        if db.session.get(Notice, digest(notice)) is None:
            db.session.add(
                Notice(
                    sha256=digest(notice),
                    policy_version_id=version.id,
                    locale=locale,
                    widget=widget,
                    document=notice,
                    written_at=clock.now(),
                )
            )
            evidence.append("notice/1", digest(notice))
            written += 1
    db.session.flush()
    return written


def notices_by_sha256(pairs: set[bytes]) -> dict[bytes, Notice]:
    """The notices known under these hashes."""
    return {n.sha256: n for n in db.session.scalars(select(Notice).where(Notice.sha256.in_(pairs)))}
