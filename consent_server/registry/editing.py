"""Saving one piece of a draft beside whatever others have made of it meanwhile."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from consent_server.registry import drafts, service
from consent_server.registry.merge import Clash, Path, changed, merge
from consent_server.registry.pieces import Piece


@dataclass(frozen=True)
class Saving:
    """What became of it. Nothing is saved while there are `clashes`: places that somebody else has changed to something
    else since the page was opened. `meanwhile` are all the places that others changed, `theirs` is what they left."""

    merged: Any
    theirs: Any
    clashes: list[Clash]
    meanwhile: list[Path]


def save_piece(site: str, piece: Piece, began: Any, mine: Any, *, by: str, give_way: Collection[Path] = ()) -> Saving:
    """Keeps a piece of the draft, merged with what others have made of it since it was as in `began`.

    In the caller's transaction, which began with `begin_writing`. Raises marshmallow's ValidationError for what is not
    taken, and State where the draft is not being edited.
    """
    draft = drafts.for_change(site)
    theirs = piece.read(draft.content)
    merged, clashes = merge(began, mine, theirs, give_way=give_way)
    if not clashes:
        content = service.validate(piece.write(draft.content, merged))
        drafts.save(site, content, by=by)
    return Saving(merged, theirs, clashes, changed(began, theirs))
