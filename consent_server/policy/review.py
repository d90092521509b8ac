"""What a review looks at: the changes of a draft, what they would mean, and taking one of them out again."""

from dataclasses import dataclass
from typing import Any

from consent_server import clock
from consent_server.errors import NotFound
from consent_server.policy.diff import Change, apply, compare
from consent_server.policy.significance import Reason, affected, reasons
from consent_server.registry import drafts
from consent_server.registry import service as registry
from consent_server.staff.record import record


@dataclass(frozen=True)
class Proposal:
    """What a draft would change. `reasons` say why that is material by rule; without any it is editorial. `affected`
    are the keys of categories and providers that whoever allowed them is asked about again, if it is published as
    material; nobody is asked about an editorial version."""

    changes: list[Change]
    reasons: list[Reason]
    affected: frozenset[str]

    @property
    def material(self) -> bool:
        return bool(self.reasons)


def propose(site: str) -> Proposal:
    """What the site's draft would change; raises NotFound."""
    draft = drafts.current(site)
    changes = compare(draft.published, draft.content)
    asked = affected(changes, draft.published, draft.content) if changes else set()
    return Proposal(changes, reasons(changes), frozenset(asked))


def place(change: Change) -> str:
    """A change's path in one word, as comments name it."""
    return "/".join(change.path)


def revert(site: str, path: str, *, by: str) -> None:
    """Takes the change at a path out of the draft. Raises NotFound where nothing changes there, and marshmallow's
    ValidationError where the other changes cannot stand without it."""
    draft = drafts.for_change(site)
    changes = compare(draft.published, draft.content)
    kept = [change for change in changes if place(change) != path]
    if len(kept) == len(changes):
        raise NotFound("The draft changes nothing there.")
    content: dict[str, Any] = apply(kept, draft.published)
    drafts.take_out(site, registry.validate(content), by=by)


def review_unchanged(site: str, *, by: str, note: str) -> None:
    """Writes down that somebody has looked through what is published and found nothing to change."""
    draft = drafts.for_change(site)
    record(by, "review-unchanged", site, {"number": str(draft.base), "day": f"{clock.now():%Y-%m-%d}", "note": note})
