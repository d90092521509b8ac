"""Pages for one's own API tokens."""

import uuid
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.database import begin_writing
from consent_server.errors import Invalid
from consent_server.extensions import db
from consent_server.rates import check_rate
from consent_server.security import require_same_origin
from consent_server.staff import service, tokens, words
from consent_server.staff.frame import own_sites, site_name
from consent_server.staff.permissions import require_sign_in
from consent_server.staff.schemas import TokenForm

RATE = "20 per minute"
NOT_YOURS = "You have no role on this site."

blueprint = Blueprint("staff-tokens", __name__, url_prefix="/staff/account/tokens")


@blueprint.get("")
@require_sign_in
def overview() -> ResponseReturnValue:
    """One's tokens, and the form for a new one"""
    return _page({}, revoked="revoked" in request.args)


@blueprint.post("")
@require_sign_in
def issue() -> ResponseReturnValue:
    """Make a token; it is shown this once"""
    require_same_origin(origin_needed=False)
    check_rate("token", RATE)
    try:
        form = TokenForm().load(request.form)
        if form["site"] not in own_sites():
            raise ValidationError({"site": [NOT_YOURS]})
        begin_writing(db.session)
        owner = service.find(g.staff.email)
        made = tokens.issue(owner, form["site"], form["scopes"], form["days"], g.staff.email, form["name"])
    except ValidationError as error:
        return _page(error.messages_dict), 422
    except Invalid as error:
        db.session.rollback()
        return _page(error.members["errors"]), 422
    db.session.commit()
    return render_template("staff/token.html", token=made, name=form["name"], days=form["days"])


@blueprint.post("/<uuid:token_id>/revoke")
@require_sign_in
def revoke(token_id: uuid.UUID) -> ResponseReturnValue:
    """End a token at once"""
    require_same_origin(origin_needed=False)
    begin_writing(db.session)
    tokens.revoke(g.staff.id, token_id, g.staff.email)
    db.session.commit()
    return redirect(url_for("staff-tokens.overview", revoked=""), 303)


def _page(errors: Any, *, revoked: bool = False) -> str:
    roles = {role for _, role in g.staff.roles}
    return render_template(
        "staff/tokens.html",
        tokens=tokens.tokens_of(g.staff.id),
        sites={key: site_name(key) for key in own_sites()},
        scopes={scope: words.SCOPES[scope] for scope in tokens.scopes_for(roles)},
        asked=request.form,
        chosen=request.form.getlist("scopes"),
        errors=errors,
        revoked=revoked,
    )
