"""The banner as a draft would have it: the real script, composed from content that is not published."""

from dataclasses import dataclass, replace
from typing import Any

from flask import current_app

from consent_server.embed.builds import TRIAL, TRIAL_PLACEHOLDER, Build, insert
from consent_server.embed.service import compose_with, config_with
from consent_server.evidence.commitment import canonical, digest
from consent_server.policy import service as policy
from consent_server.policy.document import build_document, build_notice


@dataclass(frozen=True)
class Trial:
    """The script; the notices that it asks for, by the end of their address; and that of each locale."""

    script: bytes
    notices: dict[str, dict[str, Any]]
    locales: dict[str, str]


def try_draft(content: dict[str, Any], *locales: str) -> Trial:
    """The script of a site as if this content were published, for pages in these of its locales; the first of them
    is what the script says without asking, so that nothing has to be fetched before its words are there."""
    site = content["site"]
    now = policy.published(site["key"])
    document = build_document(content, number=now.terms.number + 1, epoch=now.terms.epoch + 1)
    sha256 = digest(canonical(document))
    found = {locale: _notice(document, sha256, locale) for locale in locales}
    names = {locale: digest(canonical(notice)).hex() for locale, notice in found.items()}
    draft = replace(
        now,
        rules=replace(now.rules, locales=locales, default_locale=locales[0]),
        terms=policy.terms_of(document, sha256, now.terms.version_id),
        notices=names,
        changes=(),
    )
    script = compose_with(draft, config_with(draft, found[locales[0]]["first"])).content
    return Trial(script, {names[locale]: notice for locale, notice in found.items()}, names)


def _notice(document: dict[str, Any], sha256: bytes, locale: str) -> dict[str, Any]:
    widget: bytes = current_app.config["WIDGET_SHA256"]
    return build_notice(document, policy_sha256=sha256.hex(), widget_sha256=widget.hex(), locale=locale)


def trial_script(content: dict[str, Any], end: str) -> bytes:
    """The script of a draft for the real site: it records nothing, and says so with a link to `end` it."""
    site = content["site"]
    trial = try_draft(content, *sorted(site["locales"], key=lambda locale: locale != site["default_locale"]))
    told = {
        "end": end,
        "words": "You are trying a draft of this banner. Nothing you choose is recorded.",
        "link": "End the trial",
        "locales": trial.locales,
        "notices": trial.notices,
    }
    build: Build = current_app.config["BUILDS"][TRIAL]
    return insert(build.content, told, TRIAL_PLACEHOLDER) + trial.script
