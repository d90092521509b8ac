"""Staff pages: publishing the approved draft, now or at a time, and holding a provider back at once."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.errors import DomainError, NotFound
from consent_server.extensions import db
from consent_server.policy import holds, publication, review
from consent_server.policy.review_schemas import PublicationForm, ReasonForm
from consent_server.policy.significance import RULES
from consent_server.registry import drafts, handover
from consent_server.registry.faults import path_in_words
from consent_server.registry.forms import faults_at
from consent_server.registry.frame import may_read, receive_form, show
from consent_server.registry.labels import category_names
from consent_server.registry.models import Draft
from consent_server.registry.pieces import find
from consent_server.staff.permissions import require_site_role

blueprint = Blueprint("publishing", __name__, url_prefix="/staff/<site>")
blueprint.before_request(receive_form)
may_publish = require_site_role("approver")

CONTROLS = ("material", "reason", "when", "at")


@blueprint.get("/publish")
@may_read
def page(site: str) -> ResponseReturnValue:
    """What publishing would do, and the form for it"""
    return _page(site, {})


@blueprint.post("/publish")
@may_publish
def publish(site: str) -> ResponseReturnValue:
    """Publish the approved draft, now or at a time"""
    try:
        form = PublicationForm().load({name: value for name, value in request.form.items() if value})
        at = _time(form)
    except ValidationError as error:
        return _page(site, request.form, 422, faults_at(error.messages, CONTROLS))
    begin_writing(db.session)
    try:
        done = _publish(site, form["material"] == "yes", form["reason"], at)
    except DomainError as error:
        db.session.rollback()
        return _page(site, request.form, error.status, error.members.get("errors") or {"": [error.detail]})
    db.session.commit()
    return redirect(url_for(".page", site=site, done=done), 303)


def _time(form: dict[str, Any]) -> datetime | None:
    if form["when"] == "now":
        return None
    if form["at"] is None:
        raise ValidationError({"at": ["Enter a day and a time."]})
    at: datetime = form["at"].replace(tzinfo=UTC)
    return at


def _publish(site: str, material: bool, reason: str, at: datetime | None) -> str:
    if at is not None:
        drafts.schedule(site, at, by=g.staff.email, material=material, reason=reason)
        return "planned"
    publication.publish_draft(site, by=g.staff.email, material=material, reason=reason)
    return "published"


@blueprint.post("/publish/call-off")
@may_publish
def call_off(site: str) -> ResponseReturnValue:
    """Call a planned publication off"""
    begin_writing(db.session)
    try:
        drafts.unschedule(site, by=g.staff.email)
    except DomainError as error:
        db.session.rollback()
        return _page(site, {}, error.status, {"": [error.detail]})
    db.session.commit()
    return redirect(url_for(".page", site=site, done="called-off"), 303)


def _page(site: str, typed: Any, status: int = 200, faults: Any = None) -> ResponseReturnValue:
    draft = drafts.current(site)
    proposal = review.propose(site)
    context = {
        "proposal": proposal,
        "why": [(RULES[found.rule], _concerned(found.change.path, draft)) for found in proposal.reasons],
        **_asked(proposal.affected, draft),
        "publisher": "approver" in g.staff.roles_on(site),
        "typed": typed,
        "errors": faults or {},
        "done": request.args.get("done", ""),
        "now": clock.now(),
    }
    return show("registry/publish.html", draft, status, **context)


def _asked(affected: Collection[str], draft: Draft) -> dict[str, list[str]]:
    """Which categories' visitors are asked again, and about which providers, by their names."""
    names = category_names(draft.content)
    providers = [found for found in draft.content["providers"] if found["key"] in affected]
    categories = {found["category"] for found in providers} | set(affected)
    return {
        "asked": [name for key, name in names.items() if key in categories],
        "about": [found["name"] for found in providers],
    }


def _concerned(path: tuple[str, ...], draft: Draft) -> str:
    """Whom a reason concerns: the entry of a list, else the place."""
    return path_in_words(path[:2] if path[0] in ("providers", "categories") else path, draft.content)


@blueprint.get("/providers/<key>/hold")
@may_read
def hold(site: str, key: str) -> ResponseReturnValue:
    """Asks before a provider is held"""
    return _hold_page(site, key)


@blueprint.post("/providers/<key>/hold")
@may_read
def start_hold(site: str, key: str) -> ResponseReturnValue:
    """Hold a provider back at once"""
    try:
        reason = ReasonForm().load(request.form)["reason"]
    except ValidationError as error:
        return _hold_page(site, key, 422, faults_at(error.messages, ("reason",)))
    begin_writing(db.session)
    try:
        holds.hold(site, key, by=g.staff.email, reason=reason)
    except DomainError as error:
        db.session.rollback()
        return _hold_page(site, key, error.status, {"": [error.detail]})
    db.session.commit()
    handover.tell_held(site, key, g.staff.email)
    return redirect(url_for(".held", site=site, done="held"), 303)


def _hold_page(site: str, key: str, status: int = 200, faults: Any = None) -> ResponseReturnValue:
    draft = drafts.current(site)
    provider = find(draft.published, "providers", key)
    if provider is None:
        raise NotFound("There is no such provider in the published policy.")
    return show("registry/hold.html", draft, status, provider=provider, errors=faults or {}, typed=request.form)


@blueprint.get("/holds")
@may_read
def held(site: str) -> ResponseReturnValue:
    """Providers that are held, and holds that somebody else has to look at"""
    return _holds_page(site)


@blueprint.post("/holds/<key>")
@may_publish
def confirm(site: str, key: str) -> ResponseReturnValue:
    """Agree that a provider is held"""
    begin_writing(db.session)
    try:
        holds.confirm_hold(site, key, by=g.staff.email)
    except DomainError as error:
        db.session.rollback()
        return _holds_page(site, error.status, {"": [error.detail]})
    db.session.commit()
    return redirect(url_for(".held", site=site, done="confirmed"), 303)


def _holds_page(site: str, status: int = 200, faults: Any = None) -> ResponseReturnValue:
    draft = drafts.current(site)
    context = {
        "waiting": {found.provider: found for found in holds.open_holds(site)},
        "held": [found for found in draft.published["providers"] if found.get("held")],
        "publisher": "approver" in g.staff.roles_on(site),
        "errors": faults or {},
        "done": request.args.get("done", ""),
    }
    return show("registry/holds.html", draft, status, **context)
