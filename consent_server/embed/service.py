"""The script of a site: code, current policy and the default locale's notice in one file."""

from typing import Any

from flask import current_app
from sqlalchemy import select

from consent_server import clock
from consent_server.embed.builds import CODE, HASH_LENGTH, Build, insert
from consent_server.embed.models import NAME_LENGTH, WidgetFile
from consent_server.errors import NotFound
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import parse
from consent_server.extensions import db
from consent_server.policy import service as policy
from consent_server.policy.service import ProviderTerms, Published, Terms
from consent_server.sites import service as sites

# What the script needs of the first layer before anything else can be asked for.
FIRST_LAYER = ("lang", "dir", "title", "text", "links", "buttons", "reopen")
# In place of the category of a provider on hold (`widget/src/choice.js`).
HELD = "-"
GPC_RULES = {"record": 0, "refuse-marketing": 1, "refuse-all": 2}


def script(site: str) -> Build:
    """The composed script of a site, made once a revision and kept in memory, compressed."""
    published = policy.published(site)
    scripts: dict[str, tuple[int, Build]] = current_app.extensions["embed-scripts"]
    revision = published.rules.revision
    known = scripts.get(site)
    if known is None or known[0] != revision:
        known = scripts[site] = (revision, compose(published))
    return known[1]


def compose(published: Published) -> Build:
    return compose_with(published, widget_config(published))


def compose_with(published: Published, config: dict[str, object]) -> Build:
    code: Build = current_app.config["BUILDS"][CODE]
    return Build(script_name(published.rules.key), insert(code.content, config))


def script_name(site: str) -> str:
    """Under which name a site's scripts are kept."""
    # Beside the longest key there is no room for all of it.
    return f"{site}-choices"[:NAME_LENGTH]


def widget_config(published: Published) -> dict[str, object]:
    """What the script is told (`widget/src/types.js`, Config)."""
    rules = published.rules
    sha256 = published.notices[rules.default_locale]
    return config_with(published, parse(policy.find_notice(rules.key, bytes.fromhex(sha256)))["first"])


def config_with(published: Published, first: dict[str, Any]) -> dict[str, object]:
    """The same with the first layer of the default locale's notice, wherever that is kept."""
    rules, terms = published.rules, published.terms
    sha256 = published.notices[rules.default_locale]
    return {
        "site": rules.key,
        "policy": terms.number,
        "epoch": terms.epoch,
        "notice": sha256,
        "first": {name: first[name] for name in FIRST_LAYER},
        "categories": terms.categories,
        "providers": [_provider(key, provider) for key, provider in terms.providers.items()],
        "sale": _sale(terms),
        "dnt": int(rules.dnt == "refuse"),
        "gpc": GPC_RULES[rules.gpc],
        "page": int(rules.page == "path"),
        "days": rules.choice_ttl_days,
        "changes": [[number, *_concerned(terms, keys)] for number, keys in published.changes],
        "domains": rules.cookie_domains,
    }


def _concerned(terms: Terms, keys: tuple[str, ...]) -> list[str]:
    """What a change turns off until it is allowed anew: these keys, and the providers of categories among them."""
    return [*keys, *(key for key, provider in terms.providers.items() if provider.category in keys and key not in keys)]


def _provider(key: str, provider: ProviderTerms) -> list[str]:
    """Key, category (one that nobody can allow while it is held), its hosts as a regular expression, and its consent
    mode if it has one."""
    category = HELD if provider.held else provider.category
    hosts = (host.replace(".", "[.]").replace("*", "[^/:]+") for host in provider.hosts)
    return [key, category, "|".join(hosts), *([provider.consent_mode] if provider.consent_mode else [])]


def _sale(terms: Terms) -> list[str]:
    """Keys that Global Privacy Control turns off under the rule `refuse-marketing`: marketing, every provider that
    sells or shares, and a category that has no other."""
    off = []
    for category in terms.categories:
        members = [provider for provider in terms.providers.values() if provider.category == category]
        if category == "marketing" or (members and all(provider.sells_or_shares for provider in members)):
            off.append(category)
    return off + [
        key for key, provider in terms.providers.items() if provider.sells_or_shares or provider.category in off
    ]


def pinned_script(site: str, short_hash: str) -> Build:
    """The script at its immutable address: the present one, or an earlier one that a page still pins."""
    build = script(site)
    return build if build.hash == short_hash else _kept(build.name, short_hash)


def part(name: str, short_hash: str) -> Build:
    """A part on demand, of this release or an earlier one."""
    builds: dict[str, Build] = current_app.config["BUILDS"]
    present = builds.get(name)
    if name == CODE:
        raise NotFound("There is no such part.")
    return present if present and present.hash == short_hash else _kept(name, short_hash)


def _kept(name: str, short_hash: str) -> Build:
    for file in db.session.scalars(select(WidgetFile).where(WidgetFile.name == name)):
        if file.sha256.hex()[:HASH_LENGTH] == short_hash:
            return Build(name, file.content)
    raise NotFound("There is no such build.")


def _keep(build: Build) -> bool:
    if db.session.get(WidgetFile, build.sha256) is not None:
        return False
    file = WidgetFile(
        sha256=build.sha256,
        name=build.name,
        content=build.content,
        added_at=clock.now(),
    )
    db.session.add(file)
    return True


def release() -> int:
    """Keeps this release's built files, writes the notices that are new with them, and keeps each site's composed
    script. To be run after an upgrade and after a publication; again at will. Returns how many notices it wrote."""
    builds: dict[str, Build] = current_app.config["BUILDS"]
    for build in builds.values():
        if _keep(build) and build.name == CODE:
            evidence.append("widget/1", build.sha256)
    written = 0
    for key in sites.all_keys():
        version = policy.current_version(key)
        if version is None:
            continue
        new = policy.write_notices(version)
        if new:
            sites.touch(key)
        _keep(compose(policy.load_published(key)))
        written += new
    db.session.flush()
    return written
