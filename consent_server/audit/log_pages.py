"""`/audit/log`: what has happened to the log since a checkpoint, and the proof that it only grew."""

from flask import Blueprint, Response, g, json, render_template, request
from flask.typing import ResponseReturnValue

from consent_server.audit import log_state, visits, words
from consent_server.audit.frame import ask, own_sites, write_down
from consent_server.audit.log_state import Comparison
from consent_server.audit.view_schemas import LogQuery
from consent_server.errors import Invalid, NotFound
from consent_server.evidence import service as evidence
from consent_server.evidence.note import encode_base64
from consent_server.security import require_same_origin
from consent_server.staff.permissions import require_role

# A note with a few cosignatures has 1,000 characters.
MAX_NOTE = 20_000

blueprint = Blueprint("audit-log", __name__, url_prefix="/audit/log")


@blueprint.get("")
@require_role("auditor")
def since() -> ResponseReturnValue:
    """What was added since an earlier visit of one's own"""
    asked = ask(LogQuery())
    write_down("audit-log", own_sites())
    size, seen = asked.values.get("since"), visits.earlier(g.staff.email)
    heads = [visit.head for visit in seen if visit.head and size in (None, visit.head.size)]
    if size is not None and not heads:
        raise NotFound("None of your visits saw a log of this size. Paste the checkpoint that you kept.")
    compared = log_state.compare(heads[0]) if heads else None
    return _page(compared, seen, {**asked.errors}), asked.status


@blueprint.post("")
@require_role("auditor")
def since_checkpoint() -> ResponseReturnValue:
    """What was added since a checkpoint that the auditor kept"""
    require_same_origin(origin_needed=False)
    write_down("audit-log", own_sites())
    seen, note = visits.earlier(g.staff.email), _note()
    try:
        head = log_state.read_note(note)
    except Invalid as error:
        return _page(None, seen, error.members["errors"], note), 422
    return _page(log_state.compare(head), seen, {}, note)


@blueprint.get("/<int:size>.json")
@require_role("auditor")
def proof(size: int) -> Response:
    """The proof that the newest checkpoint extends the tree of a size, as a file"""
    write_down("audit-log", own_sites())
    newest = evidence.newest()
    if newest is None:
        raise NotFound("The log has no checkpoint yet.")
    hashes = evidence.consistency(size, newest.size)
    body = {
        "from": str(size),
        "to": str(newest.size),
        "proof": [encode_base64(digest) for digest in hashes],
        "checkpoint": newest.note,
    }
    response = Response(json.dumps(body, indent=2) + "\n", content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="consistency-{size}-{newest.size}.json"'
    return response


@blueprint.get("/<int:size>/checkpoint")
@require_role("auditor")
def checkpoint(size: int) -> Response:
    """The signed checkpoint of a size, as a file to keep"""
    write_down("audit-log", own_sites())
    found = evidence.checkpoint_at(size)
    if found is None:
        raise NotFound("The log has no checkpoint of this size.")
    response = Response(found.note, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="checkpoint-{size}.txt"'
    return response


def _note() -> str:
    """The pasted checkpoint as it was: a form sends every line break as two characters, and may lose the last."""
    pasted = request.form.get("checkpoint", "")[:MAX_NOTE].replace("\r\n", "\n").strip()
    return pasted + "\n" if pasted else ""


def _page(compared: Comparison | None, seen: list[visits.Visit], errors: dict[str, list[str]], note: str = "") -> str:
    return render_template(
        "audit/log.html",
        state=log_state.state(),
        compared=compared,
        hashes=[encode_base64(digest) for digest in compared.proof] if compared else [],
        seen=seen,
        errors=errors,
        note=note,
        words=words,
    )
