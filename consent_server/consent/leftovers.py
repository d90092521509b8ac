"""Which cookies of a request belong to providers that are not allowed. Pure; `widget/src/parts/leftovers.js` is the
same for the page's script."""

import re
from collections.abc import Iterable
from typing import Any

from consent_server.consent.cookies import CHOICES, VISITOR
from consent_server.consent.effect import Choice

# What a cookie's name may be made of (RFC 6265 §4.1.1), so that it can be written back.
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def leftovers(document: dict[str, Any], choice: Choice, domains: Iterable[str], names: Iterable[str]) -> list[str]:
    """The names declared by a provider that is not allowed, by none that stays, and not our own. A tracker of another
    site's host is out of reach; a cookie of ours that bears its name is not touched."""
    required = {category["key"] for category in document["categories"] if category["required"]}
    stays: list[str] = [CHOICES, VISITOR]
    goes: list[str] = []
    for provider in document["providers"]:
        category = provider["category"]
        allowed = category in required or choice.providers.get(provider["key"], choice.categories.get(category, False))
        for tracker in provider["trackers"]:
            if tracker["kind"] == "cookie" and (allowed or _own(tracker["host"], domains)):
                (stays if allowed else goes).append(tracker["name"])
    return [n for n in names if TOKEN.fullmatch(n) and _any_matches(goes, n) and not _any_matches(stays, n)]


def _own(host: str, domains: Iterable[str]) -> bool:
    return not host or any(f".{host}".endswith(f".{domain}") for domain in domains)


def _any_matches(patterns: list[str], name: str) -> bool:
    """Whether a pattern matches; `*` stands for any run of characters."""
    return any(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) for pattern in patterns)
