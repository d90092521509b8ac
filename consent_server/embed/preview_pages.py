"""Staff pages: the real banner as the draft would have it, in a frame that can neither store nor send anything."""

import json
import secrets
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from marshmallow import EXCLUDE, Schema, fields, validate

from consent_server.embed.preview import try_draft
from consent_server.embed.trial_pages import make_ticket
from consent_server.errors import NotFound
from consent_server.registry import drafts
from consent_server.registry.frame import may_read, show
from consent_server.security import PAGE, allow_everyone
from consent_server.staff.places import Place
from consent_server.texts import direction, language_name

blueprint = Blueprint("preview", __name__, url_prefix="/staff/<site>/preview")

PLACES = (Place("Preview", "preview.page", frozenset(("editor", "approver"))),)
WIDTHS = {"desktop": "Computer", "phone": "Phone"}
LOOKS = {"light": "Light", "dark": "Dark"}
MINUTES = 10
# The frame has an origin of its own that nothing belongs to, so cookies and storage are out of its reach, and whatever
# it sends, other than for the script and its parts, is stopped.
FRAME = (
    "sandbox allow-scripts; default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
    "connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


class PreviewQuery(Schema):
    """Which of the draft's banners: its language, the width of the page, and whether the visitor's system is dark."""

    class Meta:
        unknown = EXCLUDE

    locale = fields.String(load_default="", validate=validate.Length(max=35))
    width = fields.String(load_default="desktop", validate=validate.OneOf(tuple(WIDTHS)))
    look = fields.String(load_default="light", validate=validate.OneOf(tuple(LOOKS)))


@blueprint.get("")
@may_read
def page(site: str) -> ResponseReturnValue:
    """The draft's banner, in each language, width and look"""
    query = PreviewQuery().load(request.args)
    draft = drafts.current(site)
    query["locale"] = _locale(draft.content, query["locale"])
    names = {locale: language_name(locale) for locale in draft.content["site"]["locales"]}
    response = show(
        "registry/preview.html", draft, query=query, names=names, widths=WIDTHS, looks=LOOKS, trial=make_ticket(site)
    )
    response.headers["Content-Security-Policy"] = f"{PAGE}; frame-src 'self'"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response


def _locale(content: dict[str, Any], asked: str) -> str:
    default: str = content["site"]["default_locale"]
    return asked if asked in content["site"]["locales"] else default


@blueprint.get("/banner")
@may_read
def banner(site: str) -> ResponseReturnValue:
    """A page with nothing on it but the draft's banner"""
    query = PreviewQuery().load(request.args)
    content = drafts.current(site).content
    locale = _locale(content, query["locale"])
    nonce = secrets.token_urlsafe(16)
    html = render_template(
        "registry/banner.html",
        site=site,
        name=content["site"]["name"],
        language=locale,
        direction=direction(locale),
        look=query["look"],
        nonce=nonce,
        ticket=_tickets().dumps([site, locale]),
        notices=json.dumps(try_draft(content, locale).notices).replace("<", "\\u003c"),
    )
    response = Response(html)
    response.headers["Content-Security-Policy"] = FRAME.format(nonce=nonce)
    return response


@blueprint.get("/<ticket>/choices.js")
def script(site: str, ticket: str) -> Response:
    """The script of the draft, for the frame alone: it has no cookie to show, so its address is signed"""
    try:
        of, locale = _tickets().loads(ticket, max_age=MINUTES * 60)
    except BadSignature as error:
        raise NotFound("This preview is over. Open it again.") from error
    if of != site:
        raise NotFound("This preview is of another site.")
    text = try_draft(drafts.current(site).content, locale).script
    return allow_everyone(Response(text, content_type="text/javascript; charset=utf-8"))


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="preview")
