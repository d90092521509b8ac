"""Staff pages: the providers of a draft, and the form of one."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from consent_server import clock
from consent_server.errors import NotFound, State
from consent_server.extensions import db
from consent_server.registry import drafts, provider_list
from consent_server.registry.editing import Saving
from consent_server.registry.form_schemas import ProviderForm, RemoveForm
from consent_server.registry.forms import (
    add_hosts,
    faults_at,
    free_key,
    provider_fields,
    provider_of,
    provider_values,
    tracker_rows,
)
from consent_server.registry.frame import (
    may_edit,
    may_read,
    receive_form,
    resolved,
    save,
    save_entry,
    show,
)
from consent_server.registry.labels import field_name
from consent_server.registry.models import Draft
from consent_server.registry.pieces import entry, find
from consent_server.registry.row_acts import act
from consent_server.registry.suggestions import ATTRIBUTION, ATTRIBUTION_URL

blueprint = Blueprint("providers", __name__, url_prefix="/staff/<site>/providers")
blueprint.before_request(receive_form)


class ListQuery(Schema):
    """What the list is narrowed down to and sorted by; `done` is what was just done, to which provider."""

    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=100))
    category = fields.String(load_default="", validate=validate.Length(max=31))
    sort = fields.String(load_default="name", validate=validate.OneOf(provider_list.SORTS))
    down = fields.Boolean(load_default=False)
    done = fields.String(load_default="", validate=validate.OneOf(("", "saved", "removed")))
    name = fields.String(load_default="", validate=validate.Length(max=120))


@blueprint.get("")
@may_read
def listed(site: str) -> ResponseReturnValue:
    """The providers of the draft"""
    query = ListQuery().load(request.args)
    draft = drafts.current(site)
    today = clock.now().date()
    found = provider_list.rows(
        draft.content, draft.published, today, text=query["q"].strip(), category=query["category"]
    )
    return show(
        "registry/providers.html",
        draft,
        rows=provider_list.sort(found, query["sort"], downwards=query["down"]),
        removed=provider_list.removed(draft.content, draft.published),
        query=query,
    )


@blueprint.get("/new")
@may_edit
def new(site: str) -> ResponseReturnValue:
    """The form of a new provider"""
    return _form(drafts.current(site), None, {"trackers": [], "category": request.args.get("category", "")})


@blueprint.get("/<key>")
@may_read
def one(site: str, key: str) -> ResponseReturnValue:
    """The form of a provider"""
    draft = drafts.current(site)
    found = find(draft.content, "providers", key)
    if found is None:
        raise NotFound("There is no such provider in the draft.")
    meanwhile = [field_name(name) for name in request.args.getlist("meanwhile")]
    values = provider_values(found, draft.content["site"]["default_locale"])
    return _form(draft, found, values, saved="saved" in request.args, meanwhile=meanwhile)


@blueprint.post("/new")
@may_edit
def add(site: str) -> ResponseReturnValue:
    """Add a provider to the draft"""
    return _take(site, "")


@blueprint.post("/<key>")
@may_edit
def change(site: str, key: str) -> ResponseReturnValue:
    """Change a provider of the draft"""
    return _take(site, key)


def _take(site: str, key: str) -> ResponseReturnValue:
    draft = drafts.current(site)
    # What somebody else has removed meanwhile is not lost: the page of clashes asks.
    if key and not request.form.get("began") and find(draft.content, "providers", key) is None:
        raise NotFound("There is no such provider in the draft.")
    locale = draft.content["site"]["default_locale"]
    if request.form.get("act") == "resolve":
        began, mine = resolved(dict)
        return _save(site, draft, key, began, mine, provider_values(mine, locale))
    rows = tracker_rows(request.form)
    values: dict[str, Any] = {**request.form.to_dict(), "trackers": rows}
    optional = [found["key"] for found in draft.content["categories"] if not found["required"]]
    acted = act(values, request.form, optional)
    try:
        remembered = ProviderForm(only=("began",)).load(request.form)["began"]
        if acted is not None:
            return _form(draft, remembered, acted.values, focus=acted.focus, suggestions=acted.suggestions)
        form = ProviderForm().load(provider_fields(request.form))
    except ValidationError as error:
        return _refused(draft, values, error.messages)
    key = key or form["key"] or free_key(form["name"], _taken(draft))
    mine = provider_of(form, locale, key)
    category = find(draft.content, "categories", mine["category"])
    if category and not category["required"]:
        add_hosts(mine, form["began"])
    return _save(site, draft, key, form["began"], mine, values)


def _taken(draft: Draft) -> set[str]:
    known = (draft.content, draft.published)
    return {found["key"] for content in known for kind in ("providers", "categories") for found in content[kind]} | {
        "new"
    }


def _save(site: str, draft: Draft, key: str, began: Any, mine: Any, values: dict[str, Any]) -> ResponseReturnValue:
    name = values.get("name") or key
    saving = save_entry(
        draft,
        "providers",
        key,
        began,
        mine,
        title=name,
        refuse=lambda messages, elsewhere: _refused(draft, values, messages, elsewhere),
        reopen=lambda faults, status: _form(draft, began, values, faults, status),
    )
    if not isinstance(saving, Saving):
        return saving
    return redirect(url_for(".listed", site=site, done="saved" if saving.merged else "removed", name=name), 303)


def _refused(draft: Draft, values: dict[str, Any], messages: Any, elsewhere: list[str] | None = None) -> Response:
    controls = [
        *ProviderForm().fields,
        *(f"trackers-{n}-{name}" for n, _ in enumerate(values["trackers"]) for name in ROW),
    ]
    faults = faults_at(messages, controls)
    if elsewhere:
        faults.setdefault("", []).extend(elsewhere)
    try:
        began = ProviderForm(only=("began",)).load(values)["began"]
    except ValidationError:
        began = None
    return _form(draft, began, values, faults, 422)


ROW = ("kind", "name", "host", "lifetime", "purpose")


def _form(
    draft: Draft, began: Any, values: dict[str, Any], faults: Any = None, status: int = 200, **context: Any
) -> Response:
    """The form; `began` is the provider as it was when the page was first opened, none for a new one."""
    published = find(draft.published, "providers", began["key"]) if isinstance(began, dict) and "key" in began else None
    context = {"focus": "", "saved": False, "meanwhile": [], "suggestions": {}, **context}
    shown = {"began": began, "values": values, "errors": faults or {}, "published": published}
    context |= {"attribution": ATTRIBUTION, "attribution_url": ATTRIBUTION_URL}
    return show("registry/provider.html", draft, status, **shown, **context)


@blueprint.get("/<key>/remove")
@may_edit
def remove(site: str, key: str) -> ResponseReturnValue:
    """Asks before a provider goes"""
    return _ask_to_remove(site, key)


def _ask_to_remove(site: str, key: str, status: int = 200, fault: str = "") -> ResponseReturnValue:
    draft = drafts.current(site)
    found = find(draft.content, "providers", key)
    if found is None:
        raise NotFound("There is no such provider in the draft.")
    published = find(draft.published, "providers", key)
    return show("registry/remove.html", draft, status, provider=found, published=published, fault=fault)


@blueprint.post("/<key>/remove")
@may_edit
def removed(site: str, key: str) -> ResponseReturnValue:
    """Take a provider out of the draft"""
    began = RemoveForm().load(request.form)["began"]
    if began is None:
        return _ask_to_remove(site, key, 422, "This page was not sent whole. Try again.")
    try:
        saving = save(site, entry("providers", key), began, None)
    except (ValidationError, State) as error:
        db.session.rollback()
        words = error.detail if isinstance(error, State) else str(error.messages)
        return _ask_to_remove(site, key, 409, words)
    if saving.clashes:
        return _ask_to_remove(site, key, 409, "Somebody else has changed this provider since you opened the page.")
    name = began["name"] if isinstance(began, dict) else key
    return redirect(url_for(".listed", site=site, done="removed", name=name), 303)
