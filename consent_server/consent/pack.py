"""All receipts of one visitor with everything it takes to verify them: texts, scripts, the verifier, how to."""

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from consent_server.consent import proofs
from consent_server.consent.models import ConsentEvent
from consent_server.consent.proofs import Receipt
from consent_server.consent.shown import line_above
from consent_server.embed.as_shown import find_code
from consent_server.errors import NotFound, Unavailable
from consent_server.evidence import service as evidence
from consent_server.evidence import verifier
from consent_server.evidence.commitment import canonical
from consent_server.evidence.service import Checkpoint
from consent_server.extensions import db
from consent_server.policy import service as policy
from consent_server.zipped import zipped

README = """\
EVIDENCE OF ONE VISITOR'S DECISIONS

Visitor (consent ID): {visitor}
Log: {origin}, at {size} entries
Receipts: {count}{waiting}

Each file in receipts/ is one decision with the proof of its place in the log. notices/, policies/ and widgets/ hold the
texts and the script that the decisions name by their SHA-256. shown/ has the texts as pages, to be read in a browser.

TO VERIFY

1. Get the log's verifier key from somebody you trust, such as the auditor. The log publishes its own under
   {host}/log/key: that one proves only that the log agrees with itself.
2. Install Python 3.9 or newer and the package "cryptography".
3. python3 verify.py pack THIS_FILE.zip --key KEY
   An earlier key of the same log will do: rotations.json proves which key followed which.

The program asks nobody and needs no network. It recomputes every hash and names whatever does not fit.
"""


@dataclass(frozen=True)
class Pack:
    """The visitor's decisions that a checkpoint proves, oldest first, and how many wait for the next one."""

    visitor_id: uuid.UUID
    events: list[ConsentEvent]
    waiting: int
    checkpoint: Checkpoint


def find_pack(sites: Iterable[str], visitor_id: uuid.UUID) -> Pack:
    """What the record has of a visitor on these sites; raises NotFound, or Unavailable where nothing is sealed yet."""
    mine = select(ConsentEvent).where(ConsentEvent.visitor_id == visitor_id, ConsentEvent.site.in_(list(sites)))
    events = list(db.session.scalars(mine.order_by(ConsentEvent.recorded_at, ConsentEvent.event_id)))
    if not events:
        raise NotFound("There is no decision of this consent ID. It may have been erased.")
    checkpoint = evidence.newest()
    leaves = [evidence.leaf_of_event(event.event_id) for event in events]
    size = checkpoint.size if checkpoint else 0
    sealed = [event for event, leaf in zip(events, leaves, strict=True) if leaf is not None and leaf < size]
    if checkpoint is None or not sealed:
        raise Unavailable("These decisions wait to be sealed in the log. Try again in a few seconds.")
    return Pack(visitor_id, sealed, len(events) - len(sealed), checkpoint)


def write_pack(pack: Pack) -> Iterator[bytes]:
    """The zip file, piece by piece; reads while it is being sent."""

    def manifest(hashes: dict[str, str]) -> bytes:
        return canonical(
            {
                "schema": "pack/1",
                "visitor": str(pack.visitor_id),
                "origin": evidence.origin(),
                "size": str(pack.checkpoint.size),
                "files": hashes,
            }
        )

    return zipped(((path, [content]) for path, content in _files(pack)), manifest)


def _files(pack: Pack) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", _readme(pack).encode()
    yield "verify.py", verifier.source()
    yield "rotations.json", canonical(evidence.rotations())
    written = set[str]()
    for event in pack.events:
        receipt = proofs.find_receipt(event, pack.checkpoint)
        if receipt is None:
            # Erased while it was being packed.
            continue
        yield f"receipts/{event.event_id}.json", json.dumps(receipt.document, indent=1).encode()
        yield f"shown/{event.event_id}.html", _as_page(event, receipt)
        for path, content in _texts(event, receipt):
            if path not in written:
                written.add(path)
                yield path, content


def _texts(event: ConsentEvent, receipt: Receipt) -> Iterator[tuple[str, bytes]]:
    """What the event names, by SHA-256."""
    version = policy.find_version(event.site, event.policy)
    yield f"policies/{version.sha256.hex()}.json", version.document
    notice = proofs.notice_of(receipt)
    if notice is not None:
        yield f"notices/{event.notice.hex()}.json", canonical(notice)
        code = find_code(bytes.fromhex(notice["widget"]))
        if code is not None:
            yield f"widgets/{notice['widget']}.js", code.content


def _as_page(event: ConsentEvent, receipt: Receipt) -> bytes:
    """The notice as it was shown, as a page that needs nothing else."""
    rules = policy.terms_of_version(event.site, event.policy).document["rules"]
    html = current_app.jinja_env.get_template("consent/shown.html").render(
        event=receipt.document["event"],
        receipt=receipt,
        notice=proofs.notice_of(receipt),
        line=line_above(event, rules),
    )
    return html.encode()


def _readme(pack: Pack) -> str:
    return README.format(
        visitor=pack.visitor_id,
        origin=evidence.origin(),
        size=pack.checkpoint.size,
        count=len(pack.events),
        waiting=f" ({pack.waiting} more wait to be sealed: ask again)" if pack.waiting else "",
        host=current_app.config["SETTINGS"].public_url,
    )
