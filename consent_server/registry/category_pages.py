"""Staff pages: the categories of a draft, and the form of one."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.errors import NotFound
from consent_server.registry import drafts
from consent_server.registry.editing import Saving
from consent_server.registry.form_schemas import CategoryForm
from consent_server.registry.forms import category_fields, category_of, category_values, faults_at, free_key
from consent_server.registry.frame import (
    may_edit,
    may_read,
    receive_form,
    resolved,
    save_entry,
    show,
)
from consent_server.registry.labels import category_names, field_name
from consent_server.registry.models import Draft
from consent_server.registry.pieces import find
from consent_server.texts import direction, language_name

blueprint = Blueprint("categories", __name__, url_prefix="/staff/<site>/categories")
blueprint.before_request(receive_form)

CONTROLS = ("key", "name", "purpose", "without", "required")


@blueprint.get("")
@may_read
def listed(site: str) -> ResponseReturnValue:
    """The categories of the draft"""
    draft = drafts.current(site)
    names = category_names(draft.content)
    providers = {key: [p for p in draft.content["providers"] if p["category"] == key] for key in names}
    saved = names.get(request.args.get("saved", ""))
    return show("registry/categories.html", draft, names=names, providers=providers, saved=saved)


@blueprint.get("/new")
@may_edit
def new(site: str) -> ResponseReturnValue:
    """The form of a new category"""
    return _form(drafts.current(site), None, {})


@blueprint.get("/<key>")
@may_read
def one(site: str, key: str) -> ResponseReturnValue:
    """The form of a category"""
    draft = drafts.current(site)
    found = find(draft.content, "categories", key)
    if found is None:
        raise NotFound("There is no such category in the draft.")
    values = category_values(found, draft.content["site"]["default_locale"], _others(draft))
    meanwhile = [field_name(name) for name in request.args.getlist("meanwhile")]
    return _form(draft, found, values, saved="saved" in request.args, meanwhile=meanwhile)


@blueprint.post("/new")
@may_edit
def add(site: str) -> ResponseReturnValue:
    """Add a category to the draft"""
    return _take(site, "")


@blueprint.post("/<key>")
@may_edit
def change(site: str, key: str) -> ResponseReturnValue:
    """Change a category of the draft, or take it out"""
    return _take(site, key)


def _take(site: str, key: str) -> ResponseReturnValue:
    draft = drafts.current(site)
    if key and not request.form.get("began") and find(draft.content, "categories", key) is None:
        raise NotFound("There is no such category in the draft.")
    locale = draft.content["site"]["default_locale"]
    if request.form.get("act") == "resolve":
        began, mine = resolved(dict)
        return _save(site, draft, key, began, mine, category_values(mine, locale, _others(draft)))
    values = request.form.to_dict()
    try:
        form = CategoryForm().load(category_fields(request.form, _others(draft)))
    except ValidationError as error:
        return _refused(draft, values, error.messages)
    if key and values.get("act") == "remove":
        return _save(site, draft, key, form["began"], None, values)
    taken = {found["key"] for kind in ("providers", "categories") for found in draft.content[kind]} | {"new"}
    key = key or form["key"] or free_key(form["name"], taken)
    return _save(site, draft, key, form["began"], category_of(form, locale, key), values)


def _others(draft: Draft) -> list[str]:
    """The site's languages beside its default one."""
    site = draft.content["site"]
    return [locale for locale in site["locales"] if locale != site["default_locale"]]


def _save(site: str, draft: Draft, key: str, began: Any, mine: Any, values: dict[str, Any]) -> ResponseReturnValue:
    saving = save_entry(
        draft,
        "categories",
        key,
        began,
        mine,
        title=values.get("name", key),
        refuse=lambda messages, elsewhere: _refused(draft, values, messages, elsewhere),
        reopen=lambda faults, status: _form(draft, began, values, faults, status),
    )
    return redirect(url_for(".listed", site=site, saved=key), 303) if isinstance(saving, Saving) else saving


def _refused(draft: Draft, values: dict[str, Any], messages: Any, elsewhere: list[str] | None = None) -> Response:
    in_languages = (f"{name}-{other}" for other in _others(draft) for name in CONTROLS)
    faults = faults_at(messages, [*CONTROLS, *in_languages])
    if elsewhere:
        faults.setdefault("", []).extend(elsewhere)
    try:
        began = CategoryForm(only=("began",)).load(values)["began"]
    except ValidationError:
        began = None
    return _form(draft, began, values, faults, 422)


def _form(
    draft: Draft, began: Any, values: dict[str, Any], faults: Any = None, status: int = 200, **context: Any
) -> Response:
    key = began.get("key") if isinstance(began, dict) else None
    members = [found["name"] for found in draft.content["providers"] if found["category"] == key]
    shown = {"began": began, "values": values, "errors": faults or {}, "members": members}
    languages = {"others": _others(draft), "language_name": language_name, "direction": direction}
    return show("registry/category.html", draft, status, **shown, **languages, **context)
