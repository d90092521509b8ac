"""The journal of erasures, outside the database and its backups: a line for each erased event, with the hour, SHA-256
of its id, and the ground. A finer time would tell for ever which events were one visitor's; the order within one
erasure is that of the hashes.

It holds what people asked to have erased. What retention deleted is not in it: after a restored backup, running
retention again deletes the same.
"""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from flask import current_app

from consent_server import clock

NAME = "erasures.journal"
# Lines from before grounds were written were visitors' own.
LINE = re.compile(r"(\S+) ([0-9a-f]{64})(?: (visitor|request))?")


class Line(NamedTuple):
    """`at`: the UTC hour."""

    at: datetime
    hash: bytes
    ground: str


def _path() -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir
    return folder / NAME


def hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def append(hashes: list[bytes], at: datetime, ground: str) -> None:
    """Writes lines, durably; raises OSError where not all of them could be."""
    descriptor = os.open(_path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        # A write that a power cut tore leaves half a line, which must not spoil the next.
        torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
        hour = clock.to_rfc3339(hour_of(at))
        lines = "".join(f"{hour} {digest.hex()} {ground}\n" for digest in sorted(hashes))
        left = (("\n" if torn else "") + lines).encode()
        while left:
            # It may write less than it was asked to.
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lines() -> Iterator[Line]:
    """Every whole line, oldest first. Half a line is an erasure that failed, and was never acknowledged."""
    if not _path().exists():
        return
    with _path().open(encoding="ascii", errors="replace") as journal:
        for line in journal:
            matched = LINE.fullmatch(line.rstrip("\n"))
            if matched:
                at, digest, ground = matched.groups(default="visitor")
                yield Line(hour_of(datetime.fromisoformat(at)), bytes.fromhex(digest), ground)
