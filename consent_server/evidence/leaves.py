"""The bytes of leaves: RFC 8785 JSON with a type and what it commits to, nothing else."""

import json
import re
from typing import Any

from consent_server.evidence.commitment import canonical

# The one member beside `t`, by type; leaves of other types have members of their own.
MEMBERS = {
    "consent/1": "c",
    "staff/1": "c",
    "export/1": "c",
    "erasure/1": "c",
    "policy/1": "h",
    "notice/1": "h",
    "widget/1": "h",
}
# Before each leaf in an entries tile, big-endian.
LENGTH_BYTES = 2
MAX_BYTES = 65_535
_PATTERNS = {kind: re.compile(rf'\{{"{member}":"([0-9a-f]{{64}})","t":"{kind}"\}}') for kind, member in MEMBERS.items()}


def encode(kind: str, digest: bytes | None, body: bytes | None) -> bytes:
    """A leaf's bytes from its row."""
    if body is not None:
        return body
    if digest is None:
        raise ValueError("A leaf has a hash or a body.")
    return f'{{"{MEMBERS[kind]}":"{digest.hex()}","t":"{kind}"}}'.encode()


def framed(leaf: bytes) -> bytes:
    """A leaf after its length, as in an entries tile."""
    return len(leaf).to_bytes(LENGTH_BYTES) + leaf


def write(kind: str, **members: object) -> bytes:
    """The bytes of a leaf with members of its own; raises ValueError where they are too many."""
    body = canonical({"t": kind, **members})
    if len(body) > MAX_BYTES:
        raise ValueError("A leaf has at most 65,535 bytes.")
    return body


def decode(leaf: bytes) -> tuple[str, bytes | None, bytes | None]:
    """Type, hash and body as a leaf's row has them."""
    kind = str(json.loads(leaf)["t"])
    if kind not in MEMBERS:
        return kind, None, leaf
    matched = _PATTERNS[kind].fullmatch(leaf.decode())
    if matched is None:
        raise ValueError("A leaf is not written as it should be.")
    return kind, bytes.fromhex(matched[1]), None


def members(leaf: bytes) -> dict[str, Any]:
    """A leaf's members."""
    found: dict[str, Any] = json.loads(leaf)
    return found
