"""The log's own addresses (C2SP tlog-tiles): all that an independent program needs to check it, for everyone."""

import re
from dataclasses import dataclass

from flask import Response, json
from flask_smorest import Blueprint

from consent_server.errors import NotFound, problems
from consent_server.evidence import service
from consent_server.evidence.leaves import framed
from consent_server.evidence.service import Checkpoint
from consent_server.evidence.tiles import WIDTH, tile_path, tile_width
from consent_server.evidence.tree import HASH_BYTES
from consent_server.security import allow_everyone

blueprint = Blueprint("log", __name__, url_prefix="/log", description="The transparency log.")

NEWEST = "public, max-age=1"
IMMUTABLE = "public, max-age=31536000, immutable"
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
ENTRIES = "entries"
_TILE = re.compile(r"(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@blueprint.route("/checkpoint")
@blueprint.doc(responses={"200": {"description": "A signed note", "content": {TEXT: {}}}, **problems(404)})
def checkpoint() -> Response:
    """The newest signed checkpoint, with the cosignatures that are known for it"""
    return _answer(_newest().note, TEXT, NEWEST)


@blueprint.route("/tile/<path:tile>")
@blueprint.doc(responses={"200": {"description": "Hashes, or entries", "content": {BYTES: {}}}, **problems(404)})
def tile(tile: str) -> Response:
    """A tile of hashes, `L/N`, or of leaves, `entries/N`; `.p/W` for a width that is, or once was, not full"""
    asked = _parse(tile)
    if asked is None or asked.width > tile_width(asked.level, asked.index, _newest().size):
        raise NotFound("The log has no such tile.")
    if asked.entries:
        leaves = service.entries(asked.index * WIDTH, asked.width)
        content = b"".join(framed(leaf) for _, leaf in leaves)
    else:
        content = service.tile(asked.level, asked.index)[: asked.width * HASH_BYTES]
    return _answer(content, BYTES, IMMUTABLE)


@blueprint.route("/key")
@blueprint.doc(responses={"200": {"description": "A verifier key", "content": {TEXT: {}}}, **problems(404)})
def key() -> Response:
    """The verifier key that signs at present; one to trust comes from somewhere else than the log itself"""
    found = service.verifier_key()
    if found is None:
        raise NotFound("The log has not been started yet.")
    return _answer(f"{found}\n", TEXT, NEWEST)


@blueprint.route("/rotations")
@blueprint.doc(responses={"200": {"description": "Leaves and proofs"}})
def rotations() -> Response:
    """Each change of key: its leaf, and the leaf's proof under the checkpoint that the old and the new key signed"""
    return _answer(json.dumps(service.rotations()), "application/json", NEWEST)


@dataclass(frozen=True)
class _Asked:
    entries: bool
    level: int
    index: int
    width: int


def _parse(path: str) -> _Asked | None:
    """A tile's address; none where it is not the one spelling of it."""
    matched = _TILE.fullmatch(path)
    if matched is None:
        return None
    index = int(re.sub("[x/]", "", matched[2]))
    width = int(matched[3]) if matched[3] else WIDTH
    if tile_path(index) != matched[2] or (matched[3] and width >= WIDTH):
        return None
    entries = matched[1] == ENTRIES
    return _Asked(entries, 0 if entries else int(matched[1]), index, width)


def _newest() -> Checkpoint:
    found = service.newest()
    if found is None:
        raise NotFound("The log has signed no checkpoint yet.")
    return found


def _answer(content: str | bytes, content_type: str, cache: str) -> Response:
    response = allow_everyone(Response(content, content_type=content_type))
    response.headers["Cache-Control"] = cache
    return response
