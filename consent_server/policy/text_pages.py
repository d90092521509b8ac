"""Staff pages: the policy's own text in each language, with a look at how it reads before it is saved."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.errors import NotFound, State
from consent_server.extensions import db
from consent_server.policy import markdown
from consent_server.policy.document import build_document, split_at_providers
from consent_server.registry import drafts
from consent_server.registry.faults import in_words
from consent_server.registry.form_schemas import PolicyTextForm
from consent_server.registry.forms import faults_at
from consent_server.registry.frame import may_edit, may_read, receive_form, resolved, save, show, show_clash
from consent_server.registry.models import Draft
from consent_server.registry.pieces import policy_text
from consent_server.texts import direction, language_name

blueprint = Blueprint("policy-text", __name__, url_prefix="/staff/<site>/text")
blueprint.before_request(receive_form)


@blueprint.get("/<locale>")
@may_read
def page(site: str, locale: str) -> ResponseReturnValue:
    """The policy's own text in one language"""
    draft = _draft(site, locale)
    text = policy_text(locale).read(draft.content)
    return _page(draft, locale, text, text or "", saved="saved" in request.args)


@blueprint.post("/<locale>")
@may_edit
def change(site: str, locale: str) -> ResponseReturnValue:
    """Change the policy's own text in one language, or see first how it reads"""
    draft = _draft(site, locale)
    if request.form.get("act") == "resolve":
        began, mine = resolved(str)
        return _save(draft, locale, began, mine)
    try:
        form = PolicyTextForm().load(request.form)
    except ValidationError as error:
        return _page(draft, locale, None, request.form.get("text", ""), faults_at(error.messages, ["text"]), 422)
    began, text = form["began"], form["text"]
    if request.form.get("act") == "preview":
        return _page(draft, locale, began, text, preview=_rendered(draft, locale, text))
    unchanged = isinstance(began, str) and began.strip("\n") == text
    return _save(draft, locale, began, began if unchanged else f"{text}\n" if text else None)


def _save(draft: Draft, locale: str, began: Any, mine: Any) -> ResponseReturnValue:
    try:
        saving = save(draft.site, policy_text(locale), began, mine)
    except ValidationError as error:
        db.session.rollback()
        return _page(draft, locale, began, mine or "", {"text": in_words(error.messages, draft.content)}, 422)
    except State as error:
        db.session.rollback()
        return _page(draft, locale, began, mine or "", {"": [error.detail]}, 409)
    if saving.clashes:
        title = f"Policy text, {language_name(locale)}"
        return show_clash(draft.site, saving, began, mine, title, lambda path: "Text")
    return redirect(url_for(".page", site=draft.site, locale=locale, saved=""), 303)


def _draft(site: str, locale: str) -> Draft:
    draft = drafts.current(site)
    if locale not in draft.content["site"]["locales"]:
        raise NotFound("This is not one of the site’s languages.")
    return draft


def _rendered(draft: Draft, locale: str, text: str) -> dict[str, Any]:
    """The text as visitors would read it: its blocks filled in, the provider list named in its place."""
    content = policy_text(locale).write(draft.content, text)
    document = build_document(content, number=draft.base + 1, epoch=1)
    before, after = split_at_providers(document["policy"].get(locale, ""))
    return {
        "before": markdown.render(before).html,
        "after": None if after is None else markdown.render(after).html,
    }


def _page(
    draft: Draft, locale: str, began: Any, text: str, faults: Any = None, status: int = 200, **context: Any
) -> ResponseReturnValue:
    context = {
        "language": locale,
        "language_name": language_name(locale),
        "direction": direction(locale),
        "began": began,
        "text": text,
        "errors": faults or {},
        "preview": None,
        **context,
    }
    return show("registry/policy_text.html", draft, status, **context)
