"""A drawn sample as a zip file: a receipt for each decision, and a proof for whatever else was drawn."""

import json
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

from consent_server.audit import readme
from consent_server.audit.bundle import put_heads
from consent_server.audit.sample import Drawn, draw, seed_of
from consent_server.consent.proofs import find_receipt
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import canonical
from consent_server.evidence.service import Checkpoint
from consent_server.zipped import Archive

BLOCK = 65_536


def pieces(checkpoint: Checkpoint, sites: tuple[str, ...], phrase: str, count: int) -> Iterator[tuple[bytes, int]]:
    """The archive, and how many receipts are in each piece of it. Needs an application context at each step, and holds
    no transaction between two."""
    archive = Archive()
    put_heads(archive, checkpoint, readme.sample(sites, phrase))
    yield archive.taken(), 0
    # On disk, since there may be many; they hold indexes, leaves and proofs, and nothing of anybody.
    with TemporaryFile() as drawn, TemporaryFile() as skipped:
        yield from _receipts(archive, checkpoint, draw(checkpoint, sites, phrase), count, drawn, skipped)
        with archive.write("skipped.jsonl") as file:
            for block in _blocks(skipped):
                file.write(block)
                yield archive.taken(), 0
        manifest = _manifest(archive, checkpoint, sites, phrase, count)
        with archive.write("manifest.json") as file:
            for block in _with_drawn(manifest, drawn):
                file.write(block)
                yield archive.taken(), 0
    yield archive.close(), 0


def _receipts(
    archive: Archive,
    checkpoint: Checkpoint,
    drawing: Iterator[list[Drawn]],
    count: int,
    drawn: IO[bytes],
    skipped: IO[bytes],
) -> Iterator[tuple[bytes, int]]:
    receipts = 0
    for some in drawing:
        # Also where so many draws hit nothing new: no step takes long.
        yield archive.taken(), 0
        for one in some:
            drawn.write(b',"%d"' % one.index)
            receipt = find_receipt(one.event, checkpoint) if one.event else None
            if receipt is not None:
                receipts += 1
                archive.put(f"receipts/{one.index}.json", json.dumps(receipt.document, indent=1).encode())
            elif one.event or one.why:
                # An event without a receipt was erased since it was drawn.
                skipped.write(_line(one, checkpoint))
            yield archive.taken(), int(receipt is not None)
            if receipts == count:
                return


def _blocks(file: IO[bytes], start: int = 0) -> Iterator[bytes]:
    file.seek(start)
    while block := file.read(BLOCK):
        yield block


def _with_drawn(manifest: dict[str, object], drawn: IO[bytes]) -> Iterator[bytes]:
    """The manifest, canonical, in parts: `drawn` may be as long as the log."""
    yield canonical({"count": manifest.pop("count")})[:-1] + b',"drawn":['
    # Without the comma at its start.
    yield from _blocks(drawn, 1)
    yield b"]," + canonical(manifest)[1:]


def _line(drawn: Drawn, checkpoint: Checkpoint) -> bytes:
    [(_, leaf)] = evidence.entries(drawn.index, 1)
    proof = evidence.prove(drawn.index, checkpoint)
    line = {"index": str(drawn.index), "leaf": leaf.decode(), "proof": proof, "why": drawn.why or "erased"}
    return canonical(line) + b"\n"


def _manifest(
    archive: Archive, checkpoint: Checkpoint, sites: tuple[str, ...], phrase: str, count: int
) -> dict[str, object]:
    return {
        "count": str(count),
        "files": dict(archive.files),
        "origin": evidence.origin(),
        "phrase": phrase,
        "root": checkpoint.root.hex(),
        "schema": "sample/1",
        "seed": seed_of(phrase, checkpoint.root).hex(),
        "sites": list(sites),
        "size": str(checkpoint.size),
    }
