"""The draft of a site on its way: edited, in review, approved, waiting for its time.

Every act takes who did it (an account's e-mail), writes it down, and is in the caller's transaction, which began with
`begin_writing` and which the caller commits. A draft that is not in the state an act needs raises State.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from consent_server import clock
from consent_server.errors import Forbidden, Invalid, NotFound, PreconditionFailed, State
from consent_server.extensions import db
from consent_server.registry.edits import changed_fields
from consent_server.registry.models import APPROVED, DRAFT, IN_REVIEW, Draft, DraftComment
from consent_server.sites import service as sites
from consent_server.staff.record import field, record

FARTHEST = timedelta(days=366)
NOUNS = {DRAFT: "being edited", IN_REVIEW: "in review", APPROVED: "approved"}


def current(site: str) -> Draft:
    """The site's draft, to be read; equal to what is published where nobody has changed anything. Raises NotFound."""
    draft = db.session.get(Draft, site)
    if draft is None:
        raise NotFound("There is no such site.")
    return draft


def for_change(site: str) -> Draft:
    """The site's draft as it is now, with nobody else changing it until the transaction ends. Raises NotFound."""
    sites.lock(site)
    return db.session.get_one(Draft, site, populate_existing=True)


def approved(site: str) -> Draft:
    """The same, for whoever is about to publish it; raises State while it is not approved."""
    draft = for_change(site)
    _require(draft, APPROVED)
    return draft


def etag(draft: Draft) -> str:
    """What If-Match names: it never comes back, whatever becomes of the draft."""
    return str(draft.row_version)


def save(site: str, content: dict[str, Any], *, by: str, row_version: int | None = None) -> Draft:
    """Keeps validated content as the draft. `row_version` is what the editor saw (none: whatever is there is meant to
    go); another one meanwhile raises PreconditionFailed. Content equal to what is published is no change."""
    draft = for_change(site)
    _require_seen(draft, row_version)
    _require(draft, DRAFT)
    return _replace(draft, content, by, editors=sorted({*draft.editors, by}))


def take_out(site: str, content: dict[str, Any], *, by: str) -> Draft:
    """Keeps content from which a change was taken out again, also while it is in review. Who does so has edited
    nothing: what is left was written by others."""
    draft = for_change(site)
    _require(draft, DRAFT, IN_REVIEW)
    return _replace(draft, content, by, editors=draft.editors)


def _replace(draft: Draft, content: dict[str, Any], by: str, editors: list[str]) -> Draft:
    fields = [field(*change) for change in changed_fields(draft.content, content)]
    if not fields:
        return draft
    record(by, "draft-change", draft.site, {"fields": fields})
    draft.content, draft.editors = content, editors
    draft.changed_at, draft.changed_by = clock.now(), by
    if not draft.changed:
        draft.editors = []
        _back_to_draft(draft)
    db.session.flush()
    return draft


def submit(site: str, *, by: str) -> Draft:
    """Sends the draft to review."""
    draft = for_change(site)
    _require(draft, DRAFT)
    if not draft.changed:
        raise State("Nothing has changed since what is published, so there is nothing to review.")
    draft.state, draft.submitted_at, draft.submitted_by = IN_REVIEW, clock.now(), by
    return _acted(draft, by, "draft-submit")


def take_back(site: str, *, by: str) -> Draft:
    """Takes the draft back from review or approval, to edit it again; a planned publication is off."""
    draft = for_change(site)
    _require(draft, IN_REVIEW, APPROVED)
    _back_to_draft(draft)
    return _acted(draft, by, "draft-take-back")


def send_back(site: str, *, by: str, reason: str) -> Draft:
    """Sends the draft back to its editors; a reason stays beside it as a comment."""
    draft = for_change(site)
    _require(draft, IN_REVIEW, APPROVED)
    _back_to_draft(draft)
    if reason:
        _say(site, "", reason, by)
    return _acted(draft, by, "draft-send-back", reason=reason)


def approve(site: str, *, by: str, row_version: int | None = None) -> Draft:
    """Approves the draft; what counts is what was seen, as for `save`. Four eyes: raises Forbidden for whoever has
    edited it, unless the setting allows it."""
    draft = for_change(site)
    _require_seen(draft, row_version)
    _require(draft, IN_REVIEW)
    if not may_approve(draft, by):
        raise Forbidden("You have edited this draft, so somebody else has to approve it.")
    draft.state, draft.approved_at, draft.approved_by = APPROVED, clock.now(), by
    return _acted(draft, by, "draft-approve", fields=[field("", draft.published, draft.content)])


def may_approve(draft: Draft, who: str) -> bool:
    """Whether this person may approve the draft, whatever state it is in."""
    return who not in draft.editors or not current_app.config["SETTINGS"].four_eyes


def schedule(site: str, at: datetime, *, by: str, material: bool, reason: str) -> Draft:
    """Has the approved draft published at a time to come, within a year. Raises Invalid for another one."""
    draft = for_change(site)
    _require(draft, APPROVED)
    if not clock.now() < at < clock.now() + FARTHEST:
        raise Invalid("The time is past, or too far off.", errors={"at": ["A time to come, within a year."]})
    draft.publish_at, draft.publish_by, draft.material, draft.reason = at, by, material, reason
    return _acted(draft, by, "draft-schedule", at=clock.to_rfc3339(at), material=material, reason=reason)


def unschedule(site: str, *, by: str) -> Draft:
    """Calls a planned publication off; the draft stays approved."""
    draft = for_change(site)
    if draft.publish_at is None:
        raise State("No publication is planned.")
    _unplan(draft)
    return _acted(draft, by, "draft-unschedule")


def comment(site: str, path: str, text: str, *, by: str) -> DraftComment:
    """Says something of a change (its path, joined by `/`), or of the whole draft (an empty one)."""
    current(site)
    record(by, "draft-comment", site, {"path": path})
    return _say(site, path, text, by)


def comments(site: str, number: int | None = None) -> list[DraftComment]:
    """What was said of the draft, the first at the head; or of the draft that became version `number`."""
    said = select(DraftComment).where(DraftComment.site == site, DraftComment.number == number)
    return list(db.session.scalars(said.order_by(DraftComment.at, DraftComment.id)))


def due(now: datetime) -> list[str]:
    """Sites whose approved draft is to be published by now."""
    planned = select(Draft.site).where(Draft.state == APPROVED, Draft.publish_at <= now)
    return list(db.session.scalars(planned.order_by(Draft.publish_at)))


def rebase(draft: Draft, content: dict[str, Any], published: dict[str, Any], number: int) -> None:
    """Puts the draft on a newly published version; what it changes beside that stays as it is, and where it stands."""
    draft.content, draft.published, draft.base = content, published, number
    if not draft.changed:
        draft.editors = []
        _back_to_draft(draft)
    db.session.flush()


def begin(site: str, content: dict[str, Any], number: int, by: str) -> None:
    """Begins the draft anew from a version that was just published; what was said of the old one goes with that."""
    draft = db.session.get(Draft, site)
    if draft is None:
        now = clock.now()
        draft = Draft(site=site, content=content, published=content, base=number, editors=[], changed_at=now)
        draft.changed_by = by
        db.session.add(draft)
    for said in comments(site):
        said.number = number
    rebase(draft, content, content, number)


def _say(site: str, path: str, text: str, by: str) -> DraftComment:
    said = DraftComment(id=clock.new_id(), site=site, path=path, author=by, at=clock.now(), text=text)
    db.session.add(said)
    db.session.flush()
    return said


def _require_seen(draft: Draft, row_version: int | None) -> None:
    if row_version not in (None, draft.row_version):
        raise PreconditionFailed("Somebody has changed the draft in the meantime.")


def _require(draft: Draft, *states: str) -> None:
    if draft.state not in states:
        wanted = " or ".join(NOUNS[state] for state in states)
        raise State(f"The draft is {NOUNS[draft.state]}. This needs one that is {wanted}.")


def _back_to_draft(draft: Draft) -> None:
    draft.state = DRAFT
    draft.submitted_at = draft.submitted_by = draft.approved_at = draft.approved_by = None
    _unplan(draft)


def _unplan(draft: Draft) -> None:
    draft.publish_at = draft.publish_by = draft.material = draft.reason = None


def _acted(draft: Draft, by: str, verb: str, **detail: Any) -> Draft:
    record(by, verb, draft.site, detail)
    db.session.flush()
    return draft
