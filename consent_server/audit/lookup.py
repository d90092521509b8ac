"""The one box: an identifier, or a receipt that somebody brings, and what is on record of it."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import INCLUDE, Schema, fields, validate
from sqlalchemy import select

from consent_server.audit.bundle import Purges
from consent_server.consent import service as consent
from consent_server.consent.models import ConsentEvent
from consent_server.errors import Invalid, Malformed, NotFound
from consent_server.evidence import leaves
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import commit
from consent_server.evidence.erasure_models import ErasedLeaf
from consent_server.evidence.models import LogLeaf
from consent_server.extensions import db
from consent_server.strict_json import parse_strict

# A receipt with three proofs under ten million leaves has 8,000.
MAX_BYTES = 100_000
INDEX = re.compile(r"^index (0|[1-9][0-9]{0,17})$", re.MULTILINE)
_hex64 = validate.Regexp(r"[0-9a-f]{64}\Z")


class ReceiptSchema(Schema):
    """What of a receipt says which decision it is of; the rest is the verifier's business."""

    class Meta:
        unknown = INCLUDE

    schema_ = fields.String(data_key="schema", required=True, validate=validate.Equal("consent-receipt/1"))
    event = fields.Dict(keys=fields.String(), required=True)
    nonce = fields.String(required=True, validate=_hex64)
    proof = fields.String(required=True)
    visitor_id = fields.UUID(required=True, allow_none=True)


@dataclass(frozen=True)
class Difference:
    """A field that a receipt and the record say differently; none for what is not there."""

    field: str
    receipt: Any
    record: Any


@dataclass(frozen=True)
class Verdict:
    """What is on record of a receipt: the decision, if it is; what differs; the index that the receipt's proof names,
    and whether that leaf of ours commits to the receipt's event (none: we have no such leaf). `gone`: why there is no
    decision beside a leaf that commits to one: `erased`, `elsewhere` (a site that is not the auditor's), or
    `missing`, which nothing explains."""

    event_id: str
    event: ConsentEvent | None
    differences: list[Difference]
    index: int | None
    committed: bool | None
    gone: str | None

    @property
    def equal(self) -> bool:
        return self.event is not None and not self.differences and self.committed is True


def find(sites: tuple[str, ...], text: str) -> tuple[str, uuid.UUID]:
    """Whether a typed identifier is that of an `event` or of a `visitor` on these sites; raises Invalid."""
    try:
        wanted = uuid.UUID(text)
    except ValueError as error:
        raise _nothing("A consent ID or an event’s ID has 36 characters.") from error
    for kind, column in (("event", ConsentEvent.event_id), ("visitor", ConsentEvent.visitor_id)):
        query = select(ConsentEvent.event_id).where(column == wanted, ConsentEvent.site.in_(sites))
        if db.session.scalar(query.limit(1)) is not None:
            return kind, wanted
    leaf = evidence.leaf_of_event(wanted)
    if leaf is not None and _gone(leaf) == "missing":
        raise _nothing(
            f"This decision is in our log as leaf {leaf}, but its row is missing, and nothing says that it was erased. "
            "That should not be."
        )
    raise _nothing("There is no decision with this ID on your sites. It may have been erased.")


def _nothing(why: str) -> Invalid:
    return Invalid("Nothing was found.", errors={"wanted": [why]})


def read_receipt(body: bytes) -> dict[str, Any]:
    """A receipt as `ReceiptSchema` loads it; raises Malformed and marshmallow's ValidationError."""
    value = parse_strict(body)
    if not isinstance(value, dict):
        raise Malformed("A receipt is a JSON object.")
    loaded: dict[str, Any] = ReceiptSchema().load(value)
    return loaded


def examine(sites: tuple[str, ...], receipt: dict[str, Any]) -> Verdict:
    """What is on record of a receipt; raises NotFound where it names no event."""
    said = receipt["event"]
    try:
        event_id = uuid.UUID(str(said.get("event_id")))
    except ValueError as error:
        raise NotFound("The receipt names no event.") from error
    event = db.session.get(ConsentEvent, event_id)
    if event is not None and event.site not in sites:
        event = None
    differences = list(_differences(receipt, event)) if event else []
    found = INDEX.search(receipt["proof"])
    index = int(found[1]) if found else None
    committed = _commits(receipt, index)
    gone = _gone(index) if committed and index is not None and event is None else None
    return Verdict(str(event_id), event, differences, index, committed, gone)


def _gone(index: int) -> str:
    """Why no decision is shown for a leaf of one."""
    # One statement, so that leaf, row and erasure are as they are at one moment.
    query = (
        select(LogLeaf.event_id.label("tie"), ConsentEvent.event_id, ErasedLeaf.day)
        .outerjoin(ConsentEvent, ConsentEvent.event_id == LogLeaf.event_id)
        .outerjoin(ErasedLeaf, ErasedLeaf.index == LogLeaf.index)
        .where(LogLeaf.index == index)
    )
    row = db.session.execute(query).one_or_none()
    if row is not None and row.event_id is not None:
        return "elsewhere"
    if row is not None and row.tie is None and (row.day or Purges(0).day_of(index)):
        return "erased"
    return "missing"


def _differences(receipt: dict[str, Any], event: ConsentEvent) -> Iterator[Difference]:
    recorded = _flat(consent.committed(event)) | {"nonce": event.nonce.hex(), "visitor_id": event.visitor_id}
    said = _flat(receipt["event"]) | {"nonce": receipt["nonce"], "visitor_id": receipt["visitor_id"]}
    for name in sorted({*recorded, *said}):
        if recorded.get(name) != said.get(name):
            yield Difference(name, said.get(name), recorded.get(name))


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """A nested object with one name for each field ("signals.dnt.header")."""
    if not isinstance(value, dict) or not value:
        return {path: value}
    inner = [_flat(part, f"{path}.{name}" if path else str(name)) for name, part in value.items()]
    return {name: part for fields in inner for name, part in fields.items()}


def _commits(receipt: dict[str, Any], index: int | None) -> bool | None:
    """Whether our leaf at the index commits to the receipt's event; it does so when the decision is long erased."""
    leaf = next(evidence.entries(index, 1), None) if index is not None else None
    if leaf is None:
        return None
    commitment = commit("consent", bytes.fromhex(receipt["nonce"]), receipt["event"])
    return leaf[1] == leaves.encode("consent/1", commitment, None)
