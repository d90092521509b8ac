"""The banner as a draft would have it: the real script, composed from content that is not published."""

from dataclasses import dataclass, replace
from typing import Any

from flask import current_app

from consent_server.embed.service import compose_with, config_with
from consent_server.evidence.commitment import canonical, digest
from consent_server.policy import service as policy
from consent_server.policy.document import build_document, build_notice


@dataclass(frozen=True)
class Trial:
    """The script, and the notices that it asks for, by the end of their address."""

    script: str
    notices: dict[str, dict[str, Any]]


def try_draft(content: dict[str, Any], locale: str) -> Trial:
    """The script of a site as if this content were published, for a page in one of its locales."""
    site = content["site"]
    now = policy.published(site["key"])
    number, epoch = now.terms.number + 1, now.terms.epoch + 1
    # The locale that is looked at goes first, so that nothing has to be asked for before its words are there.
    document = build_document(content, number=number, epoch=epoch)
    sha256 = digest(canonical(document))
    notice = build_notice(
        document, policy_sha256=sha256.hex(), widget_sha256=current_app.config["WIDGET_SHA256"].hex(), locale=locale
    )
    name = digest(canonical(notice)).hex()
    draft = replace(
        now,
        rules=replace(now.rules, locales=(locale,), default_locale=locale),
        terms=policy.terms_of(document, sha256, now.terms.version_id),
        notices={locale: name},
        changes=(),
    )
    script = compose_with(draft, config_with(draft, notice["first"])).content.decode()
    return Trial(script, {name: notice})
