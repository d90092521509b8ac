"""Staff pages: providers from a spreadsheet, with a look at what would change before anything is saved."""

import re
from typing import Any

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.database import begin_writing
from consent_server.errors import PreconditionFailed, State
from consent_server.extensions import db
from consent_server.policy.diff import compare
from consent_server.policy.review_words import FOR_CHANGES, groups
from consent_server.registry import drafts, service, spreadsheet
from consent_server.registry.frame import may_edit, receive_form, show
from consent_server.registry.models import Draft

# More faults than anybody reads at once.
MAX_TOLD = 30

blueprint = Blueprint("spreadsheet", __name__, url_prefix="/staff/<site>/import")
blueprint.before_request(receive_form)


@blueprint.get("")
@may_edit
def page(site: str) -> ResponseReturnValue:
    """The form that takes a spreadsheet"""
    return _page(drafts.current(site), "")


@blueprint.post("")
@may_edit
def take(site: str) -> ResponseReturnValue:
    """Show what a spreadsheet would change, or save that in the draft"""
    draft = drafts.current(site)
    try:
        text = _text()
    except UnicodeDecodeError:
        return _page(draft, "", ["Save the spreadsheet as “CSV UTF-8” and choose it again."], 422)
    if not text.strip():
        return _page(draft, text, ["Choose a file, or paste the rows."], 422)
    content, faults = _content(draft, text)
    if faults:
        return _page(draft, text, faults, 422)
    seen = request.form.get("row_version", "")
    if request.form.get("act") != "save" or not re.fullmatch("[0-9]{1,9}", seen):
        return _page(draft, text, content=content)
    db.session.rollback()
    begin_writing(db.session)
    try:
        drafts.save(site, content, by=g.staff.email, row_version=int(seen))
    except (PreconditionFailed, State) as error:
        db.session.rollback()
        draft = drafts.current(site)
        return _page(draft, text, [f"{error.detail} Nothing was saved."], error.status, _content(draft, text)[0])
    db.session.commit()
    return redirect(url_for("review.page", site=site), 303)


def _text() -> str:
    """The file, or what was pasted; raises UnicodeDecodeError for a file in another encoding."""
    file = request.files.get("file")
    if file and file.filename:
        text: str = file.read().decode()
        return text
    return request.form.get("text", "")


def _content(draft: Draft, text: str) -> tuple[dict[str, Any], list[str]]:
    """The draft's content with the spreadsheet's providers in it, and what is wrong with them."""
    sheet = spreadsheet.put_in(draft.content, text, draft.content["site"]["default_locale"])
    if sheet.faults:
        return draft.content, [_told(str(fault)) for fault in sheet.faults]
    try:
        return service.validate(sheet.content), []
    except ValidationError as error:
        return draft.content, [_told(str(fault)) for fault in spreadsheet.validation_faults(error.messages, sheet)]


def _told(fault: str) -> str:
    return fault[:1].upper() + fault[1:]


def _page(
    draft: Draft, text: str, faults: list[str] | None = None, status: int = 200, content: Any = None
) -> ResponseReturnValue:
    """The form, with what it found; `content` is what the draft would become."""
    changes = compare(draft.content, content) if content else []
    context = {
        **FOR_CHANGES,
        "text": text,
        "errors": {"text": faults[:MAX_TOLD]} if faults else {},
        "looked": content is not None,
        "count": len(changes),
        "groups": groups(changes, draft.content, content) if content else [],
        "columns": spreadsheet.COLUMNS,
    }
    return show("registry/import.html", draft, status, **context)
