"""Requests as a site's visitors send them, as bytes, made before the clock runs."""

import json
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.servers import get

ORIGIN = "https://www.ala.org"
PATH = "/v1/sites/ala/consents"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6"
AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_CHROME} Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_CHROME} Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Mobile Safari/537.36",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
)
# Most visitors refuse or accept in one click; the rest choose.
ACTIONS = ("reject_all", "reject_all", "reject_all", "accept_all", "accept_all", "custom")


@dataclass(frozen=True)
class Terms:
    """What a decision refers to: the notice on screen and the optional categories."""

    notice: str
    categories: tuple[str, ...]


def read_terms(port: int) -> Terms:
    """The terms in force, as a running server gives them."""
    config = json.loads(get(port, "/v1/sites/ala/config").body)
    optional = tuple(c["key"] for c in config["categories"] if not c["required"])
    return Terms(config["notices"]["en"], optional)


def event_id(chance: random.Random) -> str:
    """A UUIDv7 of this moment."""
    value = (int(time.time() * 1000) << 80) | chance.getrandbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    return str(uuid.UUID(int=value & ~(0x3 << 62) | (0x2 << 62)))


def decision(terms: Terms, chance: random.Random) -> dict[str, Any]:
    """A valid body."""
    action = chance.choice(ACTIONS)
    granted = {"reject_all": 0.0, "accept_all": 1.0, "custom": 0.5}[action]
    return {
        "event_id": event_id(chance),
        "action": action,
        "choices": {category: chance.random() < granted for category in terms.categories},
        "providers": {},
        "surface": "preferences" if action == "custom" else "banner",
        "notice": terms.notice,
        "decided_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "signals": {"dnt": chance.choice((None, None, "1")), "gpc": chance.random() < 0.1},
        "page": f"{ORIGIN}/advocacy/{chance.randrange(1000)}",
    }


def request(body: bytes, agent: str, cookie: str | None) -> bytes:
    """A whole HTTP/1.1 request, with the headers a browser sends."""
    lines = [
        f"POST {PATH} HTTP/1.1", "Host: privacy.ala.org", f"User-Agent: {agent}", "Accept: */*",
        "Accept-Language: en-US,en;q=0.9", "Accept-Encoding: gzip, deflate, br, zstd", f"Origin: {ORIGIN}",
        f"Referer: {ORIGIN}/", "Content-Type: application/json", f"Content-Length: {len(body)}",
        "Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty",
    ]  # fmt: skip
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def requests(terms: Terms, count: int, *, seed: int, cookies: tuple[str, ...] = ()) -> Iterator[bytes]:
    """Distinct decisions: first ones, or, where cookies are given, those of returning visitors in turn."""
    chance = random.Random(seed)
    for number in range(count):
        body = json.dumps(decision(terms, chance)).encode()
        yield request(body, chance.choice(AGENTS), cookies[number % len(cookies)] if cookies else None)
