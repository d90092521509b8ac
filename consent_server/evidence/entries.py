"""Leaves as a connection sees them."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from consent_server.evidence import leaves
from consent_server.evidence.models import LogLeaf

AT_ONCE = 10_000


def read_entries(connection: Connection, first: int, count: int) -> Iterator[tuple[int, bytes]]:
    """Index and bytes of leaves in a row, as many as there are; reads on while they are taken."""
    columns = (LogLeaf.index, LogLeaf.type, LogLeaf.hash, LogLeaf.body)
    for start in range(first, first + count, AT_ONCE):
        end = min(first + count, start + AT_ONCE)
        query = select(*columns).where(LogLeaf.index >= start, LogLeaf.index < end).order_by(LogLeaf.index)
        rows = connection.execute(query).all()
        for index, kind, digest, body in rows:
            yield index, leaves.encode(kind, digest, body)
        if len(rows) < end - start:
            return
