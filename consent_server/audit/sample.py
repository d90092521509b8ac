"""A random sample that nobody can steer: leaves drawn by an auditor's phrase and the root of a checkpoint.

Whoever runs the server does not know the phrase when the log is sealed; whoever chooses it does not know the root.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select

from consent_server.consent.models import ConsentEvent
from consent_server.evidence.models import LogLeaf
from consent_server.evidence.service import Checkpoint
from consent_server.extensions import db

# Leaves that are looked up together.
AT_ONCE = 250


@dataclass(frozen=True)
class Drawn:
    """A leaf that was drawn: with its event, or why there is none in the sample: `type` (it is no decision's),
    `erased`, or `elsewhere` (another site's)."""

    index: int
    event: ConsentEvent | None
    why: str | None


def seed_of(phrase: str, root: bytes) -> bytes:
    """SHA-256 of the phrase in UTF-8 and the root."""
    return hashlib.sha256(phrase.encode() + root).digest()


def indexes(seed: bytes, size: int) -> Iterator[int]:
    """Every index below `size` once, in the order drawn: draw k is the first 8 bytes of SHA-256(seed ‖ k in 8 bytes)
    modulo the size."""
    drawn: set[int] = set()
    k = 0
    while len(drawn) < size:
        number = hashlib.sha256(seed + k.to_bytes(8, "big")).digest()[:8]
        index = int.from_bytes(number, "big") % size
        k += 1
        if index not in drawn:
            drawn.add(index)
            yield index


def draw(checkpoint: Checkpoint, sites: tuple[str, ...], phrase: str) -> Iterator[Drawn]:
    """Every leaf under the checkpoint in the order drawn; whoever has enough stops. Needs an application context at
    each step."""
    drawing = indexes(seed_of(phrase, checkpoint.root), checkpoint.size)
    while some := list(islice(drawing, AT_ONCE)):
        looked_up = _look_up(some, sites)
        for index in some:
            yield looked_up[index]


def take(drawing: Iterator[Drawn], count: int) -> tuple[list[Drawn], Counter[str]]:
    """The first `count` decisions drawn, in their order, and how many leaves were passed over, by reason."""
    found: list[Drawn] = []
    passed: Counter[str] = Counter()
    for drawn in drawing:
        if drawn.event is None:
            passed[drawn.why or "missing"] += 1
        else:
            found.append(drawn)
        if len(found) == count:
            break
    return found, passed


def _look_up(some: list[int], sites: tuple[str, ...]) -> dict[int, Drawn]:
    leaf = LogLeaf
    query = select(leaf.index.label("leaf"), leaf.type, leaf.event_id, ConsentEvent).where(leaf.index.in_(some))
    rows = db.session.execute(query.outerjoin(ConsentEvent, ConsentEvent.event_id == leaf.event_id)).all()
    db.session.expunge_all()
    return {row.leaf: _drawn(row.leaf, row.type, row.event_id is None, row.ConsentEvent, sites) for row in rows}


def _drawn(index: int, kind: str, cut: bool, event: ConsentEvent | None, sites: tuple[str, ...]) -> Drawn:
    if kind != "consent/1":
        return Drawn(index, None, "type")
    # A row that is missing although its leaf still names it was not erased by us: whoever verifies is to see that.
    if event is None:
        return Drawn(index, None, "erased" if cut else None)
    return Drawn(index, event, None) if event.site in sites else Drawn(index, None, "elsewhere")
