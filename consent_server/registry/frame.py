"""What all pages of the editor share: who may see them, how a form is received, and what every page shows."""

import json
from collections.abc import Callable
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request, url_for
from marshmallow import ValidationError

from consent_server.database import begin_writing
from consent_server.errors import State
from consent_server.extensions import db
from consent_server.registry import drafts, labels
from consent_server.registry.editing import Saving, save_piece
from consent_server.registry.faults import faults_of_entry, path_in_words
from consent_server.registry.form_schemas import NOT_WHOLE, ResolveForm
from consent_server.registry.forms import clash_fields
from consent_server.registry.labels import category_names, field_name, value_in_words
from consent_server.registry.merge import Clash, Path, merge
from consent_server.registry.models import DRAFT, Draft
from consent_server.registry.pieces import Piece, entry
from consent_server.security import require_same_origin
from consent_server.staff.permissions import require_site_role
from consent_server.texts import language_name, moment_in_words

may_read = require_site_role("editor", "approver")
may_edit = require_site_role("editor")
# A policy text is sent twice, as it was and as it is, and every character may take nine in a form.
MAX_FORM_BYTES = 4_000_000


def receive_form() -> None:
    """Before each request: a form comes from our own page, and may be long."""
    request.max_form_memory_size = MAX_FORM_BYTES
    if request.method == "POST":
        require_same_origin(origin_needed=False)


def show(template: str, draft: Draft, status: int = 200, **context: Any) -> Response:
    """A page of the editor. `editable`: whether this person may change the draft as it stands."""
    editor = "editor" in g.staff.roles_on(draft.site)
    html = render_template(
        template,
        site=draft.site,
        draft=draft,
        content=draft.content,
        locale=draft.content["site"]["default_locale"],
        editor=editor,
        editable=editor and draft.state == DRAFT,
        as_json=as_json,
        category_names=category_names,
        default_name=language_name(draft.content["site"]["default_locale"]),
        field_name=field_name,
        labels=labels,
        moment=lambda found: moment_in_words(found, "en"),
        **context,
    )
    return Response(html, status)


def as_json(value: Any) -> str:
    """An entry as pages carry it along; empty for none."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def save(site: str, piece: Piece, began: Any, mine: Any) -> Saving:
    """Saves a piece in a transaction of its own: what the page has read so far is read anew."""
    db.session.rollback()
    begin_writing(db.session)
    saving = save_piece(site, piece, began, mine, by=g.staff.email)
    if saving.clashes:
        db.session.rollback()
    else:
        db.session.commit()
    return saving


def save_entry(
    draft: Draft,
    kind: str,
    key: str,
    began: Any,
    mine: Any,
    *,
    title: str,
    refuse: Callable[[Any, list[str]], Response],
    reopen: Callable[[dict[str, list[str]], int], Response],
) -> Saving | Response:
    """Saves an entry of a list (`providers`, `categories`): what became of it, or what to answer where it was not taken
    (`refuse`, with the faults of the entry and those elsewhere), where the draft is not being edited (`reopen`), where
    two people clash, or where the form is to be looked at again because others have changed it meanwhile."""
    site = draft.site
    try:
        saving = save(site, entry(kind, key), began, mine)
    except ValidationError as error:
        # From here on the draft is what it was when it was refused, not when the page was opened.
        db.session.rollback()
        keys = [found["key"] for found in draft.content[kind]]
        place = keys.index(key) if key in keys else len(keys)
        return refuse(*faults_of_entry(error.messages, kind, place, draft.content))
    except State as error:
        db.session.rollback()
        return reopen({"": [error.detail]}, 409)
    if saving.clashes:
        return show_clash(site, saving, began, mine, title, name_within(draft, kind, key))
    if saving.meanwhile and began and saving.merged:
        meanwhile = sorted({path[0] for path in saving.meanwhile if path})
        return make_response(redirect(url_for(".one", site=site, key=key, saved="", meanwhile=meanwhile), 303))
    return saving


def resolved(kind: type) -> tuple[Any, Any]:
    """What a clash came to: what the piece (of this kind) was when last looked at, and what it is to become."""
    form = ResolveForm().load(clash_fields(request.form))
    mine, _ = merge(form["began"], form["mine"], form["theirs"], give_way=form["give_way"])
    for value in (form["theirs"], mine):
        if not isinstance(value, (kind, type(None))):
            raise ValidationError(NOT_WHOLE)
    return form["theirs"], mine


def show_clash(
    site: str, saving: Saving, began: Any, mine: Any, title: str, name_of: Callable[[Path], str]
) -> Response:
    """The page that asks, place by place, which of two people's texts is to stand. `name_of` names a place."""
    draft = drafts.current(site)
    categories = category_names(draft.content)
    places = [{"name": name_of(clash.path) or "All of it", **_sides(clash, categories)} for clash in saving.clashes]
    context = {"title": title, "places": places, "began": began, "mine": mine, "theirs": saving.theirs}
    return show("registry/clash.html", draft, 409, **context)


def _sides(clash: Clash, categories: dict[str, str]) -> dict[str, str]:
    field = next((part for part in reversed(clash.path) if part in labels.FIELDS), "")
    mine, theirs = (value_in_words(field, value, categories) for value in (clash.mine, clash.theirs))
    return {"path": as_json(list(clash.path)), "mine": mine, "theirs": theirs}


def name_within(draft: Draft, *entry: str) -> Callable[[Path], str]:
    """Names places of an entry (`providers`, `counter`) without naming the entry itself."""
    whole = path_in_words(entry, draft.content)
    return lambda path: path_in_words((*entry, *path), draft.content).removeprefix(whole).removeprefix(", ")
