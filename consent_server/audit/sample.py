"""A random sample: leaves drawn by an auditor's phrase and the root of a checkpoint.

Nobody can steer it where the auditor kept the checkpoint before the phrase was told: until then whoever runs the server
does not know the phrase, and whoever thought of it did not know the root.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from sqlalchemy import select

from consent_server.consent.models import ConsentEvent
from consent_server.evidence.models import LogLeaf
from consent_server.evidence.service import Checkpoint
from consent_server.extensions import db

# Draws that are looked up together: near the end of a log nearly every draw hits a leaf that was drawn before.
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


def indexes(seed: bytes, size: int) -> Iterator[list[int]]:
    """Every index below `size` once, in the order drawn, those of `AT_ONCE` draws at a time (perhaps none): draw k is
    the first 8 bytes of SHA-256(seed ‖ k in 8 bytes) modulo the size."""
    drawn, left, first = bytearray((size + 7) // 8), size, 0
    while left:
        some = []
        for k in range(first, first + AT_ONCE):
            number = hashlib.sha256(seed + k.to_bytes(8, "big")).digest()[:8]
            index = int.from_bytes(number, "big") % size
            byte, bit = index >> 3, 1 << (index & 7)
            if not drawn[byte] & bit:
                drawn[byte] |= bit
                some.append(index)
        first += AT_ONCE
        left -= len(some)
        yield some


def draw(checkpoint: Checkpoint, sites: tuple[str, ...], phrase: str) -> Iterator[list[Drawn]]:
    """Every leaf under the checkpoint in the order drawn, some at a time; whoever has enough stops. Needs an
    application context at each step."""
    for some in indexes(seed_of(phrase, checkpoint.root), checkpoint.size):
        looked_up = _look_up(some, sites) if some else {}
        yield [looked_up[index] for index in some]


def take(drawing: Iterator[list[Drawn]], count: int, most: int) -> tuple[list[Drawn], Counter[str]]:
    """The first `count` decisions drawn, in their order, and how many leaves were passed over, by reason. Looks at no
    more than `most` leaves."""
    found: list[Drawn] = []
    passed: Counter[str] = Counter()
    for drawn in islice(chain.from_iterable(drawing), most):
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
