"""Staff pages: the short texts of a draft, language by language, and what is to be translated."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.errors import NotFound, State
from consent_server.extensions import db
from consent_server.registry import drafts
from consent_server.registry.faults import in_words
from consent_server.registry.forms import faults_at, wording_form
from consent_server.registry.frame import may_edit, may_read, receive_form, resolved, save, show, show_clash
from consent_server.registry.labels import field_name
from consent_server.registry.models import Draft
from consent_server.registry.pieces import wording
from consent_server.registry.translations import ShortText, short_texts, to_translate
from consent_server.texts import direction, language_name, lookup

# More changes of somebody else than an address should hold.
MAX_TOLD = 10

blueprint = Blueprint("wording", __name__, url_prefix="/staff/<site>/wording")
blueprint.before_request(receive_form)


@blueprint.get("")
@may_read
def listed(site: str) -> ResponseReturnValue:
    """The site's languages, and what is to be translated"""
    draft = drafts.current(site)
    languages = [
        {
            "locale": locale,
            "name": language_name(locale),
            "missing": len(to_translate(draft.content, locale)),
            "policy": lookup(locale, draft.content["policy"]) is not None,
        }
        for locale in draft.content["site"]["locales"]
    ]
    return show("registry/texts.html", draft, languages=languages)


@blueprint.get("/<locale>")
@may_read
def words(site: str, locale: str) -> ResponseReturnValue:
    """The short texts in one language"""
    draft = _draft(site, locale)
    names = _names(draft, locale)
    meanwhile = [names[path] for path in request.args.getlist("meanwhile") if path in names]
    began = wording(locale).read(draft.content)
    return _words(draft, locale, began, saved="saved" in request.args, meanwhile=meanwhile)


@blueprint.post("/<locale>")
@may_edit
def change_words(site: str, locale: str) -> ResponseReturnValue:
    """Change the short texts in one language"""
    draft = _draft(site, locale)
    if request.form.get("act") == "resolve":
        began, mine = resolved(dict)
    else:
        try:
            form = wording_form(request.form)
        except ValidationError as error:
            return _words(draft, locale, None, {"": in_words(error.messages, draft.content)}, 422)
        began, mine = form["began"], form["texts"]
    try:
        saving = save(site, wording(locale), began, mine)
    except ValidationError as error:
        db.session.rollback()
        return _words(draft, locale, began, _faults(error.messages, draft, locale), 422, mine)
    except State as error:
        db.session.rollback()
        return _words(draft, locale, began, {"": [error.detail]}, 409, mine)
    if saving.clashes:
        names = _names(draft, locale)
        title = f"Wording, {language_name(locale)}"
        return show_clash(site, saving, began, mine, title, lambda path: names.get("".join(path), ""))
    meanwhile = [path for (path,) in saving.meanwhile[:MAX_TOLD]] if began else []
    return redirect(url_for(".words", site=site, locale=locale, saved="", meanwhile=meanwhile), 303)


def _names(draft: Draft, locale: str) -> dict[str, str]:
    """What each text is called: whose it is, and which."""
    found = short_texts(draft.content, locale)
    return {text.path: ", ".join(filter(None, (text.group, field_name(text.field)))) for text in found}


def _draft(site: str, locale: str) -> Draft:
    draft = drafts.current(site)
    if locale not in draft.content["site"]["locales"]:
        raise NotFound("This is not one of the site’s languages.")
    return draft


def _faults(messages: Any, draft: Draft, locale: str) -> dict[str, list[str]]:
    """A schema's messages at the controls of a language's page: these go by the path of their text."""
    controls = [text.path for text in short_texts(draft.content, locale)]
    return faults_at(_by_name(messages, draft.content, locale), controls, "/")


def _by_name(messages: Any, value: Any, locale: str) -> Any:
    """Messages with entries by what they are called, in place of their place in a list, and without the language."""
    if not isinstance(messages, dict):
        return messages
    named: dict[str, Any] = {}
    for part, inner in messages.items():
        entry = value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None
        below = entry if entry is not None else value.get(part) if isinstance(value, dict) else None
        if isinstance(entry, dict):
            part = entry.get("key") or f"{entry['kind']} {entry['host']} {entry['name']}"
        found = _by_name(inner, below, locale)
        if part == locale and isinstance(found, dict):
            named |= found
        elif part == locale:
            return found
        else:
            named[str(part)] = found
    return named


def _words(
    draft: Draft, locale: str, began: Any, faults: Any = None, status: int = 200, typed: Any = None, **context: Any
) -> ResponseReturnValue:
    return show(
        "registry/wording.html",
        draft,
        status,
        language=locale,
        language_name=language_name(locale),
        direction=direction(locale),
        sections=_sections(draft.content, locale),
        missing=len(to_translate(draft.content, locale)),
        began=began,
        typed=typed,
        errors=faults or {},
        **context,
    )


HEADINGS = {"wording": "First question", "categories": "Categories", "providers": "Providers"}


def _sections(content: dict[str, Any], locale: str) -> dict[str, dict[str, list[ShortText]]]:
    """The texts under the headings of the page, and there by whose they are."""
    sections: dict[str, dict[str, list[ShortText]]] = {heading: {} for heading in HEADINGS.values()}
    for text in short_texts(content, locale):
        kind, owner = text.path.split("/")[:2]
        groups = sections[HEADINGS[kind]]
        groups.setdefault("" if kind == "wording" else owner, []).append(text)
    return sections
