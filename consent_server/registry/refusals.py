"""What a draft may not say, whoever writes it, each with a reason in plain words; and what it had better not. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt

from consent_server.registry import first_layer, necessary

Path = tuple[Any, ...]

OWN_COOKIES = ("visitor_choices", "__Host-visitor")
LOADED = ("script", "frame", "pixel")
STORED = ("cookie", "storage")
MARKUP = re.compile(r"<[A-Za-z/!?]")
# In Markdown an address may stand in angle brackets.
MARKUP_IN_MARKDOWN = re.compile(r"<(?!https://|mailto:)[A-Za-z/!?]")
SCRIPT = re.compile(r"\b(javascript|vbscript):\S|\bdata:[a-z]+/[a-z]", re.I)
SAFE_SCHEMES = ("https", "mailto", "tel", "")

_markdown = MarkdownIt("commonmark")
# What stands between generated blocks is shown as a text of its own.
BLOCK = re.compile(r"^\s*\{\{ \w+ \}\}\s*$", re.M)


@dataclass(frozen=True)
class Caution:
    """Something that is taken, but that somebody should look at; its path is that of a change."""

    path: tuple[str, ...]
    reason: str


def refusals(content: dict[str, Any], consent_host: str | None = None) -> dict[str, Any]:
    """What is refused of well-formed content, as marshmallow tells it: the reasons by path, nested. Empty: nothing."""
    found: dict[str, Any] = {}
    for path, reason in chain(
        _code(content),
        _unsafe_links(content),
        _without_consent(content),
        _our_own(content, consent_host),
        necessary.faults(content),
        first_layer.faults(content),
    ):
        inner = found
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner.setdefault(path[-1], []).append(reason)
    return found


def warnings(content: dict[str, Any], today: date) -> list[Caution]:
    """What somebody should look at, though it is taken."""
    past = [
        Caution(("providers", provider["key"], "review_date"), "The day of the next review is past.")
        for provider in content["providers"]
        if date.fromisoformat(provider.get("review_date", date.max.isoformat())) < today
    ]
    return past + [Caution(path, reason) for path, reason in first_layer.cautions(content)]


def _texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from _texts(one, (*path, name))


def _code(content: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for path, text in _texts(content):
        markup = MARKUP_IN_MARKDOWN if path[0] == "policy" else MARKUP
        if markup.search(text):
            yield path, "No HTML: write the text alone. Marks such as < go with a space behind them."
        elif SCRIPT.search(text):
            yield path, "No script."


def _unsafe_links(content: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for locale, text in content["policy"].items():
        addresses = chain.from_iterable(_addresses(part) for part in (text, *BLOCK.split(text)))
        for address in dict.fromkeys(addresses):
            if not _is_safe(address):
                yield ("policy", locale), f"Links begin with https://, this one does not: {address[:100]}"


def _addresses(text: str) -> Iterator[str]:
    for token in chain.from_iterable(token.children or () for token in _markdown.parse(text)):
        yield str(token.attrGet("href") or token.attrGet("src") or "")


def _is_safe(address: str) -> bool:
    try:
        return urlsplit(address).scheme.lower() in SAFE_SCHEMES and not address.startswith("//")
    except ValueError:
        return False


def _without_consent(content: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    optional = _optional(content)
    for n, provider in enumerate(content["providers"]):
        if provider["category"] in optional and provider.get("legal_basis") == "legitimate-interest":
            reason = "What is optional needs the visitor's consent; a legitimate interest does not stand in for it."
            yield ("providers", n, "legal_basis"), reason


def _optional(content: dict[str, Any]) -> set[str]:
    return {category["key"] for category in content["categories"] if not category["required"]}


def _our_own(content: dict[str, Any], consent_host: str | None) -> Iterator[tuple[Path, str]]:
    """Patterns of optional providers that would hold back the site itself, or clear our own cookies."""
    site = content["site"]
    own = {*(str(urlsplit(origin).hostname) for origin in site["origins"]), *site["cookie_domains"], consent_host or ""}
    optional = _optional(content)
    for n, provider in enumerate(content["providers"]):
        if provider["category"] in optional:
            for path, reason in chain(_own_hosts(provider, own), _own_cookies(provider)):
                yield ("providers", n, *path), reason


def _own_hosts(provider: dict[str, Any], own: set[str]) -> Iterator[tuple[Path, str]]:
    trackers = enumerate(provider["trackers"])
    loaded = [(("trackers", n, "host"), tracker["host"]) for n, tracker in trackers if tracker["kind"] in LOADED]
    for path, pattern in [*((("hosts", n), host) for n, host in enumerate(provider["hosts"])), *loaded]:
        if pattern and any(_matches(pattern, host) for host in own):
            yield path, "This is one of the site's own hosts, which would be held back with it."
        elif pattern.startswith("*.") and "." not in pattern[2:]:
            yield path, "This is too wide: name the provider's own domain."


def _own_cookies(provider: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for n, tracker in enumerate(provider["trackers"]):
        if tracker["kind"] in STORED and any(_matches(tracker["name"], cookie) for cookie in OWN_COOKIES):
            yield ("trackers", n, "name"), "This would clear the visitor's choice itself."


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern names a text; `*` stands for any run of characters."""
    # Several in a row are one: each on its own would multiply the ways to try.
    return re.fullmatch(".*".join(map(re.escape, re.split(r"\*+", pattern))), text, re.I) is not None
