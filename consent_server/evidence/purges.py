"""Leaves whose events were deleted because they had been kept long enough: `purge/1` leaves name them in runs."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, select, text, update

from consent_server import clock
from consent_server.evidence import leaves, sealing
from consent_server.evidence.models import NO_DECISION, LogLeaf

# A run takes at most 45 bytes of a leaf's 65,535: two indexes of up to 19 digits, quotes, brackets, commas.
MOST_RUNS = 1_400


def sealed_by(connection: Connection, moment: datetime) -> int:
    """How many leaves are surely not younger: the index of the newest time mark that is not after `moment`; 0 where
    there is none."""
    marks = select(LogLeaf.index, LogLeaf.body).where(LogLeaf.type == "mark/1", text(NO_DECISION))
    for index, body in connection.execute(marks.order_by(LogLeaf.index.desc())):
        if body is not None and datetime.fromisoformat(leaves.members(body)["at"]) <= moment:
            return int(index)
    return 0


def leaves_below(connection: Connection, event_ids: list[uuid.UUID], index: int) -> dict[uuid.UUID, int]:
    """Of these events, those whose leaf stands below an index, with their leaves' indexes; locked until the
    transaction ends."""
    query = select(LogLeaf.event_id, LogLeaf.index).where(LogLeaf.event_id.in_(event_ids), LogLeaf.index < index)
    return {event_id: found for event_id, found in connection.execute(query.with_for_update()) if event_id}


def purge(connection: Connection, indexes: Iterable[int], rule: str) -> None:
    """Cuts the ties between leaves and their events, which are deleted in the same transaction, and seals `purge/1`
    leaves that name them. `rule` says why, in words."""
    gone = sorted(indexes)
    connection.execute(update(LogLeaf).where(LogLeaf.index.in_(gone)).values(event_id=None))
    runs = [[str(first), str(last)] for first, last in runs_of(gone)]
    for start in range(0, len(runs), MOST_RUNS):
        members = {"at": clock.to_rfc3339(clock.now()), "rule": rule, "runs": runs[start : start + MOST_RUNS]}
        sealing.append(connection, "purge/1", None, leaves.write("purge/1", **members))


def runs_of(rising: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each unbroken run of rising whole numbers."""
    first = last = None
    for number in rising:
        if last is None or first is None:
            first = number
        elif number != last + 1:
            yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last
