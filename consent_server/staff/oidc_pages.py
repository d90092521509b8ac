"""Signing in with the organisation's own issuer; there only where one is set."""

from flask import Blueprint, make_response, redirect, request
from flask.typing import ResponseReturnValue

from consent_server.errors import Forbidden
from consent_server.rates import check_rate
from consent_server.staff import credentials, oidc
from consent_server.staff.pages import RATE, let_in, sign_in_page
from consent_server.staff.schemas import HOME, Next

NOBODY = "There is no account for {email} here, or it is not active. Ask an admin of your site for an invitation."

blueprint = Blueprint("staff-oidc", __name__, url_prefix="/staff/oidc")


@blueprint.get("")
def begin() -> ResponseReturnValue:
    """Go to the issuer"""
    check_rate("sign-in", RATE)
    address, attempt = oidc.begin(Next().deserialize(request.args.get("next", HOME)))
    response = make_response(redirect(address, 303))
    # Lax, since the issuer leads back here from another site.
    response.set_cookie(
        _cookie(), attempt, max_age=oidc.ATTEMPT_SECONDS, secure=request.is_secure, httponly=True, samesite="Lax"
    )
    return response


@blueprint.get("/back")
def finish() -> ResponseReturnValue:
    """Come back from the issuer"""
    check_rate("sign-in", RATE)
    try:
        email, back = oidc.finish(request.cookies.get(_cookie(), ""), request.args.to_dict())
    except Forbidden as error:
        return sign_in_page(HOME, {"issuer": [error.detail]}), 403
    entry = credentials.sign_in_as(email)
    if entry is None:
        return sign_in_page(back, {"issuer": [NOBODY.format(email=email)]}), 403
    response = let_in(entry, back)
    # An answer counts once.
    response.delete_cookie(_cookie(), secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def _cookie() -> str:
    return "__Host-issuer" if request.is_secure else "issuer"
