"""Pages for admins: who has which role on a site."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.database import begin_writing
from consent_server.errors import Invalid
from consent_server.extensions import db
from consent_server.security import require_same_origin
from consent_server.staff import letters, links, mail, people, tokens, words
from consent_server.staff.frame import site_name
from consent_server.staff.models import Staff
from consent_server.staff.permissions import require_site_role
from consent_server.staff.places import Place, Task
from consent_server.staff.schemas import ExpiryForm, Form, InvitationForm, ReasonForm, RolesForm
from consent_server.staff.service import Account

PLACES = (Place("People", "staff-people.overview", frozenset({"admin"})),)
DONE = {
    "roles": "The roles are changed.",
    "expiry": "The end of the account is changed.",
    "disable": "The account is disabled. Its sessions and tokens have ended.",
    "enable": "The account is enabled.",
    "factor": "The second factor is off, and every browser is signed out.",
    "token": "The token is revoked. It opens nothing any more.",
    "sent": "The e-mail is sent.",
    "invite": "The roles are given. The account was there already.",
}

blueprint = Blueprint("staff-people", __name__, url_prefix="/staff/<site>/people")


def tasks(account: Account, site: str) -> list[Task]:
    """For admins: invitations that nobody has taken up."""
    if "admin" not in account.roles_on(site):
        return []
    waiting = [person.email for person in people.people_on(site, account) if person.state == "invited"]
    if not waiting:
        return []
    said = f"{len(waiting)} invitation{'s' if len(waiting) > 1 else ''} not taken up yet"
    return [Task(said, url_for("staff-people.overview", site=site), ", ".join(waiting))]


@blueprint.get("")
@require_site_role("admin")
def overview(site: str) -> ResponseReturnValue:
    """Everyone with a role on the site"""
    found = people.people_on(site, g.staff)
    return render_template(
        "staff/people.html", site=site, name=site_name(site), people=found, words=words, done=_done()
    )


@blueprint.get("/invite")
@require_site_role("admin")
def invitation(site: str) -> ResponseReturnValue:
    """The form to invite somebody"""
    return _invitation_page(site, {})


@blueprint.post("/invite")
@require_site_role("admin")
def invite(site: str) -> ResponseReturnValue:
    """Invite somebody, or give roles to somebody who has an account"""
    require_same_origin(origin_needed=False)
    try:
        form = InvitationForm().load(request.form)
        begin_writing(db.session)
        staff, token = people.invite(site, form["email"], form["roles"], form["expires"], g.staff)
    except ValidationError as error:
        return _invitation_page(site, error.messages_dict), 422
    except Invalid as error:
        db.session.rollback()
        return _invitation_page(site, error.members["errors"]), 422
    person_id, email = staff.id, staff.email
    db.session.commit()
    roles = sorted(set(form["roles"]))
    if token is None:
        mail.send_soon(email, *letters.new_roles(site_name(site), roles, links.home_address()))
        return redirect(url_for("staff-people.overview", site=site, done="invite"), 303)
    return _hand_over(
        site, person_id, email, token, letters.invitation(site_name(site), roles, links.address_of(token))
    )


@blueprint.get("/<uuid:person_id>")
@require_site_role("admin")
def person(site: str, person_id: uuid.UUID) -> ResponseReturnValue:
    """One person: roles here, and the account"""
    return _person_page(site, person_id, {})


@blueprint.post("/<uuid:person_id>/roles")
@require_site_role("admin")
def set_roles(site: str, person_id: uuid.UUID) -> ResponseReturnValue:
    """Change somebody's roles on this site"""

    def act(staff: Staff, form: Any) -> None:
        people.set_roles(site, staff, form["roles"], g.staff)

    return _change(site, person_id, "roles", act, RolesForm)


@blueprint.post("/<uuid:person_id>/expiry")
@require_site_role("admin")
def set_expiry(site: str, person_id: uuid.UUID) -> ResponseReturnValue:
    """Change when somebody's account ends"""

    def act(staff: Staff, form: Any) -> None:
        people.set_expiry(site, staff, form["expires"], g.staff)

    return _change(site, person_id, "expiry", act, ExpiryForm)


@blueprint.post("/<uuid:person_id>/disable")
@require_site_role("admin")
def disable(site: str, person_id: uuid.UUID) -> ResponseReturnValue:
    """Shut somebody out at once"""

    def act(staff: Staff, form: Any) -> None:
        people.disable(site, staff, form["reason"], g.staff)

    return _change(site, person_id, "disable", act, ReasonForm)


@blueprint.post("/<uuid:person_id>/enable")
@require_site_role("admin")
def enable(site: str, person_id: uuid.UUID) -> ResponseReturnValue:
    """Let somebody in again"""
    return _change(site, person_id, "enable", lambda staff, _form: people.enable(site, staff, g.staff))


@blueprint.post("/<uuid:person_id>/second-factor")
@require_site_role("admin")
def remove_second_factor(site: str, person_id: uuid.UUID) -> ResponseReturnValue:
    """Turn off the second factor of somebody who has lost it"""
    return _change(site, person_id, "factor", lambda staff, _form: people.remove_second_factor(site, staff, g.staff))


@blueprint.post("/<uuid:person_id>/tokens/<uuid:token_id>/revoke")
@require_site_role("admin")
def revoke_token(site: str, person_id: uuid.UUID, token_id: uuid.UUID) -> ResponseReturnValue:
    """End somebody's API token for this site"""

    def act(staff: Staff, _form: Any) -> None:
        tokens.revoke(staff.id, token_id, g.staff.email, site)

    return _change(site, person_id, "token", act)


@blueprint.post("/<uuid:person_id>/link")
@require_site_role("admin")
def send_link(site: str, person_id: uuid.UUID) -> ResponseReturnValue:
    """Make a link for somebody who cannot sign in"""
    require_same_origin(origin_needed=False)
    begin_writing(db.session)
    staff = people.find(site, person_id)
    token, email = people.new_password_link(site, staff, g.staff), staff.email
    db.session.commit()
    return _hand_over(site, person_id, email, token, letters.reset(links.address_of(token)))


def _change(
    site: str, person_id: uuid.UUID, done: str, act: Callable[[Staff, Any], None], schema: type[Form] = Form
) -> ResponseReturnValue:
    """Does something to an account, commits, and says so; a faulty form is shown again."""
    require_same_origin(origin_needed=False)
    try:
        form = schema().load(request.form)
    except ValidationError as error:
        return _person_page(site, person_id, error.messages_dict), 422
    begin_writing(db.session)
    act(people.find(site, person_id), form)
    db.session.commit()
    if form.get("roles") == []:
        # Whoever has no role here any more has no page here any more.
        return redirect(url_for("staff-people.overview", site=site, done=done), 303)
    return redirect(url_for("staff-people.person", site=site, person_id=person_id, done=done), 303)


def _hand_over(site: str, person_id: uuid.UUID, email: str, token: str, letter: tuple[str, str]) -> ResponseReturnValue:
    """Sends the letter with a link; where that cannot be, the admin is shown the link, this once."""
    if mail.send(email, *letter):
        return redirect(url_for("staff-people.person", site=site, person_id=person_id, done="sent"), 303)
    address, tried = links.address_of(token), mail.is_configured()
    return render_template("staff/link.html", site=site, person_id=person_id, email=email, address=address, tried=tried)


def _done() -> str:
    return DONE.get(request.args.get("done", ""), "")


def _invitation_page(site: str, errors: Any) -> str:
    return render_template(
        "staff/invite.html",
        site=site,
        name=site_name(site),
        words=words,
        asked=request.form,
        chosen=request.form.getlist("roles"),
        errors=errors,
        mail=mail.is_configured(),
    )


def _person_page(site: str, person_id: uuid.UUID, errors: Any) -> str:
    return render_template(
        "staff/person.html",
        site=site,
        name=site_name(site),
        person=people.person(site, person_id, g.staff),
        tokens=[token for token in tokens.tokens_of(person_id) if token.site == site],
        words=words,
        asked=request.form,
        errors=errors,
        done=_done(),
        mail=mail.is_configured(),
    )
