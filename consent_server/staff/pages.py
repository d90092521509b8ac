"""Pages for staff: sign-in, sign-out, password, and a home page of what an account may do."""

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.database import begin_writing
from consent_server.errors import Invalid
from consent_server.extensions import db
from consent_server.rates import check_rate
from consent_server.security import require_same_origin
from consent_server.sites import service as sites
from consent_server.staff import service, sessions
from consent_server.staff.permissions import require_sign_in
from consent_server.staff.record import record
from consent_server.staff.schemas import HOME, Next, PasswordForm, SignInForm

RATE = "20 per minute"

blueprint = Blueprint("staff", __name__, url_prefix="/staff")

REFUSED = "E-mail and password do not match, or sign-in is locked for 15 minutes after 5 wrong passwords."


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The sign-in form; whoever is signed in goes on"""
    back = Next().deserialize(request.args.get("next", HOME))
    if sessions.present():
        return redirect(back, 303)
    return _sign_in_page({"next": back})


@blueprint.post("/sign-in")
def start_session() -> ResponseReturnValue:
    """Sign in"""
    check_rate("sign-in", RATE)
    require_same_origin(origin_needed=False)
    try:
        form = SignInForm().load(request.form)
    except ValidationError as error:
        return _sign_in_page(request.form, error.messages_dict), 422
    account = service.sign_in(form["email"], form["password"])
    if account is None:
        db.session.commit()
        return _sign_in_page(form, {"email": [REFUSED]}), 403
    response = _go(form["next"])
    sessions.start(account, response)
    db.session.commit()
    return response


def _sign_in_page(form: Any, errors: Any = None) -> str:
    back = Next().deserialize(form.get("next", HOME))
    return render_template("staff/sign_in.html", email=form.get("email", ""), next=back, errors=errors or {})


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Sign out of this browser"""
    require_same_origin(origin_needed=False)
    account = sessions.present()
    begin_writing(db.session)
    sessions.end()
    if account:
        record(account.email, "sign-out")
    db.session.commit()
    response = _go(url_for("staff.sign_in"))
    sessions.remove_cookie(response)
    return response


@blueprint.get("/")
@require_sign_in
def home() -> ResponseReturnValue:
    """What this account may do"""
    return render_template("staff/home.html", account=g.staff, sites=_sites_with_roles(g.staff))


def _sites_with_roles(account: service.Account) -> list[tuple[str, list[str]]]:
    """Names of the account's sites, each with its roles there."""
    found = ((sites.find(key), sorted(account.roles_on(key))) for key in sites.all_keys())
    return [(site.name, roles) for site, roles in found if site and roles]


@blueprint.get("/password")
@require_sign_in
def password() -> ResponseReturnValue:
    """The form to change one's password"""
    return render_template("staff/password.html", errors={}, changed="changed" in request.args)


@blueprint.post("/password")
@require_sign_in
def change_password() -> ResponseReturnValue:
    """Change one's password; other browsers are signed out"""
    check_rate("password", RATE)
    require_same_origin(origin_needed=False)
    errors: Any = None
    try:
        form = PasswordForm().load(request.form)
        service.change_password(g.staff, form["present"], form["new"], sessions.present_key() or b"")
    except ValidationError as error:
        errors = error.messages_dict
    except Invalid as error:
        errors = error.members["errors"]
    db.session.commit()
    if errors:
        return render_template("staff/password.html", errors=errors, changed=False), 422
    return _go(url_for("staff.password", changed=""))


def _go(address: str) -> Response:
    return make_response(redirect(address, 303))
