"""A user-agent string, reduced to what is kept of it: families, a major version, a kind of device."""

import re
from dataclasses import dataclass
from functools import lru_cache

import crawleruseragents
from user_agents import parse

MAX_LENGTH = 512
SUSPECTED = re.compile(r"headless|phantomjs|selenium|puppeteer|playwright|electron|^$", re.IGNORECASE)


@dataclass(frozen=True)
class Agent:
    """`browser` is family and major ("Firefox 140"); `automated` is `human`, `declared` or `suspected`."""

    browser: str | None
    os: str | None
    device: str | None
    automated: str


@lru_cache(maxsize=4096)
def reduce_agent(header: str) -> Agent:
    """Parses a User-Agent header. A parse costs about a millisecond, hence the cache, bounded and in memory only."""
    text = header[:MAX_LENGTH]
    parsed = parse(text)
    if SUSPECTED.search(text):
        automated = "suspected"
    else:
        automated = "declared" if parsed.is_bot or crawleruseragents.is_crawler(text) else "human"
    major = parsed.browser.version[0] if parsed.browser.version else ""
    return Agent(
        browser=_known(f"{parsed.browser.family} {major}".strip(), parsed.browser.family),
        os=_known(parsed.os.family, parsed.os.family),
        device=_device(parsed),
        automated=automated,
    )


def _known(value: str, family: str) -> str | None:
    return None if family == "Other" else value[:64]


def _device(parsed: object) -> str | None:
    kinds = {"is_tablet": "tablet", "is_mobile": "phone", "is_pc": "desktop"}
    return next((name for attribute, name in kinds.items() if getattr(parsed, attribute)), None)
