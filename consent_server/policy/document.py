"""A policy version's document, and its notices: made from validated content, nothing else. Pure.

Both become RFC 8785 canonical JSON that is committed to the log, so numbers are written as strings.
"""

import re
from typing import Any

from consent_server.texts import (
    FALLBACK,
    category_texts,
    direction,
    has_texts,
    localised,
    lookup,
    page_texts_in,
    texts_in,
)

BLOCKS = ("dnt", "providers", "rights")
# Fields of a provider that are between staff and the provider.
INTERNAL = ("contract_date", "review_date")


def public(content: dict[str, Any]) -> dict[str, Any]:
    """Content as the public may read it."""
    providers = [{name: p[name] for name in p if name not in INTERNAL} for p in content["providers"]]
    return {**content, "providers": providers}


def build_document(
    content: dict[str, Any], *, number: int, epoch: int, log: dict[str, str] | None = None
) -> dict[str, Any]:
    """The document of a version: the policy's text by locale with its generated blocks, categories, providers with
    their trackers, wording, and the site's rules. The provider block stays a marker: its list is in the document.
    `log`: origin and verifier key of the log, where there is one."""
    site = content["site"]
    return {
        "site": site["key"],
        "name": site["name"],
        "number": str(number),
        "epoch": str(epoch),
        "locales": site["locales"],
        "default_locale": site["default_locale"],
        "contact": site["contact"],
        "rules": {
            "dnt": site["dnt"],
            "gpc": site["gpc"],
            "page": site["page"],
            "choice_ttl_days": str(site["choice_ttl_days"]),
            "proof_retention_days": str(site["proof_retention_days"]),
        },
        "policy": {
            locale: _with_blocks(content, locale) for locale in site["locales"] if lookup(locale, content["policy"])
        },
        "categories": content["categories"],
        "providers": public(content)["providers"],
        "wording": content["wording"],
        **({"log": log} if log else {}),
    }


def _with_blocks(content: dict[str, Any], locale: str) -> str:
    site = content["site"]
    blocks = page_texts_in(locale, site["default_locale"])["blocks"]
    contact = site["contact"]
    generated = {
        "dnt": f"{blocks['dnt_' + site['dnt']]}\n\n{blocks['gpc_' + site['gpc'].replace('-', '_')]}",
        "rights": blocks["rights"].format(
            contact=f"[{_plain(contact['name'])}](mailto:{contact['email']})",
            choices_url=f"/{site['key']}/choices",
        ),
    }
    text, _ = localised(content["policy"], locale, site["default_locale"])
    for name, block in generated.items():
        text = _replace_line(text, name, block)
    return text


def _plain(text: str) -> str:
    """A text as Markdown that reads as it is written."""
    return re.sub(r"([\\`*_\[\]<])", r"\\\1", text)


def _replace_line(text: str, name: str, block: str) -> str:
    marker = f"{{{{ {name} }}}}"
    return "\n".join(block if line.strip() == marker else line for line in text.split("\n"))


def split_at_providers(text: str) -> tuple[str, str | None]:
    """A policy text before and after its provider block; the second is none where it has no such block."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if line.strip() == "{{ providers }}":
            return "\n".join(lines[:index]), "\n".join(lines[index + 1 :])
    return text, None


def build_notice(document: dict[str, Any], *, policy_sha256: str, widget_sha256: str, locale: str) -> dict[str, Any]:
    """Every string and button one locale is shown, in the order shown (`widget/src/types.js`, Notice).

    What there are no generic texts for in the locale is said in the site's default one, else in English.
    """
    site, default_locale = document["site"], document["default_locale"]
    spoken = next(filter(has_texts, (locale, default_locale)), FALLBACK)
    texts = texts_in(spoken)
    banner, dialog = texts["banner"], texts["dialog"]
    wording = document["wording"].get(locale, {})
    rules = document["rules"]
    optional = [category for category in document["categories"] if not category["required"]]
    names = ", ".join(category_texts(category, locale, default_locale)["name"] for category in optional)
    language = locale if "text" in wording else spoken
    return {
        "site": site,
        "locale": locale,
        "policy": policy_sha256,
        "widget": widget_sha256,
        "first": {
            "lang": language,
            "dir": direction(language),
            "title": wording.get("title") or banner["title"].format(site=document["name"]),
            "text": wording.get("text") or banner["text"].format(categories=names),
            "links": [
                [f"/{site}/providers", banner["providers"]],
                [f"/{site}/policy", banner["policy"]],
            ],
            "buttons": [
                ["reject-all", banner["reject_all"]],
                ["accept-all", banner["accept_all"]],
                ["choose", banner["choose"]],
            ],
            "gpc": banner["gpc_refuse_all" if rules["gpc"] == "refuse-all" else "gpc"],
            "dnt": banner["dnt_refuse" if rules["dnt"] == "refuse" else "dnt"],
            **{
                key: banner[key]
                for key in (
                    "rejected",
                    "saved",
                    "unrecorded",
                    "blocked",
                    "reopen",
                )
            },
        },
        "dialog": {
            **{
                key: dialog[key]
                for key in (
                    "title",
                    "intro",
                    "save",
                    "close",
                    "always",
                    "without",
                    "providers",
                    "by_provider",
                    "minors",
                    "leftover",
                )
            },
            "categories": [
                {
                    "key": category["key"],
                    "required": category["required"],
                    **category_texts(category, locale, default_locale),
                    "providers": [
                        {"key": provider["key"], "name": provider["name"]}
                        for provider in document["providers"]
                        # Nobody can allow one that is held.
                        if provider["category"] == category["key"] and not provider.get("held")
                    ],
                }
                for category in document["categories"]
            ],
        },
        "embed": texts["embed"],
    }
