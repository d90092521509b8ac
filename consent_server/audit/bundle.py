"""A bundle: everything that a site's log answers for, so that it can be verified away from here.

It shows the tree as it was at one signed checkpoint. What is erased while it is written comes out either as its row or
as erased: each leaf is looked at once, together with its row and its erasure.
"""

import heapq
import json
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import select

from consent_server import clock
from consent_server.audit import bundle_rows, readme
from consent_server.audit.bundle_rows import Account, Line, leaves_between, stretches
from consent_server.embed.models import WidgetFile
from consent_server.evidence import service as evidence
from consent_server.evidence import verifier
from consent_server.evidence.commitment import canonical, parse
from consent_server.evidence.erasure_models import GROUNDS
from consent_server.evidence.leaves import framed
from consent_server.evidence.service import Checkpoint
from consent_server.evidence.tiles import WIDTH, tile_path, tile_width
from consent_server.evidence.tree import HASH_BYTES
from consent_server.extensions import db
from consent_server.policy.models import Notice, PolicyVersion
from consent_server.zipped import Archive

Pieces = Iterator[tuple[bytes, int]]
# RFC 8785 for what is committed, as in `evidence.commitment`: keys are ASCII, and nothing is a number.
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
# Tiles are small: some go together.
AT_ONCE = 65_536
TEXTS = {
    "policy/1": ("policies/{}.json", PolicyVersion.sha256, PolicyVersion.document),
    "notice/1": ("notices/{}.json", Notice.sha256, Notice.document),
    "widget/1": ("widgets/{}.js", WidgetFile.sha256, WidgetFile.content),
}


def pieces(checkpoint: Checkpoint, sites: tuple[str, ...]) -> Pieces:
    """The bundle of these sites at a checkpoint, and how many decisions are in each piece of it. Needs an application
    context at each step, and holds no transaction between two."""
    made_at = clock.now()
    archive = Archive()
    account = Account(checkpoint.size, sites)
    graves = Graves(checkpoint.size)
    put_heads(archive, checkpoint, readme.bundle(sites))
    archive.put("verifier-key", f"{evidence.verifier_key()}\n".encode())
    yield archive.taken(), 0
    yield from _lines(archive, "events.jsonl", bundle_rows.events(account, graves.unnamed), rows=True)
    yield from _lines(archive, "acts.jsonl", bundle_rows.acts(account))
    yield from _lines(archive, "exports.jsonl", bundle_rows.exports_made(account))
    yield from _lines(archive, "erasures.jsonl", iter([graves.lines(account)]))
    yield from _texts(archive, checkpoint.size)
    yield from _tiles(archive, checkpoint.size)
    manifest = {
        "made_at": clock.to_rfc3339(made_at),
        "origin": evidence.origin(),
        "schema": "bundle/1",
        "sites": list(sites),
        "size": str(checkpoint.size),
    }
    with archive.write("manifest.json") as file:
        for part in _manifest(manifest, dict(archive.files), account):
            file.write(part)
            yield archive.taken(), 0
    yield archive.close(), 0


def put_heads(archive: Archive, checkpoint: Checkpoint, words: str) -> None:
    """What stands at the head of every archive: how to read and verify it, and under what it stands."""
    archive.put("README.txt", words.encode())
    archive.put("verify.py", verifier.source())
    archive.put("checkpoint", checkpoint.note.encode())
    archive.put("rotations.json", canonical(evidence.rotations()))


def _lines(archive: Archive, name: str, some: Iterator[list[Line]], *, rows: bool = False) -> Pieces:
    with archive.write(name) as file:
        for lines in some:
            file.write("".join(encode(line) + "\n" for line in lines).encode())
            yield archive.taken(), len(lines) if rows else 0


def _texts(archive: Archive, size: int) -> Pieces:
    """What was published, of all sites: the bytes that the leaves commit to."""
    for first, end in stretches(size):
        for leaf in leaves_between(first, end, *TEXTS):
            name, key, content = TEXTS[leaf.type]
            path = name.format(leaf.hash.hex())
            found = db.session.scalar(select(content).where(key == leaf.hash).limit(1))
            # One that is gone is named by whoever verifies.
            if found is not None and path not in archive.files:
                archive.put(path, found)
                yield archive.taken(), 0


def _tiles(archive: Archive, size: int) -> Pieces:
    """The tree of this size (C2SP tlog-tiles): of each level the full tiles, and one that is not."""
    written = 0
    for level, index, width in tiles_of(size):
        hashes = evidence.tile(level, index)[: width * HASH_BYTES]
        archive.put(_path(level, index, width), hashes, packed=False)
        if level == 0:
            leaves = b"".join(framed(leaf) for _, leaf in evidence.entries(index * WIDTH, width))
            archive.put(_path("entries", index, width), leaves)
        written += len(hashes)
        if written >= AT_ONCE:
            written = 0
            yield archive.taken(), 0


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, index and width of each tile of a tree."""
    level = index = 0
    while width := tile_width(level, index, size):
        yield level, index, width
        level, index = (level, index + 1) if tile_width(level, index + 1, size) else (level + 1, 0)


def _path(level: int | str, index: int, width: int) -> str:
    return f"tile/{level}/{tile_path(index)}" + ("" if width == WIDTH else f".p/{width}")


def _manifest(manifest: dict[str, Any], files: dict[str, str], account: Account) -> Iterator[bytes]:
    """The manifest, canonical, in parts: the runs of other sites' leaves may be as many as our own leaves."""
    yield b'{"elsewhere":['
    comma = b""
    for first, last in heapq.merge(*account.elsewhere.values()):
        yield comma + encode([str(first), str(last)]).encode()
        comma = b","
    yield b'],"files":' + canonical(files) + b","
    yield canonical(manifest)[1:]


class Graves:
    """Which leaves below `size` say of others that these were erased or purged."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._days: dict[date, Line] = {}
        made = [day for day in evidence.erasure_days() if day.hash is not None and day.nonce is not None]
        indexes = evidence.leaves_of("erasure/1", [day.hash for day in made if day.hash])
        for day in made:
            index = indexes.get(day.hash or b"")
            if index is not None and index < size:
                line = {"erasure": day.record, "index": str(index), "nonce": (day.nonce or b"").hex()}
                self._days[date.fromisoformat(day.record["day"])] = line
        self._purged = Purges(0, size)
        self._purged_since = Purges(size)

    def unnamed(self, index: int, row: Any) -> tuple[str, str] | None:
        """Day and ground of an erasure that no leaf below `size` names; none where one does, or nothing explains why
        the leaf's tie is cut."""
        if row.day is not None:
            return None if row.day in self._days else (row.day.isoformat(), row.ground)
        if self._purged.day_of(index):
            return None
        if not self._purged_since.day_of(index):
            # Purged, perhaps, since it was asked last.
            self._purged_since = Purges(self._size)
        day = self._purged_since.day_of(index)
        return (day, "retention") if day else None

    def lines(self, account: Account) -> list[Line]:
        """Erasures by day: those that leaves name, then those that were met on the way and wait for theirs."""
        waiting = [
            {
                "erasure": {
                    "counts": {ground: str(len(grounds.get(ground, ()))) for ground in GROUNDS},
                    "day": day,
                    "indexes": [str(index) for index in sorted(i for found in grounds.values() for i in found)],
                },
                "index": None,
                "nonce": None,
            }
            for day, grounds in sorted(account.erased.items())
        ]
        return [*self._days.values(), *waiting]


class Purges:
    """The runs that `purge/1` leaves name, of those from `first` up to `end` (none: to the end of the log)."""

    def __init__(self, first: int, end: int | None = None) -> None:
        self._runs: list[tuple[int, int, str]] = []
        for leaf in leaves_between(first, 2**63 - 1 if end is None else end, "purge/1"):
            body = parse(leaf.body)
            self._runs += [(int(start), int(last), body["at"][:10]) for start, last in body["runs"]]
        self._runs.sort()

    def day_of(self, index: int) -> str | None:
        """The day of the purge that names a leaf."""
        place = bisect_right(self._runs, index, key=lambda run: run[0]) - 1
        found = place >= 0 and self._runs[place][1] >= index
        return self._runs[place][2] if found else None
