"""Pages for auditors: exactly what the person behind a decision saw, with the script of then, in a frame that can
neither store nor send anything."""

import json
import secrets
import uuid
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, fields, validate

from consent_server.audit import service
from consent_server.audit.frame import own_sites, write_down
from consent_server.audit.shown import Shown, find_shown
from consent_server.embed.preview_pages import FRAME, LOOKS, WIDTHS
from consent_server.errors import NotFound
from consent_server.security import PAGE
from consent_server.staff.permissions import require_role
from consent_server.texts import direction, language_name

blueprint = Blueprint("audit-shown", __name__, url_prefix="/audit/events/<uuid:event_id>/shown")


class ShownQuery(Schema):
    """The width of the page, and whether the visitor's system is dark: neither is on record."""

    class Meta:
        unknown = EXCLUDE

    width = fields.String(load_default="desktop", validate=validate.OneOf(tuple(WIDTHS)))
    look = fields.String(load_default="light", validate=validate.OneOf(tuple(LOOKS)))


@blueprint.get("")
@require_role("auditor")
def page(event_id: uuid.UUID) -> ResponseReturnValue:
    """The banner as it was shown, its texts, and what proves that it was this one"""
    query = ShownQuery().load(request.args)
    shown = _read(event_id)
    response = Response(
        render_template(
            "audit/shown.html",
            shown=shown,
            event=shown.event,
            query=query,
            widths=WIDTHS,
            looks=LOOKS,
            language=language_name(shown.notice["locale"]) if shown.notice else None,
        )
    )
    response.headers["Content-Security-Policy"] = f"{PAGE}; frame-src 'self'"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response


@blueprint.get("/banner")
@require_role("auditor")
def banner(event_id: uuid.UUID) -> ResponseReturnValue:
    """A page with nothing on it but that banner"""
    query = ShownQuery().load(request.args)
    shown = _read(event_id)
    if shown.notice is None or shown.script is None:
        raise NotFound("The script of this decision is not kept here.")
    nonce, event = secrets.token_urlsafe(16), shown.event
    html = render_template(
        "audit/shown_banner.html",
        shown=shown,
        language=shown.notice["locale"],
        direction=direction(shown.notice["locale"]),
        look=query["look"],
        nonce=nonce,
        told=_in_script(
            {
                "notice": shown.notice,
                "sha256": event.notice.hex(),
                "dnt": event.dnt_js,
                "gpc": event.gpc_js,
            }
        ),
    )
    response = Response(html)
    response.headers["Content-Security-Policy"] = FRAME.format(nonce=nonce)
    return response


def _read(event_id: uuid.UUID) -> Shown:
    site = service.find(own_sites(), event_id).site
    write_down("audit-read", [site], {"page": "shown"})
    return find_shown(service.find([site], event_id))


def _in_script(value: Any) -> str:
    return json.dumps(value).replace("<", "\\u003c")
