"""Staff pages: the changes of a draft, what is said of them, and the way from draft to approval."""

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.errors import DomainError
from consent_server.extensions import db
from consent_server.policy import holds, review
from consent_server.policy.glance import sentences
from consent_server.policy.review_schemas import ACTS, CommentForm, NoteForm, ReasonForm
from consent_server.policy.review_words import FOR_CHANGES, groups
from consent_server.registry import drafts, handover
from consent_server.registry.faults import in_words, path_in_words
from consent_server.registry.forms import faults_at
from consent_server.registry.frame import may_edit, may_read, receive_form, show
from consent_server.registry.models import Draft
from consent_server.registry.refusals import warnings
from consent_server.staff.permissions import require_site_role
from consent_server.staff.places import Place, Task
from consent_server.staff.service import Account

blueprint = Blueprint("review", __name__, url_prefix="/staff/<site>/review")
blueprint.before_request(receive_form)
may_approve = require_site_role("approver")

PLACES = (Place("Review", "review.page", frozenset(("editor", "approver"))),)
STATES = {"draft": "", "in-review": "In review.", "approved": "Approved."}


def line(account: Account, site: str) -> Task | None:
    """What every page of a site says of its draft."""
    if account.roles_on(site).isdisjoint(("editor", "approver")):
        return None
    draft = drafts.current(site)
    if not draft.changed:
        return None
    count = len(review.propose(site).changes)
    words = f"{count} change{'s' if count != 1 else ''} since version {draft.base}. {STATES[draft.state]}".strip()
    return Task("Review changes", url_for("review.page", site=site), words)


def tasks(account: Account, site: str) -> list[Task]:
    """Holds that somebody else than the one who held has to look at."""
    if "approver" not in account.roles_on(site):
        return []
    page = url_for("publishing.held", site=site)
    waiting = (found for found in holds.open_holds(site) if found.held_by != account.email)
    return [
        Task(f"Look at the hold of {found.provider}", page, f"{found.held_by}: {found.reason}") for found in waiting
    ]


@blueprint.get("")
@may_read
def page(site: str) -> ResponseReturnValue:
    """The changes of the draft, and what may be done with it"""
    done = request.args.get("done", "")
    return _page(site, done=ACTS.get(done, ""))


@blueprint.post("/submit")
@may_edit
def submit(site: str) -> ResponseReturnValue:
    """Send the draft to review"""
    return _act(site, "submitted", lambda: drafts.submit(site, by=g.staff.email))


@blueprint.post("/take-back")
@may_edit
def take_back(site: str) -> ResponseReturnValue:
    """Take the draft back, to go on editing"""
    return _act(site, "taken-back", lambda: drafts.take_back(site, by=g.staff.email))


@blueprint.post("/send-back")
@may_approve
def send_back(site: str) -> ResponseReturnValue:
    """Send the draft back to its editors, with a reason"""
    return _act(
        site,
        "sent-back",
        lambda: drafts.send_back(site, by=g.staff.email, reason=ReasonForm().load(request.form)["reason"]),
    )


@blueprint.post("/approve")
@may_approve
def approve(site: str) -> ResponseReturnValue:
    """Approve the draft"""
    seen = request.form.get("row_version", "")
    row_version = int(seen) if re.fullmatch("[0-9]{1,9}", seen) else None
    return _act(site, "approved", lambda: drafts.approve(site, by=g.staff.email, row_version=row_version))


@blueprint.post("/comment")
@may_read
def comment(site: str) -> ResponseReturnValue:
    """Say something of a change"""

    def say() -> None:
        form = CommentForm().load(request.form)
        drafts.comment(site, form["path"], form["text"], by=g.staff.email)

    return _act(site, "said", say)


@blueprint.post("/revert")
@may_read
def revert(site: str) -> ResponseReturnValue:
    """Take one change out of the draft"""
    return _act(site, "reverted", lambda: review.revert(site, request.form.get("path", ""), by=g.staff.email))


@blueprint.post("/unchanged")
@may_read
def unchanged(site: str) -> ResponseReturnValue:
    """Write down that what is published was looked through, and nothing is to be changed"""
    return _act(
        site,
        "looked-through",
        lambda: review.review_unchanged(site, by=g.staff.email, note=NoteForm().load(request.form)["note"]),
    )


def _act(site: str, done: str, act: Callable[[], Draft | None]) -> ResponseReturnValue:
    """Does it, tells whoever is next, and shows the page again; what cannot be done is said there, and nothing that
    was typed is lost."""
    begin_writing(db.session)
    try:
        draft = act()
    except ValidationError as error:
        db.session.rollback()
        content = drafts.current(site).content
        faults = {
            field: found for field, found in faults_at(error.messages, ("reason", "text", "note")).items() if field
        }
        return _page(site, 422, faults or {"": in_words(error.messages, content)})
    except DomainError as error:
        db.session.rollback()
        return _page(site, error.status, {"": [error.detail]})
    db.session.commit()
    if draft is not None:
        handover.tell(draft, g.staff.email)
    return redirect(url_for(".page", site=site, done=done), 303)


def _page(site: str, status: int = 200, faults: Any = None, done: str = "") -> ResponseReturnValue:
    draft = drafts.current(site)
    proposal = review.propose(site)
    said: dict[str, list[Any]] = {}
    for found in drafts.comments(site):
        said.setdefault(found.path, []).append(found)
    places = {review.place(change) for change in proposal.changes}
    roles = g.staff.roles_on(site)
    context = {
        "proposal": proposal,
        "groups": groups(proposal.changes, draft.published, draft.content),
        **FOR_CHANGES,
        "sentences": sentences(draft.published, draft.content, "en") if proposal.changes else [],
        "said": said,
        "elsewhere": [found for path, all_of in said.items() if path not in places for found in all_of],
        "where": lambda path: path_in_words(tuple(path.split("/")), draft.content),
        "cautions": [
            f"{path_in_words(found.path, draft.content)}: {found.reason}"
            for found in warnings(draft.content, clock.now().date())
        ],
        "approver": "approver" in roles,
        "own": not drafts.may_approve(draft, g.staff.email),
        "errors": faults or {},
        "typed": request.form,
        "done": done,
    }
    return show("registry/review.html", draft, status, **context)
