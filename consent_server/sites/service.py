"""Sites as rules: which origins may send, which cookie domain holds, how long a choice lasts."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from consent_server import clock
from consent_server.errors import NotFound
from consent_server.extensions import db
from consent_server.sites.models import Site

RESERVED_KEYS = frozenset(
    (
        "v1 staff audit log demo docs embed static healthz readyz metrics openapi problems favicon robots "
        # Beside the sites under /staff/.
        "account code forgotten new-password oidc password sign-in sign-out"
    ).split()
)
FIELDS = (
    "name origins cookie_domains locales default_locale contact dnt gpc page choice_ttl_days proof_retention_days"
).split()


@dataclass(frozen=True)
class SiteRules:
    """A site as requests see it; rebuilt when its revision rises."""

    key: str
    name: str
    origins: frozenset[str]
    cookie_domains: tuple[str, ...]
    locales: tuple[str, ...]
    default_locale: str
    contact: dict[str, Any]
    dnt: str
    gpc: str
    page: str
    choice_ttl_days: int
    proof_retention_days: int
    revision: int

    def cookie_domain(self, host: str) -> str | None:
        """The site's cookie domain that `host` lies under, if any: a server may set cookies for no other."""
        return next(
            (d for d in self.cookie_domains if host == d or host.endswith("." + d)),
            None,
        )

    def recorded_page(self, page: str | None, origin: str) -> str:
        """What is kept of the page's address: its origin, or origin and path by the site's rule; never a query."""
        address = urlsplit(page or "")
        claimed = f"{address.scheme}://{address.netloc}"
        kept = claimed if claimed in self.origins else origin
        return kept + address.path if self.page == "path" and kept == claimed else kept


def load_rules(key: str) -> SiteRules:
    """The site's rules from its row; raises NotFound."""
    site = db.session.get(Site, key)
    if site is None:
        raise NotFound("There is no such site.")
    extra_origins, extra_domains = current_app.config["DEVELOPMENT_ORIGINS"](key)
    return SiteRules(
        key=site.key,
        name=site.name,
        origins=frozenset([*site.origins, *extra_origins]),
        cookie_domains=(*site.cookie_domains, *extra_domains),
        locales=tuple(site.locales),
        default_locale=site.default_locale,
        contact=site.contact,
        dnt=site.dnt,
        gpc=site.gpc,
        page=site.page,
        choice_ttl_days=site.choice_ttl_days,
        proof_retention_days=site.proof_retention_days,
        revision=site.revision,
    )


def find(key: str) -> Site | None:
    return db.session.get(Site, key)


def all_keys() -> list[str]:
    """All sites' keys, the consent host's default site (its first) at the head."""
    return list(db.session.scalars(select(Site.key).order_by(Site.created_at, Site.key)))


def save(key: str, fields: dict[str, Any]) -> Site:
    """Creates or changes a site from validated fields; every change raises its revision."""
    values = {name: fields[name] for name in FIELDS}
    site = find(key)
    if site is None:
        site = Site(key=key, created_at=clock.now(), revision=0)
        db.session.add(site)
    for name, value in values.items():
        setattr(site, name, value)
    db.session.flush()
    touch(key)
    return site


def touch(key: str) -> None:
    """Makes every worker read the site anew at its next request."""
    site = db.session.get_one(Site, key)
    site.revision += 1
    db.session.flush()


def revision(key: str) -> int:
    """The site's present revision; raises NotFound."""
    found = db.session.scalar(select(Site.revision).where(Site.key == key))
    if found is None:
        raise NotFound("There is no such site.")
    return found


def lock(key: str) -> None:
    """Lets nobody else change or publish the site until the transaction ends; raises NotFound."""
    # Weaker than FOR UPDATE: rows that refer to the site can still be written.
    found = select(Site.key).where(Site.key == key).with_for_update(key_share=True)
    if db.session.scalar(found) is None:
        raise NotFound("There is no such site.")
